"""错行文件: the rows of a list that could not be imported, as they were, with the reason in a last column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from pathlib import PurePath
from typing import Any

from sqlmodel import Session
from xlsxwriter import Workbook

from models.list_imports import ListImport
from models.people import Staff, key
from papers.book import PLAIN, Paper
from papers.discretion import Discretion, discretion
from rules.house import House
from words import Voice, say


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """The headings stand in the first row, so that the file can be read as the first one was."""
    row = session.get_one(ListImport, args["import"])
    if row.staff_id != key(staff):
        raise PermissionError(row.id)
    voice = Voice(staff.language, house.calendar.tz, now)
    told = discretion(session, voice, staff, now)
    width = max([len(row.headings), *(len(each["cells"]) for each in row.rejects)])
    headings = [*_filled(row.headings, width), voice.plain(say("import.reason"))]
    content = BytesIO()
    with Workbook(content, {"in_memory": True, **PLAIN}) as book:
        text = book.add_format({"num_format": "@"})
        bold = book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, width, 18)
        for column, name in enumerate(headings):
            sheet.write_string(0, column, name, bold)
        for number, each in enumerate(row.rejects, 1):
            for column, cell in enumerate(_row(voice, told, each, width)):
                sheet.write_string(number, column, cell, text)
    return Paper(f"{PurePath(row.name).stem[:60]}-{voice.plain(say('import.rejected'))}.xlsx", content.getvalue())


def _row(voice: Voice, told: Discretion, each: Mapping[str, Any], width: int) -> list[str]:
    """As it was; of a customer marked 涉密 only its number, because the names in it may not be sent, nor code names imported."""
    cells = _filled(each["cells"], width)
    if told.cells(cells) != cells:
        return [*[""] * width, voice.plain(say("import.secret_row", line=each["line"]))]
    return [*cells, told(each["why"])]


def _filled(cells: list[str], width: int) -> list[str]:
    return [*cells, *[""] * width][:width]
