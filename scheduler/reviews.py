"""What is said of a plan, an assessment, spot checks, a score or an appeal that is due: what, of which unit and period, by when."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from dialogue.owed import in_short
from dialogue.reviews import period, way
from dialogue.values import Button, Screen
from models import scores, spot_checks
from models.climbing import APPEAL, SPOT_CHECK
from models.clocks import Clock
from models.people import Unit
from rules.house import House
from words import Say, Value, say


def screen(session: Session, house: House, clock: Clock, events: Sequence[int]) -> Screen:
    rule = house.rulebook.entry(clock.rule)
    text = say(
        "alert.review",
        what=in_short(rule),
        unit=session.get_one(Unit, clock.subject_id).name,
        period=period(clock.cycle),
        more=_more(session, clock),
        due=clock.due_at,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    return Screen(text, ((way(clock), Button(say("button.ack"), "alert.ack", {"events": list(events)})),))


def _more(session: Session, clock: Clock) -> Value:
    """How many were drawn; what the appeal says."""
    if clock.rule == SPOT_CHECK and (made := spot_checks.drawn(session, clock.cycle)) is not None:
        return say("alert.drawn", drawn=len(made.entries["drawn"]), population=made.population)
    if clock.rule == APPEAL and (sheet := scores.sheet_of(session, clock.subject_id, clock.cycle)) is not None:
        found = scores.appeal_of(session, sheet)
        return say("alert.appeal", text=found.reason[:200]) if found else None
    return None


def line(session: Session, house: House, clock: Clock) -> Say:
    unit = session.get_one(Unit, clock.subject_id).name
    what = in_short(house.rulebook.entry(clock.rule))
    return say("alert.line_review", what=what, unit=unit, period=period(clock.cycle), due=clock.due_at)
