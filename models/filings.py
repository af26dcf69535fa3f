"""备案 (R9.2): new customers, changes and transfers put before the sales department; and 撞单, where two units have one customer.

The work goes on meanwhile: what is filed holds at once. The sales department takes it on record with a number, or returns it with a
reason; then it waits for whoever keeps the customer to mend it. Either has its time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Index
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, customers, duties
from models.carrying import Carrying
from models.climbing import FILING, wind
from models.clocks import Clock, close, one, running
from models.customers import Customer
from models.kinds import Json, json_field
from models.people import Staff, holders, key, post, unit_ids_of_role
from models.records import next_number
from reading.names import core_name, normalise
from rules.house import House
from rules.roles import Role

SUBJECT: Final = "filing"
END_OF_WORK: Final = time(18)


class Kind(StrEnum):
    NEW = "new"
    CLASH = "clash"  # 撞单
    CHANGE = "change"
    TRANSFER = "transfer"


class Decision(StrEnum):
    FILED = "filed"  # taken on record
    THEIRS = "theirs"  # 归原单位: it stays whose it was
    OURS = "ours"  # 归新单位: it goes over to the one who came now
    SEPARATE = "separate"  # not the same: each has their own


class Filing(SQLModel, table=True):
    """`customer_id` is the customer; None while a 撞单 with `clash_id` is not decided, and of a transfer of several. `draft_id` is
    the form that waits. `facts`: of a new customer what was filled in, of a change what stood before and after, part by part.
    `opinion`: why it was decided so, or why it was returned last."""

    __table_args__ = (Index("filing_open", "decided_at", "id"), Index("filing_of_unit", "unit_id", "made_at"))

    id: int | None = Field(default=None, primary_key=True)
    number: str | None = Field(default=None, unique=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    clash_id: int | None = Field(default=None, foreign_key="customer.id")
    facts: Json = json_field()
    unit_id: int = Field(foreign_key="unit.id")
    by_id: int = Field(foreign_key="staff.id")
    draft_id: int | None = Field(default=None, foreign_key="draft.id")
    made_at: datetime
    decided_at: datetime | None = None
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decision: str | None = None
    kind: str = Field(default=Kind.NEW, sa_column_kwargs={"server_default": "new"})
    opinion: str | None = None
    returned_at: datetime | None = None

    @property
    def is_clash(self) -> bool:
        return self.kind == Kind.CLASH

    @property
    def state(self) -> str:
        """waiting, returned, or what was decided."""
        return self.decision or ("returned" if self.returned_at is not None else "waiting")


@dataclass(frozen=True)
class Office:
    """Who files or decides, now."""

    session: Session
    house: House
    by: Staff
    now: datetime


def claim(office: Office, unit_id: int, facts: dict[str, Any], clash: Customer | None, draft_id: int | None) -> Filing:
    """Put a new customer before the sales department. Without a clash it is on file at once, so that the work goes on."""
    filing = Filing(
        facts=facts,
        unit_id=unit_id,
        by_id=key(office.by),
        draft_id=draft_id,
        made_at=office.now,
        clash_id=key(clash) if clash else None,
        kind=Kind.CLASH if clash else Kind.NEW,
    )
    if clash is None:
        filing.customer_id = key(_open_file(office, filing))
    office.session.add(filing)
    office.session.flush()
    subject = f"customer:{filing.customer_id or filing.clash_id}"
    audit.record(office.session, office.now, key(office.by), "filing.claim", subject, filing=filing.id, **facts)
    await_filing(office, filing)
    return filing


def _open_file(office: Office, filing: Filing) -> Customer:
    session, house, facts = office.session, office.house, filing.facts
    core = core_name(facts["name"])
    customer = Customer(
        name=facts["name"],
        short_name=core if core != normalise(facts["name"]) else None,
        tier=facts["tier"],
        province=facts["province"],
        city=facts.get("city"),
        unit_id=filing.unit_id,
        owner_id=_keeper(office, filing),
        credit_code=_free_code(session, facts.get("credit_code")),
        live_from=house.calendar.local(office.now).date(),
        created_at=office.now,
    )
    session.add(customer)
    session.flush()
    if facts.get("person"):
        customers.meet(session, customer, facts["person"], facts.get("phone"))
    customers.index(session, customer)
    duties.sync(session, house, office.now, [customer])
    return customer


def _keeper(office: Office, filing: Filing) -> int:
    """Whoever came with it; the head of the unit, where that person has left since."""
    came = office.session.get_one(Staff, filing.by_id)
    heads = [] if came.active else holders(office.session, Role.UNIT_HEAD, filing.unit_id, office.now)
    return key((heads or [came])[0])


def _free_code(session: Session, code: str | None) -> str | None:
    """The credit code, unless another file has it: where two are decided to be different, one of them was written wrongly."""
    taken = session.exec(select(Customer.id).where(Customer.credit_code == code)).first() if code else None
    return code if taken is None else None


def decide(office: Office, filing: Filing, decision: Decision, opinion: str | None = None) -> Customer | None:
    """The sales department's word. Returns the customer that it is about from now on; None of a transfer of several."""
    match decision:
        case Decision.FILED:
            customer = office.session.get(Customer, filing.customer_id) if filing.customer_id else None
        case Decision.SEPARATE:
            customer = _open_file(office, filing)
        case _:
            customer = office.session.get_one(Customer, filing.clash_id)
    if decision is Decision.OURS:
        _hand_over(office, customer, filing)
    if decision is not Decision.THEIRS:
        year = office.house.calendar.local(office.now).year
        filing.number = next_number(office.session, SUBJECT, year)
        filing.customer_id = key(customer) if customer else None
    filing.decided_at, filing.decided_by, filing.decision = office.now, key(office.by), decision
    filing.returned_at, filing.opinion = None, opinion or filing.opinion
    close(running(office.session, SUBJECT, key(filing)), office.now, decision)
    _noted(office, filing, decision, number=filing.number, **({"reason": opinion} if opinion else {}))
    return customer


def _hand_over(office: Office, customer: Customer | None, filing: Filing) -> None:
    """As in a transfer between units: what is owed to the customer goes along."""
    to = office.session.get_one(Staff, _keeper(office, filing))
    if customer is not None:
        Carrying(office.session, office.house, to, filing.unit_id, office.by, office.now).done([customer])


def send_back(office: Office, filing: Filing, reason: str) -> None:
    """退回: it holds as it is, until whoever keeps the customer has mended it."""
    filing.returned_at, filing.opinion = office.now, reason
    office.session.flush()
    close(running(office.session, SUBJECT, key(filing)), office.now, "returned")
    _start(office, filing, _mender(filing))
    _noted(office, filing, "return", reason=reason)


def file_again(office: Office, filing: Filing, word: str | None = None) -> None:
    """Mended, or explained: it waits for the sales department again."""
    filing.returned_at = None
    office.session.flush()
    close(running(office.session, SUBJECT, key(filing)), office.now, "filed again")
    await_filing(office, filing)
    _noted(office, filing, "again", **({"text": word} if word else {}))


def _noted(office: Office, filing: Filing, what: str, **body: Any) -> None:
    about = f"customer:{filing.customer_id or filing.clash_id}" if _of_one(filing) else f"filing:{filing.id}"
    audit.record(office.session, office.now, key(office.by), f"filing.{what}", about, filing=filing.id, **body)


def _of_one(filing: Filing) -> bool:
    return filing.customer_id is not None or filing.clash_id is not None


# The clock


def await_filing(office: Office, filing: Filing) -> None:
    """From now on the sales department has its working days."""
    departments = unit_ids_of_role(office.session, Role.SALES_DEPT, office.now)
    _start(office, filing, post(Role.SALES_DEPT, departments[0] if departments else filing.unit_id))


def _mender(filing: Filing) -> str:
    """Whoever keeps the customer, who may have changed since; of several customers the one who filed it."""
    return f"owner@{filing.customer_id}" if filing.customer_id is not None else f"staff@{filing.by_id}"


def _start(office: Office, filing: Filing, address: str) -> None:
    rule, session = office.house.rulebook.filing, office.session
    if rule is None:
        return
    calendar, here = office.house.calendar, key(filing)
    due = calendar.at(calendar.add_workdays(calendar.local(office.now).date(), rule.workdays), END_OF_WORK)
    clock = one(session, FILING, SUBJECT, here, address)
    cycle = str(int(clock.cycle) + 1) if clock else "1"
    clock = clock or Clock(
        rule=FILING,
        rulebook_version=office.house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=here,
        post=address,
        cycle=cycle,
        anchor=office.now,
        due_at=due,
    )
    clock.closed_at, clock.stopped_by, clock.snoozed_until, clock.snoozes = None, None, None, 0
    clock.cycle, clock.anchor, clock.due_at = cycle, office.now, due
    session.add(clock)
    session.flush()
    wind(session, office.house, clock, office.now)


def sync(session: Session, house: House, now: datetime) -> None:
    """What was filed before there was a clock for it has one from now on."""
    for filing in waiting(session):
        if not running(session, SUBJECT, key(filing)):
            await_filing(Office(session, house, session.get_one(Staff, filing.by_id), now), filing)


# What there is


def waiting(session: Session) -> list[Filing]:
    """What the sales department has not decided yet, the oldest first."""
    undecided = (col(Filing.decided_at).is_(None), col(Filing.returned_at).is_(None))
    return list(session.exec(select(Filing).where(*undecided).order_by(col(Filing.id))))


def returned_to(session: Session, staff_id: int) -> list[Filing]:
    """What was returned and is this person's to mend: their customers', and what they filed of several."""
    theirs = col(Filing.customer_id).in_(select(Customer.id).where(Customer.owner_id == staff_id))
    mine = theirs | (col(Filing.customer_id).is_(None) & (Filing.by_id == staff_id))
    undecided = (col(Filing.decided_at).is_(None), col(Filing.returned_at).is_not(None))
    return list(session.exec(select(Filing).where(*undecided, mine).order_by(col(Filing.id))))


def waiting_for(session: Session, customer_id: int) -> Filing | None:
    """The filing of a new customer that was not taken on record yet."""
    query = select(Filing).where(Filing.customer_id == customer_id, col(Filing.decided_at).is_(None))
    return session.exec(query.where(Filing.kind == Kind.NEW)).first()


def clash_waiting(session: Session, unit_id: int, clash: Customer) -> Filing | None:
    """A 撞单 of that unit about that customer which is not decided yet: once is enough."""
    same = (Filing.kind == Kind.CLASH, Filing.clash_id == clash.id, Filing.unit_id == unit_id)
    return session.exec(select(Filing).where(*same, col(Filing.decided_at).is_(None))).first()


def names(found: Iterable[Customer]) -> list[str]:
    return [each.called for each in found]
