"""One-time codes: bound to one member of staff, good for ten minutes, kept only as a hash, attempts limited."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

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


class Attempt(SQLModel, table=True):
    """A wrong code, by whom and when."""

    __tablename__ = "enrolment_attempt"

    id: int | None = Field(default=None, primary_key=True)
    telegram_id: int = Field(index=True, sa_type=BigInteger)
    at: datetime


def invite(session: Session, staff: Staff, now: datetime) -> str:
    """A new code for this member of staff; earlier ones are void."""
    for earlier in session.exec(
        select(Invitation).where(Invitation.staff_id == key(staff), col(Invitation.used_at).is_(None))
    ):
        session.delete(earlier)
    code = secrets.token_urlsafe(12)
    session.add(Invitation(code_hash=_hash(code), staff_id=key(staff), expires_at=now + GOOD_FOR))
    return code


def redeem(session: Session, code: str, telegram_id: int, now: datetime) -> Staff | None:
    """The member of staff whom the code makes of them; None for a wrong, used or expired one, or after too many tries."""
    recent = select(func.count()).where(Attempt.telegram_id == telegram_id, col(Attempt.at) > now - GOOD_FOR)
    if session.exec(recent).one() >= MOST_TRIES:
        return None
    found = session.get(Invitation, _hash(code))
    staff = session.get(Staff, found.staff_id) if found else None
    if found is None or staff is None or found.used_at is not None or found.expires_at < now or not staff.active:
        session.add(Attempt(telegram_id=telegram_id, at=now))
        return None
    found.used_at, staff.telegram_id = now, telegram_id
    session.flush()
    return staff


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
