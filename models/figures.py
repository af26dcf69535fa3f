"""Figures: what a report counts, by one question to the database each, and the rows behind it by the same conditions.

Plain SQL that both databases understand; what differs between them is in this file and nowhere else.
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
    """Whose figures: of these units, or (None) of the whole company. `posts`: those of company leaders that belong to it; what
    other leaders owe is not the unit's."""

    units: frozenset[int] | None = None
    posts: frozenset[str] = frozenset()
    owners: frozenset[int] = frozenset()
    """Whose own customers belong to it too, where a question is about customers one by one."""

    @classmethod
    def of(cls, scope: Scope, posts: Iterable[str] = ()) -> Reach:
        return cls(None) if scope.all else cls(scope.units, frozenset(posts), scope.owners)

    @property
    def scope(self) -> Scope:
        """The same for what is asked by the gate's own terms."""
        return Scope(self.units is None, self.units or frozenset(), None, None, self.owners)

    def narrowed(self, unit: int | None) -> Reach:
        """One unit of it; none that lies outside."""
        if unit is None:
            return self
        return Reach(frozenset({unit}) if self.units is None else self.units & {unit}, self.posts)


WITHIN = "(:everyone OR {unit} IN (SELECT id FROM reached))"
OWNED = "u.owner_id IN (SELECT id FROM owners)"
"""Of a customer `u`."""


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

    def ask(self, sql: str, **params: Any) -> Sequence[Row]:
        """The rows of a question. `reached` are the units within reach, `owners` those whose own customers are."""
        since, until = self.moments
        reach = self.reach
        known = {"everyone": reach.units is None, "now": self.now, "since": since, "until": until, **params}
        tables = {"reached": sorted(reach.units or ()), "owners": sorted(reach.owners)}
        sqlite = self._sqlite
        more = sql.removeprefix("WITH ")
        heads = ", ".join(_table(name, sqlite) for name in tables)
        whole = f"WITH {heads}{', ' if more != sql else ' '}{_spoken(more, sqlite)}"
        given = {**known, **{f"{name}_json": json.dumps(numbers) for name, numbers in tables.items()}}
        return self.session.execute(_bound(whole, given)).all()


def _plain(at: datetime) -> str:
    """A moment as SQLite keeps it, so that it can be compared."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _table(name: str, sqlite: bool) -> str:
    """A list of numbers that goes along with a question."""
    if sqlite:
        return f"{name} AS (SELECT CAST(value AS INTEGER) AS id FROM json_each(:{name}_json))"  # noqa: S608
    return f"{name} AS (SELECT CAST(value AS INTEGER) AS id FROM json_array_elements_text(CAST(:{name}_json AS JSON)))"  # noqa: S608


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
