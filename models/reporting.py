"""报送情况: who has entered how much in a month, and on which working days nothing at all (R14.1)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from sqlmodel import Session, col, select

from models.clocks import Clock
from models.ledgers import bare
from models.people import Assignment, Staff, current, key
from models.records import Entry, Participant, standing
from rules.calendar import ONE_DAY, Calendar
from rules.gate import Scope
from rules.roles import Role

DAILY = "R14.1"
WRITERS = (Role.SALESPERSON, Role.UNIT_HEAD)


@dataclass
class Tally:
    """One person's month in one unit. `missing` are the working days, today aside, of which nothing is on record; only whom the
    daily duty binds can miss one."""

    staff: Staff
    unit: int
    contacts: int = 0
    callbacks: int = 0
    unproven: int = 0
    missing: list[date] = field(default_factory=list)


def tallies(session: Session, calendar: Calendar, reach: Scope, first: date, last: date, now: datetime) -> list[Tally]:
    """The salespersons and unit heads within reach, over the days from first to last (both included), by unit."""
    start, end = calendar.at(first, time()), calendar.at(last + ONE_DAY, time())
    found = _people(session, reach, now)
    written = _written(session, [key(each.staff) for each in found], start, end)
    present = _present(session, written)
    bound = _bound_since(session, calendar)
    days = calendar.workdays(first, min(last, calendar.local(now).date() - ONE_DAY))
    for tally in found:
        me = key(tally.staff)
        own = [each for each in written if each.by_id == me]
        tally.contacts = sum(each.kind == "contact" for each in own)
        tally.callbacks = sum(each.kind == "callback" for each in own)
        tally.unproven = sum(bare(each) for each in own)
        if me in bound:
            active = {
                calendar.local(each.written_at).date()
                for each in written
                if each.by_id == me or me in present.get(key(each), ())
            }
            tally.missing = [day for day in days if day >= bound[me] and day not in active]
    return found


def _people(session: Session, reach: Scope, now: datetime) -> list[Tally]:
    query = (
        select(Staff, Assignment.unit_id)
        .join(Assignment, col(Assignment.staff_id) == col(Staff.id))
        .where(Staff.active, col(Assignment.role).in_(WRITERS), *current(now))
        .order_by(col(Assignment.unit_id), col(Staff.id))
    )
    if not reach.all:
        query = query.where(col(Assignment.unit_id).in_(reach.units))
    pairs = {(key(staff), unit): staff for staff, unit in session.exec(query)}
    return [Tally(staff, unit) for (_, unit), staff in pairs.items()]


def _written(session: Session, people: Sequence[int], start: datetime, end: datetime) -> list[Entry]:
    """Whatever these people wrote down in the time, or took part in."""
    took_part = select(Participant.entry_id).where(col(Participant.staff_id).in_(people))
    query = select(Entry).where(
        standing(),
        Entry.written_at >= start,
        Entry.written_at < end,
        col(Entry.by_id).in_(people) | col(Entry.id).in_(took_part),
    )
    return list(session.exec(query))


def _present(session: Session, entries: Iterable[Entry]) -> dict[int, set[int]]:
    ids = [key(each) for each in entries]
    found: dict[int, set[int]] = {}
    for start in range(0, len(ids), 500):
        query = select(Participant).where(col(Participant.entry_id).in_(ids[start : start + 500]))
        for each in session.exec(query):
            found.setdefault(each.entry_id, set()).add(each.staff_id)
    return found


def _bound_since(session: Session, calendar: Calendar) -> dict[int, date]:
    """Whom the daily duty binds, and since when."""
    query = select(Clock.subject_id, Clock.anchor).where(
        Clock.rule == DAILY, Clock.subject_kind == "staff", col(Clock.closed_at).is_(None)
    )
    return {staff: calendar.local(anchor).date() for staff, anchor in session.exec(query)}
