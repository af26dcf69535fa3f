"""When a month is over: on its first working day there is a draft for everybody who was there, for each unit, for the company.

One clock of the company waits for it; it makes a few at a time, so that nothing urgent waits behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlmodel import Session, col, or_, select

from models import reports
from models.absences import Absence, between
from models.clocks import OPENING, Clock, close
from models.people import Assignment, Staff, actor, company, key, post, unit_ids_of_role
from models.report_lines import Pen, talked
from models.reports import Kind, Report
from rules.cadence import Cycle, cycle_containing, following
from rules.gate import Action, Subject, may
from rules.house import House
from rules.roles import Role
from rules.spans import Span

AT_ONCE: Final = 50
"""So many drafts in one transaction."""


def sync(session: Session, house: House, now: datetime) -> None:
    """The company has the clock that opens its months, from the one that runs now on; none without the rule."""
    rule = house.rulebook.monthly_log
    clock = session.exec(select(Clock).where(Clock.rule == OPENING)).first()
    if rule is None:
        close([clock] if clock else [], now, "rule removed")
        return
    if clock is not None and clock.closed_at is None:
        return
    if clock is None:
        top = key(company(session))
        clock = Clock(
            rule=OPENING,
            rulebook_version=house.rulebook_version,
            subject_kind=OPENING,
            subject_id=top,
            post=f"{OPENING}@{top}",
            cycle="",
            anchor=now,
            due_at=now,
        )
        session.add(clock)
    today = house.calendar.local(now).date()
    clock.closed_at, clock.stopped_by, clock.anchor = None, None, now
    _wait_for(house, clock, cycle_containing(rule.every, today, today))
    session.flush()


def _wait_for(house: House, clock: Clock, cycle: Cycle) -> None:
    """The morning of the first working day after it."""
    clock.cycle = cycle.name
    clock.due_at = house.calendar.at(house.calendar.next_workday(cycle.last), house.digest)
    clock.next_at = clock.due_at


def wait_again(house: House, clock: Clock) -> None:
    """The working days have changed: the first one of the month may be another."""
    rule = house.rulebook.monthly_log
    if rule is not None and clock.cycle:
        _wait_for(house, clock, reports.cycle_named(rule.every, clock.cycle))


def open_some(session: Session, house: House, clock: Clock, now: datetime) -> list[Report]:
    """The next few drafts of the period that the clock waits for; once all are there, it waits for the one after."""
    rule = house.rulebook.monthly_log
    if rule is None:
        close([clock], now, "rule removed")
        return []
    if not house.calendar.is_workday(house.calendar.local(now).date()):
        clock.next_at = house.next_morning(now)
        return []
    cycle = reports.cycle_named(rule.every, clock.cycle)
    missing = _missing(session, house, cycle, now)
    made = [_begin(session, house, cycle, each, now) for each in missing[:AT_ONCE]]
    if len(missing) <= AT_ONCE:
        clock.anchor = now
        _wait_for(house, clock, following(rule.every, cycle, cycle.first))
    return [each for each in made if each is not None]


Wanted = tuple[Kind, int, str]


def _missing(session: Session, house: House, cycle: Cycle, now: datetime) -> list[Wanted]:
    have = {
        (each.kind, each.unit_id, each.post)
        for each in session.exec(select(Report).where(Report.period == cycle.name, Report.version == 1))
    }
    wanted = [each for each in _wanted(session, house, cycle, now) if reports.rule_of(house, each[0]) is not None]
    return [each for each in wanted if (each[0].value, each[1], each[2]) not in have]


def _wanted(session: Session, house: House, cycle: Cycle, now: datetime) -> Iterator[Wanted]:
    writers = _writers(session, house, cycle)
    departments = unit_ids_of_role(session, Role.SALES_DEPT, now)
    top = departments[0] if departments else key(company(session))
    yield Kind.COMPANY, top, post(Role.SALES_DEPT, top)
    for unit in sorted({unit for _, unit in writers}):
        yield Kind.UNIT, unit, post(Role.UNIT_HEAD, unit)
    for staff, unit in writers:
        yield Kind.LOG, unit, f"staff@{staff}"


def _begin(session: Session, house: House, cycle: Cycle, what: Wanted, now: datetime) -> Report | None:
    """Whoever has left, or moved to where nothing is handed in, owes nothing: what they entered goes on by itself."""
    kind, unit, address = what
    report = reports.begin(session, house, kind, cycle, (unit, address), now)
    if report is not None and kind == Kind.LOG:
        who = session.get_one(Staff, report.staff_id)
        if not who.active or not may(actor(session, who, now), Action.HAND_IN_LOG, Subject(owner=key(who))):
            Pen(session, house, report, who, now).hand_in(None)
    return report


# Who was there


@dataclass(frozen=True)
class _Month:
    """The working days of a period, who was away in it, and who entered something."""

    days: Sequence[date]
    absences: Sequence[Absence]
    talked: Callable[[int], bool]


def _writers(session: Session, house: House, cycle: Cycle) -> list[tuple[int, int]]:
    """The salespersons, by unit, who were there on a working day of the period, or entered something all the same."""
    since, until = Span(cycle.first, cycle.last).moments(house.calendar)
    query = select(Assignment).where(
        Assignment.role == Role.SALESPERSON,
        Assignment.starts < until,
        or_(col(Assignment.ends).is_(None), col(Assignment.ends) > since),
    )
    seats = session.exec(query.order_by(col(Assignment.unit_id), col(Assignment.staff_id))).all()
    days = house.calendar.workdays(cycle.first, cycle.last)
    month = _Month(days, between(session, since, until), lambda each: bool(talked(session, each, since, until)))
    return list(dict.fromkeys((each.staff_id, each.unit_id) for each in seats if _was_there(house, each, month)))


def _was_there(house: House, seat: Assignment, month: _Month) -> bool:
    away = [each for each in month.absences if each.staff_id == seat.staff_id]
    return any(_works(house, seat, away, day) for day in month.days) or month.talked(seat.staff_id)


def _works(house: House, seat: Assignment, away: Sequence[Absence], day: date) -> bool:
    """Whether they held the post at noon of that day and were not on leave."""
    noon = house.calendar.at(day, datetime.min.time()) + timedelta(hours=12)
    held = seat.starts <= noon and (seat.ends is None or seat.ends > noon)
    return held and not any(each.starts <= noon < each.ends for each in away)


def left(session: Session, house: House, staff: Staff, now: datetime) -> None:
    """Somebody leaves: what they have not handed in yet goes on as it is."""
    for report in reports.open_of(session, [f"staff@{key(staff)}"]):
        Pen(session, house, report, staff, now).hand_in(None)
