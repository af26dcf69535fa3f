"""The sheets of a workbook that are about talks: their topics, anomalies, and what is said apart of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from papers.period_duties import MOST_ROWS
from papers.period_sheets import Sheets
from papers.workbook import Cell, Chart, Column, Kind, Sheet
from rules.topics import OTHER, TOPICS


class TalkSheets(Sheets):
    def topics(self) -> Iterator[Sheet]:
        count = Counter((topic, each.unit) for each in self.figures.talks.all for topic in each.topics)
        units = sorted({unit for _, unit in count})
        whole = self.figures.talks.topics()
        names = sorted((*TOPICS, OTHER), key=lambda each: (each == OTHER, -whole[each]))
        talks = len(self.figures.talks.all)
        columns = [
            self.column("topic"),
            self.column("talks", Kind.COUNT),
            Column(self.names.word("figures.col.of_talks"), Kind.SHARE, shaded=False),
            *(Column(self.names.unit(each), Kind.COUNT) for each in units),
        ]
        rows: list[list[Cell]] = [
            [
                self.names.word(f"topic.{name}"),
                whole[name],
                whole[name] / talks if talks else None,
                *(count[name, unit] for unit in units),
            ]
            for name in names
        ]
        chart = Chart(self.names.said("figures.chart.topics", count=talks), "bar", 0, [1], len(rows))
        yield self.sheet("topics", columns, rows, chart)

    def anomalies(self) -> Iterator[Sheet]:
        columns = [
            *self.texts("number", "unit", "customer", "by"),
            self.column("at", Kind.MOMENT),
            self.column("words"),
            self.column("became", bad=("anomaly_state.waiting", "anomaly_state.by_itself")),
            self.column("decided_by"),
            self.column("decided", Kind.MOMENT),
            self.column("hours_to_decide", Kind.NUMBER),
            self.column("in_time", bad=("paper.overdue",)),
            self.column("why"),
        ]
        names, rows = self.names, []
        for each in self.figures.anomalies:
            about = {each.customer}
            row: list[Cell] = [
                each.number,
                names.unit(each.unit),
                names.customer(each.customer),
                names.staff(each.staff),
                each.at,
                names.told(each.words, about),
                names.word(f"anomaly_state.{each.state}"),
                names.staff(each.by),
                each.decided,
                each.hours,
                self.outcome(each.kept),
                names.told(each.why, about),
            ]
            rows.append(row)
        yield self.sheet("anomalies", columns, rows)

    def apart(self) -> Iterator[Sheet]:
        columns = [
            *self.texts("number", "unit", "customer", "by", "channel"),
            self.column("at", Kind.MOMENT),
            self.column("written", Kind.MOMENT),
            self.column("late", bad=("figures.mark.late",)),
            self.column("bare", bad=("figures.mark.bare",)),
            self.column("same", bad=("figures.mark.same",)),
            self.column("burst", Kind.COUNT),
        ]
        names, found = self.names, self.figures.apart.rows
        rows: list[list[Cell]] = [
            [
                each.number,
                names.unit(each.unit),
                names.customer(each.customer),
                names.staff(each.staff),
                names.word(f"channel.{each.channel}") if each.channel else None,
                each.at,
                each.written,
                names.word("figures.mark.late") if each.late else None,
                names.word("figures.mark.bare") if each.bare else None,
                names.word("figures.mark.same") if each.burst else None,
                each.burst,
            ]
            for each in found[:MOST_ROWS]
        ]
        yield self.sheet("apart", columns, rows)
