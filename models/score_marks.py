"""What a unit is scored by, criterion by criterion: each from the figures that reports use, with the rows that were not good.

A row is a kind and what finds it again: a slot of a duty, a line of the plan, a complaint, an entry, a report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlmodel import Session, col, select

from models import assessments, rounds, spot_checks
from models.case_figures import Case, Cases
from models.climbing import PLAN, REGISTER
from models.clocks import Clock
from models.coverage import Asked, Coverage
from models.figures import Reach, View
from models.marks import TALKS, marks
from models.pace import Callbacks
from models.people import key
from models.plans import HandedPlan, Line, Plan, view_of
from models.registers import ProblemAnalysis
from models.scores import Mark, mark
from models.slots import Reckoning
from rules.cadence import Cycle, Unit
from rules.complaint import ComplaintState
from rules.house import House
from rules.spans import Span, year_of

Row = Sequence[Any]
Measured = tuple[int, int, list[Row]]
"""How many were good, of how many, and the rows of the others."""
UNMARKED = Asked(state="missed")
"""What is done is not looked at for its marks."""
ENTRIES = (
    "SELECT e.id FROM entry e JOIN customer u ON u.id = e.customer_id WHERE (:everyone OR u.unit_id IN (SELECT id FROM reached))"  # noqa: S608
    f" AND {TALKS} AND e.at >= :since AND e.at < :until ORDER BY e.id"
)


@dataclass(frozen=True)
class Record:
    """What one unit did in one quarter, as it is known now."""

    session: Session
    house: House
    unit: int
    quarter: Cycle
    now: datetime

    @cached_property
    def view(self) -> View:
        reach = Reach(frozenset({self.unit}))
        return View(self.session, self.house, Span(self.quarter.first, self.quarter.last), reach, self.now)

    @cached_property
    def cases(self) -> list[Case]:
        return [each for each in Cases(self.view).received if each.state != ComplaintState.VOIDED]

    def coverage(self) -> Measured:
        """Duties of contact whose time ended in the quarter; visits of the year are the plan's."""
        rules = [each.id for each in self.house.rulebook.duties if each.every.unit is not Unit.YEAR]
        slots = [each for each in Reckoning(self.view, UNMARKED, rules).slots() if each.state in ("done", "missed")]
        made, wanted = sum(min(each.done, each.owed) for each in slots), sum(each.owed for each in slots)
        missed = sorted((each for each in slots if each.state == "missed"), key=lambda each: (each.due, each.clock))
        rows = [("slot", each.rule, each.kind, each.subject, each.due.isoformat()) for each in missed]
        return made, wanted, list(rows)

    def plan(self) -> Measured:
        """Visits planned for the months up to the quarter's end, of those who sit in the unit."""
        plan = Plan(view_of(self.session, self.house, self.unit, year_of(self.quarter.last), self.now), self.unit)
        _, ends = self.view.moments
        due, _ = plan.by_end_of(self.quarter.last.month, ends)
        ours = [each for each in due if not each.post.startswith("vice_president@")]
        late = [each for each in ours if each.done is None or each.done >= ends]
        return len(ours) - len(late), len(ours), [_line(each) for each in late]

    def limits(self) -> Measured:
        return self._cases("kept")

    def progress(self) -> Measured:
        return self._cases("reported")

    def _cases(self, what: str) -> Measured:
        """Complaints received in the quarter of which it can be said."""
        said = [each for each in self.cases if getattr(each, what) is not None]
        bad = [each for each in said if not getattr(each, what)]
        return len(said) - len(bad), len(said), [("case", each.matter) for each in bad]

    def callbacks(self) -> Measured:
        """Of those who complained in the quarter, who was called back."""
        found = Callbacks(self.view, Coverage(self.view))
        pace, those = found.complainants(), {each.customer for each in self.cases}
        rows = [("case", each.matter) for each in found.gaps if each.customer in those]
        return pace.done, pace.planned, list(rows)

    def prompt(self) -> Measured:
        """Talks of the quarter that were not written down late."""
        since, until = self.view.moments
        those, late = [row.id for row in self.view.ask(ENTRIES)], marks(self.view, since, until).late
        bad = [each for each in those if each in late]
        return len(those) - len(bad), len(those), [("entry", each) for each in bad]

    def handed_in(self) -> Measured:
        """The analysis of problems and the year's plan, as far as they were due in the quarter."""
        since, until = self.view.moments
        given = [
            (rule, name, at <= due)
            for rule, name, at, due in self._handed()
            if due is not None and since <= due < until
        ]
        owed = select(Clock).where(col(Clock.rule).in_((REGISTER, PLAN)), Clock.subject_id == self.unit)
        late = owed.where(col(Clock.closed_at).is_(None), Clock.due_at < min(self.now, until), Clock.due_at >= since)
        given += [(each.rule, each.cycle, False) for each in self.session.exec(late)]
        bad = [("report", rule, name) for rule, name, in_time in given if not in_time]
        return len(given) - len(bad), len(given), list(bad)

    def _handed(self) -> list[tuple[str, str, datetime, datetime | None]]:
        analyses = self.session.exec(select(ProblemAnalysis).where(ProblemAnalysis.unit_id == self.unit))
        plans = self.session.exec(select(HandedPlan).where(HandedPlan.unit_id == self.unit))
        found = [(REGISTER, each.quarter, each.at, each.due_at) for each in analyses]
        return found + [(PLAN, str(each.year), each.at, each.due_at) for each in plans]

    def confirmed(self) -> Measured:
        """Of the spot checks in which the customer was reached."""
        said = assessments.checked(self.session, self.house, self.quarter, self.unit)
        reached = said["confirmed"] + said["unconfirmed"]
        return said["confirmed"], reached, [("entry", each) for each in self._unconfirmed()]

    def _unconfirmed(self) -> list[int]:
        drawn = assessments.drawn_of(self.session, self.house, self.quarter, self.unit)
        bad = spot_checks.unconfirmed(self.session)
        return [key(entry) for entry in drawn if key(entry) in bad]


MEASURES: Mapping[str, Callable[[Record], Measured]] = {
    "coverage": Record.coverage,
    "plan": Record.plan,
    "limits": Record.limits,
    "progress": Record.progress,
    "callbacks": Record.callbacks,
    "prompt": Record.prompt,
    "handed_in": Record.handed_in,
    "confirmed": Record.confirmed,
}


def draft(session: Session, house: House, unit: int, quarter: str, now: datetime) -> list[Mark]:
    """The sheet as the record has it now."""
    rule = house.rulebook.scoring
    if rule is None:
        return []
    record = Record(session, house, unit, rounds.named(rule.every, quarter), now)
    return [mark(each, *MEASURES[each.id](record)) for each in rule.criteria]


def _line(line: Line) -> Row:
    return "line", line.rule, line.customer, line.month
