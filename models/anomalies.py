"""An anomaly that a contact reports (R14.8) waits for the sales department, then goes to company leaders by itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from models.climbing import ANOMALY, wind
from models.clocks import Clock, close
from models.customers import Customer
from models.findings import Decision, Finding, decide
from models.people import Staff, distinct, holders, key, post, unit_ids_of_role
from models.records import Entry
from rules.house import House
from rules.roles import Role

LEADERS = (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN)
"""Company leaders, where the rulebook has no row of its own for anomalies."""


def watch(session: Session, house: House, entry: Entry, now: datetime) -> Clock | None:
    """Start the clock of an anomaly, addressed to the sales department. None where the company has no such rule."""
    rule = house.rulebook.anomaly
    if rule is None:
        return None
    customer = session.get_one(Customer, entry.customer_id)
    departments = unit_ids_of_role(session, Role.SALES_DEPT, now)
    clock = Clock(
        rule=ANOMALY,
        rulebook_version=house.rulebook_version,
        subject_kind="entry",
        subject_id=key(entry),
        post=post(Role.SALES_DEPT, departments[0] if departments else customer.unit_id),
        cycle="1",
        anchor=now,
        due_at=now + rule.within,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)
    return clock


def clock_of(session: Session, entry: Entry) -> Clock | None:
    query = select(Clock).where(Clock.rule == ANOMALY, Clock.subject_kind == "entry", Clock.subject_id == key(entry))
    return session.exec(query).first()


def leaders(session: Session, house: House, entry: Entry, now: datetime) -> list[Staff]:
    """Whom the rulebook names for it: the chairman, the general manager, the vice president in charge of the unit."""
    unit = session.get_one(Customer, entry.customer_id).unit_id
    return distinct(each for role in _roles(house) for each in holders(session, role, unit, now))


def _roles(house: House) -> Sequence[Role]:
    rule = house.rulebook.anomaly
    steps = house.rulebook.ladder(rule.ladder).steps if rule else ()
    named = dict.fromkeys(role for step in steps for who in step.tell if (role := who.role) is not None)
    return tuple(named) or LEADERS


def settle(session: Session, entry: Entry, decision: Decision, by: int | None, text: str, now: datetime) -> Finding:
    """Decided, or (`by` None) gone up by itself: the clock stops, and it is on record."""
    clock = clock_of(session, entry)
    if clock is not None:
        close([clock], now, decision)
    return decide(session, decision, key(entry), entry.customer_id, by, text, now)
