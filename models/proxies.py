"""代录: a secretary wrote a talk down for a leader. It counts for the leader only once the leader has confirmed it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.people import Staff, key, principals
from models.records import Entry, Participant, standing


class Proxy(SQLModel, table=True):
    """One leader asked about one entry; `confirmed` is None until they say."""

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    asked_at: datetime
    answered_at: datetime | None = None
    confirmed: bool | None = None


def written_for(session: Session, by: Staff, took_part: Sequence[int], now: datetime) -> list[Staff]:
    """Those among the participants for whom this person writes as their secretary."""
    return [each for each in principals(session, by, now) if key(each) in took_part]


def ask(session: Session, entry: Entry, leader: Staff, now: datetime) -> Proxy:
    proxy = Proxy(entry_id=key(entry), staff_id=key(leader), asked_at=now)
    session.add(proxy)
    session.flush()
    audit.record(session, now, entry.by_id, "proxy.ask", f"entry:{entry.id}", staff=leader.id)
    return proxy


def answer(session: Session, proxy: Proxy, confirmed: bool, now: datetime) -> None:
    """Confirmed, the leader took part in the talk; denied, the record stays as the secretary's word."""
    proxy.confirmed, proxy.answered_at = confirmed, now
    if confirmed:
        session.add(Participant(entry_id=proxy.entry_id, staff_id=proxy.staff_id))
        session.flush()
    what = "confirm" if confirmed else "deny"
    audit.record(session, now, proxy.staff_id, f"proxy.{what}", f"entry:{proxy.entry_id}")


def waiting(session: Session, staff_id: int) -> list[Proxy]:
    """What this leader was asked and has not answered, of entries that stand; the oldest first."""
    stands = select(Entry.id).where(standing())
    query = select(Proxy).where(
        Proxy.staff_id == staff_id, col(Proxy.answered_at).is_(None), col(Proxy.entry_id).in_(stands)
    )
    return list(session.exec(query.order_by(col(Proxy.id))))


def of_entry(session: Session, entry_id: int) -> list[Proxy]:
    return list(session.exec(select(Proxy).where(Proxy.entry_id == entry_id).order_by(col(Proxy.id))))
