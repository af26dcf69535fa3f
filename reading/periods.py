"""Periods as people say them: 上季, 上半年, 2026年第三季度, 9月, last month, Q3, 2026-H1."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from reading.characters import fold
from rules.calendar import ONE_DAY
from rules.periods import Period

KINDS: Final = {"月": "month", "季": "quarter", "年": "year", "month": "month", "quarter": "quarter", "year": "year"}
DIGITS: Final = {"一": 1, "二": 2, "三": 3, "四": 4, "上": 1, "下": 2, "前": 1, "后": 2, "first": 1, "second": 2}
_NOW: Final = re.compile(
    r"(本|这个?|当|今|上个?|前一个?|去)(月|季)度?|(今|本|去|上)(年)度?|(this|last) (month|quarter|year)"
)
_YEAR: Final = r"(?:(20\d\d|今|去|前)年?度?[-\s]*)?"
_QUARTER: Final = re.compile(rf"{_YEAR}(?:第?([一二三四1-4])季度?|q([1-4]))(?:[\s-]*(20\d\d))?")
_HALF: Final = re.compile(rf"{_YEAR}(?:([上下前后])半年度?|h([12])|(first|second) half(?: of)?)(?:[\s-]*(20\d\d))?")
_MONTH: Final = re.compile(rf"{_YEAR}(1[0-2]|0?[1-9])月份?")
_WHOLE: Final = re.compile(r"(20\d\d)(?:年|全年|年度)?")
BACK: Final = ("上", "前", "去", "last")


def read_period(text: str, today: date) -> Period | None:
    """The period that the words are, and nothing else; one that has not begun is that of the year before."""
    plain = " ".join(fold(text).casefold().split())
    named = Period.named(plain.upper())
    if named is not None:
        return named
    for pattern, read in READ.items():
        match = pattern.fullmatch(plain)
        if match is not None:
            return read(match, today)
    return None


def _now(match: re.Match[str], today: date) -> Period:
    when, what = next((match[n], match[n + 1]) for n in (1, 3, 5) if match[n])
    period = Period.of(KINDS[what], today)
    return period.before if when.startswith(BACK) else period


def _of_year(kind: str) -> Callable[[re.Match[str], date], Period]:
    def read(match: re.Match[str], today: date) -> Period:
        said = next(each for each in match.groups()[1:] if each)
        number = DIGITS.get(said) or int(said)
        last = match[len(match.groups())] if kind != "month" else None
        return _begun(kind, number, match[1] or last, today)

    return read


def _begun(kind: str, number: int, year: str | None, today: date) -> Period:
    if year:
        back = {"今": 0, "去": 1, "前": 2}
        return Period(kind, today.year - back[year] if year in back else int(year), number)
    period = Period(kind, today.year, number)
    return period if period.span.first < today + ONE_DAY else Period(kind, today.year - 1, number)


def _whole(match: re.Match[str], _: date) -> Period:
    return Period("year", int(match[1]))


READ: Mapping[re.Pattern[str], Callable[[re.Match[str], date], Period]] = {
    _NOW: _now,
    _QUARTER: _of_year("quarter"),
    _HALF: _of_year("half"),
    _MONTH: _of_year("month"),
    _WHOLE: _whole,
}
