"""What the record says of a customer when its tier is considered (R12.1): counts and amounts, and nothing that is not on record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, func, select

from models import files
from models.claims import Claim
from models.customers import Customer
from models.kinds import Json
from models.people import key
from models.records import TALKS, Entry, Matter, standing
from rules.complaint import ComplaintState
from rules.house import House

SPAN = timedelta(days=365)
"""How far talks, callbacks, complaints and claims are counted back."""


@dataclass(frozen=True)
class Figures:
    """Of the last twelve months; `on_file` is when the file was opened, `missing` what its file lacks."""

    until: str
    contacts: int
    visits: int
    callbacks: int
    complaints: int
    unsolved: int
    claimed: float
    settled: float
    on_file: str
    first_talk: str | None
    have: int
    wanted: int
    missing: list[str]

    def stored(self) -> Json:
        return asdict(self)


def figures_of(session: Session, house: House, customer: Customer, now: datetime) -> Figures:
    here, since, today = key(customer), now - SPAN, house.calendar.local(now).date()
    talks = _talks(session, here, since)
    complaints, unsolved = _complaints(session, here, since)
    claimed, settled = _claims(session, here, since)
    whole = files.completeness(session, house, customer, today)
    first = session.exec(
        select(func.min(Entry.at)).where(Entry.customer_id == here, col(Entry.kind).in_(TALKS), standing())
    ).one()
    return Figures(
        until=today.isoformat(),
        contacts=sum(count for (kind, _), count in talks.items() if kind == "contact"),
        visits=sum(count for (_, channel), count in talks.items() if channel == "visit"),
        callbacks=sum(count for (kind, _), count in talks.items() if kind == "callback"),
        complaints=complaints,
        unsolved=unsolved,
        claimed=claimed,
        settled=settled,
        on_file=_day(house, customer.created_at).isoformat(),
        first_talk=_day(house, first).isoformat() if first else None,
        have=whole.have,
        wanted=len(whole.wanted),
        missing=[each.value for each in whole.missing],
    )


def _day(house: House, moment: datetime) -> date:
    return house.calendar.local(moment).date()


def _talks(session: Session, customer: int, since: datetime) -> dict[tuple[str, str | None], int]:
    """By kind and channel."""
    counted = select(Entry.kind, Entry.channel, func.count()).group_by(col(Entry.kind), col(Entry.channel))
    theirs = counted.where(Entry.customer_id == customer, col(Entry.kind).in_(TALKS), Entry.at >= since, standing())
    return {(kind, channel): count for kind, channel, count in session.exec(theirs)}


def _complaints(session: Session, customer: int, since: datetime) -> tuple[int, int]:
    """How many, and how many of all are still open."""
    theirs = select(func.count()).where(Matter.kind == "complaint", Matter.customer_id == customer)
    counted = theirs.where(Matter.opened_at >= since, Matter.state != ComplaintState.VOIDED)
    return session.exec(counted).one(), session.exec(theirs.where(col(Matter.closed_at).is_(None))).one()


def _claims(session: Session, customer: int, since: datetime) -> tuple[float, float]:
    sums = select(func.coalesce(func.sum(Claim.claimed), 0), func.coalesce(func.sum(Claim.settled), 0))
    theirs = sums.join(Matter, col(Matter.id) == Claim.matter_id).where(Matter.customer_id == customer)
    counted = theirs.where(Matter.opened_at >= since, Matter.state != ComplaintState.VOIDED)
    claimed, settled = session.exec(counted).one()
    return float(claimed or 0), float(settled or 0)
