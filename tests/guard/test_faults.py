"""Whatever befalls a message on its way, what the company promised comes of it. See faults/ for the promise and the cases.

The cases are generated: each trouble × class × act × once, twice, for ever; a failure names the case, what was promised to it
and what came. All of it on both engines, and every pair of troubles, are measured by `make bench-trust`.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from simulator.faults import KINDS
from tests.guard.faults import calls, cases
from tests.guard.faults.promise import SCRIPTED, Act, Case, Fate, fate
from tests.guard.faults.sweep import Fresh, sweep_calls, sweep_mail

FEWEST = 350


@pytest.fixture
def fresh(furnished: Path, tmp_path: Path) -> Fresh:
    numbers = count()

    @contextmanager
    def copied() -> Iterator[str]:
        path = tmp_path / f"keguan{next(numbers)}.db"
        shutil.copy(furnished, path)
        yield f"sqlite:///{path}"

    return copied


def tells(capsys: pytest.CaptureFixture[str], what: str, number: int) -> None:
    with capsys.disabled():
        print(f"\n{what}: {number} cases", file=sys.stderr)


@pytest.mark.timeout(300)
def test_whatever_befalls_a_message_its_promise_is_kept(fresh: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    swept = sweep_mail(cases.brief(), fresh)
    tells(capsys, "messages in trouble", len(swept.outcomes))
    assert swept.broken == []
    assert len(swept.outcomes) >= FEWEST


@pytest.mark.timeout(300)
def test_nor_is_anything_lost_by_two_troubles_in_a_row(fresh: Fresh, capsys: pytest.CaptureFixture[str]) -> None:
    swept = sweep_mail(cases.examples(cases.in_a_row()), fresh)
    tells(capsys, "two troubles in a row", len(swept.outcomes))
    assert swept.broken == []
    assert len(swept.outcomes) >= 50


@pytest.mark.timeout(300)
def test_the_running_product_outlives_every_refusal_but_that_of_its_token(
    fresh: Fresh, capsys: pytest.CaptureFixture[str]
) -> None:
    survived = sweep_calls(calls.few_calls(), fresh)
    tells(capsys, "other calls in trouble", len(survived))
    assert [wrong for each in survived for wrong in each.broken] == []
    assert len(survived) >= 20


def test_every_fault_of_the_simulated_telegram_is_in_the_table() -> None:
    """A 409 is the answer to a second poller: no message ever gets it."""
    assert set(KINDS) - set(SCRIPTED) == {"conflict"}
    assert "conflict" in calls.TROUBLES


PROMISED: Sequence[tuple[str, Act, tuple[str, ...], Fate]] = (
    # class, act, troubles, what the words of the promise come to
    ("escalation", Act.MESSAGE, ("accept_then_hang",), Fate("sent", plain=1, marked=1, tries=2)),
    ("receipt", Act.MESSAGE, ("never_answer",), Fate("sent", marked=1, tries=2)),
    ("escalation", Act.MESSAGE, ("garbage",) * 3, Fate("uncertain", plain=1, marked=2, next=1, tries=3)),
    ("reminder", Act.MESSAGE, ("garbage",), Fate("uncertain", plain=1, tries=1)),
    ("digest", Act.MESSAGE, ("refuse",), Fate("uncertain", tries=1)),
    ("reply", Act.FILE, ("accept_then_reset",), Fate("uncertain", plain=1, tries=1)),
    ("reply", Act.EDIT, ("accept_then_reset",), Fate("sent", plain=1, tries=2)),
    ("digest", Act.MESSAGE, ("flood", "flood"), Fate("sent", plain=1, tries=3)),
    ("receipt", Act.MESSAGE, ("forbidden",), Fate("failed", next=1, tries=1)),
    ("reply", Act.MESSAGE, ("forbidden",), Fate("failed", tries=1)),
    ("escalation", Act.MESSAGE, ("bad_request",), Fate("failed", tries=1)),
    ("escalation", Act.MESSAGE, ("unauthorized",), Fate("sent", plain=1, tries=2)),
    ("reply", Act.MESSAGE, ("migrate",), Fate("sent", plain=1, tries=2)),
    ("receipt", Act.MESSAGE, ("refuse", "forbidden"), Fate("failed", next=1, tries=2)),
)


@pytest.mark.parametrize(("kind", "act", "troubles", "expected"), PROMISED)
def test_the_promise_is_read_as_it_is_written(kind: str, act: Act, troubles: tuple[str, ...], expected: Fate) -> None:
    assert fate(Case(kind, act, troubles)) == expected
