"""台账: talks and complaints as lists, with filters, the newest first; and what is 疑似未报投诉."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, or_, select

from models.customers import Customer, in_scope
from models.findings import Decision, Finding
from models.people import unit_ids_of_role
from models.records import Complaint, Entry, Matter, Participant, standing
from models.suspects import Suspect
from rules.evidence import unproven
from rules.gate import Action, Actor, Scope, scope

COMPLAINT = "complaint"


@dataclass(frozen=True)
class Wanted:
    """What is looked for; None means any. `kind` is contact, callback or complaint; `since` and `until` (not included) are when it
    happened, or when the complaint was received; `staff` took part, or handles the complaint."""

    kind: str
    since: datetime | None = None
    until: datetime | None = None
    unit: int | None = None
    tier: str | None = None
    customer: int | None = None
    staff: int | None = None
    is_open: bool | None = None


@dataclass(frozen=True)
class Talk:
    entry: Entry
    customer: Customer


@dataclass(frozen=True)
class Row:
    """A complaint in a list; `unproven` when somebody was on site for it without photo or location."""

    matter: Matter
    complaint: Complaint
    customer: Customer
    unproven: bool


@dataclass(frozen=True)
class Sight:
    """How far somebody sees: a scope, and the departments of complaints that lie within it."""

    scope: Scope
    departments: frozenset[str]


def sights(session: Session, actor: Actor, now: datetime, *actions: Action) -> list[Sight]:
    """What the gate lets somebody see who needs all of these actions for it."""
    named = session.exec(select(Complaint.department).distinct()).all()
    units = {each: set(unit_ids_of_role(session, each, now)) for each in named}
    scopes = [scope(actor, action) for action in actions]
    return [Sight(each, frozenset(name for name in named if units[name] & each.units)) for each in scopes]


def talks(session: Session, wanted: Wanted, seen: Sequence[Sight], skip: int = 0, most: int = 8) -> list[Talk]:
    """The contacts or callbacks with the customers whom somebody sees."""
    query = (
        select(Entry, Customer)
        .join(Customer, col(Customer.id) == col(Entry.customer_id))
        .where(*_talks(wanted, seen))
        .order_by(col(Entry.at).desc(), col(Entry.id).desc())
    )
    return [Talk(*found) for found in session.exec(query.offset(skip).limit(most))]


def count_talks(session: Session, wanted: Wanted, seen: Sequence[Sight]) -> tuple[int, int]:
    """How many there are, and how many of them are 无佐证."""
    found = select(func.count()).select_from(Entry).join(Customer, col(Customer.id) == col(Entry.customer_id))
    visits = select(Entry.attachments).join(Customer, col(Customer.id) == col(Entry.customer_id))
    visits = visits.where(*_talks(wanted, seen), Entry.channel == "visit")
    bare = sum(unproven("visit", _kinds(each)) for each in session.exec(visits))
    return session.exec(found.where(*_talks(wanted, seen))).one(), bare


def complaints(session: Session, wanted: Wanted, seen: Sequence[Sight], skip: int = 0, most: int = 8) -> list[Row]:
    query = (
        select(Matter, Complaint, Customer)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .join(Customer, col(Customer.id) == col(Matter.customer_id))
        .where(*_complaints(wanted, seen))
        .order_by(col(Complaint.received_at).desc(), col(Matter.id).desc())
    )
    rows = session.exec(query.offset(skip).limit(most)).all()
    bare = _bare_arrivals(session, [matter.id or 0 for matter, _, _ in rows])
    return [Row(matter, complaint, customer, matter.id in bare) for matter, complaint, customer in rows]


def count_complaints(session: Session, wanted: Wanted, seen: Sequence[Sight]) -> tuple[int, int]:
    """How many there are, and how many of them have an arrival on site that is 无佐证."""
    ids = complaint_ids(session, wanted, seen)
    return len(ids), len(_bare_arrivals(session, ids))


def complaint_ids(session: Session, wanted: Wanted, seen: Sequence[Sight]) -> list[int]:
    query = (
        select(Matter.id)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .join(Customer, col(Customer.id) == col(Matter.customer_id))
        .where(*_complaints(wanted, seen))
    )
    return [each for each in session.exec(query) if each is not None]


def bare(entry: Entry) -> bool:
    """On site without photo or location."""
    return unproven(entry.channel, _kinds(entry.attachments))


def _kinds(attachments: Sequence[Any]) -> list[str]:
    return [each.get("kind", "") for each in attachments]


def _bare_arrivals(session: Session, matters: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(matters), 500):
        some = list(matters[start : start + 500])
        query = select(Entry).where(Entry.kind == "arrival", col(Entry.matter_id).in_(some))
        found |= {each.matter_id for each in session.exec(query) if each.matter_id and bare(each)}
    return found


def _talks(wanted: Wanted, seen: Sequence[Sight]) -> list[ColumnElement[bool]]:
    found: list[Any] = [Entry.kind == wanted.kind, standing(), *(in_scope(each.scope) for each in seen)]
    found += _within(wanted, col(Entry.at)) + _of_customer(wanted)
    if wanted.unit is not None:
        found.append(Customer.unit_id == wanted.unit)
    if wanted.staff is not None:
        took_part = select(Participant.entry_id).where(Participant.staff_id == wanted.staff)
        found.append(or_(col(Entry.by_id) == wanted.staff, col(Entry.id).in_(took_part)))
    return found


def _complaints(wanted: Wanted, seen: Sequence[Sight]) -> list[ColumnElement[bool]]:
    found: list[Any] = [Matter.kind == COMPLAINT, *(_reached(each) for each in seen)]
    found += _within(wanted, col(Complaint.received_at)) + _of_customer(wanted)
    if wanted.unit is not None:
        found.append(Matter.unit_id == wanted.unit)
    if wanted.staff is not None:
        found.append(or_(col(Complaint.handler_id) == wanted.staff, col(Matter.opened_by) == wanted.staff))
    if wanted.is_open is not None:
        found.append(col(Matter.closed_at).is_(None) if wanted.is_open else col(Matter.closed_at).is_not(None))
    return found


def _within(wanted: Wanted, at: Any) -> list[ColumnElement[bool]]:
    found = [at >= wanted.since] if wanted.since else []
    return found + ([at < wanted.until] if wanted.until else [])


def _of_customer(wanted: Wanted) -> list[Any]:
    found: list[Any] = [Customer.tier == wanted.tier] if wanted.tier else []
    return found + ([Customer.id == wanted.customer] if wanted.customer is not None else [])


def _reached(sight: Sight) -> ColumnElement[bool]:
    """The complaints that somebody may see: as `Scope.covers` has it, in the terms of a query."""
    reach = sight.scope
    if reach.all:
        return col(Matter.id).is_not(None)
    return or_(
        col(Matter.unit_id).in_(reach.units),
        col(Complaint.department).in_(sight.departments),
        col(Customer.owner_id).in_(reach.owners),
        col(Complaint.handler_id).in_(reach.owners),
        col(Matter.opened_by) == (reach.self_ or -1),
    )


# 疑似未报投诉


def suspects(session: Session, reach: Scope, skip: int = 0, most: int = 8) -> list[Talk]:
    """Talks with the words of a complaint, while the customer has none opened within 7 days and nobody found that it was none."""
    query = (
        select(Entry, Customer)
        .join(Suspect, col(Suspect.entry_id) == col(Entry.id))
        .join(Customer, col(Customer.id) == col(Entry.customer_id))
        .where(*_suspicious(reach))
        .order_by(col(Entry.at).desc(), col(Entry.id).desc())
    )
    return [Talk(*found) for found in session.exec(query.offset(skip).limit(most))]


def count_suspects(session: Session, reach: Scope) -> int:
    query = (
        select(func.count())
        .select_from(Suspect)
        .join(Entry, col(Suspect.entry_id) == col(Entry.id))
        .join(Customer, col(Customer.id) == col(Entry.customer_id))
    )
    return session.exec(query.where(*_suspicious(reach))).one()


def _suspicious(reach: Scope) -> list[ColumnElement[bool]]:
    near = exists().where(
        col(Matter.kind) == COMPLAINT,
        col(Matter.customer_id) == col(Suspect.customer_id),
        col(Matter.opened_at).between(col(Suspect.since), col(Suspect.until)),
    )
    judged = exists().where(
        col(Finding.entry_id) == col(Suspect.entry_id), col(Finding.decision) == Decision.NO_COMPLAINT
    )
    return [standing(), in_scope(reach), ~near, ~judged]
