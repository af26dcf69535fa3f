"""What is to become better after a survey: measures with a unit and a date each, approved by the leaders, followed until done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, steps, tasks
from models.clocks import close, running
from models.people import Staff, key, post
from models.steps import PLAN, Asked, Step
from models.surveys import SUBJECT, Campaign, SurveyState
from models.tasks import Given, Task, post_in_charge
from rules.house import House
from rules.roles import Role

MEASURE = "measure"
"""The kind of task that a measure becomes."""
END_OF_WORK = time(18)


class SurveyMeasure(SQLModel, table=True):
    """One thing to be done. Before the plan is approved it can be struck; once approved it is a task."""

    __tablename__ = "survey_measure"

    id: int | None = Field(default=None, primary_key=True)
    matter_id: int = Field(foreign_key="matter.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    text: str
    due_on: date
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    struck_at: datetime | None = None
    task_id: int | None = Field(default=None, foreign_key="task.id")


def measures(session: Session, campaign: Campaign) -> list[SurveyMeasure]:
    """Those that stand."""
    here = (SurveyMeasure.matter_id == key(campaign.matter), col(SurveyMeasure.struck_at).is_(None))
    return list(session.exec(select(SurveyMeasure).where(*here).order_by(col(SurveyMeasure.id))))


def add(session: Session, campaign: Campaign, what: SurveyMeasure) -> SurveyMeasure:
    what.matter_id = key(campaign.matter)
    session.add(what)
    session.flush()
    facts = {"unit": what.unit_id, "due_on": what.due_on.isoformat(), "measure": key(what)}
    audit.record(session, what.at, what.by_id, "survey.measure", campaign.subject, **facts)
    return what


def strike(session: Session, campaign: Campaign, what: SurveyMeasure, by: Staff, now: datetime) -> None:
    what.struck_at = now
    audit.record(session, now, key(by), "survey.strike", campaign.subject, measure=key(what))


def is_open(campaign: Campaign) -> bool:
    """Whether the plan can still be changed."""
    return campaign.takes_answers


def propose(session: Session, house: House, campaign: Campaign, by: Staff, text: str, now: datetime) -> list[Step]:
    """Put the analysis and the measures before the leader over the sales department."""
    address = post(Role.VICE_PRESIDENT, campaign.matter.unit_id)
    count = len(measures(session, campaign))
    asked = steps.ask(
        session,
        house,
        campaign.matter,
        by,
        Asked(PLAN, text, [[address]], {"half": campaign.survey.half, "count": count}),
        now,
    )
    campaign.matter.state = SurveyState.APPROVAL
    session.flush()
    return asked


def plan_step(session: Session, campaign: Campaign) -> Step | None:
    """How the plan was put last."""
    found = [each for each in steps.of_matter(session, key(campaign.matter)) if each.kind == PLAN]
    return found[-1] if found else None


def settle(session: Session, house: House, campaign: Campaign, approved: bool, by: Staff, now: datetime) -> list[Task]:
    """Returned, it is worked on; approved, every measure is a task from now on, in the name of whoever put it forward."""
    if not approved:
        campaign.matter.state = SurveyState.ANALYSIS
        session.flush()
        return []
    campaign.matter.state = SurveyState.FOLLOW_UP
    close(running(session, SUBJECT, key(campaign.matter)), now, "approved")
    audit.record(session, now, key(by), "survey.approve", campaign.subject)
    return [_begun(session, house, each, now) for each in measures(session, campaign)]


def _begun(session: Session, house: House, what: SurveyMeasure, now: datetime) -> Task:
    by = session.get_one(Staff, what.by_id)
    given = Given(
        kind=MEASURE,
        unit_id=what.unit_id,
        text=what.text,
        post=post_in_charge(session, what.unit_id, now),
        due_at=house.calendar.at(what.due_on, END_OF_WORK),
    )
    task = tasks.give(session, house, by, given, now)
    what.task_id = key(task)
    session.flush()
    return task


def tasks_of(session: Session, found: Sequence[SurveyMeasure]) -> dict[int, Task]:
    """By measure."""
    return {key(each): session.get_one(Task, each.task_id) for each in found if each.task_id is not None}


def to_do(session: Session, campaign: Campaign) -> int:
    """How many measures are not done yet."""
    return sum(each.answered_at is None for each in tasks_of(session, measures(session, campaign)).values())


def finish(session: Session, campaign: Campaign, by: Staff, now: datetime) -> None:
    """Everything is done; call it when nothing is to do any more."""
    campaign.matter.state, campaign.matter.closed_at = SurveyState.DONE, now
    session.flush()
    audit.record(session, now, key(by), "survey.finish", campaign.subject)
