"""A bell: whoever waits for something to become true looks again at each ring."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable


class Bell:
    def __init__(self) -> None:
        self.rings = 0
        self._next = asyncio.Event()

    def ring(self) -> int:
        """Returns how often the bell has rung by now."""
        self.rings += 1
        waiting, self._next = self._next, asyncio.Event()
        waiting.set()
        return self.rings

    async def until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return as soon as `ready()` holds, at the latest after `seconds` of real time."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not ready():
                    await self._next.wait()
