"""/undo and 更正: taken back or corrected as a new row; clocks are derived again, and whoever was told hears so."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from models.audit import Audit
from models.clocks import Clock
from models.records import WITHDRAWAL, Entry
from tests.office import Office, Person

LINE = "华航橡胶 电话 今天上午9点 张工 谈了三季度配方 后天再联系"


def entries(office: Office) -> list[Entry]:
    with office.read() as records:
        return list(records.exec(select(Entry).order_by(Entry.id)))


def open_clocks(office: Office, rule: str) -> list[Clock]:
    with office.read() as records:
        return list(records.exec(select(Clock).where(Clock.rule == rule, Clock.closed_at.is_(None))))


async def log(person: Person, line: str) -> None:
    await person.says(f"/log {line}")
    await person.presses("保存")


async def test_the_last_contact_is_taken_back_within_ten_minutes_as_a_new_row(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    assert len(open_clocks(office, "R26.2")) == 1
    await office.passes("9min")
    await ann.says("撤销")
    ann.reads("撤回这一条", "LX-2026-000001", "华航橡胶", "谈了三季度配方")
    await ann.presses("撤回这条")
    ann.reads("已撤回 LX-2026-000001", "重新待办：每日沟通")
    talk, row = entries(office)
    assert (talk.number, row.kind, row.withdraws, row.number) == ("LX-2026-000001", WITHDRAWAL, talk.id, None)
    assert open_clocks(office, "R26.2") == []
    await ann.says("/find 华航")
    ann.reads("还没有记录")
    with office.read() as records:
        assert records.exec(select(Audit).where(Audit.action == "contact.withdraw")).one().staff_id == talk.by_id


async def test_a_call_taken_back_is_owed_again(office: Office) -> None:
    (head,) = office.people("head")
    with office.read() as records:
        before = {clock.id: clock.cycle for clock in records.exec(select(Clock))}
    await log(head, "华航橡胶 电话 今天上午9点 谈了配方")
    head.reads("完成：每周电话")
    await head.says("/undo")
    await head.presses("撤回这条")
    head.reads("重新待办：每周电话")
    with office.read() as records:
        assert {clock.id: clock.cycle for clock in records.exec(select(Clock))} == before


async def test_after_ten_minutes_a_correction_is_offered(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await office.passes("11min")
    await ann.says("/undo")
    ann.reads("已过 10 分钟", "可以更正")
    ann.reads_nothing_of("撤回这一条")
    await ann.presses("更正")
    ann.reads("更正 LX-2026-000001", "谈了三季度配方", "未保存")
    await ann.presses("保存")
    ann.reads("没有改动")
    await ann.presses("修改")
    await ann.presses("内容")
    await ann.says("谈了四季度配方")
    await ann.presses("保存")
    ann.reads("LX-2026-000002", "更正了 LX-2026-000001")
    await ann.says("/find 华航")
    ann.reads("谈了四季度配方（更正）")
    ann.reads_nothing_of("三季度")
    old, new = entries(office)
    assert (new.kind, new.withdraws, old.answers["summary"]) == ("contact", old.id, "谈了三季度配方")
    assert len(open_clocks(office, "R26.2")) == 1
    await ann.says("/undo")
    ann.reads("这条是更正，不能撤回")


async def test_the_button_is_asked_again_when_it_is_pressed_late(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await ann.says("/undo")
    await office.passes("15min")
    await ann.presses("撤回这条")
    ann.reads("已过 10 分钟")
    assert len(entries(office)) == 1


async def test_an_entry_can_be_corrected_until_its_month_is_handed_in(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await office.until("2026-12-07 10:00")
    await ann.says("更正 1")
    ann.reads("更正 LX-2026-000001")
    await ann.says("取消")
    await office.until("2026-12-08 10:00")
    await ann.says("/undo")
    ann.reads("已报送", "12月7日")
    await ann.says("更正")
    ann.reads("没有可更正的记录")


async def test_what_was_entered_on_a_day_still_counts_for_it_after_a_correction(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    daily = {clock.id: clock.cycle for clock in open_clocks(office, "R14.1")}
    await ann.says("更正")
    await ann.presses("LX-2026-000001")
    await ann.presses("修改")
    await ann.presses("方式")
    await ann.presses("微信")
    await ann.presses("保存")
    assert {clock.id: clock.cycle for clock in open_clocks(office, "R14.1")} == daily


async def test_a_promise_that_it_had_kept_is_owed_again(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await office.passes("1h")
    await log(ann, "华航橡胶 电话 刚才 打错了")
    ann.reads("完成：约定事项")
    await ann.says("/undo")
    await ann.presses("撤回这条")
    ann.reads("重新待办：约定事项")
    await ann.says("/due")
    ann.reads("再联系")


async def test_correcting_an_older_talk_leaves_a_later_promise_alone(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await office.passes("1h")
    await log(ann, "华航橡胶 电话 刚才 配方已定 周五再联系")
    (later,) = open_clocks(office, "R26.2")
    await office.passes("1h")
    await ann.says("更正 1")
    await ann.presses("修改")
    await ann.presses("内容")
    await ann.says("谈了二季度配方")
    await ann.presses("保存")
    assert [each.id for each in open_clocks(office, "R26.2")] == [later.id]


async def test_a_callback_taken_back_opens_what_it_had_fulfilled(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await office.passes("1h")
    await ann.presses("已解决")
    await ann.says("老化")
    await ann.says("换货")
    await ann.presses("保存")
    await sales.presses("客户确认")
    await sales.presses("是")
    await sales.presses("无")
    await sales.presses("保存")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.presses("结案")
    await sales.says("已换货")
    await sales.presses("保存")
    assert len(open_clocks(office, "R17.1")) == 1
    await office.passes("1h")
    await ann.says("/callback 华航橡胶 电话 刚才 张工 满意")
    for _ in range(3):
        await ann.presses("无")
    await ann.presses("5")
    await ann.presses("保存")
    ann.reads("HF-2026-0001", "完成：投诉回访")
    assert open_clocks(office, "R17.1") == []
    await ann.says("/undo")
    await ann.presses("撤回这条")
    ann.reads("已撤回 HF-2026-0001", "重新待办：投诉回访")
    assert len(open_clocks(office, "R17.1")) == 1


async def test_whoever_was_told_of_an_anomaly_hears_that_it_was_taken_back(office: Office) -> None:
    ann, head, sales, amy = office.people("ann", "head", "sales", "amy")
    await ann.says(f"/log {LINE}")
    await ann.presses("修改")
    await ann.presses("异常")
    await ann.presses("是")
    await ann.presses("保存")
    await ann.says("/undo")
    ann.reads("会通知：何建国、肖红")
    await ann.presses("撤回这条")
    for each in (head, sales):
        each.reads("已撤回", "安然 撤回了 LX-2026-000001")
    amy.reads_nothing_of("撤回")


async def test_a_corrected_anomaly_reaches_those_who_were_told(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await ann.says(f"/log {LINE}")
    await ann.presses("修改")
    await ann.presses("异常")
    await ann.presses("是")
    await ann.presses("保存")
    await ann.says("更正 1")
    await ann.presses("修改")
    await ann.presses("内容")
    await ann.says("客户要停产")
    await ann.presses("保存")
    head.reads("异常情况已更正", "客户要停产", "LX-2026-000002")
    assert head.count("❗ 异常情况") == 1
    await ann.says("更正 2")
    await ann.presses("修改")
    await ann.presses("异常")
    await ann.presses("否")
    await ann.presses("保存")
    head.reads("异常情况已撤回", "LX-2026-000003")


async def test_a_complaint_is_never_undone(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.says("/undo")
    ann.reads("TS-2026-0001 不能撤回", "第二十六条（一）", "销售部作废")
    assert [each.kind for each in entries(office)] == ["contact", "acceptance"]


async def test_only_ones_own_entries_are_taken_back(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await log(ann, LINE)
    await head.says("/undo")
    head.reads("没有可撤回的记录")
    await head.says("更正 1")
    head.reads("没有可更正的记录")
    await ann.says("/undo")
    data = ann.last().buttons[0][0].data or ""
    await head.presses_again(head.last().id, data)
    head.reads("没有找到，或不在您的权限内")
    assert len(entries(office)) == 1


async def test_an_entry_is_taken_back_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, LINE)
    await ann.says("/undo")
    first = ann.last()
    await ann.says("/undo")
    await ann.presses("撤回这条")
    await ann.presses_again(first.id, first.buttons[0][0].data or "")
    ann.reads("已撤回或已更正过")
    (talk, row) = entries(office)
    twice = Entry(
        kind=WITHDRAWAL,
        customer_id=1,
        at=row.at,
        written_at=row.at,
        by_id=row.by_id,
        withdraws=talk.id,
    )
    with pytest.raises(IntegrityError), office.store.write() as session:
        session.add(twice)
