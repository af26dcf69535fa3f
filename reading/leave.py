"""A leave in a line: from when to when, in Chinese or English. Days count whole; the last one too."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from reading.characters import fold
from reading.dates import find_dates
from reading.when import Direction, Found, Interval, When, is_day
from rules.calendar import Calendar

TO = re.compile(r"^\s*(?:起|开始)?\s*(?:到|至|—+|–|-|~|～|to|until|till|through)\s*$", re.IGNORECASE)
FOR_DAYS = re.compile(r"(?<![\d月日号])(\d{1,3}|[一二两三四五六七八九十])\s*(?:个?整?天|days?)", re.IGNORECASE)
NUMBERS = {each: number for number, each in enumerate("一二三四五六七八九十", 1)} | {"两": 2}
Span = tuple[datetime, datetime]
"""Local, half open: until just before the second."""


def leave(text: str, now: datetime, calendar: Calendar) -> tuple[Span, str] | None:
    """The time that is meant, and the words that are left; None where no day is named."""
    found = find_dates(text, now, Direction.FUTURE, calendar)
    if not found:
        return None
    first, last = found[0], _last(text, found)
    starts, ends = _start(first.value, calendar), _end(last.value, calendar, alone=last is first)
    rest = text[: first.start] + " " + text[last.end :]
    days = FOR_DAYS.search(fold(rest)) if last is first and is_day(first.value) else None
    if days:
        ends = starts + timedelta(days=_number(days[1]))
        rest = rest[: days.start()] + " " + rest[days.end() :]
    return (starts, ends), rest


def _last(text: str, found: list[Found]) -> Found:
    """The date up to which it goes: the second, where a word for "to" joins it to the first."""
    joined = len(found) > 1 and TO.match(text[found[0].end : found[1].start])
    return found[1] if joined and not isinstance(found[0].value, Interval) else found[0]


def _number(text: str) -> int:
    return NUMBERS.get(text) or int(text)


def _start(value: When, calendar: Calendar) -> datetime:
    first = value.start if isinstance(value, Interval) else value
    return _moment(first, calendar)


def _end(value: When, calendar: Calendar, *, alone: bool) -> datetime:
    """Of a day its midnight; so too of the day of a moment that stands alone (明天下午三点起)."""
    if isinstance(value, Interval):
        return _moment(value.end, calendar)
    if isinstance(value, datetime):
        return _moment(value.date() + timedelta(days=1), calendar) if alone else value
    return _moment(value + timedelta(days=1), calendar)


def _moment(value: date | datetime, calendar: Calendar) -> datetime:
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=calendar.tz)
