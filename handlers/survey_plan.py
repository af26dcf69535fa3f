"""The plan after a survey: the sales department's analysis, measures with a unit and a date, the leaders' approval, follow-up."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text, UnitKind, end_of
from dialogue.live import refresh
from dialogue.surveys import half_name, head, plan, ways
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.asking import follows, put_before
from handlers.survey import RUN, SEE, campaign_of
from handlers.talks import FUTURE
from handlers.tasks import announce
from models import steps, survey_plans, surveys
from models.people import key
from models.steps import Step
from models.survey_plans import SurveyMeasure
from models.surveys import Campaign, SurveyState
from rules.gate import Subject
from words import Say, say

flow = Flow()


def _in_charge(turn: Turn, survey: int) -> Campaign:
    """For those who run surveys. Raises `NotAllowedError`."""
    campaign = campaign_of(turn, survey, RUN)
    turn.need(RUN, Subject(unit=campaign.matter.unit_id))
    return campaign


def _runs(turn: Turn, campaign: Campaign) -> bool:
    return turn.may(RUN, Subject(unit=campaign.matter.unit_id))


@flow.deed("survey.plan", needs=SEE)
def show(turn: Turn, survey: int) -> Reply:
    campaign = campaign_of(turn, survey)
    _need_sight(turn, campaign)
    return Reply(_page(turn, campaign))


def _need_sight(turn: Turn, campaign: Campaign) -> None:
    """A draft is for those who run surveys; what was put forward is for everybody who sees the survey."""
    if not _runs(turn, campaign) and campaign.takes_answers:
        raise NotAllowedError(SEE)


def _page(turn: Turn, campaign: Campaign) -> Screen:
    return Screen(plan(turn, campaign), (*_steps(turn, campaign), row(_results(campaign), _back(campaign))))


def _back(campaign: Campaign) -> Button:
    return Button(say("button.back"), "survey.show", {"survey": key(campaign.matter)})


def _results(campaign: Campaign) -> Button:
    return Button(say("button.survey_results"), "survey.results", {"survey": key(campaign.matter)})


def _steps(turn: Turn, campaign: Campaign) -> Rows:
    if not _runs(turn, campaign):
        return ()
    here, found = {"survey": key(campaign.matter)}, survey_plans.measures(turn.session, campaign)
    if campaign.matter.state == SurveyState.FOLLOW_UP and not survey_plans.to_do(turn.session, campaign):
        return (row(Button(say("button.survey_finish"), "survey.finish", here)),)
    if not campaign.takes_answers:
        return ()
    strikes = [
        Button(say("button.survey_strike", number=number), "survey.strike", {"measure": key(each)})
        for number, each in enumerate(found, 1)
    ]
    propose = [Button(say("button.survey_propose"), "survey.propose", here)] if found else []
    return (row(Button(say("button.survey_measure"), "survey.measure", here), *propose), *columns(strikes, 4))


# Measures


@flow.deed("survey.measure", needs=RUN)
def measure(turn: Turn, survey: int) -> Reply:
    campaign = _in_charge(turn, survey)
    if not survey_plans.is_open(campaign):
        return notice(_settled(campaign), (_back(campaign),))
    return Reply(engine.begin(turn, MEASURE, {"survey": survey}).screen, new=True)


def _settled(campaign: Campaign) -> Say:
    return say("survey.plan_settled", head=head(campaign))


def _add(turn: Turn, answers: Answers) -> Reply:
    campaign = _in_charge(turn, answers["survey"])
    if not survey_plans.is_open(campaign):
        raise WrongAnswerError(_settled(campaign))
    until = turn.house.calendar.local(end_of(FUTURE.checked(turn, answers["due"]), turn)).date()
    what = SurveyMeasure(
        matter_id=0, unit_id=answers["unit"], text=answers["text"], due_on=until, by_id=turn.me, at=turn.now
    )
    survey_plans.add(turn.session, campaign, what)
    return Reply(_page(turn, campaign))


@flow.deed("survey.strike", needs=RUN)
def strike(turn: Turn, measure: int) -> Reply:
    found = turn.session.get(SurveyMeasure, measure)
    if found is None:
        raise NotAllowedError(RUN)
    campaign = _in_charge(turn, found.matter_id)
    if not survey_plans.is_open(campaign):
        return notice(_settled(campaign), (_back(campaign),))
    if found.struck_at is None:
        survey_plans.strike(turn.session, campaign, found, turn.staff, turn.now)
    return Reply(_page(turn, campaign))


# Approved


@flow.deed("survey.propose", needs=RUN)
def propose(turn: Turn, survey: int) -> Reply:
    campaign = _in_charge(turn, survey)
    if not survey_plans.is_open(campaign):
        return notice(_settled(campaign), (_back(campaign),))
    return Reply(engine.begin(turn, PROPOSAL, {"survey": survey}).screen, new=True)


def _remark(turn: Turn, answers: Answers) -> Say | None:
    """What is still missing does not stop it, but is said."""
    campaign = _in_charge(turn, answers["survey"])
    left = len(surveys.awaited(turn.session, campaign))
    return say("survey.units_left", count=left) if left else None


def _propose(turn: Turn, answers: Answers) -> Reply:
    campaign = _in_charge(turn, answers["survey"])
    if not survey_plans.is_open(campaign) or not survey_plans.measures(turn.session, campaign):
        raise WrongAnswerError(_settled(campaign))
    asked = survey_plans.propose(turn.session, turn.house, campaign, turn.staff, answers["text"], turn.now)
    told = [name for step in asked for name in put_before(turn, step)]
    news = say("survey.proposed", told=say("list", items=told), head=head(campaign))
    return notice(news, *ways(turn, campaign))


@follows(steps.PLAN)
def settled(turn: Turn, step: Step, approved: bool) -> None:
    """Approved, each measure is a task of its unit; returned, the sales department goes on with it."""
    campaign = surveys.find(turn.session, step.matter_id)
    assert campaign is not None, "its survey stays"
    for task in survey_plans.settle(turn.session, turn.house, campaign, approved, turn.staff, turn.now):
        announce(turn, task)
    turn.session.flush()
    refresh(turn, campaign.subject, turn.unique_key)


@flow.deed("survey.finish", needs=RUN)
def finish(turn: Turn, survey: int) -> Reply:
    """Every measure is done."""
    campaign = _in_charge(turn, survey)
    if campaign.matter.state == SurveyState.FOLLOW_UP and not survey_plans.to_do(turn.session, campaign):
        survey_plans.finish(turn.session, campaign, turn.staff, turn.now)
    return Reply(_page(turn, campaign))


def _about(turn: Turn, answers: Answers) -> str:
    campaign = surveys.find(turn.session, answers["survey"])
    return turn.voice.plain(half_name(campaign.half)) if campaign is not None else ""


MEASURE = Form(
    "survey_measure",
    RUN,
    (
        Field("survey", Text(), hidden=True),
        Field("unit", UnitKind(None)),
        Field("text", Text(shortest=2)),
        Field("due", FUTURE),
    ),
    _add,
    lambda _turn, _text: {},
    about=_about,
)
PROPOSAL = Form(
    "survey_plan",
    RUN,
    (Field("survey", Text(), hidden=True), Field("text", Text(shortest=2))),
    _propose,
    lambda _turn, _text: {},
    _remark,
    about=_about,
)
flow.forms += [MEASURE, PROPOSAL]
