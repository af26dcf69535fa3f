"""Who works here: units, staff, and the posts they hold.

A post is a role in a unit, written `unit_head@3`. A VP holds a post in every unit or department overseen (分管). What is owed is
addressed to a post, the holder is found when something is told: a new head moves no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, ColumnElement, UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, or_, select

from rules.gate import Actor, Seat
from rules.roles import Role, superior_line


class Unit(SQLModel, table=True):
    """A business unit or a department. The company itself is the unit whose `company` is true."""

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(unique=True)
    company: bool = False


class Staff(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    name: str
    telegram_id: int | None = Field(default=None, unique=True, sa_type=BigInteger)
    phone: str | None = None
    language: str = "zh_CN"
    superior_id: int | None = Field(default=None, foreign_key="staff.id")
    active: bool = True
    masks: bool | None = None
    """Whether names in what is pushed to them are shortened; None: as the company has it."""
    unreachable_since: datetime | None = None


class Assignment(SQLModel, table=True):
    """Who holds a post, from when to when (until further notice: `ends` is None)."""

    __table_args__ = (UniqueConstraint("staff_id", "role", "unit_id", "starts"),)

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    role: str = Field(index=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    starts: datetime
    ends: datetime | None = None


SINCE_EVER = datetime(2000, 1, 1, tzinfo=UTC)
"""When a post began that somebody held before we knew them: what they did in it before that counts."""


def key(row: SQLModel) -> int:
    """The id of a stored row."""
    found: int | None = getattr(row, "id", None)
    if found is None:
        raise ValueError(f"not stored yet: {row!r}")
    return found


def company(session: Session) -> Unit:
    found = session.exec(select(Unit).where(Unit.company)).first()
    if found is None:
        found = Unit(name="公司", company=True)
        session.add(found)
        session.flush()
    return found


def unit_named(session: Session, name: str) -> Unit | None:
    return session.exec(select(Unit).where(Unit.name == name)).first()


def units(session: Session) -> list[Unit]:
    return list(session.exec(select(Unit).order_by(col(Unit.id))))


def speaker(session: Session, telegram_id: int) -> Staff | None:
    """Who speaks: nobody is believed but Telegram's own user id."""
    return session.exec(select(Staff).where(Staff.telegram_id == telegram_id, Staff.active)).first()


def current(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Assignment.starts) <= at,
        or_(col(Assignment.ends).is_(None), col(Assignment.ends) > at),
    )


def seats(session: Session, staff_id: int, at: datetime) -> list[Assignment]:
    query = select(Assignment).where(Assignment.staff_id == staff_id, *current(at))
    return list(session.exec(query.order_by(col(Assignment.id))))


def last_seats(session: Session, staff_id: int) -> list[Assignment]:
    """The posts that somebody held last, so that what still names a person who left finds those who stood over them."""
    query = select(Assignment).where(Assignment.staff_id == staff_id, col(Assignment.ends).is_not(None))
    ended = list(session.exec(query.order_by(col(Assignment.ends).desc(), col(Assignment.id))))
    return [each for each in ended if each.ends == ended[0].ends]


def actor(session: Session, staff: Staff, at: datetime) -> Actor:
    held = [(Role(seat.role), seat.unit_id) for seat in seats(session, key(staff), at)]
    writes_for = principals(session, staff, at) if any(role is Role.SECRETARY for role, _ in held) else []
    reached = [(Role.SECRETARY, unit) for each in writes_for for unit in _led(session, each, at)]
    return Actor(key(staff), frozenset(Seat(role, unit) for role, unit in [*held, *reached]))


WRITTEN_FOR = (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN)


def principals(session: Session, staff: Staff, at: datetime) -> list[Staff]:
    """The leaders for whom a secretary enters (代录): the superior named on file, if that is a leader; otherwise the leaders over
    the secretary's unit. Nobody, for those who are no secretary."""
    units = [seat.unit_id for seat in seats(session, key(staff), at) if seat.role == Role.SECRETARY]
    superior = session.get(Staff, staff.superior_id) if units and staff.superior_id else None
    if superior is not None and superior.active and _led(session, superior, at):
        return [superior]
    return distinct(each for unit in units for role in WRITTEN_FOR for each in in_post(session, role, unit, at))


def _led(session: Session, leader: Staff, at: datetime) -> list[int]:
    """The units that a leader leads: those overseen, for the general manager and the chairman all of them."""
    held = [seat for seat in seats(session, key(leader), at) if seat.role in WRITTEN_FOR]
    if any(seat.role != Role.VICE_PRESIDENT for seat in held):
        return [each for each in session.exec(select(Unit.id)) if each is not None]
    return [seat.unit_id for seat in held]


def post(role: str, unit_id: int) -> str:
    return f"{role}@{unit_id}"


def split_post(address: str) -> tuple[str, int]:
    role, _, number = address.partition("@")
    return role, int(number)


def in_post(session: Session, role: str, unit_id: int, at: datetime) -> list[Staff]:
    """Who holds exactly this post now, the longest-serving first."""
    query = (
        select(Staff)
        .join(Assignment, col(Assignment.staff_id) == col(Staff.id))
        .where(Assignment.role == role, Assignment.unit_id == unit_id, Staff.active, *current(at))
    )
    return list(session.exec(query.order_by(col(Assignment.starts), col(Assignment.id))))


def in_role(session: Session, role: str, at: datetime) -> list[Staff]:
    """Everybody who holds the role anywhere (departments have one unit each)."""
    query = (
        select(Staff)
        .join(Assignment, col(Assignment.staff_id) == col(Staff.id))
        .where(Assignment.role == role, Staff.active, *current(at))
        .distinct()
    )
    return list(session.exec(query.order_by(col(Staff.id))))


COMPANY_WIDE = frozenset(Role) - {Role.SALESPERSON, Role.UNIT_HEAD, Role.VICE_PRESIDENT, Role.SECRETARY}


def holders(session: Session, role: str, unit_id: int, at: datetime) -> list[Staff]:
    """Whom the post means now. Nothing is ever addressed to nobody: an empty post goes one step up the line."""
    for step in (Role(role), *superior_line(Role(role)), Role.ADMIN):
        found = in_post(session, step, unit_id, at)
        if not found and step in COMPANY_WIDE:
            found = in_role(session, step, at)
        if found:
            return found
    return []


SENIORITY = (Role.CHAIRMAN, Role.GENERAL_MANAGER, Role.VICE_PRESIDENT, Role.UNIT_HEAD)


def above(session: Session, staff: Staff, at: datetime) -> list[Staff]:
    """The next in line over somebody: the superior named on file, otherwise the line of roles over their first post."""
    superior = session.get(Staff, staff.superior_id) if staff.superior_id else None
    if superior is not None and superior.active:
        return [superior]
    held = seats(session, key(staff), at) or last_seats(session, key(staff))
    ranks = {seat.role: seat.unit_id for seat in reversed(held)}
    top = next((role for role in SENIORITY if role in ranks), None)
    role = top or (Role(held[0].role) if held else Role.SALESPERSON)
    unit_id = ranks.get(role, key(company(session)))
    for step in superior_line(role)[:-1]:
        found = [other for other in holders(session, step, unit_id, at) if other.id != staff.id]
        if found:
            return found
    return []


def distinct(people: Iterable[Staff]) -> list[Staff]:
    return list({key(each): each for each in people}.values())


def active_staff(session: Session) -> list[Staff]:
    return list(session.exec(select(Staff).where(Staff.active).order_by(col(Staff.id))))


def not_enrolled(session: Session) -> list[Staff]:
    """Who works here and has no Telegram account yet."""
    query = select(Staff).where(Staff.active, col(Staff.telegram_id).is_(None))
    return list(session.exec(query.order_by(col(Staff.id))))


def unit_ids_of_role(session: Session, role: str, at: datetime) -> list[int]:
    """The units in which a role is held: for a department's role, the department."""
    query = select(Assignment.unit_id).where(Assignment.role == role, *current(at)).distinct()
    return list(session.exec(query))
