"""Deadlines that move when working days change: foreseen before, moved with the reason on record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, select

from models import audit, duties, opening_reports
from models.climbing import wind
from models.clocks import ABSENCE, DIGEST, OPENING, RULE_CHANGE, Clock
from models.people import Staff, key
from models.working_days import Arrangement, Changes, changed, in_force, new_ones, write
from rules.cadence import Unit as Period
from rules.cadence import cycle_containing
from rules.entries import Duty
from rules.house import House

SKIPPED = timedelta(days=21)
"""A day or week without a working day is jumped over; no holiday is longer than this."""
LONGEST = {Period.DAY: 1, Period.WEEK: 7, Period.MONTH: 31, Period.YEAR: 366}


@dataclass(frozen=True)
class Move:
    clock: Clock
    before: datetime
    after: datetime


def foresee(session: Session, house: House, changes: Changes, now: datetime) -> list[Move]:
    """The deadlines that would move if these days changed, the soonest first; nothing is written."""
    days = [day for day, each in changes.items() if _differs(house, day, each.works)]
    then = replace(house, calendar=changed(house.calendar, changes))
    return list(_moves(session, then, days, now)) if days else []


def _differs(house: House, day: date, works: bool | None) -> bool:
    return house.calendar.is_workday(day) is not replace(
        house.calendar, overrides={} if works is None else {day: works}
    ).is_workday(day)


def _moves(session: Session, then: House, days: Collection[date], now: datetime) -> Iterator[Move]:
    for clock in _touched(session, then, days):
        due = duties.due_of(then, duties.reckon(session, then, clock, now))
        if due != clock.due_at:
            yield Move(clock, clock.due_at, due)


def _touched(session: Session, house: House, days: Collection[date]) -> list[Clock]:
    """The duties whose cycle, or the one before it, has one of the days; most have not, and need not be worked out again."""
    found = [
        clock
        for duty in house.rulebook.duties
        for clock in _around(session, house, duty, days)
        if _has(house, duty, clock, days)
    ]
    return sorted(found, key=lambda clock: (clock.due_at, key(clock)))


def _around(session: Session, house: House, duty: Duty, days: Collection[date]) -> Sequence[Clock]:
    reach = timedelta(days=LONGEST[duty.every.unit] * duty.every.number) + SKIPPED
    since, until = (house.calendar.at(day, time()) for day in (min(days) - reach, max(days) + reach))
    open_ = (Clock.rule == duty.id, col(Clock.closed_at).is_(None))
    return session.exec(select(Clock).where(*open_, Clock.due_at >= since, Clock.due_at <= until)).all()


def _has(house: House, duty: Duty, clock: Clock, days: Collection[date]) -> bool:
    anchor, due = (house.calendar.local(each).date() for each in (clock.anchor, clock.due_at))
    cycle = cycle_containing(duty.every, due, anchor)
    first = cycle.first - (SKIPPED if duty.every.is_short else timedelta())
    return any(first <= day <= cycle.last for day in days)


def arrange(
    session: Session, house: House, by: Staff, what: Arrangement, changes: Changes, now: datetime
) -> tuple[House, list[Move]]:
    """Change the days and move every deadline that rests on them, in the caller's transaction, with the reason on record. What the
    table says already changes nothing. Returns the house as it is from now on, and what moved."""
    fresh = new_ones(session, changes)
    if not fresh:
        return house, []
    moves = foresee(session, house, fresh, now)
    write(session, what, fresh)
    then = in_force(session, house)
    _put_on_record(session, by, what, fresh, moves, now)
    for move in moves:
        duties.derive(session, then, move.clock, now)
    _rewind(session, then, fresh, {key(move.clock) for move in moves}, now)
    return then, moves


def _put_on_record(
    session: Session, by: Staff, what: Arrangement, changes: Changes, moves: Sequence[Move], now: datetime
) -> None:
    subject = f"arrangement:{what.id}"
    said: dict[str, list[str]] = {"rest": [], "work": [], "as_before": []}
    for day, each in changes.items():
        said["as_before" if each.works is None else "work" if each.works else "rest"].append(day.isoformat())
    audit.record(session, now, key(by), "calendar.arrange", subject, year=what.year, text=what.text, **said)
    for rule, of_rule in by_rule(moves).items():
        moved = [[key(move.clock), move.before.isoformat(), move.after.isoformat()] for move in of_rule]
        audit.record(
            session,
            now,
            key(by),
            "calendar.move",
            subject,
            rule=rule,
            count=len(of_rule),
            reason=what.text[:200],
            moved=moved,
        )


def by_rule(moves: Sequence[Move]) -> Mapping[str, list[Move]]:
    found: dict[str, list[Move]] = defaultdict(list)
    for move in moves:
        found[move.clock.rule].append(move)
    return found


def _rewind(session: Session, house: House, changes: Changes, done: Collection[int], now: datetime) -> None:
    """What is said so many working days before or after a deadline is said on another day now; so are the digests."""
    local = house.calendar.local
    since = house.calendar.at(min(changes), time())
    waiting = select(Clock).where(
        col(Clock.next_at).is_not(None), (col(Clock.due_at) >= since) | (col(Clock.next_at) >= since)
    )
    for clock in session.exec(waiting.order_by(col(Clock.id))).all():
        ends = sorted(local(each).date() for each in (clock.due_at, clock.next_at) if each is not None)
        if clock.rule == DIGEST:
            clock.due_at = clock.next_at = max(now, min(clock.next_at or now, house.next_morning(now)))
        elif clock.rule == OPENING:
            opening_reports.wait_again(house, clock)
        elif clock.rule in (ABSENCE, RULE_CHANGE) or key(clock) in done:
            continue
        elif any(ends[0] <= day <= ends[-1] for day in changes):
            wind(session, house, clock, now)
