"""What is said of a survey when its time comes: open it, ask those who are left, analyse it (article 15（五）)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session

from dialogue.surveys import counts, half_name, head
from dialogue.values import Button, Screen
from models import survey_asked, surveys
from models.climbing import SURVEY
from models.clocks import Clock
from models.people import Unit, key, split_post
from models.surveys import OPENING, Campaign
from rules.halves import Half
from rules.house import House
from words import Say, say


def screen(session: Session, house: House, clock: Clock, events: Sequence[int], now: datetime) -> Screen:
    rule = house.rulebook.entry(clock.rule)
    text = say(
        "alert.survey",
        what=_what(session, clock),
        late=say("survey.overdue") if clock.due_at < now else None,
        due=clock.due_at,
        article=rule.article,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
    )
    return Screen(text, ((way(session, clock), Button(say("button.ack"), "alert.ack", {"events": list(events)})),))


def _what(session: Session, clock: Clock) -> Say:
    """What is owed, by whom, and how far it is."""
    if clock.subject_kind == OPENING:
        return say("alert.survey_opening", half=half_name(Half.named(clock.cycle)))
    campaign = _campaign(session, clock)
    if clock.rule != SURVEY:
        return say("alert.survey_plan", head=head(campaign), left=len(surveys.awaited(session, campaign)))
    unit = split_post(clock.post)[1]
    found = survey_asked.in_unit(session, campaign, unit)
    words = "alert.survey_unit" if found.open else "alert.survey_to_hand_in"
    return say(words, head=head(campaign), unit=session.get_one(Unit, unit).name, counts=counts(found))


def _campaign(session: Session, clock: Clock) -> Campaign:
    found = surveys.find(session, clock.subject_id)
    assert found is not None, "a survey stays"
    return found


def way(session: Session, clock: Clock) -> Button:
    if clock.subject_kind == OPENING:
        return Button(say("button.survey"), "survey.open", {})
    here = {"survey": key(_campaign(session, clock).matter)}
    return Button(say("button.survey"), "survey.show", here)


def line(session: Session, clock: Clock) -> Say:
    return say("alert.line_survey", what=_what(session, clock), due=clock.due_at)
