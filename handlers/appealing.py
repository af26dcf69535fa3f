"""评分申诉 (R7.6): a unit's head says why a score is not right; a leader who did not score decides, and that is final."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, Text, Whole
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Reply
from handlers.scoring import asked_for, sheet, told
from models import scores
from models.people import Staff
from models.scores import CHANGED, FULL, UPHELD, ScoreAppeal, ScoreSheet
from rules.cadence import Cycle
from rules.gate import Action
from rules.roles import Role
from words import Say, say

flow = Flow()
APPEAL = Action.APPEAL_SCORE
DECIDE = Action.DECIDE_APPEAL


def _published(turn: Turn, unit: int, quarter: str, action: Action) -> tuple[Cycle, ScoreSheet, ScoreAppeal | None]:
    """Raises `NotAllowedError` where nothing was published."""
    over = asked_for(turn, unit, quarter, action)
    found = scores.sheet_of(turn.session, unit, over.name)
    if found is None:
        raise NotAllowedError(action)
    return over, found, scores.appeal_of(turn.session, found)


def _too_late(turn: Turn, found: ScoreSheet, row: ScoreAppeal | None) -> Say | None:
    if row is not None:
        return say("score.appealed_before")
    return None if turn.now < found.appeal_by else say("score.appeal_over", day=found.appeal_by)


@flow.deed("score.appeal", needs=APPEAL)
def appeal(turn: Turn, unit: int, quarter: str) -> Reply:
    over, found, row = _published(turn, unit, quarter, APPEAL)
    if why := _too_late(turn, found, row):
        return Reply(sheet(turn, unit, over, why))
    return Reply(engine.begin(turn, REASON, {"unit_id": unit, "quarter": over.name}).screen, new=True)


def _submit_appeal(turn: Turn, answers: Answers) -> Reply:
    unit = answers["unit_id"]
    over, found, row = _published(turn, unit, answers["quarter"], APPEAL)
    if why := _too_late(turn, found, row):
        raise WrongAnswerError(why)
    scores.appeal(turn.session, turn.house, found, turn.staff, answers["text"], turn.now)
    turn.session.flush()
    by = turn.session.get_one(Staff, found.by_id)
    told(turn, unit, over, say("score.was_appealed", by=turn.staff.name), (Role.VICE_PRESIDENT,), by)
    return Reply(sheet(turn, unit, over))


REASON = Form(
    "score_appeal",
    APPEAL,
    (Field("unit_id", Text(), hidden=True), Field("quarter", Text(), hidden=True), Field("text", Text(shortest=4))),
    _submit_appeal,
    lambda _turn, _text: {},
)
flow.forms.append(REASON)


def _not_theirs(turn: Turn, found: ScoreSheet, row: ScoreAppeal | None) -> Say | None:
    """Who scored or appealed does not decide; what is decided stays so."""
    if row is None or row.decision is not None:
        return say("score.nothing_to_decide")
    return say("score.own_score") if turn.me in (found.by_id, row.by_id) else None


@flow.deed("score.decide", needs=DECIDE)
def decide(turn: Turn, unit: int, quarter: str) -> Reply:
    over, found, row = _published(turn, unit, quarter, DECIDE)
    if why := _not_theirs(turn, found, row):
        return Reply(sheet(turn, unit, over, why))
    return Reply(engine.begin(turn, DECISION, {"unit_id": unit, "quarter": over.name}).screen, new=True)


def _submit_decision(turn: Turn, answers: Answers) -> Reply:
    unit = answers["unit_id"]
    over, found, row = _published(turn, unit, answers["quarter"], DECIDE)
    if why := _not_theirs(turn, found, row):
        raise WrongAnswerError(why)
    if row is None:
        raise NotAllowedError(DECIDE)
    total = float(answers["total"]) if answers["decision"] == CHANGED else None
    scores.decide(turn.session, found, row, turn.staff, (total, answers["text"]), turn.now)
    turn.session.flush()
    by = turn.session.get_one(Staff, found.by_id)
    told(turn, unit, over, say("score.was_decided", by=turn.staff.name), (Role.UNIT_HEAD, Role.SALES_DEPT), by)
    return Reply(sheet(turn, unit, over))


DECISION = Form(
    "score_decision",
    DECIDE,
    (
        Field("unit_id", Text(), hidden=True),
        Field("quarter", Text(), hidden=True),
        Field("decision", Choice("score_decision", (UPHELD, CHANGED))),
        Field("total", Whole(0, FULL), asked=lambda answers: answers.get("decision") == CHANGED),
        Field("text", Text(shortest=2)),
    ),
    _submit_decision,
    lambda _turn, _text: {},
)
flow.forms.append(DECISION)
