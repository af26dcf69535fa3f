"""What a customer claims for a complaint and what became of it, and why the complaint is major (article 16（四）)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Numeric
from sqlmodel import Field, Session, SQLModel, col, select

from models import steps
from models.asked import asked_once
from models.people import key
from models.records import Complaint, Entry, Matter
from rules.claims import Ground, Lawsuit, Stage, Way, is_large

APPROVAL = "claim"
"""The kind of step by which an assessment is approved."""


def _amount() -> float | None:
    found: float | None = Field(default=None, sa_type=Numeric(14, 2, asdecimal=False))
    return found


class Claim(SQLModel, table=True):
    """The claim of a complaint as it stands. Every change is an entry of the complaint, with what stood there before."""

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    claimed: float | None = _amount()
    estimated: float | None = _amount()
    """初估, by the responsible unit or the department in charge."""
    assessed: float | None = _amount()
    """索赔核定, by the sales department."""
    way: str | None = None
    approved_at: datetime | None = None
    settled: float | None = _amount()
    settled_at: datetime | None = None
    social_effect: bool = False
    lawsuit: str | None = None
    major_at: datetime | None = None
    """Since when the complaint is major; leaders were told then."""
    decided_at: datetime | None = None
    """When the decision of the general manager's meeting was put on record."""

    @property
    def largest(self) -> float:
        return max(self.claimed or 0, self.estimated or 0, self.assessed or 0)

    @property
    def sued(self) -> bool:
        return self.lawsuit == Lawsuit.CONFIRMED

    def grounds(self, threshold: int) -> list[Ground]:
        """Why the complaint is major, as things stand."""
        large = is_large(threshold, self.claimed, self.estimated)
        known = {Ground.LARGE: large, Ground.SOCIAL: self.social_effect, Ground.LITIGATION: self.sued}
        return [ground for ground, holds in known.items() if holds]


@asked_once(Claim)
def _put_down(session: Session, matter_id: int) -> Claim | None:
    return session.get(Claim, matter_id)


def claim_of(session: Session, complaint: Complaint) -> Claim:
    """The claim of a complaint; where nothing was put down yet, what was claimed when it was accepted."""
    found = _put_down(session, complaint.matter_id)
    return found or Claim(matter_id=complaint.matter_id, claimed=complaint.amount or None)


def is_waiting(session: Session, matter: Matter) -> bool:
    """Whether an assessment waits for its approval."""
    return bool(steps.waiting(session, key(matter), APPROVAL))


def stage(session: Session, matter: Matter, claim: Claim) -> Stage | None:
    """What the claim waits for; None where nothing is claimed, or all is done."""
    if claim.assessed is None:
        return Stage.ASSESS if claim.claimed else None
    if claim.approved_at is None:
        return Stage.APPROVE if is_waiting(session, matter) else Stage.ASSESS
    done = claim.way == Way.NONE or claim.settled_at is not None
    return None if done else Stage.SETTLE


def unsettled(session: Session, matter: Matter, complaint: Complaint) -> Stage | None:
    """What keeps a complaint from being closed: its claim, or the decision that the meeting owes."""
    claim = claim_of(session, complaint)
    owed = claim.major_at is not None and claim.decided_at is None
    return stage(session, matter, claim) or (Stage.MEET if owed else None)


def last_entry(session: Session, matter: Matter, kind: str) -> Entry | None:
    query = select(Entry).where(Entry.matter_id == key(matter), Entry.kind == kind)
    return session.exec(query.order_by(col(Entry.id).desc())).first()
