"""The backup of each day, beside the writer. It keeps no plan: what is due is read from the folder."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import Session

from bot.backups import into_folder, taken
from bot.config import Config
from bot.leader import first_line
from bot.sentences import RefusedError, sentence
from dialogue.telling import MessageClass, tell
from dialogue.values import Screen
from models.messages import was_told
from models.people import in_role, key
from models.store import Store
from rules.calendar import Calendar
from rules.roles import Role
from words import say

log = logging.getLogger(__name__)
AGAIN: Final = timedelta(hours=1)


class BackupJob:
    """`step` is called every few seconds; it returns at once unless a backup is due."""

    def __init__(self, config: Config, store: Store, calendar: Calendar) -> None:
        self.config = config
        self.store = store
        self.calendar = calendar
        self._not_before: datetime | None = None

    async def step(self, now: datetime) -> None:
        """In a thread of its own, so that replies don't wait. One that fails is tried again after an hour and said to the
        administrators once a day."""
        if not await asyncio.to_thread(self.due, now):
            return
        try:
            file = await asyncio.to_thread(into_folder, self.config, self.store, now)
            log.info("backup %s", file)
        except Exception as error:
            self._not_before = now + AGAIN
            log.exception("the backup failed")
            await self.store.run(_cry, self._reason(error), self.last_time(now), now)

    def due(self, now: datetime) -> bool:
        folder = self.config.backup.folder
        if not folder or (self._not_before is not None and now < self._not_before):
            return False
        made = taken(Path(folder))
        return not made or max(made) < self.last_time(now)

    def last_time(self, now: datetime) -> datetime:
        """The last time of day at which one was to be made."""
        today = self.calendar.local(now).date()
        at = self.calendar.at(today, self.config.backup.at)
        return at if at <= now else self.calendar.at(today - timedelta(days=1), self.config.backup.at)

    def _reason(self, error: Exception) -> str:
        if isinstance(error, RefusedError):
            return sentence(error.key, self.config.company.language, **error.values)
        return first_line(error)


def _cry(session: Session, reason: str, owed: datetime, now: datetime) -> None:
    for staff in in_role(session, Role.ADMIN, now):
        once = f"backup:{owed:%Y%m%d}:{key(staff)}"
        if not was_told(session, once):
            tell(session, staff, Screen(say("backup.failed", reason=reason)), MessageClass.ESCALATION, once, now)
