"""举报, 信访, 申诉: what staff report to audit and supervision, and what became of it.

Words and author are locked (`models.vault`). Nothing here is ever changed or taken away: what becomes of a report is a further row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, func, select

from models import audit
from models.kinds import Json, json_field
from models.people import Staff, distinct, in_role, key
from models.records import next_number
from models.vault import MARK, vault_of
from rules.house import House
from rules.roles import Role

SUBJECT: Final = "concern"


class State(StrEnum):
    RECEIVED = "received"
    TAKEN = "taken"  # 受理
    ANSWERED = "answered"
    CLOSED = "closed"


class Concern(SQLModel, table=True):
    """`body`: text, attachments, whether its author stays unnamed, and who that is; always locked. `told_by` is a keyed digest of
    author and number, so that its author can ask for it and nobody else can tell who that is, or that two are of one person."""

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    kind: str
    received_at: datetime
    body: Json = json_field()
    told_by: str


class ConcernStep(SQLModel, table=True):
    """Taken, answered, closed: by whom of audit and supervision, and the words, which are locked."""

    __tablename__ = "concern_step"

    id: int | None = Field(default=None, primary_key=True)
    concern_id: int = Field(foreign_key="concern.id", index=True)
    state: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    body: Json = json_field()


@dataclass(frozen=True)
class Reported:
    kind: str
    text: str
    unnamed: bool
    attachments: Sequence[Json]


class NotNowError(Exception):
    """What is asked for does not fit its state."""


def report(session: Session, house: House, author: Staff, what: Reported, now: datetime) -> Concern:
    """Put it on record. The audit tells that it came and its number, never from whom."""
    number = next_number(session, SUBJECT, house.calendar.local(now).year)
    body = {"text": what.text, "unnamed": what.unnamed, "attachments": list(what.attachments), "author": key(author)}
    concern = Concern(
        number=number,
        kind=what.kind,
        received_at=now,
        body={**body, MARK: True},
        told_by=vault_of(session).known_by(SUBJECT, key(author), number),
    )
    session.add(concern)
    session.flush()
    audit.record(session, now, None, "concern.report", f"{SUBJECT}:{key(concern)}", number=number)
    return concern


def receivers(session: Session, now: datetime, author: int | None = None) -> list[Staff]:
    """Audit and supervision; where nobody holds either post, the general manager and nobody else. Never an administrator, never the
    line of leaders: it may be about them."""
    for roles in ((Role.AUDIT, Role.SUPERVISION), (Role.GENERAL_MANAGER,)):
        found = distinct(each for role in roles for each in in_role(session, role, now) if each.id != author)
        if found:
            return found
    return []


def of_author(session: Session, author: Staff) -> list[Concern]:
    """Their own, the newest first."""
    vault, me = vault_of(session), key(author)
    every = session.exec(select(Concern).order_by(col(Concern.id).desc()))
    return [each for each in every if each.told_by == vault.known_by(SUBJECT, me, each.number)]


def author(session: Session, concern: Concern) -> Staff | None:
    return session.get(Staff, concern.body.get("author", 0))


def steps(session: Session, concern: Concern) -> list[ConcernStep]:
    query = select(ConcernStep).where(ConcernStep.concern_id == key(concern)).order_by(col(ConcernStep.id))
    return list(session.exec(query))


def state(session: Session, concern: Concern) -> State:
    done = steps(session, concern)
    return State(done[-1].state) if done else State.RECEIVED


NEXT: Final = {
    State.RECEIVED: {State.TAKEN},
    State.TAKEN: {State.ANSWERED, State.CLOSED},
    State.ANSWERED: {State.ANSWERED, State.CLOSED},
    State.CLOSED: set[State](),
}


def go_on(session: Session, concern: Concern, to: State, by: Staff, text: str, now: datetime) -> None:
    """The next step. Raises `NotNowError`."""
    if to not in NEXT[state(session, concern)]:
        raise NotNowError(to)
    body: Json = {"text": text, MARK: True} if text else {}
    session.add(ConcernStep(concern_id=key(concern), state=to, by_id=key(by), at=now, body=body))
    session.flush()
    audit.record(session, now, key(by), f"concern.{to}", f"{SUBJECT}:{key(concern)}", number=concern.number)


def opened(session: Session, concern: Concern, by: Staff, now: datetime) -> None:
    """Every look at the words is on record."""
    audit.record(session, now, key(by), "concern.open", f"{SUBJECT}:{key(concern)}", number=concern.number)


def page(session: Session, skip: int, most: int) -> list[Concern]:
    """The newest first."""
    return list(session.exec(select(Concern).order_by(col(Concern.id).desc()).offset(skip).limit(most)))


def count(session: Session) -> int:
    return session.exec(select(func.count()).select_from(Concern)).one()


def untaken(session: Session) -> int:
    """How many nobody has taken up yet."""
    taken = select(ConcernStep.concern_id)
    return session.exec(select(func.count()).select_from(Concern).where(col(Concern.id).not_in(taken))).one()
