"""What came in is stored before Telegram is told that we have it: a crash loses nothing."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select
from telegram import Bot
from telegram.error import EndPointNotFound, InvalidToken

from models.messages import Inbox
from models.store import Store
from models.vault import LOCKED, Vault, vault_of

warnings.filterwarnings("ignore", "Please use 'Bot.getUpdates'")
"""The library's own getUpdates parses the whole batch, so that one bad update would block all of it."""

KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]


class Receiver:
    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot = bot
        self.store = store
        self.offset: int | None = None
        self.unsaved: Sequence[dict[str, Any]] = ()
        """What came last and is not stored yet."""

    async def poll(self, now: datetime, wait: int) -> int:
        """Ask Telegram once, waiting at most `wait` seconds, and store what came. Returns how many updates came. Raises
        `InvalidToken` once Telegram no longer knows this bot."""
        asked: dict[str, Any] = {"timeout": wait, "allowed_updates": KINDS}
        if self.offset is not None:
            asked["offset"] = self.offset
        try:
            updates = await self.bot.do_api_request("getUpdates", api_kwargs=asked, read_timeout=wait + 10)
        except EndPointNotFound:
            raise InvalidToken from None  # what the library makes of a 401: this method is there for every bot
        if updates:
            self.unsaved = updates
            await self.store.run(store_updates, updates, now)
            self.unsaved = ()
            self.offset = updates[-1]["update_id"] + 1
        return len(updates)


def store_updates(session: Session, updates: Sequence[dict[str, Any]], now: datetime) -> None:
    """Each update once, keyed by its id; a batch that comes again changes nothing."""
    ids = [each["update_id"] for each in updates]
    known = set(session.exec(select(Inbox.update_id).where(col(Inbox.update_id).in_(ids))))
    for each in updates:
        if each["update_id"] not in known:
            known.add(each["update_id"])
            body = locked(vault_of(session), json.dumps(each))
            session.add(Inbox(update_id=each["update_id"], body=body, received_at=now))


def locked(vault: Vault, body: str) -> str:
    """Nobody knows yet whether it is confidential; until that is known nothing of it lies open anywhere."""
    return json.dumps({LOCKED: vault.lock(body)}) if vault.ready else body


def read(vault: Vault, body: str) -> dict[str, Any]:
    """An update as it came. Raises `NoKeyError` for one that was locked with another key."""
    found: dict[str, Any] = json.loads(body)
    return json.loads(vault.unlock(found[LOCKED])) if found.keys() == {LOCKED} else found
