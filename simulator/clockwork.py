"""What the clock bar of the page needs; whoever starts the server gives it, a bare Telegram has none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Due:
    """Something that the clock will do; `at` is aware, `text` and `who` are for people."""

    at: datetime
    text: str
    who: str


class Clockwork(Protocol):
    def now(self) -> datetime:
        """The simulated time, aware, in the company's time zone."""

    async def advance(self, seconds: float) -> None:
        """Move the clock on and let everything that falls due happen; returns when it has been said."""

    async def next_due(self) -> datetime | None:
        """When the clock will next do something; None when nothing waits."""

    async def upcoming(self, limit: int, language: str) -> list[Due]:
        """What the clock will do next, soonest first; `language` is the page's, "zh" or "en"."""
