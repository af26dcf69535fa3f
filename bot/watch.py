"""Does every part of the running product still get somewhere?

Receiver, sender, tick and database report each success, on monotonic time. The watch is a task of its own that waits for none of
them: what gets nowhere is begun anew, and what stays so ends the process, so that its supervisor starts a fresh one. A thread
watches the event loop, in which the watch itself lives.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from bot.alarms import Alarm, Alarms
from bot.clock import Clock
from bot.keeper import Keeper
from bot.sentences import ProblemError

log = logging.getLogger(__name__)
NEVER = float("inf")
JUMP = timedelta(minutes=1)
"""By how much the wall clock may drift from ours before somebody is told."""
LAST_WORDS = 10.0
"""Seconds that an alarm may take, and the rest of the process after it, once the end is decided."""


class Part(StrEnum):
    TICK = "tick"
    RECEIVER = "receiver"
    SENDER = "sender"  # its loop goes round
    DELIVERY = "delivery"  # Telegram answers what it sends, or there is nothing to send
    DATABASE = "database"


@dataclass(frozen=True)
class Limit:
    """Seconds without success: after `ails` the remedy is tried, each time anew; after `ends` the process ends."""

    ails: float
    ends: float


LIMITS: Mapping[Part, Limit] = {
    Part.TICK: Limit(30, 90),
    Part.RECEIVER: Limit(90, 180),
    Part.SENDER: Limit(90, 180),
    Part.DELIVERY: Limit(90, NEVER),
    Part.DATABASE: Limit(45, 90),
}
"""A tick is owed every 10 s and what it owes is said within 90 s. A long poll lasts 25 s."""


@dataclass(frozen=True)
class Patience:
    """Seconds: how often the watch looks; after how long a loop that stands still is spoken of, and ends the process."""

    look: float = 2.0
    blocked: float = 5.0
    stuck: float = 60.0
    limits: Mapping[Part, Limit] = field(default_factory=lambda: LIMITS)

    def times(self, factor: float) -> Patience:
        limits = {part: Limit(each.ails * factor, each.ends * factor) for part, each in self.limits.items()}
        return Patience(self.look * factor, self.blocked * factor, self.stuck * factor, limits)


class EndedError(ProblemError):
    """The watch has given up on a part of this process."""


class Pulse:
    """When each part last succeeded. Only what has begun is watched."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._last: dict[Part, float] = {}

    def beat(self, part: Part) -> None:
        self._last[part] = self.monotonic()

    def silences(self) -> dict[Part, float]:
        """Seconds since the last success of each part."""
        now = self.monotonic()
        return {part: now - last for part, last in self._last.items()}

    def pardon(self, seconds: float) -> None:
        """Time in which nobody could do anything, as when the whole process was stopped, counts for no part."""
        self._last = {part: last + seconds for part, last in self._last.items()}

    def end(self) -> None:
        self._last.clear()


Remedy = Callable[[], Awaitable[None]]


class Watch:
    """`leave` ends a process at once whose loop can't do it any more; `dying` is told that the end was decided."""

    def __init__(
        self,
        alarms: Alarms | None = None,
        keeper: Keeper | None = None,
        patience: Patience | None = None,
        leave: Callable[[int], None] = os._exit,
        dying: Callable[[], None] = lambda: None,
    ) -> None:
        self.pulse = Pulse()
        self.alarms = alarms or Alarms()
        self.keeper = keeper or Keeper()
        self.patience = patience or Patience()
        self.remedies: dict[Part, Remedy] = {}
        self.clock: Clock | None = None
        self.looks = 0
        self.leave = leave
        self.dying = dying
        self._helped: dict[Part, float] = {}
        self._drift = timedelta()
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Until called off. Raises `EndedError` when the process has to end."""
        last = self.pulse.monotonic()
        with self._thread():
            self.keeper.ready()
            while True:
                away = self.pulse.monotonic() - last - self.patience.look
                if away > self.patience.blocked:
                    self.pulse.pardon(away)
                last = self.pulse.monotonic()
                self.looks += 1
                await self.look()
                await asyncio.sleep(self.patience.look)

    async def look(self) -> None:
        """Once round all parts. The keeper hears from us only while all is well."""
        well = True
        for part, silence in self.pulse.silences().items():
            limit = self.patience.limits[part]
            if silence >= limit.ends:
                await self._end(part, silence)
            if silence >= limit.ails:
                well = well and limit.ends == NEVER
                self._help(part, silence, limit)
            else:
                self._helped.pop(part, None)
        if well:
            self.keeper.alive()
        self._look_at_clock()

    def _help(self, part: Part, silence: float, limit: Limit) -> None:
        """Try the remedy, again after each `ails` seconds more."""
        if silence < self._helped.get(part, 0.0) + limit.ails:
            return
        self._helped[part] = silence
        log.warning("%s: no success for %.1f s; beginning it anew", part, silence)
        if part in (Part.RECEIVER, Part.DELIVERY):
            self.cry(Alarm.RECEIVER if part is Part.RECEIVER else Alarm.SENDER, seconds=round(silence))
        if part in self.remedies:
            self._in_background(self.remedies[part]())

    def cry(self, alarm: Alarm, **values: str | int) -> None:
        """Without waiting for it."""
        self._in_background(asyncio.to_thread(self.alarms.cry, alarm, **values))

    def _in_background(self, work: Awaitable[object]) -> None:
        task = asyncio.ensure_future(_logged(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def quiet(self) -> None:
        """When everything that was begun in the background is done."""
        await asyncio.gather(*self._tasks)

    async def _end(self, part: Part, silence: float) -> None:
        log.critical("%s: no success for %.0f s; the process ends, to be started again", part, silence)
        self.dying()
        words = asyncio.to_thread(self.alarms.cry, Alarm.ENDED, part=part.value, seconds=round(silence))
        try:
            await asyncio.wait_for(words, LAST_WORDS)
        except TimeoutError:
            log.warning("the alarm could not be sent in time")
        raise EndedError("watch_ended", part=part.value, seconds=round(silence))

    def _look_at_clock(self) -> None:
        """Limits go on by monotonic time when somebody steps the wall clock; which of the two is right, people must say."""
        if self.clock is None:
            return
        drift = self.clock.drift()
        if abs(drift - self._drift) > JUMP:
            minutes = round((drift - self._drift).total_seconds() / 60)
            log.warning("the wall clock jumped by %d minutes", minutes)
            self.cry(Alarm.CLOCK, minutes=minutes)
            self._drift = drift

    def follow(self, clock: Clock) -> None:
        self.clock, self._drift = clock, clock.drift()

    # The thread

    @contextmanager
    def _thread(self) -> Iterator[None]:
        ended = threading.Event()
        names = (threading.get_ident(), ended)
        thread = threading.Thread(target=self._watch_loop, args=names, name="watch", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()

    def _watch_loop(self, looper: int, ended: threading.Event) -> None:
        """Counts its own looks, so that a process which was stopped and goes on is not taken for a blocked one."""
        seen, blocked, said = self.looks, 0.0, False
        while not ended.wait(self.patience.look / 2):
            if self.looks != seen:
                if said:
                    log.warning("the event loop goes on after about %.1f s", blocked)
                seen, blocked, said = self.looks, 0.0, False
                continue
            blocked += self.patience.look / 2
            if blocked - self.patience.look >= self.patience.stuck:
                self._leave_at_once(blocked)
            elif blocked - self.patience.look >= self.patience.blocked and not said:
                said = True
                log.warning("the event loop stands still since about %.1f s:\n%s", blocked, _stack(looper))

    def _leave_at_once(self, seconds: float) -> None:
        log.critical("the event loop stands still since %.0f s; the process ends, to be started again", seconds)
        last_words = threading.Thread(
            target=self.alarms.cry, args=(Alarm.ENDED,), kwargs={"part": "loop", "seconds": round(seconds)}, daemon=True
        )
        last_words.start()
        last_words.join(LAST_WORDS)
        self.leave(1)


async def _logged(work: Awaitable[object]) -> None:
    try:
        await work
    except Exception:
        log.exception("a remedy failed")


def _stack(thread: int) -> str:
    """Where that thread is now."""
    frame = sys._current_frames().get(thread)
    return "".join(traceback.format_stack(frame)[-6:]) if frame else ""


def leave_in(seconds: float, leave: Callable[[int], None] = os._exit) -> None:
    """However the clearing up goes on: a thread that hangs in the database would hold the process for ever."""
    timer = threading.Timer(seconds, leave, (1,))
    timer.daemon = True
    timer.start()
