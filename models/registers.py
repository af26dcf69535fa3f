"""问题台账 (article 22): the problems that customers reported in a quarter, grouped and sorted, and what units make of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlmodel import Field, Session, SQLModel, col, or_, select

from models import audit, rounds
from models.asked import asked_once
from models.climbing import REGISTER
from models.clocks import Clock
from models.people import Staff, key
from models.records import Complaint, Entry, Matter
from reading.names import normalise
from rules.cadence import Cycle
from rules.complaint import ComplaintState
from rules.entries import ProblemRegister
from rules.gate import Scope
from rules.house import House

REPEATED_WITHIN = timedelta(days=90)


class ProblemAnalysis(SQLModel, table=True):
    """What a unit made of its problems of one quarter (2026-Q4). The newest counts; those before it stay on record."""

    __tablename__ = "problem_analysis"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    quarter: str
    problems: int
    text: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class Problem:
    """One problem that was reported. So far all of them are complaints; inquiries will be others."""

    matter: Matter
    type: str
    product: str | None
    cause: str = ""
    measure: str = ""


@dataclass
class Group:
    """Problems of one type with one product; `name` is the product as it was first written."""

    type: str
    name: str | None
    problems: list[Problem] = field(default_factory=list)


def period(rule: ProblemRegister, day: date) -> Cycle:
    """The quarter in which that day lies."""
    return rounds.period(rule.every, day)


def period_named(rule: ProblemRegister, name: str) -> Cycle:
    """The quarter of that name (2026-Q4)."""
    return rounds.named(rule.every, name)


def problems(session: Session, house: House, quarter: Cycle, reach: Scope, unit: int | None = None) -> list[Problem]:
    """What was reported in that quarter to the units within reach, the oldest first; what was voided is none."""
    since, until = (house.calendar.at(each, time()) for each in (quarter.first, quarter.last + timedelta(days=1)))
    query = select(Matter, Complaint).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    query = query.where(Complaint.received_at >= since, Complaint.received_at < until)
    query = query.where(Matter.state != ComplaintState.VOIDED)
    if not reach.all:
        query = query.where(col(Matter.unit_id).in_(reach.units))
    if unit is not None:
        query = query.where(Matter.unit_id == unit)
    found = session.exec(query.order_by(col(Complaint.received_at), col(Matter.id))).all()
    solved = _solutions(session, [key(matter) for matter, _ in found])
    return [
        Problem(matter, complaint.type, complaint.product, *solved.get(key(matter), ("", "")))
        for matter, complaint in found
    ]


def _solutions(session: Session, matters: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Cause and measure of each, as they were last written."""
    query = select(Entry).where(Entry.kind == "resolution", col(Entry.matter_id).in_(matters)).order_by(col(Entry.id))
    return {
        each.matter_id or 0: (each.answers.get("cause", ""), each.answers.get("measure", ""))
        for each in session.exec(query)
    }


def grouped(found: Iterable[Problem]) -> list[Group]:
    """By type and product, the most frequent first."""
    groups: dict[tuple[str, str], Group] = {}
    for each in found:
        place = each.type, normalise(each.product or "")
        groups.setdefault(place, Group(each.type, each.product)).problems.append(each)
    return sorted(groups.values(), key=lambda group: -len(group.problems))


# Repeats


def repeats(session: Session, matter: Matter, complaint: Complaint) -> list[Matter]:
    """The customer's earlier complaints about the same product, or where none is named of the same type, within 90 days."""
    earlier = _earlier(session, matter.customer_id, key(matter), complaint.received_at)
    return [each for each, other in earlier if _same(complaint, other)]


@asked_once(Matter, Complaint)
def _earlier(session: Session, customer_id: int, matter_id: int, at: datetime) -> list[tuple[Matter, Complaint]]:
    query = (
        select(Matter, Complaint)
        .join(Complaint, col(Complaint.matter_id) == col(Matter.id))
        .where(Matter.customer_id == customer_id, Matter.id != matter_id)
        .where(Matter.state != ComplaintState.VOIDED)
        .where(Complaint.received_at >= at - REPEATED_WITHIN)
        .where(
            or_(
                col(Complaint.received_at) < at,
                (col(Complaint.received_at) == at) & (col(Matter.id) < matter_id),
            )
        )
        .order_by(col(Complaint.received_at), col(Matter.id))
    )
    return list(session.exec(query))


def _same(one: Complaint, other: Complaint) -> bool:
    if one.product or other.product:
        return normalise(one.product or "") == normalise(other.product or "")
    return one.type == other.type


def in_quarter(session: Session, house: House, matters: Sequence[Matter], at: datetime) -> int:
    """How many of them were received in the quarter of that moment."""
    rule = house.rulebook.problem_register
    if rule is None:
        return 0
    local = house.calendar.local
    quarter = period(rule, local(at).date())
    query = select(Complaint.received_at).where(col(Complaint.matter_id).in_([key(each) for each in matters]))
    return sum(quarter.first <= local(each).date() <= quarter.last for each in session.exec(query))


# The analysis that is owed


def sync(session: Session, house: House, now: datetime) -> None:
    """Every unit that has customers owes the analysis of each quarter, the one that runs now first."""
    rule = house.rulebook.problem_register
    rounds.sync(session, house, REGISTER, rule, rounds.by_head(session, rule.who) if rule else (), now)


def of_clock(session: Session, house: House, clock: Clock) -> list[Problem]:
    """The problems that a clock asks to be analysed."""
    rule = house.rulebook.problem_register
    if rule is None:
        return []
    return problems(
        session, house, period_named(rule, clock.cycle), Scope(False, frozenset({clock.subject_id}), None, None)
    )


def analyse(
    session: Session, house: House, by: Staff, unit: int, quarter: Cycle, text: str, now: datetime
) -> ProblemAnalysis:
    """On record; and where this quarter was owed, the next one is from now on."""
    due = rounds.owed(session, REGISTER, unit, quarter.name)
    found = problems(session, house, quarter, Scope(False, frozenset({unit}), None, None))
    row = ProblemAnalysis(
        unit_id=unit,
        quarter=quarter.name,
        problems=len(found),
        text=text,
        by_id=key(by),
        at=now,
        due_at=due.due_at if due else None,
    )
    session.add(row)
    session.flush()
    audit.record(session, now, key(by), "register.analyse", f"unit:{unit}", quarter=quarter.name, text=text)
    rounds.done(session, house, due, house.rulebook.problem_register, now, lambda name: _is_there(session, unit, name))
    return row


def _is_there(session: Session, unit: int, quarter: str) -> bool:
    query = select(ProblemAnalysis.id).where(ProblemAnalysis.unit_id == unit, ProblemAnalysis.quarter == quarter)
    return session.exec(query).first() is not None


def analyses(session: Session, quarter: Cycle, units: Sequence[int]) -> dict[int, ProblemAnalysis]:
    """The newest of each unit."""
    query = select(ProblemAnalysis).where(
        ProblemAnalysis.quarter == quarter.name, col(ProblemAnalysis.unit_id).in_(units)
    )
    return {each.unit_id: each for each in session.exec(query.order_by(col(ProblemAnalysis.id)))}


def by_unit(found: Iterable[Problem]) -> dict[int, list[Problem]]:
    units: dict[int, list[Problem]] = defaultdict(list)
    for each in found:
        units[each.matter.unit_id].append(each)
    return units
