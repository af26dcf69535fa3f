"""Reading lists from outside: .csv in the encodings that Excel writes, and .xlsx. Bounded before anything is opened.

Only values are read: no formula is worked out, no macro is run. A cell is text; dates come as ISO text.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Final

from bot.sentences import RefusedError
from bot.sheets import MOST_CELLS, MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED, sheet, too_many

__all__ = ["MOST_BYTES", "MOST_CELLS", "MOST_COLUMNS", "MOST_ROWS", "MOST_UNPACKED", "Table", "read_table", "table_of"]
MOST_BYTES: Final = 50 * 1024**2
LONGEST_CELL: Final = 32_767
"""Characters that Excel lets a cell hold."""
KINDS: Final = (".csv", ".xlsx")
MAGIC: Final = (
    *(
        b"PK\x03\x04",
        b"PK\x05\x06",
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"%PDF",
        b"\x7fELF",
        b"MZ",
        b"\xd0\xcf\x11\xe0",
    ),
    *(b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"SQLite", b"RIFF", b"OggS", b"{\\rtf", b"<?xml", b"<html", b"<!DOC"),
)
"""How files begin that are no list, whatever they are called."""


@dataclass(frozen=True)
class Table:
    """The headings, and the rows under them as typed, each with its line number in the file (from 1)."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_table(path: Path) -> Table:
    """The first sheet of an .xlsx or the rows of a .csv, empty rows left out. Raises `RefusedError`."""
    if path.suffix.lower() not in KINDS:
        raise RefusedError("file_kind", path=path)
    if not path.is_file():
        raise RefusedError("file_missing", path=path)
    if path.stat().st_size > MOST_BYTES:
        raise RefusedError("file_large", path=path, most=f"{MOST_BYTES // 1024**2} MB")
    return table_of(path, path.read_bytes())


def table_of(name: PurePath, data: bytes) -> Table:
    """The same of a file that was sent."""
    kind = name.suffix.lower()
    if kind not in KINDS:
        raise RefusedError("file_kind", path=name)
    return _table(name, sheet(name, data) if kind == ".xlsx" else _lines(name, data))


def _table(name: PurePath, lines: Iterable[tuple[int, Sequence[str]]]) -> Table:
    kept: list[tuple[int, tuple[str, ...]]] = []
    for number, cells in lines:
        if any(cell.strip() for cell in cells):
            kept.append((number, tuple(cells)))
        if len(kept) > MOST_ROWS + 1 or len(cells) > MOST_COLUMNS:
            raise too_many(name)
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise RefusedError("file_cell", path=name, line=number, most=LONGEST_CELL)
    if not kept:
        raise RefusedError("file_empty", path=name)
    return Table(kept[0][1], tuple(kept[1:]))


# .csv


def _lines(name: PurePath, data: bytes) -> Iterator[tuple[int, list[str]]]:
    if data.lstrip()[:8].startswith(MAGIC):
        raise RefusedError("file_kind", path=name)
    text = _decoded(name, data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    before = 0
    try:
        for cells in reader:
            yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise RefusedError("file_unreadable", path=name, reason=error) from None


def _decoded(name: PurePath, data: bytes) -> str:
    """UTF-8 or UTF-16 by their marks or their looks, otherwise GB18030, which holds GBK and GB2312."""
    for encoding in _encodings(data):
        try:
            text = data.decode(encoding).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
        if _is_text(text):
            return text
    raise RefusedError("file_encoding", path=name)


def _is_text(text: str) -> bool:
    """Whether the first of it could have been typed: other bytes read as UTF-16 make signs that nobody assigned."""
    sample = text[:4096]
    odd = sum(unicodedata.category(each) in ("Cc", "Cn", "Co", "Cs") and each not in "\t\r\n" for each in sample)
    return "\0" not in text and odd * 50 <= len(sample)


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


# .csv out


def write_rejects(path: Path, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A .csv that Excel opens as it is; nothing in it can act as a formula."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerows([_harmless(cell) for cell in row] for row in (headings, *rows))


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.lstrip().startswith(("=", "+", "-", "@")) else cell
