"""Answers that only tiers and preferences ask for: another tier, the first and the last day of a preference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Choice, Picks
from dialogue.turn import Turn
from models.customers import Customer
from reading.dates import Direction, find_date, iso
from rules.calendar import ONE_DAY
from words import Value, say

LONGEST: Final = timedelta(days=5 * 366)
"""A preference that runs longer is to be decided anew."""


class OtherTier(Choice):
    """A tier that the customer does not have yet."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [each for each in super().picks(turn, answers) if each[1] != _tier(turn, answers)]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = super().read(turn, answers, text)
        need_other(_tier(turn, answers), found)
        return found


def need_other(before: str | None, after: str) -> None:
    """Raises `WrongAnswerError` where nothing would change."""
    if before == after:
        raise WrongAnswerError(say("wrong.same_tier", tier=say(f"tier.{after}")))


def _tier(turn: Turn, answers: Answers) -> str | None:
    found = turn.session.get(Customer, answers.get("customer"))
    return found.tier if found else None


@dataclass(frozen=True)
class FirstDay:
    """从哪天起（今天或以后） / the first day, today or later"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        month = (turn.today.replace(day=1) + timedelta(days=32)).replace(day=1)
        return [(say("when.on_day", day=day), day.isoformat()) for day in (turn.today, month)]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        day = _day(turn, text)
        if day < turn.today:
            raise WrongAnswerError(say("wrong.first_day", day=turn.today))
        return _near(turn, day)

    def show(self, turn: Turn, value: Any) -> Value:
        return say("when", value=value)


@dataclass(frozen=True)
class LastDay:
    """到哪天止 / the last day"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        first = date.fromisoformat(answers["starts"]) if "starts" in answers else turn.today
        year = first + timedelta(days=365) - ONE_DAY
        ends = [each for each in (date(first.year, 12, 31), year) if each > first]
        return [(say("when.on_day", day=day), day.isoformat()) for day in ends]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        day = _day(turn, text)
        need_order(turn, answers.get("starts"), day.isoformat())
        return _near(turn, day)

    def show(self, turn: Turn, value: Any) -> Value:
        return say("when", value=value)


def need_order(turn: Turn, starts: str | None, ends: str) -> None:
    """Raises `WrongAnswerError` for a last day that is over, or before the first."""
    first = max(date.fromisoformat(starts) if starts else turn.today, turn.today)
    if date.fromisoformat(ends) < first:
        raise WrongAnswerError(say("wrong.last_day", day=first))


def _day(turn: Turn, text: str) -> date:
    found = find_date(text, turn.local_now, Direction.FUTURE, turn.house.calendar)
    if found is None:
        raise WrongAnswerError(say("wrong.day"))
    first = iso(found.value).partition("/")[0]
    return datetime.fromisoformat(first).date()


def _near(turn: Turn, day: date) -> str:
    if day > turn.today + LONGEST:
        raise WrongAnswerError(say("wrong.too_far", day=turn.today + LONGEST))
    return day.isoformat()
