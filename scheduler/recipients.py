"""Whom a step of a ladder means now. A clock addresses posts; the people are found here, at the moment of telling."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models.clocks import Clock
from models.customers import Customer
from models.duties import unit_of
from models.people import Staff, above, company, distinct, holders, in_role, key, split_post
from models.records import Complaint, Matter
from rules.house import House
from rules.ladder import Step
from rules.roles import Role, Who

LONGEST_LINE = 6


def recipients(session: Session, house: House, clock: Clock, step: Step, now: datetime) -> list[Staff]:
    """The people of the step, each replaced by the next in line while they can't be told. Never nobody, where anybody can be."""
    wanted = [each for who in step.tell for each in _meant(session, clock, who, now)]
    return distinct(found for each in wanted if (found := reachable(session, each, now)) is not None)


def reachable(session: Session, staff: Staff, now: datetime) -> Staff | None:
    """This person, or the first up the line who is enrolled and can be reached; an administrator, where nobody is."""
    for _ in range(LONGEST_LINE):
        if staff.active and staff.telegram_id is not None and staff.unreachable_since is None:
            return staff
        upward = [each for each in above(session, staff, now) if each.id != staff.id]
        if not upward:
            break
        staff = upward[0]
    return next((each for each in in_role(session, Role.ADMIN, now) if each.telegram_id is not None), None)


def _meant(session: Session, clock: Clock, who: Who, now: datetime) -> list[Staff]:
    match who:
        case Who.OWNER:
            return owners(session, clock, now)
        case Who.HANDLER:
            return _handler(session, clock, now)
        case Who.SUPERIOR:
            return [other for each in owners(session, clock, now) for other in above(session, each, now)]
        case Who.SUPERIORS_SUPERIOR:
            first = [other for each in owners(session, clock, now) for other in above(session, each, now)]
            return [other for each in first for other in above(session, each, now)]
        case Who.DEPARTMENT:
            complaint = session.get(Complaint, clock.subject_id)
            return holders(session, complaint.department, _unit_id(session, clock), now) if complaint else []
    role = who.role
    return holders(session, role, _unit_id(session, clock), now) if role else []


def _unit_id(session: Session, clock: Clock) -> int:
    if clock.subject_kind == "complaint":
        return session.get_one(Matter, clock.subject_id).unit_id
    unit = unit_of(session, clock)
    return key(unit if unit is not None else company(session))


def owners(session: Session, clock: Clock, now: datetime) -> list[Staff]:
    """Who owes it: the holders of the post, the customer's owner, or the person named."""
    role, number = split_post(clock.post.partition("#")[0])
    match role:
        case "staff":
            return [session.get_one(Staff, number)]
        case "owner":
            customer = session.get_one(Customer, number)
            return [session.get_one(Staff, customer.owner_id)]
        case "handler":
            return _handler(session, clock, now)
    return holders(session, Role(role), number, now)


def _handler(session: Session, clock: Clock, now: datetime) -> list[Staff]:
    """The person responsible for the complaint; where there is none, the unit head."""
    complaint = session.get(Complaint, clock.subject_id)
    handler = session.get(Staff, complaint.handler_id) if complaint and complaint.handler_id else None
    if handler is not None and handler.active:
        return [handler]
    return holders(session, Role.UNIT_HEAD, _unit_id(session, clock), now)
