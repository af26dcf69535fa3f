"""Lists arrive in every shape that Excel writes; what is hostile or hopeless is refused in one sentence before it is opened."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from bot.sentences import RefusedError
from bot.tables import MOST_ROWS, read_table, write_rejects

HEADINGS = ("工号", "姓名", "单位", "角色")
ANN = ("S01", "安然", "西北销售一部", "业务员;秘书")
BOB = ("S02", "鲍博", "华东,销售部", "单位负责人")

CONTENT_TYPES = """<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"""
RELS = """<?xml version="1.0" encoding="UTF-8"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>"""
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
WORKBOOK = f"""<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="{MAIN}"
xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>"""
STYLES = f"""<?xml version="1.0" encoding="UTF-8"?><styleSheet xmlns="{MAIN}">
<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>"""


def xlsx(path: Path, cells: str) -> Path:
    """A workbook whose only sheet has these rows, as XML."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", CONTENT_TYPES)
        archive.writestr("_rels/.rels", RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", WORKBOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        archive.writestr("xl/styles.xml", STYLES)
        sheet = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
    return path


def row(number: int, texts: Sequence[str]) -> str:
    cells = "".join(f'<c t="inlineStr"><is><t>{escape(text)}</t></is></c>' for text in texts)
    return f'<row r="{number}">{cells}</row>'


def refusal(path: Path) -> str:
    with pytest.raises(RefusedError) as refused:
        read_table(path)
    return refused.value.key


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_in_every_encoding_and_with_every_separator(tmp_path: Path, encoding: str, mark: str) -> None:
    lines = [mark.join(f'"{cell}"' for cell in line) for line in (HEADINGS, ANN, BOB)]
    path = tmp_path / "员工.csv"
    path.write_bytes("\r\n".join(lines).encode(encoding))
    table = read_table(path)
    assert table.headings == HEADINGS
    assert table.rows == ((2, ANN), (3, BOB))


def test_rows_keep_their_line_numbers_over_empty_lines_and_line_breaks_in_cells(tmp_path: Path) -> None:
    path = tmp_path / "staff.csv"
    path.write_text('\n工号,姓名\n\n"S1","安\n然"\n,\nS2,鲍博\n', encoding="utf-8")
    assert read_table(path).rows == ((4, ("S1", "安\n然")), (7, ("S2", "鲍博")))


def test_an_xlsx_is_read_as_people_would_type_it(tmp_path: Path) -> None:
    cells = row(1, HEADINGS) + (
        '<row r="4"><c r="A4"><v>1001</v></c><c r="B4" t="inlineStr"><is><t>安然</t></is></c>'
        '<c r="C4" s="1"><v>46346</v></c><c r="D4"><v>2.5</v></c></row>'
    )
    table = read_table(xlsx(tmp_path / "员工.XLSX", cells))
    assert table.headings == HEADINGS
    assert table.rows == ((4, ("1001", "安然", "2026-11-20", "2.5")),)


@pytest.mark.parametrize(
    "cells",
    [
        '<row r="1"><c r="XFD1"><v>1</v></c></row>',
        '<row r="1048576"><c r="A1048576"><v>1</v></c></row>',
        "<row><c r='A1'><v>1</v></c><c r='ZZ99999'><v>1</v></c></row>",
        '<row r="1"><c r="&#88;&#70;&#68;1048576"><v>1</v></c></row>',
        f'<row r="1">{"<c/>" * 300}</row>',
        '<row r="1"><c r="CV1"><v>1</v></c></row><row r="100000"><c r="A100000"><v>1</v></c></row>',
    ],
    ids=["far right", "far down", "single quotes", "character references", "too many columns", "too large a rectangle"],
)
def test_a_sheet_that_would_need_all_memory_is_refused_before_it_is_opened(tmp_path: Path, cells: str) -> None:
    assert refusal(xlsx(tmp_path / "bomb.xlsx", cells)) == "file_large"


def test_a_zip_bomb_is_refused_by_its_stated_size(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "bomb.xlsx", row(1, HEADINGS))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/media/x.bin", "w") as bomb:
        for _ in range(401):
            bomb.write(b"\0" * 1024**2)
    assert path.stat().st_size < 1024**2
    assert refusal(path) == "file_large"


def test_too_many_rows_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("工号\n" + "1\n" * (MOST_ROWS + 1), encoding="utf-8")
    assert refusal(path) == "file_large"


@pytest.mark.parametrize(
    ("name", "content", "key"),
    [
        ("staff.xls", b"\xd0\xcf\x11\xe0", "file_kind"),
        ("staff.txt", "工号".encode(), "file_kind"),
        ("staff.xlsx", b"\xd0\xcf\x11\xe0 an old .xls under a new name", "file_locked"),
        ("staff.csv", b"\xff\x00\xfe", "file_encoding"),
        ("staff.csv", b"\x81\x20\xff\xff", "file_encoding"),
        ("staff.csv", b"", "file_empty"),
        ("staff.csv", b"\n , \n", "file_empty"),
        ("staff.csv", b"x" * 200_000, "file_unreadable"),
    ],
)
def test_what_is_no_list_is_refused_in_one_sentence(tmp_path: Path, name: str, content: bytes, key: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == key


def test_an_archive_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "staff.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("content.xml", "<office:spreadsheet/>")
    assert refusal(path) == "file_kind"


def test_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    assert refusal(xlsx(tmp_path / "broken.xlsx", "<row><c></row>")) == "file_unreadable"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.csv") == "file_missing"


def test_nothing_in_a_reject_file_acts_as_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    write_rejects(path, ["a", "b"], [["=1+1", "+86"], ["-1", " @x"], ["x=1", "平安"]])
    text = path.read_bytes().decode("utf-8-sig")
    assert text.splitlines() == ["a,b", "'=1+1,'+86", "'-1,' @x", "x=1,平安"]
