"""The sheets of a workbook that are about duties: unit by unit, rule by rule, week by week, and the rows behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final

from models.coverage import Tally
from models.slots import MARKS, WAIVED, Slot
from papers.period_sheets import Sheets
from papers.period_words import kept_share
from papers.workbook import Cell, Chart, Column, Kind, Sheet

MOST_ROWS: Final = 20_000
"""Rows of one sheet; of the duties, what was simply done is left out first."""
TALLIED: Final = ("wanted", "made", "share", "missed", "open", *WAIVED, *MARKS)
KINDS: Final = {"share": Kind.SHARE}
BAD: Final = ("missed", "silent", "same")


class DutySheets(Sheets):
    def _tally_columns(self) -> list[Column]:
        return [self.column(each, KINDS.get(each, Kind.COUNT), each in BAD) for each in TALLIED]

    def units(self) -> Iterator[Sheet]:
        """Unit by unit, the lowest first, with what else is known of each."""
        found = sorted(
            self.figures.units,
            key=lambda each: (each.unit is None, each.tally.share if each.tally.share is not None else 2),
        )
        extra = ["received", "on_site", "open_cases", "talks", "anomalies"]
        columns = [self.column("unit"), *self._tally_columns(), *(
            self.column(each, Kind.SHARE if each == "on_site" else Kind.COUNT) for each in extra
        )]  # fmt: skip
        rows: list[list[Cell]] = [
            [self.names.unit(each.unit), *_cells(each.tally), *self._of_unit(each.unit)] for each in found
        ]
        share = TALLIED.index("share") + 1
        chart = Chart(self.names.word("figures.chart.units"), "bar", 0, [share], len(rows), share=True)
        yield self.sheet("units", columns, rows, chart)

    def _of_unit(self, unit: int | None) -> list[Cell]:
        cases = [each for each in self.figures.cases if each.unit == unit]
        received = [each for each in self.figures.received if each.unit == unit]
        return [
            len(received), kept_share(received), sum(each.is_open for each in cases), self._talks_of[unit],
            sum(each.unit == unit for each in self.figures.anomalies),
        ]  # fmt: skip

    @cached_property
    def _talks_of(self) -> Counter[int | None]:
        return Counter(each.unit for each in self.figures.talks.all)

    def duties(self) -> Iterator[Sheet]:
        columns = [*self.texts("rule", "article", "duty", "unit", "tier"), *self._tally_columns()]
        rows: list[list[Cell]] = [
            [
                each.rule,
                *self.names.rule(each.rule or ""),
                self.names.unit(each.unit),
                self.names.tier(each.tier),
                *_cells(each.tally),
            ]
            for each in self.figures.duties
        ]
        yield self.sheet("duties", columns, rows, frozen=5)

    def weeks(self) -> Iterator[Sheet]:
        """The duty of every week: weeks down, units across."""
        rule, found = self.figures.weekly, self.figures.weeks
        if rule is None or not found:
            return
        units = list(
            dict.fromkeys(each.unit for each in sorted(found, key=lambda each: (each.unit is None, each.unit or 0)))
        )
        weeks = list(dict.fromkeys(each.cycle or "" for each in found))
        share = {(each.cycle, each.unit): each.tally.share for each in found}
        whole = {week: sum((each.tally for each in found if each.cycle == week), Tally()).share for week in weeks}
        columns = [
            self.column("week"),
            self.column("all", Kind.SHARE),
            *(Column(self.names.unit(each), Kind.SHARE) for each in units),
        ]
        rows: list[list[Cell]] = [[week, whole[week], *(share.get((week, unit)) for unit in units)] for week in weeks]
        title = f"{self.names.rule(rule)[1]}"
        chart = Chart(title, "line", 0, list(range(1, min(len(units), 6) + 2)), len(rows), share=True)
        note = self.names.said("figures.note.weeks", article=self.names.rule(rule)[0], duty=title)
        yield self.sheet("weeks", columns, rows, chart, note=note)

    def slots(self) -> Iterator[Sheet]:
        """The rows behind the duties."""
        shown, done = listed(self.figures.slots)
        columns = [
            *self.texts("rule", "duty", "unit", "tier", "whom", "who"), self.column("cycle"), self.column("due", Kind.DAY),
            self.column("state", bad=("figures.state.missed",)), self.column("made", Kind.COUNT), self.column("owed", Kind.COUNT),
            *(self.column(each, bad=(f"figures.mark.{each}",)) for each in MARKS),
        ]  # fmt: skip
        left = len(self.figures.slots) - len(shown) - done
        note = self.names.said(
            "figures.note.slots", done=done, left=self.names.said("figures.note.left", count=left) if left else None
        )
        yield self.sheet("slots", columns, [self._slot(each) for each in shown], frozen=2, note=note)

    def _slot(self, slot: Slot) -> list[Cell]:
        names = self.names
        whom = (
            names.customer(slot.subject)
            if slot.kind == "customer"
            else names.staff(slot.subject)
            if slot.kind == "staff"
            else ""
        )
        role = slot.post.partition("@")[0]
        who = names.owner(slot.subject) if role == "owner" and slot.kind == "customer" else names.role(role)
        marks: list[Cell] = [names.word(f"figures.mark.{each}") if each in slot.apart else None for each in MARKS]
        return [
            slot.rule, names.rule(slot.rule)[1], names.unit(slot.unit), names.tier(slot.tier), whom, who, slot.cycle,
            names.day(slot.due), names.word(f"figures.state.{slot.state}"), slot.done, slot.owed, *marks,
        ]  # fmt: skip


def _cells(tally: Tally) -> list[Cell]:
    return [getattr(tally, each) for each in TALLIED]


def listed(slots: Sequence[Slot]) -> tuple[list[Slot], int]:
    """Those that a workbook lists, what was missed before all else, the newest first; and how many it leaves out because they were
    simply done: all are listed where there is room."""
    found = list(slots)
    plain = 0
    if len(found) > MOST_ROWS:
        found = [each for each in slots if each.state != "done" or each.apart]
        plain = len(slots) - len(found)
    found.sort(key=lambda each: (each.state == "missed", bool(each.apart), each.due, each.clock), reverse=True)
    return found[:MOST_ROWS], plain
