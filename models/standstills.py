"""How long the limits of complaints stood still (中止), and what that made of them: shown apart in every figure (R16.7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from models.climbing import LIMIT
from models.clocks import Clock
from models.limits import SUBJECT, Pause
from models.records import Complaint, Entry, Matter

SOME = 500
ENDED = ("arrived", "answered", "resolved")


@dataclass(frozen=True)
class Standstill:
    """Of one complaint: how long its limits stood still in all its cycles; whether the on-site limit of the present one was kept,
    with the pauses and as if there had been none. None: nobody can say yet, or it was voided."""

    paused: timedelta
    kept: bool | None
    kept_without: bool | None


def of_matters(session: Session, numbers: Sequence[int], now: datetime) -> Mapping[int, Standstill]:
    found: dict[int, Standstill] = {}
    for start in range(0, len(numbers), SOME):
        some = list(numbers[start : start + SOME])
        entries = _entries(session, some)
        query = (
            select(Matter, Complaint, Clock)
            .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
            .join(Clock, (col(Clock.subject_id) == col(Matter.id)) & (col(Clock.subject_kind) == SUBJECT))
            .where(Clock.rule == LIMIT, col(Matter.id).in_(some))
        )
        for matter, complaint, clock in session.exec(query):
            end = min(now, matter.closed_at or now)
            found[matter.id or 0] = Standstill(
                lasted(_pauses(entries.get(matter.id or 0, [])), end),
                _kept(clock, clock.due_at, now),
                _kept(clock, complaint.limit_at, now),
            )
    return found


def _entries(session: Session, numbers: Sequence[int]) -> dict[int, list[Entry]]:
    kinds = col(Entry.kind).in_(("pause", "resume", "confirmation"))
    query = select(Entry).where(kinds, col(Entry.matter_id).in_(numbers))
    found: dict[int, list[Entry]] = {}
    for each in session.exec(query.order_by(col(Entry.written_at), col(Entry.id))):
        found.setdefault(each.matter_id or 0, []).append(each)
    return found


def _pauses(entries: Sequence[Entry]) -> Iterator[Pause]:
    """Each from its approval until it was resumed, its cycle ended, or its planned end."""
    for number, entry in enumerate(entries):
        if entry.kind == "pause":
            ends = [each.written_at for each in entries[number + 1 :] if each.kind != "pause"]
            yield entry.written_at, min([datetime.fromisoformat(entry.answers["until"]), *ends])


def lasted(pauses: Iterable[Pause], until: datetime) -> timedelta:
    """Together, an hour that two of them share counted once."""
    found, counted = timedelta(), datetime.min.replace(tzinfo=until.tzinfo)
    for start, end in sorted(pauses):
        begin, stop = max(start, counted), min(end, until)
        found += max(stop - begin, timedelta())
        counted = max(counted, end)
    return found


def _kept(clock: Clock, due: datetime, now: datetime) -> bool | None:
    if clock.closed_at is None:
        return False if now > due else None
    return clock.closed_at <= due if clock.stopped_by in ENDED else None
