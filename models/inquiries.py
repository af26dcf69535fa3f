"""The life of an inquiry (咨询, article 26（三）): whoever enters it owns it until a named colleague accepts it, or it is answered.

Each step with its record and its clocks in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, duties, steps
from models.climbing import PROMISE, UNANSWERED, wind
from models.clocks import Clock, close, of_subject, running
from models.customers import Customer
from models.kinds import Json
from models.people import Staff, key, seats, split_post
from models.records import Entry, Matter, next_number, notes, write_entry
from models.steps import HANDOVER, Asked, Step
from rules.gate import Subject
from rules.house import House
from rules.inquiry import UNDER_WAY, InquiryEvent, InquiryKind, InquiryState, answer_by, may_follow

SUBJECT = "inquiry"


class Inquiry(SQLModel, table=True):
    """What somebody at a customer's asked. `owner_id` is whose it is now; the rest is filled in as it goes on."""

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    kind: str
    person: str
    phone: str | None = None
    words: str
    received_at: datetime
    owner_id: int = Field(foreign_key="staff.id", index=True)
    plan: str | None = None
    promised_at: datetime | None = None
    """By when, as the customer was told."""
    answer: str | None = None
    told_name: str | None = None
    """Whom the customer was told to ask, and the number."""
    told_phone: str | None = None
    became_id: int | None = Field(default=None, foreign_key="matter.id", index=True)
    """The complaint that came of it."""


class TooLateError(Exception):
    """That step may not be taken in the state the inquiry is in."""


@dataclass(frozen=True)
class Received:
    """What is known when an inquiry is entered."""

    customer: Customer
    kind: InquiryKind
    person: str
    phone: str | None
    words: str
    received_at: datetime
    channel: str | None = None
    attachments: Sequence[Json] = ()


@dataclass(frozen=True)
class Asking:
    """An inquiry in somebody's hands, now. Every step writes an entry and an audit row; one that may not follow in the present
    state raises `TooLateError`."""

    session: Session
    house: House
    matter: Matter
    inquiry: Inquiry
    by: Staff
    now: datetime

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.matter.id}"

    @property
    def owner(self) -> Staff:
        return self.session.get_one(Staff, self.inquiry.owner_id)

    @property
    def clocks(self) -> list[Clock]:
        """The clocks of this inquiry that still run."""
        return running(self.session, SUBJECT, key(self.matter))

    @property
    def offered(self) -> Step | None:
        """The hand-over that waits to be accepted."""
        return next(iter(steps.waiting(self.session, key(self.matter), HANDOVER)), None)

    def reply(self, text: str, attachments: Sequence[Json] = ()) -> None:
        """Answered, and over."""
        self._step(InquiryEvent.REPLY)
        self.inquiry.answer = text
        self._record("reply", {"text": text}, attachments)
        self._over(InquiryState.ANSWERED)

    def promise(self, plan: str, due: datetime, reason: str | None = None) -> None:
        """The customer was told what will be done, and by when. Another date moves the same clock; why is on record."""
        self._step(InquiryEvent.PROMISE)
        answers: Json = {"text": plan, "due": due.isoformat()}
        if self.inquiry.promised_at is not None:
            answers |= {"before": self.inquiry.promised_at.isoformat(), "reason": reason or ""}
        self.inquiry.plan, self.inquiry.promised_at = plan, due
        self._record("promise", answers)
        close([each for each in self.clocks if each.rule == UNANSWERED], self.now, InquiryState.PROMISED)
        self._keep_by(due)

    def hand_over(self, to: Staff, text: str) -> Step:
        """Ask a colleague to take it. It stays the owner's until they accept; what was asked of another before is called off."""
        self._step(InquiryEvent.HANDOVER)
        steps.drop(self.session, self.matter, self.now, (HANDOVER,))
        self._record("handover", {"who": key(to), "text": text})
        asked = Asked(HANDOVER, text, [[f"staff@{to.id}"]], {"who": self.inquiry.owner_id})
        return steps.ask(self.session, self.house, self.matter, self.by, asked, self.now)[0]

    def take(self) -> Staff:
        """Accepted: it is theirs from now on, with the limits as they are. Returns whose it was."""
        before = self.owner
        self.inquiry.owner_id = key(self.by)
        for clock in self.clocks:
            clock.post = f"staff@{self.by.id}"
        self._record("takeover", {"who": key(before)})
        for clock in self.clocks:
            wind(self.session, self.house, clock, self.now)
        return before

    def send_back(self, text: str) -> None:
        """Not accepted."""
        self._record("handback", {"text": text})

    def refer(self, name: str, phone: str) -> None:
        """The customer was told whom to ask, by name and number: that ends it as well."""
        self._step(InquiryEvent.REFERRAL)
        self.inquiry.told_name, self.inquiry.told_phone = name, phone
        self._record("referral", {"called": name, "dial": phone})
        self._over(InquiryState.REFERRED)

    def becomes(self, complaint: Matter) -> None:
        """It was a complaint, or has become one; that has its own number and limits."""
        self._step(InquiryEvent.COMPLAIN)
        self.inquiry.became_id = key(complaint)
        self._record("became", {"complaint": complaint.number})
        self._over(InquiryState.BECAME)

    def _step(self, event: InquiryEvent) -> None:
        state = may_follow(InquiryState(self.matter.state), event)
        if state is None:
            raise TooLateError(event)
        self.matter.state = state

    def _over(self, why: InquiryState) -> None:
        self.matter.closed_at = self.matter.closed_at or self.now
        close(self.clocks, self.now, why)
        steps.drop(self.session, self.matter, self.now)

    def _keep_by(self, due: datetime) -> None:
        found = next(
            (each for each in of_subject(self.session, SUBJECT, key(self.matter)) if each.rule == PROMISE), None
        )
        if found is None:
            self.start(PROMISE, due)
            return
        found.due_at, found.cycle = due, str(int(found.cycle) + 1)
        self.session.flush()
        wind(self.session, self.house, found, self.now)

    def start(self, rule: str, due: datetime) -> None:
        """A clock that the owner answers for."""
        clock = Clock(
            rule=rule,
            rulebook_version=self.house.rulebook_version,
            subject_kind=SUBJECT,
            subject_id=key(self.matter),
            post=f"staff@{self.inquiry.owner_id}",
            cycle="1",
            anchor=self.now,
            due_at=due,
        )
        self.session.add(clock)
        self.session.flush()
        wind(self.session, self.house, clock, self.now)

    def _record(
        self,
        kind: str,
        answers: Json,
        attachments: Sequence[Json] = (),
        *,
        at: datetime | None = None,
        channel: str | None = None,
    ) -> None:
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
        whose = whose_record(self.session, self.matter, self.inquiry, self.now, offered=False)
        write_entry(self.session, entry, [key(self.by)], self.house.calendar.tz, whose)
        duties.after_entry(self.session, self.house, entry, [key(self.by)], self.now)
        audit.record(self.session, self.now, key(self.by), f"{SUBJECT}.{kind}", self.subject, entry=entry.id, **answers)

    def enter(self, what: Received) -> None:
        """Its first entry, and the clock that wants an answer or a promise."""
        said = {"text": what.words, "inquiry_kind": what.kind, "person": what.person, "person_phone": what.phone}
        self._record(SUBJECT, said, what.attachments, at=what.received_at, channel=what.channel)
        if self.house.rulebook.unanswered is not None:
            self.start(UNANSWERED, answer_by(self.now, self.house.rulebook.unanswered, self.house.calendar))


def open_inquiry(session: Session, house: House, by: Staff, what: Received, now: datetime) -> Asking:
    """Write it down, with its number; it is this person's."""
    matter = Matter(
        kind=SUBJECT,
        number=next_number(session, SUBJECT, house.calendar.local(now).year),
        customer_id=key(what.customer),
        unit_id=what.customer.unit_id,
        state=InquiryState.OPEN,
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    inquiry = Inquiry(
        matter_id=key(matter),
        kind=what.kind,
        person=what.person,
        phone=what.phone,
        words=what.words,
        received_at=what.received_at,
        owner_id=key(by),
    )
    session.add(inquiry)
    session.flush()
    asking = Asking(session, house, matter, inquiry, by, now)
    asking.enter(what)
    return asking


def sent_with(session: Session, matter: Matter) -> list[Json]:
    """The photos and files that came with the question."""
    return next((list(each.attachments) for each in notes(session, key(matter)) if each.kind == SUBJECT), [])


def before(session: Session, complaint: Matter) -> Matter | None:
    """The inquiry from which a complaint came."""
    query = select(Matter).join(Inquiry, col(Inquiry.matter_id) == col(Matter.id))
    return session.exec(query.where(Inquiry.became_id == key(complaint))).first()


def still_open(session: Session) -> list[tuple[Matter, Inquiry]]:
    query = select(Matter, Inquiry).join(Inquiry, col(Inquiry.matter_id) == col(Matter.id))
    return list(session.exec(query.where(col(Matter.state).in_(UNDER_WAY)).order_by(col(Matter.opened_at))))


def numbered(session: Session, text: str) -> tuple[Matter, Inquiry] | None:
    """An inquiry by its number, typed in any usual way: ZX-2026-0001, zx1, 1; the newest year first."""
    digits = "".join(each for each in text if each.isdecimal())
    if not digits:
        return None
    year, number = (digits[:4], digits[4:]) if len(digits) > 5 else ("%", digits)
    query = select(Matter, Inquiry).join(Inquiry, col(Inquiry.matter_id) == col(Matter.id))
    like = col(Matter.number).like(f"ZX-{year}-{int(number or 0):04}")
    return session.exec(query.where(like).order_by(col(Matter.opened_at).desc())).first()


def whose_record(session: Session, matter: Matter, inquiry: Inquiry, now: datetime, *, offered: bool) -> Subject:
    """Whose it is, for the gate: the customer's unit, the owner and the owner's units; with `offered`, of whoever was asked to take
    it, and of whoever entered it, as well."""
    step = next(iter(steps.waiting(session, key(matter), HANDOVER)), None) if offered else None
    return Subject(
        unit=matter.unit_id,
        owner=inquiry.owner_id,
        handler=split_post(step.post)[1] if step else None,
        departments=frozenset(each.unit_id for each in seats(session, inquiry.owner_id, now)),
        self_=matter.opened_by if offered else None,
    )
