"""Does anybody notice? Every guard is taken out of a copy of the project, one at a time, and the test named for it has to fail.

`python -m bench.trust.guards lock chain` tries only those with one of these words in their names, after a change of the list.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue
from typing import Final
from xml.etree import ElementTree

from bench.trust.figures import Figures
from bench.trust.forked import forks, run
from bench.trust.guard_list import ROOT, Guard, guards
from bench.trust.kept import Kept, tracked

FORKS: Final = forks()
QUICK: Final = ("-q", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
PATIENCE: Final = 60
"""Seconds for one test, with or without its guard."""
NO_ANSWER: Final = ("ImportError", "ModuleNotFoundError", "SyntaxError", "NameError", "Failed: Timeout")
"""A test that fails so was not stopped by what the guard protects."""


class Verdict(StrEnum):
    RED = "red"  # the test fails, as it must
    SURVIVED = "survived"  # the guard is gone and nobody noticed
    NOT_GREEN = "not green with the guard in place"
    BROKEN_OFF = "broken off for another reason"


@dataclass(frozen=True)
class Tried:
    guard: Guard
    verdict: Verdict
    seconds: float
    why: str = ""


@dataclass(frozen=True)
class Case:
    """What pytest said of one test. `failed`: the first lines of what went wrong in it; `error`: why it could not be begun."""

    name: str
    failed: str | None = None
    error: str | None = None

    @property
    def passed(self) -> bool:
        return self.failed is None and self.error is None

    def belongs_to(self, test: str) -> bool:
        """Without brackets a test means all its cases."""
        return test in (self.name, self.name.partition("[")[0])


def measure(wanted: Sequence[Guard] | None = None) -> Figures:
    kept = Kept("guards") if wanted is None else None
    chosen = guards() if wanted is None else wanted
    known = {each: kept.get(each.name) for each in chosen} if kept else {}
    before = [Tried(each, Verdict.RED, seconds) for each, seconds in known.items() if seconds]
    found = [*before, *_measured([each for each in chosen if not known.get(each)], kept)]
    broken = [f"{each.guard.name}: {each.verdict} {each.why} ({each.guard.test})" for each in _not_red(found)]
    if kept:
        kept.forget()
    return Figures(
        title="Guards removed",
        says="Each guard is taken out alone; the test that is named for it fails, and not because the code can't be read.",
        heads=("row of trust.md", "guards", "red", "survived", "s"),
        rows=[*_rows(found), _row("all", found)],
        broken=broken,
    )


def _measured(chosen: Sequence[Guard], kept: Kept | None) -> list[Tried]:
    with tempfile.TemporaryDirectory(prefix="keguan-guards-") as folder:
        first = _copy(Path(folder) / "0")
        whole = _green(first, chosen)
        more = range(1, len(os.sched_getaffinity(0)))
        copies = [first, *(Path(shutil.copytree(first, first.with_name(str(number)))) for number in more)]
        lost = [Tried(each, Verdict.NOT_GREEN, 0) for each in chosen if each.test not in whole]
        return [*lost, *_tried(copies, [each for each in chosen if each.test in whole], kept)]


def _not_red(found: Sequence[Tried]) -> list[Tried]:
    return [each for each in found if each.verdict is not Verdict.RED]


def _rows(found: Sequence[Tried]) -> Iterator[list[str]]:
    for row in sorted({each.guard.row for each in found}):
        yield _row(str(row), [each for each in found if each.guard.row == row])


def _row(name: str, found: Sequence[Tried]) -> list[str]:
    survived = len(_not_red(found))
    seconds = sum(each.seconds for each in found)
    return [name, str(len(found)), str(len(found) - survived), str(survived), f"{seconds:.0f}"]


# The copies


def _copy(to: Path) -> Path:
    """Of what git keeps. Each worker has one: a guard that is out in one of them is in place in the others."""
    for name in tracked():
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, to / name)
    here = {**os.environ, "PYTHONPATH": str(to)}
    subprocess.run([sys.executable, "-m", "words"], cwd=to, env=here, check=True, capture_output=True)
    return to


def _pytest(copy: Path, tests: Sequence[str], *options: str, keep: bool = False) -> list[Case]:
    """One case at least: where pytest could not begin at all, one that says why."""
    report, said = copy / "report.xml", copy / "said.txt"
    report.unlink(missing_ok=True)
    words = [*QUICK, f"--timeout={PATIENCE}", f"--junitxml={report}", *options]
    process = FORKS.Process(target=run, args=(copy, [*words, *tests], said, keep))
    process.start()
    process.join()
    cases = [_case(each) for each in ElementTree.parse(report).iter("testcase")] if report.exists() else []
    return cases or [Case("pytest", error=said.read_text(encoding="utf-8")[-300:])]


def _case(case: ElementTree.Element) -> Case:
    failure, error = (case.find(kind) for kind in ("failure", "error"))
    file = case.get("classname", "").replace(".", "/")
    return Case(
        f"{file}.py::{case.get('name')}",
        None if failure is None else failure.get("message", ""),
        None if error is None else error.get("message", ""),
    )


# The tests


def _green(copy: Path, chosen: Sequence[Guard]) -> set[str]:
    """The tests that pass while everything is in place: all at once; one by one where a name is wrong, which stops all."""
    tests = list(dict.fromkeys(each.test for each in chosen))
    cases = _pytest(copy, tests, keep=True)
    if [each.name for each in cases] == ["pytest"]:
        cases = [case for each in tests for case in _pytest(copy, [each], keep=True)]
    ran = {each: [case for case in cases if case.belongs_to(each)] for each in tests}
    return {test for test, found in ran.items() if found and all(case.passed for case in found)}


def _tried(copies: Sequence[Path], chosen: Sequence[Guard], kept: Kept | None) -> list[Tried]:
    free: SimpleQueue[Path] = SimpleQueue()
    for each in copies:
        free.put(each)

    def one(guard: Guard) -> Tried:
        copy = free.get()
        try:
            tried = _try(copy, guard)
            if kept and tried.verdict is Verdict.RED:
                kept.put(guard.name, tried.seconds)
            return tried
        finally:
            free.put(copy)

    with ThreadPoolExecutor(len(copies)) as workers:
        return list(workers.map(one, chosen))


def _try(copy: Path, guard: Guard) -> Tried:
    began = time.monotonic()
    with _without(copy, guard):
        cases = _pytest(copy, [guard.test], "-x")
    verdict, why = _judged(cases)
    tried = Tried(guard, verdict, time.monotonic() - began, why)
    print(f"{verdict:10} {tried.seconds:5.1f} s  {guard.name}", flush=True)
    return tried


def _judged(cases: Sequence[Case]) -> tuple[Verdict, str]:
    if all(each.passed for each in cases):
        return Verdict.SURVIVED, ""
    failed = next((each.failed for each in cases if each.failed is not None), None)
    why = (failed or next((each.error for each in cases if each.error), "")).partition("\n")[0][:200]
    wrong = failed is None or why.startswith(NO_ANSWER)
    return Verdict.BROKEN_OFF if wrong else Verdict.RED, why


@contextmanager
def _without(copy: Path, guard: Guard) -> Iterator[None]:
    """The file is compiled first: what can't be read is no removed guard. Its time is one of its own, so that what Python has
    compiled and kept, of the whole or without another guard, is not taken for it; put back, the old time counts again."""
    file = copy / guard.file
    whole, at = file.read_text(encoding="utf-8"), file.stat()
    mutilated = guard.removed_from(whole)
    compile(mutilated, guard.file, "exec")
    try:
        file.write_text(mutilated, encoding="utf-8")
        os.utime(file, (at.st_atime, time.time() + 3600))
        yield
    finally:
        file.write_text(whole, encoding="utf-8")
        os.utime(file, ns=(at.st_atime_ns, at.st_mtime_ns))


def main() -> int:
    words = sys.argv[1:]
    figures = measure([each for each in guards() if not words or any(word in each.name for word in words)])
    print(figures.text(), *(f"BROKEN {each}" for each in figures.broken), sep="\n")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    sys.exit(main())
