"""A list as an .xlsx file. Every cell is text: whatever somebody typed can't act as a formula, a number or a link."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

NARROWEST, WIDEST = 8, 48
"""Widths of columns, in characters."""
HEADING_ROW = 2
LONGEST_MARK = 200
"""Characters that a header has room for."""
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""A cell is what was typed, never a formula, a link or a number."""


@dataclass(frozen=True)
class Paper:
    """A file to hand over."""

    name: str
    content: bytes

    @property
    def is_picture(self) -> bool:
        """Whether it is to be looked at in the chat, and not only kept."""
        return self.name.endswith(".png")


@dataclass(frozen=True)
class Table:
    """`title` says what it is and of when; `made` who exported it and when."""

    title: str
    made: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


def book(table: Table, file_name: str) -> Paper:
    """One sheet: title, who made it, headings with filters that stay in sight, the rows."""
    return sheets({"Sheet1": table}, file_name)


def sheets(tables: Mapping[str, Table], file_name: str, mark: str = "") -> Paper:
    """A sheet for each table. `mark` stands over and under every printed page, and pale after the last row."""
    content = BytesIO()
    with Workbook(content, {"in_memory": True, **PLAIN}) as workbook:
        looks = _Looks(
            workbook.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            workbook.add_format({"bold": True, "font_size": 14}),
            workbook.add_format({"bold": True, "bg_color": "#E8EEF4", "bottom": 1}),
            workbook.add_format({"font_color": "#C8C8C8", "num_format": "@"}),
        )
        for name, table in tables.items():
            _fill(workbook.add_worksheet(name), table, looks, mark)
    return Paper(f"{file_name}.xlsx", content.getvalue())


@dataclass(frozen=True)
class _Looks:
    text: Format
    bold: Format
    heading: Format
    pale: Format


def _fill(sheet: Worksheet, table: Table, looks: _Looks, mark: str) -> None:
    sheet.write_string(0, 0, table.title, looks.bold)
    sheet.write_string(1, 0, table.made)
    for column, name in enumerate(table.headings):
        sheet.write_string(HEADING_ROW, column, name, looks.heading)
        sheet.set_column(column, column, _width(name, [row[column] for row in table.rows]))
    for number, row in enumerate(table.rows, HEADING_ROW + 1):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell, looks.text)
    sheet.autofilter(HEADING_ROW, 0, HEADING_ROW + max(1, len(table.rows)), len(table.headings) - 1)
    sheet.freeze_panes(HEADING_ROW + 1, 0)
    _for_printing(sheet)
    if mark:
        _watermark(sheet, mark, HEADING_ROW + 2 + len(table.rows), looks.pale)


def _watermark(sheet: Worksheet, mark: str, last: int, pale: Format) -> None:
    """Whose copy it is: on paper over and under each page, on the screen in pale letters after the last row."""
    code = mark.replace("&", "&&")[:LONGEST_MARK]
    sheet.set_header(f'&C&"-,Regular"&9{" "}{code}')
    sheet.set_footer(f'&L&"-,Regular"&9{" "}{code}&R&P/&N')
    sheet.write_string(last, 0, mark, pale)


def _for_printing(sheet: Worksheet) -> None:
    """On A4, across, as wide as one page, the headings on each."""
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADING_ROW)


def _width(name: str, cells: Sequence[str]) -> int:
    """As wide as the widest line, Chinese characters counting twice."""
    widest = max((_columns(cell) for cell in (name, *cells[:500])), default=0)
    return min(max(widest + 2, NARROWEST), WIDEST)


def _columns(cell: str) -> int:
    return max((sum(1 if each.isascii() else 2 for each in line) for line in cell.split("\n")), default=0)
