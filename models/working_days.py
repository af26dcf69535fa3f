"""The company's own table of rest and make-up days (放假安排), over the state calendar. Each change is a new row; the newest row of
a day counts."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Field, Session, SQLModel, col, func, select

from models.people import Staff, in_role, key
from rules.calendar import Calendar
from rules.house import House
from rules.roles import Role

ASKED_FROM = 11
"""From this month on, the arrangement of the next year is asked for; the State Council publishes it then."""


class Arrangement(SQLModel, table=True):
    """A notice, or a change of single days with its reason. `whole`: it settles the whole year."""

    id: int | None = Field(default=None, primary_key=True)
    year: int
    whole: bool = False
    text: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime


class WorkingDay(SQLModel, table=True):
    """`works` None: as the state calendar says, and where that knows nothing, Monday to Friday."""

    __tablename__ = "working_day"

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(index=True)
    works: bool | None = None
    name: str = ""
    arrangement_id: int = Field(foreign_key="arrangement.id")


@dataclass(frozen=True)
class Change:
    """What a day becomes. `name` says of which holiday it is."""

    works: bool | None
    name: str = ""


Changes = Mapping[date, Change]


def standing(session: Session) -> dict[date, WorkingDay]:
    """The newest row of each day, those that were taken back included."""
    return {row.day: row for row in session.exec(select(WorkingDay).order_by(col(WorkingDay.id)))}


NEWEST = select(func.max(col(WorkingDay.id)))


def in_force(session: Session, house: House) -> House:
    """The house with the table as it stands in this transaction. Asked at the start of each: one number tells whether anything is
    new, so that a change counts at once, in whichever process."""
    newest = session.exec(NEWEST).one() or 0
    if newest == house.calendar_version:
        return house
    rows = [row for row in standing(session).values() if row.works is not None]
    overrides = {row.day: bool(row.works) for row in rows}
    calendar = replace(house.calendar, overrides=overrides, arranged=frozenset(_arranged(session, rows)))
    return replace(house, calendar=calendar, calendar_version=newest)


def _arranged(session: Session, rows: Sequence[WorkingDay]) -> set[int]:
    """The years of which a day still stands as the notice for the whole year set it."""
    whole = {each.id: each.year for each in session.exec(select(Arrangement).where(col(Arrangement.whole)))}
    return {whole[row.arrangement_id] for row in rows if row.arrangement_id in whole}


def new_ones(session: Session, changes: Changes) -> dict[date, Change]:
    """Those of the changes that the table does not say already."""
    now = standing(session)
    return {day: change for day, change in sorted(changes.items()) if not _says(now.get(day), change)}


def _says(row: WorkingDay | None, change: Change) -> bool:
    if row is None:
        return change.works is None
    return row.works == change.works and (row.name == change.name or change.works is None)


def changed(calendar: Calendar, changes: Changes) -> Calendar:
    """The calendar as it would be."""
    kept = {day: works for day, works in calendar.overrides.items() if day not in changes}
    return replace(
        calendar, overrides=kept | {day: each.works for day, each in changes.items() if each.works is not None}
    )


def write(session: Session, what: Arrangement, changes: Changes) -> Arrangement:
    """A new row for every day."""
    session.add(what)
    session.flush()
    number = key(what)
    session.add_all(
        WorkingDay(day=day, works=each.works, name=each.name, arrangement_id=number) for day, each in changes.items()
    )
    session.flush()
    return what


def arrangements(session: Session, numbers: Sequence[int]) -> dict[int, Arrangement]:
    query = select(Arrangement).where(col(Arrangement.id).in_(numbers))
    return {key(each): each for each in session.exec(query)}


def keepers(session: Session, now: datetime) -> list[Staff]:
    """Who keeps the table: the enterprise-management department; where nobody is in it, the general manager, the chairman."""
    found = (in_role(session, role, now) for role in (Role.ENTERPRISE, Role.GENERAL_MANAGER, Role.CHAIRMAN))
    return next((each for each in found if each), [])


def year_asked_for(house: House, now: datetime) -> int | None:
    """The year whose arrangement is missing and should be entered now: this year's, from November on the next one's."""
    today = house.calendar.local(now).date()
    years = [today.year, *([today.year + 1] if today.month >= ASKED_FROM else [])]
    return next((year for year in years if not house.calendar.knows(year)), None)


def left_out(session: Session, year: int, named: Collection[date]) -> list[date]:
    """The days that an earlier notice for the whole year set and a new one does not name."""
    rows = [row for row in standing(session).values() if row.works is not None and row.day not in named]
    whole = set(session.exec(select(Arrangement.id).where(col(Arrangement.whole), Arrangement.year == year)))
    return sorted(row.day for row in rows if row.arrangement_id in whole)
