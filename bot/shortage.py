"""No room on the disk: nothing can be stored, not even an answer. Whoever wrote is told 未保存 directly, administrators hourly,
and everything waits where it is: at Telegram, unconfirmed, or in the inbox. It goes on by itself when there is room."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import psycopg
from telegram import Bot
from telegram.error import TelegramError

from bot.incoming import understood
from bot.receiver import read
from models.messages import Inbox
from models.people import in_role, speaker
from models.store import Store
from models.vault import vault_of
from rules.house import House
from rules.roles import Role
from words import Say, Voice, say

log = logging.getLogger(__name__)
BETWEEN_ALARMS: Final = timedelta(hours=1)
Update = Mapping[str, Any]


def is_full(error: BaseException) -> bool:
    """Anywhere in the chain: SQLite takes the whole transaction back at once, and what is seen may be a savepoint that is gone."""
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL or isinstance(
            cause, psycopg.errors.DiskFull
        ):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


class Shortage:
    def __init__(self, bot: Bot, store: Store, house: House) -> None:
        self.bot = bot
        self.store = store
        self.house = house
        self._told: set[int] = set()
        self._alarm_again: datetime | None = None

    async def tell(self, updates: Sequence[Update], now: datetime) -> None:
        """The people behind these updates, each update once, and the administrators."""
        log.error("the disk is full: nothing can be stored until there is room")
        for update in updates:
            if update["update_id"] not in self._told:
                self._told.add(update["update_id"])
                await self._answer(dict(update), now)
        if self._alarm_again is None or now >= self._alarm_again:
            self._alarm_again = now + BETWEEN_ALARMS
            for chat, language in self._administrators(now):
                await self._say(chat, language, say("full.admin"), now)

    async def tell_of(self, number: int | None, now: datetime) -> None:
        """The same for an update that is in the inbox and could not be handled."""
        with self.store.read() as session:
            row = session.get(Inbox, number) if number is not None else None
            update = read(vault_of(session), row.body) if row else None
        await self.tell([update] if update else [], now)

    async def _answer(self, update: dict[str, Any], now: datetime) -> None:
        try:
            incoming, _ = understood(update, self.bot)
        except Exception:
            log.exception("update %s can't be read", update["update_id"])
            return
        if incoming is not None and incoming.private:
            with self.store.read() as session:
                staff = speaker(session, incoming.speaker)
            await self._say(incoming.chat, staff.language if staff else self.house.language, say("full.person"), now)

    def _administrators(self, now: datetime) -> list[tuple[int, str]]:
        with self.store.read() as session:
            return [(each.telegram_id, each.language) for each in in_role(session, Role.ADMIN, now) if each.telegram_id]

    async def _say(self, chat: int, language: str, text: Say, now: datetime) -> None:
        """Past the outbox, which is full as well: once, as best it can."""
        with contextlib.suppress(TelegramError):
            await self.bot.send_message(chat, Voice(language, self.house.calendar.tz, now).plain(text))
