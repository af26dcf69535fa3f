"""Everything else that Telegram is asked: at the start, for updates, for the passing word on a button, for the menu.

The running product is struck. It goes on, and what people did meanwhile is answered once; only a revoked token ends it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import product

from sqlmodel import col, func, select
from telegram.error import InvalidToken

from bot.service import Rhythm, Service
from models.messages import Inbox
from models.records import Entry
from simulator.faults import KINDS, Fault
from simulator.people import Button
from tests.company import PEOPLE
from tests.guard.faults.site import Site, site_on
from tests.office import quick_limiter

LOG = "/log 华航橡胶 电话 今天 张工 谈了配方 周三再联系"
SAVE = "保存"
ANN = PEOPLE["ann"][2]
STARTING = ("getMe", "deleteWebhook")
AT_THE_START = (*STARTING, "setMyCommands")
BEST_EFFORT = ("setMyCommands", "answerCallbackQuery")
METHODS = (*STARTING, "getUpdates", *BEST_EFFORT)
MOST_ASKED = {"setMyCommands": 2}
"""Once for each language; the menu is not tried again."""
LASTING = 3
"""Strikes after which a trouble that lasts for ever is taken away, to see what was only late."""
RHYTHM = Rhythm(poll=1, breath=0.01)
LONG = 30.0
"""Seconds after which nothing will come any more."""


@dataclass(frozen=True)
class Call:
    """`times` None: for ever."""

    method: str
    trouble: str
    times: int | None

    def __str__(self) -> str:
        often = f"{self.times} times" if self.times else "for ever"
        return f"{self.method}: {self.trouble} {often}"

    @property
    def ends(self) -> bool:
        """A passing word or a menu is no reason to stop: the next question for updates will tell."""
        return self.trouble == "unauthorized" and self.method not in BEST_EFFORT


@dataclass(frozen=True)
class Survived:
    call: Call
    wrong: tuple[str, ...]

    @property
    def broken(self) -> Iterator[str]:
        yield from (f"{self.call}: {each}" for each in self.wrong)


TROUBLES = tuple(kind for kind in KINDS if kind != "slow")
"""What is late is not asked again."""


def calls() -> list[Call]:
    """Struck once, twice, for ever."""
    return [Call(method, trouble, times) for trouble, method, times in product(TROUBLES, METHODS, (1, 2, None))]


def few_calls() -> list[Call]:
    """Each method once, by a trouble of each kind: done but unanswered, not done, to be done later, never again."""
    some = ("accept_then_reset", "server_error_html", "flood", "unauthorized")
    return [Call(method, trouble, 1) for trouble, method in product(some, METHODS)]


async def survive(url: str, struck: Sequence[Call]) -> list[Survived]:
    """One after the other, on a furnished database of their own."""
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(site_on(url))
        life = Life(site)
        stack.push_async_callback(life.stops)
        return [Survived(call, tuple([each async for each in life.goes_through(call)])) for call in struck]


@dataclass
class Life:
    """The product at work, and somebody who keeps a record again and again; begun anew when it ended."""

    site: Site
    running: asyncio.Task[None] | None = None
    saved: int = 0

    async def goes_through(self, call: Call) -> AsyncIterator[str]:
        if call.method in AT_THE_START:
            await self.stops()
        fault = self._strikes(call)
        self.is_at_work()
        if call.method == "answerCallbackQuery":
            for _ in range(call.times or LASTING):
                await self._keeps_a_record()
        self.site.telegram.says(ANN, LOG)
        strikes = min(call.times or LASTING, MOST_ASKED.get(call.method, LASTING))
        await self._until(lambda: self._ended or fault.struck >= strikes)
        async for each in self._reacts(call):
            yield each
        self.site.telegram.faults.clear()
        self.is_at_work()
        while not await self._saves():
            yield f"it ended: {self.running}"
            self.is_at_work()
        for each in self._wrong():
            yield each

    def _strikes(self, call: Call) -> Fault:
        return self.site.telegram.faults.add(
            kind=call.trouble,  # type: ignore[arg-type]
            method=call.method,
            times=call.times,
            retry_after=1 if call.times == 1 else 0,
            seconds=0.02,
            new_chat_id=-1,
        )

    async def _reacts(self, call: Call) -> AsyncIterator[str]:
        if call.ends:
            await self._until(lambda: self._ended)
            if not self._revoked:
                yield "a revoked token did not end it"
        elif self._ended:
            yield f"it ended: {self.running}"
        elif (call.method, call.trouble, call.times) == ("getUpdates", "flood", 1):
            began, asked = time.monotonic(), self._asked(call.method)
            await self._until(lambda: self._asked(call.method) > asked)
            if time.monotonic() - began < 0.8:
                yield "Telegram was asked again before the second it had told us to wait"

    # The product

    def is_at_work(self) -> None:
        if self.running is None or self.running.done():
            old = self.site.service
            service = Service(
                old.config, old.store, old.house, old.clock, quick_limiter(), wire=self.site.wire, rhythm=RHYTHM
            )
            self.running = asyncio.create_task(service.run())

    async def stops(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    @property
    def _ended(self) -> bool:
        return self.running is not None and self.running.done()

    @property
    def _revoked(self) -> bool:
        error = self.running.exception() if self.running is not None and self.running.done() else None
        return isinstance(error, InvalidToken) or (
            isinstance(error, ExceptionGroup) and error.subgroup(InvalidToken) is not None
        )

    async def _until(self, ready: Callable[[], bool]) -> None:
        """In vain at the latest after so long; what did not happen is found wrong afterwards."""
        async with asyncio.timeout(LONG):
            while not ready():  # noqa: ASYNC110 - the product gives no sign of most of this
                await asyncio.sleep(0.005)

    # The person

    async def _keeps_a_record(self) -> None:
        self.site.telegram.says(ANN, LOG)
        await self._saves()

    async def _saves(self) -> bool:
        """False when the product ended over it."""
        await self._until(lambda: self._ended or any(button.text == SAVE for button in self._buttons()))
        if self._ended:
            return False
        self.site.telegram.taps(ANN, SAVE)
        self.saved += 1
        number = f"LX-2026-{self.saved:06}"
        await self._until(lambda: number in self.site.texts(ANN)[-1])
        return True

    def _buttons(self) -> Iterator[Button]:
        """On the newest message."""
        newest = [bubble for bubble in self.site.telegram.chat(ANN) if bubble.by_bot][-1:]
        return (button for bubble in newest for row in bubble.buttons for button in row)

    def _wrong(self) -> Iterator[str]:
        with self.site.store.read() as session:
            entries = session.exec(select(func.count(col(Entry.id)))).one()
            states = set(session.exec(select(Inbox.state)).all())
        if entries != self.saved or states != {"handled"}:
            yield f"{self.saved} records were kept, {entries} are on file; updates are {states}"
        if len(self.site.texts(ANN)) != self.saved:
            yield f"one answer each to {self.saved} lines were promised, {len(self.site.texts(ANN))} came"

    def _asked(self, method: str) -> int:
        return self.site.asked((method,))
