"""The Chinese grammar of dates: a day, then perhaps a time of day, then perhaps the end of a range."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from reading import days, festivals, numeric, offsets
from reading.characters import NUMERALS
from reading.clock import TIME_STARTS, TimeOfDay, time_after_day, time_alone
from reading.offsets import COUNTED_FROM, count_from
from reading.when import ONE_DAY, Context, Direction, Found, Interval, Rule, When, is_day

_RULES: dict[str, tuple[Rule, ...]] = {}
for _rule in (*offsets.RULES, *festivals.RULES, *numeric.RULES, *days.RULES):
    for _character in set(_rule.starts):
        _RULES[_character] = (*_RULES.get(_character, ()), _rule)

_START = re.compile(f"[{''.join(sorted({*_RULES, *TIME_STARTS}))}]")
_DIGIT_JOINED = re.compile(r"[0-9a-z#$¥￥_@=±≤≥<>φΦøØ∅⌀]$|[0-9a-z][-./:~×*x+]$|[0-9]、$")
_THOUSANDS = re.compile(r"(?<=[0-9],)[0-9]{3}(?![0-9号日月点])")
_HABIT = re.compile(
    rf"每 ?个?(?:天|日|晚|早|周|星期|礼拜|月|年|季度)(?:[{NUMERALS}日天末\d]+[日号]?)?"
    rf"(?:的? ?(?:上午|下午|早上|晚上|中午)? ?(?:[{NUMERALS}\d]{{1,3}}(?:点半?|:\d\d))?)?"
)
_NUMERAL_JOINED = re.compile(rf"[{NUMERALS}0-9第几数点.]$")


def find(text: str, context: Context) -> Iterator[Found]:
    """The dates in folded text, in order, not overlapping; a habit (每周三下午3点) is no date."""
    text = _HABIT.sub(lambda habit: "\x00" * len(habit[0]), text)
    at = 0
    while start := _START.search(text, at):
        moment = None if _joined(text, start.start()) else _phrase(text, start.start(), context)
        if moment and moment.value is not None:
            yield Found(moment.value, start.start(), len(text[: moment.end].rstrip()))
            named = text[start.start() : moment.end]
            followed = context.follow_bare or not _BARE.match(named)
            context = replace(context, week_of=_week_named(named, moment.value) if followed else None)
        at = max(moment.end if moment else 0, start.end())


@dataclass(frozen=True)
class _Moment:
    """What was read, None for a contradiction such as 12月8日（周五） where it is a Tuesday, and where it ends."""

    value: When | None
    end: int


def _joined(text: str, at: int) -> bool:
    """Whether a number begins in the middle of a word or of another number."""
    before = text[max(0, at - 2) : at]
    if text[at].isdigit():
        return bool(_DIGIT_JOINED.search(before) or _THOUSANDS.match(text, at))
    return text[at] in NUMERALS and bool(_NUMERAL_JOINED.search(before))


_BARE = re.compile("周|星期|礼拜")


def _week_named(phrase: str, value: When) -> date | None:
    if isinstance(value, Interval) or not re.search("周|星期|礼拜", phrase):
        return None
    return _day(value)


def _day(value: date | datetime) -> date:
    return value.date() if isinstance(value, datetime) else value


def _phrase(text: str, at: int, context: Context) -> _Moment | None:
    first = _moment(text, at, context)
    if first is None or first.value is None:
        return first
    return _range(text, first, context) or _limited(text, first)


def _moment(text: str, at: int, context: Context) -> _Moment | None:
    for rule in _RULES.get(text[at : at + 1], ()):
        match = rule.pattern.match(text, at)
        value = _read(rule, match, context) if match else None
        if match and value is not None:
            return _finished(text, rule, match, value, context)
    timed = time_alone(text, at)
    if timed is None:
        return None
    value = timed[0].on(context.anchor, context)
    return _Moment(value if context.contains(value) else timed[0].on(context.moved().anchor, context), timed[1])


def _read(rule: Rule, match: re.Match[str], context: Context) -> When | None:
    try:
        return rule.read(match, context)
    except (OverflowError, ValueError):
        return None


def _finished(text: str, rule: Rule, match: re.Match[str], value: When, context: Context) -> _Moment:
    """The phrase with what may follow a day: days counted from it, its weekday for certainty, a time of day."""
    moment = _counted_from(text, _Moment(value, match.end()), context)
    if not is_day(moment.value):
        return moment
    moment = _confirmed(text, moment, moment.value, context)
    timed = _time(text, moment.end)
    if timed is None or not is_day(moment.value):
        return moment
    result = timed[0].on(moment.value, context)
    again = _read(rule, match, context.moved()) if moment.value == value and not context.contains(result) else None
    return _Moment(timed[0].on(again, context) if is_day(again) else result, timed[1])


_GAP = re.compile(r"[ ]{0,3}的?[ ]{0,3}")


def _time(text: str, end: int) -> tuple[TimeOfDay, int] | None:
    gap = _GAP.match(text, end)
    return time_after_day(text, gap.end() if gap else end)


_BRACKETED = re.compile(r"[ ]?[(（][ ]?(?P<inside>[^()（）]{2,14})[)）]")
_WEEKDAY_AFTER = re.compile(r"[ ]?(?:周|星期|礼拜)(?P<day>[一二三四五六日天])(?![个家次台])")
_NUMERIC = re.compile(rf"(?<![周期拜])[{NUMERALS}\d][日号]?$")


def _confirmed(text: str, moment: _Moment, day: date, context: Context) -> _Moment:
    """12月8日（周二）, 下周三（12月2日）, 明天周四: the second name must be of the same day; else nothing is read."""
    inside = _BRACKETED.match(text, moment.end)
    if inside:
        monday = replace(context, anchor=days.monday(day), direction=Direction.FUTURE, week_of=None)
        other = _moment(inside["inside"], 0, monday)
        if other is None or not is_day(other.value):
            return moment
        return _Moment(day if other.value == day else None, inside.end())
    after = _WEEKDAY_AFTER.match(text, moment.end)
    if after and day.weekday() == "一二三四五六日".find(after["day"].replace("天", "日")):
        return _Moment(day, after.end())
    if after and _NUMERIC.search(text, max(0, moment.end - 2), moment.end):
        return _Moment(None, after.end())
    return moment


_COUNTED_FROM = re.compile(COUNTED_FROM)


def _counted_from(text: str, moment: _Moment, context: Context) -> _Moment:
    """下周第一个工作日, 本月最后一个工作日, 月底前三天."""
    match = _COUNTED_FROM.match(text, moment.end)
    if not match or isinstance(moment.value, datetime) or moment.value is None:
        return moment
    first, last = _bounds(moment.value)
    if isinstance(moment.value, Interval) and match["many"]:
        return moment
    value = count_from(match, first, last, context.calendar)
    return _Moment(value, match.end()) if value else moment


def _bounds(value: date | Interval) -> tuple[date, date]:
    """The first and the last day."""
    if isinstance(value, Interval):
        return _day(value.start), _day(value.end) - ONE_DAY
    return value, value


_CONNECTOR = re.compile(r"[ ]?(?:到|至|-|—|~|–)[ ]?")
_LIMIT = re.compile(
    "[ ]?(?:(?:之|以)[前后内]|内(?![部容])|前(?![台门面轴桥端部天提])|后(?![来天续勤门面轴桥端部期])|"
    "左右|多(?![少个种])|期间|那天)"
)


def _range(text: str, first: _Moment, context: Context) -> _Moment | None:
    connector = _CONNECTOR.match(text, first.end)
    if not connector or first.value is None:
        return None
    start = first.value
    if isinstance(start, datetime):
        return _until_time(text, connector.end(), start, context)
    ahead = replace(context, anchor=_bounds(start)[0], direction=Direction.FUTURE, week_of=None)
    other = _moment(text, connector.end(), ahead)
    if (
        other is None
        or other.value is None
        or isinstance(other.value, datetime)
        or _bounds(other.value)[0] <= _bounds(start)[0]
    ):
        return None
    return _Moment(Interval(_bounds(start)[0], _bounds(other.value)[1] + ONE_DAY), other.end)


def _until_time(text: str, at: int, start: datetime, context: Context) -> _Moment | None:
    """下午2点到4点; the second time takes over the half of the day of the first."""
    timed = time_after_day(text, at)
    until = timed[0].on(start.date(), context) if timed else None
    if timed is None or not isinstance(until, datetime):
        return None
    if until <= start:
        until += timedelta(hours=12)
    return _Moment(Interval(start, until), timed[1]) if until > start else None


def _limited(text: str, moment: _Moment) -> _Moment:
    """With the word that makes it a limit (前, 之前, 左右); the limit is the day itself."""
    suffix = _LIMIT.match(text, moment.end)
    return _Moment(moment.value, suffix.end()) if suffix else moment
