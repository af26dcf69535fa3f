"""封存: a person's identity is taken out of every record for good. One asks, another agrees, and both are on record.

What happened, when, and how it ended stays, under a name that tells nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CheckConstraint, Index, update
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, customers
from models.customers import Customer
from models.identities import MARK, Identity, check_over, of_ref
from models.kinds import Json, json_field, json_list
from models.people import Staff, key
from models.records import Counter as Series
from models.traces import RECORDS, Change, Traces
from rules.house import House

ASKED, REFUSED, SEALING, SEALED = "asked", "refused", "sealing", "sealed"
SOMEBODY: Final = "当事人"
"""Stands in a reason where it names the person."""
STEP: Final = 2731
FIRST: Final = 0xA3F
ROUND: Final = 4096


class Sealing(SQLModel, table=True):
    """`subjects` are references (`{"matter": id}`, `{"person": id}`), never names; `also`, other names, is empty once decided."""

    __table_args__ = (
        CheckConstraint("decided_by IS NULL OR decided_by <> by_id", name="sealing_by_two"),
        CheckConstraint("state = 'asked' OR decided_by IS NOT NULL", name="sealing_decided"),
    )

    id: int | None = Field(default=None, primary_key=True)
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    subjects: list[dict[str, int]] = json_list()
    also: list[str] = json_list()
    reason: str
    state: str = Field(default=ASKED, index=True)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = None
    counts: Json = json_field()
    wiped_at: datetime | None = None


class SealedRow(SQLModel, table=True):
    """A row that a sealing changed. The guards let a record be changed only while its sealing is under way and names it here."""

    __tablename__ = "sealed_row"
    __table_args__ = (Index("sealed_row_place", "place", "row_id"),)

    sealing_id: int = Field(primary_key=True, foreign_key="sealing.id")
    place: str = Field(primary_key=True)
    row_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})


DONE: Final = "sealing.done"
ON_RECORD: Final = ("person", *RECORDS)


@dataclass(frozen=True)
class Wanted:
    """What is asked for: whose identity, and why."""

    subjects: Sequence[dict[str, int]]
    reason: str
    also: Sequence[str] = ()

    def identities(self, session: Session) -> list[Identity]:
        return [of_ref(session, each, tuple(self.also)) for each in self.subjects]


def look(session: Session, house: House, wanted: Wanted, now: datetime) -> Counter[str]:
    """What would be sealed, counted by kind. Raises `TooEarlyError`."""
    counts: Counter[str] = Counter()
    for identity in wanted.identities(session):
        check_over(identity, house, now)
        traces = Traces(session, identity, MARK)
        traces.changes()
        counts.update(traces.counts)
    return counts


def ask(session: Session, house: House, by: Staff, wanted: Wanted, now: datetime) -> Sealing:
    """Put it on record; nothing is sealed yet. Raises `TooEarlyError`."""
    counts = look(session, house, wanted, now)
    reason = wanted.reason
    for each in wanted.identities(session):
        reason = each.without(reason, SOMEBODY)
    found = Sealing(
        by_id=key(by),
        at=now,
        subjects=list(wanted.subjects),
        also=list(wanted.also),
        reason=reason,
        counts=dict(counts),
    )
    session.add(found)
    session.flush()
    said: dict[str, Any] = {"subjects": found.subjects, "reason": reason, "counts": found.counts}
    audit.record(session, now, key(by), "sealing.ask", f"sealing:{found.id}", **said)
    return found


def refuse(session: Session, sealing: Sealing, by: Staff, now: datetime) -> None:
    _decide(session, sealing, REFUSED, by, now)
    sealing.also = []
    audit.record(session, now, key(by), "sealing.refuse", f"sealing:{sealing.id}")
    session.flush()


def approve(session: Session, house: House, sealing: Sealing, by: Staff, now: datetime) -> Counter[str]:
    """Seal, in the caller's transaction. Raises `TooEarlyError` where something new has come up since it was asked for, ValueError
    for somebody who decides what they asked for themselves."""
    if key(by) == sealing.by_id:
        raise ValueError("whoever asks for a sealing does not decide it")
    identities = Wanted(sealing.subjects, "", sealing.also).identities(session)
    for each in identities:
        check_over(each, house, now)
    _decide(session, sealing, SEALING, by, now)
    counts: Counter[str] = Counter()
    rows: dict[str, set[int]] = {}
    pseudonyms = [_seal(session, sealing, each, counts, rows) for each in _distinct(identities)]
    _put_on_record(session, sealing, by, now, pseudonyms, counts, rows)
    return counts


def _decide(session: Session, sealing: Sealing, state: str, by: Staff, now: datetime) -> None:
    sealing.state, sealing.decided_by, sealing.decided_at = state, key(by), now
    session.flush()


def _distinct(identities: Sequence[Identity]) -> list[Identity]:
    return list({(key(each.customer), each.name): each for each in identities}.values())


def _seal(
    session: Session, sealing: Sealing, identity: Identity, counts: Counter[str], rows: dict[str, set[int]]
) -> str:
    pseudonym = f"「{MARK}{_next_code(session)}」"
    traces = Traces(session, identity, pseudonym)
    changes = traces.changes()
    counts.update(traces.counts)
    for change in changes:
        if change.place in ON_RECORD:
            _name(session, sealing, change, rows)
    session.flush()
    for change in changes:
        if change.place == "audit_body":
            rows.setdefault("audit_body", set()).add(change.row)
        else:
            _apply(session, change)
    session.expire_all()
    customers.index(session, session.get_one(Customer, key(identity.customer)))
    return pseudonym


def _name(session: Session, sealing: Sealing, change: Change, rows: dict[str, set[int]]) -> None:
    if change.row not in rows.setdefault(change.place, set()):
        rows[change.place].add(change.row)
        session.add(SealedRow(sealing_id=key(sealing), place=change.place, row_id=change.row))


def _apply(session: Session, change: Change) -> None:
    table = SQLModel.metadata.tables[change.place]
    (primary,) = table.primary_key.columns
    session.execute(update(table).where(primary == change.row).values(**change.values))


def _next_code(session: Session) -> str:
    """Codes that look like no order and are never given twice: they come from a number, not from the name."""
    series = session.get(Series, ("sealed", 0), with_for_update=True)
    if series is None:
        session.add(series := Series(series="sealed", year=0))
    series.last += 1
    session.flush()
    turns, place = divmod(series.last - 1, ROUND)
    return (f"{turns:X}" if turns else "") + f"{(place * STEP + FIRST) % ROUND:03X}"


def _put_on_record(
    session: Session,
    sealing: Sealing,
    by: Staff,
    now: datetime,
    pseudonyms: Sequence[str],
    counts: Counter[str],
    rows: dict[str, set[int]],
) -> None:
    sealing.state, sealing.also, sealing.counts = SEALED, [], dict(counts)
    session.flush()
    bodies = sorted(rows.pop("audit_body", ()))
    listed = {place: sorted(numbers) for place, numbers in rows.items()}
    audit.record(
        session,
        now,
        key(by),
        DONE,
        f"sealing:{sealing.id}",
        asked_by=sealing.by_id,
        reason=sealing.reason,
        called=list(pseudonyms),
        counts=dict(counts),
        rows=listed,
    )
    if bodies:
        audit.seal(session, now, key(by), bodies, sealing.reason)
    session.flush()


def waiting(session: Session) -> list[Sealing]:
    return list(session.exec(select(Sealing).where(Sealing.state == ASKED).order_by(col(Sealing.id))))


def latest(session: Session, most: int) -> list[Sealing]:
    query = select(Sealing).where(Sealing.state != ASKED).order_by(col(Sealing.id).desc()).limit(most)
    return list(session.exec(query))


def unwiped(session: Session) -> list[int]:
    """Sealed, while the files of the database still hold what was there."""
    query = select(Sealing.id).where(Sealing.state == SEALED, col(Sealing.wiped_at).is_(None))
    return [each for each in session.exec(query) if each is not None]


def mark_wiped(session: Session, numbers: Sequence[int], now: datetime) -> None:
    for each in numbers:
        session.get_one(Sealing, each).wiped_at = now
