"""What is known of the running process: the last success of its parts, its alarms, what waits. One row a name, written over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import text as sql
from sqlmodel import Field, Session, SQLModel, col, func, select

from models.messages import Inbox, Outbox

SERVICE = "service"
BOT = "bot"
"""What the bot is called on Telegram, for the links that lead to it."""
ALARM = "alarm."
LATELY = timedelta(days=7)


class Vital(SQLModel, table=True):
    """`at`: when last; `since`: since when without a break (the service: its start); `count` and `text`: what there is to say."""

    name: str = Field(primary_key=True)
    at: datetime
    since: datetime
    count: int = 0
    text: str = ""


def note(session: Session, name: str, at: datetime, *, text: str = "", count: int = 0) -> Vital:
    """Write it down; `since` stays as it was first."""
    row = session.get(Vital, name)
    if row is None:
        row = Vital(name=name, at=at, since=at)
        session.add(row)
    row.at, row.text, row.count = at, text, count
    return row


def began(session: Session, at: datetime, text: str) -> None:
    note(session, SERVICE, at, text=text).since = at


def bot_name(session: Session) -> str:
    """Nothing, before Telegram was ever asked."""
    found = session.get(Vital, BOT)
    return found.text if found else ""


def called(session: Session, name: str, at: datetime) -> None:
    if bot_name(session) != name:
        note(session, BOT, at, text=name)


def all_of(session: Session) -> dict[str, Vital]:
    return {each.name: each for each in session.exec(select(Vital))}


@dataclass(frozen=True)
class Load:
    """What waits and what went wrong; `uncertain` and `failed` messages of the last week, `set_aside` updates of all time."""

    inbox: int
    set_aside: int
    outbox: int
    oldest: datetime | None
    uncertain: int
    failed: int
    sent: datetime | None
    received: datetime | None
    size: int
    """Bytes of the database."""


def load(session: Session, now: datetime) -> Load:
    updates = dict(session.exec(select(Inbox.state, func.count()).group_by(Inbox.state)).all())
    lately = (
        select(Outbox.state, func.count())
        .where(Outbox.created_at >= now - LATELY, col(Outbox.state).in_(("uncertain", "failed")))
        .group_by(Outbox.state)
    )
    wrong = dict(session.exec(lately).all())
    underway = col(Outbox.state).in_(("waiting", "sending"))
    waiting, oldest = session.exec(select(func.count(), func.min(Outbox.created_at)).where(underway)).one()
    return Load(
        inbox=updates.get("waiting", 0),
        set_aside=updates.get("set_aside", 0),
        outbox=waiting,
        oldest=oldest,
        uncertain=wrong.get("uncertain", 0),
        failed=wrong.get("failed", 0),
        sent=session.exec(select(func.max(Outbox.sent_at)).where(Outbox.state == "sent")).one(),
        received=session.exec(select(func.max(Inbox.received_at))).one(),
        size=_size(session),
    )


def count(session: Session, table: type[Inbox] | type[Outbox], state: str) -> int:
    return session.exec(select(func.count()).select_from(table).where(table.state == state)).one()


def _size(session: Session) -> int:
    """Bytes on disk; on SQLite the log beside the file included."""
    if session.get_bind().dialect.name == "postgresql":
        return int(session.connection().execute(sql("SELECT pg_database_size(current_database())")).scalar_one())
    path = session.connection().execute(sql("PRAGMA database_list")).all()[0][2]
    files = (Path(path), Path(f"{path}-wal"))
    return sum(each.stat().st_size for each in files if each.is_file())
