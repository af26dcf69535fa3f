"""Telegram's limits on sending: 30 messages in any second, one a second in a chat, 20 a minute in a group."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Limits:
    overall: int = 30
    chat: int = 1
    group: int = 20


@dataclass
class Limiter:
    """Sliding windows over what was sent. Times are monotonic seconds. Edits count only overall."""

    limits: Limits | None = field(default_factory=Limits)
    halted_until: float = 0.0
    _overall: deque[float] = field(default_factory=deque)
    _chats: dict[int, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, chat: int, now: float, *, edit: bool = False) -> float:
        """Seconds until one more may go to this chat; 0 when it may go now."""
        if self.limits is None:
            return max(0.0, self.halted_until - now)
        waits = [self.halted_until - now, _room(self._overall, self.limits.overall, 1.0, now)]
        if not edit:
            waits.append(_room(self._chats[chat], self.limits.chat, 1.0, now))
        if chat < 0 and not edit:
            waits.append(_room(self._chats[chat], self.limits.group, 60.0, now))
        return max(0.0, *waits)

    def sent(self, chat: int, now: float, *, edit: bool = False) -> None:
        self._overall.append(now)
        if not edit:
            self._chats[chat].append(now)
        _forget(self._overall, now - 1.0)
        for number in [each for each, times in self._chats.items() if times[-1] < now - 60.0]:
            del self._chats[number]

    def halt(self, seconds: float, now: float) -> None:
        """Telegram said 429: nothing goes to anybody until then."""
        self.halted_until = max(self.halted_until, now + seconds)


def _room(times: deque[float], most: int, window: float, now: float) -> float:
    inside = [each for each in times if each > now - window]
    return inside[-most] + window - now if len(inside) >= most else 0.0


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
