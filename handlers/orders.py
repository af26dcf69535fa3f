"""督办: one sentence names a unit, a date and what is to be done; the unit's head answers by 办结, and it is followed till then."""

from __future__ import annotations

import re

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import CustomerKind, Text, UnitKind, end_of
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from handlers.reading import read
from handlers.talks import FUTURE
from handlers.tasks import announce, card, given_screen, screen
from models import tasks
from models.people import key
from models.tasks import ORDER, Given
from reading.dates import Direction, find_date, iso
from rules.gate import Action, Subject
from words import say

flow = Flow()
NEEDS = Action.GIVE_ORDER
UNIT = UnitKind(NEEDS)
VISIBLE = CustomerKind(Action.SEE_CUSTOMER)
SPOKEN_OF = re.compile(r"(?:把|将|对|就|关于|回访|走访|拜访)([^\s，。,的]{2,20})")
BEFORE = re.compile(r"\b(?:by|before|until)\s*$", re.IGNORECASE)
LOOSE = " \t\r\n\u3000，,、；;：:。"


def fill(turn: Turn, text: str) -> Answers:
    """What a sentence says: the unit by its name, the date, and the rest as it stands."""
    answers: Answers = {}
    found = find_date(text, turn.local_now, Direction.FUTURE, turn.house.calendar)
    if found:
        answers["due"] = iso(found.value)
        text = f"{BEFORE.sub('', text[: found.start]).rstrip(LOOSE)} {text[found.end :].lstrip(LOOSE)}"
    unit = UNIT.named_in(turn, text)
    if unit:
        answers["unit"] = key(unit)
        text = text.replace(unit.name, " ", 1)
    words = text.strip(LOOSE)
    about = _customer(turn, words)
    if about:
        answers["customer"] = about
    return answers | ({"text": words} if len(words) > 1 else {})


def _customer(turn: Turn, words: str) -> int | None:
    """The customer whom the words are about, if they name one: 把华航的…, or as any line begins."""
    spoken = SPOKEN_OF.search(words)
    named = VISIBLE.search(turn, spoken[1]) if spoken else []
    if len(named) == 1:
        return key(named[0])
    found = read(turn, words, Action.SEE_CUSTOMER).customer
    return found.id if found else None


@flow.command("order", "督办", needs=Action.ANSWER_TASK)
def order(turn: Turn, rest: str) -> Reply:
    """With a sentence: a new order. Alone: what I ordered; for those who order nobody, what they were ordered."""
    if not turn.reaches(NEEDS):
        turn.need_any(Action.ANSWER_TASK if not rest else NEEDS)
        return Reply(screen(turn))
    if rest:
        return engine.begin(turn, FORM, fill(turn, rest))
    found = given_screen(turn)
    return Reply(Screen(found.text, (row(Button(say("button.order"), "order.open", {})),)))


@flow.deed("order.open", needs=NEEDS)
def open_form(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need(NEEDS, Subject(unit=answers["unit"]))
    FUTURE.checked(turn, answers["due"])
    what = Given(
        kind=ORDER,
        unit_id=answers["unit"],
        text=answers["text"],
        post=tasks.post_in_charge(turn.session, answers["unit"], turn.now),
        due_at=end_of(answers["due"], turn),
        customer_id=answers.get("customer"),
    )
    task = tasks.give(turn.session, turn.house, turn.staff, what, turn.now)
    told = say("list", items=announce(turn, task))
    list_ = Button(say("button.given"), "task.given", {})
    return Reply(Screen(say("task.sent", told=told, card=card(turn, task)), (row(list_),)))


FORM = Form(
    "order",
    NEEDS,
    (
        Field("unit", UNIT),
        Field("text", Text(shortest=2)),
        Field("customer", VISIBLE, required=False),
        Field("due", FUTURE),
    ),
    submit,
    fill,
)
flow.forms.append(FORM)
