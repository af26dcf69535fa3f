"""The search index, asked: what begins so, in each unit within somebody's reach.

A key is a name, how it sounds, a number, or the rest of a name from one of its characters on, so that a part of a name is the
beginning of a key. The keys lie by unit: whoever sees one unit does not wait because a million others fit first, and a part that
everybody has in their name (有限公司) is cut off after so many. Both databases answer from the same index, in the same order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import TextClause, text
from sqlmodel import Session, col, select

from models.asked import asked_once
from models.people import Unit
from rules.gate import Scope

MOST = 200
"""Keys that are looked at for one question, over all units together."""
LEAST = 12
"""Keys that are looked at in each unit at least."""
AT_ONCE = 400
"""Parts of one statement; SQLite takes 500."""
LAST = "\U0010ffff"


@dataclass(frozen=True)
class Beginning:
    """What a key begins with; `whole` for keys that are all of a name, not the rest of it. `kind`: of this kind only."""

    text: str
    whole: bool
    kind: int | None = None


class Hit(NamedTuple):
    customer_id: int
    kind: int
    whole: bool
    text: str


@dataclass(frozen=True)
class Hits:
    """What fits, and whether there may be more that was not looked at."""

    found: tuple[Hit, ...]
    more: bool


def hits(session: Session, scope: Scope, wanted: Sequence[Beginning], most: int = MOST) -> Hits:
    """The keys within reach that begin so. Where there are more, the first of each unit in the order of the alphabet: the one that
    is exactly what was asked for is always among them."""
    units = _every(session) if scope.all else sorted(scope.units)
    each = max(LEAST, most // max(1, len(units)))
    found: list[Hit] = []
    seen: Counter[tuple[int, int]] = Counter()
    for statement, whose in _statements(session, scope, units, tuple(one.kind is not None for one in wanted)):
        rows = session.execute(statement, {**_ranges(wanted), **whose, "each": each}).all()
        seen.update((row[0], row[1]) for row in rows)
        found += [Hit(customer, kind, bool(whole), key) for _, _, customer, kind, whole, key in rows]
    return Hits(tuple(dict.fromkeys(found)), max(seen.values(), default=0) >= each)


@asked_once(Unit)
def _every(session: Session) -> list[int]:
    return list(session.exec(select(col(Unit.id)).order_by(col(Unit.id))).all())  # type: ignore[arg-type]


def _ranges(wanted: Sequence[Beginning]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for n, one in enumerate(wanted):
        found |= {f"from{n}": one.text, f"to{n}": one.text + LAST, f"whole{n}": one.whole}
        found |= {f"kind{n}": one.kind} if one.kind is not None else {}
    return found


def _statements(
    session: Session, scope: Scope, units: Sequence[int], kinds: tuple[bool, ...]
) -> Iterator[tuple[TextClause, dict[str, Any]]]:
    """What is one's own or in one's keeping (专管员) wherever it lies; then the units."""
    database = session.get_bind().dialect.name
    if scope.owner is not None and not scope.all:
        yield _of_owner(kinds, database), {"owner": scope.owner}
    if database == "postgresql":
        yield _of_units(kinds), {"units": list(units)}
        return
    most = max(1, AT_ONCE // len(kinds))
    for start in range(0, len(units), most):
        some = units[start : start + most]
        yield _unit_by_unit(len(some), kinds), {f"unit{n}": unit for n, unit in enumerate(some)}


# No database takes the first few of each unit from an index of its own accord; each has its own way to be told so.


ONE_OF = {"sqlite": "IN ({})", "postgresql": "= ANY(ARRAY({}))"}
"""PostgreSQL joins one's own with everybody's keys when a city's name fits many of them, unless it has the numbers at hand."""


@lru_cache(maxsize=256)
def _of_owner(kinds: tuple[bool, ...], database: str) -> TextClause:
    own = "SELECT id FROM customer WHERE owner_id = :owner", "0"
    kept = "SELECT customer_id FROM customer_file WHERE custodian_id = :owner", "-1"
    return _all(
        _first("search_key k", f"k.customer_id {ONE_OF[database].format(those)}", n, kind, place)
        for those, place in (own, kept)
        for n, kind in enumerate(kinds)
    )


@lru_cache(maxsize=256)
def _of_units(kinds: tuple[bool, ...]) -> TextClause:
    units = "SELECT k.* FROM unnest(CAST(:units AS integer[])) AS u (id) CROSS JOIN LATERAL"
    parts = (_first("search_key k", "k.unit_id = u.id", n, kind, "u.id") for n, kind in enumerate(kinds))
    return _all(f"{units} ({part}) AS k" for part in parts)


@lru_cache(maxsize=256)
def _unit_by_unit(units: int, kinds: tuple[bool, ...]) -> TextClause:
    places = [f":unit{each}" for each in range(units)]
    those = [(place, n, kind) for place in places for n, kind in enumerate(kinds)]
    return _all(_first("search_key k", f"k.unit_id = {place}", n, kind, place) for place, n, kind in those)


def _first(of: str, whose: str, n: int, kind: bool, unit: str) -> str:
    only = f" AND k.kind = :kind{n}" if kind else ""
    return (
        f"SELECT {n} AS n, {unit} AS unit, k.customer_id, k.kind, k.whole, k.text FROM {of} WHERE {whose}"  # noqa: S608
        f" AND k.whole = :whole{n} AND k.text >= :from{n} AND k.text < :to{n}{only}"
        " ORDER BY k.text, k.customer_id, k.kind LIMIT :each"
    )


def _all(parts: Iterable[str]) -> TextClause:
    each = (f"SELECT * FROM ({part}) AS part{number}" for number, part in enumerate(parts))  # noqa: S608
    return text(" UNION ALL ".join(each))
