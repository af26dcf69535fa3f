"""季度考核 (R17.10): what the sales department makes of a quarter's callbacks: plan against done, from the record; main results,
open problems and what to improve, in its own words. Kept as it was published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, rounds, spot_checks
from models.climbing import ASSESSMENT
from models.kinds import Json, json_field
from models.pace import Pace
from models.people import Staff, key
from models.plans import Plan, of_units
from models.records import Entry
from models.spot_checks import RESULTS, SpotDraw, SpotResult
from rules.cadence import QUARTER, Cycle, Every
from rules.house import House
from rules.spans import year_of

TEXTS = ("results", "problems", "improvements")


class CallbackAssessment(SQLModel, table=True):
    """`figures`: unit by unit as they were then. The newest of a quarter counts."""

    __tablename__ = "callback_assessment"

    id: int | None = Field(default=None, primary_key=True)
    quarter: str = Field(index=True)
    figures: Json = json_field()
    results: str
    problems: str
    improvements: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class Figures:
    """Of one unit: planned for the months up to the quarter's end and done by then; planned for the year and what it comes to at
    this pace; of the visits done, those that rest on nothing but unproven or late entries, or were not confirmed; what the spot
    checks of the quarter's entries said."""

    unit: int
    due: int
    done: int
    planned: int
    expected: int
    bare: int
    late: int
    unconfirmed: int
    checked: dict[str, int]


def figures(session: Session, house: House, quarter: Cycle, units: Iterable[int], now: datetime) -> list[Figures]:
    """The year's plans as they stood at the end of the quarter; before that, as they stand now."""
    ends = house.calendar.at(quarter.last + timedelta(days=1), time())
    then = min(now, ends - timedelta(seconds=1))
    plans = of_units(session, house, units, year_of(quarter.last), then)
    return [_of(session, house, quarter, plan, ends) for plan in plans]


def _of(session: Session, house: House, quarter: Cycle, plan: Plan, ends: datetime) -> Figures:
    due, done = plan.by_end_of(quarter.last.month, ends)
    apart = Counter(mark for slot in plan.slots for mark in slot.apart)
    return Figures(
        plan.unit,
        len(due),
        len(done),
        plan.pace.planned,
        _expected(plan.pace, len(done)),
        apart["bare"],
        apart["late"],
        apart["unconfirmed"],
        checked(session, house, quarter, plan.unit),
    )


def _expected(pace: Pace, done: int) -> int:
    """What was done by then, carried on to the year's end."""
    return min(pace.planned, done * pace.whole // pace.passed) if pace.passed else done


def checked(session: Session, house: House, quarter: Cycle, unit: int) -> dict[str, int]:
    """What the spot checks said of the unit's on-site entries of that quarter."""
    ours = {key(each) for each in drawn_of(session, house, quarter, unit)}
    said = Counter(each.result for made in _draws(session, house, quarter) for each in _said(session, made, ours))
    return {each: said[each] for each in RESULTS}


def _draws(session: Session, house: House, quarter: Cycle) -> list[SpotDraw]:
    """The draws of the periods that lie in the quarter."""
    rule = house.rulebook.spot_check
    if rule is None:
        return []
    made = session.exec(select(SpotDraw).order_by(col(SpotDraw.id)))
    periods = [(each, rounds.named(rule.every, each.period)) for each in made if _fits(rule.every, each.period)]
    return [each for each, period in periods if quarter.first <= period.first and period.last <= quarter.last]


def _fits(every: Every, period: str) -> bool:
    """Whether a draw was made by quarters or by months as the rule has it now."""
    return ("Q" in period) == (every.number == QUARTER)


def drawn_of(session: Session, house: House, quarter: Cycle, unit: int) -> list[Entry]:
    """The unit's entries that were drawn of that quarter."""
    ids = [each for made in _draws(session, house, quarter) for each in made.entries["drawn"]]
    return [entry for entry, customer in spot_checks.with_customers(session, ids) if customer.unit_id == unit]


def _said(session: Session, made: SpotDraw, ours: set[int]) -> list[SpotResult]:
    return [each for entry, each in spot_checks.results(session, made).items() if entry in ours]


def publish(
    session: Session, house: House, quarter: Cycle, by: Staff, texts: dict[str, str], now: datetime
) -> CallbackAssessment:
    """With the figures as they are now, on record; the quarter is no longer owed."""
    rule = house.rulebook.assessment
    here = rounds.department(session, rule.who, now) if rule else 0
    due = rounds.owed(session, ASSESSMENT, here, quarter.name)
    found = [asdict(each) for each in figures(session, house, quarter, rounds.units(session), now)]
    row = CallbackAssessment(
        quarter=quarter.name,
        figures={"units": found},
        results=texts["results"],
        problems=texts["problems"],
        improvements=texts["improvements"],
        by_id=key(by),
        at=now,
        due_at=due.due_at if due else None,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        now,
        key(by),
        "assessment.publish",
        f"assessment:{row.id}",
        quarter=quarter.name,
        **{n: texts[n] for n in TEXTS},
    )
    rounds.done(session, house, due, rule, now, lambda name: of(session, name) is not None)
    return row


def of(session: Session, quarter: str) -> CallbackAssessment | None:
    """The newest of that quarter."""
    query = select(CallbackAssessment).where(CallbackAssessment.quarter == quarter)
    return session.exec(query.order_by(col(CallbackAssessment.id).desc())).first()


def read(row: CallbackAssessment) -> list[Figures]:
    """Its figures, unit by unit."""
    return [Figures(**each) for each in row.figures["units"]]


def sync(session: Session, house: House, now: datetime) -> None:
    """The sales department owes it of each quarter, the one that runs now first."""
    rule = house.rulebook.assessment
    rounds.sync(session, house, ASSESSMENT, rule, rounds.by_department(session, rule.who, now) if rule else (), now)
