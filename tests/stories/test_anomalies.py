"""Anomalies (R14.8): unit head and sales department at once, leaders by the sales department or after 2 hours."""

from __future__ import annotations

from sqlmodel import select

from models.audit import Audit
from models.findings import Finding
from tests.office import Office, Person

LINE = "华航橡胶 电话 刚才 张工 说要停产整顿"


async def reports(who: Person, line: str = LINE) -> None:
    await who.says(f"/log {line}")
    await who.presses("修改")
    await who.presses("异常")
    await who.presses("是")
    await who.presses("保存")


async def test_sales_department_reports_it_to_company_leaders_by_a_button(office: Office) -> None:
    ann, head, sales, vp, gm, chair = office.people("ann", "head", "sales", "vp", "gm", "chair")
    await reports(ann)
    head.reads("异常情况", "华航橡胶", "说要停产整顿")
    assert "上报公司领导" not in head.buttons()
    sales.reads("异常情况", "11:00 前未定，自动上报公司领导（第十四条 注）")
    for each in (vp, gm, chair):
        each.reads_nothing_of("异常")
    await sales.presses("上报公司领导")
    sales.reads("已上报公司领导（肖红，11月23日 周一 09:00）", "魏立、高远、常青")
    for each in (vp, gm, chair):
        each.reads("异常情况", "说要停产整顿", "已上报公司领导（肖红")
    await office.passes("5h")
    for each in (vp, gm, chair):
        assert each.count("异常情况") == 1, "told once"


async def test_after_two_hours_it_goes_to_company_leaders_by_itself(office: Office) -> None:
    ann, sales, vp, gm, chair = office.people("ann", "sales", "vp", "gm", "chair")
    await reports(ann)
    await office.passes("1h 59min")
    gm.reads_nothing_of("异常")
    await office.passes("1min")
    for each in (vp, gm, chair):
        each.reads("异常情况", "说要停产整顿", "销售部未在时限内决定", "第十四条 注")
    await gm.presses("确认收到")
    gm.reads("已确认收到")
    await sales.presses("上报公司领导")
    sales.reads("已上报公司领导（到时自动，11月23日 周一 11:00）")
    await office.passes("1d")
    assert gm.count("异常情况") == 1
    with office.read() as records:
        (found,) = records.exec(select(Finding)).all()
        row = records.exec(select(Audit).where(Audit.action == "decision.reported")).one()
    assert (found.by_id, row.staff_id) == (None, None)


async def test_at_night_too(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await office.until("2026-11-23 20:30")
    await reports(ann)
    await office.passes("2h")
    gm.reads("异常情况")


async def test_no_need_to_report_needs_a_reason_and_stops_the_clock(office: Office) -> None:
    ann, head, sales, gm = office.people("ann", "head", "sales", "gm")
    await reports(ann)
    await sales.says("/due")
    sales.reads("异常上报", "华航橡胶：说要停产整顿")
    assert not any("明天提醒" in each for each in sales.buttons())
    await sales.presses("1 详情")
    await sales.presses("无需上报")
    sales.reads("为什么无需上报公司领导")
    await sales.says("已与客户核实，只是例行检修")
    await sales.presses("保存")
    for each in (sales, head, ann):
        each.reads("无需上报（肖红，11月23日 周一 09:00）：已与客户核实，只是例行检修")
    await office.passes("5h")
    gm.reads_nothing_of("异常情况")
    await sales.says("/due")
    sales.reads_nothing_of("异常上报")


async def test_a_decision_is_taken_once(office: Office) -> None:
    ann, sales, gm = office.people("ann", "sales", "gm")
    await reports(ann)
    card = sales.last()
    up = card.buttons[0][0].data or ""
    await sales.presses("无需上报")
    await sales.says("例行检修")
    await sales.presses("保存")
    await sales.presses_again(card.id, up)
    sales.reads("无需上报（肖红")
    gm.reads_nothing_of("异常情况")


async def test_asleep_over_the_two_hours_it_is_made_up_for_once(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await reports(ann)
    await office.sleeps("30h")
    assert gm.count("异常情况") == 1


async def test_an_anomaly_and_a_complaint_that_fall_due_together_are_one_message(office: Office) -> None:
    ann, vp = office.people("ann", "vp")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await reports(ann, "飞翼制造 电话 刚才 刘主任 说要停产整顿")
    await office.sleeps("25h")
    vp.reads("2 件事需要处理", "TS-2026-0001 华航橡胶", "异常 飞翼制造：说要停产整顿（安然）")


async def test_two_hours_are_the_companys_to_change(office: Office, rulebook_text: str) -> None:
    ann, gm = office.people("ann", "gm")
    office.adopts(rulebook_text.replace('within  = "2h"', 'within  = "4h"'))
    await reports(ann)
    await office.passes("3h 59min")
    gm.reads_nothing_of("异常情况")
    await office.passes("1min")
    gm.reads("异常情况")


async def test_a_company_without_that_rule_leaves_it_to_the_button(office: Office, rulebook_text: str) -> None:
    ann, sales, gm = office.people("ann", "sales", "gm")
    start, end = rulebook_text.index("[anomaly]"), rulebook_text.index("# ── 第十六条")
    office.adopts(rulebook_text[:start] + rulebook_text[end:])
    await reports(ann)
    await office.passes("1d")
    gm.reads_nothing_of("异常情况")
    await sales.presses("上报公司领导")
    gm.reads("异常情况")
