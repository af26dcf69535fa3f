"""Who may see the confidential parts of a customer's file, for how long, and who looked at what (R31.2).

By right of role; else by a request with a reason that somebody else approved, for some hours. Every opening is a row of the audit,
written in the transaction that shows the part: nothing is shown that is not on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models import audit, mergers
from models.audit import Audit
from models.customers import Customer
from models.people import Staff, key, post, unit_ids_of_role
from models.records import Matter, next_number
from models.steps import Asked, Step, StepState, ask
from rules.file_parts import Section
from rules.house import House
from rules.roles import Role, Tier

OPENING = "opening"
"""The kind of matter under which a request runs."""
ASKED = "open_file"
OPENED, EXPORTED, LOOKED = "file.open", "file.export", "customer.open"
KEY_TIERS = (Tier.STRATEGIC, Tier.KEY)
HOURS, SHOWN = 8, timedelta(minutes=60)


@dataclass(frozen=True)
class Ground:
    """Why somebody may look: `name` is owner, custodian, post or request; `until` when it ends, `reason` what they wrote."""

    name: str
    until: datetime | None = None
    reason: str | None = None


def ends(house: House, step: Step) -> datetime:
    """When an approved request ends."""
    rule = house.rulebook.file_opening
    decided = step.decided_at or step.asked_at
    return decided + timedelta(hours=rule.hours if rule else HOURS)


def granted(
    session: Session, house: House, staff_id: int, customer_id: int, part: Section, now: datetime
) -> Ground | None:
    """The request by which this person may see the part at this moment."""
    for step in _of(session, staff_id, customer_id, StepState.APPROVED):
        until = ends(house, step)
        if now < until and step.facts["part"] in (part, Section.EVERYTHING):
            return Ground("request", until, step.text)
    return None


def any_granted(session: Session, house: House, staff_id: int, customer_id: int, now: datetime) -> list[Section]:
    """The parts that approved requests open at this moment."""
    found = [each for each in _of(session, staff_id, customer_id, StepState.APPROVED) if now < ends(house, each)]
    return [Section(each.facts["part"]) for each in found]


def waiting(session: Session, staff_id: int, customer_id: int) -> list[Step]:
    return _of(session, staff_id, customer_id, StepState.WAITING)


def _of(session: Session, staff_id: int, customer_id: int, state: StepState) -> list[Step]:
    query = (
        select(Step)
        .join(Matter, col(Matter.id) == Step.matter_id)
        .where(Step.kind == ASKED, Step.asked_by == staff_id, Step.state == state, Matter.customer_id == customer_id)
    )
    return list(session.exec(query.order_by(col(Step.id).desc())))


def request(
    session: Session, house: House, by: Staff, customer: Customer, part: Section, reason: str, now: datetime
) -> list[Step]:
    """Put it before the head of the customer's unit; of a strategic or key customer, before the sales department."""
    matter = Matter(
        kind=OPENING,
        number=next_number(session, OPENING, house.calendar.local(now).year),
        customer_id=key(customer),
        unit_id=customer.unit_id,
        state="asked",
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    posts = [[_decider(session, customer, now)]]
    rule = house.rulebook.file_opening
    facts = {"customer": key(customer), "part": str(part), "hours": rule.hours if rule else HOURS}
    return ask(session, house, matter, by, Asked(ASKED, reason, posts, facts), now)


def _decider(session: Session, customer: Customer, now: datetime) -> str:
    units = unit_ids_of_role(session, Role.SALES_DEPT, now)
    if customer.tier in KEY_TIERS and units:
        return post(Role.SALES_DEPT, units[0])
    return post(Role.UNIT_HEAD, customer.unit_id)


def settle(session: Session, step: Step, now: datetime) -> None:
    """The request was decided."""
    matter = session.get_one(Matter, step.matter_id)
    matter.state, matter.closed_at = step.state, now


def shown_until(house: House, ground: Ground, now: datetime) -> datetime:
    """When what is shown now is deleted from the chat."""
    rule = house.rulebook.file_opening
    last = now + (timedelta(minutes=rule.shown_minutes) if rule else SHOWN)
    return min(last, ground.until) if ground.until else last


def record(
    session: Session, by: Staff, customer: Customer, part: str, ground: Ground, now: datetime, what: str = OPENED
) -> None:
    """On record before it is shown: who, when, why, which part."""
    body = {"part": part, "ground": ground.name, "reason": ground.reason}
    audit.record(session, now, key(by), what, f"customer:{customer.id}", **body)


def looks(session: Session, customer_id: int, skip: int, most: int) -> list[Audit]:
    """Who looked at the file, and at those that went into it, the newest first."""
    return _rows(session, customer_id, (OPENED, EXPORTED, LOOKED), skip, most)


def changes(session: Session, customer_id: int, skip: int, most: int) -> list[Audit]:
    """What was changed in the file, and in those that went into it, the newest first."""
    return _rows(session, customer_id, ("file.change", "customer.person"), skip, most)


def _rows(session: Session, customer_id: int, actions: tuple[str, ...], skip: int, most: int) -> list[Audit]:
    files = [customer_id, *(each.from_id for each in mergers.into(session, customer_id))]
    subjects = [f"customer:{each}" for each in files]
    query = select(Audit).where(col(Audit.subject).in_(subjects), col(Audit.action).in_(actions))
    return list(session.exec(query.order_by(col(Audit.id).desc()).offset(skip).limit(most)))
