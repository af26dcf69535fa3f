"""Reading lists from outside: .csv in the encodings that Excel writes, and .xlsx. Bounded before anything is opened.

Only values are read: no formula is worked out, no macro is run. A cell is text; dates come as ISO text.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import IO, Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from bot.sentences import RefusedError

MOST_BYTES: Final = 50 * 1024**2
MOST_UNPACKED: Final = 400 * 1024**2
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 6_000_000
"""A sheet is held as a rectangle, so that one cell far out would ask for all the memory there is."""


@dataclass(frozen=True)
class Table:
    """The headings, and the rows under them as typed, each with its line number in the file (from 1)."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path) -> Table:
    """The first sheet of an .xlsx or the rows of a .csv, empty rows left out. Raises `RefusedError`."""
    kind = path.suffix.lower()
    if kind not in (".csv", ".xlsx"):
        raise RefusedError("file_kind", path=path)
    if not path.is_file():
        raise RefusedError("file_missing", path=path)
    if path.stat().st_size > MOST_BYTES:
        raise RefusedError("file_large", path=path, most=f"{MOST_BYTES // 1024**2} MB")
    return _table(path, _sheet(path) if kind == ".xlsx" else _lines(path))


def _table(path: Path, lines: Iterable[tuple[int, Sequence[str]]]) -> Table:
    kept: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            kept.append((number, tuple(cells)))
        if len(kept) > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            raise _too_many(path)
    if not kept:
        raise RefusedError("file_empty", path=path)
    return Table(kept[0][1], tuple(kept[1:]))


def _too_many(path: Path) -> RefusedError:
    return RefusedError("file_large", path=path, most=f"{MOST_ROWS} × {MOST_COLUMNS}")


# .csv


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    text = _decoded(path)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise RefusedError("file_unreadable", path=path, reason=error) from None


def _decoded(path: Path) -> str:
    """UTF-8 or UTF-16 by their marks or their looks, otherwise GB18030, which holds GBK and GB2312."""
    data = path.read_bytes()
    for encoding in _encodings(data):
        try:
            return data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise RefusedError("file_encoding", path=path)


def _encodings(data: bytes) -> Sequence[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ("utf-16",)
    sample = data[:4096]
    if b"\x00" in sample:
        return ("utf-16-le",) if sample[1::2].count(0) > sample[0::2].count(0) else ("utf-16-be",)
    return "utf-8", "gb18030"


def _delimiter(text: str) -> str:
    """What parts the headings; a semicolon within cells (several roles) does not count."""
    headings = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=headings.count)


# .xlsx


def _sheet(path: Path) -> list[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(path) as archive:
            _bounded(path, archive)
        with CalamineWorkbook.from_path(path) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (zipfile.BadZipFile, CalamineError, OSError, IndexError) as error:
        raise RefusedError("file_unreadable", path=path, reason=str(error) or type(error).__name__) from None
    return [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _bounded(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse what would not fit: by the sizes that the archive states, then by where its cells lie."""
    names = archive.namelist()
    if "xl/workbook.xml" not in names:
        raise RefusedError("file_kind", path=path)
    if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
        raise RefusedError("file_large", path=path, most=f"{MOST_UNPACKED // 1024**2} MB")
    for name in names:
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            with archive.open(name) as sheet:
                if not _fits(sheet):
                    raise _too_many(path)


_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""(?:^|\s)r\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(rb"([A-Z]{0,3})(\d{0,7})")
_CHUNK = 1 << 20


def _fits(sheet: IO[bytes]) -> bool:
    """Whether the rectangle that holds every cell is within bounds. What can't be understood does not fit."""
    row = column = widest = 0
    for tag, attributes in _tags(sheet):
        named = _PLACE.search(attributes)
        place = _REFERENCE.fullmatch((named[1] or named[2] or b"") if named else b"")
        if place is None:
            return False
        if tag == b"row":
            row, column = int(place[2] or row + 1), 0
        else:
            row, column = int(place[2] or max(row, 1)), _column(place[1]) or column + 1
            widest = max(widest, column)
        if row > MOST_ROWS + 1 or widest > MOST_COLUMNS or row * widest > MOST_CELLS:
            return False
    return True


def _tags(sheet: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """The rows and cells of a sheet, read piece by piece."""
    rest = b""
    while piece := sheet.read(_CHUNK):
        text = rest + piece
        end = text.rfind(b">") + 1
        for tag in _CELL.finditer(text, 0, end):
            yield tag[1], tag[2]
        rest = text[end:]


def _column(letters: bytes) -> int:
    """A is 1, AA is 27; 0 when there are none."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> str:
    """A cell as people would type it: no `.0` after whole numbers, dates in ISO."""
    match cell:
        case datetime():
            day_only = cell.time() == time()
            return cell.date().isoformat() if day_only else cell.isoformat(sep=" ", timespec="minutes")
        case date():
            return cell.isoformat()
        case float() if cell.is_integer():
            return str(int(cell))
    return str(cell)


# .csv out


def write_rejects(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A .csv that Excel opens as it is; nothing in it can act as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([_harmless(cell) for cell in row] for row in (headings, *rows))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) else cell
