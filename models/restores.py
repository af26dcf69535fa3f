"""The database was put back from a backup: until somebody confirms it, nothing is handled, nothing falls due, nothing is sent."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.messages import Outbox

STRONG_PRIORITY = 1
"""Escalations and receipts: what is said twice rather than never."""


class Restore(SQLModel, table=True):
    """`made_at` is when the backup was made; `released_at` when sending was confirmed."""

    id: int | None = Field(default=None, primary_key=True)
    made_at: datetime
    restored_at: datetime
    released_at: datetime | None = None


WAITING = select(Restore).where(col(Restore.released_at).is_(None))


def held(session: Session) -> Restore | None:
    """The restore that waits to be confirmed."""
    return session.exec(WAITING).first()


def hold(session: Session, made_at: datetime, now: datetime) -> None:
    session.add(Restore(made_at=made_at, restored_at=now))
    audit.record(session, now, None, "database.restore", "database", made_at=made_at.isoformat())
    _judge_mail(session, now)


def release(session: Session, now: datetime) -> bool:
    """Sending goes on. False when nothing is held."""
    waiting = held(session)
    if waiting is None:
        return False
    for each in session.exec(WAITING):
        each.released_at = now
    audit.record(session, now, None, "database.release", "database", made_at=waiting.made_at.isoformat())
    return True


def _judge_mail(session: Session, now: datetime) -> None:
    """What was on its way when the backup was made has an uncertain end: escalations and receipts are said again, marked; the
    rest is not. Edits of a card harm nobody, and what was to go later than now has surely not gone."""
    query = select(Outbox).where(col(Outbox.state).in_(("waiting", "sending")), col(Outbox.edits).is_(False))
    for row in session.exec(query):
        if row.next_try_at is not None and row.next_try_at > now:
            continue
        strong = row.priority <= STRONG_PRIORITY
        row.state = "waiting" if strong else "uncertain"
        row.repeats += strong
