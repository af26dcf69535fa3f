"""A consistent copy of a database that is at work, and a scratch database to load it into: the same words for both engines."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text

VERSION_TABLE = "alembic_version"


@dataclass(frozen=True)
class Facts:
    """What a copy must hold when it is loaded again: its schema and how many rows are in each table."""

    revision: str
    rows: Mapping[str, int]

    @property
    def empty(self) -> bool:
        return not any(count for table, count in self.rows.items() if table != VERSION_TABLE)


@dataclass(frozen=True)
class Label:
    """The first line of a backup."""

    engine: str
    made_at: datetime
    facts: Facts

    def line(self) -> bytes:
        values = {"engine": self.engine, "made_at": self.made_at.isoformat(), "revision": self.facts.revision}
        return json.dumps({**values, "rows": dict(self.facts.rows)}).encode() + b"\n"

    @classmethod
    def read(cls, line: bytes) -> Label:
        values = json.loads(line)
        made_at = datetime.fromisoformat(values["made_at"])
        return cls(values["engine"], made_at, Facts(values["revision"], values["rows"]))


class Loaded(Protocol):
    """A copy in a scratch database, at `url`."""

    url: str

    def facts(self) -> Facts:
        """Raises `BrokenCopyError` when the database itself finds something wrong."""

    def move_in(self, aside: str | None) -> str | None:
        """In one step become the database that the copy was made for; the old one stays under a name that ends with `aside`,
        which is returned, or goes if it was empty (`aside` is None)."""


class Copies(Protocol):
    """All that must be known about an engine."""

    engine: str

    def one_at_a_time(self) -> AbstractContextManager[None]:
        """Two backups of one database don't meet; raises `RefusedError`. What an earlier one left when it died is cleared away."""

    def unused(self) -> AbstractContextManager[None]:
        """No bot works with the database; raises `RefusedError`."""

    def target(self) -> Facts | None:
        """What is there now; None for what can't be read."""

    def dump(self, to: Callable[[Facts], BinaryIO]) -> None:
        """A consistent copy as a stream into what `to` returns, without holding up those who write."""

    def load(self, dump: BinaryIO) -> AbstractContextManager[Loaded]:
        """The scratch database is gone afterwards, unless it moved in. Raises `BrokenCopyError`."""


class BrokenCopyError(Exception):
    """The database refused the copy, or found something wrong in it."""


def count(connection: Connection) -> Facts:
    """Within the caller's transaction."""
    tables = sorted(inspect(connection).get_table_names())
    quoted = connection.dialect.identifier_preparer.quote
    rows = {each: connection.execute(text(f"SELECT count(*) FROM {quoted(each)}")).scalar_one() for each in tables}  # noqa: S608
    revision = MigrationContext.configure(connection).get_current_revision()
    return Facts(revision or "", rows)
