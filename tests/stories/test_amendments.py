"""变更清单 and 中止: what moved a limit, or took a complaint off, is listed for those who audit, and shown apart in figures."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.audit import Audit
from tests.office import Office, Person
from tests.papers import table


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def step(who: Person, button: str, *answers: str) -> None:
    """A step under 更多操作: taps what is a button, types what is none."""
    await who.presses("更多操作")
    await who.presses(button)
    for each in answers:
        await (who.presses if each in who.buttons() else who.says)(each)
    await who.presses("保存")


async def paused(office: Office, until: str = "后天9点") -> None:
    ann, sales = office.people("ann", "sales")
    await step(ann, "中止计时", "客户现场不具备条件", until, "停电")
    await sales.presses("同意")


async def test_every_change_is_listed_with_who_before_and_after_why_and_who_approved(office: Office) -> None:
    ann, sales, auditor = office.people("ann", "sales", "auditor")
    await complain(ann)
    await step(ann, "改受理信息", "否", "是", "客户现场在兰州")
    await step(ann, "改类型", "发运", "包装破损")
    await paused(office)
    await ann.says("/case 1")
    await step(ann, "作废", "重复登记")
    await sales.presses("同意")
    await sales.says("/case 1")
    await sales.presses("恢复办理")
    await sales.says("不是重复")
    await sales.presses("保存")
    await auditor.says("变更清单")
    auditor.reads("2026年11月", "共 5 件", "更正受理信息 1", "改投诉类型 1", "中止计时 1", "作废 1", "恢复办理 1")
    auditor.reads("省内 是 → 否", "客户现场在兰州", "产品质量 → 发运", "质监部 → 储运公司", "包装破损")
    auditor.reads(
        "停电（理由：客户现场不具备条件）（肖红 批准）", "作废：重复登记（肖红 批准）", "肖红 恢复办理：不是重复"
    )
    await auditor.presses("1")
    auditor.reads("TS-2026-0001", "华航橡胶")


async def test_the_list_goes_by_month_and_every_look_at_it_is_on_record(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await complain(ann)
    await step(ann, "改类型", "发运", "包装破损")
    await auditor.says("审计")
    await auditor.presses("变更清单")
    auditor.reads("2026年11月", "共 1 件", "TS-2026-0001", "安然 类型")
    await auditor.presses("2026年10月")
    auditor.reads("2026年10月", "共 0 件", "（没有）")
    await auditor.presses("2026年11月")
    auditor.reads("共 1 件")
    with office.read() as records:
        looks = records.exec(select(Audit).where(Audit.action == "audit.amendments")).all()
    assert len(looks) == 3


async def test_more_than_a_page_is_turned(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await complain(ann)
    for number in range(9):
        await step(ann, "改受理信息", "是" if number % 2 else "否", "是", f"第{number}次")
    await auditor.says("变更清单")
    auditor.reads("共 9 件　1/2 页", "第8次")
    auditor.reads_nothing_of("第0次")
    await auditor.presses("更多")
    auditor.reads("2/2 页", "第0次")


@pytest.mark.parametrize("name", ["ann", "head", "sales", "quality", "vp", "gm", "admin"])
async def test_to_everybody_else_the_list_is_not_there(office: Office, name: str) -> None:
    ann, other = office.people("ann", name)
    await complain(ann)
    await step(ann, "改类型", "发运", "包装破损")
    await other.says("变更清单")
    other.reads("没有找到，或不在您的权限内")
    other.reads_nothing_of("包装破损")


async def test_a_pause_is_shown_apart_in_the_list_with_what_it_made_of_the_limit(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await paused(office)
    await office.passes("50h")
    await ann.says("/case 1")
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    await sales.says("投诉台账")
    sales.reads("⏸ 中止 48 小时")
    sales.reads("中止计时 1 件。时限内 1、超时 0；不扣除中止：时限内 0、超时 1")


async def test_without_a_pause_nothing_of_it_is_shown(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await sales.says("投诉台账")
    sales.reads("TS-2026-0001")
    sales.reads_nothing_of("中止")


async def test_the_file_has_the_hours_and_both_outcomes_beside_the_limit(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await paused(office)
    await complain(ann, "飞翼制造 接头断裂")
    await office.passes("50h")
    await sales.says("投诉台账")
    await sales.presses("导出 Excel")
    rows = table(office, sales)
    at = rows[2].index("中止（小时）")
    assert rows[2][at - 1 : at + 3] == ["时限", "中止（小时）", "时限（扣除中止）", "时限（不扣除中止）"]
    found = {row[rows[2].index("编号")]: row[at : at + 3] for row in rows[3:]}
    assert found == {"TS-2026-0001": ["48.0", "", "超时"], "TS-2026-0002": ["", "超时", "超时"]}


async def test_ended_early_only_what_it_lasted_counts(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await paused(office)
    await office.passes("3h")
    await ann.says("/case 1")
    await ann.presses("恢复计时")
    await ann.presses("无")
    await ann.presses("保存")
    await office.passes("5h")
    await sales.says("投诉台账")
    sales.reads("⏸ 中止 3 小时")
