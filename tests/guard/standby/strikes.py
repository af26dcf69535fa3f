"""What befalls a leader: killed, stopped, cut off. Another takes over, and the former does nothing any more."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.company import PEOPLE
from tests.guard.standby.cluster import CUT_ALL, CUT_LEAD, Cluster, Member, cluster, until
from tests.guard.standby.crowd import Crowd, broken, outbox_is_empty

LOST, KILLED = 2, -signal.SIGKILL
PROBE = PEOPLE["vp"][2]


@dataclass(frozen=True)
class Takeover:
    """Seconds from the strike until another leader spoke to Telegram, and until a line typed at the strike was answered."""

    strike: str
    spoke: float
    answered: float


@dataclass
class Watch:
    """What was seen of it all."""

    takeovers: list[Takeover] = field(default_factory=list)
    lines: int = 0
    broken: list[str] = field(default_factory=list)


async def killed(_: Cluster, leader: Member) -> int:
    leader.strikes(signal.SIGKILL)
    return KILLED


async def cut(cluster: Cluster, _: Member) -> int:
    """The connection that holds the lock; the others go on."""
    cluster.asks(CUT_LEAD)
    return LOST


async def cut_whole(cluster: Cluster, _: Member) -> int:
    """Every connection to the database: no process survives that, all are started again."""
    cluster.asks(CUT_ALL)
    await asyncio.gather(*(cluster.joins() for _ in cluster.members[:]))
    return LOST


async def stopped(_: Cluster, leader: Member) -> int:
    leader.strikes(signal.SIGSTOP)
    return LOST


Strike = Callable[[Cluster, Member], Awaitable[int]]
STRIKES: dict[str, Strike] = {"killed": killed, "cut": cut, "cut_whole": cut_whole, "stopped": stopped}


async def endure(
    folder: Path, database: str, command: Sequence[str], size: int, plan: Sequence[str], stop: float
) -> Watch:
    """`size` processes and busy people; the strikes of the plan one by one, a stopped leader goes on after `stop` seconds."""
    seen = Watch()
    async with cluster(folder, database, command) as made:
        await asyncio.gather(*(made.joins() for _ in range(size)))
        await made.leads()
        crowd = Crowd(made)
        working = asyncio.create_task(crowd.works())
        for name in plan:
            await _suffer(made, name, seen, stop)
        crowd.goes_home()
        await working
        await outbox_is_empty(made)
        seen.lines = len(crowd.passwords)
        seen.broken += broken(crowd, len(plan))
    return seen


async def _suffer(cluster: Cluster, name: str, seen: Watch, stop: float) -> None:
    leader = await cluster.leads()
    others = [each for each in cluster.members if each is not leader]
    struck = time.monotonic()
    end = await STRIKES[name](cluster, leader)
    cluster.telegram.says(PROBE, "我的")
    before = len(cluster.telegram.chat(PROBE))
    successor = await cluster.leads(leader)
    await until(lambda: len(cluster.telegram.chat(PROBE)) > before)
    answered = time.monotonic() - struck
    seen.takeovers.append(Takeover(name, successor.wire.said[0] - struck, answered))
    woken = successor.wire.said[0]
    if name == "stopped":
        await until(lambda: time.monotonic() > struck + stop, stop + 1)
        woken = time.monotonic()
        leader.strikes(signal.SIGCONT)
    if (code := await leader.ends()) != end:
        seen.broken.append(
            f"{name}: the former leader ended with {code} instead of {end}: {leader.log.read_text()[-500:]}"
        )
    late = [each - woken for each in leader.wire.said if each > woken]
    if late:
        seen.broken.append(f"{name}: the former leader spoke to Telegram {late} s after another led")
    cluster.buries(leader)
    if name == "cut_whole":
        for each in others:
            await each.ends()
            cluster.buries(each)
    else:
        await cluster.joins()
