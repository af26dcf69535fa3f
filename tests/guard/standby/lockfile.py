"""On SQLite the lock file says who works; nobody stands by, who comes second refuses with a sentence."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path

from tests.guard.standby.cluster import Cluster, Member, cluster, until

REFUSED = 2
SENTENCE = "另一个 keguan 正在用"


async def only_one_works(folder: Path, database: str, command: Sequence[str], size: int) -> list[str]:
    """`size` processes at once; then one more beside a stopped and one after a killed one. Returns what is wrong."""
    async with cluster(folder, database, command) as made:
        await asyncio.gather(*(made.starts() for _ in range(size)))
        wrong = await _one_is_left(made)
        (worker,) = _alive(made)
        worker.strikes(signal.SIGSTOP)
        await made.starts()
        wrong += await _one_is_left(made)
        worker.strikes(signal.SIGKILL)
        await worker.ends()
        next_one = await made.starts()
        await until(lambda: bool(next_one.wire.said))
    return wrong


async def _one_is_left(made: Cluster) -> list[str]:
    """Wait until all but one ended, and look how."""
    await until(lambda: len(_alive(made)) == 1)
    (worker,) = _alive(made)
    others = [each for each in made.members if each is not worker]
    await until(lambda: bool(worker.wire.said))
    return [
        f"a second process ended with {each.process.returncode}, having said {len(each.wire.said)} things:\n{each.log.read_text()}"
        for each in others
        if each.process.returncode != REFUSED or each.wire.said or SENTENCE not in each.log.read_text()
    ]


def _alive(made: Cluster) -> list[Member]:
    return [each for each in made.members if each.process.returncode is None]
