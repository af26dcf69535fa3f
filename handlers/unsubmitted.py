"""未提交投诉: a complaint that was begun and not submitted is never hidden (R26.1): listed for whoever began it and for those
who would see the complaint, who can remind them."""

from __future__ import annotations

from datetime import timedelta

from dialogue.forms import Flow, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.urging import urge
from models.customers import Customer
from models.messages import Draft, drafts_of_form
from models.people import Staff, key, seats
from rules import gate
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_COMPLAINT
FORM = "complaint"
SHOWN = 10
BEING_FILLED_IN = timedelta(minutes=30)
"""An open form that was touched so lately is not left behind."""


def with_mine(turn: Turn, text: Say) -> Say:
    """A screen's text, and below it the complaints that I have begun and not submitted."""
    lines = [_line(turn, number, each) for number, each in enumerate(_mine(turn), 1)]
    return say("unsubmitted.below", text=text, count=len(lines), lines=lines) if lines else text


def mine_rows(turn: Turn) -> Rows:
    return columns([_go_on(number, each) for number, each in enumerate(_mine(turn), 1)], 3)


def way(turn: Turn) -> Rows:
    """For those who see the complaints of a unit or of all: the way to what was not submitted, where there is any."""
    reach = gate.scope(turn.actor, NEEDS)
    if not (reach.all or reach.units):
        return ()
    count = len(_theirs(turn))
    return ((Button(say("button.unsubmitted", count=count), "unsubmitted.list", {}),),) if count else ()


def _mine(turn: Turn) -> list[Draft]:
    found = drafts_of_form(turn.session, FORM)
    return [each for each in found if each.staff_id == turn.me and each.state == "kept"][:SHOWN]


def _theirs(turn: Turn) -> list[Draft]:
    """Everybody's, as far as this person would see the complaints."""
    return [
        each
        for each in drafts_of_form(turn.session, FORM)
        if (each.state == "kept" or turn.now - each.touched_at > BEING_FILLED_IN)
        and turn.may(NEEDS, _subject(turn, each))
    ]


def _customer(turn: Turn, draft: Draft) -> Customer | None:
    return turn.session.get(Customer, draft.answers["customer"]) if "customer" in draft.answers else None


def _subject(turn: Turn, draft: Draft) -> Subject:
    """As the complaint's would be; where no customer is named yet, the unit of whoever began it."""
    customer = _customer(turn, draft)
    if customer is not None:
        return Subject(unit=customer.unit_id, owner=customer.owner_id, self_=draft.staff_id)
    held = seats(turn.session, draft.staff_id, turn.now)
    return Subject(unit=held[0].unit_id if held else None, self_=draft.staff_id)


def _line(turn: Turn, number: int, draft: Draft) -> Say:
    customer = _customer(turn, draft)
    return say(
        "unsubmitted.line",
        number=number,
        customer=customer.called if customer else say("unsubmitted.no_customer"),
        what=str(draft.answers.get("summary", ""))[:60],
        by=turn.session.get_one(Staff, draft.staff_id).name,
        since=draft.started_at,
    )


def _go_on(number: int, draft: Draft) -> Button:
    return Button(say("button.go_on", number=number), "form.card", {"draft": key(draft)})


@flow.command("unsubmitted", "未提交投诉", "投诉草稿", needs=NEEDS)
def unsubmitted(turn: Turn, _: str) -> Reply:
    return Reply(_listed(turn))


@flow.deed("unsubmitted.list", needs=NEEDS)
def listed(turn: Turn) -> Reply:
    return Reply(_listed(turn), new=True)


def _listed(turn: Turn) -> Screen:
    found = _theirs(turn)
    if not found:
        return Screen(say("unsubmitted.none"))
    shown = list(enumerate(found[:SHOWN], 1))
    rest = len(found) - len(shown)
    text = say(
        "unsubmitted.list",
        count=len(found),
        lines=[_line(turn, number, each) for number, each in shown],
        rest=say("due.more", count=rest) if rest else None,
    )
    buttons = [
        _go_on(number, each)
        if each.staff_id == turn.me
        else Button(say("button.remind", number=number), "unsubmitted.remind", {"draft": key(each)})
        for number, each in shown
    ]
    return Screen(text, columns(buttons, 3))


@flow.deed("unsubmitted.remind", needs=NEEDS)
def remind(turn: Turn, draft: int) -> Reply:
    """Whoever began it hears that it is waited for, once a day, with the button to go on."""
    found = turn.session.get(Draft, draft)
    if found is None or found.form != FORM or found.state not in ("open", "kept"):
        return notice(say("unsubmitted.gone"))
    turn.need(NEEDS, _subject(turn, found))
    author = turn.session.get_one(Staff, found.staff_id)
    text = say("unsubmitted.reminder", by=turn.staff.name, line=_line(turn, 1, found))
    return Reply(toast=urge(turn, author, f"draft:{draft}", Screen(text, ((_go_on(1, found),),))))
