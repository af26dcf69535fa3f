"""Callbacks (article 17): who complained and was not called back yet (R17.1, 未回访), and how far the year's plan has come: the
plan is what the duties of a year ask for, the pace is what was done so far, carried on to the year's end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from models.climbing import CALLBACK
from models.coverage import Coverage, Slot
from models.figures import OWNED, WITHIN, Row, View, moment
from rules.cadence import Unit
from rules.complaint import ComplaintState

PLAN = "plan"


@dataclass(frozen=True)
class Gap:
    """A customer who complained, with the complaint that asks for a callback most urgently. `due`: by when; None while it is still
    being handled, for the callback is owed from its closing on."""

    customer: int
    matter: int
    number: str
    received: datetime
    due: datetime | None


GAPS = (
    "SELECT m.customer_id, m.id, m.number, k.received_at, c.due_at FROM matter m JOIN complaint k ON k.matter_id = m.id"  # noqa: S608
    " JOIN customer u ON u.id = m.customer_id"
    " LEFT JOIN clock c ON c.subject_kind = 'complaint' AND c.subject_id = m.id AND c.rule = :callback AND c.closed_at IS NULL"
    f" WHERE m.kind = 'complaint' AND ({WITHIN.format(unit='u.unit_id')} OR {OWNED}) AND m.state <> :voided"
    " AND (c.id IS NOT NULL OR (m.closed_at IS NULL AND k.received_at >= :since AND k.received_at < :until))"
    " ORDER BY CASE WHEN c.due_at IS NULL THEN 1 ELSE 0 END, c.due_at, k.received_at, m.id"
)
COMPLAINED = (
    "SELECT DISTINCT m.customer_id FROM matter m JOIN complaint k ON k.matter_id = m.id JOIN customer u ON u.id = m.customer_id"  # noqa: S608
    f" WHERE m.kind = 'complaint' AND {WITHIN.format(unit='u.unit_id')} AND m.state <> :voided"
    " AND k.received_at >= :since AND k.received_at < :until"
)


def gaps(view: View) -> list[Gap]:
    """Each customer once; what is due first comes first, what is still being handled last."""
    found: dict[int, Gap] = {}
    for row in view.ask(GAPS, callback=CALLBACK, voided=ComplaintState.VOIDED.value):
        found.setdefault(row.customer_id, _gap(row))
    return list(found.values())


def _gap(row: Row) -> Gap:
    due = moment(row.due_at) if row.due_at else None
    return Gap(row.customer_id, row.id, row.number, moment(row.received_at), due)


@dataclass(frozen=True)
class Pace:
    """Of one rule, or (`PLAN`) of all on-site visits together: planned, done so far, and what it comes to by the last day, if it
    goes on like this. `passed` of `whole` days went by, those of each thing planned added up: what began within the year has only
    the days since then."""

    rule: str
    planned: int
    done: int
    first: date
    today: date
    last: date
    passed: int
    whole: int

    @property
    def expected(self) -> int:
        return min(self.planned, self.done * self.whole // self.passed) if self.passed > 0 else self.done


@dataclass(frozen=True)
class Callbacks:
    """The year's callbacks as far as the view reaches: its span is the year."""

    view: View
    coverage: Coverage
    marked: bool = False
    """With what is said apart of the visits."""

    @cached_property
    def gaps(self) -> list[Gap]:
        return gaps(self.view)

    @property
    def yearly(self) -> list[str]:
        """The duties of a year or more: visits on site."""
        return [each.id for each in self.view.house.rulebook.duties if each.every.unit is Unit.YEAR]

    def complainants(self) -> Pace:
        """R17.1: of the customers who complained this year, those who are not in the gap."""
        rows = self.view.ask(COMPLAINED, voided=ComplaintState.VOIDED.value)
        those = {row.customer_id for row in rows}
        span = self.view.span
        passed, whole = (self._today - span.first).days + 1, (span.last - span.first).days + 1
        return self._pace(CALLBACK, len(those), len(those - {each.customer for each in self.gaps}), passed, whole)

    def visits(self) -> list[Pace]:
        """Each yearly rule, and all of them together; what is waived is not planned."""
        found = [self._visits(rule, [each for each in self.planned if each.rule == rule]) for rule in self.yearly]
        return [*found, self._visits(PLAN, self.planned)]

    def together(self, slots: Sequence[Slot]) -> Pace:
        """Some of the visits, as of a unit."""
        return self._visits(PLAN, slots)

    def _visits(self, rule: str, slots: Sequence[Slot]) -> Pace:
        planned, done = sum(each.owed for each in slots), sum(min(each.done, each.owed) for each in slots)
        days = [(each.owed * passed, each.owed * whole) for each in slots for passed, whole in (self._days(each),)]
        return self._pace(rule, planned, done, sum(each for each, _ in days), sum(each for _, each in days))

    def done_at(self) -> list[datetime]:
        """When the visits of the plan were made."""
        return [at for slot in self.planned for at in slot.times]

    @cached_property
    def open(self) -> list[Slot]:
        """What is planned and not done."""
        return [each for each in self.planned if each.state != "done"]

    @cached_property
    def planned(self) -> list[Slot]:
        """What is waived is not planned."""
        return [each for each in self._slots() if each.state in ("done", "missed", "open")]

    def _slots(self) -> list[Slot]:
        return self.coverage.of_rules(*self.yearly, marked=self.marked)

    def _days(self, slot: Slot) -> tuple[int, int]:
        """How many days went by since it is owed, and how many there are to the year's end."""
        span, local = self.view.span, self.view.house.calendar.local
        first = local(slot.began).date() if slot.began else span.first
        return max(0, (self._today - first).days + 1), (span.last - first).days + 1

    @property
    def _today(self) -> date:
        return min(max(self.view.today, self.view.span.first), self.view.span.last)

    def _pace(self, rule: str, planned: int, done: int, passed: int, whole: int) -> Pace:
        span = self.view.span
        return Pace(rule, planned, done, span.first, self._today, span.last, passed, whole)
