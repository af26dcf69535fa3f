"""English dates: week days and periods by our own conventions, counted and named days through dateparser.

dateparser alone takes `3`, `M8` and `2.5%` for dates, so it only ever sees a phrase that has the full shape of a date.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from importlib import import_module

from dateutil.relativedelta import relativedelta

from reading.clock import TimeOfDay, time_after_day
from reading.days import days_from, monday, month_of, quarter_of, whole_month
from reading.when import ONE_DAY, Context, Found, Interval, Read, Rule, When, is_day

_DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_FULL_WEEKDAY = "mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|saturday|sunday"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_NUMBERS = "an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|thirty|half an|\\d{1,3}"
_UNITS = "minute|min|hour|day|week|month|year|(?:working|business) day"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_STEPS = {"last": -1, "previous": -1, "this": 0, "the": 0, "current": 0, "next": 1, "coming": 1}
_NO_QUANTITY = r"(?! ?(?:kg|tons?|tonnes|pcs|pieces|sets|units|items|%|percent))"


def _rule(starts: str, pattern: str) -> Callable[[Read], Rule]:
    return lambda read: Rule(starts, re.compile(pattern, re.ASCII), read)


@_rule(
    "tdy",
    r"(?:(?P<after>(?:the )?day after tomorrow)\b|(?P<before>(?:the )?day before yesterday)\b|"
    r"(?P<day>(?:today|tomorrow|yesterday)\b|to(?=night\b)))",
)
def named_day(match: re.Match[str], context: Context) -> When:
    if match["after"] or match["before"]:
        return context.today + timedelta(days=2 if match["after"] else -2)
    return context.today + timedelta(days={"today": 0, "to": 0, "tomorrow": 1, "yesterday": -1}[match["day"]])


@_rule("tlnpco", rf"(?:on )?(?P<step>this|last|previous|next|coming) (?P<day>{_WEEKDAY})\b")
def day_of_that_week(match: re.Match[str], context: Context) -> When | None:
    day = _weekday(match["day"])
    return None if day is None else monday(context.today, _STEPS[match["step"]]) + timedelta(days=day)


@_rule("omtwfs", rf"(?<!every )(?<!each )(?<!mr )(?<!ms )(?:(?:on )?(?P<day>{_FULL_WEEKDAY}))\b(?!s)")
def weekday(match: re.Match[str], context: Context) -> When | None:
    day = _weekday(match["day"])
    return next((d for d in days_from(context) if d.weekday() == day), None)


def _weekday(written: str) -> int | None:
    """wed, weds, wednesday as 2; None for wedding."""
    abbreviated = written.removesuffix("s") if len(written) <= 5 else written
    return next((n for n, name in enumerate(_DAY_NAMES) if name.startswith(abbreviated)), None)


@_rule(
    "tlnpe",
    r"(?:(?P<edge>(?:the )?(?:end|beginning|start)) of (?:the )?)?(?:(?P<step>this|last|previous|next|current) )?"
    r"(?P<unit>week|weekend|month|quarter|year)\b",
)
def period(match: re.Match[str], context: Context) -> When | None:
    """end of month, next week, this quarter; a bare "month" is none."""
    if not match["edge"] and not match["step"]:
        return None
    span = _period(match["unit"], _STEPS[match["step"] or "this"], context.today)
    if not match["edge"]:
        return span
    return span.end - ONE_DAY if "end" in match["edge"] else span.start


@_rule("mqy", r"(?P<unit>month|quarter|year)[ -]end\b")
def end_of_period(match: re.Match[str], context: Context) -> When:
    return _period(match["unit"], 0, context.today).end - ONE_DAY


def _period(unit: str, step: int, today: date) -> Interval:
    if unit == "week":
        return Interval(monday(today, step), monday(today, step + 1))
    if unit == "weekend":
        return Interval(monday(today, step) + timedelta(days=5), monday(today, step + 1))
    if unit == "month":
        return whole_month(month_of(today, step))
    if unit == "quarter":
        return quarter_of(month_of(today, 3 * step))
    first = date(today.year + step, 1, 1)
    return Interval(first, first + relativedelta(years=1))


@_rule(
    _LETTERS + "0123456789",
    rf"(?:(?:in|within) (?P<n>{_NUMBERS}) (?P<unit>{_UNITS})s?\b(?! ago)|"
    rf"(?P<m>{_NUMBERS}) (?P<of>{_UNITS})s? (?P<way>ago|later|from now)\b)",
)
def counted(match: re.Match[str], context: Context) -> When | None:
    amount, unit = match["n"] or match["m"], match["unit"] or match["of"]
    back = match["way"] == "ago"
    if unit.endswith(" day"):
        days = _parsed(f"in {amount} days", context)
        n = (days.date() - context.today).days if days else 0
        return context.calendar.add_workdays(context.today, -n if back else n) if n else None
    amount, unit = ("30", "minute") if (amount, unit) == ("half an", "hour") else (amount, unit)
    instant = _parsed(f"{amount} {unit} ago" if back else f"in {amount} {unit}", context)
    if instant is None or amount == "half an":
        return None
    return context.calendar.at(instant.date(), instant.time()) if unit in {"minute", "min", "hour"} else instant.date()


@_rule(
    "jfmasond0123456789",
    rf"(?:(?P<month>{_MONTH}) (?P<day>\d\d?)(?:st|nd|rd|th)?|(?P<first>\d\d?)(?:st|nd|rd|th)? (?:of )?(?P<then>{_MONTH}))"
    rf"(?:,? (?P<year>20\d\d))?(?![\d:]){_NO_QUANTITY}",
)
def named_month(match: re.Match[str], context: Context) -> When | None:
    month, day, year = match["month"] or match["then"], match["day"] or match["first"], match["year"]
    instant = _parsed(f"{month} {day} {year or ''}".strip(), context)
    return instant.date() if instant else None


def _parsed(phrase: str, context: Context) -> datetime | None:
    """Naive, in the company's zone; counted from the anchor's day and the present time."""
    base = datetime.combine(context.anchor, context.now.time().replace(second=0, microsecond=0))
    found: datetime | None = import_module("reading.english").parsed(phrase, base, context.direction.value)
    return found


_RULES = (named_day, day_of_that_week, weekday, period, end_of_period, counted, named_month)
_GATE = re.compile(
    rf"\b(?:to(?:day|night|morrow)|yesterday|{_FULL_WEEKDAY}|{_WEEKDAY}|{_MONTH}|"
    r"(?:week|month|quarter|year|minute|min|hour|day|weekend)s?|this (?:morning|afternoon|evening))\b",
    re.ASCII,
)
_WORD = re.compile(r"(?<![a-z0-9.\-/])[a-z0-9]")
_PARTS = {
    "morning": (8, 12),
    "afternoon": (12, 18),
    "evening": (18, 24),
    "night": (18, 24),
    "noon": (12, None),
    "midday": (12, None),
}
_PART = re.compile(rf"(?:,? ?(?:in the |at )?|(?<=to))(?P<part>{'|'.join(_PARTS)})\b")
_AT = re.compile(r",? ?(?:at |by |around |@ ?)?")
_LEADING = re.compile(r"(?:at )?(?P<clock>\d\d?(?::\d\d)? ?[ap]\.?m\b\.?|\d\d?:\d\d),? ?(?:on )?")
_THIS_PART = re.compile(r"this (?=morning|afternoon|evening)")


def find(text: str, context: Context) -> Iterator[Found]:
    """The English dates in folded text, in order, not overlapping."""
    if not _GATE.search(text):
        return
    at = 0
    while word := _WORD.search(text, at):
        found = _phrase(text, word.start(), context)
        if found:
            yield found
        at = found.end if found else word.end()


def _phrase(text: str, at: int, context: Context) -> Found | None:
    leading = _LEADING.match(text, at)
    if leading:
        day = _day(text, leading.end(), context)
        clock = time_after_day(text, leading.start("clock"))
        if day and clock and is_day(day.value):
            return Found(clock[0].on(day.value, context), at, day.end)
    if this := _THIS_PART.match(text, at):
        return _with_time(text, Found(context.today, at, this.end()), context)
    day = _day(text, at, context)
    return _with_time(text, day, context) if day else None


def _day(text: str, at: int, context: Context) -> Found | None:
    for each in _RULES:
        match = each.pattern.match(text, at) if text[at : at + 1] in each.starts else None
        value = each.read(match, context) if match else None
        if match and value is not None:
            return Found(value, at, match.end())
    return None


def _with_time(text: str, day: Found, context: Context) -> Found:
    if not is_day(day.value):
        return day
    part = _PART.match(text, day.end)
    end = part.end() if part else day.end
    gap = _AT.match(text, end)
    clock = time_after_day(text, gap.end()) if gap else None
    time = clock or (_part(part), end) if part else clock
    return replace(day, value=time[0].on(day.value, context), end=time[1]) if time else day


def _part(match: re.Match[str]) -> TimeOfDay:
    start, end = _PARTS[match["part"]]
    return TimeOfDay(timedelta(hours=start), None if end is None else timedelta(hours=end))
