"""What leaders look at: who owes what, unit by unit, and whom to talk to. Read only."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, literal
from sqlmodel import Session, col, func, or_, select

from models import steps
from models.climbing import LIMIT, PROMISE
from models.clocks import Clock
from models.customers import Customer
from models.duties import held_then
from models.files import FILE, PAPER, Paper
from models.filings import Filing
from models.people import Assignment, Staff, Unit, holders, key, present, split_post
from models.records import TALKS, Complaint, Entry, Matter, Participant, standing
from models.reports import SUBJECT as REPORT
from models.reports import Kind, Report
from models.steps import Step
from models.tasks import SUBJECT as TASK
from models.tasks import Task, post_in_charge
from rules.entries import Duty
from rules.roles import Role

LEADERS = (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN)


def owners(session: Session, clock: Clock, now: datetime) -> list[Staff]:
    """Who owes it: the holders of the post, the customer's owner, or the person named, for those who are away their substitutes; a
    decision, those who decide."""
    if clock.subject_kind == steps.SUBJECT:
        return steps.deciders(session, session.get_one(Step, clock.subject_id), now)
    role, number = split_post(clock.post.partition("#")[0])
    match role:
        case "staff":
            return present(session, session.get_one(Staff, number), now)
        case "owner":
            customer = session.get_one(Customer, number)
            return present(session, session.get_one(Staff, customer.owner_id), now)
        case "handler":
            return handler(session, clock, now)
    return holders(session, Role(role), number, now)


def handler(session: Session, clock: Clock, now: datetime) -> list[Staff]:
    """The person responsible for the complaint; where there is none, the unit head."""
    complaint = session.get_one(Complaint, clock.subject_id)
    return responsible(session, session.get_one(Matter, clock.subject_id), complaint, now)


def responsible(session: Session, matter: Matter, complaint: Complaint, now: datetime) -> list[Staff]:
    """The person named for the complaint; where there is none, who answers for the responsible unit, or for the customer's."""
    named = session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    if named is not None and named.active:
        return present(session, named, now)
    role, unit = split_post(post_in_charge(session, complaint.responsible_unit_id or matter.unit_id, now))
    return holders(session, role, unit, now)


def late(session: Session, units: Collection[int], now: datetime) -> list[tuple[int, Clock]]:
    """What is overdue in these units, with the unit, the oldest first. What the leaders above owe is not the unit's."""
    above = [~col(Clock.post).like(f"{role}@%") for role in LEADERS]
    overdue = (col(Clock.closed_at).is_(None), Clock.due_at < now, *above)
    found = [each for query in _at_home(units, now) for each in session.exec(query.where(*overdue))]
    return sorted({key(clock): (unit, clock) for unit, clock in found}.values(), key=lambda each: each[1].due_at)


def _at_home(units: Collection[int], now: datetime) -> Iterator[Any]:
    """For each kind of subject, the clocks with the unit to which they belong."""
    subject, kind = col(Clock.subject_id), col(Clock.subject_kind)
    theirs = col(Customer.unit_id).in_(units)
    yield select(Customer.unit_id, Clock).where(kind.in_(("customer", FILE)), subject == Customer.id, theirs)
    paper = (kind == PAPER, subject == Paper.id, col(Paper.customer_id) == Customer.id)
    yield select(Customer.unit_id, Clock).where(*paper, theirs)
    yield select(Clock.subject_id, Clock).where(kind.in_(("unit", "register", "survey_opening")), subject.in_(units))
    posted = col(Clock.post).like(literal("%@") + cast(col(Unit.id), String))
    yield select(Unit.id, Clock).where(kind == "survey", posted, col(Unit.id).in_(units))
    entry = (kind == "entry", subject == Entry.id, col(Entry.customer_id) == Customer.id)
    yield select(Customer.unit_id, Clock).where(*entry, theirs)
    yield select(Matter.unit_id, Clock).where(kind == "complaint", subject == Matter.id, col(Matter.unit_id).in_(units))
    inquiry = (kind == "inquiry", subject == Matter.id, col(Matter.unit_id).in_(units))
    yield select(Matter.unit_id, Clock).where(*inquiry)
    yield select(Task.unit_id, Clock).where(kind == TASK, subject == Task.id, col(Task.unit_id).in_(units))
    report = (kind == REPORT, subject == Report.id, col(Report.kind) != Kind.COMPANY)
    yield select(Report.unit_id, Clock).where(*report, col(Report.unit_id).in_(units))
    filing = (kind == "filing", subject == Filing.id, col(Clock.post).not_like(f"{Role.SALES_DEPT}@%"))
    yield select(Filing.unit_id, Clock).where(*filing, col(Filing.unit_id).in_(units))
    seat = (Assignment.starts <= now, or_(col(Assignment.ends).is_(None), col(Assignment.ends) > now))
    seated = (kind == "staff", subject == Assignment.staff_id, col(Assignment.unit_id).in_(units), *seat)
    yield select(Assignment.unit_id, Clock).where(*seated, Clock.rule != "digest")


@dataclass(frozen=True)
class Figures:
    """A unit at a glance: overdue duties, open complaints and those of them over their limit, talks since Monday."""

    late: int
    complaints: int
    over: int
    talks: int


def figures(session: Session, units: Collection[int], since: datetime, now: datetime) -> dict[int, Figures]:
    counts = [unit for unit, _ in late(session, units, now)]
    opened = dict(_count(session, Matter.unit_id, Matter.kind == "complaint", col(Matter.closed_at).is_(None)))
    limits = (Clock.rule == LIMIT, Clock.subject_kind == "complaint", Clock.due_at < now, Clock.subject_id == Matter.id)
    over = dict(_count(session, Matter.unit_id, *limits, col(Clock.closed_at).is_(None)))
    talked = (col(Entry.kind).in_(TALKS), Entry.customer_id == Customer.id, Entry.at >= since, standing())
    talks = dict(_count(session, Customer.unit_id, *talked))
    return {
        unit: Figures(counts.count(unit), opened.get(unit, 0), over.get(unit, 0), talks.get(unit, 0)) for unit in units
    }


def _count(session: Session, by: Any, *where: ColumnElement[bool] | bool) -> list[tuple[int, int]]:
    return [(unit, number) for unit, number in session.exec(select(by, func.count()).where(*where).group_by(by))]


def business_units(session: Session, now: datetime) -> list[int]:
    """The units that have customers or a head."""
    current = (Assignment.starts <= now, or_(col(Assignment.ends).is_(None), col(Assignment.ends) > now))
    headed = select(Assignment.unit_id).where(Assignment.role == Role.UNIT_HEAD, *current)
    return sorted({*session.exec(select(Customer.unit_id).distinct()), *session.exec(headed.distinct())})


@dataclass(frozen=True)
class Candidate:
    """A customer to talk to, and why: an open complaint, or the last talk with a holder of the post (None: never)."""

    customer: Customer
    complaint: str | None
    last: datetime | None


def candidates(session: Session, clock: Clock, duty: Duty, most: int) -> list[Candidate]:
    """Whom to choose for a duty of own choice: those with open complaints first, then those longest not talked to by the post."""
    within: list[ColumnElement[bool]] = [col(Customer.tier).in_(duty.tiers)]
    if clock.subject_kind == "unit":
        within.append(col(Customer.unit_id) == clock.subject_id)
    troubled = _troubled(session, within)
    quiet = _longest_quiet(session, clock, duty, within, most + len(troubled))
    last = {key(customer): at for customer, at in quiet}
    found = [Candidate(customer, number, last.get(key(customer))) for customer, number in troubled.values()]
    found += [Candidate(customer, None, at) for customer, at in quiet if key(customer) not in troubled]
    return found[:most]


def _troubled(session: Session, within: list[ColumnElement[bool]]) -> dict[int, tuple[Customer, str]]:
    """Customers with open complaints, each with its most urgent one; the most urgent first."""
    query = (
        select(Customer, Matter.number)
        .join(Matter, col(Matter.customer_id) == col(Customer.id))
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(col(Matter.closed_at).is_(None), *within)
        .order_by(col(Complaint.limit_at))
    )
    found: dict[int, tuple[Customer, str]] = {}
    for customer, number in session.exec(query):
        found.setdefault(key(customer), (customer, number))
    return found


def _longest_quiet(
    session: Session, clock: Clock, duty: Duty, within: list[ColumnElement[bool]], most: int
) -> list[tuple[Customer, datetime | None]]:
    role, number = split_post(clock.post)
    talked = (
        select(col(Entry.customer_id).label("customer"), func.max(col(Entry.at)).label("at"))
        .join(Participant, col(Participant.entry_id) == col(Entry.id))
        .join(Assignment, col(Assignment.staff_id) == Participant.staff_id)
        .where(Assignment.role == role, Assignment.unit_id == number, *held_then(), standing())
        .where(col(Entry.kind).in_(TALKS), col(Entry.channel).in_([each.value for each in duty.how]))
        .group_by(col(Entry.customer_id))
        .subquery()
    )
    query = (
        select(Customer, talked.c.at)
        .join(talked, talked.c.customer == Customer.id, isouter=True)
        .where(*within)
        .order_by(talked.c.at.asc().nulls_first(), col(Customer.id))
        .limit(most)
    )
    return [(customer, at) for customer, at in session.exec(query)]


def promised(session: Session, customer_id: int) -> list[tuple[Clock, Entry]]:
    """The next steps promised to a customer that are still open, the most urgent first."""
    query = select(Clock, Entry).where(
        Clock.rule == PROMISE,
        Clock.subject_kind == "entry",
        Clock.subject_id == Entry.id,
        Entry.customer_id == customer_id,
        col(Clock.closed_at).is_(None),
    )
    return list(session.exec(query.order_by(col(Clock.due_at))))


def last_complaint(session: Session, customer_id: int) -> tuple[Matter, Complaint] | None:
    """The latest complaint that is no longer open."""
    query = (
        select(Matter, Complaint)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(Matter.customer_id == customer_id, col(Matter.closed_at).is_not(None))
        .order_by(col(Matter.closed_at).desc())
    )
    return session.exec(query).first()
