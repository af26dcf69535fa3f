"""优惠条件 (article 12（三）): what a customer is favoured with, from when to when.

Each ends by itself, or at once when its customer's tier no longer allows it; what was granted stays on record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime, time

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.climbing import PREFERENCE, wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.people import key
from rules.calendar import ONE_DAY
from rules.gate import Scope
from rules.house import House
from rules.tiers import Ending

SUBJECT = "preference"


class Preference(SQLModel, table=True):
    """`starts` and `ends` are the first and the last day. Its terms are those of the proposal (`matter_id`)."""

    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    matter_id: int = Field(foreign_key="matter.id", unique=True)
    benefit: str
    starts: date
    ends: date = Field(index=True)
    granted_at: datetime
    ended_at: datetime | None = None
    ended_why: str | None = None

    def is_held(self, today: date) -> bool:
        """Whether it is in force today, or will be."""
        return self.ended_at is None and self.ends >= today


def of_customer(session: Session, customer_id: int) -> list[Preference]:
    """All that were ever granted, those that end last first."""
    query = select(Preference).where(Preference.customer_id == customer_id)
    return list(session.exec(query.order_by(col(Preference.ends).desc(), col(Preference.id))))


def held(session: Session, customer_id: int, today: date) -> list[Preference]:
    return [each for each in of_customer(session, customer_id) if each.is_held(today)]


def of_matter(session: Session, matter_id: int) -> Preference | None:
    return session.exec(select(Preference).where(Preference.matter_id == matter_id)).first()


def all_held(session: Session, scope: Scope, today: date) -> list[tuple[Preference, Customer]]:
    """Those within somebody's reach, the next to end first."""
    query = select(Preference, Customer).join(Customer, col(Customer.id) == Preference.customer_id)
    there = query.where(col(Preference.ended_at).is_(None), col(Preference.ends) >= today)
    if not scope.all:
        there = there.where(col(Customer.unit_id).in_(scope.units) | col(Customer.owner_id).in_(scope.owners))
    return list(session.exec(there.order_by(col(Preference.ends), col(Preference.id))))


def grant(session: Session, house: House, preference: Preference, now: datetime) -> None:
    """From now on it is on file, and its clock runs to its end."""
    session.add(preference)
    session.flush()
    rule = house.rulebook.preference
    if rule is None:
        return
    clock = Clock(
        rule=PREFERENCE,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(preference),
        post=f"owner@{preference.customer_id}",
        cycle="1",
        anchor=now,
        due_at=house.calendar.at(preference.ends + ONE_DAY, time()),
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)


def end(session: Session, found: Collection[Preference], why: Ending, by: int | None, now: datetime) -> None:
    """It is held no longer; who ended it is nobody, where its time was over."""
    for each in found:
        each.ended_at, each.ended_why = now, why
        close(running(session, SUBJECT, key(each)), now, why)
        body = {"preference": each.id, "benefit": each.benefit, "why": why, "ends": each.ends.isoformat()}
        audit.record(session, now, by, "preference.end", f"customer:{each.customer_id}", **body)
    session.flush()


def expire(session: Session, clock: Clock, now: datetime) -> None:
    """Its last day is over."""
    found = session.get_one(Preference, clock.subject_id)
    if found.ended_at is None:
        end(session, [found], Ending.EXPIRED, None, now)


def allowed(house: House, customer: Customer) -> bool:
    """Whether its tier may hold any."""
    rule = house.rulebook.preference
    return rule is not None and customer.tier in rule.tiers


def end_unallowed(
    session: Session, house: House, customers: Sequence[Customer], by: int | None, now: datetime
) -> list[Preference]:
    """Those of customers whose tier no longer allows any end at once."""
    gone = list(_unallowed(session, house, customers, now))
    end(session, gone, Ending.TIER, by, now)
    return gone


def _unallowed(session: Session, house: House, customers: Sequence[Customer], now: datetime) -> Iterator[Preference]:
    today = house.calendar.local(now).date()
    for customer in customers:
        if not allowed(house, customer):
            yield from held(session, key(customer), today)
