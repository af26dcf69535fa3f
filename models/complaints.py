"""The life of a complaint (article 16), each step with its record and its clocks in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any

from sqlmodel import Session, col, select

from models import audit, duties
from models.climbing import CALLBACK, LIMIT, PROMISE, in_force, wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.kinds import Json
from models.people import Staff, key, post
from models.records import Complaint, Entry, Matter, first_entered, next_number, standing, write_entry
from rules.complaint import ComplaintEvent, ComplaintState, callback_due, limit, may_follow
from rules.house import House
from rules.roles import ComplaintType, Role

SUBJECT = "complaint"
PROGRESS = "R16.2"
END_OF_WORK = time(18)


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


@dataclass(frozen=True)
class Case:
    """A complaint in somebody's hands, now. Every step writes an entry, an audit row, and winds the clocks anew; one that may
    not follow in the present state raises `NotNowError`."""

    session: Session
    house: House
    matter: Matter
    complaint: Complaint
    by: Staff
    now: datetime

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.matter.id}"

    @property
    def clocks(self) -> list[Clock]:
        """The clocks of this complaint that still run."""
        return running(self.session, SUBJECT, key(self.matter))

    def assign(self, handler: Staff) -> None:
        """Name the person responsible. The limit keeps running as it was."""
        self._step(ComplaintEvent.ASSIGN)
        before, self.complaint.handler_id = self.complaint.handler_id, key(handler)
        self._audit("assign", before=before, after=key(handler))

    def report(self, text: str, to: Sequence[str], attachments: Sequence[Json] = ()) -> Entry:
        """A progress note, and to whom it was reported (R16.2): the department in charge, the customer, or both. Where no visit
        is needed, the first answer to the customer stops the limit."""
        self._step(ComplaintEvent.NOTE)
        entry = self.record("progress", {"to": list(to), "text": text}, attachments=attachments)
        if "customer" in to and not self.complaint.on_site_needed:
            self._stop_limit("answered", self.now)
        return self._wound(entry)

    def arrive(self, at: datetime, attachments: Sequence[Json] = ()) -> Entry:
        """到场处理: on site and handling since `at`, which is when the limit (R16.1) stops, however late it is entered."""
        self._step(ComplaintEvent.ARRIVE)
        answers = {"proof": bool(attachments)}
        entry = self.record("arrival", answers, at=at, channel="visit", attachments=attachments)
        self._stop_limit("arrived", min(at, self.now))
        return self._wound(entry)

    def resolve(self, cause: str, measure: str) -> Entry:
        """Handled: the cause, and what was done about it."""
        self._step(ComplaintEvent.RESOLVE)
        entry = self.record("resolution", {"cause": cause, "measure": measure})
        self._stop_limit("resolved", self.now)
        return self._wound(entry)

    def confirm(self, satisfied: bool, text: str) -> Entry:
        """What the complainant says of the result. A refusal opens a new cycle with a new limit."""
        self._step(ComplaintEvent.CONFIRM if satisfied else ComplaintEvent.REFUSE)
        entry = self.record("confirmation", {"satisfied": satisfied, "text": text})
        if not satisfied:
            self._reopen()
        return self._wound(entry)

    def close(self, text: str) -> Entry:
        """Closed, with its summary. From now on a callback is owed (R17.1)."""
        self._step(ComplaintEvent.CLOSE)
        entry = self.record("closing", {"text": text})
        self.matter.closed_at = self.now
        close(self.clocks, self.now, "closed")
        self._owe_callback()
        return entry

    def _owe_callback(self) -> None:
        calendar, rule = self.house.calendar, self.house.rulebook.callback
        opened, closed = (calendar.local(each).date() for each in (self.matter.opened_at, self.now))
        due = calendar.at(callback_due(opened, closed, rule), END_OF_WORK)
        owner, holder = f"owner@{self.matter.customer_id}", post(rule.who, self.matter.unit_id)
        _start(self, CALLBACK, owner if rule.who is Role.SALESPERSON else holder, self.now, due)

    def _step(self, event: ComplaintEvent) -> None:
        state = may_follow(ComplaintState(self.matter.state), event)
        if state is None:
            raise NotNowError(event)
        self.matter.state = state

    def record(
        self,
        kind: str,
        answers: Json,
        *,
        at: datetime | None = None,
        channel: str | None = None,
        attachments: Sequence[Json] = (),
    ) -> Entry:
        """Write an entry of this complaint, with its audit row."""
        entry = Entry(
            kind=kind,
            customer_id=self.matter.customer_id,
            matter_id=key(self.matter),
            at=at or self.now,
            written_at=self.now,
            by_id=key(self.by),
            channel=channel,
            answers=answers,
            attachments=list(attachments),
        )
        write_entry(self.session, entry, [key(self.by)], self.house.calendar.tz)
        duties.after_entry(self.session, self.house, entry, [key(self.by)], self.now)
        self._audit(kind, entry=entry.id, **answers)
        return entry

    def _audit(self, what: str, **body: Any) -> None:
        body |= {"state": self.matter.state, "cycle": self.matter.cycle}
        audit.record(self.session, self.now, key(self.by), f"complaint.{what}", self.subject, **body)

    def _stop_limit(self, why: str, at: datetime) -> None:
        close([clock for clock in self.clocks if clock.rule == LIMIT], at, why)

    def _reopen(self) -> None:
        self.matter.cycle += 1
        self.complaint.limit_at = limit(self.now, self.complaint.in_province, self.house.rulebook.deadline)
        clock = the_limit(self.session, self.matter)
        clock.cycle, clock.anchor, clock.due_at = str(self.matter.cycle), self.now, self.complaint.limit_at
        clock.closed_at, clock.stopped_by = None, None

    def _wound(self, entry: Entry) -> Entry:
        for clock in self.clocks:
            if clock.rule == PROGRESS:
                self._derive_progress(clock)
            wind(self.session, self.house, clock, self.now)
        return entry

    def _derive_progress(self, clock: Clock) -> None:
        """So many reports in every span: the next is due a span after the one that lies that many reports back. Where a span went
        by without them, the next is due its share of a span after the late report, or after the handling began anew."""
        rule = in_force(self.session, self.house, clock).progress
        times = [each.written_at for each in reported(self.session, self.matter, clock.post.partition("#")[2])]
        began = self.matter.opened_at if self.matter.cycle == 1 else the_limit(self.session, self.matter).anchor
        latest = max([began, *times[-1:]])
        anchor = times[-rule.times] if len(times) >= rule.times else self.matter.opened_at
        due = anchor + rule.within
        if due <= latest:
            anchor, due = latest, latest + rule.within / rule.times
        clock.anchor, clock.due_at, clock.cycle = anchor, due, f"{self.matter.cycle}.{len(times)}"


def accept(session: Session, house: House, by: Staff, what: Accepted, now: datetime) -> Case:
    """Accept a complaint: its number, its form, its clocks."""
    matter = Matter(
        kind=SUBJECT,
        number=next_number(session, SUBJECT, house.calendar.local(now).year),
        customer_id=key(what.customer),
        unit_id=what.customer.unit_id,
        state=ComplaintState.ACCEPTED,
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
    case.record("acceptance", {"text": what.what}, at=what.received_at, attachments=what.evidence)
    audit.record(session, now, key(by), "complaint.open", case.subject, **complaint.model_dump(mode="json"))
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
        major=what.amount is not None and what.amount >= rules.thresholds.large_claim.amount,
        department=rules.routing.departments[what.type],
        handler_id=key(what.handler) if what.handler else None,
        limit_at=limit(what.received_at, what.in_province, rules.deadline),
        rulebook_version=house.rulebook_version,
    )


def _start_clocks(case: Case) -> None:
    """The limit, and the reports of progress to the department and to the customer."""
    house, now = case.house, case.now
    handler = f"handler@{case.matter.id}"
    _start(case, LIMIT, handler, case.complaint.received_at, case.complaint.limit_at)
    for who in house.rulebook.progress.to:
        _start(case, PROGRESS, f"{handler}#{who}", now, now + house.rulebook.progress.within)


def _start(case: Case, rule: str, address: str, anchor: datetime, due: datetime) -> None:
    clock = Clock(
        rule=rule,
        rulebook_version=case.house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(case.matter),
        post=address,
        cycle=str(case.matter.cycle),
        anchor=anchor,
        due_at=due,
    )
    case.session.add(clock)
    case.session.flush()
    wind(case.session, case.house, clock, case.now)


def the_limit(session: Session, matter: Matter) -> Clock:
    """The clock of the on-site limit, running or stopped."""
    query = select(Clock).where(Clock.rule == LIMIT, Clock.subject_kind == SUBJECT, Clock.subject_id == key(matter))
    return session.exec(query).one()


def reported(session: Session, matter: Matter, to: str) -> list[Entry]:
    """The progress reports made to the department or to the customer, the oldest first."""
    query = select(Entry).where(Entry.matter_id == key(matter), Entry.kind == "progress", standing())
    return [each for each in session.exec(query.order_by(col(Entry.written_at))) if to in each.answers["to"]]


def called_back(session: Session, entry: Entry) -> list[Clock]:
    """A callback fulfils what is owed to a customer who complained (R17.1)."""
    theirs = select(Matter.id).where(Matter.customer_id == entry.customer_id)
    since = col(Clock.anchor) <= first_entered(session, entry)
    return _settle(session, entry, CALLBACK, SUBJECT, col(Clock.subject_id).in_(theirs) & since)


def promise(
    session: Session, house: House, entry: Entry, due: datetime, now: datetime, who: int | None = None
) -> Clock:
    """The next step that was promised, with its date, is a clock of its own (R26.2). It is its writer's, unless `who` is named."""
    clock = Clock(
        rule=PROMISE,
        rulebook_version=house.rulebook_version,
        subject_kind="entry",
        subject_id=key(entry),
        post=f"staff@{who or entry.by_id}",
        cycle="1",
        anchor=first_entered(session, entry),
        due_at=due,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return clock


def kept(session: Session, entry: Entry, who: int | None = None) -> list[Clock]:
    """A later talk with the customer keeps the promises of a next step that its writer, or `who`, made before."""
    earlier = select(Entry.id).where(Entry.customer_id == entry.customer_id, Entry.id != entry.id)
    mine = (
        col(Clock.subject_id).in_(earlier)
        & (col(Clock.post) == f"staff@{who or entry.by_id}")
        & (col(Clock.anchor) < first_entered(session, entry))
    )
    return _settle(session, entry, PROMISE, "entry", mine)


def settled_by(entry: Entry) -> str:
    """How a clock names the entry that stopped it."""
    return f"entry {entry.id}"


def _settle(session: Session, entry: Entry, rule: str, kind: str, which: Any) -> list[Clock]:
    query = select(Clock).where(Clock.rule == rule, Clock.subject_kind == kind, col(Clock.closed_at).is_(None), which)
    settled = list(session.exec(query.order_by(col(Clock.id))))
    close(settled, first_entered(session, entry), settled_by(entry))
    return settled
