"""Periods of reports, as people say them."""

from __future__ import annotations

from datetime import date

import pytest

from reading.periods import read_period
from rules.periods import Period
from rules.spans import Span

TODAY = date(2026, 11, 23)
SAID = {
    "本月": "2026-11", "上月": "2026-10", "上个月": "2026-10", "本季": "2026-Q4", "上季度": "2026-Q3", "上季": "2026-Q3",
    "今年": "2026", "去年": "2025", "上半年": "2026-H1", "下半年": "2026-H2", "三季度": "2026-Q3", "第一季度": "2026-Q1",
    "2025年第四季度": "2025-Q4", "去年三季度": "2025-Q3", "2026Q3": "2026-Q3", "Q3 2026": "2026-Q3", "2026-q2": "2026-Q2",
    "9月": "2026-09", "12月": "2025-12", "2026年9月": "2026-09", "2026-09": "2026-09", "2025年": "2025", "2025": "2025",
    "last month": "2026-10", "this quarter": "2026-Q4", "last year": "2025", "H1": "2026-H1", "first half of 2026": "2026-H1",
    "2025年下半年": "2025-H2", "二〇二六": None, "上上月": None, "13月": None, "五季度": None, "": None, "华航橡胶": None,
    "2026-Q5": None, "1999": None, "2026-13": None, "²月": None, "今月": "2026-11",
}  # fmt: skip


@pytest.mark.parametrize(("said", "name"), SAID.items())
def test_a_period_is_read_as_it_is_said(said: str, name: str | None) -> None:
    found = read_period(said, TODAY)
    assert (found.name if found else None) == name
    assert found is None or Period.named(found.name) == found


@pytest.mark.parametrize(
    ("name", "first", "last", "before"),
    [
        ("2026-11", "2026-11-01", "2026-11-30", "2026-10"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4"),
        ("2024-H1", "2024-01-01", "2024-06-30", "2023-H2"),
        ("2026-H2", "2026-07-01", "2026-12-31", "2026-H1"),
        ("2026", "2026-01-01", "2026-12-31", "2025"),
    ],
)
def test_a_period_is_whole_months(name: str, first: str, last: str, before: str) -> None:
    period = Period.named(name)
    assert period is not None
    assert period.span == Span(date.fromisoformat(first), date.fromisoformat(last))
    assert period.before.name == before
