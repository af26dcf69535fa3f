"""The one clock that everything asks. It goes on in monotonic time, so that a stepped wall clock can't move deadlines, and it can
be moved by hand in the demo and the tests."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """`now()` is aware, in UTC. `still` makes a clock that only moves by hand."""

    def __init__(self, start: datetime | None = None, *, still: bool = False) -> None:
        self._start = start or datetime.now(UTC)
        self._moved = timedelta()
        self._ticking: Callable[[], float] = (lambda: 0.0) if still else time.monotonic
        self._from = self._ticking()

    def now(self) -> datetime:
        return self._start + self._moved + timedelta(seconds=self._ticking() - self._from)

    def move(self, by: timedelta) -> None:
        self._moved += by

    def drift(self) -> timedelta:
        """How far the wall clock has gone from this one; not zero when someone stepped it."""
        return datetime.now(UTC) - self.now() + self._moved
