"""投诉受理单 as it was printed: the number of a version stands for one content, and is never given to another.

The content itself is not kept. Its digest is keyed over a salt, which a sealing empties: what was sealed can't be guessed from it.
"""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select

from models.audit import digest
from models.kinds import Json


class PrintedForm(SQLModel, table=True):
    """The first printing of a version; every printing is in the audit."""

    __tablename__ = "printed_form"
    __table_args__ = (UniqueConstraint("matter_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    matter_id: int = Field(foreign_key="matter.id")
    version: int
    salt: str
    digest: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime

    def says(self, content: Json) -> bool:
        """Whether this version has that content."""
        return bool(self.salt) and self.digest == digest(self.salt, content)


def numbered(session: Session, matter_id: int, content: Json, by_id: int, now: datetime) -> int:
    """The version of this content: that of the last printing where nothing has changed since, otherwise the next."""
    last = _last(session, matter_id)
    if last is not None and last.says(content):
        return last.version
    salt = secrets.token_hex(16)
    version = last.version + 1 if last else 1
    session.add(
        PrintedForm(matter_id=matter_id, version=version, salt=salt, digest=digest(salt, content), by_id=by_id, at=now)
    )
    session.flush()
    return version


def is_version(session: Session, matter_id: int, version: int, content: Json) -> bool:
    query = select(PrintedForm).where(PrintedForm.matter_id == matter_id, PrintedForm.version == version)
    found = session.exec(query).first()
    return found is not None and found.says(content)


def _last(session: Session, matter_id: int) -> PrintedForm | None:
    query = select(PrintedForm).where(PrintedForm.matter_id == matter_id)
    return session.exec(query.order_by(col(PrintedForm.version).desc()).limit(1)).first()
