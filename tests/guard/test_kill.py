"""SIGKILL between any two steps of receive, handle, tick and send: nothing lost, nothing twice. See kill/ for how.

What must hold after each death are the functions in kill/checks.py; a failure names the check and the point.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FEWEST = {"contact": 30, "complaint": 20, "escalation": 50}
"""Points that a chapter has at least, or the sweep has lost its aim."""
STRIDES = {"sqlite": (1, 48), "postgresql": (2, 96)}
"""Of the edges (between transactions and around requests) and of the points within transactions, each how many-th is aimed at."""

Sweeper = subprocess.Popen[str]


@pytest.fixture(scope="module")
def sweeper() -> Iterator[Sweeper]:
    """One parent for all sweeps: what it imports and warms up takes longer than a dozen deaths."""
    command = [sys.executable, "-m", "tests.guard.kill.sweep"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate()


@pytest.mark.timeout(600)
@pytest.mark.parametrize("chapter", FEWEST)
def test_killed_at_any_point_nothing_is_lost_and_nothing_happens_twice(
    sweeper: Sweeper, database: str, chapter: str, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = database.partition(":")[0]
    assert sweeper.stdin and sweeper.stdout
    print(database, chapter, *STRIDES[engine], file=sweeper.stdin, flush=True)
    found = json.loads(sweeper.stdout.readline())
    with capsys.disabled():
        print(f"\nkilled in {chapter} on {engine}: {found['points']} points, {found['seconds']} s", file=sys.stderr)
    assert found["broken"] == []
    assert found["points"] >= FEWEST[chapter]
