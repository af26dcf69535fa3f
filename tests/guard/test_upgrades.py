"""Databases of every release, as people have them: this release takes each over, after a backup, and works on with it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from bot import secret_key
from bot.backups import copies_of, opened, taken
from bot.clock import Clock
from bot.config import BackupSection, Config, DatabaseSection, SecretsSection, TelegramSection
from bot.copies import VERSION_TABLE, Facts, count
from bot.opening import open_store
from bot.sentences import ProblemError
from bot.service import Service
from models.store import Store, alembic_config
from simulator.server import serve
from simulator.telegram import Telegram
from tests.company import PEOPLE
from tests.conftest import TOKEN, a_house
from tests.office import START, Office, quick_limiter

FIXTURES = Path(__file__).parents[1] / "fixtures"
RELEASES = sorted(each.name for each in FIXTURES.glob("release-*"))
TUESDAY = START + timedelta(hours=26)
"""An hour after the story of the fixtures ends."""


@pytest.fixture(params=RELEASES)
def old(request: pytest.FixtureRequest, empty_database: str) -> str:
    """The address of a database as a release left it."""
    engine = empty_database.partition(":")[0]
    script = (FIXTURES / request.param / f"{engine}.sql").read_text(encoding="utf-8")
    if engine == "sqlite":
        with sqlite3.connect(empty_database.removeprefix("sqlite:///")) as database:
            database.executescript(script)
        database.close()
    else:
        with psycopg.connect(empty_database, autocommit=True) as server:
            server.execute(script.encode())
    return empty_database


@pytest.fixture
def config(tmp_path: Path, old: str) -> Config:
    secrets = SecretsSection(key_file=tmp_path / "keguan.key")
    backup = BackupSection(folder=str(tmp_path / "backups"))
    return Config(database=DatabaseSection(url=old), secrets=secrets, backup=backup)


@pytest.fixture
def store(config: Config) -> Iterator[Store]:
    with open_store(config) as store:
        yield store


def facts(store: Store) -> Facts:
    with store.engine.connect() as connection:
        return count(connection)


@asynccontextmanager
async def at_work(store: Store, rulebook_text: str) -> AsyncIterator[Office]:
    clock = Clock(TUESDAY, still=True)
    telegram = Telegram(clock.now, token=TOKEN)
    telegram.world().updates.next_id = 90_000
    for number, name, user, _ in PEOPLE.values():
        telegram.person(user, name, role=number)
        telegram.world().private(telegram.people[user]).silent = None
    server = await serve(telegram)
    wire = TelegramSection(token=TOKEN, base_url=server.base_url)
    service = Service(Config(telegram=wire), store, a_house(rulebook_text), clock, quick_limiter())
    await service.start()
    yield Office(telegram, server, service, clock)
    await service.stop()
    await server.close()


MADE_ANEW = {VERSION_TABLE, "search_key"}
"""What is no record: search keys come from names and people."""


def test_there_is_a_database_of_a_release_to_try() -> None:
    assert RELEASES


async def test_an_old_database_is_taken_over_whole_and_works_on(
    config: Config, store: Store, rulebook_text: str
) -> None:
    before = facts(store)
    assert before.rows["complaint"] == 1
    assert before.rows["event"] > 5
    store.upgrade()
    after = facts(store)
    assert after.revision == ScriptDirectory.from_config(alembic_config()).get_current_head() != before.revision
    kept = before.rows.keys() - MADE_ANEW
    assert {table: after.rows[table] for table in kept} == {table: before.rows[table] for table in kept}
    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []
    async with at_work(store, rulebook_text) as office:
        ann, head = office.people("ann", "head")
        await ann.says("/case TS-2026-0001")
        ann.reads("华航橡胶", "胶管开裂")
        await ann.says("/log 远大密封 电话 今天 孙厂长 谈了交货")
        await ann.presses("保存")
        ann.reads("LX-2026-000002")
        await office.passes("24h")
        assert head.count("TS-2026-0001") > 0, "the complaint goes on climbing"


def test_the_backup_before_an_upgrade_holds_what_was_there(config: Config, store: Store) -> None:
    before = facts(store)
    store.upgrade()
    store.upgrade()
    (file,) = taken(Path(config.backup.folder)).values()
    assert file.name.endswith("-before-upgrade.backup")
    with opened(copies_of(store), secret_key.load(config.secrets.key_file), file) as (label, loaded):
        assert loaded.facts() == label.facts == before


def test_without_its_backup_nothing_is_upgraded(config: Config, store: Store) -> None:
    Path(config.backup.folder).write_text("a file where the folder should be")
    before = facts(store)
    with pytest.raises(
        ProblemError, match=r"was not upgraded: the backup before the upgrade was not made \(.*File exists"
    ):
        store.upgrade()
    assert facts(store) == before
    Path(config.backup.folder).unlink()
    store.upgrade()
    assert facts(store).revision != before.revision
