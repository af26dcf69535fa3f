"""The one clock that everything asks. It goes on in monotonic time, so that a stepped wall clock can't move deadlines, and it can
be moved by hand in the demo and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_BOOT_TIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


def steady() -> float:
    """Seconds that no step of the wall clock moves and that go on while the machine sleeps, where it can tell (Linux)."""
    return time.monotonic() if _BOOT_TIME is None else time.clock_gettime(_BOOT_TIME)


def _wall() -> datetime:
    return datetime.now(UTC)


class Clock:
    """`now()` is aware, in UTC. `still` makes a clock that only moves by hand."""

    def __init__(
        self, start: datetime | None = None, *, still: bool = False, wall: Callable[[], datetime] = _wall
    ) -> None:
        self._start = start or wall()
        self._moved = timedelta()
        self._wall = wall
        self._ticking: Callable[[], float] = (lambda: 0.0) if still else steady
        self._from = self._ticking()

    def now(self) -> datetime:
        return self._start + self._moved + timedelta(seconds=self._ticking() - self._from)

    def move(self, by: timedelta) -> None:
        self._moved += by

    def drift(self) -> timedelta:
        """How far the wall clock has gone from this one; it changes when someone steps it."""
        return self._wall() - self.now() + self._moved
