"""问题台账 (R22.1): repeats on the card, the quarter's problems sorted, and the analysis that every unit owes after it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from models.audit import Audit
from models.clocks import Clock
from models.registers import ProblemAnalysis
from rules.house import Keeping
from tests.office import Office, Person
from tests.papers import table


async def complain(who: Person, line: str = "华航橡胶 胶管开裂", product: str = "") -> None:
    await who.says(f"/complain {line}")
    if product:
        await who.presses("修改")
        await who.presses("产品")
        await who.says(product)
    await who.presses("保存")


async def solved(who: Person, number: int, cause: str, measure: str) -> None:
    await who.says(f"/case {number}")
    await who.presses("已解决")
    await who.says(cause)
    await who.says(measure)
    await who.presses("保存")


async def a_quarter(office: Office) -> tuple[Person, Person, Person]:
    """Three problems with tubes and one late delivery in one unit, one late delivery in another."""
    ann, bob, head = office.people("ann", "bob", "head")
    await complain(ann, "华航橡胶 胶管开裂", "胶管")
    await complain(ann, "飞翼制造 发运晚到")
    await complain(ann, "华航橡胶 胶管又裂了 开裂", "胶 管")
    await complain(ann, "远大密封 胶管开裂", "胶管")
    await complain(bob, "申江液压 发运晚到")
    await solved(ann, 3, "硫化时间不足", "调整工艺")
    return ann, bob, head


# Repeats


async def test_the_third_complaint_about_one_product_says_so_on_every_card_with_the_earlier_ones_a_tap_away(
    office: Office,
) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann, product="胶管")
    sales.reads_nothing_of("🔁")
    await complain(ann, "华航橡胶 又开裂", "胶 管")
    sales.reads("本季第2次（此前 TS-2026-0001）")
    await complain(ann, "华航橡胶 还是开裂", "胶管")
    ann.reads("本季第3次（此前 TS-2026-0001、TS-2026-0002）")
    sales.reads("本季第3次")
    await sales.presses("🔁 TS-2026-0001")
    sales.reads("TS-2026-0001", "经过")


@pytest.mark.parametrize(
    "line",
    ["华航橡胶 开裂", "远大密封 开裂", "飞翼制造 开裂"],
    ids=["another product", "another customer", "a customer elsewhere"],
)
async def test_another_product_or_customer_is_no_repeat(office: Office, line: str) -> None:
    (ann,) = office.people("ann")
    await complain(ann, product="胶管")
    await complain(ann, line, "密封圈")
    ann.reads_nothing_of("🔁")


async def test_where_no_product_is_named_the_type_tells(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann, "华航橡胶 胶管开裂")
    await complain(ann, "华航橡胶 发运晚到")
    ann.reads_nothing_of("🔁")
    await complain(ann, "华航橡胶 胶管又开裂")
    ann.reads("本季第2次（此前 TS-2026-0001）")


async def test_over_the_end_of_the_quarter_90_days_count_and_then_no_more(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann, product="胶管")
    await office.sleeps("45d")  # 7 January
    await complain(ann, product="胶管")
    ann.reads("90天内第2次（此前 TS-2026-0001）")
    await office.sleeps("91d")
    await complain(ann, product="胶管")
    ann.reads_nothing_of("🔁")


async def test_what_was_voided_is_no_problem_any_more(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann, product="胶管")
    await ann.presses("更多操作")
    await ann.presses("作废")
    await ann.says("重复登记")
    await ann.presses("保存")
    await sales.presses("同意")
    await complain(ann, product="胶管")
    ann.reads_nothing_of("🔁")
    await sales.says("问题台账")
    sales.reads("反映问题 1 件")


# The register


async def test_the_register_is_sorted_by_how_often_with_cause_and_measure(office: Office) -> None:
    _, _, head = await a_quarter(office)
    await head.says("台账")
    await head.presses("问题台账")
    head.reads("2026年第4季度", "反映问题 4 件，2 类")
    head.reads(
        "1. 产品质量　胶管：3 次（TS-2026-0001、TS-2026-0003、TS-2026-0004）　原因：硫化时间不足　措施：调整工艺"
    )
    head.reads("：1 次（TS-2026-0002）", "第二十二条")
    head.reads_nothing_of("TS-2026-0005")
    await head.presses("1")
    head.reads("TS-2026-0001　原因：未查明", "TS-2026-0003　原因：硫化时间不足　措施：调整工艺")
    await head.presses("TS-2026-0003")
    head.reads("TS-2026-0003", "经过")


async def test_leaders_and_the_sales_department_see_all_units_and_choose_one(office: Office) -> None:
    await a_quarter(office)
    for name in ("sales", "gm", "vp", "auditor"):
        (who,) = office.people(name)
        await who.says("/register")
        who.reads("反映问题 5 件，2 类", "各单位")
        await who.presses("单位")
        await who.presses("华东销售部")
        who.reads("华东销售部", "反映问题 1 件", "TS-2026-0005")


async def test_another_quarter_is_empty(office: Office) -> None:
    _, _, head = await a_quarter(office)
    await head.says("问题台账")
    await head.presses("2026年第3季度")
    head.reads("2026年第3季度", "反映问题 0 件", "（没有）")
    await head.presses("2026年第4季度")
    head.reads("反映问题 4 件")


@pytest.mark.parametrize("name", ["ann", "quality", "admin"])
async def test_to_others_the_register_is_not_there(office: Office, name: str) -> None:
    await a_quarter(office)
    (who,) = office.people(name)
    await who.says("问题台账")
    who.reads("没有找到，或不在您的权限内")


async def test_the_register_as_a_file_has_every_kind_of_each_unit_and_is_on_record(office: Office) -> None:
    _, _, head = await a_quarter(office)
    (sales,) = office.people("sales")
    await sales.says("问题台账")
    await sales.presses("导出 Excel")
    rows = table(office, sales)
    assert rows[0][0] == "客户反映问题台账　2026年第4季度"
    assert [row[:5] for row in rows[3:]] == [
        ["西北销售一部", "1", "产品质量", "胶管", "3"],
        ["西北销售一部", "2", rows[4][2], "", "1"],
        ["华东销售部", "1", rows[5][2], "", "1"],
    ]
    assert rows[3][5:8] == ["TS-2026-0001\nTS-2026-0003\nTS-2026-0004", "硫化时间不足", "调整工艺"]
    await head.says("问题台账")
    await head.presses("导出 Excel")
    assert {row[0] for row in table(office, head)[3:]} == {"西北销售一部"}
    with office.read() as records:
        taken = records.exec(select(Audit).where(Audit.action == "register.export")).all()
    assert len(taken) == 2


# The analysis


async def planned(head: Person) -> None:
    """The plan of the next year is handed in, so that nothing else is owed after the quarter."""
    await head.says("回访计划")
    await head.presses("报送销售部")


async def closed(office: Office, number: int, who: Person) -> None:
    (sales,) = office.people("sales")
    await solved(who, number, "车辆故障", "换承运单位")
    await sales.says(f"/case {number}")
    for each in ("客户确认", "是", "无", "保存"):
        await sales.presses(each)
    await who.says(f"/case {number}")
    await who.presses("效果评价")
    await who.presses("有效")
    await who.says("按时到货")
    await who.presses("保存")
    await sales.says(f"/case {number}")
    await sales.presses("结案")
    await sales.says("已整改")
    await sales.presses("保存")


async def test_after_the_quarter_the_unit_head_gets_the_register_and_writes_the_analysis(office: Office) -> None:
    bob, east, sales = office.people("bob", "east", "sales")
    await complain(bob, "申江液压 发运晚到")
    await closed(office, 1, bob)
    await planned(east)
    await office.sleeps("42d")  # Monday 4 January
    east.reads(
        "📝 问题台账整理分析　华东销售部　2026年第4季度", "反映问题 1 件，1 类", "原因：车辆故障　措施：换承运单位"
    )
    east.reads("请在 1月14日 周四 18:00 前", "第二十二条")
    await east.presses("📝 写整理分析")
    await east.says("承运单位车辆老旧，已更换")
    await east.presses("保存")
    sales.reads("东方明 写了华东销售部2026年第4季度的问题整理分析：承运单位车辆老旧，已更换")
    await sales.says("问题台账")
    await sales.presses("2026年第4季度")
    sales.reads("📝 华东销售部 整理分析（东方明", "承运单位车辆老旧，已更换")
    with office.read() as records:
        row = records.exec(select(ProblemAnalysis)).one()
        clock = records.exec(select(Clock).where(Clock.rule == "R22.1", Clock.subject_id == row.unit_id)).one()
    assert (row.quarter, row.problems) == ("2026-Q4", 1)
    assert row.due_at is not None
    assert row.at <= row.due_at
    assert (clock.cycle, f"{office.house.calendar.local(clock.due_at):%Y-%m-%d}") == ("2027-Q1", "2027-04-14")


async def test_among_other_things_it_is_a_line_with_its_way(office: Office) -> None:
    _, _, head = await a_quarter(office)
    await office.sleeps("42d")
    head.reads("📝 西北销售一部2026年第4季度问题整理分析，应于 1月14日 周四 18:00 前")
    await head.presses("问题台账")
    head.reads("2026年第4季度　西北销售一部", "反映问题 4 件，2 类")


async def test_not_written_in_time_it_stands_in_the_list_and_climbs(office: Office) -> None:
    east, sales, vp = office.people("east", "sales", "vp")
    await planned(east)
    line = "📝 华东销售部2026年第4季度问题整理分析"
    await office.until("2027-01-15 12:00")
    assert east.count("📝 问题台账整理分析　华东销售部") == 2
    assert sales.count(line) == vp.count(line) == 0
    await east.says("/due")
    east.reads("问题台账整理分析", "华东销售部2026年第4季度")
    await office.until("2027-01-19 12:00")
    assert sales.count(line) == vp.count(line) == 1


async def test_the_analysis_waits_for_the_end_of_the_quarter(office: Office) -> None:
    _, _, head = await a_quarter(office)
    await head.says("问题台账")
    assert "📝 写整理分析" not in head.buttons()
    await office.sleeps("42d")
    await head.says("问题台账")
    assert "📝 写整理分析" not in head.buttons()
    await head.presses("2026年第4季度")
    assert "📝 写整理分析" in head.buttons()


async def test_a_second_analysis_stands_beside_the_first_and_the_next_quarter_stays_owed(office: Office) -> None:
    _, _, head = await a_quarter(office)
    await office.sleeps("42d")
    for text in ("初步分析", "补充分析"):
        await head.says("问题台账")
        await head.presses("2026年第4季度")
        await head.presses("📝 写整理分析")
        await head.says(text)
        await head.presses("保存")
    await head.says("问题台账")
    await head.presses("2026年第4季度")
    head.reads("补充分析")
    head.reads_nothing_of("初步分析")
    with office.read() as records:
        rows = records.exec(select(ProblemAnalysis).order_by(col(ProblemAnalysis.id))).all()
        owed = records.exec(select(Clock.cycle).where(Clock.rule == "R22.1", Clock.subject_id == rows[0].unit_id)).one()
    assert ([each.text for each in rows], [bool(each.due_at) for each in rows]) == (
        ["初步分析", "补充分析"],
        [True, False],
    )
    assert owed == "2027-Q1"


async def test_a_name_among_the_words_of_an_analysis_goes_when_that_person_is_sealed(office: Office) -> None:
    """Nothing else may change what was written."""
    bob, east, sales, auditor = office.people("bob", "east", "sales", "auditor")
    await complain(bob, "申江液压 发运晚到")
    await closed(office, 1, bob)
    await planned(east)
    await office.sleeps("42d")
    await east.presses("📝 写整理分析")
    await east.says("钱经理反映两次，已更换承运单位")
    await east.presses("保存")
    office.lives_by(replace(office.house, keeping=Keeping(seal_after_years=0)))
    await sales.says("/seal TS-2026-0001 期满")
    await sales.presses("保存")
    await auditor.presses("同意封存")
    with office.read() as records:
        text = records.exec(select(ProblemAnalysis.text)).one()
    assert "钱经理" not in text
    assert text.endswith("反映两次，已更换承运单位")
