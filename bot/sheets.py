"""An .xlsx as rows of text. Nobody's archive is opened as it came: its parts are looked through, bounded by what really comes out
of them, and packed anew; only that is read. No formula is worked out, no macro is run, nothing is fetched from elsewhere."""

from __future__ import annotations

import io
import re
import stat
import zipfile
import zlib
from datetime import date, datetime, time
from typing import IO, Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from bot.sentences import RefusedError

MOST_UNPACKED: Final = 400 * 1024**2
MOST_PARTS: Final = 5000
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 200
MOST_CELLS: Final = 6_000_000
"""A sheet is held as a rectangle, so that one cell far out would ask for all the memory there is."""
NEEDED: Final = re.compile(r"(?:\[content_types\]\.xml|.*\.(?:xml|rels))", re.IGNORECASE)
NEEDLESS: Final = re.compile(
    r"(?:docprops|customxml|xl/(?:drawings|charts|chartsheets|media|theme|pivot\w*|externallinks|calcchain|comments|threaded\w*|"
    r"printersettings|embeddings|activex|ctrlprops|persons|tables|querytables|connections|slicer\w*))",
    re.IGNORECASE,
)
"""Parts that hold no cell of a list."""
MACROS: Final = re.compile(r"vbaproject|macrosheets|vbadata", re.IGNORECASE)
DECLARED: Final = re.compile(rb"<\0?!\0?(?:D\0?O\0?C\0?T\0?Y\0?P\0?E|E\0?N\0?T\0?I\0?T\0?Y)", re.IGNORECASE)
"""A document type or an entity, in one or two bytes a character: no spreadsheet program writes them."""
OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
"""How an old .xls begins, and an .xlsx with a password."""
BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    CalamineError,
    OSError,
    EOFError,
    IndexError,
    ValueError,
    NotImplementedError,
)
CHUNK: Final = 1 << 20
SYMLINK: Final = 16
"""Bits by which an archive of Unix tells what kind of file an entry is."""


def sheet(name: object, data: bytes) -> list[tuple[int, list[str]]]:
    """The rows of the first sheet with their numbers. Raises `RefusedError`."""
    if data.startswith(OLD_OR_LOCKED):
        raise RefusedError("file_locked", path=name)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            packed = _packed_anew(name, archive)
        with CalamineWorkbook.from_filelike(packed) as book:
            rows = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except BROKEN as error:
        raise RefusedError("file_unreadable", path=name, reason=str(error) or type(error).__name__) from None
    return [(number, [_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]


def _packed_anew(name: object, archive: zipfile.ZipFile) -> io.BytesIO:
    _checked(name, archive)
    packed = io.BytesIO()
    left = MOST_UNPACKED
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as clean:
        for part in dict.fromkeys(each.filename for each in archive.infolist()):
            if NEEDED.fullmatch(part) and not NEEDLESS.match(part):
                with archive.open(part) as source, clean.open(part, "w", force_zip64=True) as target:
                    left -= _copy(name, source, target, left)
    packed.seek(0)
    return packed


def _checked(name: object, archive: zipfile.ZipFile) -> None:
    """Whether it is a plain workbook, by its list of parts alone."""
    parts = archive.infolist()
    names = {each.filename for each in parts}
    if len(parts) > MOST_PARTS or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise RefusedError("file_large", path=name, most=f"{MOST_UNPACKED // 1024**2} MB")
    if "xl/workbook.xml" not in names:
        raise RefusedError("file_kind", path=name)
    if any(each.flag_bits & 1 for each in parts):
        raise RefusedError("file_locked", path=name)
    if any(MACROS.search(each) for each in names):
        raise RefusedError("file_macros", path=name)
    if any(_leads_elsewhere(each) for each in parts):
        raise RefusedError("file_unreadable", path=name, reason="zip")


def _leads_elsewhere(part: zipfile.ZipInfo) -> bool:
    steps = part.filename.replace("\\", "/").split("/")
    return ".." in steps or not steps[0] or ":" in steps[0] or stat.S_ISLNK(part.external_attr >> SYMLINK)


def _copy(name: object, source: IO[bytes], target: IO[bytes], left: int) -> int:
    """Copy a part while it is looked through. Returns how long it is; what the archive says of that is not believed."""
    place = _Place()
    copied, rest = 0, b""
    while piece := source.read(CHUNK):
        copied += len(piece)
        if copied > left:
            raise RefusedError("file_large", path=name, most=f"{MOST_UNPACKED // 1024**2} MB")
        text = rest + piece
        if DECLARED.search(text):
            raise RefusedError("file_entities", path=name)
        end = text.rfind(b">") + 1
        if not place.fits(text, end):
            raise too_many(name)
        rest = text[end:]
        target.write(piece)
    return copied


def too_many(name: object) -> RefusedError:
    return RefusedError("file_large", path=name, most=f"{MOST_ROWS} × {MOST_COLUMNS}")


_CELL = re.compile(rb"<(?:\w+:)?(row|c)(?=[\s/>])([^>]*)>")
_REF = re.compile(rb"""(?:^|\s)r\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_REFERENCE = re.compile(rb"([A-Z]{0,3})(\d{0,7})")


class _Place:
    """Follows the cells of a sheet, to know the rectangle that holds every one of them."""

    def __init__(self) -> None:
        self.row = self.column = self.widest = 0

    def fits(self, text: bytes, end: int) -> bool:
        """Whether the cells up to `end` lie within bounds. What can't be understood does not."""
        return all(self._next(tag[1], tag[2]) for tag in _CELL.finditer(text, 0, end))

    def _next(self, tag: bytes, attributes: bytes) -> bool:
        named = _REF.search(attributes)
        place = _REFERENCE.fullmatch((named[1] or named[2] or b"") if named else b"")
        if place is None:
            return False
        if tag == b"row":
            self.row, self.column = int(place[2] or self.row + 1), 0
        else:
            self.row = int(place[2] or max(self.row, 1))
            self.column = _column(place[1]) or self.column + 1
            self.widest = max(self.widest, self.column)
        return self.row <= MOST_ROWS + 1 and self.widest <= MOST_COLUMNS and self.row * self.widest <= MOST_CELLS


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
