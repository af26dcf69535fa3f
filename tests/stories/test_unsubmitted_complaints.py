"""R26.1: a complaint that was begun and left is kept and listed, for whoever began it and for the sales department."""

from __future__ import annotations

from tests.office import Office


async def test_a_complaint_left_behind_is_listed_for_its_author(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶")
    await ann.says("取消")
    await ann.says("/complain 飞翼制造 发货")
    await ann.says("取消")
    for command in ("/menu", "/due"):
        await ann.says(command)
        ann.reads("未提交投诉 2 件", "1. 华航橡胶", "2. 飞翼制造：发货")
    await ann.presses("1 继续填")
    ann.reads("出了什么问题")


async def test_the_sales_department_sees_it_and_reminds_the_author(office: Office) -> None:
    ann, sales, auditor = office.people("ann", "sales", "auditor")
    await ann.says("/complain 华航橡胶")
    await sales.says("/menu")
    assert not any("未提交" in each for each in sales.buttons())
    await office.passes("31min")
    await sales.says("/menu")
    await sales.presses("未提交投诉 1")
    sales.reads("1. 华航橡胶", "安然")
    await sales.presses("1 提醒")
    sales.reads("已催 安然")
    ann.reads("肖红 提醒您提交这张投诉单", "第二十六条（一）")
    await sales.presses("1 提醒")
    sales.reads("今天已经催过 安然")
    assert ann.count("提醒您提交") == 1
    await ann.presses("1 继续填")
    ann.reads("出了什么问题")
    await ann.says("胶管开裂")
    await ann.presses("保存")
    await sales.says("未提交投诉")
    sales.reads("没有未提交的投诉")
    await sales.presses("1 提醒")
    sales.reads("已提交")
    await auditor.says("未提交投诉")
    auditor.reads("没有未提交的投诉")


async def test_it_is_listed_only_for_those_who_would_see_the_complaint(office: Office) -> None:
    ann, head, bob, east = office.people("ann", "head", "bob", "east")
    await ann.says("/complain")
    await ann.says("取消")
    await ann.says("/complain 华航橡胶")
    await ann.says("取消")
    await head.says("未提交投诉")
    head.reads("未提交投诉 1 件", "华航橡胶")
    await head.says("/menu")
    assert "未提交投诉 1" in head.buttons()
    for other in (bob, east):
        await other.says("未提交投诉")
        other.reads("没有未提交的投诉")
