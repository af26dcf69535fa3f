"""Days counted from now: 三天后, 过两天, 半小时前, 24小时内, 两个工作日内, 半个月后."""

import re
from datetime import date, datetime, timedelta

from dateutil.relativedelta import relativedelta

from reading.characters import NUMBER, NUMERALS, number
from reading.when import Context, When, rule
from rules.calendar import Calendar

_NOT_A_TERM = (
    "(?<!质保)(?<!保修)(?<!账期)(?<!帐期)(?<!月结)(?<!保质期)(?<!有效期)(?<!周期)(?<!超过)(?<!不到)"
    "(?<!寿命)(?<!投产)(?<!使用)(?<!运行)(?<!安装)(?<![^今]后)(?<![^今]后[ ])"
)
"""A term of a contract, or one counted from something else (收货后7天内), is no date."""
_UNIT = "分钟|刻钟|小时|钟头|天|日|周|星期|礼拜|月|年|季度|工作日"
_AMOUNT = rf"(?:(?P<n>\d+\.5|{NUMBER}|半) (?P<ge>个)? (?P<half>半)? (?P<unit>{_UNIT}) (?P<half_more>半)?)"
_STARTS = "0123456789半" + NUMERALS
_LAST = "(?<![超经不没通越难好来去打谈见问做用到去错路透])"


@rule(_STARTS, rf"{_NOT_A_TERM}{_AMOUNT} (?:以|之|过)?(?P<way>后|前|内)(?![面天部勤]|质保|保修|包换|包退|有效|免费)")
def counted(match: re.Match[str], context: Context) -> When | None:
    back = match["way"] == "前"
    if match["unit"] == "日" and back and context.forward:
        return None
    return _shift(match, context, -1 if back else 1)


@rule("过再", rf"(?:再 )?{_LAST}过 {_AMOUNT} (?:以后|之后|后)?")
def let_pass(match: re.Match[str], context: Context) -> When | None:
    return _shift(match, context, 1) if context.forward else None


@rule("前", r"(?<![以之提目期底节])前 (?P<n>[两2]) (?P<ge>)(?P<half>)(?P<unit>天)(?P<half_more>)")
def the_other_day(match: re.Match[str], context: Context) -> When | None:
    return None if context.forward else _shift(match, context, -1)


@rule("下上第", r"(?P<step>下|上)一?个?工作日")
def next_workday(match: re.Match[str], context: Context) -> When:
    return context.calendar.add_workdays(context.today, 1 if match["step"] == "下" else -1)


@rule("刚方", r"(?:刚才|刚刚|方才)(?!好)")
def just_now(_match: re.Match[str], context: Context) -> When | None:
    return None if context.forward else context.now.replace(second=0, microsecond=0)


def _shift(match: re.Match[str], context: Context, sign: int) -> When | None:
    amount = _amount(match)
    if amount is None:
        return None
    unit = match["unit"]
    if unit in _EXACT:
        instant = context.now + sign * amount * _EXACT[unit]
        return instant.replace(second=0, microsecond=0)
    if unit == "工作日":
        return context.calendar.add_workdays(context.today, sign * int(amount)) if amount == int(amount) else None
    return _shift_days(context.now, unit, match["ge"], sign, amount)


_EXACT = {
    "分钟": timedelta(minutes=1),
    "刻钟": timedelta(minutes=15),
    "小时": timedelta(hours=1),
    "钟头": timedelta(hours=1),
}
_DAYS = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_MONTHS = {"月": 1, "季度": 3, "年": 12}
_HALF_MONTH = 15


def _shift_days(now: datetime, unit: str, ge: str | None, sign: int, amount: float) -> When | None:
    whole, half = int(amount), amount != int(amount)
    if unit in _DAYS:
        return None if half else now.date() + timedelta(days=sign * whole * _DAYS[unit])
    if unit == "月" and not ge:
        return None
    months = whole * _MONTHS[unit] + (6 if half and unit == "年" else 0)
    days = _HALF_MONTH if half and unit == "月" else 0
    if (half and unit == "季度") or months > 1200:
        return None
    return now.date() + sign * relativedelta(months=months, days=days)


def _amount(match: re.Match[str]) -> float | None:
    written, half = match["n"], bool(match["half"] or match["half_more"])
    if written == "半":
        return None if half else 0.5
    if "." in written:
        return float(written)
    value = number(written)
    return None if not value else value + (0.5 if half else 0)


COUNTED_FROM = (
    rf"(?P<count>[ ]?(?P<way>(?:之|以)?[前后])?的?"
    rf"(?:第?(?P<nth>[{NUMERALS}首\d])个工作日|(?P<last>最后一?个?工作日|最后一天)|(?<=[前后])(?P<many>[{NUMERALS}\d]{{1,2}})个?(?P<of>天|工作日|周|星期)(?![前后内])))"
)


def count_from(match: re.Match[str], first: date, last: date, calendar: Calendar) -> date | None:
    """节后第一个工作日, 前三天, 最后一个工作日, counted from the span of days from first to last."""
    way = (match["way"] or "")[-1:]
    if match["last"]:
        return _last_of(match["last"], way, first, last, calendar)
    n = 1 if match["nth"] == "首" else number(match["nth"] or match["many"])
    if not n:
        return None
    start = first if way == "前" else last if way == "后" else first - timedelta(days=1)
    sign = -1 if way == "前" else 1
    if match["nth"] or match["of"] == "工作日":
        return calendar.add_workdays(start, sign * n)
    return start + timedelta(days=sign * n * _DAYS[match["of"]])


def _last_of(what: str, way: str, first: date, last: date, calendar: Calendar) -> date | None:
    if way == "后":
        return None
    if way == "前":
        return calendar.add_workdays(first, -1) if "工作日" in what else first - timedelta(days=1)
    if first == last:
        first = last - timedelta(days=20)
    return calendar.last_workday(first, last) if "工作日" in what else last


RULES = (counted, let_pass, the_other_day, next_workday, just_now)
