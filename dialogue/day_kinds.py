"""Kinds of answer about working days: a pasted notice, its year, single days that rest or are worked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Picks
from dialogue.turn import Turn
from reading.arrangement import arrangement, single_days, year_named
from words import Say, Value, say

AHEAD = 2
"""Years beyond this one for which working days may be entered."""


def need_year(turn: Turn, year: int) -> int:
    """Raises `WrongAnswerError` for a year that is neither near nor this one."""
    first = turn.today.year
    if not first <= year <= first + AHEAD:
        raise WrongAnswerError(say("wrong.calendar_year", year=str(year), first=str(first), last=str(first + AHEAD)))
    return year


@dataclass(frozen=True)
class Notice:
    """通知全文，粘贴即可 / the text of a notice, pasted"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        named = year_named(text)
        if named is not None:
            need_year(turn, named)
        if not arrangement(text, turn.today.year + 1).days:
            raise WrongAnswerError(say("wrong.notice"))
        return text

    def show(self, turn: Turn, value: Any) -> Value:
        return say("calendar.notice_of", count=len(str(value)))


@dataclass(frozen=True)
class NoticeYear:
    """年份 / a year"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(str(year), year) for year in (turn.today.year, turn.today.year + 1)]

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        digits = text.strip().removesuffix("年").strip()
        if not (digits.isascii() and digits.isdigit() and len(digits) == 4):
            raise WrongAnswerError(say("wrong.year"))
        return need_year(turn, int(digits))

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


@dataclass(frozen=True)
class DayChanges:
    """日期加 休、班 或 恢复 / days with off, work or restore"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> list[list[Any]]:
        """Added to what was said before; the last word on a day counts. In a notice, days are of its year."""
        year = answers.get("year")
        found, _ = single_days(text, date(year, 1, 1) if year else turn.today)
        if not found:
            raise WrongAnswerError(say("wrong.single_day"))
        for each in found:
            need_year(turn, each.day.year)
        before = dict(answers.get("days", []))
        before |= {each.day.isoformat(): each.works for each in found}
        return [[day, works] for day, works in sorted(before.items())]

    def show(self, turn: Turn, value: Any) -> Value:
        return say("list", items=[day_said(date.fromisoformat(day), works) for day, works in value])


def day_said(day: date, works: bool | None) -> Say:
    return say("calendar.day", day=day, what=what_said(works))


def what_said(works: bool | None) -> Say:
    if works is None:
        return say("calendar.as_before")
    return say("calendar.work") if works else say("calendar.rest")
