"""Who is away (请假, 外出) from when to when, and who stands in for them (代理人).

Only numbers of staff here: `models.people`, which finds the holder of a post, asks it. What happens when somebody goes and comes
back is in `models.leave`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import Field, Session, SQLModel, col, select

from models.asked import asked_once


class Absence(SQLModel, table=True):
    """Somebody is away from `starts` until just before `ends`. One that was called off before it began ends as it starts; rows
    stay, so that it can be told later who stood in for whom when. Without a substitute all goes up the line."""

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    substitute_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    starts: datetime
    ends: datetime = Field(index=True)
    made_at: datetime


class StoodIn(SQLModel, table=True):
    """代: in this entry `by_id` did in the place of `for_id`, who was away, what counts for both. Written with the entry, never
    changed."""

    __tablename__ = "stood_in"

    entry_id: int = Field(primary_key=True, foreign_key="entry.id")
    by_id: int = Field(primary_key=True, foreign_key="staff.id")
    for_id: int = Field(primary_key=True, foreign_key="staff.id", index=True)


OF = (
    select(Absence)
    .where(Absence.staff_id == bindparam("staff"), Absence.starts <= bindparam("at"), Absence.ends > bindparam("at"))
    .order_by(col(Absence.id).desc())
)
AWAY = (
    select(Absence.staff_id, Absence.substitute_id)
    .where(Absence.ends > bindparam("at"), Absence.starts <= bindparam("at"))
    .order_by(col(Absence.id))
)


@asked_once(Absence)
def absence_of(session: Session, staff_id: int, at: datetime) -> Absence | None:
    """Why this person is away at that moment."""
    return session.exec(OF, params={"staff": staff_id, "at": at}).first()


@asked_once(Absence)
def away_at(session: Session, at: datetime) -> dict[int, int | None]:
    """Everybody who is away at that moment, with their substitute."""
    return dict(session.exec(AWAY, params={"at": at}).all())


def chain_end(away: Mapping[int, int | None], staff_id: int) -> int | None:
    """Who stands in at the end: a substitute who is away has a substitute of their own. Themselves, for somebody who is here; None
    where the chain leads to nobody."""
    passed: set[int] = set()
    at: int | None = staff_id
    while at is not None and at in away:
        if at in passed:
            return None
        passed.add(at)
        at = away[at]
    return at


def between(session: Session, starts: datetime, ends: datetime) -> list[Absence]:
    """All absences that fall, in part, into that time; those called off before they began fall into none."""
    query = select(Absence).where(Absence.starts < ends, Absence.ends > starts, Absence.ends > Absence.starts)
    return list(session.exec(query.order_by(col(Absence.starts), col(Absence.id))))


def mine(session: Session, staff_id: int, now: datetime) -> list[Absence]:
    """Those of one person that go on or lie ahead, the nearest first."""
    query = select(Absence).where(Absence.staff_id == staff_id, Absence.ends > now, Absence.ends > Absence.starts)
    return list(session.exec(query.order_by(col(Absence.starts), col(Absence.id))))


def stood_in(session: Session, entry_id: int) -> list[StoodIn]:
    query = select(StoodIn).where(StoodIn.entry_id == entry_id)
    return list(session.exec(query.order_by(col(StoodIn.by_id), col(StoodIn.for_id))))
