"""The six steps of article 16 with their owners, on one live card; approvals; what is put right on the way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from models.clocks import Clock
from models.records import Complaint, Entry, Matter
from models.steps import Step
from tests.office import Office, Person


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def entrust(who: Person, unit: str = "西北销售一部", due: str = "后天17点") -> None:
    await who.presses("定责任单位")
    await who.presses(unit)
    await who.says(due)
    await who.presses("保存")


async def resolve(who: Person) -> None:
    await who.presses("已解决")
    await who.says("硫化时间不足")
    await who.says("调整工艺，已换货")
    await who.presses("保存")


async def satisfied(who: Person, yes: bool, text: str = "还是漏") -> None:
    await who.presses("客户确认")
    await who.presses("是" if yes else "否")
    await who.says(text)
    await who.presses("保存")


def clock(office: Office, rule: str) -> Clock:
    with office.read() as records:
        return records.exec(select(Clock).where(Clock.rule == rule)).one()


def at(moment: object) -> str:
    return f"{moment:%m-%d %H:%M}" if moment else "-"


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
    gm.reads("等待审批：责任单位和处理时限", "第十六条（二）2")
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


# What is put right on the way


async def test_another_type_goes_to_another_department_and_the_limit_stays(office: Office) -> None:
    ann, logistics = office.people("ann", "logistics")
    await complain(ann)
    before = clock(office, "R16.1").due_at
    await ann.presses("更多操作")
    await ann.presses("改类型")
    await ann.presses("发运")
    await ann.says("运输中压裂")
    await ann.presses("保存")
    logistics.reads("改为“发运”", "陆运：确定责任单位和处理时限")
    assert clock(office, "R16.1").due_at == before


async def test_a_pause_needs_a_reason_and_the_sales_departments_approval(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("中止计时")
    await ann.presses("客户要求改期")
    await ann.says("后天9点")
    await ann.says("客户停产检修")
    await ann.presses("保存")
    ann.reads("已提交审批：中止计时", "批准前一切照旧")
    assert at(clock(office, "R16.1").paused_until) == "-"
    sales.reads("请审批：中止计时", "理由：客户要求改期", "客户停产检修")
    await office.passes("1h")
    await sales.presses("同意")
    ann.reads("⏸", "原时限 11月24日 周二 09:00", "顺延到 11月26日 周四 08:00")
    await office.until("2026-11-25 08:59")
    assert ann.count("🚨") == 0
    await office.until("2026-11-26 08:01")
    ann.reads("TS-2026-0001 时限已到")


async def test_a_pause_that_is_ended_early_moves_the_limit_by_what_it_lasted(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("中止计时")
    await ann.presses("客户现场不具备条件")
    await ann.says("后天9点")
    await ann.says("停电")
    await ann.presses("保存")
    await sales.presses("同意")
    await office.passes("3h")
    await ann.presses("恢复计时")
    await ann.presses("无")
    await ann.presses("保存")
    ann.reads("恢复计时（安然）", "省内时限 11月24日 周二 12:00")


async def test_a_wrong_province_is_put_right_and_the_limit_counts_from_its_beginning(office: Office) -> None:
    ann, _ = office.people("ann", "sales")
    await complain(ann)
    await office.passes("1h")
    await ann.presses("更多操作")
    await ann.presses("改受理信息")
    await ann.presses("否")
    await ann.presses("是")
    await ann.says("客户现场在兰州")
    await ann.presses("保存")
    ann.reads("受理信息已更正", "省外时限 11月25日 周三 09:00")


async def test_without_a_visit_the_first_answer_counts_from_when_it_was_given(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await ann.presses("写进展")
    await ann.says("已电话答复")
    await ann.presses("客户")
    await ann.presses("保存")
    answered = office.clock.now()
    await office.passes("5h")
    await ann.presses("更多操作")
    await ann.presses("改受理信息")
    await ann.presses("是")
    await ann.presses("否")
    await ann.says("电话已解决")
    await ann.presses("保存")
    limit = clock(office, "R16.1")
    assert (limit.stopped_by, limit.closed_at) == ("answered", answered)


async def test_a_department_that_is_asked_sees_the_complaint_and_answers_on_record(office: Office) -> None:
    ann, head, logistics = office.people("ann", "head", "logistics")
    await complain(ann)
    await head.says("/case 1")
    await head.presses("更多操作")
    await head.presses("征询部门")
    await head.presses("储运公司")
    await head.says("包装是否合格？")
    await head.presses("保存")
    logistics.reads("请审批：征询意见", "包装是否合格？", "华航橡胶")
    await logistics.presses("答复")
    await logistics.says("包装合格，照片已存")
    await logistics.presses("保存")
    head.reads("包装合格，照片已存")
    await logistics.says("/case 1")
    logistics.reads("部门意见：包装合格，照片已存")


async def test_reports_become_fewer_with_the_customers_consent_and_an_approval(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("延长报告间隔")
    await ann.says("14")
    await ann.says("客户书面同意两周报告一次")
    await ann.presses("保存")
    sales.reads("请审批：延长报告间隔", "每 14 天报告一次", "客户书面同意两周报告一次")
    await sales.presses("同意")
    ann.reads("近14天 部门 0/1 客户 0/1")
    with office.read() as records:
        dues = {at(each.due_at) for each in records.exec(select(Clock).where(Clock.rule == "R16.2"))}
    assert dues == {"12-07 01:00"}


async def test_voiding_needs_a_reason_and_the_sales_department(office: Office) -> None:
    ann, sales, head = office.people("ann", "sales", "head")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("作废")
    await ann.says("重复登记")
    await ann.presses("保存")
    sales.reads("请审批：作废投诉", "重复登记")
    await sales.presses("同意")
    head.reads("已作废（肖红 批准）：重复登记")
    await office.passes("48h")
    assert ann.count("🚨") == 0
    await head.says("/case 1")
    head.reads("已作废", "重复登记")


async def test_nobody_approves_what_they_asked_for(office: Office) -> None:
    sales, vp = office.people("sales", "vp")
    await complain(sales)
    await sales.presses("更多操作")
    await sales.presses("作废")
    await sales.says("重复登记")
    await sales.presses("保存")
    assert "同意" not in sales.buttons()
    vp.reads("请审批：作废投诉")
    await vp.presses("同意")
    sales.reads("已作废")


async def test_voided_by_mistake_it_goes_on_by_the_limit_that_it_had(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("作废")
    await ann.says("重复登记")
    await ann.presses("保存")
    await sales.presses("同意")
    await office.passes("10h")
    await sales.says("/case 1")
    await sales.presses("恢复办理")
    await sales.says("不是重复，是两批货")
    await sales.presses("保存")
    ann.reads("恢复办理（肖红）", "省内时限 11月24日 周二 09:00，还剩 14 小时")
    await office.passes("14h 1min")
    ann.reads("TS-2026-0001 时限已到")


async def test_a_second_refusal_reaches_the_leader_in_charge(office: Office) -> None:
    ann, sales, vp = office.people("ann", "sales", "vp")
    await complain(ann)
    for times in (1, 2):
        await resolve(ann)
        await satisfied(sales, False)
        assert vp.count("客户不满意") == times - 1
    vp.reads("客户第 2 次不满意")
    with office.read() as records:
        assert records.exec(select(Matter)).one().cycle == 3


async def asks(who: Person, button: str, *answers: str) -> None:
    await who.says("/case 1")
    await who.presses("更多操作")
    await who.does(button, *answers)


async def test_a_pause_that_is_sent_back_changes_nothing(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    before = clock(office, "R16.1").due_at
    await asks(ann, "中止计时", ".客户要求改期", "后天9点", "停产检修")
    await sales.does("退回", "请先派人到场")
    ann.reads("退回", "请先派人到场")
    assert (clock(office, "R16.1").due_at, clock(office, "R16.1").paused_until) == (before, None)


async def test_a_voiding_that_is_sent_back_changes_nothing(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await asks(ann, "作废", "重复登记")
    await sales.does("退回", "不是重复")
    with office.read() as records:
        assert records.exec(select(Matter)).one().state == "handed_on"


async def test_a_paused_limit_says_nothing_even_when_its_clock_is_looked_at(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await asks(ann, "中止计时", ".客户要求改期", "后天9点", "停产检修")
    await sales.presses("同意")
    with office.store.write() as session:
        limit = session.exec(select(Clock).where(Clock.rule == "R16.1")).one()
        limit.next_at, limit.anchor = office.clock.now(), office.clock.now() - timedelta(days=3)
    await office.passes("10min")
    assert ann.count("🚨") == 0


async def test_a_second_request_waits_until_the_first_is_decided(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await asks(ann, "作废", "重复登记")
    await ann.says("/case 1")
    await ann.presses("更多操作")
    assert "作废" not in ann.buttons()


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
