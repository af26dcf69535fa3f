"""What is put right on the way of a complaint: its type, its province, its limits; pauses, voiding, opinions of departments."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from models.clocks import Clock
from models.records import Matter
from tests.complaining import asks, at, clock, complain, resolve, satisfied
from tests.office import Office


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
    await logistics.presses("更多操作")
    await logistics.presses("改类型")
    await logistics.does("产品质量", "是配方问题")
    logistics.reads("改为“产品质量”")
    assert "待办" in logistics.buttons(), "no longer theirs to see: on to what else waits"


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


async def test_a_pause_lasts_until_the_end_of_the_last_day_allowed_and_its_story_says_why(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("中止计时")
    ann.reads("TS-2026-0001 申请中止计时")
    await ann.presses("客户要求改期")
    await ann.says("12月1日")
    ann.reads("一次最多中止 7 天，最迟到 11月30日 周一")
    await ann.presses("11月30日 周一")
    await ann.says("客户停产检修")
    await ann.presses("保存")
    await ann.says("/case 1")
    ann.reads("申请中止计时到 11月30日 周一 18:00（客户要求改期）\n客户停产检修")


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
    head.reads("已征询 储运公司，已通知 陆运", "征询意见：待 陆运 答复")
    logistics.reads("请答复：征询意见", "包装是否合格？", "华航橡胶", "前答复，")
    await logistics.presses("答复")
    logistics.reads("TS-2026-0001 答复征询", "您的意见？")
    await logistics.says("包装合格，照片已存")
    await logistics.presses("保存")
    head.reads("征询意见：陆运 11月23日 周一 09:00 答复", "包装合格，照片已存")
    assert "同意" not in head.news() + logistics.news(), "it is an answer and no approval"
    await logistics.says("/case 1")
    logistics.reads("部门意见：包装合格，照片已存")


async def test_reports_become_fewer_with_the_customers_consent_and_an_approval(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    await ann.presses("延长报告间隔")
    await ann.says("14天")
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
