"""考核评分 (R3.1, R7.6): a quarterly sheet per unit, drawn from the record by the rulebook's criteria. A draft follows the record;
once it is published it stays as it is, and only the decision of an appeal stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, rounds
from models.climbing import APPEAL, SCORING, wind
from models.clocks import Clock, close
from models.kinds import Json, json_field
from models.people import Staff, key, post
from rules.entries import ScoreCriterion
from rules.house import House

UPHELD, CHANGED = "upheld", "changed"
MOST_ROWS = 200
"""How many rows of one criterion a published sheet keeps; the figure counts all."""
FULL = 100


class ScoreSheet(SQLModel, table=True):
    """As it was published; `total` is None where the unit owed nothing at all."""

    __tablename__ = "score_sheet"
    __table_args__ = (UniqueConstraint("unit_id", "quarter"),)

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    quarter: str
    criteria: Json = json_field()
    total: float | None = None
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    due_at: datetime | None = None
    appeal_by: datetime


class ScoreAppeal(SQLModel, table=True):
    """What the unit's head says against it, and, filled in once, what was decided: `upheld`, or `changed` with another total."""

    __tablename__ = "score_appeal"

    id: int | None = Field(default=None, primary_key=True)
    sheet_id: int = Field(foreign_key="score_sheet.id", unique=True)
    reason: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    due_at: datetime | None = None
    decision: str | None = None
    total: float | None = None
    opinion: str | None = None
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = None


@dataclass(frozen=True)
class Mark:
    """One criterion: so many of so many, its weight in a hundred, and the rows that were not good."""

    id: str
    weight: int
    good: int
    of: int
    rows: Sequence[Any] = field(default_factory=list)
    more: int = 0
    """Rows that the sheet does not keep."""

    @property
    def points(self) -> float | None:
        return round(self.weight * self.good / self.of, 1) if self.of else None


def mark(criterion: ScoreCriterion, good: int, of: int, rows: Sequence[Any]) -> Mark:
    kept = list(rows[:MOST_ROWS])
    return Mark(criterion.id, criterion.weight, good, of, kept, len(rows) - len(kept))


def total(marks: Sequence[Mark]) -> float | None:
    """Of a hundred; what was not owed is left out, the rest makes the hundred."""
    counted = [each for each in marks if each.of]
    weights = sum(each.weight for each in counted)
    if not weights:
        return None
    return round(sum(each.weight * each.good / each.of for each in counted) * FULL / weights, 1)


def sheet_of(session: Session, unit: int, quarter: str) -> ScoreSheet | None:
    """What was published."""
    return session.exec(select(ScoreSheet).where(ScoreSheet.unit_id == unit, ScoreSheet.quarter == quarter)).first()


def marks_of(sheet: ScoreSheet) -> list[Mark]:
    return [Mark(**each) for each in sheet.criteria["criteria"]]


def appeal_of(session: Session, sheet: ScoreSheet) -> ScoreAppeal | None:
    return session.exec(select(ScoreAppeal).where(ScoreAppeal.sheet_id == key(sheet))).first()


def final(sheet: ScoreSheet, appeal: ScoreAppeal | None) -> float | None:
    """The score that counts in the end."""
    return appeal.total if appeal is not None and appeal.decision == CHANGED else sheet.total


def publish(
    session: Session, house: House, unit: int, quarter: str, marks: Sequence[Mark], by: Staff, now: datetime
) -> ScoreSheet:
    """Frozen from now on; of that quarter no score of the unit is owed any more."""
    rule = house.rulebook.scoring
    assert rule is not None, "nothing is scored without a rule"
    due, calendar = rounds.owed(session, SCORING, unit, quarter), house.calendar
    last = calendar.add_workdays(calendar.local(now).date(), rule.appeal_workdays)
    sheet = ScoreSheet(
        unit_id=unit,
        quarter=quarter,
        criteria={"criteria": [asdict(each) for each in marks]},
        total=total(marks),
        by_id=key(by),
        at=now,
        due_at=due.due_at if due else None,
        appeal_by=calendar.at(last + timedelta(days=1), time()),
    )
    session.add(sheet)
    session.flush()
    body = {"quarter": quarter, "total": sheet.total, "points": {each.id: each.points for each in marks}}
    audit.record(session, now, key(by), "score.publish", f"unit:{unit}", **body)
    rounds.done(session, house, due, rule, now, lambda name: sheet_of(session, unit, name) is not None)
    return sheet


def appeal(session: Session, house: House, sheet: ScoreSheet, by: Staff, reason: str, now: datetime) -> ScoreAppeal:
    """Put before the leader, with a time of its own."""
    rule, calendar = house.rulebook.appeal, house.calendar
    due = calendar.add_workdays(calendar.local(now).date(), rule.workdays) if rule else None
    row = ScoreAppeal(
        sheet_id=key(sheet),
        reason=reason,
        by_id=key(by),
        at=now,
        due_at=calendar.at(due, rounds.END_OF_WORK) if due else None,
    )
    session.add(row)
    session.flush()
    audit.record(session, now, key(by), "score.appeal", f"unit:{sheet.unit_id}", quarter=sheet.quarter, reason=reason)
    if rule is not None and row.due_at is not None:
        _start(session, house, sheet, post(rule.who, sheet.unit_id), row.due_at, now)
    return row


def _start(session: Session, house: House, sheet: ScoreSheet, address: str, due: datetime, now: datetime) -> None:
    """One clock of a unit serves all its appeals, one after the other."""
    query = select(Clock).where(Clock.rule == APPEAL, Clock.subject_id == sheet.unit_id, Clock.post == address)
    clock = session.exec(query).first() or Clock(
        rule=APPEAL,
        rulebook_version=house.rulebook_version,
        subject_kind=rounds.SUBJECT,
        subject_id=sheet.unit_id,
        post=address,
        cycle="",
        anchor=now,
        due_at=due,
    )
    clock.cycle, clock.anchor, clock.due_at = sheet.quarter, now, due
    clock.closed_at, clock.stopped_by = None, None
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)


def decide(
    session: Session, sheet: ScoreSheet, row: ScoreAppeal, by: Staff, said: tuple[float | None, str], now: datetime
) -> None:
    """Upheld, or changed to that score; filled in once, and final."""
    changed, opinion = said
    row.decision, row.total = (UPHELD, None) if changed is None else (CHANGED, changed)
    row.opinion, row.decided_by, row.decided_at = opinion, key(by), now
    running = select(Clock).where(Clock.rule == APPEAL, Clock.subject_id == sheet.unit_id, Clock.cycle == sheet.quarter)
    close(list(session.exec(running)), now, row.decision)
    body = {"quarter": sheet.quarter, "decision": row.decision, "before": sheet.total, "after": final(sheet, row)}
    audit.record(session, now, key(by), "score.decide", f"unit:{sheet.unit_id}", opinion=opinion, **body)


def waiting(session: Session) -> list[tuple[ScoreSheet, ScoreAppeal]]:
    """Appeals that nobody has decided yet, the oldest first."""
    query = select(ScoreSheet, ScoreAppeal).where(
        ScoreSheet.id == ScoreAppeal.sheet_id, col(ScoreAppeal.decided_at).is_(None)
    )
    return list(session.exec(query.order_by(col(ScoreAppeal.id))).all())


def sync(session: Session, house: House, now: datetime) -> None:
    """Of every unit a sheet is owed each quarter, the one that runs now first."""
    rule = house.rulebook.scoring
    rounds.sync(session, house, SCORING, rule, rounds.of_units(session, rule.who, now) if rule else (), now)
