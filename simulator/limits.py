"""Telegram's published limits on sending: 30 messages a second over all, about 1 a second a chat, 20 a minute a group.

Breaches are always counted; they are refused (429) only when the limits are enforced. Seconds come from a monotonic
clock, never from the movable one: a bot may not send a day's messages in a second because the demo's clock jumped.
"""

from __future__ import annotations

import math
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

from simulator.errors import too_many


@dataclass(frozen=True)
class Window:
    """At most `count` messages in any `seconds`."""

    count: int
    seconds: float


class Limits:
    """`burst` is how many messages may reach one chat at once before 1 a second is demanded."""

    def __init__(
        self,
        *,
        enforced: bool = False,
        burst: int = 3,
        overall: Window = Window(30, 1.0),
        group: Window = Window(20, 60.0),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.enforced = enforced
        self.chat = Window(burst, float(burst))
        self.overall = overall
        self.group = group
        self.breaches: Counter[str] = Counter()
        self._monotonic = monotonic
        self._sent: dict[tuple[str, str, int], deque[float]] = {}

    def count(self, token: str, chat_id: int) -> None:
        """Note one message to a chat; raises 429 with retry_after in seconds when that breaks an enforced limit."""
        now = self._monotonic()
        windows = {("overall", token, 0): self.overall, ("chat", token, chat_id): self.chat}
        if chat_id < 0:
            windows[("group", token, chat_id)] = self.group
        waits = {key[0]: self._wait(key, window, now) for key, window in windows.items()}
        broken = {name: wait for name, wait in waits.items() if wait > 0}
        self.breaches.update(broken.keys())
        if broken and self.enforced:
            raise too_many(math.ceil(max(broken.values())))
        for key in windows:
            self._sent[key].append(now)

    def _wait(self, key: tuple[str, str, int], window: Window, now: float) -> float:
        sent = self._sent.setdefault(key, deque())
        while sent and sent[0] <= now - window.seconds:
            sent.popleft()
        return sent[len(sent) - window.count] + window.seconds - now if len(sent) >= window.count else 0.0
