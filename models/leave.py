"""请假: taken, changed, called off, over. Each in the caller's transaction, on record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import audit
from models.absences import Absence, StoodIn, between
from models.clocks import ABSENCE, Clock, running
from models.customers import Customer
from models.people import Assignment, Staff, current, key
from models.records import TALKS, Complaint, Entry, Matter, standing
from models.steps import Step
from rules.house import House
from rules.roles import Role

BEGINS, ENDS = "begins", "ends"
"""What the clock of an absence waits for."""


@dataclass(frozen=True)
class Leave:
    """What is asked for: from when until just before when, and who stands in (None: all goes up the line)."""

    starts: datetime
    ends: datetime
    substitute: Staff | None


def take(session: Session, house: House, staff: Staff, what: Leave, now: datetime) -> Absence:
    """Write it down, with the clock that tells of its beginning and its end."""
    absence = Absence(
        staff_id=key(staff),
        substitute_id=what.substitute.id if what.substitute else None,
        starts=what.starts,
        ends=what.ends,
        made_at=now,
    )
    session.add(absence)
    session.flush()
    _record(session, absence, staff, "take", now)
    clock = Clock(
        rule=ABSENCE,
        rulebook_version=house.rulebook_version,
        subject_kind=ABSENCE,
        subject_id=key(absence),
        post=f"{ABSENCE}@{absence.id}",
        cycle=BEGINS,
        anchor=now,
        due_at=absence.starts,
    )
    session.add(clock)
    session.flush()
    wind(house, clock, absence)
    return absence


def _record(session: Session, absence: Absence, by: Staff, what: str, now: datetime, **body: object) -> None:
    body |= {
        "substitute": absence.substitute_id,
        "starts": absence.starts.isoformat(),
        "ends": absence.ends.isoformat(),
    }
    audit.record(session, now, key(by), f"leave.{what}", f"staff:{absence.staff_id}", absence=absence.id, **body)


def clock_of(session: Session, absence: Absence) -> Clock | None:
    return next(iter(running(session, ABSENCE, key(absence))), None)


def wind(house: House, clock: Clock, absence: Absence) -> None:
    """When it is told that it begins, or that it is over: not in the night. The rights change at the minute all the same."""
    clock.due_at = absence.starts if clock.cycle == BEGINS else absence.ends
    clock.next_at = house.quiet.wake(house.calendar.local(clock.due_at))


def begun(session: Session, house: House, absence: Absence) -> None:
    """It was told that it begins; its end comes next."""
    clock = clock_of(session, absence)
    if clock is not None:
        clock.cycle = ENDS
        wind(house, clock, absence)


def over(session: Session, absence: Absence, now: datetime, why: str = "over") -> None:
    clock = clock_of(session, absence)
    if clock is not None:
        clock.closed_at, clock.next_at, clock.stopped_by = now, None, why


def end(session: Session, absence: Absence, by: Staff, now: datetime) -> None:
    """提前结束; one that has not begun is called off."""
    early = absence.starts <= now
    before = absence.ends
    absence.ends = now if early else absence.starts
    session.flush()
    _record(session, absence, by, "end" if early else "call_off", now, before=before.isoformat())
    over(session, absence, now, "ended" if early else "called off")


def move_end(session: Session, house: House, absence: Absence, ends: datetime, by: Staff, now: datetime) -> None:
    """Longer or shorter than it was."""
    before, absence.ends = absence.ends, ends
    session.flush()
    _record(session, absence, by, "change", now, before=before.isoformat())
    clock = clock_of(session, absence)
    if clock is not None:
        wind(house, clock, absence)


def goes_in_circles(session: Session, staff: Staff, what: Leave, without: Absence | None = None) -> list[int]:
    """The chain from the substitute back to this person, at any moment of that time; nothing, where it leads elsewhere."""
    there = [each for each in between(session, what.starts, what.ends) if each.id != (without.id if without else None)]
    return next(_circles(there, key(staff), what), [])


def _circles(there: Sequence[Absence], me: int, what: Leave) -> Iterator[list[int]]:
    """Chains change only when somebody goes or comes back, so these moments are enough."""
    for at in sorted({what.starts, *(each.starts for each in there if each.starts > what.starts)}):
        away = {
            each.staff_id: each.substitute_id for each in there if each.starts <= at < each.ends and each.staff_id != me
        }
        passed: list[int] = []
        one = what.substitute.id if what.substitute else None
        while one is not None and one not in passed:
            passed.append(one)
            one = away.get(one)
            if one == me:
                yield passed


# What happened meanwhile


@dataclass(frozen=True)
class Meanwhile:
    """What was done in somebody's place while they were away, and what came about at their customers' and their complaints."""

    talks: list[Entry]
    steps_taken: int
    complaints: list[Matter]
    decisions: list[Step]


def meanwhile(session: Session, absence: Absence, posts: Sequence[str]) -> Meanwhile:
    """`posts`: the addresses of the person who was away."""
    done = _done_for(session, absence)
    decided = select(Step).where(
        col(Step.post).in_(posts),
        col(Step.decided_at) >= absence.starts,
        col(Step.decided_at) <= absence.ends,
        Step.decided_by != absence.staff_id,
    )
    return Meanwhile(
        [each for each in done if each.kind in TALKS],
        sum(each.kind not in TALKS for each in done),
        _opened(session, absence),
        list(session.exec(decided.order_by(col(Step.decided_at)))),
    )


def _done_for(session: Session, absence: Absence) -> list[Entry]:
    mine = select(StoodIn.entry_id).where(StoodIn.for_id == absence.staff_id)
    window = (Entry.written_at >= absence.starts, Entry.written_at <= absence.ends)
    query = select(Entry).where(col(Entry.id).in_(mine), standing(), *window)
    return list(session.exec(query.order_by(col(Entry.at), col(Entry.id))))


def _opened(session: Session, absence: Absence) -> list[Matter]:
    """Complaints of their customers, of their units, and those in their hands."""
    headed = select(Assignment.unit_id).where(
        Assignment.staff_id == absence.staff_id, Assignment.role == Role.UNIT_HEAD, *current(absence.ends)
    )
    theirs = (col(Customer.owner_id) == absence.staff_id) | (col(Complaint.handler_id) == absence.staff_id)
    opened = (
        select(Matter)
        .join(Customer, col(Customer.id) == col(Matter.customer_id))
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(theirs | col(Matter.unit_id).in_(headed))
        .where(Matter.opened_at >= absence.starts, Matter.opened_at <= absence.ends)
    )
    return list(session.exec(opened.order_by(col(Matter.id))))
