"""An inquiry becomes a complaint: once, and both know of each other."""

from __future__ import annotations

from dialogue import inquiries
from dialogue.forms import Answers, notice
from dialogue.inquiries import whose
from dialogue.live import refresh
from dialogue.turn import Turn
from dialogue.values import Button, Reply
from models import steps
from models.inquiries import SUBJECT, Asking
from models.people import key
from models.records import Matter
from rules.gate import Action
from words import say


def asked_before(turn: Turn, answers: Answers) -> Asking | None:
    """The inquiry from which this complaint is made, asked of the gate again."""
    asking = inquiries.found(turn, answers[SUBJECT]) if SUBJECT in answers else None
    if asking is not None:
        turn.need(Action.ANSWER_INQUIRY, whose(turn, asking, Action.ANSWER_INQUIRY))
    return asking


def already(turn: Turn, asking: Asking) -> Reply | None:
    """Where a colleague was quicker: their complaint, and no second one."""
    if asking.inquiry.became_id is None:
        return None
    there = turn.session.get_one(Matter, asking.inquiry.became_id)
    look = Button(say("button.its_complaint"), "complaint.show", {"matter": key(there)})
    return notice(say("inquiry.became", number=there.number), (look,))


def becomes(turn: Turn, asking: Asking, complaint: Matter) -> None:
    asking.becomes(complaint)
    turn.session.flush()
    for step in steps.of_matter(turn.session, key(asking.matter)):
        refresh(turn, step.subject, turn.unique_key)
    refresh(turn, asking.subject, turn.unique_key)
