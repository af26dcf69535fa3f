"""备案台账: what was filed in a period, as far as somebody may see it, the newest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, or_, select

from models.customers import Customer
from models.filings import Filing
from rules.gate import Scope

WAITING, RETURNED, DECIDED = "waiting", "returned", "decided"
STATES = (WAITING, RETURNED, DECIDED)


@dataclass(frozen=True)
class Wanted:
    """None means any."""

    since: datetime | None = None
    until: datetime | None = None
    unit: int | None = None
    kind: str | None = None
    state: str | None = None


def count(session: Session, wanted: Wanted, scope: Scope) -> int:
    return session.exec(select(func.count(col(Filing.id))).where(*_conditions(wanted, scope))).one()


def page(session: Session, wanted: Wanted, scope: Scope, skip: int, most: int) -> list[Filing]:
    query = select(Filing).where(*_conditions(wanted, scope)).order_by(col(Filing.id).desc())
    return list(session.exec(query.offset(skip).limit(most)))


def _conditions(wanted: Wanted, scope: Scope) -> list[ColumnElement[bool]]:
    found = [] if scope.all else [_within(scope)]
    if wanted.since is not None:
        found.append(col(Filing.made_at) >= wanted.since)
    if wanted.until is not None:
        found.append(col(Filing.made_at) < wanted.until)
    if wanted.unit is not None:
        found.append(col(Filing.unit_id) == wanted.unit)
    if wanted.kind is not None:
        found.append(col(Filing.kind) == wanted.kind)
    return [*found, *_in_state(wanted.state)]


def _in_state(state: str | None) -> list[ColumnElement[bool]]:
    match state:
        case "waiting":
            return [col(Filing.decided_at).is_(None), col(Filing.returned_at).is_(None)]
        case "returned":
            return [col(Filing.decided_at).is_(None), col(Filing.returned_at).is_not(None)]
        case "decided":
            return [col(Filing.decided_at).is_not(None)]
    return []


def _within(scope: Scope) -> ColumnElement[bool]:
    """Of the units within reach, of one's own customers, and what one filed oneself."""
    theirs = select(Customer.id).where(col(Customer.owner_id).in_(scope.owners))
    mine = col(Filing.by_id) == (scope.self_ or 0)
    return or_(col(Filing.unit_id).in_(scope.units), col(Filing.customer_id).in_(theirs), mine)
