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
from bot.leader import KEY, first_line
from bot.sentences import RefusedError
from models.store import Store

BACKUP_KEY: Final = KEY + 1
BLOCK: Final = 1 << 20
LONGEST_NAME: Final = 63


class PostgresCopies:
    engine = "postgresql"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.name = store.url.database or ""
        self.scratch = f"keguan_scratch_{hashlib.sha256(self.name.encode()).hexdigest()[:12]}"

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        with self._alone(BACKUP_KEY, "backup_running"):
            yield

    @contextmanager
    def unused(self) -> Iterator[None]:
        """Asked once: the lock's own connection would stand in the way of the new name. Whoever connects later does so too."""
        with self._alone(KEY, "restore_running"):
            pass
        yield

    @contextmanager
    def _alone(self, number: int, otherwise: str) -> Iterator[None]:
        """By an advisory lock that lives as long as a connection of its own. The connection ends with the lock: while one is open
        a database can't be renamed."""
        with _errors(self.store), psycopg.connect(_address(self.store.url), autocommit=True) as connection:
            got = connection.execute("SELECT pg_try_advisory_lock(%s)", (number,)).fetchone()
            if not (got and got[0]):
                raise RefusedError(otherwise, url=self.store.url)
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
            with contextlib.closing(psycopg.connect(_address(url), autocommit=True)) as connection:
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


def _address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


@contextmanager
def _tool(name: str, url: URL, words: list[str], **pipes: int) -> Iterator[subprocess.Popen[bytes]]:
    """The password goes by the environment: the list of processes shows arguments to everybody."""
    found = shutil.which(name)
    if found is None:
        raise RefusedError("backup_tool", tool=name)
    address = url.set(drivername="postgresql", password=None).render_as_string()
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
