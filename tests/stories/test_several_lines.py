"""Several lines in one message are several entries on one card."""

from __future__ import annotations

from sqlmodel import select

from models.messages import Draft
from models.records import Entry
from tests.office import Office

LINES = """/log
1. 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系
2. 飞翼制造 微信 今天上午 刘主任 报价已发
3. 远大密封 走访
"""


def saved(office: Office) -> list[Entry]:
    with office.read() as records:
        return list(records.exec(select(Entry).order_by(Entry.number)))


async def test_several_lines_are_listed_as_understood_and_the_complete_ones_saved_together(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINES)
    ann.reads(
        "3 条记录", "2 条可保存", "1. 华航橡胶、电话、11月22日 周日 15:00、张工、谈了三季度配方", "还缺：时间、内容"
    )
    assert not saved(office)
    await ann.presses("全部保存")
    ann.reads("已保存 2 条", "LX-2026-000001", "LX-2026-000002", "还剩 1 条", "还缺：时间、内容")
    assert [each.answers["summary"] for each in saved(office)] == ["谈了三季度配方", "报价已发"]


async def test_an_incomplete_line_is_opened_as_its_own_form_and_stays_as_a_draft(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINES)
    await ann.presses("3 补填")
    ann.reads("沟通记录", "什么时候")
    await ann.says("/menu")
    await ann.presses("全部保存")
    ann.reads("已保存 2 条")
    await ann.presses("1 补填")
    ann.reads("什么时候")
    await ann.says("今天早上8点半")
    await ann.says("看了新产线")
    ann.reads("远大密封", "未保存")
    await ann.presses("保存")
    ann.reads("LX-2026-000003")
    await ann.presses("1 补填")
    ann.reads("没有重复保存")


async def test_a_complete_line_can_be_changed_before_saving(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINES)
    await ann.presses("2 修改")
    await ann.presses("修改")
    await ann.presses("方式")
    await ann.presses("电话")
    await ann.presses("全部保存")
    ann.reads("已保存 2 条")
    assert [each.channel for each in saved(office)] == ["phone", "phone"]
    await ann.says("/menu")
    ann.reads_nothing_of("没看懂")


async def test_free_lines_without_a_command_and_a_customer_not_on_file(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 电话 昨天 谈了配方\n飞翼制造 微信 昨天 报价已发\n星辰航空 电话 昨天 问了交期")
    ann.reads("3 条记录", "2 条可保存", "没有找到“星辰航空”")
    await ann.presses("全部保存")
    assert len(saved(office)) == 2
    with office.read() as records:
        (left,) = records.exec(select(Draft).where(Draft.state == "kept"))
        assert left.answers["summary"] == "问了交期"


async def test_a_complaint_among_the_lines_is_saved_by_itself(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 电话 昨天 谈了配方\n飞翼制造 投诉 胶管开裂")
    ann.reads("1 条可保存", "投诉受理单，请单独核对保存")
    await ann.presses("全部保存")
    ann.reads_nothing_of("TS-2026")
    await ann.presses("1 补填")
    await ann.presses("保存")
    ann.reads("TS-2026-0001")


async def test_lines_given_up_are_dropped_but_a_complaint_stays(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 电话 昨天 谈了配方\n飞翼制造 投诉 胶管开裂")
    await ann.presses("取消")
    ann.reads("都没有保存")
    assert "继续填：投诉受理单" in ann.buttons()
    assert not saved(office)


async def test_a_time_still_to_come_is_not_taken(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log\n华航橡胶 电话 今天下午5点 谈了配方\n飞翼制造 电话 昨天 报价")
    ann.reads("1 条可保存", "还缺：时间")


async def test_a_second_line_that_only_goes_on_stays_with_the_first(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天下午3点 张工\n谈了三季度配方")
    ann.reads("沟通记录", "谈了三季度配方", "未保存")


async def test_more_than_twenty_lines_are_refused_whole(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log\n" + "华航橡胶 电话 昨天 谈了配方\n" * 21)
    ann.reads("最多 20 条", "21 条")
    await ann.says("/log\n" + "华航橡胶 电话 昨天 谈了配方\n" * 20)
    ann.reads("20 条可保存")
    await ann.presses("全部保存")
    ann.reads("已保存 20 条", "LX-2026-000020")


async def test_a_list_pressed_twice_saves_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINES)
    card = ann.last()
    data = card.buttons[0][0].data or ""
    await ann.presses("全部保存")
    await ann.presses_again(card.id, data)
    ann.reads("按钮已过期")
    assert len(saved(office)) == 2
