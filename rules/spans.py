"""The cycles of a duty that end within a span of days, each with the moments between which a contact counts for it, and with the
beginnings of duties that owe it: what a report of the span is about, as values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta

from rules.cadence import Cycle, Every, Unit, cycle_containing, due_day, following
from rules.calendar import ONE_DAY, Calendar
from rules.entries import Duty

END_OF_WORK = time(18)


@dataclass(frozen=True)
class Span:
    """From the first day to the last, both included."""

    first: date
    last: date

    def moments(self, calendar: Calendar) -> tuple[datetime, datetime]:
        """From when to when; the second no longer belongs to it."""
        return calendar.at(self.first, time()), calendar.at(self.last + ONE_DAY, time())


def year_of(day: date) -> Span:
    return Span(date(day.year, 1, 1), date(day.year, 12, 31))


def month_of(day: date) -> Span:
    first = day.replace(day=1)
    return Span(first, first + relativedelta(months=1) - ONE_DAY)


def months_of(span: Span) -> list[Span]:
    """The months that lie in the span, the first and the last as far as they do."""
    found, day = [], span.first
    while day <= span.last:
        month = month_of(day)
        found.append(Span(day, min(month.last, span.last)))
        day = month.last + ONE_DAY
    return found


@dataclass(frozen=True)
class Window:
    """One cycle of one duty: contacts count from `starts` until just before `ends`. It is owed by a duty that began from
    `anchored_from` until just before `anchored_until`; `over` once its last day has passed."""

    rule: str
    cycle: Cycle
    count: int
    starts: datetime
    ends: datetime
    due: datetime
    anchored_from: datetime
    anchored_until: datetime
    over: bool


def windows(duty: Duty, span: Span, years: Iterable[int], calendar: Calendar, today: date) -> Iterator[Window]:
    """`years` are those in which duties began: cycles of several years are counted from there."""
    every = duty.every
    if every.number == 1 or every.unit is not Unit.YEAR:
        yield from _windows(duty, span, span.first, (date(1970, 1, 1), date(9000, 1, 1)), calendar, today)
        return
    for year in sorted(set(years)):
        began = date(year, 1, 1)
        yield from _windows(duty, span, began, (began, date(year + 1, 1, 1)), calendar, today)


def _windows(
    duty: Duty, span: Span, anchor: date, began: tuple[date, date], calendar: Calendar, today: date
) -> Iterator[Window]:
    cycle = cycle_containing(duty.every, span.first, anchor)
    while cycle.first <= span.last:
        due = due_day(duty.every, cycle, calendar)
        if due is not None and cycle.last <= span.last:
            since, until = began[0], min(began[1], _last_beginning(duty.every, cycle, due) + ONE_DAY)
            yield Window(
                duty.id,
                cycle,
                duty.count,
                calendar.at(cycle.first, time()),
                calendar.at(cycle.last + ONE_DAY, time()),
                calendar.at(due, END_OF_WORK),
                calendar.at(since, time()),
                calendar.at(until, time()),
                cycle.last < today,
            )
        cycle = following(duty.every, cycle, anchor)


def _last_beginning(every: Every, cycle: Cycle, due: date) -> date:
    """A duty that begins later than this day does not owe this cycle any more (`rules.cadence.first_cycle`)."""
    return due if every.is_short else cycle.last - (cycle.days - 1) // 2 * ONE_DAY
