"""A workbook opened by another library than the one that wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook

from papers.workbook import HEAD


@dataclass(frozen=True)
class Opened:
    sheets: dict[str, list[list[Any]]]

    @property
    def cover(self) -> str:
        """All that stands on the first page."""
        return "\n".join(str(cell) for row in next(iter(self.sheets.values())) for cell in row if cell != "")

    def rows(self, sheet: str) -> list[dict[str, Any]]:
        """By the headings, down to the first empty row: below it stands whose copy it is."""
        _, headings, *rows = self.sheets[sheet][HEAD - 1 :]
        filled = next((n for n, row in enumerate(rows) if not any(cell != "" for cell in row)), len(rows))
        return [dict(zip(map(str, headings), row, strict=True)) for row in rows[:filled]]


def opened(content: bytes) -> Opened:
    book = CalamineWorkbook.from_filelike(BytesIO(content))
    return Opened({each: book.get_sheet_by_name(each).to_python(skip_empty_area=False) for each in book.sheet_names})
