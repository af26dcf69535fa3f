"""The six steps of article 16 with their owners, on one live card; approvals."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.records import Complaint, Entry
from models.steps import Step
from tests.complaining import complain, entrust, resolve, satisfied
from tests.office import Office

# The six steps


async def test_the_six_steps_each_with_its_owner_on_the_card(office: Office) -> None:
    ann, quality, vp, sales = office.people("ann", "quality", "vp", "sales")
    await complain(ann)
    quality.reads("秦工：确定责任单位和处理时限")
    await entrust(quality)
    ann.reads("责任单位 西北销售一部（安然）", "处理时限 11月25日 周三 17:00", "安然：处理")
    vp.reads("请审批：责任单位和处理时限", "责任单位：西北销售一部", "请在 11月23日 周一 11:00 前决定")
    await vp.presses("同意")
    quality.reads("✅ 责任单位和处理时限：魏立")
    await resolve(ann)
    sales.reads("肖红：问客户是否满意", "处理时限内完成")
    await satisfied(sales, True, "满意")
    ann.reads("安然：联系客户，评价效果")
    await ann.presses("效果评价")
    await ann.presses("有效")
    await ann.says("没有再漏")
    await ann.presses("保存")
    await sales.presses("结案")
    await sales.says("工艺问题，已整改")
    await sales.presses("保存")
    sales.reads("已结案")
    with office.read() as records:
        kinds = [each.kind for each in records.exec(select(Entry).order_by(Entry.id))]  # type: ignore[arg-type]
    assert kinds == ["acceptance", "entrust", "resolution", "confirmation", "evaluation", "closing"]


async def test_a_complaint_that_another_department_accepts_is_handed_on_by_the_unit(office: Office) -> None:
    logistics, ann, quality = office.people("logistics", "ann", "quality")
    await logistics.says("/complain 华航橡胶 胶管开裂")
    await logistics.says("张工")
    await logistics.presses("保存")
    ann.reads("待转主管部门", "安然：填单并转主管部门")
    quality.reads_nothing_of("定责任单位")
    await ann.presses("转主管部门")
    await ann.says("样品已封存")
    await ann.presses("保存")
    quality.reads("安然 已填单转主管部门：样品已封存", "秦工：确定责任单位和处理时限")


async def test_everybody_has_one_live_card_that_follows_the_complaint(office: Office) -> None:
    ann, sales, quality = office.people("ann", "sales", "quality")
    await complain(ann)
    await entrust(quality)
    for each in (ann, sales, quality):
        cards = [bubble for bubble in each.bubbles() if any(b.text == "详情" for row in bubble.buttons for b in row)]
        assert len(cards) == 1, each.name
        assert "处理时限 11月25日 周三 17:00" in cards[0].text
    before = len(sales.bubbles())
    await ann.presses("写进展")
    await ann.says("样品已寄")
    await ann.presses("客户")
    await ann.presses("保存")
    assert len(sales.bubbles()) == before, "nobody's phone rings for a report to the customer"
    sales.reads("客户 1/2")


async def test_a_limit_that_reaches_a_step_renews_what_is_left_on_the_cards(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann, "华航橡胶 今天8点 胶管开裂")
    sales.reads("还剩 23 小时")
    await office.passes("11h")
    sales.reads("还剩 12 小时")


async def test_the_handling_limit_has_a_clock_of_its_own_that_climbs(office: Office) -> None:
    ann, head, quality, sales = office.people("ann", "head", "quality", "sales")
    await complain(ann)
    await entrust(quality, due="11月26日 9点")
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    await office.until("2026-11-25 09:01")
    ann.reads("投诉 TS-2026-0001 处理时限 还剩 25 小时 30 分")
    await office.until("2026-11-26 09:01")
    for each in (head, quality):
        each.reads("TS-2026-0001 处理时限")
    sales.reads_nothing_of("处理时限 超时")
    await office.until("2026-11-27 09:01")
    sales.reads("处理时限 超时 24 小时")


async def test_a_department_named_responsible_is_reminded_at_its_own_post(office: Office) -> None:
    ann, quality, logistics, head = office.people("ann", "quality", "logistics", "head")
    await complain(ann)
    await entrust(quality, unit="储运公司", due="11月24日 9点")
    logistics.reads("责任单位 储运公司（陆运）", "陆运：处理")
    await office.until("2026-11-24 05:00")
    assert head.count("🚨") == 0
    assert logistics.count("🚨") > 0


# Approvals


async def test_an_undecided_assignment_goes_up_after_two_working_hours(office: Office) -> None:
    ann, quality, vp, gm = office.people("ann", "quality", "vp", "gm")
    await office.until("2026-11-23 17:00")
    await complain(ann)
    await entrust(quality)
    await office.until("2026-11-24 09:59")
    assert gm.count("等待审批") == 0
    await office.until("2026-11-24 10:01")
    vp.reads("等待审批：责任单位和处理时限")
    gm.reads("等待审批：责任单位和处理时限", "责任单位：西北销售一部，处理时限", "第十六条（二）2")
    await gm.presses("同意")
    quality.reads("高远", "同意")
    vp.reads("✅")


async def test_sent_back_with_an_opinion_the_department_decides_anew(office: Office) -> None:
    ann, quality, vp = office.people("ann", "quality", "vp")
    await complain(ann)
    await entrust(quality)
    await vp.presses("退回")
    await vp.says("应由储运公司负责")
    await vp.presses("保存")
    quality.reads("退回", "应由储运公司负责")
    await entrust(quality, unit="储运公司")
    vp.reads("请审批", "储运公司")


async def test_passed_on_the_decision_is_somebody_elses_by_the_same_limit(office: Office) -> None:
    ann, quality, vp, east = office.people("ann", "quality", "vp", "east")
    await complain(ann)
    await entrust(quality)
    await vp.presses("转办")
    await vp.says("东方明")
    await vp.presses("保存")
    east.reads("请审批", "11月23日 周一 11:00 前")
    await east.says("/approve")
    east.reads("待我审批 1 件")
    await east.presses("第 1 件")
    await east.presses("同意")
    quality.reads("东方明", "同意")


async def test_a_decision_is_made_once_and_late_presses_show_it(office: Office) -> None:
    ann, quality, vp = office.people("ann", "quality", "vp")
    await complain(ann)
    await entrust(quality)
    bubble, data = vp._button("同意")
    await vp.presses("同意")
    await vp.presses_again(bubble.id, data)
    with office.read() as records:
        assert [each.state for each in records.exec(select(Step))] == ["approved"]


async def test_approvals_stand_in_what_is_due(office: Office) -> None:
    ann, quality, vp = office.people("ann", "quality", "vp")
    await complain(ann)
    await entrust(quality)
    await vp.says("/due")
    vp.reads("TS-2026-0001 审批：责任单位和处理时限（秦工）")


# Wrong, twice, late


@pytest.mark.parametrize("button", ["定责任单位", "客户确认", "结案", "恢复办理"])
async def test_the_salesperson_is_not_offered_what_belongs_to_others(office: Office, button: str) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    assert button not in ann.buttons()


async def test_a_form_that_is_saved_too_late_says_how_things_stand(office: Office) -> None:
    ann, quality, sales = office.people("ann", "quality", "sales")
    await complain(ann)
    await quality.presses("定责任单位")
    await quality.presses("西北销售一部")
    await ann.presses("更多操作")
    await ann.presses("作废")
    await ann.says("重复登记")
    await ann.presses("保存")
    await sales.presses("同意")
    await quality.says("后天17点")
    await quality.presses("保存")
    quality.reads("TS-2026-0001 现在是“已作废”，不能做这一步")
    with office.read() as records:
        assert records.exec(select(Complaint)).one().responsible_unit_id is None
