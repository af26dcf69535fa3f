"""Phrases that several flows use."""

from __future__ import annotations

from collections.abc import Iterable

from dialogue.owed import in_short
from models.clocks import Clock
from rules.house import House
from words import Say, Value, say


def duty_line(house: House, clock: Clock) -> Say:
    """What the clock demands, in a few words, with its article."""
    entry = house.rulebook.entry(clock.rule)
    return say("duty", what=in_short(entry), article=entry.article)


def fulfilled_lines(house: House, clocks: Iterable[Clock]) -> list[Value]:
    """Which duties a talk fulfilled, each with its article."""
    named = {clock.rule: clock for clock in clocks}
    return [say("fulfilled", duty=duty_line(house, clock)) for clock in named.values()]
