"""Backups of PostgreSQL by pg_dump and pg_restore, which must be on the PATH. The role needs CREATEDB: each backup is loaded into a
scratch database on the same server."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO, Final, cast

import psycopg
from psycopg import sql
from sqlalchemy import URL, create_engine, text
from sqlalchemy.pool import NullPool

from bot.copies import BrokenCopyError, Facts, count
from bot.leader import first_line
from bot.sentences import RefusedError
from models.store import Store, libpq_address

BLOCK: Final = 1 << 20
LONGEST_NAME: Final = 63
OTHERS: Final = (
    "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND coalesce(backend_type, 'client backend') = 'client backend' LIMIT 1"
)
"""Programs; the server's own workers make way."""


class PostgresCopies:
    engine = "postgresql"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.name = store.url.database or ""
        self.scratch = f"keguan_scratch_{hashlib.sha256(self.name.encode()).hexdigest()[:12]}"

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        """By an advisory lock beside the database: a connection to itself would stand in the way of a new name."""
        with self._server() as server:
            if not _locked(server, int(self.scratch[-12:], 16)):
                raise RefusedError("backup_running", url=self.store.url)
            yield

    @contextmanager
    def unused(self) -> Iterator[None]:
        """Nobody leads, and nobody stands by. Asked once, for the same reason; whoever connects later prevents the new name."""
        self.store.engine.dispose()
        address = libpq_address(self.store.url)
        with _errors(self.store), contextlib.closing(psycopg.connect(address, autocommit=True)) as own:
            if own.execute(OTHERS).fetchone() is not None:
                raise RefusedError("restore_running", url=self.store.url)
        yield

    def target(self) -> Facts | None:
        with self.store.engine.connect() as connection:
            return count(connection)

    def dump(self, to: Callable[[Facts], BinaryIO]) -> None:
        """Rows are counted in the very snapshot that is dumped."""
        engine = self.store.engine.execution_options(isolation_level="REPEATABLE READ")
        with engine.connect() as connection:
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            out = to(count(connection))
            words = ["--format=custom", "--compress=0", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
            with _tool("pg_dump", self.store.url, words, stdout=subprocess.PIPE) as process:
                shutil.copyfileobj(cast(IO[bytes], process.stdout), out, BLOCK)

    @contextmanager
    def load(self, dump: BinaryIO) -> Iterator[PostgresLoaded]:
        url = self.store.url.set(database=self.scratch)
        self._drop()
        with self._server() as server:
            server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(self.scratch)))
        try:
            words = ["--exit-on-error", "--no-owner", "--no-privileges"]
            with _tool("pg_restore", url, words, stdin=subprocess.PIPE) as process:
                _feed(dump, process)
            yield PostgresLoaded(self, url)
        except subprocess.CalledProcessError as error:
            raise BrokenCopyError(error.stderr) from None
        finally:
            self._drop()

    def rename(self, aside: str | None) -> str | None:
        """Both databases change their names in one transaction; whoever is connected to either prevents it."""
        gone = f"{self.name[: LONGEST_NAME - 30]}.{aside or 'empty'}"
        self.store.engine.dispose()
        change = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        with self._server() as server:
            try:
                with server.transaction():
                    server.execute(change.format(sql.Identifier(self.name), sql.Identifier(gone)))
                    server.execute(change.format(sql.Identifier(self.scratch), sql.Identifier(self.name)))
            except psycopg.errors.ObjectInUse:
                raise RefusedError("restore_running", url=self.store.url) from None
            if aside is None:
                server.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(gone)))
        return gone if aside else None

    def _drop(self) -> None:
        with self._server() as server:
            server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.scratch)))

    @contextmanager
    def _server(self) -> Iterator[psycopg.Connection]:
        """A connection beside the database itself, to make, rename and drop others."""
        with _errors(self.store):
            url = self.store.url.set(database="postgres")
            with contextlib.closing(psycopg.connect(libpq_address(url), autocommit=True)) as connection:
                yield connection


class PostgresLoaded:
    def __init__(self, copies: PostgresCopies, url: URL) -> None:
        self.copies = copies
        self.url = url.render_as_string(hide_password=False)

    def facts(self) -> Facts:
        """The server has checked every key and constraint while it loaded."""
        with create_engine(self.url, poolclass=NullPool).connect() as connection:
            return count(connection)

    def move_in(self, aside: str | None) -> str | None:
        return self.copies.rename(aside)


@contextmanager
def _errors(store: Store) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise RefusedError("backup_createdb", url=store.url, reason=first_line(error)) from None
    except psycopg.OperationalError as error:
        raise RefusedError("database", url=store.url, reason=first_line(error)) from None


def _locked(connection: psycopg.Connection, number: int) -> bool:
    """For as long as the connection lives."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
    return bool(row and row[0])


@contextmanager
def _tool(name: str, url: URL, words: list[str], **pipes: int) -> Iterator[subprocess.Popen[bytes]]:
    """The password goes by the environment: the list of processes shows arguments to everybody."""
    found = shutil.which(name)
    if found is None:
        raise RefusedError("backup_tool", tool=name)
    address = url.set(drivername="postgresql")._replace(password=None).render_as_string()
    environment = {**os.environ, **({"PGPASSWORD": str(url.password)} if url.password else {})}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen([found, f"--dbname={address}", *words], env=environment, stderr=said, **pipes)  # type: ignore[call-overload]  # noqa: S603
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        finally:
            process.communicate()
        if process.returncode:
            said.seek(0)
            raise subprocess.CalledProcessError(
                process.returncode, name, stderr=said.read().decode(errors="replace").strip()
            )


def _feed(dump: BinaryIO, process: subprocess.Popen[bytes]) -> None:
    """A tool that ends early says why by its exit code."""
    with contextlib.suppress(BrokenPipeError):
        shutil.copyfileobj(dump, cast(IO[bytes], process.stdin), BLOCK)
