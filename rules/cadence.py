"""Cadences: how often a contact is owed. The state is derived from the entries that remain, nothing is remembered.

The cycle owed is the one after the latest cycle that was fulfilled, so a late contact is never asked for twice; the
cycles that it jumped over are missed, and `missed_cycles` lists them. A cycle without a working day owes nothing.
"""

import math
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import takewhile
from typing import Final, Self

from dateutil.relativedelta import relativedelta

from rules.calendar import ONE_DAY, Calendar, weekday_first


class Unit(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


QUARTER: Final = 3
"""Months of a quarter."""
_EVERY: Final = re.compile(r"(\d{1,2}) (day|week|month|year)s?")


@dataclass(frozen=True)
class Every:
    """A period: a day, a week (Monday to Sunday), a calendar month or quarter ("3 months"), or one or several calendar years."""

    number: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "1 week", "3 months" or "2 years"; ValueError for anything that is not such a period."""
        match = _EVERY.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"not a period: {text!r}")
        number, unit = int(match[1]), Unit(match[2])
        if number < 1 or not (number == 1 or unit is Unit.YEAR or (unit is Unit.MONTH and number == QUARTER)):
            raise ValueError(f"not a period: {text!r}")
        return cls(number, unit)

    def __str__(self) -> str:
        return f"{self.number} {self.unit}{'s' if self.number > 1 else ''}"

    @property
    def is_short(self) -> bool:
        """Days and weeks can be without a working day, and are too short to spread a first due day over."""
        return self.unit in (Unit.DAY, Unit.WEEK)


@dataclass(frozen=True, order=True)
class Cycle:
    """One period with its dates (both inclusive) and its name: 2026-11-23, 2026-W48, 2026-11, 2026-Q4, 2026 or 2026-2027."""

    first: date
    last: date
    name: str

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1


@dataclass(frozen=True)
class Owed:
    """The cycle that is owed now, its due day, how many contacts it has so far, and how many cycles were missed."""

    cycle: Cycle
    due: date
    done: int
    missed: int


def cycle_containing(every: Every, day: date, anchor: date) -> Cycle:
    """The cycle in which the day lies. Several years at once are counted from the anchor's year."""
    match every.unit:
        case Unit.DAY:
            return Cycle(day, day, day.isoformat())
        case Unit.WEEK:
            monday = weekday_first(day)
            year, week, _ = monday.isocalendar()
            return Cycle(monday, monday + timedelta(days=6), f"{year}-W{week:02}")
        case Unit.MONTH if every.number == QUARTER:
            number = (day.month - 1) // QUARTER
            first = date(day.year, QUARTER * number + 1, 1)
            return Cycle(first, first + relativedelta(months=QUARTER) - ONE_DAY, f"{first.year}-Q{number + 1}")
        case Unit.MONTH:
            first = day.replace(day=1)
            return Cycle(first, first + relativedelta(months=1) - ONE_DAY, f"{first:%Y-%m}")
        case Unit.YEAR:
            start = day.year - (day.year - anchor.year) % every.number
            end = start + every.number - 1
            return Cycle(date(start, 1, 1), date(end, 12, 31), str(start) if start == end else f"{start}-{end}")


def following(every: Every, cycle: Cycle, anchor: date) -> Cycle:
    """The cycle right after that one."""
    return cycle_containing(every, cycle.last + ONE_DAY, anchor)


def due_day(every: Every, cycle: Cycle, calendar: Calendar) -> date | None:
    """The last working day of the cycle; None when it has none and so owes nothing."""
    return calendar.last_workday(cycle.first, cycle.last)


def first_cycle(every: Every, anchor: date, calendar: Calendar) -> Cycle:
    """The first cycle that can be owed by a duty that began on the anchor day.

    It is the one that contains the anchor if enough of it is left (half of it; a working day of a day or week).
    """
    cycle = cycle_containing(every, anchor, anchor)
    if every.is_short:
        enough = calendar.last_workday(anchor, cycle.last) is not None
    else:
        enough = 2 * ((cycle.last - anchor).days + 1) >= cycle.days
    return next(_working(every, cycle if enough else following(every, cycle, anchor), anchor, calendar))


def _working(every: Every, cycle: Cycle, anchor: date, calendar: Calendar) -> Iterator[Cycle]:
    """That cycle and all later ones, without those that have no working day."""
    while True:
        if due_day(every, cycle, calendar) is not None:
            yield cycle
        cycle = following(every, cycle, anchor)


Count = int | Callable[[Cycle], int]
"""How many in every cycle, or in that one."""


def owed(
    every: Every,
    count: Count,
    anchor: date,
    done: Sequence[date],
    calendar: Calendar,
    *,
    today: date,
    spread: float = 1.0,
) -> Owed:
    """What a duty of `count` contacts in every cycle owes, given the days on which contacts were made.

    `anchor` is the day on which the duty began (going live, a new customer). `spread`, above 0 and at most 1, places
    the due day of the first cycle, of a month or longer, evenly within its remaining working days; 1 is the last.
    """
    days = sorted(done)
    first = first_cycle(every, anchor, calendar)
    fulfilled = _latest_fulfilled(every, count, days, anchor)
    start = first if fulfilled is None else max(first, following(every, fulfilled, anchor))
    cycle = next(_working(every, start, anchor, calendar))
    if cycle == first and not every.is_short:
        due = _spread_day(max(anchor, cycle.first), cycle.last, spread, calendar)
    else:
        due = calendar.workday_on_or_before(cycle.last)
    missed = len(missed_cycles(every, count, anchor, days, calendar, today=today))
    return Owed(cycle, due, _made_in(cycle, days), missed)


def missed_cycles(
    every: Every, count: Count, anchor: date, done: Sequence[date], calendar: Calendar, *, today: date
) -> list[Cycle]:
    """The cycles that ended before today without `count` contacts, oldest first (for reports)."""
    days = sorted(done)
    cycles = _working(every, first_cycle(every, anchor, calendar), anchor, calendar)
    past = takewhile(lambda cycle: cycle.last < today, cycles)
    return [cycle for cycle in past if _made_in(cycle, days) < _in(count, cycle)]


def _in(count: Count, cycle: Cycle) -> int:
    return count if isinstance(count, int) else count(cycle)


def _latest_fulfilled(every: Every, count: Count, days: Sequence[date], anchor: date) -> Cycle | None:
    cycles = (cycle_containing(every, day, anchor) for day in reversed(days))
    return next((cycle for cycle in cycles if _made_in(cycle, days) >= _in(count, cycle)), None)


def _made_in(cycle: Cycle, days: Sequence[date]) -> int:
    """How many of the days, sorted, lie in the cycle."""
    return bisect_right(days, cycle.last) - bisect_left(days, cycle.first)


def _spread_day(first: date, last: date, spread: float, calendar: Calendar) -> date:
    workdays = calendar.workdays(first, last)
    return workdays[max(0, math.ceil(spread * len(workdays)) - 1)]
