"""Said aloud: the year's rest and make-up days aren't known yet, so Monday to Friday is assumed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from dialogue.owed import Item
from rules.house import House
from words import Say, say


def assumed(house: House, days: Iterable[date]) -> Say | None:
    """One short line where one of the dates lies in a year whose arrangement isn't known; None otherwise."""
    years = sorted({day.year for day in days if not house.calendar.knows(day.year)})
    return say("calendar.assumed", years="、".join(map(str, years))) if years else None


def of_items(house: House, items: Iterable[Item]) -> Say | None:
    """Limits of complaints run by the wall clock and rest on no working day."""
    return assumed(house, (house.calendar.local(each.clock.due_at).date() for each in items if each.matter is None))
