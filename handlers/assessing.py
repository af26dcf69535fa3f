"""/assessment 季度考核 (R17.10): what the sales department makes of a quarter's callbacks: plan against done from the record, and
its own words."""

from __future__ import annotations

from datetime import timedelta

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.reviews import period
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen
from models import assessments, rounds
from models.assessments import TEXTS, CallbackAssessment, Figures
from models.people import Staff, Unit, distinct, holders, in_role, key
from rules import gate
from rules.cadence import Cycle
from rules.entries import Round
from rules.gate import Action
from rules.roles import Role
from words import Say, pack, say

flow = Flow()
NEEDS = Action.SEE_PLAN
ASSESS = Action.ASSESS_CALLBACKS
PAST = 20
"""How many quarters back one can look."""


@flow.command("assessment", "季度考核", needs=NEEDS)
def assessment(turn: Turn, _: str) -> Reply:
    return _opened(turn, None, new=False)


@flow.deed("assessment.open", needs=NEEDS)
def open_assessment(turn: Turn) -> Reply:
    return _opened(turn, None, new=True)


@flow.deed("assessment.show", needs=NEEDS)
def show(turn: Turn, quarter: str) -> Reply:
    return _opened(turn, quarter, new=False)


def _rule(turn: Turn) -> Round:
    found = turn.house.rulebook.assessment
    if found is None:
        raise NotAllowedError(NEEDS)
    return found


def named(turn: Turn, rule: Round, name: str | None) -> Cycle:
    """The quarter of that name, as far as it is not too long ago nor to come; the last one, where none is named."""
    last = rounds.lately(turn.session, turn.house, rule.every, turn.now)
    if name is None:
        return last
    found = rounds.named(rule.every, name)
    near = rounds.period(rule.every, turn.today - timedelta(days=92 * PAST)).first <= found.first <= turn.today
    return found if near else last


def _opened(turn: Turn, name: str | None, *, new: bool) -> Reply:
    if turn.house.rulebook.assessment is None:
        return notice(say("assessment.no_rule"))
    quarter = named(turn, _rule(turn), name)
    return Reply(_page(turn, quarter), new=new)


def _page(turn: Turn, quarter: Cycle) -> Screen:
    found = assessments.of(turn.session, quarter.name)
    return Screen(_text(turn, quarter, found), _rows(turn, quarter))


def _text(turn: Turn, quarter: Cycle, found: CallbackAssessment | None) -> Say:
    """What was published; until then what the record says so far."""
    known = assessments.read(found) if found else _draft(turn, quarter)
    reach = gate.scope(turn.actor, NEEDS)
    shown = [each for each in known if reach.all or each.unit in reach.units]
    by = turn.session.get_one(Staff, found.by_id).name if found else None
    state = say("assessment.published", by=by, when=found.at) if found else say("assessment.draft")
    said = [say(f"assessment.{name}", text=getattr(found, name)) for name in TEXTS] if found else []
    return say(
        "assessment.page",
        quarter=period(quarter.name),
        state=state,
        lines=[_line(turn, each) for each in shown] or say("ledger.empty"),
        said=said or None,
        article=_rule(turn).article,
    )


def _draft(turn: Turn, quarter: Cycle) -> list[Figures]:
    reach = gate.scope(turn.actor, NEEDS)
    units = [each for each in rounds.units(turn.session) if reach.all or each in reach.units]
    return assessments.figures(turn.session, turn.house, quarter, units, turn.now)


def _line(turn: Turn, each: Figures) -> Say:
    marks = [
        say(f"assessment.mark.{name}", count=getattr(each, name))
        for name in ("bare", "late", "unconfirmed")
        if getattr(each, name)
    ]
    if sum(each.checked.values()):
        marks.append(say("assessment.checked", **each.checked))
    return say(
        "assessment.line",
        unit=turn.session.get_one(Unit, each.unit).name,
        due=each.due,
        done=each.done,
        planned=each.planned,
        expected=each.expected,
        marks=say("assessment.marks", marks=say("list", items=marks)) if marks else None,
    )


def _rows(turn: Turn, quarter: Cycle) -> Rows:
    rule = _rule(turn)
    before = rounds.period(rule.every, quarter.first - timedelta(days=1))
    after = rounds.period(rule.every, quarter.last + timedelta(days=1))
    near = [each for each in (before, after) if each.first <= turn.today]
    ways = [Button(period(each.name), "assessment.show", {"quarter": each.name}) for each in near]
    over = quarter.last < turn.today
    write = [Button(say("button.write_assessment"), "assessment.write", {"quarter": quarter.name})]
    plan = Button(say("button.plan"), "plan.open", {})
    return (tuple(ways), (*(write if over and turn.reaches(ASSESS) else []), plan))


# The sales department writes


@flow.deed("assessment.write", needs=ASSESS)
def write(turn: Turn, quarter: str) -> Reply:
    over = named(turn, _rule(turn), quarter)
    if turn.today <= over.last:
        return notice(say("assessment.not_over", quarter=period(over.name)))
    known: Answers = {"quarter": over.name}
    return Reply(engine.begin(turn, FORM, {**known, HINT: pack(_figures(turn, known))}).screen, new=True)


def _figures(turn: Turn, answers: Answers) -> Say:
    quarter = named(turn, _rule(turn), answers["quarter"])
    return say(
        "assessment.figures", quarter=period(quarter.name), lines=[_line(turn, each) for each in _draft(turn, quarter)]
    )


def submit(turn: Turn, answers: Answers) -> Reply:
    """Published: unit heads and leaders hear of it, each as far as they see."""
    quarter = named(turn, _rule(turn), answers["quarter"])
    if turn.today <= quarter.last:
        raise WrongAnswerError(say("assessment.not_over", quarter=period(quarter.name)))
    texts = {name: answers[name] for name in TEXTS}
    row = assessments.publish(turn.session, turn.house, quarter, turn.staff, texts, turn.now)
    for each in _readers(turn):
        view = turn.seen_by(each)
        if key(each) != turn.me and view.reaches(NEEDS):
            screen = Screen(_text(view, quarter, row), _rows(view, quarter))
            tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
    return Reply(_page(turn, quarter))


def _readers(turn: Turn) -> list[Staff]:
    """The heads of the units, and company leaders."""
    heads = [
        one for each in rounds.units(turn.session) for one in holders(turn.session, Role.UNIT_HEAD, each, turn.now)
    ]
    above = (Role.VICE_PRESIDENT, Role.GENERAL_MANAGER, Role.CHAIRMAN)
    return distinct([*heads, *(one for role in above for one in in_role(turn.session, role, turn.now))])


FORM = Form(
    "assessment",
    ASSESS,
    (Field("quarter", Text(), hidden=True), *(Field(each, Text(quick=("nothing_said",))) for each in TEXTS)),
    submit,
    lambda _turn, _text: {},
    _figures,
)
flow.forms.append(FORM)
