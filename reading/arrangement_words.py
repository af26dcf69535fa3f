"""The words of a notice of rest and make-up days: dates, weekdays, 放假 and 上班, holidays; in Chinese and English."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from reading.characters import fold, number

MONTHS: Final = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
WEEK: Final = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_MONTH = rf"(?:{'|'.join(MONTHS)})[a-z]*\.?"
_N = r"(?:\d{1,2}|[一二三四五六七八九十廿]{1,3})"
_TH = r"(?:st|nd|rd|th)?"
_WEEKDAY = (
    r"(?:星期|礼拜|周)[一二三四五六日天]"
    r"|\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?"
)


class Kind(StrEnum):
    DATE = "date"
    BARE = "bare"  # a day without its month
    WEEKDAY = "weekday"
    TO = "to"
    COUNT = "count"
    COMMA = "comma"
    VERB = "verb"
    NAME = "name"


class Verb(StrEnum):
    REST = "rest"
    WORK = "work"
    AS_BEFORE = "as_before"


HOLIDAYS: Final = {
    "new_year": r"元旦(?:节)?|new year(?:'?s)?(?: day)?",
    "spring": r"春节|spring festival|(?:chinese|lunar) new year",
    "qingming": r"清明(?:节)?|qing ?ming(?: festival)?|tomb[- ]sweeping(?: day)?",
    "labour": r"(?:国际)?劳动节|五一(?:节)?|labou?r day|may day",
    "dragon_boat": r"端午(?:节)?|dragon boat(?: festival)?",
    "mid_autumn": r"中秋(?:节)?|mid-?autumn(?: festival)?",
    "national": r"国庆(?:节)?|national day",
}
"""The seven holidays of the state, by the words that name them."""
_REST = r"放假调休|调休放假|放假|休假|休息|停工|连休|公休|(?<!调)休(?!闲)|holidays?\b|\boff\b|\bclosed\b|\brest\b"
_WORK = (
    r"(?:调休|补休|正常|照常)?上班|补班|不放假|不休(?:息|假)?|工作日|(?<!值)班(?!组|次|车|子)"
    r"|make-?up (?:work(?:ing|s)? ?)?days?\b|\bwork(?:ing|s)?(?: ?days?)?\b"
)
_PATTERNS: Final = {
    "no_work": r"不用?上班|non-?working",
    "full": rf"20\d\d\s*[年./-]\s*{_N}\s*[月./-]\s*{_N}\s*[日号]?",
    "count": rf"(?:共计?|为期)\s*{_N}\s*[天日]|{_N}\s*(?:天|days?\b)",
    "month_day": rf"{_N}\s*月\s*{_N}\s*[日号]?",
    "slash": r"(?<![\d./])\d{1,2}[./]\d{1,2}(?![\d./])",
    "english": rf"\b{_MONTH}\s*\d{{1,2}}{_TH}\b(?:,?\s*20\d\d\b)?",
    "day_first": rf"\b\d{{1,2}}{_TH}(?:\s+of)?\s+{_MONTH}(?![a-z])(?:,?\s*20\d\d\b)?",
    "bare": rf"{_N}\s*[日号]|(?<![\d年月])\d{{1,2}}{_TH}(?![\d年月天:%a-z])",
    "weekday": _WEEKDAY,
    "as_before": r"恢复(?:原样)?|restore",
    **{f"name_{name}": words for name, words in HOLIDAYS.items()},
    "work": _WORK,
    "rest": _REST,
    "to": r"至|到|[-–—~]+|\bto\b|\bthrough\b",
    "comma": ",",
}
_TOKENS: Final = re.compile("|".join(f"(?P<{name}>{each})" for name, each in _PATTERNS.items()))
_NOTE: Final = re.compile(r"\((?P<note>[^()\d]{0,30})\)")
_VERBS: Final = {"no_work": Verb.REST, "rest": Verb.REST, "work": Verb.WORK, "as_before": Verb.AS_BEFORE}


@dataclass(frozen=True)
class Token:
    """A word that means something, and where it stands. `value` is a day, a number of days, a weekday, a verb or a holiday."""

    kind: Kind
    start: int
    end: int
    value: int | str = 0
    month: int | None = None
    year: int | None = None


def plain(text: str) -> str:
    """The text in plain characters; a note in brackets keeps its weekday only. Every character keeps its place."""
    return _NOTE.sub(_weekday_of, fold(text))


def _weekday_of(note: re.Match[str]) -> str:
    found = re.search(_WEEKDAY, note[0])
    return (" " * found.start() + found[0] if found else "").ljust(len(note[0]))


def tokens(text: str) -> Iterator[Token]:
    """The meaningful words of plain text, in order."""
    return (_token(str(match.lastgroup), match[0], *match.span()) for match in _TOKENS.finditer(text))


def _token(name: str, words: str, start: int, end: int) -> Token:
    if name in _VERBS:
        return Token(Kind.VERB, start, end, _VERBS[name])
    if name.startswith("name_"):
        return Token(Kind.NAME, start, end, name.removeprefix("name_"))
    match name:
        case "full" | "month_day" | "slash":
            day, month, *year = reversed(_numbers(words))
            return Token(Kind.DATE, start, end, day, month, *year)
        case "english" | "day_first":
            day, *year = (int(each) for each in re.findall(r"\d+", words))
            return Token(Kind.DATE, start, end, day, _month(words), *year)
        case "weekday":
            return Token(Kind.WEEKDAY, start, end, _weekday(words))
        case "bare" | "count":
            return Token(Kind(name), start, end, *_numbers(words))
    return Token(Kind(name), start, end)


def _numbers(words: str) -> list[int]:
    return [number(each) or 0 for each in re.findall(r"\d+|[一二三四五六七八九十廿]+", words)]


def _month(words: str) -> int:
    return next(n for n, month in enumerate(MONTHS, 1) if re.search(rf"(?<![a-z]){month}", words))


def _weekday(words: str) -> int:
    return WEEK.index(words[:3]) if words.isascii() else "一二三四五六日".index(words[-1].replace("天", "日"))


def day_of(token: Token, year: int, month: int | None) -> date | None:
    """The date that the token names; None when the calendar has no such day."""
    try:
        return date(token.year or year, token.month or month or 0, int(token.value))
    except ValueError:
        return None
