"""The one place that decides where and how a transaction runs.

Inside a transaction the code is synchronous. Everything that writes goes through `Store.write`, one at a time; on SQLite it
opens with BEGIN IMMEDIATE (pysqlite's own transactions lose updates silently), on PostgreSQL with an ordinary BEGIN.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlmodel import Session, create_engine

import migrations
from models.vault import VAULT, Vault

P = ParamSpec("P")
R = TypeVar("R")


class NewerSchemaError(Exception):
    """The database was written by a newer release than this one."""


class NotLeadingError(Exception):
    """Another process does the work now: this one may write nothing any more."""


class Store:
    """The database. `url` as in the configuration: sqlite:///file or postgresql://…

    `fence` is asked at the beginning of each transaction that may write and raises `NotLeadingError` to forbid it. `before_upgrade`
    saves what is there before a migration touches it; if it raises, nothing is migrated. `vault` locks what nobody else may read;
    whoever has the key file gives it the key.
    """

    def __init__(self, url: str, before_upgrade: Callable[[Store], None] | None = None) -> None:
        self.before_upgrade = before_upgrade
        self.url = make_url(url)
        if self.url.drivername == "postgresql":
            self.url = self.url.set(drivername="postgresql+psycopg")
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.vault = Vault()
        self.engine: Engine = create_engine(
            self.url,
            pool_pre_ping=not self.is_sqlite,
            hide_parameters=True,
            # partials, because psycopg takes the methods of two vaults for one and keeps the first
            json_serializer=partial(self.vault.dumps),
            json_deserializer=partial(self.vault.loads),
        )
        self.fence: Callable[[Connection], None] | None = None
        if self.is_sqlite:
            _speak_sqlite(self.engine)
        else:
            event.listen(self.engine, "begin", self._ask_fence)
        self._line = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._beside = ThreadPoolExecutor(2, thread_name_prefix="reading")

    def _ask_fence(self, connection: Connection) -> None:
        if self.fence is not None and not connection.get_execution_options().get("reading", False):
            self.fence(connection)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction that may write; committed at the end, rolled back whole on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.info[VAULT] = self.vault
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with Session(self.engine.execution_options(reading=True), expire_on_commit=False) as session:
            session.info[VAULT] = self.vault
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """The database as it stands at one moment, to be asked in plain SQL; whoever looks can change nothing."""
        with self.engine.execution_options(reading=True).connect() as connection:
            if not self.is_sqlite:
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield connection
                return
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")

    async def run(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(session, …)` in a writing transaction of its own, on the one thread that does them all."""
        return await asyncio.get_running_loop().run_in_executor(
            self._line, lambda: self.run_here(work, *args, **kwargs)
        )

    async def beside(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """`work(…)`, which only reads and may take long, on another thread; `close` waits for it."""
        return await asyncio.get_running_loop().run_in_executor(self._beside, lambda: work(*args, **kwargs))

    def run_here(self, work: Callable[Concatenate[Session, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self.write() as session:
            return work(session, *args, **kwargs)

    async def wipe(self) -> bool:
        """Take what was deleted or overwritten out of the files too. False when somebody was reading: it is not all gone yet."""
        return await asyncio.get_running_loop().run_in_executor(self._line, self.wipe_here)

    def wipe_here(self) -> bool:
        """SQLite keeps what was there in the gaps of its pages and in its log until the file is written anew."""
        if not self.is_sqlite:
            with self.engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("VACUUM")
            return True
        with closing(self.engine.raw_connection()) as raw:
            cursor = raw.cursor()
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return (cursor.fetchone() or (1,))[0] == 0

    def upgrade(self) -> None:
        """Create the tables or bring them to this release, in one transaction, after a backup of what is there. Raises
        `NewerSchemaError` for a database from a later one."""
        config = alembic_config()
        scripts = ScriptDirectory.from_config(config)
        with self.engine.connect() as connection:
            at = MigrationContext.configure(connection).get_current_revision()
            if at and at not in {script.revision for script in scripts.walk_revisions()}:
                raise NewerSchemaError(at)
            connection.rollback()
        if at == scripts.get_current_head():
            return
        if at and self.before_upgrade is not None:
            self.before_upgrade(self)
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        self._line.shutdown()
        self._beside.shutdown()
        self.engine.dispose()


def libpq_address(url: URL) -> str:
    """As PostgreSQL's own library wants it, with the password in it: SQLAlchemy leaves spaces, which that refuses."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False).replace(" ", "%20")


def alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    return config


def _speak_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def settle(connection: sqlite3.Connection, _: Any) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=10000",
            "recursive_triggers=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        reading = connection.get_execution_options().get("reading", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
