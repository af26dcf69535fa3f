"""受理: how a complaint begins (article 16（二）1): its number, its form, its clocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import audit, claiming
from models.climbing import LIMIT, PROGRESS
from models.complaints import SUBJECT, Case
from models.customers import Customer
from models.kinds import Json
from models.people import Staff, key
from models.records import Complaint, Matter, next_number
from rules.complaint import ComplaintState, limit
from rules.house import House
from rules.roles import ComplaintType


@dataclass(frozen=True)
class Accepted:
    """What is known when a complaint is accepted. `handed_on`: by the customer's own unit, whose form it is; so the department in
    charge has it at once."""

    customer: Customer
    complainant: str
    phone: str | None
    type: ComplaintType
    product: str | None
    what: str
    evidence: Sequence[Json]
    received_at: datetime
    in_province: bool
    province_reason: str
    on_site_needed: bool
    amount: float | None
    handler: Staff | None
    handed_on: bool = True


def accept(session: Session, house: House, by: Staff, what: Accepted, now: datetime) -> Case:
    """Accept a complaint: its number, its form, its clocks."""
    matter = Matter(
        kind=SUBJECT,
        number=next_number(session, SUBJECT, house.calendar.local(now).year),
        customer_id=key(what.customer),
        unit_id=what.customer.unit_id,
        state=ComplaintState.HANDED_ON if what.handed_on else ComplaintState.ACCEPTED,
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    complaint = _form(house, matter, what)
    session.add(complaint)
    session.flush()
    case = Case(session, house, matter, complaint, by, now)
    _start_clocks(case)
    case.record(
        "acceptance", {"text": what.what, "handed_on": what.handed_on}, at=what.received_at, attachments=what.evidence
    )
    audit.record(session, now, key(by), "complaint.open", case.subject, **complaint.model_dump(mode="json"))
    claiming.accepted(case)
    return case


def _form(house: House, matter: Matter, what: Accepted) -> Complaint:
    rules = house.rulebook
    return Complaint(
        matter_id=key(matter),
        complainant=what.complainant,
        complainant_phone=what.phone,
        type=what.type,
        product=what.product,
        what=what.what,
        evidence=list(what.evidence),
        received_at=what.received_at,
        in_province=what.in_province,
        province_reason=what.province_reason,
        on_site_needed=what.on_site_needed,
        amount=what.amount,
        department=rules.routing.departments[what.type],
        handler_id=key(what.handler) if what.handler else None,
        limit_at=limit(what.received_at, what.in_province, rules.deadline),
        rulebook_version=house.rulebook_version,
    )


def _start_clocks(case: Case) -> None:
    """The limit, and the reports of progress to the department and to the customer."""
    house, now = case.house, case.now
    handler = f"handler@{case.matter.id}"
    case.start(LIMIT, handler, case.complaint.received_at, case.complaint.limit_at)
    for who in house.rulebook.progress.to:
        case.start(PROGRESS, f"{handler}#{who}", now, now + house.rulebook.progress.within)
