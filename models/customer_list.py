"""客户名单: the customers within somebody's reach, those longest not spoken with first, a page at a time.

Each unit's customers lie in that order in an index, for every filter: a page is the first few of each unit, merged. Pages go on
from the last row seen, so the thousandth costs what the first does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Select, literal, tuple_, union_all
from sqlmodel import Session, col, exists, func, or_, select

from models.customers import Customer, in_scope
from models.files import CustomerFile
from models.people import Staff, Unit, key, units
from models.provinces import NAMES
from rules.gate import Scope

COUNTED = 1000
"""More are not counted out."""
AT_ONCE = 400
"""Units in one statement; SQLite takes 500."""
Cursor = tuple[datetime, int]
Rows = Select[*tuple[Any, ...]]
_SHOWN: Rows = sqlalchemy.select(col(Customer.quiet_since), col(Customer.id))
_COUNTED: Rows = sqlalchemy.select(col(Customer.id))


@dataclass(frozen=True)
class Wanted:
    """None means any. `quiet_before`: nobody has spoken with them since."""

    unit: int | None = None
    tier: str | None = None
    province: str | None = None
    owner: int | None = None
    quiet_before: datetime | None = None


@dataclass(frozen=True)
class Page:
    customers: tuple[Customer, ...] = ()
    earlier: bool = False
    later: bool = False


def page(session: Session, wanted: Wanted, scope: Scope, most: int, start: Cursor | None, back: bool = False) -> Page:
    """From where the last page ended; `back`: those before where it began."""
    place = tuple_(col(Customer.quiet_since), col(Customer.id))
    order = [each.desc() if back else each.asc() for each in (col(Customer.quiet_since), col(Customer.id))]
    beyond = () if start is None else (place < start if back else place > start,)
    found: list[Cursor] = []
    for lanes in _lanes(session, wanted, scope):
        parts = [_SHOWN.where(*each, *beyond).order_by(*order) for each in lanes]
        found += [(at, number) for at, number in session.execute(_together(parts, most + 1))]
    ids = [number for _, number in sorted(found, reverse=back)[: most + 1]]
    more, shown = len(ids) > most, ids[:most][:: -1 if back else 1]
    rows = (
        {key(each): each for each in session.exec(select(Customer).where(col(Customer.id).in_(shown)))} if ids else {}
    )
    there = tuple(rows[each] for each in shown)
    return Page(there, more if back else start is not None, start is not None if back else more)


def count(session: Session, wanted: Wanted, scope: Scope, most: int = COUNTED) -> int:
    """How many, counted to one more than `most`."""
    found = 0
    for lanes in _lanes(session, wanted, scope):
        rows = _together([_COUNTED.where(*each) for each in lanes], most + 1).subquery()
        found += session.execute(select(func.count()).select_from(rows)).scalar_one()
    return min(found, most + 1)


def _together(parts: Sequence[Rows], most: int) -> Any:
    """The first few of each."""
    return union_all(*(select(part.limit(most).subquery()) for part in parts))


def _lanes(session: Session, wanted: Wanted, scope: Scope) -> Iterator[list[list[ColumnElement[bool]]]]:
    """Conditions under which the customers lie in order, each customer under one of them; so many at once."""
    filters = _filters(wanted)
    rest = iter(_places(session, wanted, scope))
    while some := list(islice(rest, AT_ONCE)):
        yield [[*each, *filters] for each in some]


def _places(session: Session, wanted: Wanted, scope: Scope) -> Iterator[list[ColumnElement[bool]]]:
    there = [] if wanted.unit is None else [col(Customer.unit_id) == wanted.unit]
    if wanted.owner is not None:
        yield [col(Customer.owner_id) == wanted.owner, _seen(scope), *there]
        return
    for unit in reached(session, scope):
        if wanted.unit in (None, unit):
            yield [col(Customer.unit_id) == unit]
    if scope.owner is not None and not scope.all:
        elsewhere = [col(Customer.unit_id).not_in(scope.units), *there]
        yield [col(Customer.owner_id) == scope.owner, *elsewhere]
        yield [col(Customer.owner_id) != scope.owner, _kept(scope.owner), *elsewhere]


def _kept(staff: int) -> ColumnElement[bool]:
    """In their keeping (专管员), whosever they are."""
    return col(Customer.id).in_(select(CustomerFile.customer_id).where(CustomerFile.custodian_id == staff))


def _seen(scope: Scope) -> ColumnElement[bool]:
    return in_scope(scope) if scope.all or scope.owner is None else or_(in_scope(scope), _kept(scope.owner))


def _filters(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.tier is not None:
        found.append(col(Customer.tier) == wanted.tier)
    if wanted.province is not None:  # a customer marked 涉密 is at no place that may be told
        found += [col(Customer.province) == wanted.province, col(Customer.code_name).is_(None)]
    if wanted.quiet_before is not None:
        found.append(col(Customer.quiet_since) < wanted.quiet_before)
    return found


def reached(session: Session, scope: Scope) -> list[int]:
    """The units within reach, in order."""
    return [key(each) for each in units(session)] if scope.all else sorted(scope.units)


# What can be chosen from


def units_there(session: Session, scope: Scope) -> list[Unit]:
    """Units with customers within reach."""
    theirs = exists().where(col(Customer.unit_id) == Unit.id, _seen(scope))
    return list(session.exec(select(Unit).where(theirs).order_by(col(Unit.id))))


def provinces_there(session: Session, scope: Scope, unit: int | None) -> list[str]:
    """One look into an index for each province and unit, however many customers there are."""
    every = union_all(*(select(literal(name).label("name")) for name in NAMES)).subquery()
    here = [each for each in reached(session, scope) if unit in (None, each)]
    within = exists().where(col(Customer.unit_id) == Unit.id, col(Customer.province) == every.c.name, _open())
    ways = [exists().where(col(Unit.id).in_(here), within.correlate(Unit, every)).correlate(every)]
    if scope.owner is not None and not scope.all and unit is None:
        theirs = or_(col(Customer.owner_id) == scope.owner, _kept(scope.owner))
        ways.append(exists().where(theirs, col(Customer.province) == every.c.name, _open()))
    return list(session.execute(select(every.c.name).where(or_(*ways))).scalars())


def _open() -> ColumnElement[bool]:
    return col(Customer.code_name).is_(None)


def owners_there(session: Session, scope: Scope, unit: int, most: int) -> list[Staff]:
    theirs = exists().where(col(Customer.owner_id) == Staff.id, col(Customer.unit_id) == unit, _seen(scope))
    return list(session.exec(select(Staff).where(theirs).order_by(col(Staff.number)).limit(most)))


def after(last: Customer) -> Cursor:
    """Where a page that ended with this customer goes on."""
    assert last.quiet_since is not None, "every customer has it from the first day"
    return last.quiet_since, key(last)
