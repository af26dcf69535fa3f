"""The life of a complaint (article 16), each step with its record and its clocks in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlmodel import Session

from models import audit, duties, limits, steps
from models.absences import stood_in
from models.asked import asked_once
from models.claims import claim_of, unsettled
from models.climbing import CALLBACK, PROGRESS, in_force, wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.kinds import Json
from models.limits import reported, the_limit
from models.people import Staff, Unit, key, post, split_post, unit_ids_of_role
from models.records import Complaint, Entry, Matter, write_entry
from models.steps import Asked, Step
from rules.complaint import OVER, ComplaintEvent, ComplaintState, callback_due, may_follow
from rules.entries import Progress
from rules.gate import Subject
from rules.house import House
from rules.roles import ComplaintType, Role

SUBJECT = "complaint"
END_OF_WORK = time(18)
UNIT_ROLES = (Role.SALESPERSON, Role.UNIT_HEAD)


class NotNowError(Exception):
    """That step may not be taken in the state the complaint is in, or its claim."""


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

    @property
    def department_units(self) -> list[int]:
        """The units in which the department in charge sits."""
        return unit_ids_of_role(self.session, self.complaint.department, self.now)

    @property
    def department_unit(self) -> int:
        found = self.department_units
        return found[0] if found else self.matter.unit_id

    # Accept, hand on, entrust

    def hand_on(self, text: str) -> Entry:
        """The unit has filed its form: from now on it is for the department in charge."""
        self._step(ComplaintEvent.HAND_ON)
        return self._wound(self.record("hand_on", {"text": text, "department": self.complaint.department}))

    def reroute(self, kind: ComplaintType, text: str) -> Entry:
        """Another type, and the department that is in charge of it. No clock is touched."""
        self._step(ComplaintEvent.REROUTE)
        before = {"type": self.complaint.type, "department": self.complaint.department}
        self.complaint.type = kind
        self.complaint.department = self.rulebook.routing.departments[kind]
        after = {"type": self.complaint.type, "department": self.complaint.department}
        steps.drop(self.session, self.matter, self.now, ("entrust",))
        return self._wound(self.record("reroute", {"text": text, "before": before, "after": after}))

    def entrust(self, unit: Unit, handler: Staff | None, by_when: datetime) -> Step | None:
        """Name the responsible unit, its person and its time limit (处理时限). It works at once; the leader in charge approves
        beside it. Returns the step that waits for that."""
        self._step(ComplaintEvent.ENTRUST)
        complaint = self.complaint
        before = {"unit": complaint.responsible_unit_id, "handler": complaint.handler_id, "due_at": complaint.handle_by}
        if (
            handler is not None
            or complaint.responsible_unit_id not in (None, key(unit))
            or key(unit) != self.matter.unit_id
        ):
            complaint.handler_id = key(handler) if handler else None
        complaint.responsible_unit_id = key(unit)
        complaint.entrusted_at, complaint.handle_by = self.now, by_when
        after = {"unit": key(unit), "handler": complaint.handler_id, "due_at": by_when}
        answers = {"before": _plain(before), "after": _plain(after)}
        self._wound(self.record("entrust", answers))
        steps.drop(self.session, self.matter, self.now, ("entrust",))
        leader = post(Role.VICE_PRESIDENT, self.department_unit)
        facts = _plain({"unit": key(unit), "due": by_when})
        return next(iter(self.ask(Asked("entrust", "", [[leader]], facts))), None)

    def assign(self, handler: Staff) -> None:
        """Name the person responsible. The limits keep running as they were."""
        self._step(ComplaintEvent.ASSIGN)
        before, self.complaint.handler_id = self.complaint.handler_id, key(handler)
        self._audit("assign", before=before, after=key(handler))

    # Handle

    def report(self, text: str, to: Sequence[str], attachments: Sequence[Json] = ()) -> Entry:
        """A progress note, and to whom it was reported (R16.2): the department in charge, the customer, or both. Where no visit
        is needed, the first answer to the customer stops the limit."""
        self._step(ComplaintEvent.NOTE)
        return self._wound(self.record("progress", {"to": list(to), "text": text}, attachments=attachments))

    def arrive(self, at: datetime, attachments: Sequence[Json] = ()) -> Entry:
        """到场处理: on site and handling since `at`, which is when the limit (R16.1) stops, however late it is entered."""
        self._step(ComplaintEvent.ARRIVE)
        answers = {"proof": bool(attachments)}
        return self._wound(self.record("arrival", answers, at=at, channel="visit", attachments=attachments))

    def resolve(self, cause: str, measure: str) -> Entry:
        """Handled: the cause, and what was done about it."""
        self._step(ComplaintEvent.RESOLVE)
        return self._wound(self.record("resolution", {"cause": cause, "measure": measure}))

    # Confirm, evaluate, close

    def confirm(self, satisfied: bool, text: str) -> Entry:
        """What the complainant says of the result. A refusal opens a new cycle with new limits."""
        self._step(ComplaintEvent.CONFIRM if satisfied else ComplaintEvent.REFUSE)
        entry = self.record("confirmation", {"satisfied": satisfied, "text": text})
        if not satisfied:
            self._reopen()
        return self._wound(entry)

    def evaluate(self, effect: str, text: str) -> Entry:
        """The responsible unit has asked the customer, and judges what the measures came to."""
        self._step(ComplaintEvent.EVALUATE)
        return self._wound(self.record("evaluation", {"effect": effect, "text": text}))

    def close(self, text: str) -> Entry:
        """Closed, with its summary, once nothing of its claim is open. From now on a callback is owed (R17.1)."""
        if unsettled(self.session, self.matter, self.complaint) is not None:
            raise NotNowError("unsettled claim")
        self._step(ComplaintEvent.CLOSE)
        entry = self.record("closing", {"text": text})
        self._over("closed")
        self._owe_callback()
        return entry

    # What is put right on the way

    def change(self, text: str, *, in_province: bool | None = None, on_site_needed: bool | None = None) -> Entry:
        """What was accepted wrongly: the province, whether a visit is needed. The limit is worked out anew from its beginning."""
        self._step(ComplaintEvent.CHANGE)
        complaint = self.complaint
        before = {"in_province": complaint.inside, "on_site_needed": complaint.on_site_needed}
        if in_province is not None:
            complaint.now_in_province = in_province
        if on_site_needed is not None:
            complaint.on_site_needed = on_site_needed
        after = {"in_province": complaint.inside, "on_site_needed": complaint.on_site_needed}
        return self._wound(self.record("amendment", {"text": text, "before": before, "after": after}))

    def pause(self, reason: str, text: str, until: datetime) -> Entry:
        """中止计时, once it is approved: the limits stand still until then, or until somebody resumes them."""
        self._step(ComplaintEvent.PAUSE)
        return self._wound(self.record("pause", {"reason": reason, "text": text, "until": until.isoformat()}))

    def resume(self, text: str) -> Entry:
        """恢复计时 before its time."""
        if limits.pause_now(self.session, self.matter, self.now) is None:
            raise NotNowError("resume")
        return self._wound(self.record("resume", {"text": text}))

    def lengthen(self, days: int, consent: str) -> Entry:
        """A report of progress every so many days, as the customer consented and the sales department approved (R16.2)."""
        self._step(ComplaintEvent.NOTE)
        before, self.complaint.report_every = self.complaint.report_every, days
        return self._wound(self.record("interval", {"text": consent, "before": before, "after": days}))

    def void(self, text: str) -> Entry:
        """作废, once it is approved. Nothing is deleted: it stays on record and in every figure."""
        self._step(ComplaintEvent.VOID)
        entry = self.record("voiding", {"text": text})
        self._over("voided")
        return entry

    def reinstate(self, text: str) -> Entry:
        """Voided by mistake: it goes on where it was, by the limits that it had."""
        self._step(ComplaintEvent.REINSTATE)
        self.matter.closed_at = None
        entry = self.record("reinstatement", {"text": text})
        self.matter.state = limits.state_by_record(self.session, self.matter, self.complaint)
        for clock in limits.of_case(self.session, self.matter):
            if clock.stopped_by == "voided":
                clock.closed_at, clock.stopped_by = None, None
        return self._wound(entry)

    def ask(self, what: Asked) -> list[Step]:
        """Put something before those who decide it."""
        return steps.ask(self.session, self.house, self.matter, self.by, what, self.now)

    # Records and clocks

    @property
    def rulebook(self) -> Any:
        """The rules under which the complaint was accepted."""
        return in_force(self.session, self.house, the_limit(self.session, self.matter))

    def put(self, kind: str, answers: Json, attachments: Sequence[Json] = ()) -> Entry:
        """An entry that changes no state; whom the clocks wake may have changed by it."""
        self._step(ComplaintEvent.NOTE)
        return self._wound(self.record(kind, answers, attachments=attachments))

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
        whose = whose_work(self.session, self.matter, self.complaint, self.now)
        write_entry(self.session, entry, [key(self.by)], self.house.calendar.tz, whose)
        duties.after_entry(self.session, self.house, entry, [key(self.by)], self.now)
        instead = [each.for_id for each in stood_in(self.session, key(entry))]
        self._audit(kind, entry=entry.id, **answers, **({"stood_in_for": instead} if instead else {}))
        return entry

    def _audit(self, what: str, **body: Any) -> None:
        body |= {"state": self.matter.state, "cycle": self.matter.cycle}
        audit.record(self.session, self.now, key(self.by), f"complaint.{what}", self.subject, **body)

    def _over(self, why: str) -> None:
        self.matter.closed_at = self.now
        close(self.clocks, self.now, why)
        steps.drop(self.session, self.matter, self.now)

    def _reopen(self) -> None:
        self.matter.cycle += 1
        complaint = self.complaint
        if complaint.handle_by is not None and complaint.entrusted_at is not None:
            complaint.handle_by = self.now + (complaint.handle_by - complaint.entrusted_at)
            complaint.entrusted_at = self.now

    def _wound(self, entry: Entry) -> Entry:
        self.session.flush()
        if self.matter.state not in OVER:
            limits.derive(self.session, self.house, self.matter, self.complaint, self.now)
        for clock in self.clocks:
            if clock.rule == PROGRESS:
                self._derive_progress(clock)
                wind(self.session, self.house, clock, self.now)
        return entry

    def _derive_progress(self, clock: Clock) -> None:
        """So many reports in every span: the next is due a span after the one that lies that many reports back. Where a span went
        by without them, the next is due its share of a span after the late report, or after the handling began anew."""
        times_, within = agreed(self.complaint, in_force(self.session, self.house, clock).progress)
        times = [each.written_at for each in reported(self.session, self.matter, clock.post.partition("#")[2])]
        began = self.matter.opened_at if self.matter.cycle == 1 else the_limit(self.session, self.matter).anchor
        latest = max([began, *times[-1:]])
        anchor = times[-times_] if len(times) >= times_ else self.matter.opened_at
        due = anchor + within
        if due <= latest:
            anchor, due = latest, latest + within / times_
        clock.anchor, clock.due_at = anchor, due
        clock.cycle = f"{self.matter.cycle}.{len(times)}" + (f".{self.complaint.report_every}" if times_ == 1 else "")

    def _owe_callback(self) -> None:
        calendar, rule = self.house.calendar, self.house.rulebook.callback
        opened, closed = (calendar.local(each).date() for each in (self.matter.opened_at, self.now))
        due = calendar.at(callback_due(opened, closed, rule), END_OF_WORK)
        owner, holder = f"owner@{self.matter.customer_id}", post(rule.who, self.matter.unit_id)
        self.start(CALLBACK, owner if rule.who is Role.SALESPERSON else holder, self.now, due)

    def start(self, rule: str, address: str, anchor: datetime, due: datetime) -> None:
        """A clock of this complaint."""
        clock = Clock(
            rule=rule,
            rulebook_version=self.house.rulebook_version,
            subject_kind=SUBJECT,
            subject_id=key(self.matter),
            post=address,
            cycle=str(self.matter.cycle),
            anchor=anchor,
            due_at=due,
        )
        self.session.add(clock)
        self.session.flush()
        wind(self.session, self.house, clock, self.now)


def _plain(values: dict[str, Any]) -> Json:
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in values.items()}


def agreed(complaint: Complaint, rule: Progress) -> tuple[int, timedelta]:
    """How many reports in what time: by the rule, or one in the longer interval that was agreed upon."""
    return (1, timedelta(days=complaint.report_every)) if complaint.report_every else (rule.times, rule.within)


def whose_record(session: Session, matter: Matter, complaint: Complaint, now: datetime) -> Subject:
    """Whose it is to look at: of those who work on it, and of the departments that its claim or its weight concerns."""
    working = whose_work(session, matter, complaint, now)
    return replace(working, departments=working.departments | {*_concerned(session, complaint, now)})


def _concerned(session: Session, complaint: Complaint, now: datetime) -> Iterator[int]:
    """The office of a major complaint, legal affairs where there is talk of a lawsuit, finance where there is money to settle."""
    claim = claim_of(session, complaint)
    why = {Role.OFFICE: claim.major_at, Role.LEGAL: claim.lawsuit, Role.FINANCE: claim.approved_at}
    for role in (each for each, reason in why.items() if reason is not None):
        yield from unit_ids_of_role(session, role, now)


@asked_once(Customer)
def _customer(session: Session, customer_id: int) -> Customer:
    return session.get_one(Customer, customer_id)


def whose_work(session: Session, matter: Matter, complaint: Complaint, now: datetime) -> Subject:
    """Whose it is to work on, for the gate: its unit, the responsible unit, the department in charge and those that were asked."""
    units = {*unit_ids_of_role(session, complaint.department, now), *_asked(session, matter, now)}
    if complaint.responsible_unit_id is not None:
        units.add(complaint.responsible_unit_id)
    return Subject(
        unit=matter.unit_id,
        owner=_customer(session, matter.customer_id).owner_id,
        handler=complaint.handler_id,
        departments=frozenset(units),
        self_=matter.opened_by,
    )


def _asked(session: Session, matter: Matter, now: datetime) -> Iterator[int]:
    """The units of the departments whose opinion was asked for."""
    for step in steps.of_matter(session, key(matter)):
        role, number = split_post(step.post)
        if step.kind == "consult" and role != "staff":
            yield from unit_ids_of_role(session, role, now) or [number]
