"""From when on next year's 放假安排 is asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from models.working_days import year_asked_for
from rules.house import House

YEARS = [
    # today, the year that is asked for
    ("2026-10-31", None),
    ("2026-11-01", 2027),
    ("2026-12-31", 2027),
    ("2027-01-02", 2027),
]


@pytest.mark.parametrize(("today", "year"), YEARS)
def test_the_next_year_is_asked_for_from_the_first_of_november(house: House, today: str, year: int | None) -> None:
    now = datetime.fromisoformat(f"{today}T09:00").replace(tzinfo=house.calendar.tz)
    assert year_asked_for(house, now) == year
    arranged = replace(house, calendar=replace(house.calendar, arranged=frozenset({2027})))
    assert year_asked_for(arranged, now) is None
