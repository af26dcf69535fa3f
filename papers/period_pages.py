"""统计报表 as a PDF of a few pages: the findings first, the charts of the chat as pictures, tables of units and what is to be done.

The page is laid out by `period_pages.typ`, which gets every text as data: whatever somebody typed can't act as markup.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

import typst
from sqlmodel import Session

from models.figures import View
from models.pace import PLAN
from models.people import Staff
from models.period_figures import PeriodFigures
from papers import charts
from papers.book import Paper
from papers.drawing import draw
from papers.glyphs import FONTS, printable
from papers.period_words import SHARES, Finding, Names, Stage, Wanted, kept_share, key_figures, percent
from reading.veil import Veil
from rules.calendar import ONE_DAY
from rules.house import House
from rules.topics import OTHER

PAGE: Final = Path(__file__).with_suffix(".typ")
HIGH: Final = 4.3
"""Inches: six pictures fit on a page."""
MOST: Final = 12
"""Rows of a list; the workbook has them all."""
PICTURES: Final = ("coverage", "limits", "complaints", "satisfaction", "pace")
Rows = list[list[str]]


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
    page = Pages(wanted).content(stage)
    stage("charts")
    pictures = [draw(each, HIGH) for each in page.pop("charts")]
    stage("writing")
    return Paper(wanted.named("pdf"), compiled(page, pictures)[0])


def compiled(page: Mapping[str, Any], pictures: Sequence[bytes], form: Literal["pdf", "png"] = "pdf") -> list[bytes]:
    """With the project's own font and no other: the same pages on every machine. As pictures, one for each page."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    told = {"page": json.dumps({**page, "pictures": [list(each) for each in pictures]})}
    made = typst.compile(PAGE, root=PAGE.parent, font_paths=fonts, sys_inputs=told, format=form, ppi=60)
    return made if isinstance(made, list) else [made] if isinstance(made, bytes) else []


@dataclass(frozen=True)
class Pages:
    """Every word of the pages; `charts` are what is to be drawn."""

    wanted: Wanted

    @property
    def figures(self) -> PeriodFigures:
        return self.wanted.figures

    @property
    def names(self) -> Names:
        return self.wanted.names

    def content(self, stage: Stage) -> dict[str, Any]:
        stage("duties")
        units = self._units()
        stage("complaints")
        finding = self.wanted.said(Finding(self.figures, self.names).said())
        stage("callbacks")
        pace, gaps = self._pace(), self._gaps()
        stage("talks")
        word = self.names.word
        drawn = list(self._charts())
        pages = self.names.said("complaint_form.page", page="{page}", pages="{pages}")
        tables = (units, self._duties(), pace, gaps, self._anomalies())
        words = {
            "lang": self.names.voice.language[:2],
            "title": self.names.said("figures.title", company=self.figures.house.company),
            "about": self.wanted.about,
            "days": self.wanted.days,
            "made": self.wanted.made,
            "finding": finding,
            "running": self.wanted.running,
            "points": [each["title"] for each in drawn],
            "key_figures": self._key_figures(),
            "read": word("figures.pdf.read"),
            "secret": word("figures.not_to_be_copied"),
            "tables": [each for each in tables if each["rows"]],
            "in_charts": word("figures.pdf.charts"),
            "key": word("figures.pdf.key"),
            "of_page": pages,
        }
        return {**{name: _seen(each) for name, each in words.items()}, "charts": drawn}

    def _table(self, name: str, columns: Sequence[str], rows: Rows, count: int | None = None) -> dict[str, Any]:
        """`count`: of how many these are the first. Columns of words and of numbers are told apart by a mark."""
        more = self.names.said("figures.pdf.more", shown=len(rows), count=count) if count and count > len(rows) else ""
        headings = [self.names.word(f"figures.col.{each.removeprefix('#')}") for each in columns]
        numbers = [each.startswith("#") for each in columns]
        return {
            "title": self.names.word(f"figures.sheet.{name}"),
            "more": more,
            "headings": headings,
            "numbers": numbers,
            "rows": rows,
        }

    def _key_figures(self) -> list[dict[str, Any]]:
        return [
            {"name": self.names.word(f"figures.key.{name}"), "value": _number(name, value), "wrong": wrong}
            for name, value, wrong in key_figures(self.figures)
        ]

    def _units(self) -> dict[str, Any]:
        """The lowest first."""
        found = sorted(
            self.figures.units,
            key=lambda each: (each.unit is None, each.tally.share if each.tally.share is not None else 2),
        )
        rows = []
        for each in found:
            received = [case for case in self.figures.received if case.unit == each.unit]
            open_ = sum(case.is_open for case in self.figures.cases if case.unit == each.unit)
            tally = each.tally
            rows.append(
                [
                    self.names.unit(each.unit),
                    *_counts(tally.wanted),
                    _share(tally.share),
                    *_counts(
                        tally.missed,
                        tally.open,
                        tally.waived,
                        tally.late,
                        tally.bare,
                        tally.same,
                        tally.silent,
                        len(received),
                    ),
                    _share(kept_share(received)),
                    *_counts(open_),
                ]
            )
        columns = (
            "unit",
            "#wanted",
            "#share",
            "#missed",
            "#open",
            "#waived",
            "#late",
            "#bare",
            "#same",
            "#silent",
            "#received",
            "#in_time_on_site",
            "#open_cases",
        )
        return self._table("units", columns, rows)

    def _duties(self) -> dict[str, Any]:
        """Rule by rule, over all units and tiers."""
        rows = []
        for group in self.figures.coverage.grouped("rule"):
            article, duty = self.names.rule(group.rule or "")
            tally = group.tally
            rows.append(
                [
                    article,
                    duty,
                    *_counts(tally.wanted),
                    _share(tally.share),
                    *_counts(tally.missed, tally.open, tally.waived),
                ]
            )
        return self._table("duties", ("article", "duty", "#wanted", "#share", "#missed", "#open", "#waived"), rows)

    def _pace(self) -> dict[str, Any]:
        rows = []
        asked = (self.figures.callbacks.complainants(), *self.figures.callbacks.visits())
        for each in (one for one in asked if one.planned):
            said = ("", self.names.word("figures.plan")) if each.rule == PLAN else self.names.rule(each.rule)
            rows.append(
                [
                    *said,
                    *_counts(each.planned, each.done, each.expected),
                    _share(each.done / each.planned if each.planned else None),
                ]
            )
        return self._table("pace", ("article", "duty", "#planned", "#done", "#expected", "#share"), rows)

    def _gaps(self) -> dict[str, Any]:
        found = self.figures.callbacks.gaps
        rows = [
            [
                self.names.customer(each.customer),
                self.names.owner(each.customer),
                each.number,
                f"{self.names.day(each.due)}" if each.due else self.names.word("figures.gap.handling"),
            ]
            for each in found[:MOST]
        ]
        return self._table("gaps", ("customer", "owner", "number", "due"), rows, len(found))

    def _anomalies(self) -> dict[str, Any]:
        """What is undecided, and how long the others took."""
        found = self.figures.anomalies
        rows = []
        for state in dict.fromkeys(each.state for each in found):
            those = [each for each in found if each.state == state]
            mean = sum(each.hours for each in those) / len(those)
            rows.append(
                [
                    self.names.word(f"anomaly_state.{state}"),
                    *_counts(len(those)),
                    f"{mean:,.1f}",
                    *_counts(sum(each.kept is False for each in those)),
                ]
            )
        return self._table("anomalies", ("became", "#anomalies", "#hours_to_decide", "#late_decisions"), rows)

    # Charts

    def _charts(self) -> Iterator[charts.Drawn]:
        for kind in PICTURES:
            drawn = charts.content(self._view(kind), kind, self.names.voice)
            if drawn.get("rows") != []:
                yield drawn
        if self.figures.talks.all:
            yield self._topics()

    def _topics(self) -> charts.Drawn:
        """What was talked about, the most frequent first."""
        talks, whole = len(self.figures.talks.all), self.figures.talks.topics()
        names = sorted(whole, key=lambda each: (each == OTHER, -whole[each]))
        first = self.names.word(f"topic.{names[0]}")
        return {
            "shape": "stacks",
            "title": self.names.said("figures.chart.most", topic=first, share=percent(whole[names[0]] / talks)),
            "note": self.names.said("figures.chart.topics_note", count=f"{talks:,}"),
            "rows": [self.names.word(f"topic.{each}") for each in names],
            "parts": [{"name": self.names.word("figures.col.talks"), "values": [whole[each] for each in names]}],
        }

    def _view(self, kind: str) -> View:
        """Of the period, or of what led up to its end; the pace is that of the year."""
        view = self.figures.view
        if kind in ("limits", "complaints"):
            return view
        if kind == "pace":
            return self.figures.callbacks.view
        last = min(view.span.last + ONE_DAY, view.today)
        return replace(view, span=charts.span_of(kind, last))


def _counts(*numbers: int) -> list[str]:
    return [f"{each:,}" for each in numbers]


def _share(share: float | None) -> str:
    return percent(share) if share is not None else "–"


def _number(name: str, value: float | None) -> str:
    if value is None:
        return "–"
    return percent(value) if name in SHARES else f"{value:,.1f}" if name == "mean" else f"{value:,.0f}"


def _seen(value: Any) -> Any:
    """Every character is seen, whatever somebody typed."""
    match value:
        case str():
            return printable(value)
        case list():
            return [_seen(each) for each in value]
        case dict():
            return {name: _seen(each) for name, each in value.items()}
    return value
