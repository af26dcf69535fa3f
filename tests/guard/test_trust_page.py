"""The page of figures: a part replaces its own last run and leaves the others alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bench.trust.figures import Figures, keep
from bench.trust.kept import Kept

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


def test_a_part_that_was_stopped_goes_on_where_it_was(tmp_path: Path) -> None:
    Kept("fuzz", "v1", tmp_path).put("seed 7", {"updates": 3})
    assert Kept("fuzz", "v1", tmp_path).get("seed 7") == {"updates": 3}


@pytest.mark.parametrize(("part", "of"), [("fuzz", "v2"), ("kills", "v1")], ids=["a changed project", "another part"])
def test_what_was_found_counts_for_that_part_of_that_version_alone(tmp_path: Path, part: str, of: str) -> None:
    Kept("fuzz", "v1", tmp_path).put("seed 7", {"updates": 3})
    assert Kept(part, of, tmp_path).get("seed 7") is None


def test_a_part_that_is_whole_begins_anew(tmp_path: Path) -> None:
    kept = Kept("fuzz", "v1", tmp_path)
    kept.put("seed 7", {"updates": 3})
    kept.forget()
    assert Kept("fuzz", "v1", tmp_path).get("seed 7") is None
