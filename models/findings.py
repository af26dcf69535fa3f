"""Decisions about an entry, each with its reason: they change no record, they stand beside it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.people import key


class Decision(StrEnum):
    REPORTED = "reported"  # an anomaly went to company leaders
    NOT_REPORTED = "not_reported"  # an anomaly need not go to them
    NO_COMPLAINT = "no_complaint"  # words of a complaint that were none


class Finding(SQLModel, table=True):
    """`by_id` None: by itself, when the time was over."""

    id: int | None = Field(default=None, primary_key=True)
    decision: str
    entry_id: int = Field(foreign_key="entry.id", index=True)
    by_id: int | None = Field(default=None, foreign_key="staff.id")
    at: datetime
    text: str


def decide(
    session: Session, decision: Decision, entry_id: int, customer_id: int, by: int | None, text: str, now: datetime
) -> Finding:
    """Put a decision on record, with its row of the audit."""
    found = Finding(decision=decision, entry_id=entry_id, by_id=by, at=now, text=text)
    session.add(found)
    session.flush()
    audit.record(
        session,
        now,
        by,
        f"decision.{decision}",
        f"customer:{customer_id}",
        entry=entry_id,
        finding=key(found),
        text=text,
    )
    return found


def of_entry(session: Session, entry_id: int, *decisions: Decision) -> Finding | None:
    """The last decision of these kinds about an entry."""
    query = select(Finding).where(Finding.entry_id == entry_id, col(Finding.decision).in_(decisions))
    return session.exec(query.order_by(col(Finding.id).desc())).first()
