"""Dates in what people type: Chinese by our own grammar, English through dateparser, both gated."""

from datetime import datetime

from reading import dates_en, dates_zh
from reading.characters import fold
from reading.when import Context, Direction, Found, Interval, When, iso
from rules.calendar import Calendar

__all__ = ["Direction", "Found", "Interval", "When", "find_date", "find_dates", "iso"]

LONGEST = 4096
"""Characters that are read: a Telegram message has no more."""


def find_dates(
    text: str, now: datetime, direction: Direction, calendar: Calendar, *, follow_bare: bool = True
) -> list[Found]:
    """All dates in the text, in order, not overlapping, with their places in the text as typed.

    `now` is aware. Instants found are in the calendar's zone. Prices, quantities, part numbers are no dates. `follow_bare`:
    whether 周五 follows a 周一 that nothing places in a week (周一开会，周五报价); in a line the Monday may be over.
    """
    local = calendar.local(now)
    context = Context(now=local, direction=direction, calendar=calendar, anchor=local.date(), follow_bare=follow_bare)
    plain = fold(text[:LONGEST])
    found = [*dates_zh.find(plain, context), *dates_en.find(plain, context)]
    return _not_overlapping(sorted(found, key=lambda each: (each.start, -each.end)))


def find_date(text: str, now: datetime, direction: Direction, calendar: Calendar) -> Found | None:
    """The first date in the text."""
    return next(iter(find_dates(text, now, direction, calendar)), None)


def _not_overlapping(found: list[Found]) -> list[Found]:
    kept: list[Found] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
