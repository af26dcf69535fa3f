"""What was promised to a customer with its date (R26.2), and what keeps it; the callback owed after a complaint (R17.1)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models.absences import stood_in
from models.climbing import CALLBACK, PROMISE, wind
from models.clocks import Clock, close
from models.people import key
from models.records import Entry, Matter, first_entered
from rules.house import House


def called_back(session: Session, entry: Entry) -> list[Clock]:
    """A callback fulfils what is owed to a customer who complained (R17.1)."""
    theirs = select(Matter.id).where(Matter.customer_id == entry.customer_id)
    since = col(Clock.anchor) <= first_entered(session, entry)
    return _settle(session, entry, CALLBACK, "complaint", col(Clock.subject_id).in_(theirs) & since)


def promise(
    session: Session, house: House, entry: Entry, due: datetime, now: datetime, who: int | None = None
) -> Clock:
    """The next step that was promised, with its date, is a clock of its own (R26.2). It is its writer's, unless `who` is named."""
    clock = Clock(
        rule=PROMISE,
        rulebook_version=house.rulebook_version,
        subject_kind="entry",
        subject_id=key(entry),
        post=f"staff@{who or entry.by_id}",
        cycle="1",
        anchor=first_entered(session, entry),
        due_at=due,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return clock


def kept(session: Session, entry: Entry, who: int | None = None) -> list[Clock]:
    """A later talk with the customer keeps the promises of a next step that its writer, or `who`, made before."""
    earlier = select(Entry.id).where(Entry.customer_id == entry.customer_id, Entry.id != entry.id)
    mine = (
        col(Clock.subject_id).in_(earlier)
        & col(Clock.post).in_(f"staff@{each}" for each in (who or entry.by_id, *_stood_in_for(session, entry)))
        & (col(Clock.anchor) < first_entered(session, entry))
    )
    return _settle(session, entry, PROMISE, "entry", mine)


def _stood_in_for(session: Session, entry: Entry) -> list[int]:
    return [each.for_id for each in stood_in(session, key(entry)) if each.by_id == entry.by_id]


def settled_by(entry: Entry) -> str:
    """How a clock names the entry that stopped it."""
    return f"entry {entry.id}"


def _settle(session: Session, entry: Entry, rule: str, kind: str, which: Any) -> list[Clock]:
    query = select(Clock).where(Clock.rule == rule, Clock.subject_kind == kind, col(Clock.closed_at).is_(None), which)
    settled = list(session.exec(query.order_by(col(Clock.id))))
    close(settled, first_entered(session, entry), settled_by(entry))
    return settled
