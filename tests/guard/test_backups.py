"""A backup is made while the bot works, is known to be good, and comes back without saying anything twice."""

from __future__ import annotations

import asyncio
import gzip
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from sqlalchemy import make_url, text
from sqlmodel import Session, select

from bot import secret_key
from bot.backups import back_up, copies_of, into_folder, opened
from bot.config import BackupSection, Config, DatabaseSection, SecretsSection
from bot.copies import Facts
from bot.leader import KEY
from bot.restoring import restore
from bot.sealing import Sealing
from bot.sentences import ProblemError, RefusedError
from models.customers import Customer
from models.people import Staff
from models.records import Counter
from models.store import Store
from tests.office import START, Office

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""What does not depend on the engine."""
SECRET = bytes(range(32))
LOOSE = "INSERT INTO person (customer_id, name) VALUES (404, '张工')"


@pytest.fixture
def config(tmp_path: Path, database: str) -> Config:
    secrets = SecretsSection(key_file=tmp_path / "apart" / "keguan.key")
    backup = BackupSection(folder=str(tmp_path / "backups"))
    return Config(database=DatabaseSection(url=database), secrets=secrets, backup=backup)


@pytest.fixture
def store(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


def names(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(each.name for each in session.exec(select(Customer)))


def rename_somebody(session: Session) -> None:
    session.exec(select(Customer)).first().name = "改了名"  # type: ignore[union-attr]


def left_over(store: Store, folder: Path) -> list[str]:
    """Scratch files and databases that should be gone."""
    files = [each.name for each in folder.rglob("*") if "scratch" in each.name or each.suffix == ".part"]
    if store.is_sqlite:
        return files
    with store.engine.connect() as connection:
        found = connection.execute(text("SELECT datname FROM pg_database WHERE datname LIKE 'keguan_scratch%'"))
        return [*files, *found.scalars()]


# Making


def test_a_backup_is_made_beside_a_writer_and_holds_nothing_half_done(store: Store, tmp_path: Path) -> None:
    with store.write() as session:
        session.add(Counter(series="A", year=1))
        session.flush()
        facts = back_up(store, SECRET, tmp_path / "one.backup", START)
    assert facts.rows["counter"] == 0
    assert facts.rows["customer"] == 6
    assert left_over(store, tmp_path) == []


async def test_replies_go_on_while_a_backup_is_made(config: Config, office: Office, tmp_path: Path) -> None:
    (ann,) = office.people("ann")
    making = asyncio.create_task(asyncio.to_thread(back_up, office.store, SECRET, tmp_path / "one.backup", START))
    answered = 0
    while not making.done():
        await ann.says("/menu")
        answered += 1
    assert making.result().rows["staff"] == len(tuple(office.store.run_here(lambda s: s.exec(select(Staff)).all())))
    assert ann.count("要做什么？") == answered > 0


@embedded
def test_nothing_in_a_backup_can_be_read_without_the_key(store: Store, tmp_path: Path) -> None:
    back_up(store, SECRET, tmp_path / "one.backup", START)
    content = (tmp_path / "one.backup").read_bytes()
    assert not re.search("华航|SQLite format|PGDMP|customer".encode(), content)
    assert (tmp_path / "one.backup").stat().st_mode & 0o077 == 0


@embedded
def test_a_backup_never_overwrites(store: Store, tmp_path: Path) -> None:
    (tmp_path / "one.backup").write_text("an older one")
    with pytest.raises(RefusedError, match="is there already"):
        back_up(store, SECRET, tmp_path / "one.backup", START)
    assert (tmp_path / "one.backup").read_text() == "an older one"


def test_one_that_can_not_be_restored_does_not_count(store: Store, tmp_path: Path) -> None:
    """A row that points at nothing was written past the keys: what is loaded again is not sound."""
    if store.is_sqlite:
        with sqlite3.connect(store.url.database or "") as connection:
            connection.execute(LOOSE)
        connection.close()
    else:
        with store.engine.begin() as connection_:
            connection_.execute(text("SET session_replication_role = replica"))
            connection_.execute(text(LOOSE))
    with pytest.raises(ProblemError, match=r"the backup was not made, .*one\.backup was not written"):
        back_up(store, SECRET, tmp_path / "one.backup", START)
    assert not (tmp_path / "one.backup").exists()
    assert left_over(store, tmp_path) == []


@embedded
def test_two_backups_at_once_do_not_meet(store: Store, tmp_path: Path) -> None:
    with (
        copies_of(store).one_at_a_time(),
        pytest.raises(RefusedError, match="another backup or restore"),
    ):
        back_up(store, SECRET, tmp_path / "one.backup", START)
    back_up(store, SECRET, tmp_path / "one.backup", START)


def test_what_a_killed_backup_left_is_cleared_away(store: Store, tmp_path: Path) -> None:
    if store.is_sqlite:
        (tmp_path / ".keguan-scratch-dead").mkdir()
        (tmp_path / ".keguan-scratch-dead" / "copy.db").write_bytes(b"half")
    for name in ("one", "keguan-20261122T020000Z"):
        (tmp_path / f"{name}.backup.part").write_bytes(b"half")
    back_up(store, SECRET, tmp_path / "one.backup", START)
    assert left_over(store, tmp_path) == []


# Restoring


@pytest.fixture
def saved(config: Config, store: Store) -> Path:
    """A backup of the company; afterwards a customer is renamed."""
    file = into_folder(config, store, START)
    store.run_here(rename_somebody)
    return file


def test_what_was_there_comes_back_and_the_old_one_is_kept(config: Config, store: Store, saved: Path) -> None:
    changed = names(store)
    done = restore(config, store, saved, START, replace=True)
    assert "改了名" not in names(store)
    assert len(names(store)) == 6
    assert done.aside is not None
    kept = Store(f"sqlite:///{done.aside}" if store.is_sqlite else str(_named(store, done.aside)))
    assert names(kept) == changed
    kept.close()
    if not store.is_sqlite:
        _drop(store, done.aside)


def _named(store: Store, name: str) -> str:
    return store.url.set(database=name).render_as_string(hide_password=False)


def _drop(store: Store, name: str) -> None:
    address = make_url(_named(store, "postgres")).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@embedded
def test_an_empty_database_needs_no_replace(config: Config, saved: Path, tmp_path: Path) -> None:
    for name, upgraded in (("new.db", False), ("opened.db", True)):
        target = Store(f"sqlite:///{tmp_path / name}")
        if upgraded:
            target.upgrade()
        assert restore(config, target, saved, START, replace=False).aside is None
        assert len(names(target)) == 6
        target.close()


@embedded
def test_a_broken_database_is_replaced_and_kept_too(config: Config, store: Store, saved: Path, tmp_path: Path) -> None:
    store.engine.dispose()
    (tmp_path / "keguan.db").write_bytes(b"not a database any more")
    with pytest.raises(RefusedError, match="is not empty"):
        restore(config, store, saved, START, replace=False)
    done = restore(config, store, saved, START, replace=True)
    assert Path(done.aside or "").read_bytes() == b"not a database any more"
    assert len(names(store)) == 6


@embedded
def test_a_database_with_something_in_it_stays_unless_replace_is_said(
    config: Config, store: Store, saved: Path
) -> None:
    with pytest.raises(RefusedError, match=r"is not empty, nothing was changed; .* --replace"):
        restore(config, store, saved, START, replace=False)
    assert "改了名" in names(store)


def test_nothing_is_restored_under_a_running_bot(config: Config, store: Store, saved: Path) -> None:
    if store.is_sqlite:
        with FileLock(f"{store.url.database}.lock"), pytest.raises(RefusedError, match="another keguan is running"):
            restore(config, store, saved, START, replace=True)
    else:
        address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as leader:
            leader.execute("SELECT pg_advisory_lock(%s)", (KEY,))
            with pytest.raises(RefusedError, match="is using"):
                restore(config, store, saved, START, replace=True)
            leader.execute("SELECT pg_advisory_unlock_all()")
            with pytest.raises(RefusedError, match="is using"):  # a stand-by, connected without leading
                restore(config, store, saved, START, replace=True)
    assert "改了名" in names(store)


def lying(config: Config, store: Store, file: Path) -> None:
    """Sealed well, but with fewer rows than its label says."""
    database = Path(store.url.database or "").read_bytes()
    with opened(copies_of(store), secret_key.load(config.secrets.key_file), file) as (label, _):
        told = replace(label, facts=Facts(label.facts.revision, {**label.facts.rows, "customer": 7}))
    with file.open("wb") as out:
        sealing = Sealing(out, secret_key.load(config.secrets.key_file))
        sealing.write(told.line())
        sealing.write(gzip.compress(database))
        sealing.finish()


BAD = [
    # what happened to the file, what is said
    ("cut", "was cut off or changed"),
    ("changed", "was cut off or changed"),
    ("other_key", "was made with another key file"),
    ("no_key", "the key file .* can't be used"),
    ("not_ours", "is no backup of keguan"),
    ("gone", "no such file"),
    ("other_engine", "is a backup of"),
    ("newer", "was made by a newer release"),
    ("rows_missing", "does not hold what it should"),
]


@embedded
@pytest.mark.parametrize(("how", "said"), BAD)
def test_a_backup_that_can_not_be_used_changes_nothing(
    config: Config, store: Store, saved: Path, tmp_path: Path, how: str, said: str
) -> None:
    key = config.secrets.key_file
    match how:
        case "cut":
            saved.write_bytes(saved.read_bytes()[:-7])
        case "changed":
            saved.write_bytes(saved.read_bytes()[:-900] + b"?" + saved.read_bytes()[-899:])
        case "other_key":
            key.unlink()
            into_folder(config, store, START + timedelta(days=1))
        case "no_key":
            key.unlink()
        case "not_ours":
            saved.write_bytes(b"PK\3\4")
        case "gone":
            saved.unlink()
        case "other_engine":
            other = Store("postgresql://localhost/x" if store.is_sqlite else f"sqlite:///{tmp_path / 'other.db'}")
            with (
                pytest.raises(RefusedError, match=said),
                opened(copies_of(other), secret_key.load(config.secrets.key_file), saved),
            ):
                pass
            other.close()
            return
        case "rows_missing":
            lying(config, store, saved)
        case "newer":
            saved.unlink()
            with store.engine.begin() as connection:
                connection.execute(text("UPDATE alembic_version SET version_num = '9'"))
            into_folder(config, store, START)
    before = names(store)
    with pytest.raises(RefusedError, match=said):
        restore(config, store, saved, START, replace=True)
    assert names(store) == before
    assert left_over(store, tmp_path) == []
    assert not list(tmp_path.glob("*before*"))
