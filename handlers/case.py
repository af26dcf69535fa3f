"""/case: a complaint as its card and its story, with the steps that this person may take next."""

from __future__ import annotations

from dialogue.forms import Flow, notice
from dialogue.marks import marked
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.tasks import customer_line
from models import tasks
from models.climbing import LIMIT
from models.complaints import Case, reported, the_limit
from models.customers import Customer
from models.people import Staff, key, unit_ids_of_role
from models.records import Complaint, Matter, complaint_numbered, open_complaints
from papers import stories
from papers.stories import Line
from rules.complaint import ComplaintEvent, ComplaintState, may_follow
from rules.gate import Action, Subject
from words import Say, Value, say

flow = Flow()
LAST_LINES = 12

STEPS = {
    "note": (Action.NOTE_COMPLAINT, ComplaintEvent.NOTE),
    "arrive": (Action.ARRIVE, ComplaintEvent.ARRIVE),
    "resolve": (Action.RESOLVE, ComplaintEvent.RESOLVE),
    "assign": (Action.ASSIGN_COMPLAINT, ComplaintEvent.ASSIGN),
    "confirm": (Action.CONFIRM_COMPLAINT, ComplaintEvent.CONFIRM),
    "close": (Action.CLOSE_COMPLAINT, ComplaintEvent.CLOSE),
}
"""The steps of a complaint: what the gate asks for each, and what it does to the state. Their forms are in `handlers.steps`."""


def subject_of(turn: Turn, case: Case) -> Subject:
    customer = turn.session.get_one(Customer, case.matter.customer_id)
    return Subject(
        unit=case.matter.unit_id,
        owner=customer.owner_id,
        handler=case.complaint.handler_id,
        departments=frozenset(unit_ids_of_role(turn.session, case.complaint.department, turn.now)),
        self_=case.matter.opened_by,
    )


def in_hand(turn: Turn, matter: Matter, complaint: Complaint) -> Case:
    return Case(turn.session, turn.house, matter, complaint, turn.staff, turn.now)


def opened(turn: Turn, matter: int, action: Action) -> Case:
    """A complaint by its id, if this person may do that to it. "Not yours" and "not there" sound the same."""
    found, complaint = turn.session.get(Matter, matter), turn.session.get(Complaint, matter)
    if found is None or complaint is None:
        raise LookupError(f"complaint {matter}")
    case = in_hand(turn, found, complaint)
    turn.need(action, subject_of(turn, case))
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
    story = [_told(turn, each) for each in stories.story(turn.session, case.matter)[-LAST_LINES:]]
    story += [customer_line(turn, each) for each in tasks.of_matter(turn.session, key(case.matter))]
    text = say("case.whole", card=card(turn, case), story=story or say("case.no_story"))
    here = {"matter": key(case.matter)}
    annotate = Button(say("button.annotate"), "annotate.choose", here)
    leading = [annotate] if turn.may(Action.ANNOTATE, subject_of(turn, case)) else []
    form = Button(say("button.complaint_form"), "complaint.form", here)
    return Screen(text, (*case_buttons(turn, case), (*leading, form)))


def card(turn: Turn, case: Case) -> Say:
    matter, complaint = case.matter, case.complaint
    customer = turn.session.get_one(Customer, matter.customer_id)
    handler = turn.session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    return say(
        "case.card",
        number=matter.number,
        state=say(f"complaint_state.{matter.state}"),
        customer=customer.called,
        complainant=complaint.complainant,
        phone=complaint.complainant_phone,
        type=say(f"complaint_type.{complaint.type}"),
        product=say("case.product", product=complaint.product) if complaint.product else None,
        what=complaint.what,
        received=complaint.received_at,
        handler=handler.name if handler else say("case.no_handler"),
        limit=_limit(turn, case),
        reports=_reports(turn, matter),
        amount=say("case.amount", amount=f"{complaint.amount:,.0f}") if complaint.amount else None,
        evidence=say("case.evidence", count=len(complaint.evidence)) if complaint.evidence else None,
    )


def _limit(turn: Turn, case: Case) -> Value:
    clock = the_limit(turn.session, case.matter)
    if clock.closed_at is None:
        return say(f"case.limit_{'in' if case.complaint.in_province else 'out'}", due=case.complaint.limit_at)
    outcome = "kept" if clock.closed_at <= case.complaint.limit_at else "late"
    return say(f"case.limit_{outcome}", why=say(f"stopped.{clock.stopped_by}"), at=clock.closed_at)


def _reports(turn: Turn, matter: Matter) -> Value:
    """R16.2: 近7天 部门 1/2 客户 2/2."""
    if matter.closed_at is not None:
        return None
    rule = turn.house.rulebook.progress
    since = turn.now - rule.within
    counts = {to: sum(each.written_at > since for each in reported(turn.session, matter, to)) for to in rule.to}
    return say("case.reports", times=rule.times, **counts)


def _told(turn: Turn, line: Line) -> Say:
    return marked(turn, line.entry, line.told()) if line.entry else line.told()


def case_buttons(turn: Turn, case: Case) -> Rows:
    """The steps that this person may take in this state; the next step is always on the card."""
    subject, state = subject_of(turn, case), ComplaintState(case.matter.state)
    limit_runs = any(clock.rule == LIMIT for clock in case.clocks)
    here = {"matter": key(case.matter)}
    buttons = [
        Button(say(f"button.{name}"), f"complaint.{name}", here)
        for name, (action, event) in STEPS.items()
        if may_follow(state, event) and turn.may(action, subject) and (name != "arrive" or limit_runs)
    ]
    return columns([*buttons, Button(say("button.detail"), "complaint.show", here)], 3)
