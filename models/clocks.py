"""Clocks: whatever becomes due by itself is a row here, and what was told to whom is an event row.

Every row is derived: from the rule, the anchor and the entries that remain. Nothing keeps a plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models.asked import asked_once
from models.people import key


class Clock(SQLModel, table=True):
    """`post` addresses who owes it: `unit_head@3` (a role in a unit), `owner@45` (the owner of customer 45), `handler@7` (of
    complaint 7), `staff@9`. `next_at` is when something is owed next; None when nothing is. All times UTC."""

    __table_args__ = (
        UniqueConstraint("rule", "subject_kind", "subject_id", "post"),
        Index("clock_next_at", "next_at"),
        Index("clock_subject", "subject_kind", "subject_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    rule: str
    rulebook_version: int
    subject_kind: str
    subject_id: int
    post: str = Field(index=True)
    cycle: str
    anchor: datetime
    due_at: datetime = Field(index=True)
    next_at: datetime | None = None
    snoozes: int = 0
    snoozed_until: datetime | None = None
    paused_until: datetime | None = None
    """While it is paused, when it goes on by itself."""
    closed_at: datetime | None = None
    stopped_by: str | None = None


class Event(SQLModel, table=True):
    """Somebody was told of one step of a clock; `nth` counts the repeats."""

    __table_args__ = (UniqueConstraint("clock_id", "cycle", "step", "nth", "staff_id"),)

    id: int | None = Field(default=None, primary_key=True)
    clock_id: int = Field(foreign_key="clock.id", index=True)
    cycle: str
    step: int
    nth: int = 0
    staff_id: int = Field(foreign_key="staff.id", index=True)
    at: datetime
    acked_at: datetime | None = None


@asked_once(Clock)
def of_subject(session: Session, kind: str, subject_id: int) -> list[Clock]:
    query = (
        select(Clock)
        .where(Clock.subject_kind == kind, Clock.subject_id == subject_id)
        .order_by(col(Clock.due_at), col(Clock.id))
    )
    return list(session.exec(query))


def running(session: Session, kind: str, subject_id: int) -> list[Clock]:
    return [clock for clock in of_subject(session, kind, subject_id) if clock.closed_at is None]


def one(session: Session, rule: str, kind: str, subject_id: int, post: str) -> Clock | None:
    query = select(Clock).where(
        Clock.rule == rule, Clock.subject_kind == kind, Clock.subject_id == subject_id, Clock.post == post
    )
    return session.exec(query).first()


DIGEST, ABSENCE, OPENING, RULE_CHANGE = "digest", "absence", "opening", "rule_change"
"""What is wound by whoever keeps it, and has no ladder."""


def due(session: Session, now: datetime, most: int, *, digests: bool = False) -> list[Clock]:
    """The clocks whose next time has come, the oldest first, at most `most` of them: those that speak for themselves, or the
    digests, which sum up the others and so come after them."""
    kind = Clock.rule == DIGEST if digests else Clock.rule != DIGEST
    query = select(Clock).where(col(Clock.next_at) <= now, kind).order_by(col(Clock.next_at), col(Clock.id)).limit(most)
    return list(session.exec(query))


def upcoming(session: Session, most: int) -> list[Clock]:
    query = select(Clock).where(col(Clock.next_at).is_not(None)).order_by(col(Clock.next_at), col(Clock.id)).limit(most)
    return list(session.exec(query))


def addressed_to(session: Session, posts: Iterable[str], until: datetime) -> list[Clock]:
    """What these posts owe by `until`, the most urgent first."""
    query = (
        select(Clock)
        .where(col(Clock.post).in_(list(posts)), col(Clock.closed_at).is_(None), Clock.due_at <= until)
        .order_by(col(Clock.due_at), col(Clock.id))
    )
    return list(session.exec(query))


def events(session: Session, clock: Clock) -> list[Event]:
    query = select(Event).where(Event.clock_id == key(clock), Event.cycle == clock.cycle).order_by(col(Event.id))
    return list(session.exec(query))


def tell_also(session: Session, number: int, staff_id: int, now: datetime) -> Event:
    """The same step told to somebody else as well."""
    told = session.get_one(Event, number)
    same = (Event.clock_id == told.clock_id, Event.cycle == told.cycle, Event.step == told.step, Event.nth == told.nth)
    found = session.exec(select(Event).where(*same, Event.staff_id == staff_id)).first()
    if found is None:
        found = Event(**told.model_dump(exclude={"id", "staff_id", "at", "acked_at"}), staff_id=staff_id, at=now)
        session.add(found)
        session.flush()
    return found


def close(clocks: Sequence[Clock], now: datetime, why: str) -> None:
    for clock in clocks:
        if clock.closed_at is None:
            clock.closed_at, clock.next_at, clock.stopped_by = now, None, why
