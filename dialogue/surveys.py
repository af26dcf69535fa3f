"""A survey in words: its half-year and state, how far the units are, what was said, and the plan as those who approve it see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogue.approvals import AFTER
from dialogue.live import face
from dialogue.values import Button, Rows, Screen
from dialogue.viewer import Viewer
from models import steps, survey_asked, survey_plans, surveys, tasks
from models.people import Staff, Unit, key
from models.survey_asked import Progress, Row
from models.survey_plans import SurveyMeasure
from models.surveys import SUBJECT, Campaign, Outcome, SurveyReply
from models.tasks import Task
from rules.gate import Action, scope
from rules.halves import Half
from words import Say, Value, say

SEE = Action.SEE_SURVEY
NAMED_TOGETHER = 3


def half_name(half: Half) -> Say:
    return say(f"half.{half.number}", year=str(half.year))


def question(asked: Mapping[str, Any]) -> Say:
    """A question in the reader's language, as the rulebook has it."""
    return say("rule.says", zh=asked["says"], en=asked["says_en"])


def head(campaign: Campaign) -> Say:
    return say(
        "survey.head",
        half=half_name(campaign.half),
        number=campaign.matter.number,
        state=say(f"survey_state.{campaign.matter.state}"),
    )


def unit_line(view: Viewer, campaign: Campaign, unit: int, found: Progress, awaited: bool) -> Say:
    """How far a unit is; 已报送, or late."""
    late = awaited and campaign.takes_answers and campaign.survey.due_at < view.now
    mark = None if awaited and not late else say("survey.late" if late else "survey.handed_in")
    return say("survey.unit", unit=view.session.get_one(Unit, unit).name, counts=counts(found), mark=mark)


def counts(found: Progress) -> Say:
    return say(
        "survey.counts",
        asked=found.asked,
        answered=found.answered,
        unreached=found.unreached,
        declined=found.declined,
        open=found.open,
    )


def progress_lines(view: Viewer, campaign: Campaign) -> list[Say]:
    reach = scope(view.actor, SEE)
    found = survey_asked.progress(view.session, campaign, reach)
    if found and not reach.all and not reach.units:
        return [say("survey.yours", counts=counts(sum(found.values(), Progress())))]
    awaited = surveys.awaited(view.session, campaign)
    return [unit_line(view, campaign, unit, each, unit in awaited) for unit, each in found.items()]


def said(campaign: Campaign, reply: SurveyReply) -> Say:
    """What came of asking, in a line."""
    if reply.outcome != Outcome.ANSWERED:
        return say(f"survey_outcome.{reply.outcome}")
    scored = [each for each in campaign.survey.questions if each["id"] in reply.scores]
    marks = [say("survey.mark", question=question(each), mark=reply.scores[each["id"]]) for each in scored]
    return say("list", items=marks)


def row_line(campaign: Campaign, number: int, row: Row, whom: Value) -> Say:
    outcome = said(campaign, row.reply) if row.reply else None
    page = say("survey.by_page") if row.reply and row.reply.by_id is None else None
    return say("survey.row", number=number, customer=row.customer.called, whom=whom, outcome=outcome, page=page)


# The plan


def measure_line(view: Viewer, number: int, what: SurveyMeasure, task: Task | None) -> Say:
    done = say("survey.done", text=(task.answer or "")[:120]) if task and task.answered_at else None
    return say(
        "survey.measure",
        number=number,
        unit=view.session.get_one(Unit, what.unit_id).name,
        who=_holders(view, task),
        text=what.text,
        due=what.due_on,
        task=say("survey.task", number=task.number, state=say(f"task_state.{task.state(view.now)}")) if task else None,
        done=done,
    )


def _holders(view: Viewer, task: Task | None) -> Value:
    """Who answers for it now, once it is a task."""
    if task is None:
        return None
    names = [each.name for each in tasks.holders_of(view.session, task, view.now)]
    return say("survey.who", names=say("list", items=names))


def plan(view: Viewer, campaign: Campaign) -> Say:
    found = survey_plans.measures(view.session, campaign)
    given = survey_plans.tasks_of(view.session, found)
    lines = [measure_line(view, number, each, given.get(key(each))) for number, each in enumerate(found, 1)]
    step = survey_plans.plan_step(view.session, campaign)
    by = view.session.get_one(Staff, step.asked_by).name if step else None
    return say(
        "survey.plan",
        head=head(campaign),
        analysis=say("survey.analysis", by=by, text=step.text) if step else None,
        lines=lines or say("survey.no_measures"),
    )


@face(SUBJECT)
def plan_face(view: Viewer, matter: int) -> Screen | None:
    """What the leaders decide about."""
    campaign = surveys.find(view.session, matter)
    if campaign is None:
        return None
    return Screen(plan(view, campaign), ways(view, campaign), subject=campaign.subject)


def ways(view: Viewer, campaign: Campaign) -> Rows:
    here = {"survey": key(campaign.matter)}
    if not view.reaches(SEE):
        return ()
    return (
        (
            Button(say("button.survey_results"), "survey.results", here),
            Button(say("button.survey_plan"), "survey.plan", here),
        ),
    )


def _back_to_plan(view: Viewer, step: steps.Step) -> Rows:
    campaign = surveys.find(view.session, step.matter_id)
    return ways(view, campaign) if campaign is not None else ()


AFTER[steps.PLAN] = _back_to_plan
