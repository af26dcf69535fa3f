"""Working days: the state calendar for published years, Monday to Friday for others, the company's own table first."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

ONE_DAY = timedelta(days=1)
SATURDAY = 5


def is_published(year: int) -> bool:
    """Whether the holidays and make-up days of that year are known; if not, say so wherever its dates are shown."""
    return year in _published_years()


@cache
def _published_years() -> frozenset[int]:
    return frozenset(day.year for day in chinese_calendar.holidays)


@cache
def _statutory_workday(day: date) -> bool:
    if not is_published(day.year):
        return day.weekday() < SATURDAY
    return bool(chinese_calendar.is_workday(day))


_STATE_NAMES: Final = {
    "New Year's Day": "new_year",
    "Spring Festival": "spring",
    "Tomb-sweeping Day": "qingming",
    "Labour Day": "labour",
    "Dragon Boat Festival": "dragon_boat",
    "Mid-autumn Festival": "mid_autumn",
    "National Day": "national",
}


def state_holiday(day: date) -> str:
    """The holiday of the state for which a day of a published year rests or is worked instead; empty for any other day."""
    if not is_published(day.year):
        return ""
    _, name = chinese_calendar.get_holiday_detail(day)
    return _STATE_NAMES.get(str(name), "")


def weekday_first(day: date) -> date:
    """The Monday of the week in which the day lies (weeks run Monday to Sunday)."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Calendar:
    """The company's days and its time zone. `overrides` says of single days whether they are worked (放假安排); `arranged` are the
    years for which the company entered the whole arrangement."""

    tz: ZoneInfo
    overrides: Mapping[date, bool] = field(default_factory=dict)
    arranged: frozenset[int] = frozenset()
    work: tuple[time, time] = (time(8, 30), time(17, 30))
    """From when to when a working day is worked."""

    def knows(self, year: int) -> bool:
        """Whether the year's rest and make-up days are known; if not, Monday to Friday is assumed, and said so."""
        return year in self.arranged or is_published(year)

    def is_workday(self, day: date) -> bool:
        override = self.overrides.get(day)
        return _statutory_workday(day) if override is None else override

    def next_workday(self, day: date) -> date:
        """The first working day strictly after the day."""
        return self.workday_on_or_after(day + ONE_DAY)

    def workday_on_or_after(self, day: date) -> date:
        while not self.is_workday(day):
            day += ONE_DAY
        return day

    def workday_on_or_before(self, day: date) -> date:
        while not self.is_workday(day):
            day -= ONE_DAY
        return day

    def add_workdays(self, day: date, n: int) -> date:
        """The n-th working day after the day (before it, when n is negative); the day itself when n is 0."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        left = abs(n)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def add_work_hours(self, instant: datetime, hours: float) -> datetime:
        """The instant after so many hours of working time; aware, in the company's time zone. Nights, rest days and holidays do
        not count."""
        start, end = self.work
        now, left = self.local(instant), timedelta(hours=hours)
        day = now.date()
        while True:
            if self.is_workday(day):
                begin, close = max(now, self.at(day, start)), self.at(day, end)
                if begin + left <= close:
                    return begin + left
                left -= max(close - begin, timedelta())
            day += ONE_DAY

    def last_workday(self, first: date, last: date) -> date | None:
        """The last working day within both bounds, inclusive."""
        while last >= first:
            if self.is_workday(last):
                return last
            last -= ONE_DAY
        return None

    def workdays(self, first: date, last: date) -> list[date]:
        """The working days within both bounds, inclusive, in order."""
        span = range((last - first).days + 1)
        return [day for day in (first + timedelta(days=n) for n in span) if self.is_workday(day)]

    def workdays_between(self, a: date, b: date) -> int:
        """How many working days lie after a, up to and including b; 0 when b is not after a."""
        return len(self.workdays(a + ONE_DAY, b))

    def local(self, instant: datetime) -> datetime:
        """The instant (aware) as people in the company's time zone read it."""
        if instant.tzinfo is None:
            raise ValueError("an instant must carry its time zone")
        return instant.astimezone(self.tz)

    def at(self, day: date, clock: time) -> datetime:
        """The aware instant of a wall-clock time on that day, in the company's time zone."""
        return datetime.combine(day, clock, tzinfo=self.tz)
