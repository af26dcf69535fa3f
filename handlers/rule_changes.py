"""修改制度: one number of a rule is proposed with its reason and its day, after what it would mean was shown; and what became of
the changes that were proposed."""

from __future__ import annotations

from datetime import date

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.rule_changes import decision, effect_said, entry_of, foreseen, line, number_said, screen
from dialogue.rule_kinds import (
    Changeable,
    FromDay,
    NewNumber,
    WhichNumber,
    changeable,
    checked,
    first_possible,
    need_day,
    only_number,
)
from dialogue.telling import MessageClass, hand_over, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning
from models import rule_changes
from models.messages import Draft
from models.people import Staff, key
from models.rule_changes import RuleChange, State, Wanted
from models.rule_effects import Due, Effect, effect
from rules.changing import CanNotEditError, numbers
from rules.entries import Article
from rules.gate import Action
from rules.rulebook import RulebookError
from words import Say, Value, say

flow = Flow()
NEEDS, SEES = Action.PROPOSE_RULE, Action.SEE_RULES
A_PAGE = 8
FEW = 3
RULE = Changeable()


def ways(turn: Turn, shown: tuple[Article, ...]) -> Rows:
    """From the rules to what was changed in them; from a row to a change of it, for those who may propose one."""
    found = [Button(say("button.rule_history"), "rules.history", {})]
    if not turn.reaches(NEEDS):
        return (tuple(found),)
    found.append(Button(say("button.rule_file"), "rules.file", {}))
    begin = [
        Button(say("button.change_rule", rule=each.id), "rules.begin", {"rule": each.id})
        for each in shown
        if numbers(each)
    ]
    return (*columns(begin, 3), tuple(found))


def marks(turn: Turn, entry: Article) -> list[Say]:
    """What was changed in a row beside its words, and what will be."""
    found = rule_changes.of_rule(turn.session, entry.id)
    return [
        say(
            f"rule_change.mark_{each.state}",
            key=say(f"rule_key.{each.key}"),
            after=number_said(each.key, each.after),
            starts=each.starts,
            number=each.number,
        )
        for each in found
    ]


@flow.command("change_rule", "修改制度", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    """修改制度 R14.3, or without more the list to choose from."""
    try:
        answers = {"rule": RULE.read(turn, {}, text)} if text else {}
    except WrongAnswerError as wrong:
        engine.begin(turn, FORM, {})
        return engine.proceed(turn, engine.current(turn), wrong.why)
    return engine.begin(turn, FORM, answers)


@flow.deed("rules.begin", needs=NEEDS)
def begin(turn: Turn, rule: str) -> Reply:
    turn.need_any(NEEDS)
    known = any(each.id == rule for each in changeable(turn))
    return Reply(engine.begin(turn, FORM, {"rule": rule} if known else {}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need_any(NEEDS)
    rule, number = answers["rule"], answers["rule_key"]
    _need_free(turn, rule, number)
    after, starts = checked(turn, rule, number, answers["rule_value"]), date.fromisoformat(answers["rule_starts"])
    need_day(turn, answers, starts)
    wanted = Wanted(rule, number, after, answers["reason"], starts)
    made = rule_changes.propose(turn.session, turn.house, turn.staff, wanted, turn.now)
    told = say("list", items=_put_before(turn, made))
    return Reply(screen(turn, made, say("rule_change.proposed", told=told)))


def _need_free(turn: Turn, rule: str, number: str) -> None:
    """Raises `WrongAnswerError` while another change of the same number waits for its decision or its day."""
    found = rule_changes.under_way(turn.session, rule, number)
    if found is not None:
        way = Button(say("text", text=found.number), "rules.show", {"change": key(found)})
        raise WrongAnswerError(say("rule_change.under_way", line=line(turn.house, found)), rows=((way,),))


def _put_before(turn: Turn, made: RuleChange) -> list[Value]:
    told: list[Value] = []
    for each in rule_changes.deciders(turn.session, made, turn.now):
        card = screen(turn.seen_by(each), made, say("rule_change.to_decide"))
        if tell(turn.session, each, card, MessageClass.RECEIPT, f"{turn.unique_key}:rule:{each.id}", turn.now):
            told.append(each.name)
    return told


def waiting(turn: Turn) -> list[Button]:
    """To those that wait for this person's decision."""
    asked = rule_changes.of_state(turn.session, State.ASKED) if turn.reaches(Action.DECIDE_RULE) else []
    return [
        Button(say("button.rule_change", number=each.number), "rules.show", {"change": key(each)})
        for each in asked
        if any(found.id == turn.me for found in rule_changes.deciders(turn.session, each, turn.now))
    ]


# What it would mean, before it is put forward


def _remark(turn: Turn, answers: Answers) -> Value:
    found = _weighed(turn, answers)
    return [say("effect.title"), effect_said(turn, found, FEW), say("rule_change.goes_to")]


def _weighed(turn: Turn, answers: Answers) -> Effect:
    rule, number = answers["rule"], answers["rule_key"]
    try:
        new = rule_changes.tried(turn.session, turn.house, rule, number, answers["rule_value"])
    except (RulebookError, CanNotEditError):
        return None
    if entry_of(turn.house, rule) is None:
        return None
    starts = date.fromisoformat(answers["rule_starts"])
    return effect(turn.session, turn.house, new, rule, number, starts, turn.now)


def _ways(turn: Turn, draft: Draft) -> Rows:
    """All units and posts, once there is something to weigh."""
    if not {"rule", "rule_key", "rule_value", "rule_starts", "reason"} <= draft.answers.keys():
        return ()
    if not isinstance(_weighed(turn, draft.answers), Due):
        return ()
    return ((Button(say("button.rule_effects"), "rules.weigh", {"draft": key(draft)}),),)


@flow.deed("rules.weigh", needs=NEEDS)
def weigh(turn: Turn, draft: int) -> Reply:
    """Beside the card, which stays."""
    found = engine.mine(turn, draft)
    if found is None:
        return engine.gone()
    if not {"rule", "rule_key", "rule_value", "rule_starts"} <= found.answers.keys():
        return engine.proceed(turn, found)
    return Reply(Screen(say("effect.whole", effect=effect_said(turn, _weighed(turn, found.answers)))), new=True)


@flow.deed("rules.effects", needs=SEES)
def effects(turn: Turn, change: int) -> Reply:
    found = named(turn, change)
    return Reply(Screen(say("effect.whole", effect=effect_said(turn, foreseen(turn, found)))), new=True)


def named(turn: Turn, number: int) -> RuleChange:
    """What was changed in the rules is for everybody to see, as the rules are."""
    found = turn.session.get(RuleChange, number)
    if found is None:
        raise NotAllowedError(SEES)
    return found


@flow.deed("rules.show", needs=SEES)
def show(turn: Turn, change: int) -> Reply:
    return Reply(screen(turn, named(turn, change)), new=True)


@flow.deed("rules.history", needs=SEES)
def history(turn: Turn, page: int = 0) -> Reply:
    """变更记录: which rule was changed when, by whom, approved by whom, why."""
    page = max(0, page)
    found = rule_changes.history(turn.session, page * A_PAGE, A_PAGE + 1)
    if not found:
        return notice(say("rule_change.none"))
    shown = found[:A_PAGE]
    buttons = [Button(say("text", text=each.number), "rules.show", {"change": key(each)}) for each in shown]
    turns = turning("rules.history", page, page + (len(found) > A_PAGE), lambda to: {"page": to})
    text = say("rule_change.history", lines=[_told(turn, each) for each in shown])
    return Reply(Screen(text, (*columns(buttons, 3), *([tuple(turns)] if turns else []))), new=not page)


def _told(turn: Turn, change: RuleChange) -> Say:
    by = turn.session.get_one(Staff, change.by_id).name
    said = line(turn.house, change)
    return say("rule_change.told", line=said, by=by, decided=decision(turn, change), reason=change.reason[:60])


@flow.deed("rules.file", needs=NEEDS)
def file(turn: Turn, change: int = 0) -> Reply:
    """rulebook.toml as it is, or as it will be with that change."""
    turn.need_any(NEEDS)
    found = named(turn, change) if change else None
    hand_out(turn, found)
    return Reply(toast=say("rule_change.file_coming"))


def hand_out(turn: Turn, change: RuleChange | None) -> None:
    caption = say("rule_change.file_now")
    if change is not None:
        caption = say("rule_change.file_of", number=change.number, starts=change.starts)
    args = {"change": key(change) if change else 0}
    hand_over(turn.session, turn.staff, "rulebook", args, caption, f"{turn.unique_key}:rulebook", turn.now)


FORM = Form(
    "change_rule",
    NEEDS,
    (
        Field("rule", RULE),
        Field("rule_key", WhichNumber(), default=only_number, follows=("rule",)),
        Field("rule_value", NewNumber()),
        Field("reason", Text(shortest=2)),
        Field("rule_starts", FromDay(), default=first_possible, follows=("rule", "rule_key")),
    ),
    submit,
    lambda _turn, _text: {},
    remark=_remark,
    ways=_ways,
)
flow.forms.append(FORM)
