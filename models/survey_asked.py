"""Whom a survey asks and what came of it, customer by customer and unit by unit. What was said is never changed; where a customer
was asked again, the newest counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, or_, select

from models import audit
from models.customers import Customer
from models.kinds import Json
from models.people import key
from models.surveys import Campaign, Outcome, Surveyed, SurveyReply
from rules.gate import Scope


@dataclass(frozen=True)
class Said:
    """What came of asking somebody. `by` is nobody where they answered on the page."""

    outcome: Outcome
    scores: Json = field(default_factory=dict)
    texts: Json = field(default_factory=dict)
    by: int | None = None


def replied(session: Session, campaign: Campaign, surveyed: Surveyed, said: Said, now: datetime) -> SurveyReply:
    """Put it on record. The words themselves are in no audit row, so that they can be sealed in one place."""
    reply = SurveyReply(
        surveyed_id=key(surveyed),
        outcome=said.outcome,
        scores=said.scores,
        texts=said.texts,
        by_id=said.by,
        at=now,
    )
    session.add(reply)
    session.flush()
    facts = {"customer": surveyed.customer_id, "outcome": reply.outcome, "scores": reply.scores, "reply": key(reply)}
    audit.record(session, now, said.by, "survey.reply", campaign.subject, **facts)
    return reply


def counts() -> ColumnElement[bool]:
    """The condition that a reply is the newest of the one who was asked."""
    newer = aliased(SurveyReply)
    later = exists().where(col(newer.surveyed_id) == Surveyed.id, col(newer.id) > col(SurveyReply.id))
    return (col(SurveyReply.surveyed_id) == col(Surveyed.id)) & ~later


def reply_of(session: Session, surveyed: Surveyed) -> SurveyReply | None:
    query = select(SurveyReply).where(SurveyReply.surveyed_id == key(surveyed))
    return session.exec(query.order_by(col(SurveyReply.id).desc())).first()


@dataclass(frozen=True)
class Row:
    """A customer in a list of those who are asked."""

    surveyed: Surveyed
    customer: Customer
    reply: SurveyReply | None


def within(scope: Scope) -> ColumnElement[bool]:
    """Whom of those asked somebody sees: of their units, or their own."""
    if scope.all:
        return col(Surveyed.id).is_not(None)
    return or_(col(Surveyed.unit_id).in_(scope.units), col(Customer.owner_id).in_(scope.owners))


def _asked(campaign: Campaign, scope: Scope, unit: int | None) -> list[Any]:
    found: list[Any] = [Surveyed.matter_id == key(campaign.matter), within(scope)]
    return found + ([Surveyed.unit_id == unit] if unit is not None else [])


def rows(
    session: Session, campaign: Campaign, scope: Scope, *, unit: int | None, is_open: bool, skip: int, most: int
) -> list[Row]:
    """Those who are still to be asked, tier by tier; or those of whom there is an outcome."""
    query = (
        select(Surveyed, Customer, SurveyReply)
        .join(Customer, col(Customer.id) == col(Surveyed.customer_id))
        .outerjoin(SurveyReply, counts())
        .where(*_asked(campaign, scope, unit))
        .where(col(SurveyReply.id).is_(None) if is_open else col(SurveyReply.id).is_not(None))
        .order_by(col(Surveyed.unit_id), col(Surveyed.id))
    )
    return [Row(*each) for each in session.exec(query.offset(skip).limit(most))]


@dataclass(frozen=True)
class Progress:
    """How many a unit asks, and what came of it so far."""

    asked: int = 0
    answered: int = 0
    unreached: int = 0
    declined: int = 0

    @property
    def open(self) -> int:
        return self.asked - self.answered - self.unreached - self.declined

    def __add__(self, other: Progress) -> Progress:
        return Progress(
            self.asked + other.asked,
            self.answered + other.answered,
            self.unreached + other.unreached,
            self.declined + other.declined,
        )


def progress(session: Session, campaign: Campaign, scope: Scope, unit: int | None = None) -> dict[int, Progress]:
    """By unit, in the order of their ids."""
    query = (
        select(Surveyed.unit_id, SurveyReply.outcome, func.count())
        .select_from(Surveyed)
        .join(Customer, col(Customer.id) == col(Surveyed.customer_id))
        .outerjoin(SurveyReply, counts())
        .where(*_asked(campaign, scope, unit))
        .group_by(col(Surveyed.unit_id), col(SurveyReply.outcome))
    )
    found: dict[int, Progress] = {}
    for number, outcome, count in session.exec(query).all():
        one = Progress(asked=count) if outcome is None else Progress(**{"asked": count, str(outcome): count})
        found[number] = found.get(number, Progress()) + one
    return dict(sorted(found.items()))


def in_unit(session: Session, campaign: Campaign, unit: int) -> Progress:
    return progress(session, campaign, Scope(False, frozenset({unit}), None, None), unit).get(unit, Progress())


def owners_of(session: Session, campaign: Campaign) -> list[int]:
    """Whose customers are asked."""
    query = select(Customer.owner_id).join(Surveyed, col(Surveyed.customer_id) == col(Customer.id))
    return list(session.exec(query.where(Surveyed.matter_id == key(campaign.matter)).distinct()))
