"""Answers that only a change of the rules asks for: which rule, which of its numbers, the new one, and from which day on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Picks
from dialogue.owed import in_short
from dialogue.rule_changes import entry_of, number_said
from dialogue.turn import Turn
from models import rule_changes
from reading.dates import Direction, find_date, iso
from reading.names import normalise
from rules.changing import CADENCE, CanNotEditError, first_day_from, first_days, normalised, number, numbers
from rules.entries import Article
from rules.problems import Problem
from rules.rulebook import RulebookError
from words import Say, Value, say

LONGEST: Final = 60
FURTHEST: Final = timedelta(days=3 * 366)
KNOWN: Final = ("period", "span", "too_small", "too_large", "type")
"""What can be wrong with a number alone."""


@dataclass(frozen=True)
class Changeable:
    """制度编号，如 R14.3 / a rule by its name, such as R14.3"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(say("rule_change.pick", rule=each.id, short=in_short(each)), each.id) for each in changeable(turn)]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        plain = normalise(text)
        for each in changeable(turn):
            if plain in (normalise(each.id), normalise(each.short), normalise(each.short_en)):
                return each.id
        raise WrongAnswerError(say("wrong.rule", text=text[:30]))

    def show(self, turn: Turn, value: Any) -> Value:
        entry = entry_of(turn.house, value)
        return say("rule_change.pick", rule=value, short=in_short(entry)) if entry else str(value)


def changeable(turn: Turn) -> list[Article]:
    """The rules with a number that may be changed here."""
    return [each for each in turn.house.rulebook.entries if numbers(each)]


@dataclass(frozen=True)
class WhichNumber:
    """这条规定里的一个数字 / one of that rule's numbers"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        entry = entry_of(turn.house, answers.get("rule", ""))
        return [
            (
                say("rule_change.number", key=say(f"rule_key.{each.key}"), written=number_said(each.key, each.written)),
                each.key,
            )
            for each in (numbers(entry) if entry else [])
        ]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        for _, value in self.picks(turn, answers):
            if normalise(text) in (normalise(str(value)), normalise(turn.voice.plain(say(f"rule_key.{value}")))):
                return str(value)
        raise WrongAnswerError(say("wrong.choice", text=text[:50]))

    def show(self, turn: Turn, value: Any) -> Value:
        return say(f"rule_key.{value}")


def only_number(turn: Turn, answers: Answers) -> str | None:
    entry = entry_of(turn.house, answers.get("rule", ""))
    found = numbers(entry) if entry else []
    return found[0].key if len(found) == 1 else None


@dataclass(frozen=True)
class NewNumber:
    """新的数字，写法同制度簿：2、36h、7 days、1 week / the new number as the rulebook writes it: 2, 36h, 7 days, 1 week"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        return checked(turn, answers.get("rule", ""), answers.get("rule_key", ""), text)

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


def checked(turn: Turn, rule: str, key: str, text: str) -> str:
    """As it will stand in the rulebook, which is read with it as `keguan check` reads it. Raises `WrongAnswerError`."""
    stands = number(turn.house.rulebook, rule, key)
    if stands is None:
        raise WrongAnswerError(say("wrong.rule", text=rule[:30]))
    value = normalised(text[:LONGEST])
    try:
        new = rule_changes.tried(turn.session, turn.house, rule, key, value)
    except RulebookError as wrong:
        raise WrongAnswerError(_in_words(wrong.problems[0], key)) from None
    except CanNotEditError:
        raise WrongAnswerError(say("wrong.rule_by_hand")) from None
    after = number(new, rule, key)
    if after is None or after.written == stands.written:
        raise WrongAnswerError(say("wrong.same_number", written=number_said(key, stands.written)))
    return after.written


def _in_words(problem: Problem, key: str) -> Say:
    """What the check says of it, with the number as people call it."""
    if problem.key not in KNOWN:
        return say("wrong.rule_value", what=problem.what, expected=problem.expected)
    values: dict[str, Value] = {**problem.values, "name": say(f"rule_key.{key}")}
    return say(f"wrong.rule_{problem.key}", **values)


@dataclass(frozen=True)
class FromDay:
    """从哪天起：考核周期的第一天；其他数字明天起任一天 / the first day of a period to come; for other numbers any day to come"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        days = _days(turn, answers)
        return [(say("when.on_day", day=day), day.isoformat()) for day in days]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = find_date(text, turn.local_now, Direction.FUTURE, turn.house.calendar)
        if found is None:
            raise WrongAnswerError(say("wrong.day"))
        day = datetime.fromisoformat(iso(found.value).partition("/")[0]).date()
        need_day(turn, answers, day)
        return day.isoformat()

    def show(self, turn: Turn, value: Any) -> Value:
        return say("when", value=value)


def need_day(turn: Turn, answers: Answers, day: date) -> None:
    """Raises `WrongAnswerError` for a day on which it can't begin."""
    entry, key = entry_of(turn.house, answers.get("rule", "")), answers.get("rule_key", "")
    offered = [(say("when.on_day", day=each), each.isoformat()) for each in _days(turn, answers)]
    if day <= turn.today:
        raise WrongAnswerError(say("wrong.rule_past"), offered)
    if day > turn.today + FURTHEST:
        raise WrongAnswerError(say("wrong.too_far", day=turn.today + FURTHEST), offered)
    if entry is not None and key in CADENCE and first_day_from(entry, key, day, turn.today) != day:
        raise WrongAnswerError(say("wrong.rule_mid_period"), offered)


def _days(turn: Turn, answers: Answers) -> list[date]:
    entry = entry_of(turn.house, answers.get("rule", ""))
    return first_days(entry, answers.get("rule_key", ""), turn.today) if entry else []


def first_possible(turn: Turn, answers: Answers) -> str | None:
    days = _days(turn, answers) if "rule_key" in answers else []
    return days[0].isoformat() if days else None
