"""What an escalation says: what, whose, since when, what is left or overdue, the article; with 详情, 写进展, 确认收到 on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from dialogue.approvals import decision_buttons, facts
from dialogue.registers import group_line, named
from dialogue.reviews import way
from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen, columns
from dialogue.viewer import Viewer
from models import openings, registers
from models.climbing import (
    ANOMALY,
    DECISIONS,
    HANDLING,
    HANDOVER,
    LIMIT,
    MEETING,
    PREFERENCE,
    PROGRESS,
    REGISTER,
    REVIEWS,
    SURVEYS,
)
from models.clocks import Clock, Event
from models.customers import Customer
from models.inquiries import Inquiry
from models.overviews import responsible
from models.people import Staff, Unit, key
from models.records import Complaint, Entry, Matter
from models.steps import Step, deciders
from rules.house import House
from scheduler import preferences, reviews, surveys
from words import Say, say

MOST_LINES = 10
NAMES = {LIMIT: "alert.limit", PROGRESS: "alert.progress", HANDLING: "alert.handling", MEETING: "alert.meeting"}
APART = DECISIONS | REVIEWS | SURVEYS | {ANOMALY, HANDOVER, REGISTER, PREFERENCE}
"""What is not about an open complaint alone."""
LINES = {LIMIT: "alert.line", PROGRESS: "alert.line_progress", HANDLING: "alert.line_handling"} | {
    MEETING: "alert.line_meeting"
}


@dataclass(frozen=True)
class Alert:
    """One step of one clock, for one person."""

    clock: Clock
    event: Event


Group = list[Alert]
"""Alerts of one rule about one complaint: progress is owed to the department and to the customer, and said in one breath."""


def say_aloud(session: Session, house: House, staff: Staff, alerts: list[Alert], now: datetime) -> None:
    """One message a person, however much there is to say."""
    groups: dict[tuple[int, str], Group] = {}
    for alert in alerts:
        groups.setdefault((alert.clock.subject_id, alert.clock.rule), []).append(alert)
    said = list(groups.values())
    screen = _one(Viewer(session, now, house, staff), said[0]) if len(said) == 1 else _several(session, house, said)
    tell(session, staff, screen, MessageClass.ESCALATION, f"event:{alerts[0].event.id}", now)


def _one(view: Viewer, group: Group) -> Screen:
    session, house, now = view.session, view.house, view.now
    if group[0].clock.rule == ANOMALY:
        return _anomaly(session, house, group)
    if group[0].clock.rule in DECISIONS:
        return _approval(view, group)
    if group[0].clock.rule == HANDOVER:
        return _handover(session, house, group, now)
    if group[0].clock.rule == REGISTER:
        return _register(session, house, group)
    if group[0].clock.rule == PREFERENCE:
        return preferences.screen(session, house, group[0].clock, _events(group), now)
    if group[0].clock.rule in REVIEWS:
        return reviews.screen(session, house, group[0].clock, _events(group))
    if group[0].clock.rule in SURVEYS:
        return surveys.screen(session, house, group[0].clock, _events(group), now)
    case = {"matter": group[0].clock.subject_id}
    step = "meet" if group[0].clock.rule == MEETING else "note"
    buttons = (
        (
            Button(say("button.detail"), "complaint.show", case),
            Button(say(f"button.{step}"), f"complaint.{step}", case),
            Button(say("button.ack"), "alert.ack", {"events": _events(group)}),
        ),
    )
    return Screen(_text(session, house, group, now), buttons)


def _anomaly(session: Session, house: House, group: Group) -> Screen:
    """An anomaly about which the sales department has not decided in time (R14.8)."""
    entry, customer, by = _reported(session, group[0])
    rule = house.rulebook.entry(ANOMALY)
    text = say(
        "alert.anomaly",
        customer=customer.called,
        text=entry.answers.get("summary", ""),
        by=by.name,
        number=entry.number,
        since=group[0].clock.anchor,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    look = Button(say("button.customer"), "customer.card", {"customer": key(customer)})
    return Screen(text, ((look, Button(say("button.ack"), "alert.ack", {"events": _events(group)})),))


def _approval(view: Viewer, group: Group) -> Screen:
    """A decision that was not made in time, with what exactly is asked and the buttons to decide."""
    session, book = view.session, view.house.rulebook
    step = session.get_one(Step, group[0].clock.subject_id)
    asked_of_file = step.kind == openings.ASKED and book.file_opening
    rule = asked_of_file or book.entry(group[0].clock.rule)
    text = say(
        "alert.approval",
        what=say(f"step.{step.kind}"),
        number=session.get_one(Matter, step.matter_id).number,
        by=session.get_one(Staff, step.asked_by).name,
        since=step.asked_at,
        facts=facts(view, step),
        text=step.text or None,
        due=group[0].clock.due_at,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    ack = Button(say("button.ack"), "alert.ack", {"events": _events(group)})
    return Screen(text, (*decision_buttons(step), (ack,)))


def _handover(session: Session, house: House, group: Group, now: datetime) -> Screen:
    """Not accepted in time: it is still the owner's, who can hand it to somebody else."""
    step = session.get_one(Step, group[0].clock.subject_id)
    matter, inquiry = session.get_one(Matter, step.matter_id), session.get_one(Inquiry, step.matter_id)
    rule = house.rulebook.entry(HANDOVER)
    text = say(
        "alert.handover",
        number=matter.number,
        customer=session.get_one(Customer, matter.customer_id).called,
        text=inquiry.words[:120],
        who=say("list", items=[each.name for each in deciders(session, step, now)]),
        owner=session.get_one(Staff, inquiry.owner_id).name,
        since=step.asked_at,
        due=group[0].clock.due_at,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    look = Button(say("button.detail"), "inquiry.show", {"matter": key(matter)})
    return Screen(text, ((look, Button(say("button.ack"), "alert.ack", {"events": _events(group)})),))


def _register(session: Session, house: House, group: Group) -> Screen:
    """The problems of the quarter that is over, sorted, for the unit head to analyse (R22.1)."""
    clock, rule = group[0].clock, house.rulebook.entry(REGISTER)
    found = registers.of_clock(session, house, clock)
    groups = registers.grouped(found)
    text = say(
        "alert.register",
        unit=session.get_one(Unit, clock.subject_id).name,
        quarter=named(clock.cycle),
        count=len(found),
        groups=len(groups),
        lines=[group_line(number, each) for number, each in enumerate(groups[:MOST_LINES], 1)] or say("ledger.empty"),
        due=clock.due_at,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    write = Button(say("button.analyse"), "register.analyse", {"unit": clock.subject_id, "quarter": clock.cycle})
    look = Button(say("button.register"), "register.show", {"unit": clock.subject_id, "back": 1})
    return Screen(text, ((write, look), (Button(say("button.ack"), "alert.ack", {"events": _events(group)}),)))


def _reported(session: Session, alert: Alert) -> tuple[Entry, Customer, Staff]:
    entry = session.get_one(Entry, alert.clock.subject_id)
    return entry, session.get_one(Customer, entry.customer_id), session.get_one(Staff, entry.by_id)


def _several(session: Session, house: House, groups: list[Group]) -> Screen:
    shown = groups[:MOST_LINES]
    lines = [_line(session, house, group[0]) for group in shown]
    rest = len(groups) - len(shown)
    mixed = any(group[0].clock.rule in APART for group in groups)
    text = say(
        "alert.several_mixed" if mixed else "alert.several",
        count=len(groups),
        lines=lines,
        rest=say("due.more", count=rest) if rest else None,
    )
    ways = [way for group in shown if (way := _way(session, group[0].clock)) is not None]
    unique = {(each.do, *each.args.values()): each for each in ways}
    everything = [each for group in groups for each in _events(group)]
    rows = columns(list(unique.values()), 3)
    return Screen(text, (*rows, (Button(say("button.ack_all"), "alert.ack", {"events": everything}),)))


def _way(session: Session, clock: Clock) -> Button | None:
    """To what the clock is about."""
    if clock.rule == ANOMALY:
        return None
    if clock.rule == HANDOVER:
        matter = session.get_one(Matter, session.get_one(Step, clock.subject_id).matter_id)
        return Button(say("text", text=matter.number), "inquiry.show", {"matter": key(matter)})
    if clock.rule == REGISTER:
        return Button(say("button.register"), "register.show", {"unit": clock.subject_id, "back": 1})
    if clock.rule == PREFERENCE:
        return preferences.way(session, clock)
    if clock.rule in REVIEWS:
        return way(clock)
    if clock.rule in SURVEYS:
        return surveys.way(session, clock)
    if clock.rule in DECISIONS:
        step = session.get_one(Step, clock.subject_id)
        number = session.get_one(Matter, step.matter_id).number
        return Button(say("step.way", number=number), "step.show", {"step": key(step)})
    number = session.get_one(Matter, clock.subject_id).number
    return Button(say("text", text=number), "complaint.show", {"matter": clock.subject_id})


def _events(group: Group) -> list[int]:
    return [key(alert.event) for alert in group]


def _text(session: Session, house: House, group: Group, now: datetime) -> Say:
    alert = group[0]
    matter = session.get_one(Matter, alert.clock.subject_id)
    complaint = session.get_one(Complaint, alert.clock.subject_id)
    customer = session.get_one(Customer, matter.customer_id)
    those = responsible(session, matter, complaint, now)
    rule = house.rulebook.entry(alert.clock.rule)
    to = [say(f"report_to.{found}") for each in group if (found := each.clock.post.partition("#")[2])]
    return say(
        NAMES[alert.clock.rule],
        level=say("alert.level", nth=alert.event.nth + 1) if alert.event.nth else None,
        number=matter.number,
        customer=customer.called,
        what=complaint.what[:120],
        handler=say("list", items=[each.name for each in those]) if those else say("case.no_handler"),
        since=complaint.received_at,
        due=min(each.clock.due_at for each in group),
        major=say("alert.major") if complaint.major else None,
        to=say("list", items=to),
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )


def _line(session: Session, house: House, alert: Alert) -> Say:
    if alert.clock.rule in REVIEWS:
        return reviews.line(session, house, alert.clock)
    if alert.clock.rule == ANOMALY:
        entry, whose, by = _reported(session, alert)
        text = entry.answers.get("summary", "")[:30]
        return say("alert.line_anomaly", customer=whose.called, text=text, by=by.name)
    if alert.clock.rule == REGISTER:
        unit = session.get_one(Unit, alert.clock.subject_id).name
        return say("alert.line_register", unit=unit, quarter=named(alert.clock.cycle), due=alert.clock.due_at)
    if alert.clock.rule == PREFERENCE:
        return preferences.line(session, alert.clock)
    if alert.clock.rule in SURVEYS:
        return surveys.line(session, alert.clock)
    if alert.clock.rule in DECISIONS or alert.clock.rule == HANDOVER:
        step = session.get_one(Step, alert.clock.subject_id)
        number = session.get_one(Matter, step.matter_id).number
        words = "alert.line_handover" if alert.clock.rule == HANDOVER else "alert.line_approval"
        return say(words, number=number, what=say(f"step.{step.kind}"), due=alert.clock.due_at)
    matter = session.get_one(Matter, alert.clock.subject_id)
    complaint = session.get_one(Complaint, alert.clock.subject_id)
    customer = session.get_one(Customer, matter.customer_id)
    line = LINES[alert.clock.rule]
    return say(line, number=matter.number, customer=customer.called, what=complaint.what[:30], due=alert.clock.due_at)
