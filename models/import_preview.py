"""What a list would do, looked at beside those who work: nothing is written, nobody waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import import_staff
from models.customers import Person
from models.import_batches import Choices, check
from models.import_customers import AT_ONCE, FIELDS, Group
from models.import_doubles import Alike, alike
from models.import_staff import Member
from models.importing import Review, Row
from models.people import Assignment, Staff, Unit, current, key
from models.records import TALKS, Entry, standing
from reading.names import normalise
from rules.house import House


@dataclass
class Preview:
    """How many customers or colleagues are new, changed and as they were; what is wrong; what seems to be on file already."""

    review: Review
    added: int = 0
    changed: int = 0
    unchanged: int = 0
    alike: list[Alike] = field(default_factory=list)


def of_customers(session: Session, house: House, rows: Sequence[Row], choices: Choices, now: datetime) -> Preview:
    groups, review = check(session, house, rows, choices, now)
    found = Preview(review, added=sum(group.known is None for group in groups), alike=alike(session, groups))
    known = [group for group in groups if group.known is not None]
    for start in range(0, len(known), AT_ONCE):
        part = known[start : start + AT_ONCE]
        people, days = _people(session, part), _days(session, house, part)
        for group in part:
            differs = _differs(group, people.get(key(group.known), {}) if group.known else {}) or _talked(
                house, group, days
            )
            found.changed += differs
            found.unchanged += not differs
    return found


def _differs(group: Group, people: Mapping[str, Person]) -> bool:
    customer = group.known
    if customer is None:
        return True
    facts = {name: value for name, value in group.facts.items() if value is not None}
    if group.joins:
        facts = {name: value for name, value in facts.items() if getattr(customer, name) is None}
    if any(getattr(customer, name) != facts[name] for name in FIELDS if name in facts):
        return True
    return any(_news(people.get(normalise(each.name)), each) for line in group.lines if (each := line.contact))


def _news(person: Person | None, contact: Any) -> bool:
    told = [(name, getattr(contact, name)) for name in ("title", "phone", "email")]
    return person is None or any(value and getattr(person, name) != value for name, value in told)


def _talked(house: House, group: Group, days: Collection[tuple[int, str, Any]]) -> bool:
    here = key(group.known) if group.known else 0
    talks = [talk for line in group.lines for talk in line.talks]
    return any((here, each.channel, house.calendar.local(each.at).date()) not in days for each in talks)


def _ids(groups: Sequence[Group]) -> list[int]:
    return [key(group.known) for group in groups if group.known]


def _people(session: Session, groups: Sequence[Group]) -> dict[int, dict[str, Person]]:
    found: dict[int, dict[str, Person]] = {}
    for each in session.exec(select(Person).where(col(Person.customer_id).in_(_ids(groups)))):
        found.setdefault(each.customer_id, {})[normalise(each.name)] = each
    return found


def _days(session: Session, house: House, groups: Sequence[Group]) -> set[tuple[int, str, Any]]:
    talks = select(Entry.customer_id, Entry.channel, Entry.at).where(
        col(Entry.customer_id).in_(_ids(groups)), col(Entry.kind).in_(TALKS), standing()
    )
    return {(customer, str(channel), house.calendar.local(at).date()) for customer, channel, at in session.exec(talks)}


# Staff


def of_staff(session: Session, rows: Sequence[Row], admins: Collection[int], now: datetime) -> Preview:
    members, review = import_staff.check(session, rows, admins)
    stored = {each.number: each for each in session.exec(select(Staff))}
    numbers = {each.id: each.number for each in stored.values()}
    held = _held(session, now)
    found = Preview(review)
    for member in members:
        staff = stored.get(member.number)
        if staff is None:
            found.added += 1
            continue
        superior = numbers.get(staff.superior_id, "")
        differs = _changed(member, staff, superior, held.get(key(staff), set()), admins)
        found.changed += differs
        found.unchanged += not differs
    return found


def _held(session: Session, now: datetime) -> dict[int, set[tuple[str, str | None]]]:
    """Posts by who holds them; None is the company."""
    query = select(Assignment.staff_id, Assignment.role, Unit.name, Unit.company).join(Unit).where(*current(now))
    found: dict[int, set[tuple[str, str | None]]] = {}
    for staff, role, unit, company in session.exec(query):
        found.setdefault(staff, set()).add((role, None if company else normalise(unit)))
    return found


def _changed(
    member: Member, staff: Staff, superior: str, held: set[tuple[str, str | None]], admins: Collection[int]
) -> bool:
    wanted = {(role.value, normalise(unit) if unit else None) for role, unit in member.seats}
    if (member.telegram_id or staff.telegram_id) in admins:
        wanted.add(("admin", None))
    return (
        staff.name != member.name
        or (member.phone or staff.phone) != staff.phone
        or (member.telegram_id or staff.telegram_id) != staff.telegram_id
        or (member.manager is not None and member.manager != superior)
        or wanted != held
    )
