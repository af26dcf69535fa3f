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


SHORT = re.compile(r"(?<![\w.\-/])(\d{1,2})([./-])(\d{1,2})(?![\w.%/:]|-\d+[-/日号])", re.ASCII)
"""12.1 and 12-1: anywhere else a price or a size, in a leave a day."""
SHORT_SPAN = re.compile(
    r"(?<![\w.\-/])(\d{1,2})[./](\d{1,2})\s*(?:到|至|-|—+|–|~|～)\s*(\d{1,2})(?![\w.%/:点时月])", re.ASCII
)
BOTH_SHORT = re.compile(
    r"(?<![\w.\-/])(\d{1,2})\.(\d{1,2})\s*(?:到|至|-|—+|–|~|～)\s*(\d{1,2})\.(\d{1,2})(?![\w.%:])", re.ASCII
)
NOON = re.compile(r"下午\s*(?=到|至|-|—|–|~|～)")
"""今天下午到周五: from noon on."""
TOGETHER = re.compile(r"(?:(今明)|(明后))(?:[两2二]?[天日])")
MOST_LEFT = 10
"""Characters beside the days: who stands in. More is a story in which somebody is away."""
WORD = re.compile(r"(?:我|本人)?(?:想|要|得|需要|申请)*(?:请假|休假|出差|外出)")


def asked_for(text: str, now: datetime, calendar: Calendar) -> str | None:
    """The words beside 请假, where a line asks for a leave and says nothing else: 请假明天, 12月1日到5日请假, 我想请假."""
    word = WORD.search(fold(text))
    if word is None:
        return None
    before, after = text[: word.start()], text[word.end() :]
    known = leave(before, now, calendar)
    if before.strip() and (known is None or known[1].strip()):
        return None
    rest = f"{before} {after}".strip()
    found = leave(rest, now, calendar)
    left = found[1].strip() if found else rest
    return rest if len(left) <= (MOST_LEFT if found else 1) else None


def _written_out(text: str) -> str:
    """Days that are written short, as the grammar of dates knows them."""
    text = NOON.sub("12点", text)
    text = BOTH_SHORT.sub(r"\1月\2日到\3月\4日", text)
    text = SHORT_SPAN.sub(r"\1月\2日到\3日", text)
    text = SHORT.sub(lambda found: f"{found[1]}月{found[3]}日" if int(found[1]) <= 12 else found[0], text)
    return TOGETHER.sub(lambda found: "今天到明天" if found[1] else "明天到后天", text)


def leave(text: str, now: datetime, calendar: Calendar) -> tuple[Span, str] | None:
    """The time that is meant, and the words that are left; None where no day is named."""
    text = _written_out(text)
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
