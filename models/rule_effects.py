"""What a change of one number would mean, before it is decided: counted on the record as it stands, and saying on what.

A duty: how many are due in a year from its first day on, by unit and post, for the customers and people of today. A limit: how many
of the last quarter's went over it, and would have. Reports of progress: how many the open complaints call for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from models.climbing import LIMIT
from models.clocks import Clock
from models.customers import Customer
from models.people import Assignment
from models.records import Complaint, Matter
from rules.cadence import Unit
from rules.calendar import ONE_DAY, Calendar
from rules.changing import CADENCE
from rules.entries import Article, Callback, Duty, Progress
from rules.house import House
from rules.roles import Role
from rules.rulebook import Rulebook
from rules.spans import Span, windows

QUARTER: Final = timedelta(days=91)
HANDLER: Final = "handler"
"""In the place of a role: whoever handles a complaint."""
WEEK, YEAR = "week", "year"
WORKDAYS: Final = frozenset({"workdays", "work_days", "within_workdays"})


@dataclass(frozen=True)
class Row:
    """One post of one unit: how many it owes, for so many customers or people, before and after."""

    unit: int | None
    role: str
    things: int
    before: float
    after: float

    @property
    def more(self) -> float:
        return self.after - self.before


@dataclass(frozen=True)
class Due:
    """How many are due in a week or a year, the greatest change first."""

    per: str
    rows: list[Row]

    @property
    def things(self) -> int:
        return sum(each.things for each in self.rows)

    @property
    def before(self) -> float:
        return sum(each.before for each in self.rows)

    @property
    def after(self) -> float:
        return sum(each.after for each in self.rows)


@dataclass(frozen=True)
class Over:
    """Of `all` since that day, so many went over the limit, and would have."""

    since: date
    all: int
    before: int
    after: int


Effect = Due | Over | None
"""None: the record says nothing about it."""


def effect(session: Session, house: House, new: Rulebook, rule: str, key: str, starts: date, now: datetime) -> Effect:
    """`new` is the rulebook with the change in it."""
    was, will = house.rulebook.entry(rule), new.entry(rule)
    if isinstance(was, Duty) and isinstance(will, Duty) and key in CADENCE:
        return _due(session, house.calendar, was, will, starts)
    if isinstance(was, Progress) and isinstance(will, Progress):
        return _reports(session, was, will) if key != "at_most" else None
    moved = _moved(house.calendar, was, will, key)
    return _over(session, house, rule, key, moved, now) if moved else None


# Duties


def _due(session: Session, calendar: Calendar, was: Duty, will: Duty, starts: date) -> Due:
    years = _years(was) * _years(will)
    span = Span(starts, starts + relativedelta(years=years) - ONE_DAY)
    long = any(each.every.unit is Unit.YEAR or each.every.number > 1 for each in (was, will))
    per = YEAR if long else WEEK
    share = (1 / years) if per == YEAR else 7 / ((span.last - span.first).days + 1)
    before, after = (share * _cycles(each, span, calendar) for each in (was, will))
    counts = Counter(_units(session, was))
    rows = [Row(unit, was.who, many, many * before, many * after) for unit, many in counts.items()]
    return Due(per, sorted(rows, key=lambda each: (-abs(each.more), each.unit or 0)))


def _years(duty: Duty) -> int:
    return duty.every.number if duty.every.unit is Unit.YEAR else 1


def _cycles(duty: Duty, span: Span, calendar: Calendar) -> int:
    """How many are due in that span for one customer, person or unit; a cycle without a working day owes nothing."""
    return sum(each.count for each in windows(duty, span, (span.first.year,), calendar, span.first))


def _units(session: Session, duty: Duty) -> Iterator[int | None]:
    """Of every clock that runs, whose it is."""
    query = select(Clock.subject_kind, Clock.subject_id).where(Clock.rule == duty.id, col(Clock.closed_at).is_(None))
    customers = dict(session.exec(select(Customer.id, Customer.unit_id)).all())
    seats = select(Assignment.staff_id, Assignment.unit_id).where(Assignment.role == Role.SALESPERSON)
    people = dict(session.exec(seats.order_by(col(Assignment.starts))).all())
    for kind, subject in session.exec(query):
        match kind:
            case "customer":
                yield customers.get(subject)
            case "staff":
                yield people.get(subject)
            case _:
                yield subject


# Progress


def _reports(session: Session, was: Progress, will: Progress) -> Due:
    running = select(Matter.unit_id).where(Matter.kind == "complaint", col(Matter.closed_at).is_(None))
    rows = [
        Row(unit, HANDLER, many, many * _a_week(was), many * _a_week(will))
        for unit, many in Counter(session.exec(running)).items()
    ]
    return Due(WEEK, sorted(rows, key=lambda each: (-abs(each.more), each.unit or 0)))


def _a_week(rule: Progress) -> float:
    return len(rule.to) * rule.times * (timedelta(days=7) / rule.within)


# Limits

Moved = Callable[[Clock], datetime]


def _moved(calendar: Calendar, was: Article, will: Article, key: str) -> Moved | None:
    """When a clock would have been due by the new number; None where its due time is no matter of that number alone."""
    old, new = getattr(was, key), getattr(will, key)
    if key == "work_hours":
        return lambda clock: calendar.add_work_hours(clock.anchor, new)
    if key in WORKDAYS:
        return lambda clock: _workdays_later(calendar, clock.due_at, new - old)
    if key in ("in_province", "out_of_province") or (key == "within" and not isinstance(was, Callback)):
        return lambda clock: clock.due_at + (new - old)
    return None


def _workdays_later(calendar: Calendar, due: datetime, days: int) -> datetime:
    local = calendar.local(due)
    step, day = (ONE_DAY if days > 0 else -ONE_DAY), local.date()
    for _ in range(abs(days)):
        day += step
        while not calendar.is_workday(day):
            day += step
    return calendar.at(day, local.time())


def _over(session: Session, house: House, rule: str, key: str, moved: Moved, now: datetime) -> Over:
    since = house.calendar.local(now - QUARTER).date()
    clocks = _clocks(session, rule, house.calendar.at(since, time()))
    found = [each for each in clocks if _meant(session, each, key)]
    over = [(_ended(each, now) > each.due_at, _ended(each, now) > moved(each)) for each in found]
    return Over(since, len(found), sum(before for before, _ in over), sum(after for _, after in over))


def _clocks(session: Session, rule: str, since: datetime) -> list[Clock]:
    return list(session.exec(select(Clock).where(Clock.rule == rule, Clock.anchor >= since)))


def _meant(session: Session, clock: Clock, key: str) -> bool:
    """A limit inside the province is not one outside it."""
    if clock.rule != LIMIT:
        return True
    complaint: Any = session.get_one(Complaint, clock.subject_id)
    return bool(complaint.inside) == (key == "in_province")


def _ended(clock: Clock, now: datetime) -> datetime:
    return clock.closed_at or now
