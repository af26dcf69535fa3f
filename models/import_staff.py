"""The list of staff: who they are, what posts they hold, who stands over them.

Importing again updates by staff number and removes nobody. Roles, 上级 and 分管 become what the list says; an empty phone or
telegram_id leaves what is known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from models.importing import Column, Review, Row, Tally, check_filled, code, phone, split
from models.people import SINCE_EVER, Assignment, Staff, Unit, company, key, seats
from reading.names import normalise
from rules.roles import Role, read_role

COLUMNS: Final = (
    Column("staff_no", "工号", ("员工号", "员工编号", "人员编号", "number"), required=True),
    Column("name", "姓名", ("员工姓名", "名字"), required=True),
    Column("unit", "单位", ("所属单位", "部门", "所在单位", "单位部门", "department"), required=True),
    Column("role", "角色", ("岗位", "职务角色", "roles"), required=True),
    Column("manager", "上级", ("上级工号", "直接上级", "superior")),
    Column("oversees", "分管", ("分管单位", "分管单位和部门", "分管部门")),
    Column("phone", "手机", ("手机号", "手机号码", "电话", "联系电话", "mobile")),
    Column("telegram_id", "telegram_id", ("telegram", "telegram编号", "tgid")),
)
IN_COMPANY: Final = frozenset({Role.GENERAL_MANAGER, Role.CHAIRMAN, Role.ADMIN})
"""Posts that are the company's, whatever unit the list names."""
LARGEST_ID: Final = 2**52


@dataclass(frozen=True)
class Member:
    """A row that was understood. `manager` is None when the list has no such column."""

    row: Row
    number: str
    name: str
    unit: str
    roles: tuple[Role, ...]
    manager: str | None
    oversees: tuple[str, ...]
    phone: str | None
    telegram_id: int | None

    @property
    def seats(self) -> Iterator[tuple[Role, str | None]]:
        """Role and unit by name; None is the company."""
        for role in self.roles:
            if role is Role.VICE_PRESIDENT:
                yield from ((role, unit) for unit in self.oversees)
            else:
                yield role, None if role in IN_COMPANY else self.unit


def check(session: Session, rows: Iterable[Row], admins: Collection[int] = ()) -> tuple[list[Member], Review]:
    """The members whose rows are right, and what is wrong with the others."""
    review = Review(COLUMNS)
    read = [_read(row, review) for row in rows]
    stored = {staff.number: staff for staff in session.exec(select(Staff))}
    _check_once(read, review)
    _check_against(stored, read, review, admins)
    _check_line(session, stored, read, review)
    good = [member for member in read if not review.is_bad(member.row)]
    _remark_empty_units(session, good, review)
    return good, review


def _read(row: Row, review: Review) -> Member:
    check_filled(row, review)
    roles = _roles(row, review)
    oversees = split(row.get("oversees"))
    if Role.VICE_PRESIDENT in roles and not oversees:
        review.wrong(row, "oversees", "no_oversees")
    if oversees and Role.VICE_PRESIDENT not in roles:
        review.remark(row, "oversees", "oversees_unused", value=row.get("oversees"))
    return Member(
        row=row,
        number=code(row.get("staff_no")),
        name=row.get("name"),
        unit=row.get("unit"),
        roles=roles,
        manager=code(row.get("manager")) if "manager" in row.cells else None,
        oversees=oversees if Role.VICE_PRESIDENT in roles else (),
        phone=phone(row, "phone", review),
        telegram_id=_telegram_id(row, review),
    )


def _roles(row: Row, review: Review) -> tuple[Role, ...]:
    roles: list[Role] = []
    for part in split(row.get("role")):
        role = read_role(part)
        if role is None:
            expected = "、".join(each.chinese for each in Role)
            review.wrong(row, "role", "unknown_role", value=part, expected=expected)
        else:
            roles.append(role)
    return tuple(dict.fromkeys(roles))


def _telegram_id(row: Row, review: Review) -> int | None:
    text = code(row.get("telegram_id"))
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 17 and 0 < int(text) < LARGEST_ID):
        review.wrong(row, "telegram_id", "telegram_id", value=text)
        return None
    return int(text)


def _check_once(read: Sequence[Member], review: Review) -> None:
    """No number and no Telegram id twice in the list; the first row stands."""
    for column, values in (("staff_no", [each.number for each in read]), ("telegram_id", _telegram_ids(read))):
        first: dict[str, Member] = {}
        for member, value in zip(read, values, strict=True):
            if value and value in first:
                review.wrong(member.row, column, "twice", line=first[value].row.line, value=value)
            first.setdefault(value, member)


def _telegram_ids(read: Sequence[Member]) -> list[str]:
    return [str(each.telegram_id or "") for each in read]


def _check_against(
    stored: Mapping[str, Staff], read: Sequence[Member], review: Review, admins: Collection[int]
) -> None:
    holders = {staff.telegram_id: staff for staff in stored.values() if staff.telegram_id}
    for member in read:
        known = stored.get(member.number)
        if known is not None and not known.active:
            review.wrong(member.row, "staff_no", "left", value=f"{known.name}（{known.number}）")
        holder = holders.get(member.telegram_id or 0)
        if holder and holder.number != member.number and not is_placeholder(holder, admins):
            review.wrong(member.row, "telegram_id", "telegram_taken", value=f"{holder.name}（{holder.number}）")


def is_placeholder(staff: Staff, admins: Collection[int]) -> bool:
    """The nameless first administrator that the configuration made, until the list says who that is."""
    return staff.telegram_id in admins and staff.number == f"ADMIN{staff.telegram_id}"


def _check_line(session: Session, stored: Mapping[str, Staff], read: Sequence[Member], review: Review) -> None:
    """Superiors exist and don't go in circles. A row found bad takes those that rest on it with it."""
    by_id = {staff.id: staff.number for staff in stored.values()}
    now = {number: by_id.get(staff.superior_id, "") for number, staff in stored.items() if staff.active}
    before = -1
    while len(review.problems) != before:
        before = len(review.problems)
        good = [member for member in read if not review.is_bad(member.row)]
        over = {**now, **{each.number: each.manager for each in good if each.manager is not None}}
        known = {*now, *(each.number for each in good)}
        for member in good:
            if member.manager and member.manager not in known:
                review.wrong(member.row, "manager", "unknown_superior", value=member.manager)
            elif circle := _circle(member.number, over):
                review.wrong(member.row, "manager", "circle", value=" → ".join(circle))


def _circle(number: str, over: Mapping[str, str | None]) -> list[str]:
    """The way up from somebody back to themselves; empty when there is none."""
    way = [number]
    while (above := over.get(way[-1])) and above not in way:
        way.append(above)
    return [*way, number] if above == number else []


def _remark_empty_units(session: Session, good: Sequence[Member], review: Review) -> None:
    peopled = {normalise(name) for name in session.exec(select(Unit.name))}
    peopled |= {normalise(member.unit) for member in good}
    for member in good:
        for unit in member.oversees:
            if normalise(unit) not in peopled:
                review.remark(member.row, "oversees", "empty_unit", value=unit)


class Units:
    """Units by name, made where they are missing."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._known = {normalise(unit.name): unit for unit in session.exec(select(Unit))}

    def named(self, name: str | None) -> Unit:
        if name is None:
            return company(self.session)
        found = self._known.get(normalise(name))
        if found is None:
            found = self._known[normalise(name)] = Unit(name=name)
            self.session.add(found)
            self.session.flush()
        return found


def write(
    session: Session, members: Sequence[Member], now: datetime, *, language: str, admins: Collection[int] = ()
) -> Tally:
    """Store checked members, in the caller's transaction. `admins` are Telegram ids that stay administrators."""
    tally, units = Tally(), Units(session)
    stored = {staff.number: staff for staff in session.exec(select(Staff))}
    _release_placeholders(session, stored.values(), members, admins, now)
    before = {each.number: _picture(session, stored[each.number], now) for each in members if each.number in stored}
    for member in members:
        staff = stored.setdefault(member.number, Staff(number=member.number, name=member.name, language=language))
        staff.name = member.name
        staff.phone = member.phone or staff.phone
        staff.telegram_id = member.telegram_id or staff.telegram_id
        session.add(staff)
    session.flush()
    for member in members:
        staff = stored[member.number]
        if member.manager is not None:
            staff.superior_id = key(stored[member.manager]) if member.manager else None
        _seat(session, staff, _wanted(member, staff, units, admins), now)
    session.flush()
    for member in members:
        after = _picture(session, stored[member.number], now)
        tally.count(member.number, before.get(member.number), after)
    return tally


def _release_placeholders(
    session: Session, stored: Iterable[Staff], members: Sequence[Member], admins: Collection[int], now: datetime
) -> None:
    """The first administrator's stand-in gives the Telegram id to the real record."""
    claimed = {member.telegram_id for member in members}
    numbers = {member.number for member in members}
    for staff in stored:
        if staff.telegram_id in claimed and staff.number not in numbers and is_placeholder(staff, admins):
            staff.telegram_id, staff.active = None, False
            _seat(session, staff, set(), now)
    session.flush()


Seat = tuple[str, int]


def _wanted(member: Member, staff: Staff, units: Units, admins: Collection[int]) -> set[Seat]:
    wanted = {(role.value, key(units.named(unit))) for role, unit in member.seats}
    if staff.telegram_id in admins:
        wanted.add((Role.ADMIN.value, key(units.named(None))))
    return wanted


def _seat(session: Session, staff: Staff, wanted: set[Seat], now: datetime) -> None:
    """From now on this person holds exactly these posts."""
    held = {(seat.role, seat.unit_id): seat for seat in seats(session, key(staff), now)}
    for post, seat in held.items():
        if post not in wanted:
            seat.ends = now
    missing = sorted(wanted - held.keys())
    known_before = session.exec(select(Assignment.id).where(Assignment.staff_id == key(staff))).first() is not None
    starts = now if known_before else SINCE_EVER
    session.add_all(Assignment(staff_id=key(staff), role=role, unit_id=unit, starts=starts) for role, unit in missing)


def _picture(session: Session, staff: Staff, now: datetime) -> dict[str, Any]:
    """Somebody as the list could change them."""
    held = sorted(
        session.exec(
            select(Assignment.role, Unit.name)
            .join(Unit, col(Unit.id) == Assignment.unit_id)
            .where(Assignment.staff_id == staff.id, Assignment.starts <= now, col(Assignment.ends).is_(None))
        )
    )
    return {
        "name": staff.name,
        "phone": staff.phone,
        "telegram_id": staff.telegram_id,
        "superior": staff.superior_id,
        "posts": [f"{role}@{unit}" for role, unit in held],
    }
