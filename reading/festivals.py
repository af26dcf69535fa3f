"""Festivals of the sun and of the moon, and days of the lunar calendar: 元旦, 春节前, 国庆后, 腊月二十三."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from reading.characters import NUMBER, number
from reading.names import COMMON_SURNAMES
from reading.offsets import COUNTED_FROM, count_from
from reading.when import Context, When, rule
from rules.festivals import OnYear
from rules.festivals import eve as _eve
from rules.festivals import lunar as _lunar
from rules.festivals import solar as _solar
from rules.festivals import term as _term


@dataclass(frozen=True)
class Festival:
    on: OnYear
    rest: int = 0
    """Days after the festival itself that are free every year."""


_FESTIVALS: dict[str, Festival] = {
    "元旦": Festival(_solar(1, 1)),
    "情人节": Festival(_solar(2, 14)),
    "妇女节": Festival(_solar(3, 8)),
    "三八节": Festival(_solar(3, 8)),
    "清明": Festival(_term(4.81, 4)),
    "五一": Festival(_solar(5, 1), rest=2),
    "劳动节": Festival(_solar(5, 1), rest=2),
    "青年节": Festival(_solar(5, 4)),
    "儿童节": Festival(_solar(6, 1)),
    "六一": Festival(_solar(6, 1)),
    "教师节": Festival(_solar(9, 10)),
    "国庆": Festival(_solar(10, 1), rest=6),
    "十一": Festival(_solar(10, 1), rest=6),
    "双十一": Festival(_solar(11, 11)),
    "双11": Festival(_solar(11, 11)),
    "双十二": Festival(_solar(12, 12)),
    "双12": Festival(_solar(12, 12)),
    "冬至": Festival(_term(21.94, 12)),
    "平安夜": Festival(_solar(12, 24)),
    "圣诞": Festival(_solar(12, 25)),
    "春节": Festival(_lunar(1, 1), rest=6),
    "过年": Festival(_lunar(1, 1), rest=6),
    "大年": Festival(_lunar(1, 1), rest=6),
    "元宵": Festival(_lunar(1, 15)),
    "端午": Festival(_lunar(5, 5)),
    "七夕": Festival(_lunar(7, 7)),
    "中秋": Festival(_lunar(8, 15)),
    "重阳": Festival(_lunar(9, 9)),
    "腊八": Festival(_lunar(12, 8)),
    "小年": Festival(_lunar(12, 23)),
    "除夕": Festival(_eve),
    "大年三十": Festival(_eve),
    "年三十": Festival(_eve),
}
_SIDE = r"(?P<side>(?:之|以)?[前后])(?![台门面轴桥端])"
_YEARS = {"大前年": -3, "前年": -2, "去年": -1, "今年": 0, "明年": 1, "后年": 2}
_YEAR = rf"(?:(?P<year>{'|'.join(_YEARS)}|(?:20)?\d\d年) 的?)?"
_BY_NUMBER = "十一|六一|过年"
_NAMES = "|".join(sorted(_FESTIVALS.keys() - set(_BY_NUMBER.split("|")), key=len, reverse=True))
_STARTS = "".join(sorted({name[0] for name in _FESTIVALS}))
_NO_PERSON = f"(?<![{COMMON_SURNAMES}])"
_NO_GOODS = "(?!轻|团|月饼|粽子|路|街|大厦|牌|快乐|愉快|安康|吉祥|问候|祝福|礼|福利|上河|档)"


@rule(
    _STARTS + "大前去今明后0123456789",
    rf"{_YEAR} {_NO_PERSON}(?P<name>{_NAMES})(?:节|假期|长假|放假)? {_NO_GOODS}(?:{COUNTED_FROM}|{_SIDE})?",
)
def festival(match: re.Match[str], context: Context) -> When | None:
    return _read(match, match["year"], context)


@rule(
    "十六过",
    rf"(?<![一二三四五六七八九十双打\d])(?P<name>{_BY_NUMBER})(?:长假|放假|假期|节|(?=(?:之|以)?[前后]))"
    rf"(?:{COUNTED_FROM}|{_SIDE})?",
)
def festival_by_number(match: re.Match[str], context: Context) -> When | None:
    """十一 and 六一 are numbers unless 长假, 前 or the like follows."""
    return _read(match, None, context)


@rule(
    "年过",
    r"(?:过[完了]年(?P<over>)后?|(?<![\d一二三四五六七八九十两半几多今明去前后成每百])年(?P<side>[前后])(?![度端]))",
)
def around_new_year(match: re.Match[str], context: Context) -> When | None:
    """年前, 年后: before and after the Spring Festival, as people say it of plans."""
    if not context.forward:
        return None
    wanted = _FESTIVALS["春节"]
    return next((_around(day, wanted, match["side"] or "后", context) for day in _on(wanted, None, context)), None)


def _read(match: re.Match[str], year: str | None, context: Context) -> When | None:
    wanted = _FESTIVALS[match["name"]]
    day = next(_on(wanted, year, context), None)
    if day is None:
        return None
    if match["count"]:
        return count_from(match, day, day + timedelta(days=wanted.rest), context.calendar)
    return _around(day, wanted, match["side"], context)


def _on(wanted: Festival, year: str | None, context: Context) -> Iterator[date]:
    if year:
        named = context.today.year + _YEARS[year] if year in _YEARS else 2000 + int(year[-3:-1])
        return (day for day in [wanted.on(named)] if day)
    first = context.anchor.year
    days = (wanted.on(first + (n if context.forward else -n)) for n in range(3))
    return (day for day in days if day and (day >= context.anchor if context.forward else day <= context.anchor))


def _around(day: date, wanted: Festival, side: str | None, context: Context) -> date:
    """春节前 is a deadline, the festival itself; 春节后 is the first working day after its holiday."""
    return context.calendar.next_workday(day + timedelta(days=wanted.rest)) if side and side.endswith("后") else day


_LUNAR_MONTHS = {"正": 1, "冬": 11, "腊": 12}
_LUNAR_DAY = rf"(?:初(?P<first>[一二三四五六七八九十])|(?P<day>{NUMBER})(?:[日号])?)"


@rule(
    "农阴正腊大冬",
    rf"(?:(?:农历|阴历) (?P<month>{NUMBER}|正|冬|腊) 月 |(?P<named>正|腊|冬)月 |(?P<big>大年)(?=初)) {_LUNAR_DAY}",
)
def lunar_day(match: re.Match[str], context: Context) -> When | None:
    written = match["month"] or match["named"] or "正"
    month = _LUNAR_MONTHS.get(written) or number(written)
    day = number(match["first"] or match["day"])
    if not month or not day:
        return None
    return next(_on(Festival(_lunar(month, day)), None, context), None)


RULES = (lunar_day, festival_by_number, festival, around_new_year)
