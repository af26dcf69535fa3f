"""The workbook of a period says what the raw rows say, whatever was typed; the pages look as they were kept."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlalchemy import text

from models.people import Staff
from papers.drawing import draw
from papers.period_book import make
from papers.period_pages import HIGH, compiled
from papers.workbook import LONGEST_TEXT, Book, Column, Cover, Kind, Sheet, clean
from rules.periods import Period
from tests.guard.test_charts import CHARTS
from tests.guard.test_figures_recounted import NOW, REACHES, Raw, raw, recounted, unit_of
from tests.papers import formulas, pages
from tests.pictures import TOLERANCE, differ, keep, kept, small
from tests.workbooks import Opened, opened

__all__ = ["raw"]
UNIT = 3


def book(raw: Raw, period: str, unit: int | None = None) -> Opened:
    """Of the general manager, who is the first of the staff."""
    steps: list[str] = []
    args = {"period": period, "unit": unit, "form": "xlsx"}
    paper = make(raw.session, raw.house, raw.session.get_one(Staff, 1), args, NOW, None, steps.append)
    assert steps == ["duties", "complaints", "callbacks", "talks", "writing"]
    assert formulas(paper.content) == []
    return opened(paper.content)


def named(raw: Raw, unit: int) -> str:
    return str(raw.session.execute(text("SELECT name FROM unit WHERE id = :id"), {"id": unit}).scalar_one())


def test_the_workbook_says_of_duties_what_the_raw_rows_say(raw: Raw) -> None:
    span = Period("quarter", 2026, 3).span
    expected: Counter[tuple[str, str]] = Counter()
    for (_, unit, _, state), count in recounted(raw, span, REACHES["the company"]).items():
        expected[named(raw, unit), state] += count
    found = book(raw, "2026-Q3")
    columns = {
        "missed": "未完成",
        "open": "进行中",
        "relieved": "免办：他人已办",
        "ended": "免办：已终止",
        "away": "免办：请假",
    }
    for state, column in columns.items():
        units = {row["单位"]: row[column] for row in found.rows("各单位")}
        assert units == {name: expected[name, state] for name in units}, state
        assert sum(row[column] for row in found.rows("履职")) == sum(units.values())
    rows = Counter((row["单位"], row["状态"]) for row in found.rows("应办明细"))
    assert {name: rows[name, "未完成"] for name, _ in expected} == {
        name: expected[name, "missed"] for name, _ in expected
    }
    assert sum(rows.values()) == sum(expected.values()), "where there is room, all rows are listed"


def test_the_workbook_says_of_a_unit_what_the_raw_rows_say(raw: Raw) -> None:
    found = book(raw, "2026", UNIT)
    cases = raw.session.execute(
        text("SELECT number FROM matter WHERE kind = 'complaint' AND unit_id = :unit"), {"unit": UNIT}
    )
    assert sorted(each["编号"] for each in found.rows("投诉明细")) == sorted(cases.scalars())
    here = [
        each
        for each in raw.talks
        if raw.customers[each["customer_id"]]["unit_id"] == UNIT and raw.day(each["at"]).year == 2026
    ]
    said = [str(each["answers"].get("summary") or each["answers"].get("opinions")) for each in here]
    (price,) = [row for row in found.rows("沟通主题") if row["主题"] == "价格"]
    assert price["沟通次数"] == sum("价格" in each for each in said) > 0
    assert len(found.rows("异常")) == sum(bool(each["answers"].get("anomaly")) for each in here) > 0
    flagged = found.rows("补录与成批")
    known = {name: row for row in flagged for name in ("补录", "无佐证", "成批相同") if row[name]}
    assert set(known) == {"补录", "无佐证", "成批相同"}
    assert all(isinstance(row["时间"], datetime) and isinstance(row["记录时间"], datetime) for row in flagged)
    assert {row["单位"] for row in (*flagged, *found.rows("应办明细"))} == {named(raw, UNIT)}


def test_clocks_of_a_unit_are_those_of_its_workbook(raw: Raw) -> None:
    whose = {unit_of(raw, each) for each in raw.rows("clock") if each["rule"].startswith("R14")}
    units = {row["单位"] for row in book(raw, "2026-Q3").rows("各单位")}
    assert units == {named(raw, each) for each in whose}


def test_charts_are_excels_own_and_of_rows_that_are_there(raw: Raw) -> None:
    args = {"period": "2026", "unit": None, "form": "xlsx"}
    paper = make(raw.session, raw.house, raw.session.get_one(Staff, 1), args, NOW, None, lambda _: None)
    sheets = opened(paper.content).sheets
    with zipfile.ZipFile(BytesIO(paper.content)) as archive:
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
    assert len(charts) >= 6, "one of them on the cover"
    for sheet, first, last in (found for chart in charts for found in RANGE.findall(chart)):
        assert 4 < int(first) <= int(last) <= len(sheets[sheet]), (sheet, first, last)
    bars = [chart for chart in charts if "<c:barChart>" in chart]
    assert all('<c:axPos val="l"/>' in chart.split("<c:valAx>")[0].split("<c:catAx>")[1] for chart in bars), (
        "names at the left"
    )


RANGE = re.compile(r"<c:f>'?([^<'!]+)'?!\$[A-Z]+\$(\d+):\$[A-Z]+\$(\d+)</c:f>")


# What was typed


HOSTILE = (
    "=1+1", "+86 138", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=2+2", "{=1}", "http://x.cn", "a\x00b\x1f\x7f", "\ud800半",
    "e\u0301" * 9, "\u202egnp", "长" * 40_000, "😀" * 20_000, "_x0041_", "'引号", "#REF!", "TRUE", "00123", "1e5", "2026-01-01",
)  # fmt: skip


def test_what_was_typed_is_text_and_nothing_else() -> None:
    sheet = Sheet(
        "明细", "明细", "…", [Column("内容"), Column("数", Kind.COUNT)], [[each, 1] for each in HOSTILE], frozen=0
    )
    cover = Cover(
        "封面", HOSTILE[0], HOSTILE[3], "", HOSTILE[2], ("a", "b", "c"), [("d", 0.5, Kind.SHARE, HOSTILE[1], True)]
    )
    written = Book(ZoneInfo("Asia/Shanghai"), HOSTILE[2] + "&B", sheets=[sheet]).written(cover)
    assert formulas(written) == []
    rows = opened(written).rows("明细")
    assert [row["内容"] for row in rows] == [clean(each).replace("\t", "\t") for each in HOSTILE]
    assert all(isinstance(row["内容"], str) for row in rows)
    assert all(len(row["内容"].encode("utf-16-le")) // 2 <= 32_767 for row in rows)
    assert (
        clean("a\x00b\x1f\x7f") == "ab" and clean("\ud800半") == "半" and len(clean("长" * 40_000)) == LONGEST_TEXT + 1
    )


# The pages

PAGE = {
    "lang": "zh", "title": "凯航公司　客户管理统计报表", "about": "2026年第三季度 · 全公司", "days": "2026-07-01 至 2026-09-30",
    "made": "高远（工号 G01）2026-11-23 09:00 生成 · 制度簿第 1 版", "secret": "内含客户资料，请勿外传。", "running": None,
    "finding": "应办事项完成 78%，第4销售部最低（68%）；受理投诉 141 件，36 件到场超时；144 家投诉客户还没有回访。",
    "points": [chart["title"] for chart in CHARTS.values()], "key": "关键数字",
    "in_charts": "图表", "read": "完成率 = 已办 ÷ 应办。",
    "key_figures": [{"name": "应办完成率", "value": "78%", "wrong": True}, {"name": "受理投诉", "value": "141", "wrong": False}]
    * 5,
    "tables": [
        {"title": "各单位", "more": "", "headings": ["单位", "应办次数", "完成率"], "numbers": [False, True, True],
         "rows": [["第4销售部", "5,399", "68%"], ["#set page(fill: red) *粗* $x$ @a <b>", "0", "–"]]},
        {"title": "未回访", "more": "列出前 1 家，共 144 家。", "headings": ["客户", "到期日"], "numbers": [False, False],
         "rows": [["临沂金安贸易有限公司", "2026-12-31"]] * 12},
    ],
    "of_page": "第 {page} 页，共 {pages} 页",
}  # fmt: skip
TALL = (270, 382)


def pictures() -> Sequence[bytes]:
    return [draw(each, HIGH) for each in CHARTS.values()]


@pytest.fixture(scope="module")
def drawn() -> Sequence[bytes]:
    return pictures()


def test_the_pages_look_as_they_were_kept(drawn: Sequence[bytes]) -> None:
    found = compiled(PAGE, drawn, "png")
    assert len(found) == 3
    for number, page in enumerate(found, 1):
        assert differ(small(page, TALL), kept(f"report-{number}")) < TOLERANCE, number
    other = compiled({**PAGE, "finding": "一切都好。"}, drawn, "png")
    assert differ(small(other[0], TALL), kept("report-1")) > TOLERANCE, "another finding is noticed"


def test_what_was_typed_is_no_markup_on_the_pages() -> None:
    (pdf,) = compiled(PAGE, [])
    found = pages(pdf)
    assert "#setpage(fill:red)*粗*$x$@a<b>" in found[0]
    assert "第1页，共" in found[0] and "制度簿第1版" in found[0]


if __name__ == "__main__":
    for number, page in enumerate(compiled(PAGE, pictures(), "png"), 1):
        Image.open(BytesIO(page)).verify()
        keep(f"report-{number}", page, TALL)
