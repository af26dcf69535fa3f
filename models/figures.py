"""Figures: what a report counts, by one question to the database each, and the rows behind it by the same conditions.

Plain SQL that both databases understand. Lists that the rules work out (the cycles of a span, entries that came late) go in as JSON;
what differs between the databases is in this file and nowhere else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import bindparam, text
from sqlmodel import Session
from sqlmodel.sql.sqltypes import UTCDateTime

from rules.gate import Scope
from rules.house import House
from rules.spans import Span

Row = Any
"""A row of a result, by the names of its columns."""


@dataclass(frozen=True)
class Reach:
    """Whose figures: of these units, or (None) of the whole company. `posts`: those of company leaders that belong to it; what other
    leaders owe is not the unit's."""

    units: frozenset[int] | None = None
    posts: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scope: Scope, posts: Iterable[str] = ()) -> Reach:
        return cls(None) if scope.all else cls(scope.units, frozenset(posts))

    def narrowed(self, unit: int | None) -> Reach:
        """One unit of it; none that lies outside."""
        if unit is None:
            return self
        return Reach(frozenset({unit}) if self.units is None else self.units & {unit}, self.posts)

    @property
    def params(self) -> dict[str, Any]:
        return {"everyone": self.units is None, "units": sorted(self.units or ()), "posts": sorted(self.posts)}


WITHIN = "(:everyone OR {unit} IN (SELECT id FROM reached))"


@dataclass(frozen=True)
class View:
    """Who looks at which span of days, in which house, and when."""

    session: Session
    house: House
    span: Span
    reach: Reach
    now: datetime

    @property
    def today(self) -> date:
        return self.house.calendar.local(self.now).date()

    @property
    def moments(self) -> tuple[datetime, datetime]:
        return self.span.moments(self.house.calendar)

    def kept(self, at: datetime) -> Any:
        """A moment as plain SQL gives it, so that it can be compared with what was read."""
        return _plain(at) if self._sqlite else at

    @property
    def _sqlite(self) -> bool:
        return self.session.get_bind().dialect.name == "sqlite"

    def ask(self, sql: str, lists: Mapping[str, Lines] | None = None, **params: Any) -> Sequence[Row]:
        """The rows of a question. `reached` are the units within reach; `lists` are tables of plain values."""
        since, until = self.moments
        known = {**self.reach.params, "now": self.now, "since": since, "until": until, **params}
        tables = {
            "reached": Lines(("id:int",), [(each,) for each in known.pop("units")]),
            "ours": Lines(("post",), [(each,) for each in known.pop("posts")]),
            **(lists or {}),
        }
        sqlite = self._sqlite
        whole = f"WITH {', '.join(_table(name, each, sqlite) for name, each in tables.items())} {_spoken(sql, sqlite)}"
        given = {**known, **{f"{name}_json": each.packed for name, each in tables.items()}}
        return self.session.execute(_bound(whole, given)).all()


@dataclass(frozen=True)
class Lines:
    """A small table that goes along with a question. A column is text, or a number (`id:int`), or a moment (`due:at`)."""

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]

    @property
    def packed(self) -> str:
        return json.dumps([[_plain(cell) for cell in row] for row in self.rows])


def _plain(cell: Any) -> Any:
    """A moment as SQLite keeps it, so that it can be compared."""
    return cell.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if isinstance(cell, datetime) else cell


KINDS = {"": ("TEXT", "TEXT"), "int": ("INTEGER", "INTEGER"), "at": ("TEXT", "TIMESTAMPTZ")}
"""As SQLite and PostgreSQL call it. SQLite finds by a column only what is cast like it."""


def _table(name: str, lines: Lines, sqlite: bool) -> str:
    cells = []
    for number, column in enumerate(lines.columns):
        called, _, kind = column.partition(":")
        if sqlite:
            cells.append(f"CAST(json_extract(value, '$[{number}]') AS {KINDS[kind][0]}) AS {called}")
        else:
            zone = " || '+00'" if kind == "at" else ""
            cells.append(f"CAST((value ->> {number}){zone} AS {KINDS[kind][1]}) AS {called}")
    source = f"json_each(:{name}_json)" if sqlite else f"json_array_elements(CAST(:{name}_json AS JSON))"
    return f"{name} AS MATERIALIZED (SELECT {', '.join(cells)} FROM {source})"  # noqa: S608


def _spoken(sql: str, sqlite: bool) -> str:
    """UTC_DAY(x): the day of a moment in UTC, as text; TOLD(x, name): what a form answered, as text."""
    day = r"substr(\1, 1, 10)" if sqlite else r"to_char(\1 AT TIME ZONE 'UTC', 'YYYY-MM-DD')"
    said = r"json_extract(\1, '$.\2')" if sqlite else r"(\1 ->> '\2')"
    return re.sub(r"TOLD\(([\w.]+), (\w+)\)", said, re.sub(r"UTC_DAY\(([\w.]+)\)", day, sql))


def _bound(sql: str, given: Mapping[str, Any]) -> Any:
    """Only what the question names is bound; moments as both databases keep them."""
    named = {name: value for name, value in given.items() if re.search(rf"(?<![:\w]):{name}\b", sql)}
    kinds = [
        bindparam(name, type_=UTCDateTime())
        if isinstance(value, datetime)
        else bindparam(name, expanding=isinstance(value, list))
        for name, value in named.items()
    ]
    return text(sql).bindparams(*kinds).bindparams(**named)


def moment(stored: Any) -> datetime:
    """A moment as either database gives it to plain SQL."""
    if isinstance(stored, datetime):
        return stored if stored.tzinfo else stored.replace(tzinfo=UTC)
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)


def stored(value: Any) -> Any:
    """JSON as either database gives it to plain SQL."""
    return json.loads(value) if isinstance(value, str) else value
