"""One-time codes: bound to one member of staff, good for ten minutes, kept only as a hash, attempts limited."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.people import Staff, key

GOOD_FOR = timedelta(minutes=10)
MOST_TRIES = 5


class Invitation(SQLModel, table=True):
    code_hash: str = Field(primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    expires_at: datetime
    used_at: datetime | None = None
    by_id: int | None = Field(default=None, foreign_key="staff.id")
    """Who invited, and hears when it is used; nobody, where it was made on the server."""


class Attempt(SQLModel, table=True):
    """A wrong code, by whom and when."""

    __tablename__ = "enrolment_attempt"

    id: int | None = Field(default=None, primary_key=True)
    telegram_id: int = Field(index=True, sa_type=BigInteger)
    at: datetime


class Refusal(StrEnum):
    """Why a code makes nobody a colleague."""

    UNKNOWN = "unknown"  # never given, replaced by a later one, or of somebody who has left
    USED = "used"
    EXPIRED = "expired"
    TOO_OFTEN = "too_often"


def invite(session: Session, staff: Staff, now: datetime, by: Staff | None = None) -> str:
    """A new code for this member of staff; earlier ones are void."""
    withdraw(session, staff)
    code = secrets.token_urlsafe(12)
    by_id = key(by) if by else None
    session.add(Invitation(code_hash=_hash(code), staff_id=key(staff), expires_at=now + GOOD_FOR, by_id=by_id))
    return code


def withdraw(session: Session, staff: Staff) -> None:
    """The codes that were given for them and not used are void."""
    for earlier in session.exec(
        select(Invitation).where(Invitation.staff_id == key(staff), col(Invitation.used_at).is_(None))
    ):
        session.delete(earlier)


def redeem(session: Session, code: str, telegram_id: int, now: datetime) -> Invitation | Refusal:
    """The invitation whose member of staff this Telegram account is from now on, or why it is nobody's."""
    recent = select(func.count()).where(Attempt.telegram_id == telegram_id, col(Attempt.at) > now - GOOD_FOR)
    if session.exec(recent).one() >= MOST_TRIES:
        return Refusal.TOO_OFTEN
    found = session.get(Invitation, _hash(code))
    why = _refused(session, found, now)
    if found is None or why is not None:
        session.add(Attempt(telegram_id=telegram_id, at=now))
        return why or Refusal.UNKNOWN
    _free(session, telegram_id)
    found.used_at = now
    session.get_one(Staff, found.staff_id).telegram_id = telegram_id
    session.flush()
    return found


def _refused(session: Session, found: Invitation | None, now: datetime) -> Refusal | None:
    if found is None:
        return Refusal.UNKNOWN
    if found.used_at is not None:
        return Refusal.USED
    if found.expires_at < now:
        return Refusal.EXPIRED
    return None if session.get_one(Staff, found.staff_id).active else Refusal.UNKNOWN


def _free(session: Session, telegram_id: int) -> None:
    """Somebody who left and comes back has a new staff record; the account is no longer the old one's."""
    for former in session.exec(select(Staff).where(Staff.telegram_id == telegram_id, ~col(Staff.active))):
        former.telegram_id = None
    session.flush()


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
