"""A workbook to be handed to somebody: sheets with filters, headings that stay in sight, colours where something is wrong, charts
of Excel's own. Numbers are numbers and dates are dates; whatever somebody typed is text and stays text, also when its cell is
edited."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from io import BytesIO
from typing import Any, Final
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from papers.book import LONGEST_MARK, NARROWEST, PLAIN, WIDEST

Cell = str | int | float | bool | datetime | date | None
BESIDE: Final = 8
"""Columns; a chart of a wider sheet stands below its rows, where it is in sight."""
LONGEST_TEXT: Final = 32_000
"""Characters; a cell of Excel holds 32,767."""
HEAD: Final = 3
"""The row of the headings, below the title and what is said of the sheet."""
INK, PALE, SHADE, RULE = "#1F2A36", "#5A6672", "#E8EEF4", "#C9D3DD"
GOOD, BAD, SOME, SAND = "#0072B2", "#D55E00", "#E69F00", "#F3E3D3"
SERIES: Final = (GOOD, SOME, "#009E73", BAD, "#CC79A7", "#56B4E9", "#999999", "#1F2A36")
"""Colours that the colour-blind tell apart, as in the charts of the chat."""


class Kind(StrEnum):
    TEXT = "text"
    COUNT = "count"
    NUMBER = "number"
    SHARE = "share"
    DAY = "day"
    MOMENT = "moment"


FORMATS: Final = {
    Kind.TEXT: "@",
    Kind.COUNT: "#,##0",
    Kind.NUMBER: "#,##0.0",
    Kind.SHARE: "0.0%",
    Kind.DAY: "yyyy-mm-dd",
    Kind.MOMENT: "yyyy-mm-dd hh:mm",
}
WIDTHS: Final = {Kind.COUNT: 9, Kind.NUMBER: 10, Kind.SHARE: 10, Kind.DAY: 12, Kind.MOMENT: 17}


@dataclass(frozen=True)
class Column:
    """`bad`: words or, for numbers, True, which are shown in the colour of what is wrong. A share is shaded by how good it is."""

    name: str
    kind: Kind = Kind.TEXT
    bad: Sequence[str] | bool = ()
    shaded: bool = True


@dataclass(frozen=True)
class Chart:
    """Of columns of its own sheet, beside its rows. `kind`: bar, column or line."""

    title: str
    kind: str
    names: int
    series: Sequence[int]
    rows: int
    stacked: bool = False
    share: bool = False
    range: tuple[float, float] | None = None
    tones: Sequence[str] = SERIES


@dataclass(frozen=True)
class Sheet:
    name: str
    title: str
    note: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    charts: Sequence[Chart] = ()
    frozen: int = 1
    """So many columns stay in sight beside the headings."""


@dataclass(frozen=True)
class Cover:
    """The first page: what was found, the figures that matter, how they are to be read."""

    name: str
    title: str
    subtitle: str
    made: str
    finding: str
    headings: tuple[str, str, str]
    figures: Sequence[tuple[str, Cell, Kind, str, bool]]
    """Name, value, kind of number, what it means, and whether it is something to worry about."""
    notes: Sequence[str] = ()
    chart: tuple[str, Chart] | None = None
    """Of another sheet, by its name."""


@dataclass
class Book:
    """`mark` stands over and under every printed page, and pale after the last row: whose copy it is."""

    zone: ZoneInfo
    mark: str
    font: str = "Microsoft YaHei"
    sheets: list[Sheet] = field(default_factory=list)

    def written(self, cover: Cover) -> bytes:
        content = BytesIO()
        options: Mapping[str, Any] = {
            "in_memory": True, **PLAIN, "default_date_format": FORMATS[Kind.MOMENT],
            "default_format_properties": {"font_name": self.font, "font_size": 10, "font_color": INK},
        }  # fmt: skip
        with Workbook(content, options) as workbook:
            hand = _Hand(workbook, self)
            hand.cover(cover)
            for sheet in self.sheets:
                hand.sheet(sheet)
        return content.getvalue()


class _Hand:
    def __init__(self, workbook: Workbook, book: Book) -> None:
        self.workbook, self.book = workbook, book
        base: Mapping[str, Any] = {"font_name": book.font, "font_size": 10, "font_color": INK, "valign": "top"}
        self.base = base
        self.cells = {each: self._look(num_format=code) for each, code in FORMATS.items()}
        self.wrapped = self._look(num_format="@", text_wrap=True)
        self.title = self._look(bold=True, font_size=16)
        self.quiet = self._look(font_color=PALE, text_wrap=True)
        self.heading = self._look(
            bold=True, bg_color=SHADE, bottom=1, border_color=RULE, text_wrap=True, valign="vcenter"
        )
        self.pale = self._look(font_color="#C8C8C8")
        self.bad = workbook.add_format({"font_color": BAD, "bold": True})

    def _look(self, **more: Any) -> Format:
        return self.workbook.add_format({**self.base, **more})

    # A sheet of rows

    def sheet(self, sheet: Sheet) -> None:
        page = self.workbook.add_worksheet(sheet.name)
        last = max(1, len(sheet.rows))
        page.hide_gridlines(2)
        page.write_string(0, 0, sheet.title, self.title)
        page.write_string(1, 0, sheet.note, self._look(font_color=PALE))
        page.set_row(0, 26)
        for column, each in enumerate(sheet.columns):
            page.write_string(HEAD, column, each.name, self.heading)
            page.set_column(column, column, _width(each, [row[column] for row in sheet.rows[:300]]))
        for number, row in enumerate(sheet.rows, HEAD + 1):
            self._row(page, number, sheet.columns, row)
        page.autofilter(HEAD, 0, HEAD + last, len(sheet.columns) - 1)
        page.freeze_panes(HEAD + 1, sheet.frozen)
        self._colours(page, sheet, HEAD + last)
        for place, chart in enumerate(each for each in sheet.charts if each.rows):
            drawn = self._chart(sheet.name, chart)
            below = len(sheet.columns) > BESIDE
            top, left = (last + HEAD + 3, 0) if below else (HEAD, len(sheet.columns) + 1)
            page.insert_chart(top + place * 18, left, drawn)
        self._for_printing(page, len(sheet.rows) + HEAD + 2)

    def _row(self, page: Worksheet, number: int, columns: Sequence[Column], row: Sequence[Cell]) -> None:
        for column, (each, cell) in enumerate(zip(columns, row, strict=True)):
            self._cell(page, (number, column), cell, self.cells[each.kind])

    def _cell(self, page: Worksheet, place: tuple[int, int], cell: Cell, look: Format) -> None:
        match cell:
            case None | "":
                return
            case str():
                page.write_string(*place, clean(cell), look)
            case datetime():
                page.write_datetime(*place, cell.astimezone(self.book.zone).replace(tzinfo=None), look)
            case date():
                page.write_datetime(*place, cell, look)
            case _:
                page.write_number(*place, cell, look)

    def _colours(self, page: Worksheet, sheet: Sheet, last: int) -> None:
        for column, each in enumerate(sheet.columns):
            where = (HEAD + 1, column, last, column)
            if each.kind is Kind.SHARE and each.shaded:
                page.conditional_format(*where, SHADES)
            for word in each.bad if not isinstance(each.bad, bool) else ():
                page.conditional_format(
                    *where, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": self.bad}
                )
            if each.bad is True:
                page.conditional_format(*where, {"type": "cell", "criteria": ">", "value": 0, "format": self.bad})

    def _chart(self, sheet: str, chart: Chart) -> Any:
        drawn = self.workbook.add_chart({"type": chart.kind, **({"subtype": "stacked"} if chart.stacked else {})})
        first, last = HEAD + 1, HEAD + chart.rows
        for number, column in enumerate(chart.series):
            drawn.add_series({
                "name": [sheet, HEAD, column], "categories": [sheet, first, chart.names, last, chart.names],
                "values": [sheet, first, column, last, column], **_drawn_as(chart, number),
            })  # fmt: skip
        font: Mapping[str, Any] = {"name": self.book.font, "size": 9, "color": PALE}
        title = {**font, "size": 12, "bold": True, "color": INK}
        drawn.set_title({"name": chart.title, "name_font": title, "overlay": False})
        names = {"num_font": font, **({"reverse": True, "crossing": "max"} if chart.kind == "bar" else {})}
        grid = {"visible": True, "line": {"color": "#E3E8ED"}}
        values = {"num_font": font, "major_gridlines": grid, "line": {"none": True}, **_scale(chart)}
        drawn.set_x_axis(values if chart.kind == "bar" else names)
        drawn.set_y_axis(names if chart.kind == "bar" else values)
        drawn.set_legend({"none": True} if len(chart.series) == 1 else {"position": "bottom", "font": font})
        drawn.set_size({"width": 620, "height": 330})
        drawn.set_chartarea({"border": {"color": RULE}})
        return drawn

    # The cover

    def cover(self, cover: Cover) -> None:
        page = self.workbook.add_worksheet(cover.name)
        page.hide_gridlines(2)
        for column, wide in enumerate((2, 30, 16, 62)):
            page.set_column(column, column, wide)
        page.set_row(1, 32)
        page.write_string(1, 1, cover.title, self._look(bold=True, font_size=22, valign="vcenter"))
        page.write_string(2, 1, cover.subtitle, self._look(font_size=13))
        page.write_string(3, 1, cover.made, self._look(font_color=PALE))
        found = self._look(
            bold=True, font_size=14, text_wrap=True, valign="vcenter", bg_color=SAND, left=5, left_color=BAD
        )
        page.merge_range(5, 1, 5, 3, "", found)
        page.write_string(5, 1, cover.finding, found)
        page.set_row(5, 22 * (1 + _wide(cover.finding) // 76) + 14)
        for column, name in enumerate(cover.headings, 1):
            page.write_string(7, column, name, self.heading)
        for number, figure in enumerate(cover.figures, 8):
            self._figure(page, number, figure)
        self._notes(page, 9 + len(cover.figures), cover)
        page.activate()
        self._for_printing(page, None)

    def _figure(self, page: Worksheet, number: int, figure: tuple[str, Cell, Kind, str, bool]) -> None:
        name, value, kind, means, wrong = figure
        line: Mapping[str, Any] = {"bottom": 1, "bottom_color": RULE, "valign": "vcenter"}
        page.write_string(number, 1, name, self._look(**line))
        colour = {"font_color": BAD} if wrong else {}
        look = self._look(**line, **colour, bold=True, font_size=13, align="right", num_format=FORMATS[kind])
        page.write_blank(number, 2, None, look)
        self._cell(page, (number, 2), value, look)
        page.write_string(number, 3, means, self._look(**line, font_color=PALE, text_wrap=True, indent=1))
        page.set_row(number, 14 * (1 + _wide(means) // 66) + 8)

    def _notes(self, page: Worksheet, row: int, cover: Cover) -> None:
        for number, note in enumerate(cover.notes, row):
            page.merge_range(number, 1, number, 3, "", self.quiet)
            page.write_string(number, 1, note, self.quiet)
            page.set_row(number, 14 * (1 + _wide(note) // 112))
        if cover.chart is not None:
            page.insert_chart(7, 5, self._chart(*cover.chart))
        page.write_string(row + len(cover.notes) + 1, 1, self.book.mark, self.pale)

    def _for_printing(self, page: Worksheet, last: int | None) -> None:
        """On A4, across, as wide as one page, the headings on each."""
        page.set_paper(9)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        code = self.book.mark.replace("&", "&&")[:LONGEST_MARK]
        page.set_header(f'&C&"-,Regular"&9{" "}{code}')
        page.set_footer(f'&L&"-,Regular"&9{" "}{code}&R&P/&N')
        if last is not None:
            page.repeat_rows(HEAD)
            page.write_string(last, 0, self.book.mark, self.pale)


SHADES: Final = {
    "type": "3_color_scale", "min_type": "num", "mid_type": "num", "max_type": "num", "min_value": 0.4, "mid_value": 0.75,
    "max_value": 1.0, "min_color": "#EFB08E", "mid_color": "#FBF3EA", "max_color": "#9CC9E5",
}  # fmt: skip


def _drawn_as(chart: Chart, number: int) -> Mapping[str, Any]:
    tone = chart.tones[number % len(chart.tones)]
    if chart.kind == "line":
        return {"line": {"color": tone, "width": 2.25}}
    alone = chart.share and len(chart.series) == 1
    labels: Mapping[str, Any] = {"data_labels": {"value": True, "num_format": "0%"}} if alone else {}
    return {"fill": {"color": tone}, "gap": 60, **labels}


def _scale(chart: Chart) -> Mapping[str, Any]:
    """A share ends at 100 %; what has a range of its own keeps it."""
    least, most = chart.range or ((0, 1) if chart.share else (0, None))
    form = "0%" if chart.share else "0.0" if chart.range else "#,##0"
    return {"num_format": form, "min": least, **({"max": most} if most else {})}


def clean(text: str) -> str:
    """As a cell can hold it: no control characters, half characters or what is none, and not longer than there is room for."""
    seen = text if text.isprintable() else "".join(each for each in text if each in "\n\t" or _is_seen(each))
    return seen if len(seen) <= LONGEST_TEXT // 2 else _cut(seen)


def _is_seen(each: str) -> bool:
    return unicodedata.category(each) not in ("Cc", "Cs", "Cn")


def _cut(text: str) -> str:
    """Excel counts a character beyond the first 65,536 twice."""
    units = text.encode("utf-16-le")
    return text if len(units) <= 2 * LONGEST_TEXT else f"{units[: 2 * LONGEST_TEXT].decode('utf-16-le', 'ignore')}…"


def _width(column: Column, cells: Sequence[Cell]) -> int:
    """As wide as the widest line, Chinese characters counting twice."""
    heading = max(_wide(each) for each in column.name.split("\n")) + 4
    if column.kind is not Kind.TEXT:
        return max(WIDTHS[column.kind], min(heading, 16))
    widest = max((_wide(line) for cell in cells for line in str(cell or "").split("\n")), default=0)
    return min(max(widest + 2, min(heading, 18), NARROWEST), WIDEST)


def _wide(text: str) -> int:
    return sum(1 if each.isascii() else 2 for each in text)
