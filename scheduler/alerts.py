"""What an escalation says: what, whose, since when, what is left or overdue, the article; with 详情, 写进展, 确认收到 on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen
from models.climbing import LIMIT
from models.clocks import Clock, Event
from models.customers import Customer
from models.people import Staff, key
from models.records import Complaint, Matter
from rules.house import House
from words import Say, say

MOST_LINES = 10


@dataclass(frozen=True)
class Alert:
    """One step of one clock, for one person."""

    clock: Clock
    event: Event
    at: str


def say_aloud(session: Session, house: House, staff: Staff, alerts: list[Alert], now: datetime) -> None:
    """One message a person, however much there is to say."""
    screen = _one(session, house, alerts[0]) if len(alerts) == 1 else _several(session, house, alerts)
    tell(session, staff, screen, MessageClass.ESCALATION, f"event:{alerts[0].event.id}", now)


def _one(session: Session, house: House, alert: Alert) -> Screen:
    matter = session.get_one(Matter, alert.clock.subject_id)
    case = {"matter": key(matter)}
    buttons = (
        (
            Button(say("button.detail"), "complaint.show", case),
            Button(say("button.note"), "complaint.note", case),
            Button(say("button.ack"), "alert.ack", {"events": [key(alert.event)]}),
        ),
    )
    return Screen(_text(session, house, alert), buttons)


def _several(session: Session, house: House, alerts: list[Alert]) -> Screen:
    lines = [_line(session, alert) for alert in alerts[:MOST_LINES]]
    rest = len(alerts) - len(lines)
    text = say("alert.several", count=len(alerts), lines=lines, rest=say("due.rest", count=rest) if rest else None)
    matters = {alert.clock.subject_id: session.get_one(Matter, alert.clock.subject_id) for alert in alerts[:MOST_LINES]}
    cases = [
        Button(say("text", text=matter.number), "complaint.show", {"matter": number})
        for number, matter in matters.items()
    ]
    rows = [tuple(cases[start : start + 3]) for start in range(0, len(cases), 3)]
    everything = Button(say("button.ack_all"), "alert.ack", {"events": [key(alert.event) for alert in alerts]})
    return Screen(text, (*rows, (everything,)))


def _text(session: Session, house: House, alert: Alert) -> Say:
    matter = session.get_one(Matter, alert.clock.subject_id)
    complaint = session.get_one(Complaint, alert.clock.subject_id)
    customer = session.get_one(Customer, matter.customer_id)
    handler = session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    rule = house.rulebook.entry(alert.clock.rule)
    return say(
        f"alert.{'limit' if alert.clock.rule == LIMIT else 'progress'}",
        level=say("alert.level", at=alert.at, nth=alert.event.nth + 1) if alert.event.nth else None,
        number=matter.number,
        customer=customer.called,
        what=complaint.what[:120],
        handler=handler.name if handler else say("case.no_handler"),
        since=complaint.received_at,
        due=alert.clock.due_at,
        major=say("alert.major") if complaint.major else None,
        to=say(f"report_to.{alert.clock.post.partition('#')[2]}") if "#" in alert.clock.post else None,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )


def _line(session: Session, alert: Alert) -> Say:
    matter = session.get_one(Matter, alert.clock.subject_id)
    complaint = session.get_one(Complaint, alert.clock.subject_id)
    customer = session.get_one(Customer, matter.customer_id)
    return say(
        "alert.line", number=matter.number, customer=customer.called, what=complaint.what[:30], due=alert.clock.due_at
    )
