"""The audit chain: each committed row of the audit gets a link with a keyed hash (HMAC-SHA256) over the link before.

Whoever holds the database but not the key can change rows, not links that fit them. The tick makes the links, in the order in
which the rows were committed: chaining inside every transaction would make them all wait for each other.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import Field, Session, SQLModel, col, exists, func, select

from models.audit import Audit
from models.people import key as id_of

BATCH = 500
LATE = 10_000
"""Numbers by which a row may be committed after later ones (a long transaction on PostgreSQL) and still be chained; one with an
older number came another way, and stays for the auditor to find."""
SHOWN = 16
"""Digits of the head that people see and compare."""


class Link(SQLModel, table=True):
    """`seal` is over the row of the audit alone, `mac` over the place in the chain and the link before: what was changed can be
    told from what was moved."""

    __tablename__ = "chain"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    audit_id: int = Field(foreign_key="audit.id", unique=True)
    key_id: str
    """Which key made it, without saying the key."""
    seal: str
    mac: str
    at: datetime


class PostedHead(SQLModel, table=True):
    """A head that was told to the auditors, who remember it apart from this database."""

    __tablename__ = "posted_head"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    mac: str
    at: datetime


@dataclass(frozen=True)
class Head:
    """The last link, as people see it: `812:9f3a61c0d2e4b7a1`."""

    seq: int
    mac: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.mac[:SHOWN]}"


def key_id(key: bytes) -> str:
    return keyed(key, "key")[:8]


def seal_of(key: bytes, row: Sequence[Any]) -> str:
    """`row`: id, at, staff_id, action, subject, digest."""
    number, at, *rest = row
    return keyed(key, "row", number, moment(at), *rest)


def mac_of(key: bytes, before: str, seq: int, audit_id: int, seal: str, at: datetime) -> str:
    return keyed(key, "link", before, seq, audit_id, seal, moment(at))


def keyed(key: bytes, *parts: Any) -> str:
    text = json.dumps(["keguan audit", *parts], ensure_ascii=True)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def append(session: Session, key: bytes, now: datetime) -> int:
    """Chain at most `BATCH` rows that are not chained yet, in their order. Returns how many. Only the leading process calls it; if
    two did, the second would fail on the number of its link."""
    newest = session.exec(select(func.max(col(Link.audit_id)))).one() or 0
    missing = (col(Audit.id) > newest - LATE) & ~exists().where(col(Link.audit_id) == col(Audit.id))
    rows = session.exec(select(Audit).where(missing).order_by(col(Audit.id)).limit(BATCH)).all()
    last = head(session)
    seq, mac = (last.seq, last.mac) if last else (0, "")
    for row in rows:
        seq += 1
        seal = seal_of(key, (row.id, row.at, row.staff_id, row.action, row.subject, row.digest))
        mac = mac_of(key, mac, seq, id_of(row), seal, now)
        session.add(Link(seq=seq, audit_id=id_of(row), key_id=key_id(key), seal=seal, mac=mac, at=now))
    session.flush()
    return len(rows)


def head(session: Session) -> Head | None:
    last = session.exec(select(Link).order_by(col(Link.seq).desc()).limit(1)).first()
    return Head(last.seq, last.mac) if last else None


def post_head(session: Session, now: datetime) -> Head | None:
    """The head, put on record as one that was told. None where nothing is chained yet."""
    last = head(session)
    if last is not None and session.get(PostedHead, last.seq) is None:
        session.add(PostedHead(seq=last.seq, mac=last.mac, at=now))
        session.flush()
    return last
