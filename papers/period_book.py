"""统计报表 as a workbook: a cover with what was found, then a sheet for every figure, and the rows behind it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.people import Staff
from papers.book import Paper
from papers.period_cases import CaseSheets
from papers.period_duties import TALLIED, DutySheets
from papers.period_sheets import Sheets
from papers.period_talks import TalkSheets
from papers.period_words import SHARES, Finding, Stage, Wanted, key_figures
from papers.workbook import Book, Cell, Cover, Kind, Sheet
from reading.veil import Veil
from rules.house import House


def make(
    session: Session,
    house: House,
    staff: Staff,
    args: Mapping[str, Any],
    now: datetime,
    veil: Veil | None,
    stage: Stage,
) -> Paper:
    wanted = Wanted.of(session, house, staff, args, now, veil)
    return Paper(wanted.named("xlsx"), PeriodBook(wanted).made(stage))


class PeriodBook(Sheets):
    def made(self, stage: Stage) -> bytes:
        """Worked out part by part, each of which is announced."""
        book = Book(self.names.voice.zone, self.wanted.mark)
        for name, parts in self._parts().items():
            stage(name)
            book.sheets += [sheet for part in parts for sheet in part()]
        stage("writing")
        return book.written(self._cover(book.sheets))

    def _parts(self) -> dict[str, Sequence[Callable[[], Iterator[Sheet]]]]:
        duties, cases, talks = DutySheets(self.wanted), CaseSheets(self.wanted), TalkSheets(self.wanted)
        return {
            "duties": (duties.units, duties.duties, duties.weeks),
            "complaints": (cases.complaint_sums, cases.complaints, cases.satisfaction),
            "callbacks": (cases.pace, cases.gaps),
            "talks": (talks.topics, talks.anomalies, duties.slots, talks.apart, self.reading),
        }

    def reading(self) -> Iterator[Sheet]:
        """How each figure is to be read, and the rules that stand behind the duties."""
        rules = sorted({each.rule or "" for each in self.figures.duties})
        book = self.figures.house.rulebook
        says = {
            each: self.names.said("rule.says", zh=book.entry(each).says, en=book.entry(each).says_en) for each in rules
        }
        rows: list[list[Cell]] = [
            [self.names.word(f"figures.col.{each}"), "", self.names.word(f"figures.means.{each}")] for each in TALLIED
        ]
        rows += [[each, self.names.rule(each)[0], says[each]] for each in rules]
        yield self.sheet(
            "reading",
            self.texts("name", "article", "means"),
            rows,
            note=self.names.said("figures.rulebook", version=self.figures.house.rulebook_version),
        )

    def _cover(self, sheets: Sequence[Sheet]) -> Cover:
        """With the first chart that there is."""
        word, wanted = self.names.word, self.wanted
        kinds = {"mean": Kind.NUMBER, **dict.fromkeys(SHARES, Kind.SHARE)}
        return Cover(
            name=word("figures.cover"),
            title=self.names.said("figures.title", company=self.figures.house.company),
            subtitle=f"{wanted.about}　{wanted.days}",
            made=wanted.made,
            finding=wanted.said(Finding(self.figures, self.names).said()),
            headings=(word("figures.col.name"), word("figures.col.value"), word("figures.col.means")),
            figures=[
                (
                    word(f"figures.key.{name}"),
                    value,
                    kinds.get(name, Kind.COUNT),
                    word(f"figures.key_means.{name}"),
                    wrong,
                )
                for name, value, wrong in key_figures(self.figures)
            ],
            notes=[
                *([wanted.running] if wanted.running else ()),
                word("figures.read"),
                word("figures.not_to_be_copied"),
            ],
            chart=next(((each.name, chart) for each in sheets for chart in each.charts if chart.rows), None),
        )
