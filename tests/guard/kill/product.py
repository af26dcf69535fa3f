"""The product: in this process, or in a forked one that is killed while it works."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from multiprocessing import Pipe
from multiprocessing.connection import Connection

from bot.clock import Clock
from bot.config import Config, TelegramSection
from bot.service import Service
from models.store import Store
from rules.house import House
from tests.guard.kill.points import Points
from tests.guard.kill.story import CHAIN_KEY
from tests.office import quick_limiter


@dataclass(frozen=True)
class Death:
    """At the `point`-th point, or after so many seconds of life."""

    point: int | None = None
    seconds: float | None = None


NEVER = Death()


@dataclass(frozen=True)
class Life:
    token: str
    base_url: str
    database: str
    house: House
    death: Death = NEVER


@dataclass(frozen=True)
class Work:
    """Everything that there is to do at `now`; with what falls due, if `tick`."""

    now: datetime
    tick: bool


class Product:
    """The service, counting the points that it passes."""

    def __init__(self, life: Life, now: datetime) -> None:
        self.points = Points(life.death.point)
        self._store = Store(life.database)
        self._clock = Clock(now, still=True)
        self.points.watch(self._store.engine)
        config = Config(telegram=TelegramSection(token=life.token, base_url=life.base_url))
        wire = partial(self.points.bot, life.token, life.base_url)
        self._service = Service(config, self._store, life.house, self._clock, quick_limiter(), wire, CHAIN_KEY)

    async def starts(self) -> None:
        await self._service.start()

    async def works(self, work: Work) -> None:
        self._clock.move(work.now - self._clock.now())
        if work.tick:
            await self._service.tick()
        await self._service.settle()

    async def stops(self) -> None:
        await self._service.stop()
        self._store.close()


class Child:
    """A forked process and the pipe to it. Fork before there are threads, event loops or open databases."""

    def __init__(self, work: Callable[[Connection], None]) -> None:
        self.pipe, theirs = Pipe()
        self.pid = os.fork()
        if not self.pid:
            self.pipe.close()
            _end(work, theirs)
        theirs.close()

    def ended(self) -> int:
        """Wait for its end. Returns the exit code, or minus the signal that killed it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def _end(work: Callable[[Connection], None], pipe: Connection) -> None:
    """Garbage is left where it lies: collecting it would copy every page that the parent shares."""
    gc.disable()
    code = 1
    try:
        work(pipe)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


class Victim:
    """A product that was forked to die."""

    def __init__(self) -> None:
        self._child = Child(_works_until_it_dies)

    async def dies(self, life: Life, work: Work) -> bool:
        """Let it work until it is killed, while this process goes on being the world around it. False: it was done before."""
        self._child.pipe.send((life, work))
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._child.pipe.fileno(), over.set)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), life.death.seconds)
        loop.remove_reader(self._child.pipe.fileno())
        if not over.is_set():
            os.kill(self._child.pid, signal.SIGKILL)
        end = self._child.ended()
        if end not in (0, -signal.SIGKILL):
            raise ChildProcessError(f"the product was to be killed by {life.death} and ended with {end}")
        return end != 0


def _works_until_it_dies(pipe: Connection) -> None:
    asyncio.run(_work(*pipe.recv()))


async def _work(life: Life, work: Work) -> None:
    product = Product(life, work.now)
    await product.starts()
    await product.works(work)
