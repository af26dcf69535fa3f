"""/case: a complaint as its card and its story, with the steps that this person may take next."""

from __future__ import annotations

import re

from dialogue import cases
from dialogue.cases import STEPS, can_do, card, case_buttons, in_hand, subject_of, whose
from dialogue.forms import Flow, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.history import newest
from handlers.tasks import customer_line
from models import inquiries, tasks
from models.complaints import Case
from models.customers import Customer
from models.people import key
from models.records import Matter, complaint_numbered, open_complaints
from rules.gate import Action
from words import Say, say

flow = Flow()
NUMBER = re.compile(r"ts[-－\s]*[\d-]{1,12}", re.IGNORECASE)


def opened(turn: Turn, matter: int, action: Action) -> Case:
    """A complaint by its id, if this person may do that to it. "Not yours" and "not there" sound the same."""
    case = cases.found(turn, matter)
    if case is None:
        raise LookupError(f"complaint {matter}")
    turn.need(action, whose(turn, case, action))
    return case


@flow.command("case", "投诉单", needs=Action.SEE_COMPLAINT)
def case_numbered(turn: Turn, text: str) -> Reply:
    if not text:
        return _open_ones(turn)
    found = complaint_numbered(turn.session, text)
    case = in_hand(turn, *found) if found else None
    if case is None or not turn.may(Action.SEE_COMPLAINT, subject_of(turn, case)):
        return notice(say("case.nothing", text=text[:30]))
    return Reply(whole(turn, case))


def by_number(turn: Turn, text: str) -> Reply | None:
    """TS-2026-0001 alone is looked up, wherever it is typed."""
    named = NUMBER.fullmatch(text.strip()) and turn.reaches(Action.SEE_COMPLAINT)
    return case_numbered(turn, text.strip()) if named else None


def _open_ones(turn: Turn) -> Reply:
    cases = [in_hand(turn, *each) for each in open_complaints(turn.session)]
    mine = [case for case in cases if turn.may(Action.SEE_COMPLAINT, subject_of(turn, case))]
    if not mine:
        return notice(say("case.none_open"))
    buttons = [Button(_short(turn, case.matter), "complaint.show", {"matter": key(case.matter)}) for case in mine[:9]]
    return Reply(Screen(say("case.open_ones", count=len(mine)), columns(buttons, 1)))


def _short(turn: Turn, matter: Matter) -> Say:
    return say("case.short", number=matter.number, customer=turn.session.get_one(Customer, matter.customer_id).called)


@flow.deed("complaint.show", needs=Action.SEE_COMPLAINT)
def show(turn: Turn, matter: int) -> Reply:
    return Reply(whole(turn, opened(turn, matter, Action.SEE_COMPLAINT)), new=True)


def whole(turn: Turn, case: Case) -> Screen:
    story, from_the_start = newest(turn, case.matter)
    story += [customer_line(turn, each) for each in tasks.of_matter(turn.session, key(case.matter))]
    text = say("case.whole", card=card(turn, case), story=story or say("case.no_story"))
    here = {"matter": key(case.matter)}
    annotate = Button(say("button.annotate"), "annotate.choose", here)
    leading = [annotate] if turn.may(Action.ANNOTATE, subject_of(turn, case)) else []
    form = Button(say("button.complaint_form"), "complaint.form", here)
    return Screen(
        text,
        (*case_buttons(turn, case), (*leading, *from_the_start, form), *_asked_before(turn, case)),
        subject=case.subject,
    )


def _asked_before(turn: Turn, case: Case) -> Rows:
    """The way to the inquiry from which it came."""
    found = inquiries.before(turn.session, case.matter)
    return ((Button(say("button.its_inquiry"), "inquiry.show", {"matter": key(found)}),),) if found else ()


@flow.deed("complaint.more", needs=Action.SEE_COMPLAINT)
def more(turn: Turn, matter: int) -> Reply:
    """What is seldom done with a complaint; the card comes back by one tap."""
    case = opened(turn, matter, Action.SEE_COMPLAINT)
    here = {"matter": key(case.matter)}
    seldom = [name for name in can_do(turn, case) if STEPS[name].more]
    buttons = [Button(say(f"button.{name}"), f"complaint.{name}", here) for name in seldom]
    back = Button(say("button.back"), "complaint.card", here)
    return Reply(Screen(say("case.more", card=card(turn, case)), (*columns(buttons, 2), (back,))))


@flow.deed("complaint.card", needs=Action.SEE_COMPLAINT)
def back_to_card(turn: Turn, matter: int) -> Reply:
    case = opened(turn, matter, Action.SEE_COMPLAINT)
    return Reply(cases.as_it_stands(turn, key(case.matter)))
