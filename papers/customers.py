"""客户名册 as a file: the customers that somebody may see and the people there, watermarked with who took it and when.

A customer marked 涉密 stands there by its code name, unit and owner alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from models.customers import Customer, Person, in_scope
from models.people import Staff, Unit, actor, key
from papers.book import Paper, Table, sheets
from papers.discretion import discretion
from rules import gate
from rules.gate import Action
from rules.house import House
from words import Voice, say

MOST: Final = 20_000
"""Customers in one file: more is a copy of the house."""
CUSTOMERS: Final = (
    *(
        "field.customer",
        "export.short",
        "paper.tier",
        "field.province",
        "export.city",
        "paper.unit",
        "role.salesperson",
    ),
    *("export.number", "field.credit_code", "export.people"),
)
PEOPLE: Final = ("field.customer", "field.person", "export.title", "field.phone", "export.email", "paper.unit")
AT_ONCE: Final = 1000


def chosen(session: Session, staff: Staff, tier: str | None, now: datetime) -> list[Customer]:
    """The customers that this person may take out of the house, by unit and name."""
    scope = gate.scope(actor(session, staff, now), Action.EXPORT_CUSTOMERS)
    query = select(Customer).where(in_scope(scope)).order_by(col(Customer.unit_id), col(Customer.id)).limit(MOST + 1)
    return list(session.exec(query.where(Customer.tier == tier) if tier else query))


def people_of(session: Session, found: Sequence[Customer]) -> dict[int, list[Person]]:
    """The people at these customers; of one marked 涉密 nobody is named."""
    open_ = [key(each) for each in found if not each.code_name]
    people: dict[int, list[Person]] = {}
    for start in range(0, len(open_), AT_ONCE):
        query = select(Person).where(col(Person.customer_id).in_(open_[start : start + AT_ONCE]))
        for each in session.exec(query.order_by(col(Person.id))):
            people.setdefault(each.customer_id, []).append(each)
    return people


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """`now` is when it was asked for; what may be seen is asked again."""
    voice = Voice(staff.language, house.calendar.tz, now)
    told = discretion(session, voice, staff, now)
    found = chosen(session, staff, args.get("tier"), now)[:MOST]
    people = people_of(session, found)
    units = {each.id: each.name for each in session.exec(select(Unit))}
    owners = {each.id: each for each in session.exec(select(Staff))}
    rows = [told.cells(_customer(voice, each, units, owners, len(people.get(key(each), ())))) for each in found]
    contacts = [
        told.cells(
            [each.called_in_full, one.name, one.title or "", one.phone or "", one.email or "", units[each.unit_id]]
        )
        for each in found
        for one in people.get(key(each), ())
    ]
    name, names = (voice.plain(say(each)) for each in ("ledger.customers", "export.contacts"))
    mark = voice.plain(say("export.mark", by=staff.name, number=staff.number, when=f"{voice_time(voice, now)}"))
    tables = {
        name: _table(voice, staff, name, CUSTOMERS, rows, now),
        names: _table(voice, staff, names, PEOPLE, contacts, now),
    }
    return sheets(tables, f"{name} {house.calendar.local(now):%Y-%m-%d %H%M}", mark)


def voice_time(voice: Voice, now: datetime) -> str:
    return f"{now.astimezone(voice.zone):%Y-%m-%d %H:%M}"


def _table(
    voice: Voice, staff: Staff, name: str, headings: Sequence[str], rows: Sequence[Sequence[str]], now: datetime
) -> Table:
    made = say("paper.made", by=staff.name, number=staff.number, when=now, count=len(rows))
    return Table(name, voice.plain(made), [voice.plain(say(each)) for each in headings], rows)


def _customer(
    voice: Voice, each: Customer, units: Mapping[int | None, str], owners: Mapping[int | None, Staff], people: int
) -> list[str]:
    owner, secret = owners[each.owner_id], bool(each.code_name)
    return [
        each.called_in_full,
        "" if secret else each.short_name or "",
        voice.plain(say(f"tier.{each.tier}")),
        "" if secret else each.province,
        "" if secret else each.city or "",
        units[each.unit_id],
        owner.name,
        owner.number,
        "" if secret else each.credit_code or "",
        "" if secret else str(people),
    ]
