"""月报 (R14.6 to R14.8): a month from the drafts to what leaders read; who is late, what stays as it was, who reads what."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlmodel import col, select

from models.audit import Audit, AuditBody
from models.clocks import OPENING, Clock
from models.report_lines import ReportLine
from models.reports import Report
from models.tasks import Task
from rules.house import Keeping
from tests.monthly import FIRST_DAY, a_month, handed_in, logs, reports, sent, wakes
from tests.office import Office, Person


async def test_a_month_goes_from_the_drafts_to_what_leaders_read(office: Office) -> None:
    ann, amy = office.people("ann", "amy")
    await ann.says("/monthly")
    ann.reads("还没有月报。每月第一个工作日上午生成上月草稿。")
    await the_logs(office)
    await the_unit(office)
    await the_company(office)
    await amy.presses("办结")
    await amy.says("已订货")
    await amy.presses("保存")
    with office.read() as records:
        assert records.exec(select(Task.answer)).one() == "已订货"
        open_ones = records.exec(select(Clock).where(Clock.subject_kind == "report", col(Clock.closed_at).is_(None)))
        assert open_ones.all() == []
        assert records.exec(select(Clock.cycle).where(Clock.rule == OPENING)).one() == "2026-12"


async def the_logs(office: Office) -> None:
    ann, amy, head = office.people("ann", "amy", "head")
    await a_month(office)
    ann.reads("📄 2026年11月月报　安然", "3 条沟通，3 家客户。", "请在 12月3日 周四 18:00 前报 何建国（第十四条 注）")
    amy.reads("没有沟通记录。")
    await ann.presses("看明细")
    ann.reads("飞翼制造（战略合作）\n1. ", "远大密封（一般）\n3. ", "共 3 条\n")
    await ann.presses("✂️ 2")
    ann.reads("✂️ 2. ", "（删去）", "共 2 条，删 1 条", "已删去，留痕")
    await ann.presses("➕ 补充")
    await ann.says("飞翼制造年底上新线")
    ann.reads("客户：飞翼制造")
    await ann.presses("保存")
    await ann.presses("✅ 报送")
    ann.reads("✅ 安然 12月1日 周二 08:31 已报 何建国")
    head.reads_nothing_of("本单位 2 人已全部报送")
    await amy.presses("✅ 无记录报送")
    head.reads("本单位 2 人已全部报送，请在 12月7日 周一 18:00 前报销售部")


async def the_unit(office: Office) -> None:
    amy, head = office.people("amy", "head")
    await head.presses("📄 单位月报")
    head.reads(
        "报送 2/2\n✅ 安然　3　12月1日 周二\n✅ 艾梅　无记录",
        "重点客户 2 条\n1. 飞翼制造　",
        "补充（安然）：飞翼制造年底上新线",
    )
    await head.presses("安然")
    head.reads("远大密封", "删 1 条")
    head.reads_nothing_of("三季度价格")  # what was struck is not handed in
    await head.presses("☆ 3")
    head.reads("已列入重点客户部分")
    await head.presses("★ 2")
    head.reads("已移出重点客户部分")
    await head.presses("📄 单位月报")
    await head.presses("⭐ 重点客户")
    await head.presses("✏️ 1")
    await head.says("试样通过，待订货")
    await head.presses("保存")
    head.reads("：试样通过，待订货", "✂️ 2. 飞翼制造　补充", "3. 远大密封　", "：报价已发")
    await head.presses("返回")
    await head.does("📌 布置工作", "落实飞翼订货", ".艾梅", "12月10日")
    head.reads("📌 GZ-2026-0001 何建国 → 艾梅：落实飞翼订货")
    amy.reads("工作安排 GZ-2026-0001", "限期：12月10日 周四")
    await head.presses("📤 报销售部")
    head.reads("主要信息")
    await head.says("需求平稳，飞翼上新线")
    await head.presses("保存")
    head.reads("✅ 何建国 12月1日 周二 08:31 已报 销售部")


async def the_company(office: Office) -> None:
    bob, head, east = office.people("bob", "head", "east")
    sales, vp, gm = office.people("sales", "vp", "gm")
    await handed_in(bob)
    sales.reads_nothing_of("个单位已全部报送")
    await sent(east, "无")
    sales.reads("2 个单位已全部报送，请在 12月10日 周四 18:00 前发布")
    await sales.presses("📄 公司月报")
    sales.reads(
        "各单位 报送 2/2\n✅ 西北销售一部　完成 ", "重点 2 条\n需求平稳，飞翼上新线", "沟通 3 条：价格 2", "无异常上报"
    )
    await sales.presses("📣 发布")
    await sales.says("对飞翼专人跟进")
    await sales.presses("保存")
    sales.reads("✅ 肖红 12月1日 周二 08:31 发布", "已发布，已告知 5 位领导和负责人")
    for each in (gm, vp, head, east):
        each.reads("📣 2026年11月公司月报", "肖红 发布", "措施：对飞翼专人跟进")
    await gm.presses("📄 公司月报")
    await gm.presses("西北销售一部")
    gm.reads("试样通过，待订货", "报价已发", "GZ-2026-0001")
    gm.reads_nothing_of("上新线　")


async def test_what_is_late_is_named_urged_once_a_day_and_kept_as_late(office: Office) -> None:
    ann, amy, bob, head, east, sales = office.people("ann", "amy", "bob", "head", "east", "sales")
    await a_month(office)
    await handed_in(ann)
    await wakes(office, "2026-12-08 09:00")
    for each in (bob, east):
        await each.says("/due")
    bob.reads("月度沟通记录报送（第十四条 注）", "🔺 华东销售部2026年11月月报")
    east.reads("单位月报（第十四条 注）")
    assert any("艾梅" in each.text and "逾期" in each.text for each in head.bubbles())
    sales.reads_nothing_of("公司月报")  # its time has not come
    await sales.says("报送情况")
    await sales.presses("月报报送情况")
    sales.reads(
        "业务员 1/3，单位 0/2",
        "西北销售一部\n🔺 艾梅　未报，迟 5 天\n🔺 单位月报（何建国）　未报，迟 1 天",
        "华东销售部\n🔺 鲍博　未报，迟 5 天",
    )
    await sales.presses("催办 鲍博")
    bob.reads("⏰ 肖红 催办：2026年11月月报　鲍博", "应于 12月3日 周四 18:00 前报出　🔺迟 5 天", "（第十四条 注）")
    assert "催办 鲍博" not in sales.buttons()
    await bob.presses("看明细")
    await bob.presses("✅ 无记录报送")
    bob.reads("✅ 鲍博 12月8日 周二 09:00 已报 东方明　🔺迟 5 天")
    await sent(east, "无")
    await sales.says("/monthly")
    await sales.presses("月报报送情况")
    sales.reads("▫️ 鲍博　已报，迟 5 天", "▫️ 单位月报（东方明）　已报，迟 1 天")
    await head.says("/monthly")
    await head.presses("催办 艾梅")
    amy.reads("何建国 催办")
    await sent(head)
    head.reads("⏳ 艾梅　未报　🔺迟 5 天")
    await amy.presses("看明细")
    await amy.presses("✅ 无记录报送")
    head.reads("2026年11月月报　艾梅\n单位月报报出后才到；要补进去请打开单位月报按“更正”。")
    late = {each.post: each.late for each in reports(office, "log").values()}
    assert sorted(late.values()) == [False, True, True]


async def test_next_month_comes_by_itself_and_what_was_written_late_stands_in_it_once(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await a_month(office)
    await logs(ann, "华航橡胶 电话 11月30日 补记的一条")
    await ann.says("/monthly")
    ann.reads("补记的一条", "共 4 条")
    await handed_in(ann)
    await logs(ann, "飞翼制造 电话 11月29日 又补的一条")
    await logs(ann, "华航橡胶 电话 今天8点 今年的事")
    await office.sleeps("34d")
    ann.reads("2026年12月月报　安然", "2 条沟通，2 家客户。")
    await ann.presses("看明细")
    ann.reads("又补的一条", "今年的事", "2026年11月")
    ann.reads_nothing_of("补记的一条\n", "三季度价格")
    await ann.presses("✅ 报送")
    await head.says("/monthly")
    head.reads("有 2 份待报")


async def test_what_was_handed_in_stays_and_is_mended_by_a_new_version_beside_it(office: Office) -> None:
    ann, amy, bob, head, east = office.people("ann", "amy", "bob", "head", "east")
    sales, gm = office.people("sales", "gm")
    await a_month(office)
    await ann.presses("看明细")
    strike = _button_to(ann, "✂️ 1")
    await ann.presses("✅ 报送")
    await ann.presses_again(*strike)
    ann.reads_nothing_of("（删去）")
    await ann.presses("✏️ 更正")
    ann.reads("（第 2 版）", "更正稿，报出后与原件并存")
    await ann.presses("✂️ 1")
    await ann.presses("✅ 报送")
    await handed_in(amy, bob)
    await head.says("/monthly")
    head.reads("✅ 安然　2", "重点客户 1 条")
    await sent(head)
    await ann.says("/monthly")
    assert "✏️ 更正" not in ann.buttons()  # it went on
    await sent(east, "无")
    await sales.says("/monthly")
    await sales.presses("📣 发布")
    await sales.presses("按计划继续")
    await sales.presses("保存")
    await sales.presses("✏️ 更正")
    sales.reads("公司月报（第 2 版）")
    await sales.presses("✏️ 措施")
    await sales.says("加强走访")
    await sales.presses("保存")
    await gm.says("/monthly")
    gm.reads("按计划继续")  # a draft is nobody else's to read
    await sales.presses("📣 发布")
    await gm.says("/monthly")
    gm.reads("公司月报（第 2 版）", "加强走访")
    await gm.presses("第 1 版")
    gm.reads("按计划继续")
    for statement in (
        "DELETE FROM report",
        "UPDATE report SET figures = '{}' WHERE kind = 'company'",
        "UPDATE report SET handed_at = due_at WHERE kind = 'log'",
        "DELETE FROM report_line",
        "UPDATE report_line SET struck_at = NULL WHERE struck_at IS NOT NULL",
    ):
        with pytest.raises(Exception, match="what is on record stays"), office.store.engine.begin() as connection:
            connection.execute(text(statement))
    with office.read() as records:
        rows = records.exec(select(ReportLine).where(col(ReportLine.struck_at).is_not(None))).all()
    assert [each.handed for each in rows] == [True]


async def test_a_customer_out_of_reach_is_counted_not_told(office: Office) -> None:
    ann, amy, head, east, sales = office.people("ann", "amy", "head", "east", "sales")
    await a_month(office)
    await handed_in(ann, amy)
    await sent(head)
    await sales.says("/monthly")
    await sales.presses("📣 发布")
    await sales.presses("按计划继续")
    await sales.presses("保存")
    await east.presses("📄 公司月报")
    east.reads("✅ 西北销售一部", "需求平稳")
    assert "西北销售一部" not in east.buttons()
    for who in (amy, east):
        await who.presses_again(*_button_to(head, "安然"))
        who.reads_nothing_of("三季度价格")
    with office.store.write() as session:
        session.execute(
            text(
                "UPDATE customer SET unit_id = (SELECT id FROM unit WHERE name = '华东销售部') WHERE short_name = '华航橡胶'"
            )
        )
    await head.says("/monthly")
    await head.presses("西北销售一部")
    await head.presses("⭐ 重点客户")
    head.reads("看了试样", "另有 1 条不在您的权限内")
    head.reads_nothing_of("三季度价格")


def _button_to(who: Person, label: str) -> tuple[int, str]:
    bubble, data = who._button(label)
    return bubble.id, data


async def test_a_secret_customer_goes_by_its_code_name_on_every_screen(office: Office) -> None:
    ann, amy, head, sales, gm, bob, east = office.people("ann", "amy", "head", "sales", "gm", "bob", "east")
    await sales.says("/codename 华航橡胶 甲一 保密协议2026-3")
    await sales.presses("保存")
    await logs(ann, "甲一 电话 今天8点 张工 西安华航橡胶有限公司要降价")
    await wakes(office, FIRST_DAY)
    await ann.presses("看明细")
    await handed_in(ann, amy, bob)
    await sent(head, "华航橡胶张工要求降价")
    await sent(east, "无")
    await sales.says("/monthly")
    await sales.presses("📣 发布")
    await sales.says("与华航橡胶谈判")
    await sales.presses("保存")
    await gm.presses("📄 公司月报")
    gm.reads("甲一")
    await gm.presses("西北销售一部")
    for who in (ann, head, sales, gm, east):
        told = [each.text for each in who.bubbles() if "月报" in each.text]
        assert told
        assert not [each for each in told if "华航" in each or "张工" in each]


async def test_a_correction_after_it_was_handed_in_changes_nothing_in_it(office: Office) -> None:
    (ann,) = office.people("ann")
    await wakes(office, "2026-11-30 16:00")
    await logs(ann, "华航橡胶 电话 刚才 谈了三季度价格")
    await wakes(office, FIRST_DAY)
    await handed_in(ann)
    await ann.says("/correct")
    for each in ("LX-2026-000001", "修改", "内容"):
        await ann.presses(each)
    await ann.says("谈了四季度价格")
    await ann.presses("保存")
    await ann.says("/monthly")
    ann.reads("谈了三季度价格　后来更正或撤回", "共 1 条")
    ann.reads_nothing_of("四季度")
    await office.sleeps("34d")
    await ann.presses("看明细")
    ann.reads("谈了四季度价格", "共 1 条")  # who reads next month's learns of it


async def test_a_name_in_a_report_goes_when_that_person_is_sealed_and_nothing_else_changes(office: Office) -> None:
    ann, head, sales, auditor = office.people("ann", "head", "sales", "auditor")
    await ann.says("/complain 华航橡胶 胶管开裂")
    for step in ("修改", "投诉人", "欧阳秋实", "保存"):
        await (ann.says if step == "欧阳秋实" else ann.presses)(step)
    await a_month(office)
    await ann.presses("看明细")
    await ann.presses("➕ 补充")
    await ann.says("华航橡胶的欧阳秋实要退休")
    await ann.presses("保存")
    await ann.presses("✅ 报送")
    await sent(head, "欧阳秋实不再负责采购")
    await ann.says("/case 1")
    await ann.does("已解决", "硫化不足", "调整工艺")
    for step in ("客户确认", "是", "无", "保存"):
        await sales.presses(step)
    await ann.does("效果评价", ".有效", "没有再裂")
    await sales.does("结案", "已整改")
    office.lives_by(replace(office.house, keeping=Keeping(seal_after_years=0)))
    await sales.says("/seal TS-2026-0001 期满")
    await sales.presses("保存")
    await auditor.presses("同意封存")
    with office.read() as records:
        words = [*records.exec(select(Report.text)), *records.exec(select(ReportLine.text))]
        bodies = records.exec(select(AuditBody).join(Audit).where(col(Audit.action).startswith("report."))).all()  # type: ignore[arg-type]
    assert any(each and each.endswith("不再负责采购") for each in words)
    assert any(each and each.endswith("要退休") for each in words)
    assert not [each for each in (*words, *(str(body.body) for body in bodies)) if each and "欧阳秋实" in each]
