"""All figures of one period and one reach, each worked out once: a workbook, a PDF and a screen of the same period say the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlmodel import Session

from models.anomaly_figures import Anomaly, anomalies
from models.apart import Apart
from models.case_figures import Case, Cases, Contentment, contentment
from models.coverage import Asked, Coverage, Group, Tally
from models.figures import Reach, View
from models.pace import Callbacks
from models.slots import Slot
from models.talk_figures import Talks
from rules.cadence import Unit
from rules.house import House
from rules.periods import Period
from rules.spans import year_of


@dataclass(frozen=True)
class PeriodFigures:
    session: Session
    house: House
    period: Period
    reach: Reach
    now: datetime

    @cached_property
    def view(self) -> View:
        return View(self.session, self.house, self.period.span, self.reach, self.now)

    @property
    def over(self) -> bool:
        """Whether its last day has passed."""
        return self.period.span.last < self.view.today

    # Duties

    @cached_property
    def coverage(self) -> Coverage:
        return Coverage(self.view)

    @cached_property
    def slots(self) -> list[Slot]:
        return list(self.coverage.slots())

    @cached_property
    def duties(self) -> list[Group]:
        return self.coverage.grouped("rule", "unit", "tier")

    @cached_property
    def units(self) -> list[Group]:
        return [Group(tally, unit=unit) for unit, tally in _sums(self.duties).items()]

    @cached_property
    def total(self) -> Tally:
        return sum((each.tally for each in self.units), Tally())

    @property
    def weekly(self) -> str | None:
        """The duty of every week, of which units are compared; where there is none, the first that is owed for each customer."""
        owed = [each for each in self.house.rulebook.duties if each.each]
        found = next((each for each in owed if each.every.unit is Unit.WEEK), next(iter(owed), None))
        return found.id if found else None

    @cached_property
    def weeks(self) -> list[Group]:
        """That duty by cycle and unit."""
        return self.coverage.grouped("cycle", "unit", asked=Asked(rule=self.weekly)) if self.weekly else []

    # Complaints and what customers say

    @cached_property
    def cases(self) -> list[Case]:
        """Received in the period, or open in it."""
        return Cases(self.view).all

    @cached_property
    def received(self) -> list[Case]:
        since, until = self.view.moments
        return [each for each in self.cases if since <= each.received < until]

    @cached_property
    def contentment(self) -> list[Contentment]:
        return contentment(self.view)

    # Callbacks: the plan is that of the year

    @cached_property
    def callbacks(self) -> Callbacks:
        year = year_of(self.period.span.first)
        if year == self.period.span:
            return Callbacks(self.view, self.coverage)
        view = View(self.session, self.house, year, self.reach, self.now)
        return Callbacks(view, Coverage(view))

    # Talks

    @cached_property
    def talks(self) -> Talks:
        return Talks(self.view)

    @cached_property
    def anomalies(self) -> Sequence[Anomaly]:
        return anomalies(self.view, self.talks)

    @cached_property
    def apart(self) -> Apart:
        return Apart(self.view, self.coverage.marks())


def _sums(groups: Sequence[Group]) -> dict[int | None, Tally]:
    """By unit, in their order; what belongs to none comes last."""
    found: dict[int | None, Tally] = {}
    for each in groups:
        found[each.unit] = found.get(each.unit, Tally()) + each.tally
    return dict(sorted(found.items(), key=lambda pair: (pair[0] is None, pair[0] or 0)))
