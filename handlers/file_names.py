"""What a customer is called and where it is: changed by whoever keeps its file, filed with the sales department (article 9).

A name that it had before stays findable. A customer marked 涉密 is not renamed in a chat: its own names are never sent.
"""

from __future__ import annotations

from dialogue import engine
from dialogue.files import subject_of
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.turn import Turn
from dialogue.values import Reply
from handlers.file import front, named
from handlers.mending import file_changes
from handlers.newcomer import Province
from models import doubles
from models.customers import Customer
from models.files import Keeper
from models.people import key
from rules.gate import Action
from words import say

flow = Flow()
NEEDS = Action.KEEP_FILE
LONGEST = 60


class Name(Text):
    """The whole legal name, on one line."""

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        if not 2 <= len(text) <= LONGEST or "\n" in text:
            raise WrongAnswerError(say("wrong.customer_name", most=LONGEST))
        return text


def _mine(turn: Turn, customer: int) -> Customer:
    """Raises `NotAllowedError`, and `WrongAnswerError` of one whose names are secret."""
    found = named(turn, customer)
    turn.need(NEEDS, subject_of(turn, found))
    if found.code_name:
        raise WrongAnswerError(say("wrong.secret_name"))
    return found


def _begin(turn: Turn, form: Form, customer: int) -> Reply:
    try:
        found = _mine(turn, customer)
    except WrongAnswerError as wrong:
        return notice(wrong.why)
    return Reply(engine.begin(turn, form, {"customer": key(found)}).screen, new=True)


@flow.deed("file.rename", needs=NEEDS)
def open_name(turn: Turn, customer: int) -> Reply:
    return _begin(turn, NAME, customer)


@flow.deed("file.move", needs=NEEDS)
def open_place(turn: Turn, customer: int) -> Reply:
    return _begin(turn, PLACE, customer)


def rename(turn: Turn, answers: Answers) -> Reply:
    """A name that another customer bears surely is refused: those two may be one, or it is a 撞单."""
    customer, name = _mine(turn, answers["customer"]), answers["name"]
    others = doubles.doubles(turn.session, name, None, None)
    if any(each.customer.name == name and each.customer.id != customer.id for each in others):
        raise WrongAnswerError(say("wrong.name_elsewhere"))
    keeper = Keeper(turn.session, turn.house, customer, turn.staff, turn.now)
    if name != customer.name:
        keeper.rename(name)
    return _saved(turn, keeper, "name")


def move(turn: Turn, answers: Answers) -> Reply:
    customer = _mine(turn, answers["customer"])
    keeper = Keeper(turn.session, turn.house, customer, turn.staff, turn.now)
    if (answers["province"], answers.get("city")) != (customer.province, customer.city):
        keeper.move(answers["province"], answers.get("city"))
    return _saved(turn, keeper, "place")


def _saved(turn: Turn, keeper: Keeper, part: str) -> Reply:
    filed = file_changes(turn, keeper)
    turn.session.flush()
    return Reply(front(turn, keeper.customer, say("file.saved", part=say(f"file_part.{part}"), filed=filed)))


HIDDEN = Field("customer", Text(), hidden=True)
NAME = Form("file_name", NEEDS, (HIDDEN, Field("name", Name())), rename, lambda _turn, _text: {})
PLACE = Form(
    "file_place",
    NEEDS,
    (HIDDEN, Field("province", Province()), Field("city", Text(shortest=2))),
    move,
    lambda _turn, _text: {},
)
flow.forms += [NAME, PLACE]
