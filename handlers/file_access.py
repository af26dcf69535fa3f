"""A request to open a file: which part and why, put before somebody else, for some hours (R31.2)."""

from __future__ import annotations

from dialogue import engine
from dialogue.files import cover, subject_of
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Text
from dialogue.turn import Turn
from dialogue.values import Reply
from handlers.asking import follows, put_before
from handlers.file import named
from models import openings
from models.people import key
from models.steps import Step
from rules.file_parts import Section
from rules.gate import Action
from words import say

flow = Flow()
NEEDS = Action.ASK_FILE
PARTS = tuple(str(each) for each in Section)


@flow.deed("file.ask", needs=NEEDS)
def ask(turn: Turn, customer: int) -> Reply:
    found = named(turn, customer)
    turn.need(NEEDS, subject_of(turn, found))
    if openings.waiting(turn.session, turn.me, key(found)):
        return Reply(cover(turn, found), new=True)
    return Reply(engine.begin(turn, FORM, {"customer": key(found)}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    customer = named(turn, answers["customer"])
    turn.need(NEEDS, subject_of(turn, customer))
    if openings.waiting(turn.session, turn.me, key(customer)):
        raise WrongAnswerError(say("file.asked_before"))
    part = Section(answers["section"])
    asked = openings.request(turn.session, turn.house, turn.staff, customer, part, answers["reason"], turn.now)
    told = [name for step in asked for name in put_before(turn, step)]
    return notice(say("file.asked", told=say("list", items=told), part=say(f"file_part.{part}")))


@follows(openings.ASKED)
def decided(turn: Turn, step: Step, approved: bool) -> None:
    """The one who asked hears of it with the way to the part on the same message."""
    openings.settle(turn.session, step, turn.now)


FORM = Form(
    "file_request",
    NEEDS,
    (
        Field("customer", Text(), hidden=True),
        Field("section", Choice("file_part", PARTS)),
        Field("reason", Text(shortest=2)),
    ),
    submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)
