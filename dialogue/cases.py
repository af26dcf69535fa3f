"""A complaint as people see it: the live card with its state, who has the ball, what time is left, and the next steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dialogue import claims
from dialogue.leaves import with_leave
from dialogue.live import face
from dialogue.registers import again, earlier_ones
from dialogue.values import Button, Rows, Screen, columns, row
from dialogue.viewer import Viewer
from models import limits, steps
from models.climbing import HANDLING, LIMIT
from models.clocks import Clock
from models.complaints import Case, agreed, whose_record, whose_work
from models.customers import Customer
from models.limits import reported
from models.overviews import responsible
from models.people import Staff, Unit, holders, key, replaced, split_post
from models.records import Complaint, Matter
from models.steps import Step, StepState
from papers.stories import credited
from rules.complaint import UNDER_WAY, ComplaintEvent, ComplaintState, may_follow
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, say

SUBJECT = "complaint"
TAKEN = (steps.HANDOVER,)
"""What is taken over or sent back, rather than approved."""
OPINIONS = ("consult",)
"""Where words are asked for, and not a yes or no."""
VOTES = (steps.EVALUATION, steps.GRADING)
"""Where somebody agrees or does not, and nothing is sent back to be done again."""
RECORDED = (steps.RESOLUTION,)
"""What is decided elsewhere, and put on record by its own form."""


@dataclass(frozen=True)
class Doing:
    """Something that can be done with a complaint: what the gate asks, what it is to the state, whether it stands under 更多."""

    action: Action
    event: ComplaintEvent
    more: bool = False


A, E = Action, ComplaintEvent
STEPS = {
    "hand_on": Doing(A.HAND_ON_COMPLAINT, E.HAND_ON),
    "entrust": Doing(A.ENTRUST_COMPLAINT, E.ENTRUST),
    "note": Doing(A.NOTE_COMPLAINT, E.NOTE),
    "arrive": Doing(A.ARRIVE, E.ARRIVE),
    "resolve": Doing(A.RESOLVE, E.RESOLVE),
    "assign": Doing(A.ASSIGN_COMPLAINT, E.ASSIGN),
    "confirm": Doing(A.CONFIRM_COMPLAINT, E.CONFIRM),
    "evaluate": Doing(A.EVALUATE_COMPLAINT, E.EVALUATE),
    "close": Doing(A.CLOSE_COMPLAINT, E.CLOSE),
    "reinstate": Doing(A.REINSTATE_COMPLAINT, E.REINSTATE),
    "unpause": Doing(A.NOTE_COMPLAINT, E.NOTE),
    "reroute": Doing(A.REROUTE_COMPLAINT, E.REROUTE, more=True),
    "change": Doing(A.CHANGE_COMPLAINT, E.CHANGE, more=True),
    "consult": Doing(A.ASSIGN_COMPLAINT, E.NOTE, more=True),
    "pause": Doing(A.NOTE_COMPLAINT, E.PAUSE, more=True),
    "interval": Doing(A.NOTE_COMPLAINT, E.NOTE, more=True),
    "void": Doing(A.NOTE_COMPLAINT, E.VOID, more=True),
    "assess": Doing(A.ASSESS_CLAIM, E.NOTE),
    "settle": Doing(A.SETTLE_CLAIM, E.NOTE),
    "meet": Doing(A.RECORD_MEETING, E.NOTE),
    "lawsuit": Doing(A.FLAG_MAJOR, E.NOTE),
    "claim": Doing(A.RAISE_CLAIM, E.NOTE, more=True),
    "estimate": Doing(A.ESTIMATE_CLAIM, E.NOTE, more=True),
    "social": Doing(A.FLAG_MAJOR, E.NOTE, more=True),
    "litigation": Doing(A.FLAG_MAJOR, E.NOTE, more=True),
    "unmajor": Doing(A.UNDO_MAJOR, E.NOTE, more=True),
}
"""Their forms are in `handlers.steps`, `handlers.changes` and `handlers.claims`."""
IN_CHARGE_ONLY = (A.ENTRUST_COMPLAINT,)
"""What is for the department in charge, whoever else is concerned."""


def in_hand(view: Viewer, matter: Matter, complaint: Complaint) -> Case:
    return Case(view.session, view.house, matter, complaint, view.staff, view.now)


def found(view: Viewer, matter_id: int) -> Case | None:
    matter, complaint = view.session.get(Matter, matter_id), view.session.get(Complaint, matter_id)
    return in_hand(view, matter, complaint) if matter is not None and complaint is not None else None


def subject_of(view: Viewer, case: Case) -> Subject:
    return whose_record(view.session, case.matter, case.complaint, view.now)


def may_do(view: Viewer, case: Case, name: str) -> bool:
    """Whether this person may do that now."""
    return name in can_do(view, case, [name])


def can_do(view: Viewer, case: Case, names: Iterable[str] = tuple(STEPS)) -> list[str]:
    """Which of these steps this person may take now."""
    state = ComplaintState(case.matter.state)
    following = [name for name in names if may_follow(state, STEPS[name].event) is not None]
    subjects: dict[bool, Subject] = {}
    found = []
    for name in following:
        action = STEPS[name].action
        apart = action in IN_CHARGE_ONLY
        if apart not in subjects:
            subjects[apart] = whose(view, case, action)
        if view.may(action, subjects[apart]) and _sensible(view, case, name):
            found.append(name)
    return found


def whose(view: Viewer, case: Case, action: Action) -> Subject:
    """What the gate is asked about, for that action."""
    if action in IN_CHARGE_ONLY:
        return Subject(departments=frozenset(case.department_units))
    if action is Action.SEE_COMPLAINT:
        return subject_of(view, case)
    return whose_work(view.session, case.matter, case.complaint, view.now)


def _sensible(view: Viewer, case: Case, name: str) -> bool:
    """What the state alone does not tell."""
    rules, session, matter = view.house.rulebook, view.session, key(case.matter)
    match name:
        case "arrive":
            return _running(case, LIMIT) is not None
        case "pause":
            runs = _running(case, LIMIT) or _running(case, HANDLING)
            still = limits.pause_now(session, case.matter, view.now) is None
            return rules.pause is not None and runs is not None and still and not steps.waiting(session, matter, name)
        case "unpause":
            return limits.pause_now(session, case.matter, view.now) is not None
        case "interval":
            return case.matter.state in UNDER_WAY and not steps.waiting(session, matter, name)
        case "void":
            return not steps.waiting(session, matter, name)
    return claims.sensible(view, case, name)


def _running(case: Case, rule: str) -> Clock | None:
    return next((each for each in case.clocks if each.rule == rule), None)


# The card


def card(view: Viewer, case: Case) -> Say:
    matter, complaint = case.matter, case.complaint
    customer = view.session.get_one(Customer, matter.customer_id)
    return say(
        "case.card",
        number=matter.number,
        state=say(f"complaint_state.{matter.state}"),
        customer=customer.called,
        who=say("case.who", complainant=complaint.complainant, phone=complaint.complainant_phone),
        type=say(f"complaint_type.{complaint.type}"),
        product=say("case.product", product=complaint.product) if complaint.product else None,
        again=again(view, case),
        what=complaint.what,
        received=complaint.received_at,
        handler=_handler(view, complaint),
        ball=_ball(view, case),
        limit=list(_limits(case)),
        reports=_reports(view, case),
        amount=list(claims.lines(view, case)) or None,
        evidence=say("case.evidence", count=len(complaint.evidence)) if complaint.evidence else None,
        steps=[step_line(view, each) for each in _shown_steps(case)] or None,
    )


def _handler(view: Viewer, complaint: Complaint) -> Value:
    """The responsible unit and its person, as far as they were named."""
    unit = view.session.get(Unit, complaint.responsible_unit_id) if complaint.responsible_unit_id else None
    person = view.session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    who = with_leave(view, person) if person else None
    if unit is None:
        return who or say("case.no_handler")
    return say("case.unit_and_person", unit=unit.name, person=who)


def _ball(view: Viewer, case: Case) -> Value:
    """Who has to do what next."""
    who = whose_turn(view, case)
    if who is None:
        return None
    names = say("list", items=[each.name for each in who])
    return say("case.ball", who=names, what=say(f"ball.{case.matter.state}"))


def whose_turn(view: Viewer, case: Case) -> list[Staff] | None:
    """Those who have the ball; None when it is over."""
    match ComplaintState(case.matter.state):
        case ComplaintState.CLOSED | ComplaintState.VOIDED:
            return None
        case ComplaintState.HANDED_ON:
            return holders(view.session, case.complaint.department, case.matter.unit_id, view.now)
        case ComplaintState.RESOLVED | ComplaintState.EVALUATED:
            return holders(view.session, Role.SALES_DEPT, case.matter.unit_id, view.now)
    return responsible(view.session, case.matter, case.complaint, view.now)


def _limits(case: Case) -> Iterator[Say]:
    """Each limit: what is left, since when it stands still, or how it ended."""
    for clock in limits.of_case(case.session, case.matter):
        if clock.rule == LIMIT:
            running = "case.limit_in" if case.complaint.inside else "case.limit_out"
            yield _limit(case, clock, running, "case.limit_kept", "case.limit_late")
        elif clock.rule == HANDLING:
            yield _limit(case, clock, "case.handle_by", "case.handled_in_time", "case.handled_late")


def _limit(case: Case, clock: Clock, running: str, kept: str, late: str) -> Say:
    if clock.closed_at is not None:
        outcome = kept if clock.closed_at <= clock.due_at else late
        return say(outcome, why=say(f"stopped.{clock.stopped_by}"), at=clock.closed_at)
    if clock.paused_until is not None and clock.paused_until > case.now:
        within = say("paused.inside" if case.complaint.inside else "paused.outside")
        rule = say("paused.handling") if clock.rule == HANDLING else within
        return say("case.paused", rule=rule, until=clock.paused_until, due=clock.due_at, was=_as_it_was(case, clock))
    return say(running, due=clock.due_at)


def _as_it_was(case: Case, clock: Clock) -> Value:
    return case.complaint.limit_at if clock.rule == LIMIT else case.complaint.handle_by


def _reports(view: Viewer, case: Case) -> Value:
    """R16.2: 近7天 部门 1/2 客户 2/2."""
    if case.matter.closed_at is not None:
        return None
    rule = view.house.rulebook.progress
    times, within = agreed(case.complaint, rule)
    since = view.now - within
    counts = {to: sum(each.written_at > since for each in reported(view.session, case.matter, to)) for to in rule.to}
    return say("case.reports", days=within.days, times=times, **counts)


def _shown_steps(case: Case) -> list[Step]:
    """What waits for a decision, and the last word on the assignment."""
    found = steps.of_matter(case.session, key(case.matter))
    entrusted = [each for each in found if each.kind == "entrust" and each.state != StepState.DROPPED][-1:]
    return [each for each in found if each.state == StepState.WAITING or each in entrusted]


def step_line(view: Viewer, step: Step) -> Say:
    """A step in one line: what is asked, of whom, what they said."""
    by = view.session.get(Staff, step.decided_by) if step.decided_by else None
    known: dict[str, Value] = {
        "what": say(f"step.{step.kind}"),
        "who": decider(view, step) if by else _awaited(view, step),
        "due": step.due_at,
        "when": step.decided_at,
        "opinion": step.opinion or None,
    }
    if step.kind in OPINIONS:
        return say(f"opinion_line.{step.state}", **known)
    if step.kind in VOTES:
        return say(f"vote_line.{step.state}", post=post_name(view, step), **known)
    return say(f"handed_line.{step.state}", **known) if step.kind in TAKEN else say(f"step_line.{step.state}", **known)


def _awaited(view: Viewer, step: Step) -> Say:
    """Whose decision is waited for."""
    return say("list", items=[each.name for each in steps.deciders(view.session, step, view.now)])


def post_name(view: Viewer, step: Step) -> Value:
    """The department that was asked; of a business unit its name; of somebody to whom it was passed on, theirs."""
    role, number = split_post(step.post)
    if role == "staff":
        return view.session.get_one(Staff, number).name
    return view.session.get_one(Unit, number).name if role == Role.UNIT_HEAD else say(f"role.{role}")


def decider(view: Viewer, step: Step) -> Value:
    """Who decided, and in whose place."""
    by = view.session.get_one(Staff, step.decided_by)
    instead = replaced(view.session, step.post, by, step.decided_at or view.now)
    return credited(view.session, key(by), [key(each) for each in instead])


# The buttons


def case_buttons(view: Viewer, case: Case) -> Rows:
    """The steps that this person may take in this state; the next step is always on the card."""
    here = {"matter": key(case.matter)}
    mine = can_do(view, case)
    buttons = [Button(say(f"button.{name}"), f"complaint.{name}", here) for name in mine if not STEPS[name].more]
    buttons.append(Button(say("button.detail"), "complaint.show", here))
    if any(STEPS[name].more for name in mine):
        buttons.append(Button(say("button.more_steps"), "complaint.more", here))
    rows = columns([*decisions_of(view, case.matter), *buttons], 3)
    return (*rows, *columns(earlier_ones(view, case), 2))


def decisions_of(view: Viewer, matter: Matter) -> list[Button]:
    """What of this complaint or inquiry waits for this person's decision."""
    asked = [each for each in steps.waiting(view.session, key(matter)) if decides(view, each)]
    return [Button(say(f"decide.{each.kind}"), "step.show", {"step": key(each)}) for each in asked]


def decides(view: Viewer, step: Step) -> bool:
    """Whether it is this person's to decide, by their post or as one above it."""
    those = [*steps.deciders(view.session, step, view.now), *steps.above(view.session, step, view.now)]
    return any(each.id == view.me for each in those) or steps.may_decide_while_away(
        view.session, step, view.staff, view.now
    )


@face(SUBJECT)
def as_it_stands(view: Viewer, matter: int) -> Screen | None:
    """The live card for one person; None for somebody who may no longer see it."""
    case = found(view, matter)
    if case is None or not view.may(Action.SEE_COMPLAINT, subject_of(view, case)):
        return None
    return Screen(card(view, case), case_buttons(view, case), subject=case.subject)


def with_news(view: Viewer, case: Case, news: Say) -> Screen:
    """What was done, over the card as it stands now; the news, and the way to what else waits, where they may not see it."""
    if not view.may(Action.SEE_COMPLAINT, subject_of(view, case)):
        return Screen(news, (row(Button(say("button.due"), "due.open", {})),))
    text = say("case.done", done=news, card=card(view, case))
    return Screen(text, case_buttons(view, case), subject=case.subject)
