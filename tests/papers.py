"""The file that lies on somebody's phone, read back."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO

from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from papers.glyphs import BREAK
from tests.office import Office, Person

FORMULA = re.compile(r"<(?:\w+:)?f[\s>/][^<]*")
OUTSIDE = re.compile(r'TargetMode="External"|<hyperlink\b')


def content(office: Office, who: Person, ends: str = ".xlsx") -> bytes:
    attachment = who.last().attachment
    assert attachment is not None
    stored = office.telegram.world().files.find(attachment.file_id or "")
    assert stored is not None
    assert stored.name.endswith(ends)
    return stored.content


def pages(pdf: bytes) -> list[str]:
    """The words of each page, without spaces and line ends, which depend on where a line was broken."""
    return ["".join(each.extract_text().replace(BREAK, "").split()) for each in PdfReader(BytesIO(pdf)).pages]


def table(office: Office, who: Person) -> list[list[str]]:
    sheet = CalamineWorkbook.from_filelike(BytesIO(content(office, who))).get_sheet_by_index(0)
    return [[str(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]


def formulas(book: bytes) -> list[str]:
    """What a workbook would work out, fetch or follow by itself, as it stands in its parts."""
    with zipfile.ZipFile(BytesIO(book)) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith((".xml", ".rels"))}
    cells = [each for name, text in parts.items() if "worksheets/" in name for each in FORMULA.findall(text)]
    links = [each for text in parts.values() for each in OUTSIDE.findall(text)]
    return [*cells, *links, *(name for name in parts if "externalLinks" in name or "vba" in name.lower())]
