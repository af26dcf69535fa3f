"""临时回访计划 (R17.7): a callback beside the year's plan, carried out after a leader's approval. A talk that is logged as
usual meets it by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.customers import Customer
from models.people import Staff, key, post
from models.records import TALKS, Entry, Matter, Participant, next_number, standing
from models.steps import Asked, Step, StepState, ask
from rules.house import House
from rules.roles import Channel, Role

PLANNED: Final = "planned_visit"
"""The kind of matter under which it runs."""
ASKED: Final = "plan_visit"
"""The kind of step by which it is approved."""
WAYS: Final = (Channel.VISIT, Channel.PHONE, Channel.SMS, Channel.EMAIL)
"""R17.8."""
SPOKEN: Final = (Channel.VISIT, Channel.MEETING, Channel.PHONE)


class PlannedVisit(SQLModel, table=True):
    """Who goes or calls, in which way, by when, and why."""

    __tablename__ = "planned_visit"

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    staff_id: int = Field(foreign_key="staff.id", index=True)
    channel: str
    by_when: datetime
    text: str


@dataclass(frozen=True)
class Wanted:
    """What is put before the leader."""

    customer: Customer
    staff: Staff
    channel: str
    by_when: datetime
    text: str


def put(session: Session, house: House, by: Staff, what: Wanted, now: datetime) -> list[Step]:
    """Before the leader in charge of the customer's unit."""
    matter = Matter(
        kind=PLANNED,
        number=next_number(session, PLANNED, house.calendar.local(now).year),
        customer_id=key(what.customer),
        unit_id=what.customer.unit_id,
        state="asked",
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    session.add(
        PlannedVisit(
            matter_id=key(matter),
            staff_id=key(what.staff),
            channel=what.channel,
            by_when=what.by_when,
            text=what.text,
        )
    )
    facts = {
        "customer": key(what.customer),
        "who": key(what.staff),
        "channel": what.channel,
        "due": what.by_when.isoformat(),
    }
    posts = [[post(Role.VICE_PRESIDENT, what.customer.unit_id)]]
    return ask(session, house, matter, by, Asked(ASKED, what.text, posts, facts), now)


def settle(session: Session, step: Step, now: datetime) -> Matter:
    """It was decided; what was returned is over."""
    matter = session.get_one(Matter, step.matter_id)
    matter.state = step.state
    matter.closed_at = now if step.state != StepState.APPROVED else None
    return matter


def of_unit(session: Session, unit: int, since: datetime, until: datetime) -> list[tuple[Matter, PlannedVisit]]:
    """Those that are to be done between these moments and were not returned, the most urgent first."""
    query = select(Matter, PlannedVisit).where(
        Matter.id == PlannedVisit.matter_id,
        Matter.unit_id == unit,
        Matter.state != StepState.RETURNED,
        PlannedVisit.by_when >= since,
        PlannedVisit.by_when < until,
    )
    return list(session.exec(query.order_by(col(PlannedVisit.by_when), col(Matter.id))).all())


def counting(channel: str) -> tuple[str, ...]:
    """Which ways meet it: a richer one counts; what is to be on site, on site only."""
    match channel:
        case Channel.VISIT:
            return (Channel.VISIT,)
        case Channel.PHONE:
            return SPOKEN
    return (*SPOKEN, channel)


def done(session: Session, matter: Matter, visit: PlannedVisit) -> datetime | None:
    """When the one who was to go talked with the customer in such a way, after it was asked for."""
    took_part = select(Participant.entry_id).where(Participant.staff_id == visit.staff_id)
    query = select(Entry.at).where(
        Entry.customer_id == matter.customer_id,
        col(Entry.kind).in_(TALKS),
        col(Entry.channel).in_(counting(visit.channel)),
        Entry.at >= matter.opened_at,
        or_(Entry.by_id == visit.staff_id, col(Entry.id).in_(took_part)),
        standing(),
    )
    return session.exec(query.order_by(col(Entry.at))).first() if matter.state == StepState.APPROVED else None
