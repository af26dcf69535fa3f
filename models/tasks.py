"""批示, 督办, 整改通知 and 工作安排: what somebody ordered, of whom, by when; each has a clock (R26.2) until it is answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel, col, or_, select

from models import audit
from models.climbing import PROMISE, wind
from models.clocks import Clock, close, running
from models.people import Assignment, Staff, holders, in_place_of, in_post, key, post, present, split_post
from models.records import Entry, next_number
from rules.house import House
from rules.roles import Role

SUBJECT = "task"
ANNOTATION, ORDER, FINDING, WORK = "annotation", "order", "finding", "work"
REMEMBERED = timedelta(days=7)
"""How long an answered order stays in the list of the one who gave it."""


class Task(SQLModel, table=True):
    """An annotation (批示, on an entry), an order (督办) or a finding of the auditors (整改通知), both to a unit, or
    work that a unit head gives with the monthly report. `post` is who
    answers it, as in `Clock`. What was ordered never changes; receipt and answer are filled in once."""

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    number: str = Field(unique=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    customer_id: int | None = Field(default=None, foreign_key="customer.id", index=True)
    entry_id: int | None = Field(default=None, foreign_key="entry.id", index=True)
    text: str
    post: str = Field(index=True)
    by_id: int = Field(foreign_key="staff.id", index=True)
    at: datetime
    due_at: datetime
    seen_at: datetime | None = None
    answer: str | None = None
    answered_by: int | None = Field(default=None, foreign_key="staff.id")
    answered_at: datetime | None = None

    def state(self, now: datetime) -> str:
        """answered, late, seen or new."""
        if self.answered_at is not None:
            return "answered"
        return "late" if self.due_at < now else "seen" if self.seen_at is not None else "new"


@dataclass(frozen=True)
class Given:
    """What is known when a task is given."""

    kind: str
    unit_id: int
    text: str
    post: str
    due_at: datetime
    customer_id: int | None = None
    entry_id: int | None = None


def give(session: Session, house: House, by: Staff, what: Given, now: datetime) -> Task:
    """Write the task down, with its number and its clock."""
    task = Task(
        kind=what.kind,
        number=next_number(session, what.kind, house.calendar.local(now).year),
        unit_id=what.unit_id,
        customer_id=what.customer_id,
        entry_id=what.entry_id,
        text=what.text,
        post=what.post,
        by_id=key(by),
        at=now,
        due_at=what.due_at,
    )
    session.add(task)
    session.flush()
    _start(session, house, task, now)
    body = task.model_dump(mode="json", exclude={"at"})
    audit.record(session, now, key(by), f"{what.kind}.give", f"{SUBJECT}:{task.id}", **body)
    return task


def _start(session: Session, house: House, task: Task, now: datetime) -> None:
    clock = Clock(
        rule=PROMISE,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(task),
        post=task.post,
        cycle="1",
        anchor=now,
        due_at=task.due_at,
    )
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)


def acknowledge(session: Session, task: Task, by: Staff, now: datetime) -> None:
    """Received; once is enough."""
    if task.seen_at is None:
        task.seen_at = now
        audit.record(session, now, key(by), f"{task.kind}.acknowledge", f"{SUBJECT}:{task.id}")


def answer(session: Session, task: Task, by: Staff, text: str, now: datetime) -> None:
    """The answer closes the clock."""
    task.answer, task.answered_by, task.answered_at = text, key(by), now
    task.seen_at = task.seen_at or now
    close(running(session, SUBJECT, key(task)), now, "answered")
    instead = in_place_of(session, task.post, by, now)
    audit.record(session, now, key(by), f"{task.kind}.answer", f"{SUBJECT}:{task.id}", text=text, **instead)


def open_to(session: Session, posts: Collection[str]) -> list[Task]:
    """What these posts have still to answer, the most urgent first."""
    query = select(Task).where(col(Task.post).in_(posts), col(Task.answered_at).is_(None))
    return list(session.exec(query.order_by(col(Task.due_at), col(Task.id))))


def given_by(session: Session, staff_id: int, now: datetime) -> list[Task]:
    """What this person gave and waits for, and what was answered lately; the open ones first, the most urgent on top."""
    recent = or_(col(Task.answered_at).is_(None), col(Task.answered_at) > now - REMEMBERED)
    query = select(Task).where(Task.by_id == staff_id, recent)
    return list(session.exec(query.order_by(col(Task.answered_at).is_not(None), col(Task.due_at), col(Task.id))))


def open_about(session: Session, customer_id: int) -> list[Task]:
    query = select(Task).where(Task.customer_id == customer_id, col(Task.answered_at).is_(None))
    return list(session.exec(query.order_by(col(Task.due_at), col(Task.id))))


def of_matter(session: Session, matter_id: int) -> list[Task]:
    """The annotations on the entries of a complaint, in order."""
    query = select(Task).join(Entry, col(Entry.id) == Task.entry_id).where(Entry.matter_id == matter_id)
    return list(session.exec(query.order_by(col(Task.at), col(Task.id))))


def holders_of(session: Session, task: Task, now: datetime) -> list[Staff]:
    """Who is to answer it now: the person named, or those who hold the post."""
    role, number = split_post(task.post)
    if role == "staff":
        return present(session, session.get_one(Staff, number), now)
    return holders(session, role, number, now)


NOT_IN_CHARGE = (Role.SALESPERSON, Role.VICE_PRESIDENT, Role.SECRETARY, Role.ADMIN)


def post_in_charge(session: Session, unit_id: int, now: datetime) -> str:
    """Who answers for a unit: its head; in a department, the department's post."""
    seated = session.exec(select(Assignment.role).where(Assignment.unit_id == unit_id).distinct())
    roles = [Role(role) for role in seated if role not in NOT_IN_CHARGE and in_post(session, role, unit_id, now)]
    department: Sequence[Role] = [] if Role.UNIT_HEAD in roles else sorted(roles)
    return post(department[0] if department else Role.UNIT_HEAD, unit_id)
