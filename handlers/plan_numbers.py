"""核定次数 (R17.5): the sales department sets for a unit how many ordinary customers its head visits a year."""

from __future__ import annotations

from sqlmodel import col, select

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, notice
from dialogue.kinds import Text, Whole
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Screen
from handlers.plan import plan_of
from models import duties, quotas
from models.clocks import Clock
from models.people import Unit, distinct, holders, key
from rules.cadence import Unit as Period
from rules.entries import Duty
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, pack, say

flow = Flow()
NEEDS = Action.SET_QUOTA
MOST = 99


def _duty(turn: Turn) -> Duty:
    """What is owed of own choice, so many a year."""
    for each in turn.house.rulebook.duties:
        if each.who is Role.UNIT_HEAD and each.whom and not each.each and each.every.unit is Period.YEAR:
            return each
    raise NotAllowedError(NEEDS)


@flow.deed("plan.quota", needs=NEEDS)
def quota(turn: Turn, unit: int, year: int) -> Reply:
    found = plan_of(turn, unit, year, NEEDS)
    _duty(turn)
    known: Answers = {"unit_id": unit, "year": found.year}
    return Reply(engine.begin(turn, FORM, {**known, HINT: pack(_now(turn, known))}).screen, new=True)


def _now(turn: Turn, answers: Answers) -> Say:
    """How many it is so far."""
    duty = _duty(turn)
    count = quotas.of(turn.session, answers["unit_id"], answers["year"], duty.count)
    unit = turn.session.get_one(Unit, answers["unit_id"]).name
    return say("plan.quota_now", unit=unit, year=answers["year"], count=count, article=duty.article)


def submit(turn: Turn, answers: Answers) -> Reply:
    unit, year, count = answers["unit_id"], answers["year"], answers["number"]
    plan_of(turn, unit, year, NEEDS)
    quotas.put(turn.session, unit, year, count, turn.staff, turn.now)
    owed = select(Clock).where(Clock.rule == _duty(turn).id, Clock.subject_kind == "unit", Clock.subject_id == unit)
    for clock in turn.session.exec(owed.where(col(Clock.closed_at).is_(None))).all():
        duties.derive(turn.session, turn.house, clock, turn.now)
    name = turn.session.get_one(Unit, unit).name
    news = say("plan.quota_set", by=turn.staff.name, unit=name, year=year, count=count)
    look = (Button(say("button.plan"), "plan.show", {"unit": unit, "year": year}),)
    for each in distinct(holders(turn.session, Role.UNIT_HEAD, unit, turn.now)):
        if key(each) != turn.me:
            rows = (look,) if turn.seen_by(each).may(Action.SEE_PLAN, Subject(unit=unit)) else ()
            tell(turn.session, each, Screen(news, rows), MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
    return notice(news, look)


FORM = Form(
    "quota",
    NEEDS,
    (
        Field("unit_id", Text(), hidden=True),
        Field("year", Text(), hidden=True),
        Field("number", Whole(1, MOST)),
    ),
    submit,
    lambda _turn, _text: {},
    _now,
)
flow.forms.append(FORM)
