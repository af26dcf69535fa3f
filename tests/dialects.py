"""What SQLAlchemy compiled for one database of a test serves the next: a test has a database of its own, and to compile the
statements again and again took an eighth of all the time. Only what it keeps is shared; no statement runs differently."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

COMPILED: dict[Any, Any] = {}


class _Alike(Dialect):
    """Two that speak to the same release of the server, and read and write with the same key, take one another's statements."""

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and _reads(self) == _reads(other))

    def __hash__(self) -> int:
        return hash(type(self))

    @classmethod
    def engine_created(cls, engine: Engine) -> None:
        engine.update_execution_options(compiled_cache=COMPILED)


def _reads(dialect: Any) -> object:
    vault = getattr(getattr(dialect._json_serializer, "func", None), "__self__", None)
    return dialect.server_version_info, vault and vars(vault)["_marks"]


class OneSQLite(_Alike, SQLiteDialect_pysqlite):
    supports_statement_cache = True


class OnePostgres(_Alike, PGDialect_psycopg):
    supports_statement_cache = True


def share() -> None:
    """From here on, for every `Store` of this process."""
    registry.register("sqlite", __name__, OneSQLite.__name__)
    registry.register("postgresql.psycopg", __name__, OnePostgres.__name__)
