"""Who changed what, when, before and after. Bodies lie apart, so that sealing personal data leaves the digests whole."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, func, select

from models.kinds import Json, json_field
from models.people import key


class Audit(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    at: datetime
    staff_id: int | None = Field(default=None, foreign_key="staff.id", index=True)
    action: str
    subject: str = Field(index=True)
    """What it was about, as `complaint:7`, `customer:45`."""
    digest: str


class AuditBody(SQLModel, table=True):
    __tablename__ = "audit_body"

    audit_id: int = Field(primary_key=True, foreign_key="audit.id")
    salt: str
    body: Json = json_field()


def digest(salt: str, body: Json) -> str:
    """Keyed over the salt, so that a sealed body can't be guessed from its digest."""
    return hashlib.sha256(f"{salt}{json.dumps(body, sort_keys=True, ensure_ascii=True)}".encode()).hexdigest()


def record(session: Session, at: datetime, staff_id: int | None, action: str, subject: str, **body: Any) -> None:
    """One row of the audit in the caller's transaction; if it can't be written, nothing else is."""
    salt = secrets.token_hex(16)
    body = json.loads(json.dumps(body))  # as it will be read again, so that the digest fits it
    row = Audit(at=at, staff_id=staff_id, action=action, subject=subject, digest=digest(salt, body))
    session.add(row)
    session.flush()
    session.add(AuditBody(audit_id=key(row), salt=salt, body=body))


SEALING = "audit.seal"


def seal(session: Session, at: datetime, staff_id: int | None, rows: Sequence[int], reason: str) -> None:
    """Empty the bodies of these rows for good, salt included, and put on record which and why. The chain stays whole: it is over
    the digests. A body that is empty without such a record counts as destroyed."""
    for number in rows:
        body = session.get_one(AuditBody, number)
        body.salt, body.body = "", {}
    record(session, at, staff_id, SEALING, "audit", rows=list(rows), reason=reason)


@dataclass(frozen=True)
class Asked:
    """What is looked for in the audit; None means any. `until` is not included; `upto` is the last row that counts, so that pages
    stay as they were while new rows come."""

    staff: int | None = None
    subjects: Sequence[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    upto: int = 0


def newest(session: Session) -> int:
    return session.exec(select(func.max(col(Audit.id)))).one() or 0


def search(session: Session, asked: Asked, skip: int, most: int) -> list[Audit]:
    """The newest first."""
    query = select(Audit).where(*_fitting(asked)).order_by(col(Audit.id).desc())
    return list(session.exec(query.offset(skip).limit(most)))


def count(session: Session, asked: Asked) -> int:
    return session.exec(select(func.count()).select_from(Audit).where(*_fitting(asked))).one()


def _fitting(asked: Asked) -> list[Any]:
    found: list[Any] = [col(Audit.id) <= asked.upto]
    if asked.staff is not None:
        found.append(Audit.staff_id == asked.staff)
    if asked.subjects is not None:
        found.append(col(Audit.subject).in_(asked.subjects))
    if asked.since:
        found.append(Audit.at >= asked.since)
    if asked.until:
        found.append(Audit.at < asked.until)
    return found


def body_of(session: Session, row: Audit) -> Json:
    """What it was, before and after; empty where the body was sealed."""
    found = session.get(AuditBody, key(row))
    return found.body if found else {}


def is_sealed(session: Session, row: Audit) -> bool:
    found = session.get(AuditBody, key(row))
    return found is not None and not found.salt
