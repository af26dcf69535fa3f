"""Every version of the rulebook that was ever in force."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select


class RulebookText(SQLModel, table=True):
    __tablename__ = "rulebook"

    version: int | None = Field(default=None, primary_key=True)
    text: str
    loaded_at: datetime


def remember(session: Session, text: str, now: datetime) -> int:
    """The version of this text: the newest one's when nothing changed, otherwise a new one."""
    newest = session.exec(select(RulebookText).order_by(col(RulebookText.version).desc())).first()
    if newest is None or newest.text != text:
        newest = RulebookText(text=text, loaded_at=now)
        session.add(newest)
        session.flush()
    return newest.version or 0


def text_of(session: Session, version: int) -> str | None:
    found = session.get(RulebookText, version)
    return found.text if found else None
