"""Complaints in figures (article 16): how many, of which type and state, how old the open ones are, whether the limits were kept,
whether progress was reported often enough, and what customers say afterwards. A case is looked at once; a figure and the list
behind it are the same cases.

Where a limit was paused, kept is said with the pauses and as if there had been none (R16.7); what nobody can say yet is neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final

from models.climbing import HANDLING, LIMIT
from models.figures import WITHIN, Row, View, moment, stored
from models.standstills import ENDED
from rules.complaint import OVER, ComplaintState
from rules.evidence import delay, unproven

AGES: Final = {
    "day": timedelta(days=1),
    "three_days": timedelta(days=3),
    "week": timedelta(days=7),
    "month": timedelta(days=30),
}
"""An open complaint is younger than this; one that is older than all of them is `older`."""
EFFECTS: Final = ("good", "fair", "poor")


@dataclass(frozen=True)
class Case:
    """What a report says of one complaint. `kept`: the on-site limit, with its pauses; `kept_plain`: as if there had been none;
    `handled`: the limit that the department set. None: nobody can say yet, or there is none."""

    matter: int
    number: str
    customer: int
    unit: int
    type: str
    state: str
    received: datetime
    closed: datetime | None
    kept: bool | None
    kept_plain: bool | None
    handled: bool | None
    hours: float | None
    """From the acceptance until somebody was on site or answered."""
    used: float | None
    """The same as a share of the limit, without its pauses."""
    refused: bool
    late: bool
    """Its arrival was written down late (补录)."""
    bare: bool
    reported: bool | None
    """Whether progress was reported as often as the rule asks; None where the company has no such rule."""

    @property
    def is_open(self) -> bool:
        return self.state not in OVER

    def age(self, now: datetime) -> str:
        old = now - self.received
        return next((name for name, most in AGES.items() if old < most), "older")


Which = Callable[[Case], bool]
CASES = (
    "SELECT m.id, m.number, m.customer_id, m.unit_id, m.state, m.cycle, m.closed_at, m.opened_at, k.type, k.received_at,"  # noqa: S608
    " k.limit_at, k.report_every, l.due_at AS due, l.closed_at AS stopped, l.stopped_by AS why, h.due_at AS handle_due,"
    " h.closed_at AS handle_stopped, h.stopped_by AS handle_why"
    " FROM matter m JOIN complaint k ON k.matter_id = m.id"
    " LEFT JOIN clock l ON l.subject_kind = 'complaint' AND l.subject_id = m.id AND l.rule = :limit"
    " LEFT JOIN clock h ON h.subject_kind = 'complaint' AND h.subject_id = m.id AND h.rule = :handling"
    f" WHERE m.kind = 'complaint' AND {WITHIN.format(unit='m.unit_id')}"
    " AND k.received_at < :until AND (k.received_at >= :since OR m.closed_at IS NULL OR m.closed_at >= :since)"
    " ORDER BY k.received_at, m.id"
)
"""Those received in the span, and those from before it that were open in it."""
OF_CASES = (
    "FROM entry e JOIN matter m ON m.id = e.matter_id JOIN complaint k ON k.matter_id = m.id"  # noqa: S608
    f" WHERE {WITHIN.format(unit='m.unit_id')} AND k.received_at < :until"
    " AND (k.received_at >= :since OR m.closed_at IS NULL OR m.closed_at >= :since)"
    " AND NOT EXISTS (SELECT 1 FROM entry w WHERE w.withdraws = e.id)"
)
REPORTS = f"SELECT e.matter_id, e.written_at, e.answers {OF_CASES} AND e.kind = 'progress' ORDER BY e.written_at, e.id"
ARRIVALS = f"SELECT e.matter_id, e.at, e.written_at, e.answers, e.attachments {OF_CASES} AND e.kind = 'arrival' ORDER BY e.at, e.id"


@dataclass(frozen=True)
class Cases:
    """The complaints that a span is about."""

    view: View

    @cached_property
    def all(self) -> list[Case]:
        rows = self.view.ask(CASES, limit=LIMIT, handling=HANDLING)
        return [self._case(row) for row in rows]

    @property
    def received(self) -> list[Case]:
        """Those received in the span; what was voided stays in every figure, as voided."""
        since, until = self.view.moments
        return [each for each in self.all if since <= each.received < until]

    def tally(self, by: Callable[[Case], str], which: Which = lambda _: True) -> dict[str, int]:
        found: dict[str, int] = defaultdict(int)
        for each in filter(which, self.received):
            found[by(each)] += 1
        return dict(found)

    def _case(self, row: Row) -> Case:
        received, now = moment(row.received_at), self.view.now
        stopped = _at(row.stopped) if row.why in ENDED else None
        closed = _at(row.closed_at)
        return Case(
            row.id, row.number, row.customer_id, row.unit_id, row.type, row.state, received, closed,
            _kept(row.stopped, row.why, row.due, now), _kept(row.stopped, row.why, row.limit_at, now),
            _kept(row.handle_stopped, row.handle_why, row.handle_due, now),
            *_used(row, stopped, received), row.cycle > 1, *self._arrived.get(row.id, (False, False)), self._reported(row, closed),
        )  # fmt: skip

    @cached_property
    def _arrived(self) -> Mapping[int, tuple[bool, bool]]:
        """Of the first arrival of each: whether it was written down late, whether it is unproven."""
        found: dict[int, tuple[bool, bool]] = {}
        for row in self.view.ask(ARRIVALS):
            said, calendar = stored(row.answers).get("when"), self.view.house.calendar
            late = delay(said, moment(row.at), moment(row.written_at), calendar) is not None
            bare = unproven("visit", (each.get("kind", "") for each in stored(row.attachments)))
            found.setdefault(row.matter_id, (late, bare))
        return found

    @cached_property
    def _reports(self) -> Mapping[tuple[int, str], list[datetime]]:
        found: dict[tuple[int, str], list[datetime]] = defaultdict(list)
        for row in self.view.ask(REPORTS):
            for to in stored(row.answers).get("to", ()):
                found[row.matter_id, to].append(moment(row.written_at))
        return found

    def _reported(self, row: Row, closed: datetime | None) -> bool | None:
        """Whether no span of the rule's length went by with fewer reports than it asks, to any of those named (R16.2)."""
        rule = self.view.house.rulebook.progress
        if row.state == ComplaintState.VOIDED:
            return None
        times, within = (1, timedelta(days=row.report_every)) if row.report_every else (rule.times, rule.within)
        ends = closed or self.view.now
        return all(
            often_enough([moment(row.opened_at), *self._reports.get((row.id, to), ()), ends], times, within)
            for to in rule.to
        )


def often_enough(moments: Sequence[datetime], times: int, within: timedelta) -> bool:
    """From the first moment to the last, the reports between them: none of the spans `within` has fewer than `times`."""
    last = moments[-1]
    later = [*moments[times:], *[last] * times]
    return all(then - each <= within for each, then in zip(moments, later, strict=False))


def _used(row: Row, stopped: datetime | None, received: datetime) -> tuple[float | None, float | None]:
    """Hours until it was stopped, and as a share of the limit; of the first cycle, whose beginning is the acceptance."""
    if stopped is None or row.cycle > 1:
        return None, None
    hours, allowed = ((each - received) / timedelta(hours=1) for each in (stopped, moment(row.limit_at)))
    return hours, hours / allowed if allowed > 0 else None


def _at(stored_at: Any) -> datetime | None:
    return moment(stored_at) if stored_at else None


def _kept(stopped: Any, why: str | None, due: Any, now: datetime) -> bool | None:
    """As `models.standstills` has it."""
    if due is None:
        return None
    if stopped is None:
        return False if now > moment(due) else None
    return moment(stopped) <= moment(due) if why in ENDED else None


# What customers say


@dataclass(frozen=True)
class Contentment:
    """Of one month: the marks (1 to 5) given in callbacks, how the effect was judged, how many refused the result."""

    month: str
    marks: Sequence[int]
    effects: Mapping[str, int]
    refused: int

    @property
    def mean(self) -> float | None:
        return sum(self.marks) / len(self.marks) if self.marks else None


SAID = (
    "SELECT e.id, e.kind, e.at, e.answers FROM entry e JOIN customer u ON u.id = e.customer_id"  # noqa: S608
    f" WHERE e.kind IN ('callback', 'evaluation', 'confirmation') AND {WITHIN.format(unit='u.unit_id')}"
    " AND e.at >= :since AND e.at < :until AND NOT EXISTS (SELECT 1 FROM entry w WHERE w.withdraws = e.id) ORDER BY e.at, e.id"
)


def contentment(view: View) -> list[Contentment]:
    """Month by month, those in which something was said."""
    months: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for row in view.ask(SAID):
        month = f"{view.house.calendar.local(moment(row.at)):%Y-%m}"
        months[month] += list(_said(row.kind, stored(row.answers)))
    return [_month(name, found) for name, found in sorted(months.items())]


def _said(kind: str, answers: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if kind == "callback" and isinstance(answers.get("satisfaction"), int):
        yield "mark", answers["satisfaction"]
    if kind == "evaluation" and answers.get("effect") in EFFECTS:
        yield "effect", answers["effect"]
    if kind == "confirmation" and answers.get("satisfied") is False:
        yield "refused", True


def _month(name: str, found: Sequence[tuple[str, Any]]) -> Contentment:
    effects = {each: sum(said == ("effect", each) for said in found) for each in EFFECTS}
    return Contentment(
        name, [value for kind, value in found if kind == "mark"], effects, sum(kind == "refused" for kind, _ in found)
    )
