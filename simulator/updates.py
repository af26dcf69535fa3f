"""One bot's queue of updates, and the two ways out of it: getUpdates and a webhook."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from simulator.bell import Bell
from simulator.errors import JSON, conflict

UNASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that Telegram sends only when they are asked for by name."""


@dataclass(frozen=True)
class Webhook:
    url: str
    secret: str | None
    max_connections: int


class Updates:
    """`polling` is how many requests wait in getUpdates at this moment."""

    def __init__(self, first_id: int = 1001) -> None:
        self.next_id = first_id
        self.waiting: list[JSON] = []
        self.allowed: frozenset[str] = frozenset()
        self.webhook: Webhook | None = None
        self.last_error: tuple[datetime, str] | None = None
        self.bell = Bell()
        self.polling = 0
        self._poll = 0

    def push(self, kind: str, content: JSON) -> None:
        """Queue an update of a kind that the bot takes."""
        if kind in self.allowed or (not self.allowed and kind not in UNASKED):
            self.inject({"update_id": self.next_id, kind: content})
        self.next_id += 1

    def inject(self, update: JSON) -> None:
        """Queue any update at all, however wrong: what a hostile or future Telegram might send."""
        self.waiting.append(update)
        self.bell.ring()

    def allow(self, kinds: Iterable[str] | None) -> None:
        """None keeps what was asked for before; an empty list is the default choice."""
        if kinds is not None:
            self.allowed = frozenset(kinds)

    def confirm(self, offset: int) -> None:
        """Forget updates below `offset`; a negative one keeps only the last so many."""
        if offset < 0:
            self.waiting = self.waiting[offset:]
        elif offset:
            self.waiting = [each for each in self.waiting if int(each["update_id"]) >= offset]

    def drop(self, update: JSON) -> None:
        """Forget one update that a webhook has taken."""
        if update in self.waiting:
            self.waiting.remove(update)
            self.bell.ring()

    async def poll(self, offset: int, limit: int, seconds: float) -> list[JSON]:
        """getUpdates: confirm, then wait for news; a newer poll or a webhook ends an older poll with 409."""
        if self.webhook:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self._poll += 1
        mine = self._poll
        self.confirm(offset)
        await self._wait(lambda: bool(self.waiting) or self._poll != mine or self.webhook is not None, seconds)
        if self._poll != mine:
            raise conflict("terminated by other getUpdates request; make sure that only one bot instance is running")
        if self.webhook:
            raise conflict("terminated by setWebhook request")
        return self.waiting[:limit]

    async def _wait(self, ready: Callable[[], bool], seconds: float) -> None:
        self.polling += 1
        self.bell.ring()
        try:
            await self.bell.until(ready, seconds)
        finally:
            self.polling -= 1

    def set_webhook(self, webhook: Webhook | None, *, drop_pending: bool) -> None:
        self.webhook = webhook
        self.last_error = None
        if drop_pending:
            self.waiting.clear()
        self.bell.ring()
