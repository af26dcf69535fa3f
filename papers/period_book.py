"""统计报表 as a workbook: a cover with what was found, then a sheet for every figure, and the rows behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from models.case_figures import AGES, EFFECTS, Case
from models.coverage import Tally
from models.pace import PLAN
from models.people import Staff
from models.period_figures import PeriodFigures
from models.slots import MARKS, WAIVED, Slot
from papers.period_words import Finding, Names, covers, kept_share, named, percent
from papers.workbook import SOME, Book, Cell, Chart, Column, Cover, Kind, Sheet
from rules.complaint import OVER
from rules.topics import OTHER, TOPICS
from words import Value

MOST_ROWS: Final = 20_000
"""Rows behind the duties in one workbook; what was simply done is left out first, then the oldest."""
Stage = Callable[[str], None]
STAGES: Final = ("duties", "complaints", "callbacks", "talks", "writing")
"""What somebody who waits is told, in this order."""
TALLIED: Final = ("wanted", "made", "share", "missed", "open", *WAIVED, *MARKS)
KINDS: Final = {"share": Kind.SHARE}
BAD: Final = ("missed", "silent", "same")


@dataclass(frozen=True)
class PeriodBook:
    figures: PeriodFigures
    names: Names
    staff: Staff
    unit: int | None

    def made(self, stage: Stage) -> bytes:
        """Worked out part by part, each of which is announced."""
        said = self.names.said
        book = Book(self.names.voice.zone, said("export.mark", by=self.staff.name, number=self.staff.number, when=self._now))
        for name, parts in self._parts().items():
            stage(name)
            book.sheets += [sheet for part in parts for sheet in part()]
        stage("writing")
        return book.written(self._cover())

    def _parts(self) -> dict[str, Sequence[Callable[[], Iterator[Sheet]]]]:
        return {
            "duties": (self._units, self._duties, self._weeks),
            "complaints": (self._complaint_sums, self._complaints, self._satisfaction),
            "callbacks": (self._pace, self._gaps),
            "talks": (self._topics, self._anomalies, self._slots, self._apart, self._reading),
        }

    @property
    def _now(self) -> str:
        return f"{self.figures.now.astimezone(self.names.voice.zone):%Y-%m-%d %H:%M}"

    @property
    def about(self) -> str:
        return f"{self._said(named(self.figures.period))} · {self._said(covers(self.figures.session, self.figures.reach, self.unit))}"

    def _said(self, value: Value) -> str:
        return self.names.voice.plain(value)

    def _sheet(self, name: str, columns: Sequence[Column], rows: Sequence[Sequence[Cell]], *charts: Chart, frozen: int = 1, note: str = "") -> Sheet:
        title = self.names.word(f"figures.sheet.{name}")
        meant = note or self.names.said(f"figures.note.{name}")
        return Sheet(title, title, f"{self.about}　{meant}", columns, rows, charts, frozen)

    def _column(self, name: str, kind: Kind = Kind.TEXT, bad: Sequence[str] | bool = ()) -> Column:
        words = [self.names.word(each) for each in bad] if not isinstance(bad, bool) else bad
        return Column(self.names.word(f"figures.col.{name}"), kind, words)

    def _texts(self, *names: str) -> list[Column]:
        return [self._column(each) for each in names]

    # Duties

    def _tally_columns(self) -> list[Column]:
        return [self._column(each, KINDS.get(each, Kind.COUNT), each in BAD) for each in TALLIED]

    def _units(self) -> Iterator[Sheet]:
        """Unit by unit, the lowest first, with what else is known of each."""
        found = sorted(self.figures.units, key=lambda each: (each.unit is None, each.tally.share if each.tally.share is not None else 2))
        extra = ["received", "on_site", "open_cases", "talks", "anomalies"]
        columns = [self._column("unit"), *self._tally_columns(), *(
            self._column(each, Kind.SHARE if each == "on_site" else Kind.COUNT) for each in extra
        )]  # fmt: skip
        rows: list[list[Cell]] = [[self.names.unit(each.unit), *_cells(each.tally), *self._of_unit(each.unit)] for each in found]
        share = TALLIED.index("share") + 1
        chart = Chart(self.names.word("figures.chart.units"), "bar", 0, [share], len(rows), share=True)
        yield self._sheet("units", columns, rows, chart)

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

    def _duties(self) -> Iterator[Sheet]:
        columns = [*self._texts("rule", "article", "duty", "unit", "tier"), *self._tally_columns()]
        rows: list[list[Cell]] = [
            [each.rule, *self.names.rule(each.rule or ""), self.names.unit(each.unit), self.names.tier(each.tier), *_cells(each.tally)]
            for each in self.figures.duties
        ]
        yield self._sheet("duties", columns, rows, frozen=5)

    def _weeks(self) -> Iterator[Sheet]:
        """The duty of every week: weeks down, units across."""
        rule, found = self.figures.weekly, self.figures.weeks
        if rule is None or not found:
            return
        units = list(dict.fromkeys(each.unit for each in sorted(found, key=lambda each: (each.unit is None, each.unit or 0))))
        weeks = list(dict.fromkeys(each.cycle or "" for each in found))
        share = {(each.cycle, each.unit): each.tally.share for each in found}
        whole = {week: sum((each.tally for each in found if each.cycle == week), Tally()).share for week in weeks}
        columns = [self._column("week"), self._column("all", Kind.SHARE), *(Column(self.names.unit(each), Kind.SHARE) for each in units)]
        rows: list[list[Cell]] = [[week, whole[week], *(share.get((week, unit)) for unit in units)] for week in weeks]
        title = f"{self.names.rule(rule)[1]}"
        chart = Chart(title, "line", 0, list(range(1, min(len(units), 6) + 2)), len(rows), share=True)
        note = self.names.said("figures.note.weeks", article=self.names.rule(rule)[0], duty=title)
        yield self._sheet("weeks", columns, rows, chart, note=note)

    def _slots(self) -> Iterator[Sheet]:
        """The rows behind the duties."""
        shown, done = listed(self.figures.slots)
        columns = [
            *self._texts("rule", "duty", "unit", "tier", "whom", "who"), self._column("cycle"), self._column("due", Kind.DAY),
            self._column("state", bad=("figures.state.missed",)), self._column("made", Kind.COUNT), self._column("owed", Kind.COUNT),
            *(self._column(each, bad=(f"figures.mark.{each}",)) for each in MARKS),
        ]  # fmt: skip
        left = len(self.figures.slots) - len(shown) - done
        note = self.names.said("figures.note.slots", done=done, left=self.names.said("figures.note.left", count=left) if left else None)
        yield self._sheet("slots", columns, [self._slot(each) for each in shown], frozen=2, note=note)

    def _slot(self, slot: Slot) -> list[Cell]:
        names = self.names
        whom = names.customer(slot.subject) if slot.kind == "customer" else names.staff(slot.subject) if slot.kind == "staff" else ""
        role = slot.post.partition("@")[0]
        who = names.owner(slot.subject) if role == "owner" and slot.kind == "customer" else names.role(role)
        marks: list[Cell] = [names.word(f"figures.mark.{each}") if each in slot.apart else None for each in MARKS]
        return [
            slot.rule, names.rule(slot.rule)[1], names.unit(slot.unit), names.tier(slot.tier), whom, who, slot.cycle,
            names.day(slot.due), names.word(f"figures.state.{slot.state}"), slot.done, slot.owed, *marks,
        ]  # fmt: skip

    # Complaints

    def _complaint_sums(self) -> Iterator[Sheet]:
        """Unit by unit and type by type; the ages of those that are open."""
        received = self.figures.received
        groups = sorted({(each.unit, each.type) for each in received})
        columns = [*self._texts("unit", "type"), *(self._column(each, Kind.COUNT) for each in ("received", "voided", "closed_cases")),
                   self._column("late_cases", Kind.COUNT, bad=True), self._column("on_site", Kind.SHARE),
                   self._column("on_site_plain", Kind.SHARE), self._column("handled", Kind.SHARE), self._column("reported", Kind.SHARE),
                   self._column("mean_hours", Kind.NUMBER), self._column("refused", Kind.COUNT)]  # fmt: skip
        rows = [self._sum(unit, kind, [c for c in received if (c.unit, c.type) == (unit, kind)]) for unit, kind in groups]
        yield self._sheet("complaint_sums", columns, rows, frozen=2)
        yield self._ages()

    def _sum(self, unit: int, kind: str, cases: Sequence[Case]) -> list[Cell]:
        hours = [each.hours for each in cases if each.hours is not None]
        return [
            self.names.unit(unit), self.names.word(f"complaint_type.{kind}"), len(cases), sum(each.state == "voided" for each in cases),
            sum(each.state in OVER and each.state != "voided" for each in cases), sum(each.kept is False for each in cases),
            kept_share(cases), kept_share(cases, "kept_plain"), kept_share(cases, "handled"), kept_share(cases, "reported"),
            sum(hours) / len(hours) if hours else None, sum(each.refused for each in cases),
        ]  # fmt: skip

    def _ages(self) -> Sheet:
        open_ = [each for each in self.figures.cases if each.is_open]
        states = sorted({each.state for each in open_})
        count = Counter((each.age(self.figures.now), each.state) for each in open_)
        ages = [*AGES, "older"]
        columns = [self._column("age"), *(Column(self.names.word(f"complaint_state.{each}"), Kind.COUNT) for each in states), self._column("together", Kind.COUNT)]
        rows: list[list[Cell]] = [
            [self.names.word(f"chart.age.{age}"), *(count[age, state] for state in states), sum(count[age, state] for state in states)]
            for age in ages
        ]
        charts = [Chart(self.names.said("figures.chart.ages", count=len(open_)), "bar", 0, list(range(1, len(states) + 1)), len(rows), stacked=True)]
        return self._sheet("ages", columns, rows, *(charts if states else ()))

    def _complaints(self) -> Iterator[Sheet]:
        columns = [
            *self._texts("number", "unit", "customer", "type"), self._column("state"), self._column("received_at", Kind.MOMENT),
            self._column("closed_at", Kind.MOMENT), self._column("days_open", Kind.NUMBER), self._column("hours", Kind.NUMBER),
            Column(self.names.word("figures.col.used"), Kind.SHARE, shaded=False),
            *(self._column(each, bad=("paper.overdue",)) for each in ("kept", "kept_plain", "handled_case")),
            self._column("reported_case", bad=("figures.too_few",)), self._column("refused_case", bad=("figures.refused",)),
            self._column("late", bad=("figures.mark.late",)), self._column("bare", bad=("figures.mark.bare",)),
        ]  # fmt: skip
        yield self._sheet("complaints", columns, [self._case(each) for each in self.figures.cases])

    def _case(self, case: Case) -> list[Cell]:
        word = self.names.word
        days = ((case.closed or self.figures.now) - case.received).total_seconds() / 86_400
        return [
            case.number, self.names.unit(case.unit), self.names.customer(case.customer), word(f"complaint_type.{case.type}"),
            word(f"complaint_state.{case.state}"), case.received, case.closed, days, case.hours, case.used,
            *(self._outcome(each) for each in (case.kept, case.kept_plain, case.handled)),
            None if case.reported is None else word("figures.enough" if case.reported else "figures.too_few"),
            word("figures.refused") if case.refused else None, word("figures.mark.late") if case.late else None,
            word("figures.mark.bare") if case.bare else None,
        ]  # fmt: skip

    def _outcome(self, kept: bool | None) -> str | None:
        return None if kept is None else self.names.word("paper.kept" if kept else "paper.overdue")

    def _satisfaction(self) -> Iterator[Sheet]:
        columns = [self._column("month"), self._column("marks", Kind.COUNT), self._column("mean", Kind.NUMBER),
                   *(self._column(f"effect_{each}", Kind.COUNT) for each in EFFECTS), self._column("refused", Kind.COUNT)]  # fmt: skip
        rows: list[list[Cell]] = [
            [each.month, len(each.marks), each.mean, *(each.effects[name] for name in EFFECTS), each.refused]
            for each in self.figures.contentment
        ]
        chart = Chart(self.names.word("figures.chart.mean"), "line", 0, [2], len(rows))
        yield self._sheet("satisfaction", columns, rows, *([chart] if len(rows) > 1 else ()))

    # Callbacks

    def _pace(self) -> Iterator[Sheet]:
        found = [self.figures.callbacks.complainants(), *self.figures.callbacks.visits()]
        columns = [*self._texts("rule", "duty"), *(self._column(each, Kind.COUNT) for each in ("planned", "done", "expected")), self._column("share", Kind.SHARE)]
        rows: list[list[Cell]] = []
        for each in found:
            said = self.names.word("figures.plan") if each.rule == PLAN else self.names.rule(each.rule)[1]
            share = each.done / each.planned if each.planned else None
            rows.append(["" if each.rule == PLAN else each.rule, said, each.planned, each.done, each.expected, share])
        chart = Chart(self.names.word("figures.chart.pace"), "bar", 1, [2, 3, 4], len(rows), tones=("#999999", "#0072B2", SOME))
        yield self._sheet("pace", columns, rows, chart, frozen=2, note=self.names.said("figures.note.pace", year=str(self.figures.callbacks.view.span.first.year)))

    def _gaps(self) -> Iterator[Sheet]:
        columns = [*self._texts("customer", "owner", "number"), self._column("received_at", Kind.MOMENT), self._column("due", Kind.DAY), self._column("gap_state", bad=("figures.gap.late",))]
        rows: list[list[Cell]] = []
        for each in self.figures.callbacks.gaps:
            state = "handling" if each.due is None else "late" if each.due < self.figures.now else "open"
            rows.append([self.names.customer(each.customer), self.names.owner(each.customer), each.number, each.received,
                         self.names.day(each.due) if each.due else None, self.names.word(f"figures.gap.{state}")])  # fmt: skip
        yield self._sheet("gaps", columns, rows)

    # Talks

    def _topics(self) -> Iterator[Sheet]:
        count = Counter((topic, each.unit) for each in self.figures.talks.all for topic in each.topics)
        units = sorted({unit for _, unit in count})
        whole = self.figures.talks.topics()
        names = sorted((*TOPICS, OTHER), key=lambda each: (each == OTHER, -whole[each]))
        talks = len(self.figures.talks.all)
        columns = [self._column("topic"), self._column("talks", Kind.COUNT), Column(self.names.word("figures.col.of_talks"), Kind.SHARE, shaded=False),
                   *(Column(self.names.unit(each), Kind.COUNT) for each in units)]  # fmt: skip
        rows: list[list[Cell]] = [
            [self.names.word(f"topic.{name}"), whole[name], whole[name] / talks if talks else None, *(count[name, unit] for unit in units)]
            for name in names
        ]
        chart = Chart(self.names.said("figures.chart.topics", count=talks), "bar", 0, [1], len(rows))
        yield self._sheet("topics", columns, rows, chart)

    def _anomalies(self) -> Iterator[Sheet]:
        columns = [*self._texts("number", "unit", "customer", "by"), self._column("at", Kind.MOMENT), self._column("words"),
                   self._column("became", bad=("anomaly_state.waiting", "anomaly_state.by_itself")), self._column("decided_by"), self._column("decided", Kind.MOMENT), self._column("hours_to_decide", Kind.NUMBER),
                   self._column("in_time", bad=("paper.overdue",)), self._column("why")]  # fmt: skip
        names, rows = self.names, []
        for each in self.figures.anomalies:
            about = {each.customer}
            row: list[Cell] = [
                each.number, names.unit(each.unit), names.customer(each.customer), names.staff(each.staff), each.at,
                names.told(each.words, about), names.word(f"anomaly_state.{each.state}"), names.staff(each.by), each.decided,
                each.hours, self._outcome(each.kept), names.told(each.why, about),
            ]  # fmt: skip
            rows.append(row)
        yield self._sheet("anomalies", columns, rows)

    def _apart(self) -> Iterator[Sheet]:
        columns = [*self._texts("number", "unit", "customer", "by", "channel"), self._column("at", Kind.MOMENT), self._column("written", Kind.MOMENT),
                   self._column("late", bad=("figures.mark.late",)), self._column("bare", bad=("figures.mark.bare",)), self._column("same", bad=("figures.mark.same",)),
                   self._column("burst", Kind.COUNT)]  # fmt: skip
        names, found = self.names, self.figures.apart.rows
        rows: list[list[Cell]] = [
            [
                each.number, names.unit(each.unit), names.customer(each.customer), names.staff(each.staff),
                names.word(f"channel.{each.channel}") if each.channel else None, each.at, each.written,
                names.word("figures.mark.late") if each.late else None, names.word("figures.mark.bare") if each.bare else None,
                names.word("figures.mark.same") if each.burst else None, each.burst,
            ]
            for each in found[:MOST_ROWS]
        ]  # fmt: skip
        yield self._sheet("apart", columns, rows)

    def _reading(self) -> Iterator[Sheet]:
        """How each figure is to be read, and the rules that stand behind the duties."""
        rules = sorted({each.rule or "" for each in self.figures.duties})
        book = self.figures.house.rulebook
        says = {each: self.names.said("rule.says", zh=book.entry(each).says, en=book.entry(each).says_en) for each in rules}
        rows: list[list[Cell]] = [[self.names.word(f"figures.col.{each}"), "", self.names.word(f"figures.means.{each}")] for each in TALLIED]
        rows += [[each, self.names.rule(each)[0], says[each]] for each in rules]
        yield self._sheet("reading", self._texts("name", "article", "means"), rows, note=self.names.said("figures.rulebook", version=self.figures.house.rulebook_version))

    # The cover

    def _cover(self) -> Cover:
        said, word, house = self.names.said, self.names.word, self.figures.house
        span = self.figures.period.span
        state = None if self.figures.over else said("figures.running", at=self._now)
        finding = Finding(self.figures, self.names).said()
        return Cover(
            name=word("figures.cover"), title=said("figures.title", company=house.company),
            subtitle=f"{self.about}　{said('figures.days', first=f'{span.first}', last=f'{span.last}')}",
            made=said("figures.made", by=self.staff.name, number=self.staff.number, when=self._now, version=house.rulebook_version),
            finding=self._said(finding), headings=(word("figures.col.name"), word("figures.col.value"), word("figures.col.means")),
            figures=[(word(f"figures.key.{name}"), value, kind, word(f"figures.key_means.{name}"), wrong) for name, value, kind, wrong in key_figures(self.figures)],
            notes=[*([state] if state else ()), word("figures.read"), word("figures.not_to_be_copied")],
        )  # fmt: skip


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


Figure = tuple[str, Cell, Kind, bool]


def key_figures(figures: PeriodFigures) -> list[Figure]:
    """The figures that matter, in the order of the cover, and whether each is something to worry about."""
    total, received = figures.total, figures.received
    open_ = [each for each in figures.cases if each.is_open]
    kept, plain = kept_share(received), kept_share(received, "kept_plain")
    marks = [mark for each in figures.contentment for mark in each.marks]
    gaps, waiting = figures.callbacks.gaps, [each for each in figures.anomalies if each.is_open]
    return [
        ("share", total.share, Kind.SHARE, total.share is not None and total.share < 0.9),
        ("missed", total.missed, Kind.COUNT, total.missed > 0),
        ("waived", total.waived, Kind.COUNT, False),
        ("silent", total.silent, Kind.COUNT, total.silent > 0),
        ("received", len(received), Kind.COUNT, False),
        ("kept", kept, Kind.SHARE, kept is not None and kept < 1),
        ("kept_plain", plain, Kind.SHARE, False),
        ("open_cases", len(open_), Kind.COUNT, False),
        ("gaps", len(gaps), Kind.COUNT, any(each.due and each.due < figures.now for each in gaps)),
        ("mean", sum(marks) / len(marks) if marks else None, Kind.NUMBER, False),
        ("talks", len(figures.talks.all), Kind.COUNT, False),
        ("anomalies", len(figures.anomalies), Kind.COUNT, bool(waiting)),
        ("late", sum(each.late for each in figures.apart.rows), Kind.COUNT, False),
        ("bare", sum(each.bare for each in figures.apart.rows), Kind.COUNT, False),
        ("same", sum(each.burst is not None for each in figures.apart.rows), Kind.COUNT, False),
    ]  # fmt: skip


__all__ = ["STAGES", "PeriodBook", "key_figures", "listed", "percent"]
