"""Hostile lists: each of these files is refused by one clean sentence, quickly, whatever it claims to be."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath

import pytest

from bot.sentences import CHINESE, ENGLISH, RefusedError, sentence
from bot.tables import MOST_ROWS, Table, table_of
from tests.stories.test_import_files import ANN, HEADINGS, row, xlsx

GOOD = row(1, HEADINGS) + row(2, ANN)
SHEET = "xl/worksheets/sheet1.xml"
SYMLINK = 0o120777 << 16


def book(cells: str = GOOD) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return xlsx(Path(folder) / "hostile.xlsx", cells).read_bytes()


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(contents: Mapping[str, bytes], modes: Mapping[str, int] | None = None) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (modes or {}).get(name, 0)
            archive.writestr(entry, content)
    return made.getvalue()


def with_part(name: str, content: bytes, mode: int = 0) -> bytes:
    return packed({**parts(GOOD_BOOK), name: content}, {name: mode})


def with_sheet(change: Callable[[bytes], bytes]) -> bytes:
    return with_part(SHEET, change(parts(GOOD_BOOK)[SHEET]))


def in_directory(data: bytes, name: str, offset: int, value: bytes) -> bytes:
    """The archive with other bytes in the entry of this part in its directory."""
    at = data.rindex(b"PK\x01\x02", 0, data.rindex(name.encode()))
    return data[: at + offset] + value + data[at + offset + len(value) :]


def lying_bomb() -> bytes:
    """A part that says that it is short, with a checksum of its first bytes, and unpacks to 60 MB."""
    engine = zlib.compressobj(9, zlib.DEFLATED, -15)
    short = b"<sst></sst>" + b" " * 1000
    raw = engine.compress(short) + b"".join(engine.compress(b" " * 2**20) for _ in range(60)) + engine.flush()
    data = with_part("xl/sharedStrings.xml", short)
    name = b"xl/sharedStrings.xml"
    local = data.index(b"PK\x03\x04", data.index(name) - 30)
    size = struct.unpack_from("<I", data, local + 18)[0]
    start = local + 30 + len(name)
    data = data[: local + 18] + struct.pack("<I", len(raw)) + data[local + 22 : start] + raw + data[start + size :]
    data = in_directory(data, name.decode(), 20, struct.pack("<I", len(raw)))
    end, moved = data.rindex(b"PK\x05\x06"), len(raw) - size
    (directory,) = struct.unpack_from("<I", data, end + 16)
    return data[: end + 16] + struct.pack("<I", directory + moved) + data[end + 20 :]


GOOD_BOOK = book()
ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><worksheet><sheetData/></worksheet>'
)
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><sst>&b;</sst>'
FAR = '<row r="1"><c r="XFD1048576"><v>1</v></c></row>'
WIDE = f'<row r="1">{"<c/>" * 10_000}</row>'

HOSTILE: dict[str, tuple[str, bytes | Callable[[], bytes], str]] = {
    "a million rows in a csv": ("a.csv", lambda: b"a,b\n" + b"1,2\n" * 1_000_000, "file_large"),
    "a million rows in a sheet": ("a.xlsx", lambda: book("<row><c/></row>" * 1_000_000), "file_large"),
    "10,000 columns in a csv": ("a.csv", b",".join([b"x"] * 10_000), "file_large"),
    "10,000 columns in a sheet": ("a.xlsx", lambda: book(WIDE), "file_large"),
    "one cell at the far end": ("a.xlsx", lambda: book(FAR), "file_large"),
    "an external entity in the sheet": ("a.xlsx", lambda: with_part(SHEET, ENTITY), "file_entities"),
    "an entity in UTF-16": ("a.xlsx", lambda: with_part(SHEET, ENTITY.decode().encode("utf-16-le")), "file_entities"),
    "an external entity in the relations": ("a.xlsx", lambda: with_part("_rels/.rels", ENTITY), "file_entities"),
    "a billion laughs": ("a.xlsx", lambda: with_part("xl/sharedStrings.xml", LAUGHS), "file_entities"),
    "macros by their name": ("a.xlsm", lambda: GOOD_BOOK, "file_kind"),
    "macros under the name of a plain book": ("a.xlsx", lambda: with_part("xl/vbaProject.bin", b"x"), "file_macros"),
    "an old macro sheet": ("a.xlsx", lambda: with_part("xl/macrosheets/s.xml", b"<x/>"), "file_macros"),
    "half an archive": ("a.xlsx", lambda: GOOD_BOOK[: len(GOOD_BOOK) // 2], "file_unreadable"),
    "an archive with a hole in its middle": (
        "a.xlsx",
        lambda: GOOD_BOOK[:60] + b"\xff" * 40 + GOOD_BOOK[100:],
        "file_unreadable",
    ),
    "a sheet whose checksum is wrong": (
        "a.xlsx",
        lambda: in_directory(GOOD_BOOK, SHEET, 16, b"\0\0\0\0"),
        "file_unreadable",
    ),
    "an unknown way of packing": ("a.xlsx", lambda: in_directory(GOOD_BOOK, SHEET, 10, b"\x62\0"), "file_unreadable"),
    "sizes below nothing": ("a.xlsx", lambda: in_directory(GOOD_BOOK, SHEET, 20, b"\xff" * 8), "file_large"),
    "a part that lies before the file": (
        "a.xlsx",
        lambda: in_directory(GOOD_BOOK, SHEET, 42, b"\xf0\xff\xff\xff"),
        "file_unreadable",
    ),
    "parts locked with a password": ("a.xlsx", lambda: in_directory(GOOD_BOOK, SHEET, 8, b"\1\0"), "file_locked"),
    "a book locked with a password": ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 EncryptedPackage", "file_locked"),
    "an old book": ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "file_kind"),
    "a name that leads out of the archive": (
        "a.xlsx",
        lambda: with_part("../../etc/x.xml", b"<x/>"),
        "file_unreadable",
    ),
    "a name from the root": ("a.xlsx", lambda: with_part("/etc/x.xml", b"<x/>"), "file_unreadable"),
    "a name with a drive": ("a.xlsx", lambda: with_part("c:\\x.xml", b"<x/>"), "file_unreadable"),
    "a link in place of a part": ("a.xlsx", lambda: with_part("xl/l.xml", b"/etc/passwd", SYMLINK), "file_unreadable"),
    "an archive in an archive": ("a.xlsx", lambda: packed({"a.zip": GOOD_BOOK}), "file_kind"),
    "an archive that holds nothing": ("a.xlsx", lambda: packed({}), "file_kind"),
    "ten thousand parts": (
        "a.xlsx",
        lambda: packed({**parts(GOOD_BOOK), **{f"xl/p{n}.xml": b"" for n in range(10_000)}}),
        "file_large",
    ),
    "a huge cell in a csv": ("a.csv", b'a\n"' + b"x" * 200_000 + b'"', "file_unreadable"),
    "a huge cell in a sheet": ("a.xlsx", lambda: book(row(1, ["x" * 40_000])), "file_cell"),
    "nothing at all": ("a.csv", b"", "file_empty"),
    "no byte in a book": ("a.xlsx", b"", "file_unreadable"),
    "a book without a row": ("a.xlsx", lambda: book(""), "file_empty"),
    "a book called csv": ("a.csv", lambda: GOOD_BOOK, "file_kind"),
    "a csv called book": ("a.xlsx", "工号,姓名\nS1,安然\n".encode(), "file_unreadable"),
    "a picture called csv": ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "file_kind"),
    "a program called csv": ("a.csv", b"\x7fELF" + bytes(range(256)) * 40, "file_kind"),
    "bytes called csv": ("a.csv", bytes(range(256)) * 40, "file_encoding"),
    "zeros called csv": ("a.csv", bytes(4096), "file_encoding"),
    "a page called csv": ("a.csv", b"<html><table><tr><td>1</td></tr></table>", "file_kind"),
    "text in no known encoding": ("a.csv", b"\xff\x00\xfe", "file_encoding"),
    "half a character in UTF-16": ("a.csv", b"\xff\xfe\x31", "file_encoding"),
    "a broken sheet": ("a.xlsx", lambda: book("<row><c></row>"), "file_unreadable"),
    "a cell that is not on the map": ("a.xlsx", lambda: book('<row r="1"><c r="??"/></row>'), "file_large"),
    "a row before the first": ("a.xlsx", lambda: book('<row r="-5"><c r="A-5"/></row>'), "file_large"),
}


def read(name: str, data: bytes) -> Table:
    return table_of(PurePath(name), data)


@pytest.mark.parametrize("what", HOSTILE)
def test_it_is_refused_in_one_sentence_in_both_languages(what: str) -> None:
    name, made, keys = HOSTILE[what]
    with pytest.raises(RefusedError) as refused:
        read(name, made if isinstance(made, bytes) else made())
    assert refused.value.key in keys.split()
    for language in (CHINESE, ENGLISH):
        said = sentence(refused.value.key, language, **refused.value.values)
        assert name in said
        assert "\n" not in said


def test_there_are_more_than_thirty_of_them() -> None:
    assert len(HOSTILE) >= 30


def test_a_good_book_is_read_all_the_same_with_pictures_and_links_left_out() -> None:
    extras = {"xl/media/a.png": b"\x89PNG", "xl/externalLinks/l.xml": ENTITY, "docProps/app.xml": ENTITY}
    assert read("a.xlsx", packed({**parts(GOOD_BOOK), **extras})).rows == ((2, ANN),)


def test_of_a_part_that_lies_about_its_size_no_more_is_unpacked_than_it_says() -> None:
    with zipfile.ZipFile(io.BytesIO(lying_bomb())) as archive:
        assert archive.getinfo("xl/sharedStrings.xml").file_size < 2000
    assert read("a.xlsx", lying_bomb()).rows == ((2, ANN),)


def test_as_many_rows_as_are_allowed_are_read() -> None:
    assert len(read("a.csv", b"a\n" + b"1\n" * MOST_ROWS).rows) == MOST_ROWS


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_rare_characters_come_out_right_in_every_encoding_that_has_them(encoding: str) -> None:
    name = "喆淼橡胶" if encoding == "gbk" else "㐂喆𠮷橡胶"
    assert read("a.csv", f"客户名称,省份\r\n{name},陕西\r\n".encode(encoding)).rows == ((2, (name, "陕西")),)
