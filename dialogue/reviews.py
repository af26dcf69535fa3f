"""What is planned, assessed, checked and scored, in words: a period by its name, the way to what a clock asks for."""

from __future__ import annotations

from sqlmodel import Session

from dialogue.values import Button
from models.climbing import ASSESSMENT, PLAN, SPOT_CHECK
from models.clocks import Clock
from models.people import Unit
from words import Say, Value, say


def period(name: str) -> Say:
    """2027, 2026-Q4 or 2026-11 in words."""
    year, _, rest = name.partition("-")
    if not rest:
        return say("period_of.year", year=int(year))
    if rest.startswith("Q"):
        return say("quarter", year=int(year), number=int(rest[1:]))
    return say("period_of.month", year=int(year), month=int(rest))


def about(session: Session, clock: Clock) -> Value:
    """The unit and the period that a clock asks for."""
    return say("owed.review", unit=session.get_one(Unit, clock.subject_id).name, period=period(clock.cycle))


def goal(clock: Clock) -> tuple[str, dict[str, object]]:
    """What to press for it: a deed with its arguments."""
    match clock.rule:
        case rule if rule == PLAN:
            return "plan.show", {"unit": clock.subject_id, "year": int(clock.cycle)}
        case rule if rule == ASSESSMENT:
            return "assessment.show", {"quarter": clock.cycle}
        case rule if rule == SPOT_CHECK:
            return "spot.open", {}
    return "score.show", {"unit": clock.subject_id, "quarter": clock.cycle}


LABELS = {PLAN: "button.plan", ASSESSMENT: "button.assessment", SPOT_CHECK: "button.spot"}


def way(clock: Clock) -> Button:
    deed, args = goal(clock)
    return Button(say(LABELS.get(clock.rule, "button.score")), deed, args)
