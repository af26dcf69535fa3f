"""Who changed what, when, before and after. Bodies lie apart, so that sealing personal data leaves the digests whole."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel

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
    salt = secrets.token_hex(8)
    row = Audit(at=at, staff_id=staff_id, action=action, subject=subject, digest=digest(salt, body))
    session.add(row)
    session.flush()
    session.add(AuditBody(audit_id=key(row), salt=salt, body=body))
