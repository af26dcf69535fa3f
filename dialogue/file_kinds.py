"""Answers that only customers' files ask for: until when a paper is valid, somebody's birthday."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Picks
from dialogue.turn import Turn
from papers.customer_file import born
from reading.dates import Direction, find_date, iso
from words import Value, say

LONG_TERM: Final = ("长期", "长期有效", "永久", "无", "long-term", "none")
BIRTHDAY: Final = re.compile(r"(?:(\d{4})\s*[-./年]\s*)?(\d{1,2})\s*[-./月]\s*(\d{1,2})\s*[日号]?")
LEAP_YEAR: Final = 2000
OLDEST: Final = 1900


@dataclass(frozen=True)
class Expiry:
    """The last day on which a paper is valid, as ISO text; empty where it has none."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(say("paper.long_term"), "")]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        if text.strip().lower() in LONG_TERM:
            return ""
        found = find_date(text, turn.local_now, Direction.FUTURE, turn.house.calendar)
        if found is None:
            raise WrongAnswerError(say("wrong.expiry"))
        day = _last_day(iso(found.value))
        if day < turn.today:
            raise WrongAnswerError(say("wrong.expired", day=day))
        return day.isoformat()

    def show(self, turn: Turn, value: Any) -> Value:
        return say("when", value=value) if value else say("paper.long_term")


def _last_day(text: str) -> date:
    first, _, last = text.partition("/")
    if last and "T" not in last:
        return date.fromisoformat(last) - timedelta(days=1)
    return date.fromisoformat((last or first)[:10])


@dataclass(frozen=True)
class Birthday:
    """1975-03-02, or 03-02 where nobody knows the year."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = BIRTHDAY.fullmatch(text.strip()) if text.isascii() or len(text) < 20 else None
        if found is None:
            raise WrongAnswerError(say("wrong.birthday"))
        year, month, day = (int(each) if each else LEAP_YEAR for each in found.groups())
        try:
            known = date(year, month, day)
        except ValueError:
            raise WrongAnswerError(say("wrong.birthday")) from None
        if not year >= OLDEST or known > turn.today:
            raise WrongAnswerError(say("wrong.birthday"))
        return f"{known:%Y-%m-%d}" if found[1] else f"{known:%m-%d}"

    def show(self, turn: Turn, value: Any) -> Value:
        return born(str(value))
