"""核定次数 (R17.5): how many ordinary customers a unit head visits a year, where the sales department set a number for the unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.asked import asked_once
from models.people import Staff, key


class PlanQuota(SQLModel, table=True):
    """From that year on, until another is set. The newest of a year counts; those before it stay on record."""

    __tablename__ = "plan_quota"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    number: int
    by_id: int = Field(foreign_key="staff.id")
    at: datetime


@asked_once(PlanQuota)
def by_unit(session: Session) -> dict[int, list[tuple[int, int]]]:
    """Of each unit the years with their numbers, in the order in which they were set."""
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for row in session.exec(select(PlanQuota).order_by(col(PlanQuota.id))):
        found[row.unit_id].append((row.year, row.number))
    return dict(found)


def number(known: Iterable[tuple[int, int]], year: int, otherwise: int) -> int:
    """That of the latest year up to this one; of one year the number that was set last."""
    found = max((each for each in known if each[0] <= year), key=lambda each: each[0], default=None)
    if found is None:
        return otherwise
    return [count for since, count in known if since == found[0]][-1]


def of(session: Session, unit: int, year: int, otherwise: int) -> int:
    return number(by_unit(session).get(unit, ()), year, otherwise)


def put(session: Session, unit: int, year: int, count: int, by: Staff, now: datetime) -> PlanQuota:
    """Set it, on record."""
    row = PlanQuota(unit_id=unit, year=year, number=count, by_id=key(by), at=now)
    session.add(row)
    session.flush()
    audit.record(session, now, key(by), "plan.quota", f"unit:{unit}", year=year, number=count)
    return row
