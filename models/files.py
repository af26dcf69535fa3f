"""客户档案 (articles 30 and 31): what is on file of a customer, what is missing, and the clocks that keep it whole and current.

Facts are changed one at a time, each with its before and after in the audit, which is the history of the file. A newer paper stands
before the older one; nothing is deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.climbing import wind
from models.clocks import Clock, close, one
from models.customers import Customer, Person, index, people, remember_name
from models.kinds import Json, json_list
from models.people import Staff, key
from models.records import Entry, write_entry
from rules.file_parts import PAPERS, Filed, FilePart
from rules.house import House
from rules.roles import Tier

REVIEW, GAP, EXPIRY = "R31.3", "R31.1", "R30.2"
FILE, PAPER = "file", "paper"
DEVELOPMENT = "development"
END_OF_WORK = time(18)
GOLDEN = 0.6180339887498949
FEW = 500
"""Up to so many customers are looked up by their ids."""
SPREAD_DAYS = 90
"""The first reviews of all files are spread over so many days before a year is over."""


class CustomerFile(SQLModel, table=True):
    """What is known beside name, place and people. Made with the first fact."""

    __tablename__ = "customer_file"

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", unique=True)
    kind: str | None = None
    production: str | None = None
    credit: str | None = None
    custodian_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    touched_at: datetime


class Paper(SQLModel, table=True):
    """A licence, a yearly statement …; the newest of its kind counts. `fetch_at`: when its attachments are to be fetched; None once
    they are kept by their digests, or where there are none."""

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    kind: str
    expires_on: date | None = None
    note: str | None = None
    attachments: list[Json] = json_list()
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    fetch_at: datetime | None = Field(default=None, index=True)
    tries: int = 0

    def is_over(self, today: date) -> bool:
        return self.expires_on is not None and self.expires_on < today


class StoredFile(SQLModel, table=True):
    """What was attached, fetched once; two that are alike are one."""

    __tablename__ = "stored_file"

    digest: str = Field(primary_key=True)
    size: int
    content: bytes
    at: datetime


def of(session: Session, customer_id: int) -> CustomerFile | None:
    return session.exec(select(CustomerFile).where(CustomerFile.customer_id == customer_id)).first()


def custodian_of(session: Session, customer_id: int) -> int | None:
    found = of(session, customer_id)
    return found.custodian_id if found else None


def papers(session: Session, customer_id: int) -> list[Paper]:
    """The newest of each kind; of other papers all."""
    query = select(Paper).where(Paper.customer_id == customer_id).order_by(col(Paper.id))
    newest: dict[object, Paper] = {}
    for each in session.exec(query):
        newest[each.kind if each.kind in PAPERS else (each.kind, each.note)] = each
    return list(newest.values())


def notes(session: Session, customer_id: int, most: int = 5) -> list[Entry]:
    """The development log (发展记录), the newest first."""
    query = select(Entry).where(Entry.customer_id == customer_id, Entry.kind == DEVELOPMENT)
    return list(session.exec(query.order_by(col(Entry.at).desc(), col(Entry.id).desc()).limit(most)))


@dataclass(frozen=True)
class Completeness:
    wanted: Sequence[FilePart]
    missing: Sequence[FilePart]

    @property
    def have(self) -> int:
        return len(self.wanted) - len(self.missing)


def completeness(session: Session, house: House, customer: Customer, today: date) -> Completeness:
    """What belongs into the file of a customer of this tier, and what of it is missing or expired."""
    rule = house.rulebook.customer_file
    wanted = rule.parts.get(Tier(customer.tier), ()) if rule else ()
    there = set(_there(session, customer, today))
    return Completeness(wanted, [each for each in wanted if each not in there])


def _there(session: Session, customer: Customer, today: date) -> Iterator[FilePart]:
    here = key(customer)
    found = of(session, here)
    if found is not None:
        facts = {FilePart.KIND: found.kind, FilePart.PRODUCTION: found.production, FilePart.CREDIT: found.credit}
        facts[FilePart.CUSTODIAN] = str(found.custodian_id or "")
        yield from (part for part, value in facts.items() if value)
    if customer.credit_code:
        yield FilePart.CODE
    if any(each.left_on is None and each.phone for each in people(session, here)):
        yield FilePart.PEOPLE
    if notes(session, here, 1):
        yield FilePart.DEVELOPMENT
    yield from (
        FilePart(each.kind) for each in papers(session, here) if each.kind in PAPERS and not each.is_over(today)
    )


@dataclass(frozen=True)
class Keeper:
    """Somebody at work on the file of a customer, now."""

    session: Session
    house: House
    customer: Customer
    by: Staff
    now: datetime
    changes: list[Mapping[str, object]] = field(default_factory=list)
    """What was changed so far, as it is on record; `models.filed_changes` files it."""

    @property
    def file(self) -> CustomerFile:
        found = of(self.session, key(self.customer))
        if found is None:
            found = CustomerFile(customer_id=key(self.customer), touched_at=self.now)
            self.session.add(found)
        return found

    def set(self, part: FilePart, value: str) -> None:
        """Kind, production or credit standing."""
        before = getattr(self.file, part)
        setattr(self.file, part, value)
        self._changed(part, before, value)

    def name_custodian(self, who: Staff) -> None:
        self.pass_on(who)
        self._touched()

    def pass_on(self, who: Staff) -> None:
        """Into another's keeping; by that alone nobody has looked it through."""
        file = self.file
        before = self.session.get(Staff, file.custodian_id) if file.custodian_id else None
        file.custodian_id = key(who)
        self._record(FilePart.CUSTODIAN, before.name if before else None, who.name)

    def set_code(self, code: str) -> None:
        before, self.customer.credit_code = self.customer.credit_code, code
        self._changed(FilePart.CODE, before, code)

    def set_person(self, person: Person, what: str, value: str) -> None:
        """Title or birthday of somebody there."""
        before = getattr(person, what)
        setattr(person, what, value)
        self.session.add(person)
        self._changed(what, before, value, person=person.name)

    def leaves(self, person: Person, *, gone: bool) -> None:
        """已离职, or back again; who left stays on file."""
        before, person.left_on = person.left_on, self.house.calendar.local(self.now).date() if gone else None
        self.session.add(person)
        after = person.left_on
        self._changed("left_on", *(each.isoformat() if each else None for each in (before, after)), person=person.name)

    def add_paper(self, paper: Paper) -> Paper:
        """A newer one takes the place of the older of its kind, whose reminder ends."""
        older = [each for each in papers(self.session, key(self.customer)) if each.kind == paper.kind]
        paper.customer_id, paper.by_id, paper.at = key(self.customer), key(self.by), self.now
        paper.fetch_at = self.now if any(each.get("ref") for each in paper.attachments) else None
        self.session.add(paper)
        self.session.flush()
        for each in older if paper.kind in PAPERS else ():
            close(_expiry(self.session, each), self.now, "renewed")
        before = older[-1].expires_on if older and paper.kind in PAPERS else None
        until = (each.isoformat() if each else None for each in (before, paper.expires_on))
        self._changed(paper.kind, *until, paper=key(paper), note=paper.note, files=len(paper.attachments))
        self._remind(paper)
        return paper

    def _remind(self, paper: Paper) -> None:
        rule = self.house.rulebook.paper_expiry
        if rule is None or paper.expires_on is None:
            return
        calendar = self.house.calendar
        due = max(calendar.at(paper.expires_on, time(9)) - rule.before, self.now)
        _start(self.session, self.house, EXPIRY, (PAPER, key(paper)), self.customer, due, self.now)

    def add_note(self, text: str) -> Entry:
        """A line of the development log."""
        here, by = key(self.customer), key(self.by)
        entry = Entry(kind=DEVELOPMENT, customer_id=here, at=self.now, written_at=self.now, by_id=by)
        entry.answers = {"text": text}
        write_entry(self.session, entry, [by], self.house.calendar.tz)
        self._changed(FilePart.DEVELOPMENT, None, text)
        return entry

    def review(self) -> None:
        """核对无误: looked through, nothing to change."""
        self._changed("review", None, None)

    def met(self, person: Person, before: Mapping[str, str | None]) -> None:
        """Somebody was put on file, which has its own row in the audit."""
        numbers = {"before": before.get("phone"), "after": person.phone}
        self.changes.append({"part": str(FilePart.PEOPLE), "person": person.name, **numbers})
        self._touched()

    def _changed(self, part: str, before: str | None, after: str | None, **more: object) -> None:
        self._record(part, before, after, **more)
        self._touched()

    def _record(self, part: str, before: str | None, after: str | None, **more: object) -> None:
        subject = f"customer:{self.customer.id}"
        body = {"part": str(part), "before": before, "after": after, **more}
        audit.record(self.session, self.now, key(self.by), "file.change", subject, **body)
        self.changes.append(body)

    def rename(self, name: str) -> None:
        """What it was called before stays findable."""
        before, self.customer.name = self.customer.name, name
        self.customer.short_name = None if self.customer.short_name == name else self.customer.short_name
        self._moved(Filed.NAME, before, name, former=before)

    def move(self, province: str, city: str | None) -> None:
        before = self.customer.place
        self.customer.province, self.customer.city = province, city
        self._moved(Filed.PLACE, before, self.customer.place)

    def _moved(self, part: Filed, before: str, after: str, former: str | None = None) -> None:
        self.session.add(self.customer)
        if former is not None:
            remember_name(self.session, self.customer, former)
        index(self.session, self.customer)
        self._changed(part, before, after)

    def _touched(self) -> None:
        file = self.file
        file.touched_at = self.now
        self.session.add(file)
        self.session.flush()
        reviewed(self.session, self.house, self.customer, self.now)
        gaps(self.session, self.house, self.customer, self.now)


# The clocks


def customer_of(session: Session, clock: Clock) -> Customer | None:
    """Whose file or paper a clock is about; None for an ended one of a file that went into another."""
    if clock.subject_kind == PAPER:
        return session.get_one(Customer, session.get_one(Paper, clock.subject_id).customer_id)
    return session.get(Customer, clock.subject_id)


def _start(
    session: Session,
    house: House,
    rule: str,
    subject: tuple[str, int],
    customer: Customer,
    due: datetime,
    now: datetime,
) -> None:
    _wound(session, house, [_clock(house, rule, subject, customer, due, now)], now)


def _clock(
    house: House, rule: str, subject: tuple[str, int], customer: Customer, due: datetime, now: datetime
) -> Clock:
    return Clock(
        rule=rule,
        rulebook_version=house.rulebook_version,
        subject_kind=subject[0],
        subject_id=subject[1],
        post=f"owner@{customer.id}",
        cycle="1",
        anchor=now,
        due_at=due,
    )


def _wound(session: Session, house: House, made: Sequence[Clock], now: datetime) -> None:
    session.add_all(made)
    session.flush()
    for clock in made:
        wind(session, house, clock, now)


def _again(session: Session, house: House, clock: Clock, due: datetime, now: datetime) -> None:
    """The same clock, from now on."""
    clock.closed_at, clock.stopped_by, clock.snoozed_until, clock.snoozes = None, None, None, 0
    clock.cycle, clock.anchor, clock.due_at = str(int(clock.cycle) + 1), now, due
    wind(session, house, clock, now)


def _of_file(session: Session, rule: str, customer: Customer) -> Clock | None:
    return one(session, rule, FILE, key(customer), f"owner@{customer.id}")


def _expiry(session: Session, paper: Paper) -> list[Clock]:
    found = one(session, EXPIRY, PAPER, key(paper), f"owner@{paper.customer_id}")
    return [found] if found else []


def end_older(session: Session, customer_id: int, now: datetime) -> None:
    """Reminders of papers before which a newer one of their kind stands, as after a merger."""
    newest = {each.id for each in papers(session, customer_id)}
    older = select(Paper).where(Paper.customer_id == customer_id, col(Paper.kind).in_(PAPERS))
    for paper in session.exec(older).all():
        if paper.id not in newest:
            close([each for each in _expiry(session, paper) if each.closed_at is None], now, "renewed")


def reviewed(session: Session, house: House, customer: Customer, now: datetime) -> None:
    """R31.3: from now on the file is looked at again after a year."""
    rule, found = house.rulebook.file_review, _of_file(session, REVIEW, customer)
    if rule is None:
        return
    if found is None:
        _start(session, house, REVIEW, (FILE, key(customer)), customer, now + rule.after, now)
    else:
        _again(session, house, found, now + rule.after, now)


def gaps(session: Session, house: House, customer: Customer, now: datetime) -> None:
    """R31.1: gaps in a key file are a duty of its owner, until it is whole."""
    rule, found = house.rulebook.file_gap, _of_file(session, GAP, customer)
    today = house.calendar.local(now).date()
    owed = rule is not None and customer.tier in rule.tiers
    if rule is None or not owed or not completeness(session, house, customer, today).missing:
        close([found] if found else [], now, "whole" if owed else "no longer owed")
        return
    due = house.calendar.at(house.calendar.add_workdays(today, rule.workdays), END_OF_WORK)
    if found is None:
        _start(session, house, GAP, (FILE, key(customer)), customer, due, now)
    elif found.closed_at is not None:
        _again(session, house, found, due, now)


def sync(session: Session, house: House, now: datetime, customers: Collection[Customer]) -> None:
    """Every file has its review; every key file that is not whole its duty. Nothing is overdue at once, and the first reviews of
    all do not fall on one day."""
    known = select(Clock.rule, Clock.subject_id).where(Clock.subject_kind == FILE)
    if len(customers) <= FEW:
        known = known.where(col(Clock.subject_id).in_([key(each) for each in customers]))
    have = set(session.exec(known).all())
    review, gap = house.rulebook.file_review, house.rulebook.file_gap
    if review is not None:
        fresh = [each for each in customers if (REVIEW, key(each)) not in have]
        dues = [now + review.after - timedelta(days=int(SPREAD_DAYS * (key(each) * GOLDEN % 1))) for each in fresh]
        pairs = zip(fresh, dues, strict=True)
        made = [_clock(house, REVIEW, (FILE, key(each)), each, due, now) for each, due in pairs]
        _wound(session, house, made, now)
    for customer in customers:
        if (GAP, key(customer)) in have or (gap is not None and customer.tier in gap.tiers):
            gaps(session, house, customer, now)
