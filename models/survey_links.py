"""A customer's own way to answer: a private link, for one survey and one customer, once, for some days. Only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, survey_asked, surveys
from models.people import Staff, key
from models.survey_asked import Said
from models.surveys import Campaign, Outcome, Surveyed


class SurveyLink(SQLModel, table=True):
    __tablename__ = "survey_link"

    digest: str = Field(primary_key=True)
    surveyed_id: int = Field(foreign_key="surveyed.id", index=True)
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None
    """A newer link stands in its place, or the customer was asked in another way."""


class Refusal(StrEnum):
    """Why a link opens nothing."""

    UNKNOWN = "unknown"
    USED = "used"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True)
class Opened:
    """What a good link opens."""

    link: SurveyLink
    campaign: Campaign
    surveyed: Surveyed


def make(session: Session, campaign: Campaign, surveyed: Surveyed, by: Staff, days: int, now: datetime) -> str:
    """A new link for this customer; those before it are void. Returns the secret, which is kept nowhere."""
    end(session, surveyed, now)
    token = secrets.token_urlsafe(24)
    link = SurveyLink(
        digest=digest_of(token),
        surveyed_id=key(surveyed),
        by_id=key(by),
        at=now,
        expires_at=now + timedelta(days=days),
    )
    session.add(link)
    session.flush()
    audit.record(session, now, key(by), "survey.link", campaign.subject, customer=surveyed.customer_id)
    return token


def end(session: Session, surveyed: Surveyed, now: datetime) -> None:
    """The links that were given for this customer and not used are void."""
    here = (SurveyLink.surveyed_id == key(surveyed), col(SurveyLink.used_at).is_(None))
    for each in session.exec(select(SurveyLink).where(*here, col(SurveyLink.ended_at).is_(None))).all():
        each.ended_at = now


def opened(session: Session, token: str, now: datetime) -> Opened | Refusal:
    link = session.get(SurveyLink, digest_of(token))
    if link is None:
        return Refusal.UNKNOWN
    if link.used_at is not None:
        return Refusal.USED
    surveyed = session.get_one(Surveyed, link.surveyed_id)
    campaign = surveys.find(session, surveyed.matter_id)
    if link.ended_at is not None or campaign is None or not campaign.takes_answers:
        return Refusal.ENDED
    return Refusal.EXPIRED if link.expires_at <= now else Opened(link, campaign, surveyed)


def answer(
    session: Session, token: str, scores: dict[str, int], texts: dict[str, str], now: datetime
) -> Opened | Refusal:
    """What the customer wrote on the page, once; the link is used up by it."""
    found = opened(session, token, now)
    if isinstance(found, Refusal):
        return found
    found.link.used_at = now
    said = Said(Outcome.ANSWERED, dict(scores), dict(texts))
    survey_asked.replied(session, found.campaign, found.surveyed, said, now)
    return found


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
