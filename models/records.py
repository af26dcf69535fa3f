"""What happened: entries (append-only), complaints, and their gapless numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Numeric, exists, update
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.absences import StoodIn
from models.asked import asked_once
from models.customers import Customer
from models.kinds import Json, json_field, json_list
from models.people import key, lent_by, stood_in_for
from models.suspects import note
from rules.gate import Action, Subject, may


class Counter(SQLModel, table=True):
    """The last number given of each series and year."""

    series: str = Field(primary_key=True)
    year: int = Field(primary_key=True)
    last: int = 0


class Matter(SQLModel, table=True):
    """事项: something that is open until it is closed. Its kind has a side table (`Complaint`). What concerns no single customer (a
    survey) has none; every other kind has one, and is typed so."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    number: str = Field(unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True, nullable=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    state: str = Field(index=True)
    cycle: int = 1
    opened_at: datetime
    opened_by: int = Field(foreign_key="staff.id")
    closed_at: datetime | None = None


class Complaint(SQLModel, table=True):
    """The accepted complaint (投诉受理单, article 16). `in_province` is frozen with the reason why."""

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    complainant: str
    complainant_phone: str | None = None
    type: str
    product: str | None = None
    what: str
    evidence: list[Json] = json_list()
    received_at: datetime
    in_province: bool
    province_reason: str
    on_site_needed: bool = True
    amount: float | None = Field(default=None, sa_type=Numeric(14, 2, asdecimal=False))
    major: bool = False
    department: str
    handler_id: int | None = Field(default=None, foreign_key="staff.id")
    limit_at: datetime
    rulebook_version: int
    now_in_province: bool | None = None
    """What a change made of `in_province`; None: as it was accepted."""
    responsible_unit_id: int | None = Field(default=None, foreign_key="unit.id", index=True)
    entrusted_at: datetime | None = None
    handle_by: datetime | None = None
    """处理时限, set by the department in charge."""
    report_every: int | None = None
    """Days between two reports of progress, where customer and sales department agreed to fewer."""

    @property
    def inside(self) -> bool:
        """Whether the customer's site lies in the company's province."""
        return self.in_province if self.now_in_province is None else self.now_in_province


WITHDRAWAL = "withdrawal"


class Entry(SQLModel, table=True):
    """One thing done or said, never changed: a contact, callback, progress note, arrival, answer.

    `withdraws` points at the entry that this one takes back. A row of kind `withdrawal` only takes back; a talk that has it is a
    correction (更正), which stands in the place of the other.
    """

    id: int | None = Field(default=None, primary_key=True)
    kind: str = Field(index=True)
    number: str | None = Field(default=None, unique=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    matter_id: int | None = Field(default=None, foreign_key="matter.id", index=True)
    at: datetime = Field(index=True)
    written_at: datetime
    by_id: int = Field(foreign_key="staff.id", index=True)
    channel: str | None = None
    answers: Json = json_field()
    attachments: list[Json] = json_list()
    withdraws: int | None = Field(default=None, foreign_key="entry.id", unique=True, index=True)

    @property
    def is_correction(self) -> bool:
        return self.withdraws is not None and self.kind != WITHDRAWAL


class Participant(SQLModel, table=True):
    entry_id: int = Field(primary_key=True, foreign_key="entry.id")
    staff_id: int = Field(primary_key=True, foreign_key="staff.id", index=True)


TALKS = ("contact", "callback")
SERIES = {
    "contact": ("LX", 6),
    "complaint": ("TS", 4),
    "callback": ("HF", 4),
    "filing": ("BA", 4),
    "annotation": ("PS", 4),
    "order": ("DB", 4),
    "inquiry": ("ZX", 4),
    "finding": ("SJ", 4),
    "work": ("GZ", 4),
    "concern": ("JB", 4),
    "opening": ("DA", 4),
    "proposal": ("TY", 4),
    "planned_visit": ("JH", 4),
    "survey": ("DC", 4),
    "measure": ("GJ", 4),
    "rule_change": ("ZD", 4),
}


def next_number(session: Session, kind: str, year: int) -> str:
    """LX-2026-000123 and its like: gapless, because the number is taken in the transaction that uses it."""
    series, width = SERIES[kind]
    counter = session.get(Counter, (series, year), with_for_update=True)
    if counter is None:
        counter = Counter(series=series, year=year)
        session.add(counter)
    counter.last += 1
    session.flush()
    return f"{series}-{year}-{counter.last:0{width}}"


def write_entry(
    session: Session, entry: Entry, took_part: Sequence[int], zone: ZoneInfo, about: Subject | None = None
) -> Entry:
    """Store an entry, a talk with its number, with who took part from our side, and in whose place. `about`: whose matter it is,
    where that is more than the customer's."""
    if entry.kind in TALKS:
        entry.number = next_number(session, entry.kind, entry.written_at.astimezone(zone).year)
    session.add(entry)
    session.flush()
    session.add_all(Participant(entry_id=key(entry), staff_id=each) for each in dict.fromkeys(took_part))
    _stand_in(session, entry, took_part, about)
    if entry.kind in TALKS:
        note(session, key(entry), entry.customer_id, entry.at, entry.answers)
        heard(session, [entry.customer_id])
    session.flush()
    return entry


def heard(session: Session, customers: Sequence[int]) -> None:
    """Since when nobody has spoken with them; call it when a talk was entered or taken back."""
    session.flush()
    later = aliased(Entry)
    last = select(func.max(Entry.at)).where(
        Entry.customer_id == Customer.id,
        col(Entry.kind).in_(TALKS),
        ~exists().where(col(later.withdraws) == Entry.id),
    )
    quiet = func.coalesce(last.scalar_subquery(), Customer.created_at)
    those = update(Customer).where(col(Customer.id).in_(customers)).values(quiet_since=quiet)
    session.execute(those, execution_options={"synchronize_session": False})


def _stand_in(session: Session, entry: Entry, took_part: Sequence[int], about: Subject | None) -> None:
    """代: who took part did so too in the place of those for whom they stood in then, as far as the reach that was lent goes."""
    action = Action.NOTE_COMPLAINT if about else Action.LOG_CONTACT
    for by in dict.fromkeys(took_part):
        for away in stood_in_for(session, by, entry.at):
            lent = lent_by(session, away, entry.at)
            if key(away) not in took_part and may(lent, action, about or _customers(session, entry)):
                session.add(StoodIn(entry_id=key(entry), by_id=by, for_id=key(away)))


def _customers(session: Session, entry: Entry) -> Subject:
    customer = session.get_one(Customer, entry.customer_id)
    return Subject(unit=customer.unit_id, owner=customer.owner_id)


def standing() -> ColumnElement[bool]:
    """The condition that an entry says something, and was neither taken back nor corrected."""
    taken_back = select(Entry.withdraws).where(col(Entry.withdraws).is_not(None))
    return (col(Entry.kind) != WITHDRAWAL) & col(Entry.id).not_in(taken_back)


def entered() -> ColumnElement[bool]:
    """The condition that an entry was made and not taken back; one that was corrected later was still made on its day."""
    taken_back = select(Entry.withdraws).where(Entry.kind == WITHDRAWAL)
    return (col(Entry.kind) != WITHDRAWAL) & col(Entry.id).not_in(taken_back)


def first_entered(session: Session, entry: Entry) -> datetime:
    """When this was entered, before any correction of it."""
    while entry.is_correction:
        entry = session.get_one(Entry, entry.withdraws)
    return entry.written_at


def last_entries(session: Session, customer_id: int, most: int = 3) -> list[Entry]:
    query = (
        select(Entry)
        .where(Entry.customer_id == customer_id, col(Entry.kind).in_(("contact", "callback")), standing())
        .order_by(col(Entry.at).desc(), col(Entry.id).desc())
        .limit(most)
    )
    return list(session.exec(query))


def participants(session: Session, entry_id: int) -> list[int]:
    return list(session.exec(select(Participant.staff_id).where(Participant.entry_id == entry_id)))


@asked_once(Entry)
def notes(session: Session, matter_id: int) -> list[Entry]:
    query = select(Entry).where(Entry.matter_id == matter_id).order_by(col(Entry.written_at), col(Entry.id))
    return list(session.exec(query))


def open_complaints(session: Session, customer_id: int | None = None) -> list[tuple[Matter, Complaint]]:
    query = (
        select(Matter, Complaint)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(col(Matter.closed_at).is_(None))
        .order_by(col(Complaint.limit_at))
    )
    if customer_id is not None:
        query = query.where(Matter.customer_id == customer_id)
    return list(session.exec(query))


def complaint_numbered(session: Session, text: str) -> tuple[Matter, Complaint] | None:
    """A complaint by its number, typed in any usual way: TS-2026-0001, ts1, 投诉1, TS20260001; the newest year first."""
    digits = "".join(each for each in text if each.isdecimal())
    if not digits:
        return None
    year, number = (digits[:4], digits[4:]) if len(digits) > 5 else ("%", digits)
    query = (
        select(Matter, Complaint)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(Matter.kind == "complaint", col(Matter.number).like(f"TS-{year}-{int(number or 0):04}"))
        .order_by(col(Matter.opened_at).desc())
    )
    return session.exec(query).first()


def as_local_day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()
