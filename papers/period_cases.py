"""The sheets of a workbook that are about complaints, what customers say, and callbacks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from models.case_figures import AGES, EFFECTS, Case
from models.pace import PLAN
from papers.period_sheets import Sheets
from papers.period_words import kept_share
from papers.workbook import SOME, Cell, Chart, Column, Kind, Sheet
from rules.complaint import OVER


class CaseSheets(Sheets):
    def complaint_sums(self) -> Iterator[Sheet]:
        """Unit by unit and type by type; the ages of those that are open."""
        received = self.figures.received
        groups = sorted({(each.unit, each.type) for each in received})
        columns = [
            *self.texts("unit", "type"),
            *(self.column(each, Kind.COUNT) for each in ("received", "voided", "closed_cases")),
            self.column("late_cases", Kind.COUNT, bad=True),
            self.column("on_site", Kind.SHARE),
            self.column("on_site_plain", Kind.SHARE),
            self.column("handled", Kind.SHARE),
            self.column("reported", Kind.SHARE),
            self.column("mean_hours", Kind.NUMBER),
            self.column("refused", Kind.COUNT),
        ]
        rows = [
            self._sum(unit, kind, [c for c in received if (c.unit, c.type) == (unit, kind)]) for unit, kind in groups
        ]
        yield self.sheet("complaint_sums", columns, rows, frozen=2)
        yield self._ages()

    def _sum(self, unit: int, kind: str, cases: Sequence[Case]) -> list[Cell]:
        hours = [each.hours for each in cases if each.hours is not None]
        return [
            self.names.unit(unit),
            self.names.word(f"complaint_type.{kind}"),
            len(cases),
            sum(each.state == "voided" for each in cases),
            sum(each.state in OVER and each.state != "voided" for each in cases),
            sum(each.kept is False for each in cases),
            kept_share(cases),
            kept_share(cases, "kept_plain"),
            kept_share(cases, "handled"),
            kept_share(cases, "reported"),
            sum(hours) / len(hours) if hours else None,
            sum(each.refused for each in cases),
        ]

    def _ages(self) -> Sheet:
        open_ = [each for each in self.figures.cases if each.is_open]
        states = sorted({each.state for each in open_})
        count = Counter((each.age(self.figures.now), each.state) for each in open_)
        ages = [*AGES, "older"]
        columns = [
            self.column("age"),
            *(Column(self.names.word(f"complaint_state.{each}"), Kind.COUNT) for each in states),
            self.column("together", Kind.COUNT),
        ]
        rows: list[list[Cell]] = [
            [
                self.names.word(f"chart.age.{age}"),
                *(count[age, state] for state in states),
                sum(count[age, state] for state in states),
            ]
            for age in ages
        ]
        charts = [
            Chart(
                self.names.said("figures.chart.ages", count=len(open_)),
                "bar",
                0,
                list(range(1, len(states) + 1)),
                len(rows),
                stacked=True,
            )
        ]
        return self.sheet("ages", columns, rows, *(charts if states else ()))

    def complaints(self) -> Iterator[Sheet]:
        columns = [
            *self.texts("number", "unit", "customer", "type"),
            self.column("state"),
            self.column("received_at", Kind.MOMENT),
            self.column("closed_at", Kind.MOMENT),
            self.column("days_open", Kind.NUMBER),
            self.column("hours", Kind.NUMBER),
            Column(self.names.word("figures.col.used"), Kind.SHARE, shaded=False),
            *(self.column(each, bad=("paper.overdue",)) for each in ("kept", "kept_plain", "handled_case")),
            self.column("reported_case", bad=("figures.too_few",)),
            self.column("refused_case", bad=("figures.refused",)),
            self.column("late", bad=("figures.mark.late",)),
            self.column("bare", bad=("figures.mark.bare",)),
        ]
        yield self.sheet("complaints", columns, [self._case(each) for each in self.figures.cases])

    def _case(self, case: Case) -> list[Cell]:
        word = self.names.word
        days = ((case.closed or self.figures.now) - case.received).total_seconds() / 86_400
        return [
            case.number,
            self.names.unit(case.unit),
            self.names.customer(case.customer),
            word(f"complaint_type.{case.type}"),
            word(f"complaint_state.{case.state}"),
            case.received,
            case.closed,
            days,
            case.hours,
            case.used,
            *(self.outcome(each) for each in (case.kept, case.kept_plain, case.handled)),
            None if case.reported is None else word("figures.enough" if case.reported else "figures.too_few"),
            word("figures.refused") if case.refused else None,
            word("figures.mark.late") if case.late else None,
            word("figures.mark.bare") if case.bare else None,
        ]

    def satisfaction(self) -> Iterator[Sheet]:
        columns = [
            self.column("month"),
            self.column("marks", Kind.COUNT),
            self.column("mean", Kind.NUMBER),
            *(self.column(f"effect_{each}", Kind.COUNT) for each in EFFECTS),
            self.column("refused", Kind.COUNT),
        ]
        rows: list[list[Cell]] = [
            [each.month, len(each.marks), each.mean, *(each.effects[name] for name in EFFECTS), each.refused]
            for each in self.figures.contentment
        ]
        chart = Chart(self.names.word("figures.chart.mean"), "line", 0, [2], len(rows), range=(1, 5))
        yield self.sheet("satisfaction", columns, rows, *([chart] if len(rows) > 1 else ()))

    def pace(self) -> Iterator[Sheet]:
        found = [self.figures.callbacks.complainants(), *self.figures.callbacks.visits()]
        columns = [
            *self.texts("rule", "duty"),
            *(self.column(each, Kind.COUNT) for each in ("planned", "done", "expected")),
            self.column("share", Kind.SHARE),
        ]
        rows: list[list[Cell]] = []
        for each in found:
            said = self.names.word("figures.plan") if each.rule == PLAN else self.names.rule(each.rule)[1]
            share = each.done / each.planned if each.planned else None
            rows.append(["" if each.rule == PLAN else each.rule, said, each.planned, each.done, each.expected, share])
        chart = Chart(
            self.names.word("figures.chart.pace"), "bar", 1, [2, 3, 4], len(rows), tones=("#999999", "#0072B2", SOME)
        )
        yield self.sheet(
            "pace",
            columns,
            rows,
            chart,
            frozen=2,
            note=self.names.said("figures.note.pace", year=str(self.figures.callbacks.view.span.first.year)),
        )

    def gaps(self) -> Iterator[Sheet]:
        columns = [
            *self.texts("customer", "owner", "number"),
            self.column("received_at", Kind.MOMENT),
            self.column("due", Kind.DAY),
            self.column("gap_state", bad=("figures.gap.late",)),
        ]
        rows: list[list[Cell]] = []
        for each in self.figures.callbacks.gaps:
            state = "handling" if each.due is None else "late" if each.due < self.figures.now else "open"
            rows.append(
                [
                    self.names.customer(each.customer),
                    self.names.owner(each.customer),
                    each.number,
                    each.received,
                    self.names.day(each.due) if each.due else None,
                    self.names.word(f"figures.gap.{state}"),
                ]
            )
        yield self.sheet("gaps", columns, rows)
