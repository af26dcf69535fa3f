"""A list that somebody sent to be imported: what was found in it, what was decided, how far it has come.

The file itself is not kept: it is fetched again by the messenger's own id when it is needed, and must still be the same (`digest`).
Of its rows only the wrong ones are kept, until they were sent back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import JSON
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.kinds import Json, json_field, json_list
from models.people import key

KEPT: Final = timedelta(days=2)
"""How long wrong rows are kept, to be sent back."""


class State(StrEnum):
    READING = "reading"
    WAITING = "waiting"  # for a word: import or not
    WRITING = "writing"
    DONE = "done"
    REFUSED = "refused"
    CANCELLED = "cancelled"


class ListImport(SQLModel, table=True):
    """`places` says in which column of the file each of ours is found, `choices` what to do with rows that look like a customer on
    file (by line: "skip", "new" or the customer's id). `done` of `total` batches are written."""

    __tablename__ = "list_import"

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    kind: str | None = None
    name: str
    file: Json = json_field()
    digest: str | None = None
    state: str = Field(default=State.READING, index=True)
    headings: list[str] = Field(default_factory=list, sa_type=JSON)
    places: Json = json_field()
    found: Json = json_field()
    choices: Json = json_field()
    rejects: list[Json] = json_list()
    counts: Json = json_field()
    done: int = 0
    total: int = 0
    tries: int = 0
    asked_at: datetime
    touched_at: datetime

    @property
    def subject(self) -> str:
        return f"import:{self.id}"

    @property
    def bad_lines(self) -> set[int]:
        return {each["line"] for each in self.rejects}


def begin(session: Session, staff_id: int, name: str, file: Mapping[str, Any], now: datetime) -> ListImport:
    """What the same person sent before and was never answered is given up."""
    for older in of_staff(session, staff_id, State.READING, State.WAITING):
        older.state, older.rejects, older.touched_at = State.CANCELLED, [], now
    made = ListImport(staff_id=staff_id, name=name, file=dict(file), asked_at=now, touched_at=now)
    session.add(made)
    session.flush()
    return made


def of_staff(session: Session, staff_id: int, *states: State) -> list[ListImport]:
    query = select(ListImport).where(ListImport.staff_id == staff_id, col(ListImport.state).in_(states))
    return list(session.exec(query.order_by(col(ListImport.id).desc())))


def writing(session: Session) -> ListImport | None:
    """Only one list is written at a time."""
    return session.exec(select(ListImport).where(ListImport.state == State.WRITING)).first()


def next_one(session: Session) -> ListImport | None:
    """What there is to do: the list that is being written first, then those to be read."""
    query = select(ListImport).where(col(ListImport.state).in_((State.READING, State.WRITING)))
    return session.exec(query.order_by((col(ListImport.state) != State.WRITING), col(ListImport.id)).limit(1)).first()


def reject(row: ListImport, lines: Iterable[tuple[int, Sequence[str], str]]) -> None:
    """Keep wrong rows as they were, each with its reason; a row is wrong once."""
    known = row.bad_lines
    fresh = [{"line": line, "cells": list(cells), "why": why} for line, cells, why in lines if line not in known]
    row.rejects = [*row.rejects, *fresh]


def finish(session: Session, row: ListImport, now: datetime) -> None:
    """All of it is written; that it was is on record."""
    row.state, row.touched_at = State.DONE, now
    body = {"file": row.name, "digest": row.digest, **row.counts}
    audit.record(session, now, row.staff_id, "import", f"import:{key(row)}", kind=row.kind, **body)


def forget(session: Session, now: datetime) -> None:
    """Wrong rows of lists that are over are not kept for ever."""
    over = col(ListImport.state).in_((State.DONE, State.CANCELLED, State.REFUSED, State.WAITING))
    for row in session.exec(select(ListImport).where(over, ListImport.touched_at < now - KEPT)):
        row.rejects, row.found = [], {name: each for name, each in row.found.items() if name in ("rows", "refused")}
        row.state = State.CANCELLED if row.state == State.WAITING else row.state
