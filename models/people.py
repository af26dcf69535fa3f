"""Who works here: units, staff, and the posts they hold.

A post is a role in a unit, written `unit_head@3`. A VP holds a post in every unit or department overseen (分管). What is owed is
addressed to a post, the holder is found when something is told: a new head moves no clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from sqlalchemy import BigInteger, ColumnElement, UniqueConstraint, bindparam
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.absences import absence_of, away_at, chain_end
from models.asked import asked_once
from rules.gate import LENT_ROLES, Actor, Seat
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
    morning_list: bool | None = None
    weekly_page: bool | None = None
    """False: they do not want it sent by itself."""


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


SPEAKING = select(Staff).where(Staff.telegram_id == bindparam("user"), Staff.active)


@asked_once(Staff)
def speaker(session: Session, telegram_id: int) -> Staff | None:
    """Who speaks: nobody is believed but Telegram's own user id."""
    return session.exec(SPEAKING, params={"user": telegram_id}).first()


def current(at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        col(Assignment.starts) <= at,
        or_(col(Assignment.ends).is_(None), col(Assignment.ends) > at),
    )


SEATS = (
    select(Assignment)
    .where(
        Assignment.staff_id == bindparam("staff"),
        col(Assignment.starts) <= bindparam("at"),
        or_(col(Assignment.ends).is_(None), col(Assignment.ends) > bindparam("at")),
    )
    .order_by(col(Assignment.id))
)


@asked_once(Assignment)
def seats(session: Session, staff_id: int, at: datetime) -> list[Assignment]:
    return list(session.exec(SEATS, params={"staff": staff_id, "at": at}))


def last_seats(session: Session, staff_id: int) -> list[Assignment]:
    """The posts that somebody held last, so that what still names a person who left finds those who stood over them."""
    query = select(Assignment).where(Assignment.staff_id == staff_id, col(Assignment.ends).is_not(None))
    ended = list(session.exec(query.order_by(col(Assignment.ends).desc(), col(Assignment.id))))
    return [each for each in ended if each.ends == ended[0].ends]


def actor(session: Session, staff: Staff, at: datetime) -> Actor:
    held = [(Role(seat.role), seat.unit_id) for seat in seats(session, key(staff), at)]
    writes_for = principals(session, staff, at) if any(role is Role.SECRETARY for role, _ in held) else []
    reached = [(Role.SECRETARY, unit) for each in writes_for for unit in _led(session, each, at)]
    stands_for = frozenset(lent_by(session, each, at) for each in stood_in_for(session, key(staff), at))
    return Actor(key(staff), frozenset(Seat(role, unit) for role, unit in [*held, *reached]), stands_for)


def lent_by(session: Session, away: Staff, at: datetime) -> Actor:
    """Somebody who is away, with what their substitute takes over from them."""
    held = ((Role(seat.role), seat.unit_id) for seat in seats(session, key(away), at))
    return Actor(key(away), frozenset(Seat(role, unit) for role, unit in held if role in LENT_ROLES))


def stood_in_for(session: Session, staff_id: int, at: datetime) -> list[Staff]:
    """Those who are away and for whom this person stands in, at the end of the chain of substitutes."""
    away = away_at(session, at)
    found = [session.get_one(Staff, each) for each in away if chain_end(away, each) == staff_id]
    return [each for each in found if each.active]


def whose_come_to(session: Session, staff: Staff, at: datetime) -> list[Staff]:
    """Those who are away and whose things this person looks after: as their substitute, or because nobody stands in."""
    those = (each for number in away_at(session, at) if (each := session.get_one(Staff, number)).active)
    return [
        each for each in those if each.id != staff.id and any(one.id == staff.id for one in present(session, each, at))
    ]


def stand_in(session: Session, staff: Staff, at: datetime) -> Staff | None:
    """Who acts for somebody now: themselves, or while they are away their substitute; None where nobody stands in."""
    if absence_of(session, key(staff), at) is None:
        return staff
    end = chain_end(away_at(session, at), key(staff))
    found = session.get(Staff, end) if end is not None else None
    return found if found is not None and found.active else None


def present(session: Session, staff: Staff, at: datetime) -> list[Staff]:
    """Whom to turn to for something that was for this person: who acts for them, else the next up the line. Never nobody."""
    found = stand_in(session, staff, at)
    return [found] if found is not None else above(session, staff, at) or [staff]


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


@asked_once(Staff, Assignment)
def in_post(session: Session, role: str, unit_id: int, at: datetime) -> list[Staff]:
    """Who holds exactly this post now, the longest-serving first."""
    query = (
        select(Staff)
        .join(Assignment, col(Assignment.staff_id) == col(Staff.id))
        .where(Assignment.role == role, Assignment.unit_id == unit_id, Staff.active, *current(at))
    )
    return list(session.exec(query.order_by(col(Assignment.starts), col(Assignment.id))))


def of_unit(session: Session, unit_id: int, at: datetime) -> list[Staff]:
    """Everybody who holds a post in the unit."""
    query = (
        select(Staff)
        .join(Assignment, col(Assignment.staff_id) == col(Staff.id))
        .where(Assignment.unit_id == unit_id, Staff.active, *current(at))
        .distinct()
    )
    return list(session.exec(query.order_by(col(Staff.id))))


@asked_once(Staff, Assignment)
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
    """Whom the post means now: its holders, for those of them who are away their substitutes. Nothing is ever addressed to nobody:
    an empty post goes one step up the line, and so does one whose holders are away without anybody."""
    those_away: list[Staff] = []
    for step in (Role(role), *superior_line(Role(role)), Role.ADMIN):
        found = seated(session, step, unit_id, at)
        here = [each for one in found if (each := _acting(session, step, one, at)) is not None]
        if here:
            return distinct(here)
        those_away = those_away or found
    return those_away


def seated(session: Session, role: Role, unit_id: int, at: datetime) -> list[Staff]:
    """Who holds the post themselves, away or not."""
    found = in_post(session, role, unit_id, at)
    return in_role(session, role, at) if not found and role in COMPANY_WIDE else found


def _acting(session: Session, role: Role, holder: Staff, at: datetime) -> Staff | None:
    """The holder or who stands in; what is not lent waits for no substitute."""
    found = stand_in(session, holder, at)
    return found if role in LENT_ROLES or found is holder else None


def replaced(session: Session, address: str, by: Staff, at: datetime) -> list[Staff]:
    """Those who are away and in whose place this person acts for that address (`unit_head@3`, `staff@9`); nobody, for its own
    holder."""
    standing_for = stood_in_for(session, key(by), at)
    role, number = split_post(address)
    if not standing_for:
        return []
    if role == "staff":
        return [each for each in standing_for if each.id == number]
    held = {each.id for each in seated(session, Role(role), number, at)}
    return [] if by.id in held else [each for each in standing_for if each.id in held]


def in_place_of(session: Session, address: str, by: Staff, at: datetime) -> dict[str, list[int]]:
    """For the audit: in whose place it was done, if in anybody's."""
    found = [key(each) for each in replaced(session, address, by, at)]
    return {"stood_in_for": found} if found else {}


def holds(session: Session, staff: Staff, role: Role, unit_id: int, at: datetime) -> bool:
    """Whether the post is theirs to act in: as its holder, also while away, or because it has come to them."""
    return any(
        each.id == staff.id for each in (*seated(session, role, unit_id, at), *holders(session, role, unit_id, at))
    )


SENIORITY = (Role.CHAIRMAN, Role.GENERAL_MANAGER, Role.VICE_PRESIDENT, Role.UNIT_HEAD)


def above(session: Session, staff: Staff, at: datetime) -> list[Staff]:
    """The next in line over somebody: the superior named on file (where that one is away, who stands in, or the next superior),
    otherwise the line of roles over their first post."""
    passed = {staff.id}
    superior = session.get(Staff, staff.superior_id) if staff.superior_id else None
    while superior is not None and superior.active and superior.id not in passed:
        found = stand_in(session, superior, at)
        if found is not None and found.id != staff.id:
            return [found]
        passed.add(superior.id)
        superior = session.get(Staff, superior.superior_id) if superior.superior_id else None
    return _above_by_role(session, staff, at)


def _above_by_role(session: Session, staff: Staff, at: datetime) -> list[Staff]:
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


@asked_once(Assignment)
def unit_ids_of_role(session: Session, role: str, at: datetime) -> list[int]:
    """The units in which a role is held: for a department's role, the department."""
    query = select(Assignment.unit_id).where(Assignment.role == role, *current(at)).distinct()
    return list(session.exec(query))
