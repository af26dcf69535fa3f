"""What the sheets of a report share: their words, their columns, what stands above them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.period_figures import PeriodFigures
from papers.period_words import Names, Wanted
from papers.workbook import Cell, Chart, Column, Kind, Sheet
from words import say


@dataclass(frozen=True)
class Sheets:
    wanted: Wanted

    @property
    def figures(self) -> PeriodFigures:
        return self.wanted.figures

    @property
    def names(self) -> Names:
        return self.wanted.names

    def sheet(
        self,
        name: str,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *charts: Chart,
        frozen: int = 1,
        note: str = "",
    ) -> Sheet:
        title = self.names.word(f"figures.sheet.{name}")
        meant = note or self.wanted.said(say(f"figures.note.{name}"))
        return Sheet(title, title, f"{self.wanted.about}　{meant}", columns, rows, charts, frozen)

    def column(self, name: str, kind: Kind = Kind.TEXT, bad: Sequence[str] | bool = ()) -> Column:
        """`bad`: ids of words, or whether any number is."""
        words = [self.names.word(each) for each in bad] if not isinstance(bad, bool) else bad
        return Column(self.names.word(f"figures.col.{name}"), kind, words)

    def texts(self, *names: str) -> list[Column]:
        return [self.column(each) for each in names]

    def counts(self, *names: str) -> list[Column]:
        return [self.column(each, Kind.COUNT) for each in names]

    def outcome(self, kept: bool | None) -> str | None:
        return None if kept is None else self.names.word("paper.kept" if kept else "paper.overdue")
