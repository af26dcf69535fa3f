"""The way of an update from the inbox on, without a network: for tests that take very many."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime, timedelta

from sqlalchemy import event
from sqlmodel import select
from telegram import Bot

from bot.config import TelegramSection
from bot.incoming import understood
from bot.receiver import store_updates
from bot.wire import connect
from bot.worker import Worker
from dialogue.forms import Desk
from handlers import DESK
from models.messages import Inbox, Outbox
from models.store import Store
from rules.house import House
from tests.conftest import TOKEN, VAULT_KEY
from tests.office import START
from tests.poison import Update


class Post:
    """The way of an update from the inbox on, with a clock that moves a little each time."""

    def __init__(self, database: str, house: House, desk: Desk = DESK, now: datetime = START) -> None:
        self.database, self.house, self.desk = database, house, desk
        self.bot: Bot = connect(TelegramSection(token=TOKEN, base_url="http://127.0.0.1:9/bot"))
        self.now = now
        self.open()

    def open(self) -> None:
        self.store = Store(self.database)
        self.store.vault.take_key(VAULT_KEY)
        if self.store.is_sqlite:
            event.listen(self.store.engine, "connect", _swift)
        self.worker = Worker(self.bot, self.store, self.house, self.desk)

    def restart(self) -> None:
        self.store.close()
        self.open()

    async def take(self, *updates: Update) -> None:
        self.now += timedelta(seconds=20)
        await self.store.run(store_updates, [json.loads(json.dumps(each)) for each in updates], self.now)
        while await self.worker.step(self.now):
            pass

    def answered(self, update_id: int) -> bool:
        with self.store.read() as session:
            number = session.exec(select(Inbox.id).where(Inbox.update_id == update_id)).one()
            return session.exec(select(Outbox.id).where(Outbox.unique_key == f"update:{number}")).first() is not None

    def unreadable(self, body: str) -> bool:
        """Whether the update fails at the border already."""
        try:
            understood(json.loads(body), self.bot)
        except Exception:
            return True
        return False


def _swift(connection: sqlite3.Connection, _: object) -> None:
    """These databases need not survive a power cut."""
    connection.execute("PRAGMA synchronous=OFF")
