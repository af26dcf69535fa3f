"""The life of a complaint (article 16), each step with its record and its clocks in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlmodel import Session, col, select

from models import audit
from models.climbing import CALLBACK, LIMIT, PROMISE, wind
from models.clocks import Clock, close, one, running
from models.customers import Customer
from models.kinds import Json
from models.people import Staff, key, post
from models.records import Complaint, Entry, Matter, next_number, standing, write_entry
from rules.complaint import ComplaintEvent, ComplaintState, callback_due, limit, may_follow
from rules.house import House
from rules.roles import ComplaintType, Role

SUBJECT = "complaint"
PROGRESS = "R16.2"


class NotNowError(Exception):
    """That step may not be taken in the state the complaint is in."""


@dataclass(frozen=True)
class Accepted:
    """What is known when a complaint is accepted."""

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


def open_complaint(
    session: Session, house: House, by: Staff, what: Accepted, now: datetime
) -> tuple[Matter, Complaint]:
    """Accept a complaint: its number, its form, its clocks."""
    rules = house.rulebook
    matter = Matter(
        kind="complaint",
        number=next_number(session, "complaint", house.calendar.local(now).year),
        customer_id=key(what.customer),
        unit_id=what.customer.unit_id,
        state=ComplaintState.ACCEPTED,
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    complaint = Complaint(
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
        major=what.amount is not None and what.amount >= rules.thresholds.large_claim.amount,
        department=rules.routing.departments[what.type],
        handler_id=key(what.handler) if what.handler else None,
        limit_at=limit(what.received_at, what.in_province, rules.deadline),
        rulebook_version=house.rulebook_version,
    )
    session.add(complaint)
    session.flush()
    _start_clocks(session, house, matter, complaint, now)
    audit.record(
        session, now, key(by), "complaint.open", subject(matter), number=matter.number, **_state(matter, complaint)
    )
    return matter, complaint


def _start_clocks(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> None:
    handler = f"handler@{matter.id}"
    _start(session, house, LIMIT, matter, handler, complaint.received_at, complaint.limit_at, now)
    for who in house.rulebook.progress.to:
        until = now + house.rulebook.progress.within
        _start(session, house, PROGRESS, matter, f"{handler}#{who}", now, until, now)
    owed = callback_due(house.calendar.local(now).date(), None, house.rulebook.callback)
    caller_role = house.rulebook.callback.who
    owner, head = f"owner@{matter.customer_id}", post(caller_role, matter.unit_id)
    caller = owner if caller_role is Role.SALESPERSON else head
    _start(session, house, CALLBACK, matter, caller, now, house.calendar.at(owed, time(18)), now)


def _start(
    session: Session,
    house: House,
    rule: str,
    matter: Matter,
    address: str,
    anchor: datetime,
    due: datetime,
    now: datetime,
) -> Clock:
    clock = Clock(
        rule=rule,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(matter),
        post=address,
        cycle=str(matter.cycle),
        anchor=anchor,
        due_at=due,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return clock


def subject(matter: Matter) -> str:
    return f"{SUBJECT}:{matter.id}"


def _state(matter: Matter, complaint: Complaint) -> dict[str, Any]:
    return {
        "state": matter.state,
        "cycle": matter.cycle,
        "handler": complaint.handler_id,
        "limit": complaint.limit_at.isoformat(),
        "type": complaint.type,
        "what": complaint.what,
    }


def assign(
    session: Session, house: House, matter: Matter, complaint: Complaint, handler: Staff, by: Staff, now: datetime
) -> None:
    """Name the person responsible. The limit keeps running as it was."""
    before = complaint.handler_id
    _step(matter, ComplaintEvent.ASSIGN)
    complaint.handler_id = key(handler)
    for clock in running(session, SUBJECT, key(matter)):
        wind(session, house, clock, now)
    audit.record(session, now, key(by), "complaint.assign", subject(matter), before=before, after=complaint.handler_id)


def note(
    session: Session,
    house: House,
    matter: Matter,
    by: Staff,
    kind: str,
    answers: Json,
    now: datetime,
    *,
    at: datetime | None = None,
    channel: str | None = None,
    attachments: Sequence[Json] = (),
    took_part: Sequence[int] = (),
) -> Entry:
    """Write something into the complaint's record: progress, an arrival, an answer, a decision."""
    entry = Entry(
        kind=kind,
        customer_id=matter.customer_id,
        matter_id=key(matter),
        at=at or now,
        written_at=now,
        by_id=key(by),
        channel=channel,
        answers=answers,
        attachments=list(attachments),
    )
    write_entry(session, entry, took_part or [key(by)], house.calendar.tz)
    audit.record(session, now, key(by), f"complaint.{kind}", subject(matter), entry=entry.id, **answers)
    return entry


def progress(
    session: Session,
    house: House,
    matter: Matter,
    by: Staff,
    to: Sequence[str],
    text: str,
    now: datetime,
    attachments: Sequence[Json] = (),
) -> Entry:
    """A progress note, and to whom it was reported (R16.2): the department in charge, the customer, or both."""
    _step(matter, ComplaintEvent.NOTE)
    entry = note(session, house, matter, by, "progress", {"to": list(to), "text": text}, now, attachments=attachments)
    rewind(session, house, matter, now)
    return entry


def rewind(session: Session, house: House, matter: Matter, now: datetime) -> None:
    """Derive the progress clocks again, and let the others ask anew when they are due."""
    for clock in running(session, SUBJECT, key(matter)):
        if clock.rule == PROGRESS:
            _derive_progress(session, house, matter, clock)
        wind(session, house, clock, now)


def _derive_progress(session: Session, house: House, matter: Matter, clock: Clock) -> None:
    """At least `times` reports in every span: the next is due a span after the one that is `times` reports back."""
    rule = house.rulebook.progress
    reports = reported(session, matter, clock.post.partition("#")[2])
    counted = [each.written_at for each in reports][-rule.times :]
    start = counted[0] if len(counted) == rule.times else matter.opened_at
    clock.anchor, clock.due_at = start, start + rule.within
    clock.cycle = f"{matter.cycle}.{len(reports)}"


def reported(session: Session, matter: Matter, to: str) -> list[Entry]:
    """The progress reports made to the department or to the customer, the oldest first."""
    query = (
        select(Entry)
        .where(Entry.matter_id == key(matter), Entry.kind == "progress", standing())
        .order_by(col(Entry.written_at))
    )
    return [each for each in session.exec(query) if to in each.answers["to"]]


def arrive(
    session: Session,
    house: House,
    matter: Matter,
    complaint: Complaint,
    by: Staff,
    at: datetime,
    attachments: Sequence[Json],
    now: datetime,
) -> Entry:
    """到场处理: arrived and handling on site. It stops the limit (R16.1)."""
    _step(matter, ComplaintEvent.ARRIVE)
    entry = note(
        session,
        house,
        matter,
        by,
        "arrival",
        {"proof": bool(attachments)},
        now,
        at=at,
        channel="visit",
        attachments=attachments,
    )
    _stop_limit(session, matter, min(at, now), "arrived")
    rewind(session, house, matter, now)
    return entry


def answered(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> None:
    """Where no visit is needed, the first answer of substance stops the limit."""
    if not complaint.on_site_needed:
        _stop_limit(session, matter, now, "answered")


def _stop_limit(session: Session, matter: Matter, now: datetime, why: str) -> None:
    limits = [each for each in running(session, SUBJECT, key(matter)) if each.rule == LIMIT]
    close(limits, now, why)


def resolve(
    session: Session, house: House, matter: Matter, by: Staff, cause: str, measure: str, now: datetime
) -> Entry:
    """Handled: the cause, and what was done about it."""
    _step(matter, ComplaintEvent.RESOLVE)
    entry = note(session, house, matter, by, "resolution", {"cause": cause, "measure": measure}, now)
    _stop_limit(session, matter, now, "resolved")
    rewind(session, house, matter, now)
    return entry


def confirm(
    session: Session,
    house: House,
    matter: Matter,
    complaint: Complaint,
    by: Staff,
    satisfied: bool,
    said: str,
    now: datetime,
) -> Entry:
    """What the complainant says of the result. A refusal opens a new cycle with a new limit."""
    _step(matter, ComplaintEvent.CONFIRM if satisfied else ComplaintEvent.REFUSE)
    entry = note(session, house, matter, by, "confirmation", {"satisfied": satisfied, "text": said}, now)
    if not satisfied:
        _reopen(session, house, matter, complaint, now)
    rewind(session, house, matter, now)
    return entry


def _reopen(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> None:
    matter.cycle += 1
    complaint.limit_at = limit(now, complaint.in_province, house.rulebook.deadline)
    clock = one(session, LIMIT, SUBJECT, key(matter), f"handler@{matter.id}")
    if clock is None:
        raise LookupError(f"complaint {matter.number} has no limit")
    clock.cycle, clock.anchor, clock.due_at = str(matter.cycle), now, complaint.limit_at
    clock.closed_at, clock.stopped_by = None, None
    wind(session, house, clock, now)


def close_complaint(session: Session, house: House, matter: Matter, by: Staff, summary: str, now: datetime) -> Entry:
    """Closed, with its summary. The callback (R17.1) stays owed."""
    _step(matter, ComplaintEvent.CLOSE)
    entry = note(session, house, matter, by, "closing", {"text": summary}, now)
    matter.closed_at = now
    for clock in running(session, SUBJECT, key(matter)):
        if clock.rule == CALLBACK:
            opened, closed = (house.calendar.local(each).date() for each in (matter.opened_at, now))
            clock.due_at = house.calendar.at(callback_due(opened, closed, house.rulebook.callback), time(18))
            wind(session, house, clock, now)
        else:
            close([clock], now, "closed")
    return entry


def called_back(session: Session, entry: Entry, now: datetime) -> list[Clock]:
    """A callback fulfils what is owed to everybody who complained (R17.1), once the complaint is closed."""
    mine = select(Matter.id).where(Matter.customer_id == entry.customer_id, col(Matter.closed_at).is_not(None))
    query = select(Clock).where(
        Clock.rule == CALLBACK,
        Clock.subject_kind == SUBJECT,
        col(Clock.subject_id).in_(mine),
        col(Clock.closed_at).is_(None),
    )
    owed = list(session.exec(query))
    close(owed, now, f"entry {entry.id}")
    return owed


def promise(session: Session, house: House, entry: Entry, due: datetime, now: datetime) -> Clock:
    """The next step that was promised, with its date, is a clock of its own (R26.2)."""
    clock = Clock(
        rule=PROMISE,
        rulebook_version=house.rulebook_version,
        subject_kind="entry",
        subject_id=key(entry),
        post=f"staff@{entry.by_id}",
        cycle="1",
        anchor=now,
        due_at=due,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return clock


def kept(session: Session, entry: Entry, now: datetime) -> list[Clock]:
    """A later talk with the customer keeps the promises of a next step that were due by the end of that day."""
    earlier = select(Entry.id).where(Entry.customer_id == entry.customer_id, Entry.id != entry.id)
    query = select(Clock).where(
        Clock.rule == PROMISE,
        Clock.subject_kind == "entry",
        col(Clock.subject_id).in_(earlier),
        Clock.post == f"staff@{entry.by_id}",
        col(Clock.closed_at).is_(None),
        Clock.anchor < entry.at,
    )
    promised = list(session.exec(query))
    close(promised, now, f"entry {entry.id}")
    return promised


def _step(matter: Matter, event: ComplaintEvent) -> None:
    """Raises `NotNowError` where the event may not follow."""
    state = may_follow(ComplaintState(matter.state), event)
    if state is None:
        raise NotNowError(event)
    matter.state = state


def limits(session: Session, matter: Matter) -> list[Clock]:
    query = select(Clock).where(Clock.rule == LIMIT, Clock.subject_kind == SUBJECT, Clock.subject_id == key(matter))
    return list(session.exec(query))
