"""/approve 审批: what waits for my decision; 同意, 退回 and 转办, each with an opinion, each once."""

from __future__ import annotations

from dialogue import engine
from dialogue.approvals import decided_screen, listed, mine, to_decide
from dialogue.cases import OPINIONS, RECORDED, VOTES, decides
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Colleagues, Text
from dialogue.live import refresh
from dialogue.telling import MessageClass, tell, told_in
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers import rule_changes
from handlers.asking import FOLLOWS, put_before
from models import steps
from models.people import Staff, key
from models.records import Matter
from models.steps import Outcome, Step, StepState
from rules.gate import Action, Subject
from words import say

flow = Flow()
NEEDS = Action.DECIDE_STEP
SHOWN = 8


@flow.command("approve", "审批", needs=NEEDS)
def approve(turn: Turn, _: str) -> Reply:
    return Reply(_list(turn))


@flow.deed("step.mine", needs=NEEDS)
def open_list(turn: Turn) -> Reply:
    return Reply(_list(turn), new=True)


def way(turn: Turn) -> Rows:
    """To what waits for this person, from the menu; nothing where nothing does."""
    count = len(mine(turn)) + len(rule_changes.waiting(turn)) if turn.reaches(NEEDS) else 0
    return ((Button(say("button.approvals", count=count), "step.mine", {}),),) if count else ()


def _list(turn: Turn) -> Screen:
    found = mine(turn)
    asked = [each for each in steps.all_waiting(turn.session) if each.asked_by == turn.me]
    rules = rule_changes.waiting(turn)
    if not found and not asked and not rules:
        return Screen(say("step.none"))
    buttons = [
        Button(say("step.button", number=n), "step.show", {"step": key(each)})
        for n, each in enumerate(found[:SHOWN], 1)
    ]
    lines = [say("step.numbered", number=n, line=to_decide(turn, each)) for n, each in enumerate(found[:SHOWN], 1)]
    theirs = [listed(turn, each) for each in asked[:SHOWN]]
    text = say(
        "step.list",
        count=len(found) + len(rules),
        lines=lines,
        asked=say("step.my_asked", lines=theirs) if theirs else None,
    )
    return Screen(text, (*columns(buttons, 4), *columns(rules, 2)))


@flow.deed("step.show", needs=NEEDS)
def show(turn: Turn, step: int) -> Reply:
    return Reply(decided_screen(turn, _to_me(turn, step)), new=True)


def _to_me(turn: Turn, number: int) -> Step:
    """A step that is this person's to decide. "Not yours" and "not there" sound the same."""
    step = turn.session.get(Step, number)
    ours = step is not None and (decides(turn, step) or step.decided_by == turn.me)
    turn.need(NEEDS, Subject(self_=turn.me if ours else None))
    if step is None:
        raise LookupError(f"step {number}")
    return step


def _by_button(turn: Turn, number: int) -> Step:
    """What is decided here; the meeting's decision is put on record with its minutes, by its own form."""
    step = _to_me(turn, number)
    if step.kind in RECORDED:
        raise NotAllowedError(NEEDS)
    return step


@flow.deed("step.approve", needs=NEEDS)
def approved(turn: Turn, step: int) -> Reply:
    """同意, at once."""
    return _decided(turn, _by_button(turn, step), True, "")


@flow.deed("step.answer", needs=NEEDS)
def approve_with(turn: Turn, step: int) -> Reply:
    return _ask_opinion(turn, ANSWER if _to_me(turn, step).kind in OPINIONS else APPROVAL, step)


@flow.deed("step.return", needs=NEEDS)
def send_back(turn: Turn, step: int) -> Reply:
    return _ask_opinion(turn, DISAGREEMENT if _to_me(turn, step).kind in VOTES else RETURN, step)


@flow.deed("step.pass_on", needs=NEEDS)
def pass_on(turn: Turn, step: int) -> Reply:
    return _ask_opinion(turn, PASSING, step)


def _ask_opinion(turn: Turn, form: Form, number: int) -> Reply:
    step = _by_button(turn, number)
    if step.state != StepState.WAITING:
        return Reply(decided_screen(turn, step))
    return Reply(engine.begin(turn, form, {"step": key(step)}).screen, new=True)


def _decided(turn: Turn, step: Step, yes: bool, opinion: str) -> Reply:
    """Fill in the decision once; what follows from it belongs to the flow that asked."""
    if step.state != StepState.WAITING:
        return Reply(decided_screen(turn, step))
    decision = steps.decide(turn.session, turn.house, step, turn.staff, yes, opinion, turn.now)
    for each in decision.begun:
        put_before(turn, each)
    if decision.outcome is not Outcome.OPEN:
        FOLLOWS[step.kind](turn, step, decision.outcome is Outcome.APPROVED)
    turn.session.flush()
    refresh(turn, step.subject, turn.unique_key)
    _tell_asker(turn, step)
    return Reply(decided_screen(turn, step))


def _tell_asker(turn: Turn, step: Step) -> None:
    """Whoever asked hears of it once: what follows may have told them already, with the same card. Opinions on a proposal are read
    on its live card, and told together with the decision."""
    if step.kind == steps.EVALUATION:
        return
    asker = turn.session.get_one(Staff, step.asked_by)
    if key(asker) != turn.me and not told_in(turn.session, asker, turn.unique_key):
        screen = decided_screen(turn.seen_by(asker), step)
        tell(turn.session, asker, screen, MessageClass.RECEIPT, f"{turn.unique_key}:step:{step.id}", turn.now)


def _submit_approval(turn: Turn, answers: Answers) -> Reply:
    return _decided(turn, _by_button(turn, answers["step"]), True, answers["text"])


def _submit_return(turn: Turn, answers: Answers) -> Reply:
    return _decided(turn, _by_button(turn, answers["step"]), False, answers["text"])


def _submit_passing(turn: Turn, answers: Answers) -> Reply:
    step = _by_button(turn, answers["step"])
    to = turn.session.get(Staff, answers["whom"])
    if to is None or not to.active or to.id in (step.asked_by, turn.me):
        raise WrongAnswerError(say("wrong.pass_on"))
    if step.state != StepState.WAITING:
        return Reply(decided_screen(turn, step))
    steps.pass_on(turn.session, turn.house, step, turn.staff, to, answers.get("text", ""), turn.now)
    put_before(turn, step)
    turn.session.flush()
    ways = way(turn) or (row(Button(say("button.due"), "due.open", {})),)
    return notice(say("step.passed_on", name=to.name, line=listed(turn, step)), *ways)


def _about(turn: Turn, answers: Answers) -> str:
    return turn.session.get_one(Matter, turn.session.get_one(Step, answers["step"]).matter_id).number


def _form(name: str, submit: object, *fields: Field) -> Form:
    hidden = Field("step", Text(), hidden=True)
    form = Form(name, NEEDS, (hidden, *fields), submit, lambda _turn, _text: {}, about=_about)  # type: ignore[arg-type]
    flow.forms.append(form)
    return form


APPROVAL = _form("approve_step", _submit_approval, Field("text", Text()))
ANSWER = _form("answer_step", _submit_approval, Field("text", Text()))
RETURN = _form("return_step", _submit_return, Field("text", Text()))
DISAGREEMENT = _form("disagree_step", _submit_return, Field("text", Text(shortest=2)))
PASSING = _form(
    "pass_on_step",
    _submit_passing,
    Field("whom", Colleagues(single=True, but=lambda turn, _: turn.me)),
    Field("text", Text(), required=False),
)
