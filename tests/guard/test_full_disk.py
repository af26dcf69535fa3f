"""No room on the disk: whoever wrote is told 未保存, nothing is half written, nothing is lost, and it goes on when there is room.

The disk is SQLite's own limit on the pages of a file.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import func, select

from bot.config import Config, TelegramSection
from bot.service import Service
from bot.shortage import is_full
from models.messages import Card, Draft, Inbox, Outbox
from models.records import Complaint
from tests.conftest import TOKEN
from tests.office import Office, Person, quick_limiter

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LONG = "/complain 华航橡胶 " + "胶管开裂，" * 700
"""Longer than a page, so that no gap in an old page holds it."""
FULL, FREE = 1, 2**30
"""In pages; SQLite takes a limit below what is there as what is there."""


class Disk:
    def __init__(self, office: Office) -> None:
        self.pages = FREE
        self._for_a_moment = False
        event.listen(office.store.engine, "checkout", self._limit)
        event.listen(office.store.engine, "checkin", self._pass)

    def _limit(self, connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")

    def full_for_a_moment(self) -> None:
        """When the next transaction is over, there is room again."""
        self.pages, self._for_a_moment = FULL, True

    def _pass(self, *_: object) -> None:
        if self._for_a_moment:
            self.pages, self._for_a_moment = FREE, False


@asynccontextmanager
async def at_work(office: Office) -> AsyncIterator[None]:
    """The product's own loops."""
    config = Config(telegram=TelegramSection(token=TOKEN, base_url=office.server.base_url))
    service = Service(config, office.store, office.house, office.clock, quick_limiter())
    running = asyncio.create_task(service.run())
    yield
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def waits_in_the_inbox(office: Office, person: Person) -> None:
    """A long complaint of this person, stored and confirmed: Telegram will not bring it again."""
    office.telegram.says(person.user, LONG)
    assert await office.service.receiver.poll(office.clock.now(), 0) == 1
    assert await office.service.receiver.poll(office.clock.now(), 0) == 0


def inbox(office: Office) -> list[tuple[str, int]]:
    with office.read() as session:
        return [(row.state, row.tries) for row in session.exec(select(Inbox))]


def rows(office: Office) -> list[int]:
    with office.read() as session:
        tables = (Inbox, Draft, Card, Outbox, Complaint)
        return [session.exec(select(func.count()).select_from(table)).one() for table in tables]


@embedded
async def test_an_update_that_can_not_be_stored_stays_with_telegram(office: Office) -> None:
    ann, bob, admin = office.people("ann", "bob", "admin")
    disk = Disk(office)
    before = rows(office)
    bell = office.telegram.bell
    async with at_work(office):
        disk.pages = FULL
        office.telegram.says(ann.user, LONG)
        await bell.until(lambda: ann.count("未保存：系统磁盘已满") == 1 and admin.count("磁盘已满") == 1, 10)
        ann.reads("未保存：系统磁盘已满")
        admin.reads("腾出空间")
        assert rows(office) == before
        office.telegram.says(bob.user, LONG)
        await bell.until(lambda: bob.count("未保存：系统磁盘已满") == 1, 10)
        bob.reads("未保存：系统磁盘已满")
        assert ann.count("未保存：系统磁盘已满") == 1, "said once, however often it is tried"
        disk.pages = FREE
        await bell.until(lambda: ann.count("胶管开裂") == 1, 10)
        office.telegram.taps(ann.user, "保存")
        await bell.until(lambda: ann.count("TS-2026-0001") == 1, 10)
    with office.read() as session:
        assert [row.state for row in session.exec(select(Inbox))] == ["handled"] * 3


@embedded
async def test_an_update_that_can_not_be_handled_waits_in_the_inbox(office: Office) -> None:
    (ann,) = office.people("ann")
    disk = Disk(office)
    bell = office.telegram.bell
    await waits_in_the_inbox(office, ann)
    before = rows(office)
    disk.pages = FULL
    async with at_work(office):
        await bell.until(lambda: ann.count("未保存：系统磁盘已满") == 1, 10)
        ann.reads("未保存：系统磁盘已满")
        assert rows(office) == before
        assert inbox(office) == [("waiting", 0)]
        disk.pages = FREE
        await bell.until(lambda: ann.count("胶管开裂") == 1, 10)
    assert rows(office)[:4] == [1, 1, 1, 1]


@embedded
async def test_a_moment_without_room_is_no_fault_of_the_update(office: Office) -> None:
    """There is room again when its try could be counted: three such moments must not set it aside."""
    (ann,) = office.people("ann")
    disk = Disk(office)
    await waits_in_the_inbox(office, ann)
    for _ in range(3):
        disk.full_for_a_moment()
        with pytest.raises(OperationalError):
            await office.service.worker.step(office.clock.now())
        assert inbox(office) == [("waiting", 0)]
    await office.service.settle()
    ann.reads("胶管开裂")


def test_a_full_disk_is_told_from_other_troubles_of_a_database() -> None:
    with sqlite3.connect(":memory:") as connection, pytest.raises(sqlite3.OperationalError) as full:
        connection.execute("PRAGMA max_page_count = 1")
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    connection.close()
    for error, expected in (
        (full.value, True),
        (psycopg.errors.DiskFull("no space left on device"), True),
        (sqlite3.OperationalError("database is locked"), False),
        (psycopg.OperationalError("server closed the connection"), False),
    ):
        told = OperationalError("INSERT", {}, error)
        told.__cause__ = error
        assert is_full(told) is expected
    assert not is_full(ValueError("full"))
