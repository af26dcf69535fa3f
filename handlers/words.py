"""Phrases that several flows use."""

from __future__ import annotations

from dialogue.owed import in_short
from models.clocks import Clock
from rules.house import House
from words import Say, say


def duty_line(house: House, clock: Clock) -> Say:
    """What the clock demands, in a few words, with its article."""
    entry = house.rulebook.entry(clock.rule)
    return say("duty", what=in_short(entry), article=entry.article)
