"""Backups of SQLite by its online backup API. Scratch files lie beside the database, as plain as it is and nowhere else."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, cast

from filelock import FileLock, Timeout
from sqlalchemy.exc import DatabaseError

from bot.copies import BrokenCopyError, Facts, count
from bot.leader import lock_file
from bot.sentences import RefusedError
from models.store import Store

PREFIX: Final = ".keguan-scratch-"
BLOCK: Final = 1 << 20


class SqliteCopies:
    engine = "sqlite"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.path = Path(store.url.database or "keguan.db")

    @contextmanager
    def one_at_a_time(self) -> Iterator[None]:
        lock = FileLock(self.path.with_name(f"{self.path.name}.backup.lock"), timeout=0)
        try:
            with lock:
                for left in self.path.parent.glob(f"{PREFIX}*"):
                    shutil.rmtree(left)
                yield
        except Timeout:
            raise RefusedError("backup_running", url=self.store.url) from None

    @contextmanager
    def unused(self) -> Iterator[None]:
        with lock_file(self.store):
            yield

    def target(self) -> Facts | None:
        if not self.path.exists():
            return Facts("", {})
        try:
            return _counted(self.store)
        except DatabaseError:
            return None
        finally:
            self.store.engine.dispose()

    def dump(self, to: Callable[[Facts], BinaryIO]) -> None:
        """Rows are counted and pages copied in one reading transaction; in WAL mode nobody who writes waits for it."""
        with self._scratch() as folder:
            copy = folder / "copy.db"
            with self.store.engine.execution_options(reading=True).connect() as connection:
                facts = count(connection)
                source = cast(sqlite3.Connection, connection.connection.driver_connection)
                with contextlib.closing(sqlite3.connect(copy)) as target:
                    source.backup(target)
            with copy.open("rb") as file:
                shutil.copyfileobj(file, to(facts), BLOCK)

    @contextmanager
    def load(self, dump: BinaryIO) -> Iterator[SqliteLoaded]:
        with self._scratch() as folder:
            copy = folder / "restored.db"
            with copy.open("wb") as file:
                shutil.copyfileobj(dump, file, BLOCK)
            yield SqliteLoaded(copy, self.path)

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix=PREFIX, dir=self.path.parent) as folder:
            yield Path(folder)


class SqliteLoaded:
    def __init__(self, path: Path, target: Path) -> None:
        self.path = path
        self.target = target
        self.url = f"sqlite:///{path}"

    def facts(self) -> Facts:
        store = Store(self.url)
        try:
            with store.engine.connect() as connection:
                wrong = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
                loose = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                connection.rollback()
            if wrong != "ok" or loose is not None:
                raise BrokenCopyError(f"integrity_check: {wrong}; foreign_key_check: {loose or 'ok'}")
            return _counted(store)
        except DatabaseError as error:
            raise BrokenCopyError(str(error.orig)) from None
        finally:
            store.close()

    def move_in(self, aside: str | None) -> str | None:
        """The old file gets a second name before the new one takes its place: at no moment is there none."""
        kept = self.target.with_name(f"{self.target.name}.{aside}") if aside else None
        _fold_in(self.target)
        for tail in ("", "-wal"):
            old = self.target.with_name(f"{self.target.name}{tail}")
            if kept is not None and old.exists():
                _second_name(old, kept.with_name(f"{kept.name}{tail}"))
        for tail in ("-wal", "-shm"):
            self.target.with_name(f"{self.target.name}{tail}").unlink(missing_ok=True)
        with self.path.open("rb") as file:
            os.fsync(file.fileno())
        self.path.replace(self.target)
        sync_folder(self.target.parent)
        return str(kept) if kept else None


def _counted(store: Store) -> Facts:
    with store.engine.execution_options(reading=True).connect() as connection:
        return count(connection)


def _fold_in(database: Path) -> None:
    """What still stands in the write-ahead log goes into the file; a broken database keeps its log, which is kept with it."""
    if database.exists():
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _second_name(old: Path, new: Path) -> None:
    """Once: an earlier try may have died after it."""
    if new.exists() and new.samefile(old):
        return
    try:
        os.link(old, new)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        shutil.copy2(old, new)


def sync_folder(folder: Path) -> None:
    """A new name is on the disk as well."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
