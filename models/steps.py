"""Approvals and whatever else one person asks of another's post: in order or together, with a limit, until each is decided.

One mechanism (步骤): an assignment, a pause, a void, a longer interval, a hand-over. What follows from the decision belongs to the
flow that asked.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, func, select

from models import audit, climbing, people
from models.absences import absence_of
from models.asked import asked_once
from models.climbing import APPROVAL, wind
from models.clocks import Clock, close, running
from models.kinds import Json, json_field
from models.people import Staff, distinct, holders, in_place_of, key, present, split_post
from models.records import Matter
from rules.entries import Approval
from rules.house import House
from rules.roles import Role, superior_line

SUBJECT = "step"
HANDOVER = "handover"
EVALUATION, RESOLUTION, GRADING = "evaluation", "resolution", "grading"
"""A department's opinion of a proposed tier or preference; the decision of the general manager's meeting; that of the sales
department."""
PLAN = "survey_plan"
"""What the sales department makes of a survey, before the leaders."""
RULES = {
    HANDOVER: climbing.HANDOVER,
    EVALUATION: climbing.OPINION,
    **dict.fromkeys((RESOLUTION, GRADING), climbing.RESOLUTION),
    PLAN: climbing.SURVEY_APPROVAL,
}
"""By which row of the rulebook a kind is to be decided, where that is not the one for approvals."""


class StepState(StrEnum):
    HELD = "held"  # its turn has not come
    WAITING = "waiting"
    APPROVED = "approved"
    RETURNED = "returned"
    DROPPED = "dropped"  # another step of its group was returned, or the matter is over


class Step(SQLModel, table=True):
    """Something asked of `post` (as in `Clock`). The steps of one `group` were asked for together: those of the lowest `seq` first,
    those of the same `seq` side by side. What was asked never changes; the decision is filled in once."""

    id: int | None = Field(default=None, primary_key=True)
    matter_id: int = Field(foreign_key="matter.id", index=True)
    kind: str
    group: int
    seq: int = 1
    post: str = Field(index=True)
    text: str
    facts: Json = json_field()
    asked_by: int = Field(foreign_key="staff.id")
    asked_at: datetime
    due_at: datetime | None = None
    state: str = Field(default=StepState.WAITING, index=True)
    opinion: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = None

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.id}"


@dataclass(frozen=True)
class Asked:
    """What is asked. `posts`: in turn; those in one tuple side by side."""

    kind: str
    text: str
    posts: Sequence[Sequence[str]]
    facts: Json = field(default_factory=dict)


class Outcome(StrEnum):
    APPROVED = "approved"  # by all
    RETURNED = "returned"  # by one
    OPEN = "open"  # somebody has still to decide


@dataclass(frozen=True)
class Decision:
    outcome: Outcome
    begun: Sequence[Step] = ()
    """Those whose turn has come by it."""


def ask(session: Session, house: House, matter: Matter, by: Staff, what: Asked, now: datetime) -> list[Step]:
    """Put it before those who decide. Returns the steps whose turn it is."""
    last = session.exec(select(func.max(col(Step.group)))).one() or 0
    made = [
        Step(
            matter_id=key(matter),
            kind=what.kind,
            group=last + 1,
            seq=seq,
            post=each,
            text=what.text,
            facts=what.facts,
            asked_by=key(by),
            asked_at=now,
            state=StepState.WAITING if seq == 1 else StepState.HELD,
        )
        for seq, side_by_side in enumerate(what.posts, 1)
        for each in side_by_side
    ]
    session.add_all(made)
    session.flush()
    for step in made:
        _record(session, step, by, "ask", now, post=step.post, text=step.text, **step.facts)
    waiting = [each for each in made if each.state == StepState.WAITING]
    for step in waiting:
        _start(session, house, step, now)
    return waiting


def _start(session: Session, house: House, step: Step, now: datetime) -> None:
    rule = _rule(house, step.kind)
    if rule is None:
        return
    step.due_at = house.calendar.add_work_hours(now, rule.work_hours)
    clock = Clock(
        rule=rule.id,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(step),
        post=step.post,
        cycle="1",
        anchor=now,
        due_at=step.due_at,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)


def _rule(house: House, kind: str) -> Approval | None:
    wanted = RULES.get(kind, APPROVAL)
    return next((each for each in house.rulebook.entries if isinstance(each, Approval) and each.id == wanted), None)


def decide(
    session: Session, house: House, step: Step, by: Staff, approved: bool, opinion: str, now: datetime
) -> Decision:
    """Fill in the decision, and move its group on."""
    step.state = StepState.APPROVED if approved else StepState.RETURNED
    step.opinion, step.decided_by, step.decided_at = opinion, key(by), now
    close(running(session, SUBJECT, key(step)), now, step.state)
    _record(session, step, by, step.state, now, opinion=opinion, **in_place_of(session, step.post, by, now))
    group = of_group(session, step)
    if not approved:
        _drop(session, group, now)
        return Decision(Outcome.RETURNED)
    if any(each.state == StepState.WAITING for each in group):
        return Decision(Outcome.OPEN)
    following = [each for each in group if each.state == StepState.HELD]
    if not following:
        return Decision(Outcome.APPROVED)
    begun = [each for each in following if each.seq == following[0].seq]
    for each in begun:
        each.state = StepState.WAITING
        _start(session, house, each, now)
    return Decision(Outcome.OPEN, begun)


def pass_on(session: Session, house: House, step: Step, by: Staff, to: Staff, opinion: str, now: datetime) -> None:
    """转办: somebody else decides, by the same limit."""
    before, step.post = step.post, f"staff@{to.id}"
    for clock in running(session, SUBJECT, key(step)):
        clock.post = step.post
        wind(session, house, clock, now)
    _record(session, step, by, "pass_on", now, before=before, after=key(to), opinion=opinion)


def drop(session: Session, matter: Matter, now: datetime, kinds: Collection[str] = ()) -> None:
    """What is no longer asked, because the matter is over or went another way."""
    _drop(session, [each for each in of_matter(session, key(matter)) if not kinds or each.kind in kinds], now)


def _drop(session: Session, steps: Sequence[Step], now: datetime) -> None:
    for each in steps:
        if each.state in (StepState.HELD, StepState.WAITING):
            each.state = StepState.DROPPED
            close(running(session, SUBJECT, key(each)), now, StepState.DROPPED)


def _record(session: Session, step: Step, by: Staff, what: str, now: datetime, **body: object) -> None:
    subject = f"{session.get_one(Matter, step.matter_id).kind}:{step.matter_id}"
    audit.record(session, now, key(by), f"{step.kind}.{what}", subject, step=step.id, **body)


def of_group(session: Session, step: Step) -> list[Step]:
    query = select(Step).where(Step.group == step.group)
    return list(session.exec(query.order_by(col(Step.seq), col(Step.id))))


@asked_once(Step)
def of_matter(session: Session, matter_id: int) -> list[Step]:
    return list(session.exec(select(Step).where(Step.matter_id == matter_id).order_by(col(Step.id))))


def waiting(session: Session, matter_id: int, kind: str | None = None) -> list[Step]:
    found = [each for each in of_matter(session, matter_id) if each.state == StepState.WAITING]
    return [each for each in found if kind in (None, each.kind)]


def all_waiting(session: Session) -> list[Step]:
    """Everything that waits for a decision, the most urgent first."""
    query = select(Step).where(Step.state == StepState.WAITING)
    return list(session.exec(query.order_by(col(Step.due_at), col(Step.id))))


def deciders(session: Session, step: Step, now: datetime) -> list[Staff]:
    """Who decides now: the holders of the post, or where that is only the one who asked, the next up its line."""
    role, number = split_post(step.post)
    if role == "staff":
        named = session.get_one(Staff, number)
        found = present(session, named, now)
        return found if all(each.id != step.asked_by for each in found) else people.above(session, named, now)
    for each in (Role(role), *superior_line(Role(role))):
        others = [found for found in holders(session, each, number, now) if found.id != step.asked_by]
        if others:
            return others
    return []


def may_decide_while_away(session: Session, step: Step, staff: Staff, now: datetime) -> bool:
    """Who is away is not locked out: what was asked of their post, or of one below it, they may still decide."""
    role, number = split_post(step.post)
    if step.asked_by == staff.id or absence_of(session, key(staff), now) is None:
        return False
    if role == "staff":
        return number == staff.id
    line = (Role(role), *(each for each in superior_line(Role(role)) if each is not Role.ADMIN))
    return any(each.id == staff.id for upper in line for each in people.seated(session, upper, number, now))


def above(session: Session, step: Step, now: datetime) -> list[Staff]:
    """Those up the line, who may decide as well."""
    role, number = split_post(step.post)
    line = superior_line(Role(role)) if role != "staff" else ()
    over = [each for upper in line if upper is not Role.ADMIN for each in holders(session, upper, number, now)]
    return [each for each in distinct(over) if each.id != step.asked_by]
