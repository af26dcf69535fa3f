"""Whom a step of a ladder means now. A clock addresses posts; the people are found here, at the moment of telling."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from models import steps
from models.climbing import HANDOVER
from models.clocks import Clock
from models.duties import unit_of
from models.filings import SUBJECT as FILING
from models.filings import Filing
from models.inquiries import SUBJECT as INQUIRY
from models.inquiries import Inquiry
from models.overviews import handler, owners
from models.people import Staff, above, company, distinct, holders, in_role, key, present, split_post
from models.records import Complaint, Matter
from models.reports import SUBJECT as REPORT
from models.reports import Report
from models.surveys import SUBJECT as SURVEY
from models.tasks import SUBJECT as TASK
from models.tasks import Task, post_in_charge
from models.transfers import SUBJECT as TRANSFER
from models.transfers import Transfer
from rules.house import House
from rules.ladder import Step
from rules.roles import Role, Who

LONGEST_LINE = 6


def recipients(session: Session, house: House, clock: Clock, step: Step, now: datetime) -> list[Staff]:
    """The people of the step, each replaced by their substitute while they are away, and by the next in line while they can't be
    told. Never nobody, where anybody can be."""
    meant = distinct(each for who in step.tell for each in _meant(session, clock, who, now))
    wanted = [here for each in meant for here in present(session, each, now)]
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
            return handler(session, clock, now)
        case Who.SUPERIOR:
            return _superiors(session, clock, now)
        case Who.SUPERIORS_SUPERIOR:
            return [other for each in _superiors(session, clock, now) for other in above(session, each, now)]
        case Who.DEPARTMENT:
            complaint = _complaint(session, clock)
            return holders(session, complaint.department, _unit_id(session, clock), now) if complaint else []
        case Who.ASKER:
            step = session.get(steps.Step, clock.subject_id) if clock.subject_kind == steps.SUBJECT else None
            return _askers(session, step) if step else owners(session, clock, now)
        case Who.UNIT_HEAD if (complaint := _complaint(session, clock)) and complaint.responsible_unit_id:
            post, unit = split_post(post_in_charge(session, complaint.responsible_unit_id, now))
            return holders(session, post, unit, now)
    role = who.role
    return holders(session, role, _unit_id(session, clock), now) if role else []


def _complaint(session: Session, clock: Clock) -> Complaint | None:
    return session.get(Complaint, clock.subject_id) if clock.subject_kind == "complaint" else None


def _superiors(session: Session, clock: Clock, now: datetime) -> list[Staff]:
    """Who stands over those who owe it; over a task, the one who gave it."""
    if clock.subject_kind == TASK:
        return [session.get_one(Staff, session.get_one(Task, clock.subject_id).by_id)]
    those = owners(session, clock, now)
    if clock.rule == HANDOVER:
        those = [*those, *_askers(session, session.get_one(steps.Step, clock.subject_id))]
    return [other for each in those for other in above(session, each, now)]


def _askers(session: Session, step: steps.Step) -> list[Staff]:
    """Who put it forward; of an inquiry that is handed over, its owner too, whose it still is."""
    inquiry = session.get(Inquiry, step.matter_id)
    ids = [step.asked_by, *([inquiry.owner_id] if inquiry else [])]
    return distinct(session.get_one(Staff, each) for each in ids)


def _unit_id(session: Session, clock: Clock) -> int:
    if clock.subject_kind in ("complaint", INQUIRY, SURVEY):
        return session.get_one(Matter, clock.subject_id).unit_id
    if clock.subject_kind == TASK:
        return session.get_one(Task, clock.subject_id).unit_id
    if clock.subject_kind == REPORT:
        return session.get_one(Report, clock.subject_id).unit_id
    if clock.subject_kind == FILING:
        return session.get_one(Filing, clock.subject_id).unit_id
    if clock.subject_kind == TRANSFER:
        return session.get_one(Transfer, clock.subject_id).unit_id
    if clock.subject_kind == steps.SUBJECT:
        return session.get_one(Matter, session.get_one(steps.Step, clock.subject_id).matter_id).unit_id
    unit = unit_of(session, clock)
    return key(unit if unit is not None else company(session))
