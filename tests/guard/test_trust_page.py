"""The page of figures: a part replaces its own last run and leaves the others alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from bench.trust.figures import Figures, keep

DAY = datetime(2026, 11, 23, tzinfo=UTC)


def figures(title: str, number: str, *broken: str) -> Figures:
    return Figures(title, "It holds.", ("deaths",), [[number]], broken)


def test_a_part_replaces_its_own_last_run_only(tmp_path: Path) -> None:
    page = tmp_path / "trust.md"
    for each in (figures("Kills", "1"), figures("Faults", "2"), figures("Kills", "3", "a case")):
        keep(each, DAY, page)
    text = page.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## Faults", "## Kills"]
    assert "| 1 |" not in text
    assert "| 2 |" in text
    assert "| 3 |\n\n1 broken\n" in text
    assert text.count("2026-11-23 · ") == 2
