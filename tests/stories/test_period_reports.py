"""统计报表 (`/figures`): the figures of a period as a workbook or a PDF, made beside all else while the card says how far it is.

A file that is looked at for what stands in it is made here by the same function as in the process of its own.
"""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlmodel import Session, select

from dialogue.asides import LARGE
from dialogue.telling import MessageClass, hand_over, tell
from dialogue.values import Screen
from models import secrecy
from models.audit import Audit, AuditBody
from models.customers import Customer
from models.messages import Outbox
from models.people import Staff
from papers.period_book import make
from papers.period_words import FORMS
from tests.complaining import complain
from tests.office import START, Office
from tests.papers import content, formulas, pages
from tests.stories.test_anomalies import reports
from tests.workbooks import Opened, opened
from words import say

EVIL = "=cmd|'/c calc'!A1 胶管开裂 😀"


def workbook(office: Office, number: str, period: str = "2026-11", unit: int | None = None) -> Opened:
    with office.store.read() as session:
        staff = session.exec(select(Staff).where(Staff.number == number)).one()
        args = {"period": period, "unit": unit, "form": "xlsx"}
        paper = make(session, office.house, staff, args, office.clock.now(), secrecy.veil(session), lambda _: None)
        assert formulas(paper.content) == []
        return opened(paper.content)


def said(office: Office, stage: str) -> int:
    """How many cards said that step."""
    with office.read() as records:
        return sum(f"making.{stage}" in json.dumps(each) for each in records.exec(select(Outbox.text)))


async def test_a_month_is_chosen_and_comes_as_a_workbook_while_the_card_says_how_far_it_is(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann, f"华航橡胶 {EVIL}")
    await head.says("/figures")
    head.reads("统计报表", "2026年第四季度 · 西北销售一部")
    await head.presses("2026年11月")
    head.reads("2026年11月")
    assert "PDF" not in head.buttons(), "a month is a workbook alone"
    await head.presses("Excel")
    head.reads("2026年11月 · 西北销售一部", "已发出", "📎 统计报表")
    assert all(said(office, stage) == 1 for stage in (*FORMS["xlsx"], "done"))
    book = opened(content(office, head))
    assert [each["编号"] for each in book.rows("投诉明细")] == ["TS-2026-0001"]
    with office.read() as records:
        body = select(AuditBody).join(Audit).where(Audit.action == "figures.export")  # type: ignore[arg-type]
        assert records.exec(body).one().body == {"period": "2026-11", "unit": None, "form": "xlsx"}


async def test_a_half_year_on_paper_is_read_by_who_reads_english(office: Office) -> None:
    vp, bob = office.people("vp", "bob")
    await complain(bob, "申江液压 发运晚到")
    await vp.says("/lang en")
    await vp.says("/figures H2 2026 华东销售部")
    vp.reads("second half of 2026", "华东销售部")
    await vp.presses("PDF")
    vp.reads("Sent")
    found = pages(content(office, vp, ".pdf"))
    assert 2 <= len(found) <= 4
    assert "customercarereport" in found[0] and "secondhalfof2026" in found[0] and "rulebookversion1" in found[0]
    assert all(f"Page{number}of{len(found)}" in page for number, page in enumerate(found, 1))


async def test_it_goes_as_far_as_its_reader_may_see_and_hand_out(office: Office) -> None:
    ann, bob, quality = office.people("ann", "bob", "quality")
    await complain(ann, "华航橡胶 胶管开裂")
    await complain(bob, "申江液压 发运晚到")
    both, west, east = (workbook(office, number) for number in ("A01", "U01", "U02"))
    assert [each["客户"] for each in both.rows("投诉明细")] == ["西安华航橡胶有限公司", "上海申江液压有限公司"]
    assert {each["单位"] for each in west.rows("应办明细")} == {"西北销售一部"}
    assert [each["客户"] for each in east.rows("未回访")] == ["上海申江液压有限公司"]
    assert "华航" not in str(east.sheets) and "西北" not in str(east.sheets)
    for each in (ann, quality):
        await each.says("/figures")
        each.reads("没有找到，或不在您的权限内")


async def test_what_was_typed_stays_text_and_a_marked_customer_goes_by_its_code_name(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await reports(ann, "华航橡胶 电话 刚才 =HYPERLINK(1) 张工说华航橡胶停产 😀")
    await sales.says("/codename 华航橡胶 甲一 保密协议2026-3")
    await sales.presses("保存")
    await office.passes("3h")
    (row,) = workbook(office, "A01").rows("异常")
    assert (
        row["客户"] == "甲一"
        and row["内容"].startswith("=HYPERLINK(1) ")
        and "华航" not in row["内容"]
        and "😀" in row["内容"]
    )
    assert (row["结果"], row["时限"], row["用时（小时）"]) == ("到时自动上报", "超时", 2.0)
    assert isinstance(row["时间"], datetime)


def asks_and_is_told(session: Session) -> None:
    """A report of no period for the head, and an escalation after it."""
    head = session.exec(select(Staff).where(Staff.number == "U01")).one()
    args = {"period": "2026-Q9", "unit": None, "form": "xlsx"}
    followed = {"stages": list(FORMS["xlsx"])}
    hand_over(session, head, "period_report", args, say("chart.nothing"), "a report", START, followed=followed)
    tell(session, head, Screen(say("menu")), MessageClass.ESCALATION, "the escalation", START)


def states(office: Office) -> dict[str, str]:
    with office.read() as records:
        found = records.exec(select(Outbox).where(Outbox.unique_key.in_(("a report", "the escalation"))))  # type: ignore[attr-defined]
        return {each.unique_key: each.state for each in found}


async def test_no_escalation_waits_and_what_can_not_be_made_is_said(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    (head,) = office.people("head")
    await head.says("/figures")
    await office.service.store.run(asks_and_is_told)
    await head.presses("Excel")
    head.reads("上一份还在做")
    assert states(office) == {"a report": "failed", "the escalation": "sent"}
    head.reads("文件没有做成")
    assert "NoSuchPeriodError" in caplog.text


async def test_what_was_being_made_when_the_process_ended_is_said(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/figures")
    office.telegram.presses(head.user, *_data(head, "Excel"))
    await office.service.receiver.poll(office.clock.now(), 0)
    await office.service.worker.step(office.clock.now())
    await office.service.sender.step(office.clock.now())
    await office.service.sender.recover(office.clock.now())
    await office.service.settle()
    head.reads("中途断开了")
    await head.presses("统计报表")
    head.reads("先点时间和单位")


async def test_topics_and_anomalies_lead_to_their_rows(office: Office) -> None:
    ann, head, sales, east = office.people("ann", "head", "sales", "east")
    await reports(ann, "华航橡胶 电话 刚才 张工 谈了报价和交货期")
    await ann.says("远大密封 电话 刚才 问候")
    await ann.presses("保存")
    await head.says("主题分析 本月")
    head.reads("沟通和回访 2 次", "价格　1 次（50%）", "交货发运　1 次", "其他　1 次")
    await head.presses("价格")
    head.reads("LX-2026-000001", "华航橡胶", "谈了报价和交货期")
    await head.presses("返回")
    await head.presses("异常统计")
    head.reads("待定　1 条")
    await sales.says("异常统计 本月")
    await sales.presses("待定")
    await sales.presses("看 1")
    sales.reads("异常情况", "11:00 前未定")
    await east.says("主题分析 本月")
    east.reads("沟通和回访 0 次")


def many_customers(session: Session) -> None:
    some = session.exec(select(Customer)).first()
    assert some is not None
    row = some.model_dump(exclude={"id"})
    session.execute(insert(Customer), [{**row, "name": f"远大第{n}厂"} for n in range(LARGE)])


async def test_in_a_large_company_a_look_is_taken_beside_the_turn(office: Office) -> None:
    (sales,) = office.people("sales")
    await office.store.run(many_customers)
    await sales.says("/chart")
    office.telegram.presses(sales.user, *_data(sales, "主题分析"))
    await office.service.receiver.poll(office.clock.now(), 0)
    await office.service.worker.step(office.clock.now())
    await office.service.sender.step(office.clock.now())
    sales.reads("正在统计")
    assert sales.buttons() == ["刷新"]
    await office.service.settle()
    sales.reads("沟通和回访 0 次")
    await sales.presses("异常统计")
    sales.reads("共 0 条")


def _data(who: object, label: str) -> tuple[int, str]:
    bubble, data = who._button(label)  # type: ignore[attr-defined]
    return bubble.id, data
