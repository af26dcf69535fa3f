"""备案 (R9.2): a new customer put before the sales department; and 撞单, where another unit has that customer already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, customers, duties
from models.customers import Customer
from models.kinds import Json, json_field
from models.people import Staff, holders, key
from models.records import next_number
from reading.names import core_name, normalise
from rules.house import House
from rules.roles import Role


class Decision(StrEnum):
    FILED = "filed"  # taken on record
    THEIRS = "theirs"  # 归原单位: it stays whose it was
    OURS = "ours"  # 归新单位: it goes over to the one who came now
    SEPARATE = "separate"  # not the same: each has their own


class Filing(SQLModel, table=True):
    """`customer_id` is the new customer; None while a 撞单 with `clash_id` is not decided. `draft_id` is the form that waits."""

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

    @property
    def is_clash(self) -> bool:
        return self.clash_id is not None


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
    )
    if clash is None:
        filing.customer_id = key(_open_file(office, filing))
    office.session.add(filing)
    office.session.flush()
    subject = f"customer:{filing.customer_id or filing.clash_id}"
    audit.record(office.session, office.now, key(office.by), "filing.claim", subject, filing=filing.id, **facts)
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


def decide(office: Office, filing: Filing, decision: Decision) -> Customer:
    """The sales department's word. Returns the customer that it is about from now on."""
    match decision:
        case Decision.FILED:
            customer = office.session.get_one(Customer, filing.customer_id)
        case Decision.SEPARATE:
            customer = _open_file(office, filing)
        case _:
            customer = office.session.get_one(Customer, filing.clash_id)
    if decision is Decision.OURS:
        _hand_over(office, customer, filing)
    if decision is not Decision.THEIRS:
        year = office.house.calendar.local(office.now).year
        filing.number = next_number(office.session, "filing", year)
        filing.customer_id = key(customer)
    filing.decided_at, filing.decided_by, filing.decision = office.now, key(office.by), decision
    audit.record(
        office.session,
        office.now,
        key(office.by),
        f"filing.{decision}",
        f"customer:{customer.id}",
        filing=filing.id,
        number=filing.number,
    )
    return customer


def _hand_over(office: Office, customer: Customer, filing: Filing) -> None:
    before = {"unit": customer.unit_id, "owner": customer.owner_id}
    customer.unit_id, customer.owner_id = filing.unit_id, _keeper(office, filing)
    office.session.flush()
    duties.sync(office.session, office.house, office.now, [customer])
    after = {"unit": customer.unit_id, "owner": customer.owner_id}
    subject = f"customer:{customer.id}"
    audit.record(office.session, office.now, key(office.by), "customer.hand_over", subject, before=before, after=after)


def waiting(session: Session) -> list[Filing]:
    """What the sales department has not decided yet, the oldest first."""
    return list(session.exec(select(Filing).where(col(Filing.decided_at).is_(None)).order_by(col(Filing.id))))


def waiting_for(session: Session, customer_id: int) -> Filing | None:
    query = select(Filing).where(Filing.customer_id == customer_id, col(Filing.decided_at).is_(None))
    return session.exec(query).first()


def names(found: Iterable[Customer]) -> list[str]:
    return [each.called for each in found]
