"""变更清单: what moved the limits of complaints, or took one off, for those who audit: province, type, visit, pauses, voiding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from models.people import Staff
from models.records import Entry, Matter
from models.steps import Step, StepState

KINDS = ("amendment", "reroute", "pause", "resume", "interval", "voiding", "reinstatement")
APPROVED = {"pause": "pause", "interval": "interval", "voiding": "void"}
"""What somebody had to approve, and as what kind of step."""


@dataclass(frozen=True)
class Amended:
    """One of them; `approved_by` where it had to be approved."""

    entry: Entry
    matter: Matter
    approved_by: Staff | None


def amendments(session: Session, since: datetime, until: datetime, skip: int = 0, most: int = 8) -> list[Amended]:
    """Those that were written in that time, the newest first; whatever became of their complaint."""
    query = (
        select(Entry, Matter)
        .join(Matter, col(Matter.id) == col(Entry.matter_id))
        .where(*_between(since, until))
        .order_by(col(Entry.written_at).desc(), col(Entry.id).desc())
    )
    found = session.exec(query.offset(skip).limit(most)).all()
    return [Amended(entry, matter, _approved_by(session, entry)) for entry, matter in found]


def counts(session: Session, since: datetime, until: datetime) -> Mapping[str, int]:
    """How many of each kind, in the order of `KINDS`."""
    query = select(Entry.kind, func.count()).where(*_between(since, until)).group_by(Entry.kind)
    found = dict(session.exec(query).all())
    return {each: found[each] for each in KINDS if each in found}


def _between(since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return col(Entry.kind).in_(KINDS), col(Entry.written_at) >= since, col(Entry.written_at) < until


def _approved_by(session: Session, entry: Entry) -> Staff | None:
    """Whose approval let it happen: it is written in the moment of the decision."""
    asked = (Step.matter_id == entry.matter_id, Step.kind == APPROVED.get(entry.kind, ""))
    decided = (Step.state == StepState.APPROVED, Step.decided_at == entry.written_at)
    step = session.exec(select(Step).where(*asked, *decided).order_by(col(Step.id).desc())).first()
    return session.get(Staff, step.decided_by) if step else None
