"""What a date phrase can mean, and what it is read against."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeGuard

from rules.calendar import Calendar

ONE_DAY = timedelta(days=1)


class Direction(StrEnum):
    """Where a bare day lies: before now for what was done, after now for what is planned."""

    PAST = "past"
    FUTURE = "future"


@dataclass(frozen=True)
class Interval:
    """Half-open: `end` is the first day, or instant, that no longer belongs to it."""

    start: date | datetime
    end: date | datetime


When = datetime | date | Interval


@dataclass(frozen=True)
class Found:
    """A date and where it stands in the text as typed."""

    value: When
    start: int
    end: int


@dataclass(frozen=True)
class Context:
    """What a phrase is read against.

    `anchor` is the day from which bare days (周五, 5号, 下午3点) are counted: today, or the first day of a range.
    `week_of` is a day named just before in the same text, which a bare weekday follows (下周一开会，周三给报价).
    """

    now: datetime
    direction: Direction
    calendar: Calendar
    anchor: date
    week_of: date | None = None
    follow_bare: bool = True

    @property
    def today(self) -> date:
        return self.now.date()

    @property
    def forward(self) -> bool:
        return self.direction is Direction.FUTURE

    def moved(self) -> Context:
        """The same context one day further in its direction."""
        return replace(self, anchor=self.anchor + (ONE_DAY if self.forward else -ONE_DAY))

    def contains(self, value: When) -> bool:
        """Whether a value lies on the side of now that the direction asks for; a day or an interval may hold now."""
        if isinstance(value, Interval):
            return _not_before(value.end, self.now) if self.forward else not _later(value.start, self.now)
        if isinstance(value, datetime):
            return value > self.now if self.forward else value <= self.now
        return value >= self.today if self.forward else value <= self.today


def is_day(value: When | None) -> TypeGuard[date]:
    """A whole day, neither an instant nor an interval."""
    return isinstance(value, date) and not isinstance(value, datetime)


def _later(value: date | datetime, now: datetime) -> bool:
    return value > now if isinstance(value, datetime) else value > now.date()


def _not_before(end: date | datetime, now: datetime) -> bool:
    return end > now if isinstance(end, datetime) else end > now.date()


def iso(value: When) -> str:
    """`2026-11-26T15:00`, `2026-11-25`, or `a/b` for an interval; instants in their own zone, without the offset."""
    if isinstance(value, Interval):
        return f"{iso(value.start)}/{iso(value.end)}"
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="minutes")
    return value.isoformat()


Read = Callable[["re.Match[str]", Context], "When | None"]


@dataclass(frozen=True)
class Rule:
    """One phrase of the grammar: the characters that it may begin with, its pattern, and what it means.

    In a pattern a blank stands for spaces that people may type there.
    """

    starts: str
    pattern: re.Pattern[str]
    read: Read


def rule(starts: str, pattern: str) -> Callable[[Read], Rule]:
    compiled = re.compile(re.sub(r"(?<!\[) (?!\])", "[ ]{0,3}", pattern), re.ASCII)
    return lambda read: Rule(starts, compiled, read)
