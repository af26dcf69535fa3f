"""The first working day of a month: drafts of the month before, each told to whoever is to hand it in."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from dialogue.reports import announced
from dialogue.telling import MessageClass, tell
from dialogue.viewer import Viewer
from models import opening_reports, reports
from models.clocks import Clock
from models.people import distinct, key
from models.reports import Kind
from rules.house import House
from scheduler.recipients import reachable


def turn(session: Session, house: House, clock: Clock, now: datetime) -> None:
    """Logs alone: heads and the sales department hear when theirs can be written."""
    awake = house.quiet.wake(house.calendar.local(now))
    for report in opening_reports.open_some(session, house, clock, now):
        if report.kind != Kind.LOG or report.handed_at is not None:
            continue
        those = [reachable(session, each, now) for each in reports.owing(session, report, now)]
        for each in distinct(found for found in those if found is not None):
            screen = announced(Viewer(session, now, house, each), report)
            unique_key = f"report:{report.id}:{key(each)}"
            tell(session, each, screen, MessageClass.REMINDER, unique_key, now, not_before=awake)
