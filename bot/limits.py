"""Telegram's limits on sending: 30 messages in any second, one a second in a chat, 20 a minute in a group."""

from __future__ import annotations

from collections import deque
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
    _chats: dict[int, deque[float]] = field(default_factory=dict)

    def wait(self, chat: int, now: float, *, edit: bool = False) -> float:
        """Seconds until one more may go to this chat; 0 when it may go now."""
        if self.limits is None:
            return max(0.0, self.halted_until - now)
        waits = [self.halted_until - now, _room(self._overall, self.limits.overall, 1.0, now)]
        times = self._chats.get(chat, deque())
        if not edit:
            waits.append(_room(times, self.limits.chat, 1.0, now))
        if chat < 0 and not edit:
            waits.append(_room(times, self.limits.group, 60.0, now))
        return max(0.0, *waits)

    def sent(self, chat: int, now: float, *, edit: bool = False) -> None:
        """One leaves for this chat."""
        self._overall.append(now)
        if not edit:
            self._chats.setdefault(chat, deque()).append(now)
        _forget(self._overall, now - 1.0)
        for times in self._chats.values():
            _forget(times, now - 60.0)
        self._chats = {number: times for number, times in self._chats.items() if times}

    def arrived(self, left: float, now: float) -> None:
        """What left at that time has been answered: Telegram may have counted it as late as now."""
        for times in (self._overall, *self._chats.values()):
            for place, at in enumerate(times):
                times[place] = now if at == left else at

    def halt(self, seconds: float, now: float) -> None:
        """Telegram said 429: nothing goes to anybody until then."""
        self.halted_until = max(self.halted_until, now + seconds)


def _room(times: deque[float], most: int, window: float, now: float) -> float:
    inside = [each for each in times if each > now - window]
    return inside[-most] + window - now if len(inside) >= most else 0.0


def _forget(times: deque[float], before: float) -> None:
    while times and times[0] <= before:
        times.popleft()
