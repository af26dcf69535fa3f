"""A database that can be put back to how it was, quickly and many times; and how its server takes a death."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Protocol

import psycopg
from psycopg import sql
from sqlalchemy import make_url

KEYS = "SELECT table_name FROM information_schema.columns WHERE column_name = 'id' AND table_schema = 'public'"
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"


class Database(Protocol):
    url: str

    def keep(self) -> None:
        """Remember what stands in it now."""

    def restore(self) -> None:
        """Put back what was remembered."""

    def bury(self) -> None:
        """Let the server notice that the last client died."""


class SqliteFile:
    def __init__(self, url: str) -> None:
        self.url = url
        self._path = Path(make_url(url).database or "")
        self._kept = b""

    def keep(self) -> None:
        """The file is closed before the next fork: SQLite's locks can't be shared by processes."""
        with closing(sqlite3.connect(self._path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._kept = self._path.read_bytes()

    def restore(self) -> None:
        for ending in ("-wal", "-shm"):
            Path(f"{self._path}{ending}").unlink(missing_ok=True)
        self._path.write_bytes(self._kept)

    def bury(self) -> None:
        """Nothing to do: the locks went with the process, the next one replays or drops the log."""


class PostgresDatabase:
    """Rows are copied out and in: a new database from a template costs a third of a second."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._kept: dict[str, bytes] = {}
        with self._connect() as connection:
            name = sql.Identifier(connection.info.dbname)
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(name))

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self.url, autocommit=True)

    def keep(self) -> None:
        with self._connect() as connection, connection.cursor() as cursor:
            for (table,) in cursor.execute(TABLES).fetchall():
                with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
                    self._kept[table] = b"".join(rows)

    def restore(self) -> None:
        with self._connect() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table, kept in self._kept.items():
                cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
                with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as rows:
                    rows.write(kept)
        self.bury()

    def bury(self) -> None:
        """End what the dead left open; and take back the numbers it drew, which PostgreSQL never does by itself, so that rows
        can be compared with those of an undisturbed day by their ids."""
        with self._connect() as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            for (table,) in connection.execute(KEYS).fetchall():
                highest = sql.SQL(
                    "SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 0) + 1, false) FROM {}"
                )
                connection.execute(highest.format(sql.Literal(table), sql.Identifier(table)))


def database_at(url: str) -> Database:
    return SqliteFile(url) if url.startswith("sqlite") else PostgresDatabase(url)
