"""The one tick: what is owed now is said, with a key that lets it be said once, and each clock moves on.

It keeps no plan. It reads only what is due, asks the rule again, and after any sleep owes exactly what was missed, merged.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from dialogue.live import refresh
from dialogue.viewer import Viewer
from models import anomalies, clocks, duties, preferences, spot_checks
from models.climbing import ALOUD, ANOMALY, CASES, PREFERENCE, SPOT_CHECK, in_force, ladder_of, owing, wind
from models.clocks import ABSENCE, OPENING, RULE_CHANGE, Clock, Event, close
from models.findings import Decision
from models.people import Staff, key
from models.records import Entry
from models.restores import held
from rules.house import House
from rules.ladder import Owing
from scheduler import leave, opening, rule_changes
from scheduler.alerts import Alert, say_aloud
from scheduler.digest import send as send_digest
from scheduler.recipients import recipients

BATCH = 100
MORNINGS = 10
"""Digests in one transaction: a page of the week that is over takes a tenth of a second, and what is urgent goes between."""
UNHEARD: Final = timedelta(minutes=5)
"""What nobody could be told, because nobody is enrolled yet, is tried again after this."""


def tick(session: Session, house: House, now: datetime) -> int:
    """One batch of what is due. Returns how many clocks were dealt with; 0 when nothing is left,
    and after a restore that nobody has confirmed yet."""
    if held(session):
        return 0
    batch = clocks.due(session, now, BATCH)
    if changes := [each for each in batch if each.rule == RULE_CHANGE]:
        rule_changes.turn(session, house, changes, now)  # the others go by what is then in force
        return len(changes)
    if batch:
        _climb(session, house, batch, now)
        return len(batch)
    digests = clocks.due(session, now, MORNINGS, digests=True)
    for clock in digests:
        send_digest(session, house, clock, now)
    return len(digests)


def _climb(session: Session, house: House, batch: list[Clock], now: datetime) -> None:
    aloud: dict[int, list[Alert]] = defaultdict(list)
    for clock in batch:
        if clock.rule == ABSENCE:
            leave.turn(session, house, clock, now)
            continue
        if clock.rule == OPENING:
            opening.turn(session, house, clock, now)
            continue
        if clock.rule == SPOT_CHECK and not spot_checks.due(session, house, clock, now):
            continue
        if duties.renew(session, house, clock, now):
            continue
        try:
            steps = owing(session, house, clock, now)
        except KeyError:
            close([clock], now, "rule removed")
            continue
        for alert in _say(session, house, clock, steps, now):
            aloud[alert.event.staff_id].append(alert)
        wind(session, house, clock, now)
        if steps and clock.next_at is not None and clock.next_at <= now:
            clock.next_at = now + UNHEARD
        if clock.rule == ANOMALY and clock.next_at is None:
            _gone_up(session, clock, now)
        if clock.rule == PREFERENCE and clock.due_at <= now and steps:
            preferences.expire(session, clock, now)
    _show_what_is_left(session, house, [each for alerts in aloud.values() for each in alerts], now)
    for staff_id, alerts in aloud.items():
        say_aloud(session, house, session.get_one(Staff, staff_id), alerts, now)


def _show_what_is_left(session: Session, house: House, alerts: list[Alert], now: datetime) -> None:
    """The live cards of a complaint say anew what time is left, when a limit reaches a step."""
    cases = {alert.clock.subject_id: alert for alert in alerts if alert.clock.rule in CASES}
    for matter, alert in cases.items():
        view = Viewer(session, now, house, session.get_one(Staff, alert.event.staff_id))
        refresh(view, f"complaint:{matter}", f"event:{alert.event.id}", again=True)


def _gone_up(session: Session, clock: Clock, now: datetime) -> None:
    """An anomaly that company leaders heard of by itself needs no decision any more."""
    entry = session.get_one(Entry, clock.subject_id)
    anomalies.settle(session, entry, Decision.REPORTED, None, "", now)


def _say(session: Session, house: House, clock: Clock, steps: list[Owing], now: datetime) -> list[Alert]:
    """Record every step that was reached; only the highest is said aloud."""
    ladder = ladder_of(in_force(session, house, clock), clock.rule)
    alerts = []
    for owed in steps:
        for staff in recipients(session, house, clock, ladder.steps[owed.step], now):
            event = Event(
                clock_id=key(clock), cycle=clock.cycle, step=owed.step, nth=owed.nth, staff_id=key(staff), at=now
            )
            session.add(event)
            if owed is steps[-1] and clock.rule in ALOUD:
                alerts.append(Alert(clock, event))
    session.flush()
    return alerts
