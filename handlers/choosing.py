"""What lists with filters share: which unit, which tier, and the way to the pages before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dialogue.values import Button, Reply, Screen, columns
from models.people import Unit, key
from rules.roles import Tier
from words import Say, Value, say

Args = Mapping[str, Any]


def choice(question: Say, deed: str, options: Iterable[tuple[Value, Args]], wide: int = 2) -> Reply:
    """A card of answers, each of which leads back to the list."""
    return Reply(Screen(question, columns([Button(_label(name), deed, args) for name, args in options], wide)))


def _label(name: Value) -> Say:
    return name if isinstance(name, Say) else say("text", text=name)


def which_unit(deed: str, but: Callable[..., Args], units: Iterable[Unit]) -> Reply:
    options: list[tuple[Value, Args]] = [(each.name, but(unit=key(each))) for each in units]
    return choice(say("ledger.which_unit"), deed, [*options, (say("button.all_units"), but(unit=None))])


def which_tier(deed: str, but: Callable[..., Args]) -> Reply:
    options: list[tuple[Value, Args]] = [(say(f"tier.{each}"), but(tier=each.value)) for each in Tier]
    return choice(say("ledger.which_tier"), deed, [*options, (say("button.all_tiers"), but(tier=None))])


def turning(deed: str, page: int, last: int, to: Callable[[int], Args]) -> list[Button]:
    """To the page before and the one after."""
    before = [Button(say("button.earlier"), deed, to(page - 1))] if page else []
    return before + ([Button(say("button.more"), deed, to(page + 1))] if page < last else [])
