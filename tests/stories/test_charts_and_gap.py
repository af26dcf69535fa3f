"""/gap 未回访 (R17.1) and /chart 图表: pictures whose titles say what was found, and the rows behind each."""

from __future__ import annotations

from tests.complaining import complain, resolve, satisfied
from tests.office import Office


async def closed(office: Office) -> None:
    """The complaint, to its end."""
    ann, sales = office.people("ann", "sales")
    await ann.says("/case 1")
    await resolve(ann)
    await sales.says("/case 1")
    await satisfied(sales, True, "好了")
    await ann.does("效果评价", ".有效", "三个月没有再裂")
    await sales.does("结案", "配方已改")


async def test_who_complained_is_in_the_gap_until_they_are_called_back(office: Office) -> None:
    ann, bob, head, auditor = office.people("ann", "bob", "head", "auditor")
    await ann.says("/gap")
    ann.reads("都回访过了")
    await complain(ann, "华航橡胶 胶管开裂")
    await complain(bob, "申江液压 发运晚到")
    await ann.says("未回访")
    ann.reads("1 家，其中 0 家", "华航橡胶", "TS-2026-0001", "关闭后回访")
    ann.reads_nothing_of("申江液压")
    await closed(office)
    await head.says("/gap")
    head.reads("1 家，其中 1 家", "华航橡胶", "12月31日")
    await auditor.says("/gap")
    auditor.reads("2 家，其中 1 家", "申江液压")
    assert "回访 1" not in auditor.buttons() and "看投诉 1" in auditor.buttons()
    await ann.says("/gap")
    await ann.presses("回访 1")
    ann.reads("怎么回访的")


async def test_a_chart_is_drawn_beside_everything_else_and_leads_to_its_rows(office: Office) -> None:
    head, _ann = office.people("head", "ann")
    await office.passes("8d")
    await head.says("/chart")
    head.reads("图表", "点一张")
    await head.presses("沟通完成率")
    head.reads("正在画", "沟通完成率")
    assert head.last().attachment is not None
    await head.presses("看明细")
    head.reads("没有完成的每周沟通", "共 2 条", "华航橡胶", "每周电话", "11月27日", "0/1")
    await head.presses("登记 1")
    head.reads("怎么沟通的")


async def test_charts_end_where_the_gate_does(office: Office) -> None:
    ann, east, vp = office.people("ann", "east", "vp")
    await ann.says("/chart")
    ann.reads("没有")
    await office.passes("8d")
    await east.says("图表")
    await east.presses("沟通完成率")
    await east.presses("看明细")
    east.reads("共 0 条")
    east.reads_nothing_of("华航橡胶")
    await vp.says("/chart")
    await vp.presses("单位")
    await vp.presses("西北销售一部")
    await vp.presses("未关闭投诉")
    vp.reads("西北销售一部")
