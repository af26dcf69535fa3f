"""统计报表 (`/figures`): the figures of a period as a workbook, made beside everything else while the card says how far it is."""

from __future__ import annotations

from tests.complaining import complain
from tests.office import Office
from tests.papers import content, formulas
from tests.workbooks import opened


async def test_a_quarter_is_chosen_and_comes_as_a_workbook(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann, "华航橡胶 =cmd|'/c calc'!A1 胶管开裂 😀")
    await office.passes("8d")
    await head.says("/figures")
    head.reads("统计报表", "2026年第三季度 · 西北销售一部", "上季")
    await head.presses("2026年11月")
    head.reads("2026年11月")
    await head.presses("Excel")
    head.reads("2026年11月 · 西北销售一部", "已发出")
    book = opened(content(office, head))
    assert "西北销售一部" in book.cover and "客户管理统计报表" in book.cover
    assert [each["编号"] for each in book.rows("投诉明细")] == ["TS-2026-0001"]
    assert not formulas(content(office, head))
