"""The day of a change: it comes into force by the clock, once, and the morning's digest says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from dialogue.live import refresh
from dialogue.rule_changes import line, screen
from dialogue.telling import MessageClass, tell
from dialogue.viewer import Viewer
from models import rule_changes
from models.clocks import Clock
from models.people import Staff, distinct, key
from models.rule_changes import RuleChange, State
from rules.house import House
from words import Say, say


def turn(session: Session, house: House, clocks: Sequence[Clock], now: datetime) -> None:
    for clock in clocks:
        change = session.get_one(RuleChange, clock.subject_id)
        if not rule_changes.take_effect(session, house, change, now):
            _tell_overtaken(session, house, change, now)
        session.flush()
        view = Viewer(session, now, house, session.get_one(Staff, change.by_id))
        refresh(view, change.subject, f"{change.subject}:{change.state}")


def _tell_overtaken(session: Session, house: House, change: RuleChange, now: datetime) -> None:
    """Whoever proposed and whoever approved it decide what is to become of it now."""
    for each in distinct(session.get_one(Staff, who) for who in (change.by_id, change.decided_by or change.by_id)):
        view = Viewer(session, now, house, each)
        tell(session, each, screen(view, change), MessageClass.RECEIPT, f"{change.subject}:over:{each.id}", now)


def of_the_morning(session: Session, house: House, staff: Staff, since: datetime, now: datetime) -> Say | None:
    """What came into force since the last digest, for those whom it concerns; what waits for this person's decision."""
    today, before = house.calendar.local(now).date(), house.calendar.local(since).date()
    begun = [each for each in rule_changes.of_state(session, State.IN_FORCE) if before < each.starts <= today]
    begun = [each for each in begun if _is_among(staff, rule_changes.concerned(session, house, each, now))]
    asked = rule_changes.of_state(session, State.ASKED)
    waits = [each for each in asked if _is_among(staff, rule_changes.deciders(session, each, now))]
    if not begun and not waits:
        return None
    return say(
        "digest.rules",
        begun=say("digest.rules_begun", lines=[line(house, each) for each in begun]) if begun else None,
        waits=say("digest.rules_wait", lines=[line(house, each) for each in waits]) if waits else None,
    )


def _is_among(staff: Staff, those: Sequence[Staff]) -> bool:
    return any(key(each) == key(staff) for each in those)
