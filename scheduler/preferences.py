"""A preference that nears its end, or has ended: what is said of it, with the way to propose it anew (article 12（三）)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from dialogue.values import Button, Screen
from models.clocks import Clock
from models.customers import Customer
from models.people import key
from models.preferences import Preference
from rules.house import House
from words import Say, say


def screen(session: Session, house: House, clock: Clock, events: Sequence[int], now: datetime) -> Screen:
    found, customer = _of(session, clock)
    rule = house.rulebook.entry(clock.rule)
    text = say(
        "alert.benefit_over" if clock.due_at <= now else "alert.benefit",
        customer=customer.called,
        benefit=say(f"benefit_kind.{found.benefit}"),
        starts=found.starts,
        ends=found.ends,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    return Screen(text, ((way(session, clock), Button(say("button.ack"), "alert.ack", {"events": list(events)})),))


def way(session: Session, clock: Clock) -> Button:
    """To the customer's page, where it can be proposed anew."""
    _, customer = _of(session, clock)
    return Button(say("button.tiers"), "tiers.customer", {"customer": key(customer)})


def line(session: Session, clock: Clock) -> Say:
    found, customer = _of(session, clock)
    kind = say(f"benefit_kind.{found.benefit}")
    return say("alert.line_benefit", customer=customer.called, benefit=kind, ends=found.ends)


def _of(session: Session, clock: Clock) -> tuple[Preference, Customer]:
    found = session.get_one(Preference, clock.subject_id)
    return found, session.get_one(Customer, found.customer_id)
