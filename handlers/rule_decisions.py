"""What becomes of a proposed change of the rules: approved for its day, returned with a reason, or taken back by its author."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Text
from dialogue.live import refresh
from dialogue.rule_changes import entry_of, may_decide, screen
from dialogue.telling import MessageClass, hand_over, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Reply, Screen
from handlers.rule_changes import hand_out, named
from models import rule_changes
from models.people import Staff, key
from models.rule_changes import RuleChange, State
from rules.changing import first_day_from
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.DECIDE_RULE


def _to_decide(turn: Turn, number: int) -> RuleChange:
    """Never one's own. Raises `NotAllowedError`."""
    turn.need_any(NEEDS)
    found = named(turn, number)
    if found.state == State.ASKED and not may_decide(turn, found):
        raise NotAllowedError(NEEDS)
    return found


def _over(turn: Turn, found: RuleChange) -> Screen:
    return screen(turn, found, say("rule_change.over"))


@flow.deed("rules.approve", needs=NEEDS)
def approve(turn: Turn, change: int) -> Reply:
    found = _to_decide(turn, change)
    if found.state != State.ASKED:
        return Reply(_over(turn, found))
    entry = entry_of(turn.house, found.rule)
    starts = first_day_from(entry, found.key, found.starts, turn.today) if entry else found.starts
    later = say("rule_change.later", starts=starts) if starts != found.starts else None
    rule_changes.approve(turn.session, turn.house, found, turn.staff, starts, turn.now)
    hand_out(turn, found)
    proposer = turn.session.get_one(Staff, found.by_id)
    caption = say("rule_change.file_of", number=found.number, starts=found.starts)
    key_ = f"{turn.unique_key}:rulebook:{proposer.id}"
    hand_over(turn.session, proposer, "rulebook", {"change": key(found)}, caption, key_, turn.now)
    news = say("rule_change.approved", by=turn.staff.name, later=later)
    return _settled(turn, found, news, rule_changes.concerned(turn.session, turn.house, found, turn.now))


@flow.deed("rules.return", needs=NEEDS)
def send_back(turn: Turn, change: int) -> Reply:
    found = _to_decide(turn, change)
    if found.state != State.ASKED:
        return Reply(_over(turn, found))
    return Reply(engine.begin(turn, RETURN, {"change": key(found)}).screen, new=True)


def _submit_return(turn: Turn, answers: Answers) -> Reply:
    found = _to_decide(turn, answers["change"])
    if found.state != State.ASKED:
        raise WrongAnswerError(say("rule_change.over"))
    rule_changes.give_back(turn.session, found, turn.staff, answers["text"], turn.now)
    news = say("rule_change.returned", by=turn.staff.name, opinion=answers["text"])
    return _settled(turn, found, news, [turn.session.get_one(Staff, found.by_id)])


@flow.deed("rules.withdraw", needs=Action.PROPOSE_RULE)
def withdraw(turn: Turn, change: int) -> Reply:
    """Those who heard that it would come hear that it will not."""
    found = named(turn, change)
    if found.by_id != turn.me:
        raise NotAllowedError(Action.PROPOSE_RULE)
    if found.state not in (State.ASKED, State.APPROVED):
        return Reply(_over(turn, found))
    those = (
        rule_changes.concerned(turn.session, turn.house, found, turn.now)
        if found.state == State.APPROVED
        else rule_changes.deciders(turn.session, found, turn.now)
    )
    rule_changes.withdraw(turn.session, found, turn.staff, turn.now)
    return _settled(turn, found, say("rule_change.withdrawn", by=turn.staff.name), those)


def _settled(turn: Turn, found: RuleChange, news: Say, those: list[Staff]) -> Reply:
    """Everybody concerned hears of it once; the cards that show it say so too."""
    turn.session.flush()
    refresh(turn, found.subject, turn.unique_key)
    for each in those:
        if key(each) != turn.me:
            unique_key = f"{turn.unique_key}:rule:{each.id}"
            tell(
                turn.session, each, screen(turn.seen_by(each), found, news), MessageClass.RECEIPT, unique_key, turn.now
            )
    return Reply(screen(turn, found, news))


def _about(turn: Turn, answers: Answers) -> Value:
    found = turn.session.get(RuleChange, answers.get("change", 0))
    return found.number if found else None


RETURN = Form(
    "return_rule",
    NEEDS,
    (Field("change", Text(), hidden=True), Field("text", Text(shortest=2))),
    _submit_return,
    lambda _turn, _text: {},
    about=_about,
)
flow.forms.append(RETURN)
