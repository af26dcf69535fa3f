"""Phrases that several flows use."""

from __future__ import annotations

from models.clocks import Clock
from rules.house import House
from words import Say, say


def duty_line(house: House, clock: Clock) -> Say:
    """What the clock demands, in the words of the rulebook."""
    entry = house.rulebook.entry(clock.rule)
    return say("rule.says", zh=entry.says, en=entry.says_en)
