"""What the auditor found wrong, so that each finding is told once, and again only when it had gone and came back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models.kinds import Json, json_field


class Fault(SQLModel, table=True):
    """`key` names the check and what it is about; `text` is the finding in words, packed."""

    key: str = Field(primary_key=True)
    text: Json = json_field()
    found_at: datetime
    gone_at: datetime | None = None


def standing(session: Session) -> list[Fault]:
    """What is wrong as far as is known, the oldest first."""
    query = select(Fault).where(col(Fault.gone_at).is_(None)).order_by(col(Fault.found_at), col(Fault.key))
    return list(session.exec(query))


def settle(session: Session, found: Mapping[str, Json], doubts: Collection[str], now: datetime) -> list[Fault]:
    """Remember what is wrong now; what is in doubt is neither new nor gone. Returns what is new."""
    for each in standing(session):
        if each.key not in found and each.key not in doubts:
            each.gone_at = now
    new = []
    for key, text in found.items():
        known = session.get(Fault, key)
        if known is None or known.gone_at is not None:
            fault = known or Fault(key=key, found_at=now)
            fault.text, fault.found_at, fault.gone_at = text, now, None
            session.add(fault)
            new.append(fault)
    session.flush()
    return new
