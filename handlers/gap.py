"""/gap 未回访 (R17.1): customers who complained and were not called back yet, the most urgent first, each with its next step."""

from __future__ import annotations

from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.choosing import turning
from models.customers import Customer
from models.figures import Reach, View
from models.pace import Gap, gaps
from models.people import Staff, key
from rules import gate
from rules.gate import Action, Subject
from rules.spans import year_of
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_CUSTOMER
A_PAGE = 8


@flow.command("gap", "未回访", needs=NEEDS)
def gap(turn: Turn, _: str) -> Reply:
    return Reply(_screen(turn, 0))


@flow.deed("gap.show", needs=NEEDS)
def show(turn: Turn, page: int = 0) -> Reply:
    return Reply(_screen(turn, page))


def _found(turn: Turn) -> list[Gap]:
    reach = Reach.of(gate.scope(turn.actor, NEEDS))
    return gaps(View(turn.session, turn.house, year_of(turn.today), reach, turn.now))


def _screen(turn: Turn, page: int) -> Screen:
    found, rule = _found(turn), turn.house.rulebook.callback
    last = max(0, (len(found) - 1) // A_PAGE)
    page = max(0, min(page, last))
    shown = found[page * A_PAGE : (page + 1) * A_PAGE]
    numbered = list(enumerate(shown, page * A_PAGE + 1))
    text = say(
        "gap.list",
        count=len(found),
        waiting=sum(each.due is not None for each in found),
        lines=[_line(turn, number, each) for number, each in numbered] or say("gap.none"),
        article=rule.article,
        page=say("page", page=page + 1, pages=last + 1) if last else None,
    )
    steps = [_step(turn, number, each) for number, each in numbered]
    turns = turning("gap.show", page, last, lambda to: {"page": to})
    again = Button(say("button.refresh"), "gap.show", {"page": page})
    return Screen(text, (*columns(steps, 2), (*turns, again)))


def _line(turn: Turn, number: int, each: Gap) -> Say:
    customer = turn.session.get_one(Customer, each.customer)
    owner = turn.session.get_one(Staff, customer.owner_id).name
    state = "gap.handling" if each.due is None else "gap.late" if each.due < turn.now else "gap.open"
    said = say(state, due=each.due) if each.due is not None else say(state)
    return say("gap.line", number=number, customer=customer.called, case=each.number, owner=owner, state=said)


def _step(turn: Turn, number: int, each: Gap) -> Button:
    """Call back what is closed, where that is theirs to do; else look at the complaint."""
    customer = turn.session.get_one(Customer, each.customer)
    subject = Subject(unit=customer.unit_id, owner=customer.owner_id)
    if each.due is not None and turn.may(Action.RECORD_CALLBACK, subject):
        return Button(say("button.call_back", number=number), "callback.open", {"customer": key(customer)})
    return Button(say("button.gap_case", number=number), "complaint.show", {"matter": each.matter})
