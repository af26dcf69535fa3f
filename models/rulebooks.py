"""Every version of the rulebook that was ever in force."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from sqlmodel import Field, Session, SQLModel, col, func, select

from rules.rulebook import Rulebook, load


class RulebookText(SQLModel, table=True):
    """`disk`: the digest of the file as it was last taken in; None where the text itself is that file."""

    __tablename__ = "rulebook"

    version: int | None = Field(default=None, primary_key=True)
    text: str
    loaded_at: datetime
    disk: str | None = None

    @property
    def on_disk(self) -> str:
        return self.disk or digest(self.text)


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()


NEWEST = select(func.max(col(RulebookText.version)))


def newest(session: Session) -> RulebookText | None:
    return session.exec(select(RulebookText).order_by(col(RulebookText.version).desc()).limit(1)).first()


def remember(session: Session, text: str, now: datetime, disk: str | None = None) -> int:
    """The version of this text: the newest one's when nothing changed, neither here nor in the file; otherwise a new one."""
    found, file = newest(session), disk or digest(text)
    if found is None or found.text != text or found.on_disk != file:
        found = RulebookText(text=text, loaded_at=now, disk=file if file != digest(text) else None)
        session.add(found)
        session.flush()
    return found.version or 0


def text_of(session: Session, version: int) -> str | None:
    found = session.get(RulebookText, version)
    return found.text if found else None


@lru_cache(maxsize=16)
def loaded(text: str) -> Rulebook:
    return load(text)
