"""/finding 审计意见: what audit and supervision found goes to a unit or department as 整改通知, to be answered by a date."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import Text, UnitKind, end_of
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from handlers.concerns import found
from handlers.talks import FUTURE
from handlers.tasks import announce, card, given_screen
from models import tasks
from models.people import key
from models.tasks import FINDING, Given
from reading.dates import Direction, find_date, iso
from rules.gate import Action, Subject
from words import say

flow = Flow()
NEEDS = Action.GIVE_FINDING
UNIT = UnitKind(NEEDS)
LOOSE = " \t\r\n\u3000，,、；;：:。"


def fill(turn: Turn, text: str) -> Answers:
    """What a sentence says: the unit by its name, the date, and the rest as it stands."""
    answers: Answers = {}
    told = find_date(text, turn.local_now, Direction.FUTURE, turn.house.calendar)
    if told:
        answers["due"] = iso(told.value)
        text = f"{text[: told.start].rstrip(LOOSE)} {text[told.end :].lstrip(LOOSE)}"
    unit = UNIT.named_in(turn, text)
    if unit:
        answers["unit"] = key(unit)
        text = text.replace(unit.name, " ", 1)
    words = text.strip(LOOSE)
    return answers | ({"text": words} if len(words) > 1 else {})


@flow.command("finding", "审计意见", "整改通知", needs=NEEDS)
def typed(turn: Turn, rest: str) -> Reply:
    """With a sentence: a new one. Alone: those I gave, and what was answered."""
    if rest:
        return engine.begin(turn, FORM, fill(turn, rest))
    return Reply(_given(turn))


@flow.deed("finding.given", needs=NEEDS)
def given(turn: Turn) -> Reply:
    return Reply(_given(turn), new=True)


def _given(turn: Turn) -> Screen:
    mine = tasks.given_by(turn.session, turn.me, turn.now)
    return Screen(
        given_screen(turn).text if mine else say("finding.none"), (row(Button(say("button.finding"), "finding.open")),)
    )


@flow.deed("finding.open", needs=NEEDS)
def begin(turn: Turn, concern: int | None = None) -> Reply:
    """From a report on: its number may be named, nothing else of it."""
    known: Answers = {"basis": found(turn, concern).number} if concern is not None else {}
    return Reply(engine.begin(turn, FORM, known).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need(NEEDS, Subject(unit=answers["unit"]))
    FUTURE.checked(turn, answers["due"])
    what = Given(
        kind=FINDING,
        unit_id=answers["unit"],
        text=_with_basis(turn, answers),
        post=tasks.post_in_charge(turn.session, answers["unit"], turn.now),
        due_at=end_of(answers["due"], turn),
    )
    task = tasks.give(turn.session, turn.house, turn.staff, what, turn.now)
    told = say("list", items=announce(turn, task))
    list_ = Button(say("button.given"), "finding.given")
    return Reply(Screen(say("task.sent", told=told, card=card(turn, task)), (row(list_),)))


def _with_basis(turn: Turn, answers: Answers) -> str:
    basis = answers.get("basis")
    if not basis:
        return str(answers["text"])
    return turn.voice.plain(say("finding.with_basis", text=answers["text"], basis=basis))


FORM = Form(
    "finding",
    NEEDS,
    (
        Field("unit", UNIT),
        Field("text", Text(shortest=2)),
        Field("basis", Text(), required=False),
        Field("due", FUTURE),
    ),
    submit,
    fill,
)
flow.forms.append(FORM)
