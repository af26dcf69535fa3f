"""A line typed by a salesperson becomes a record; half-filled forms survive anything; nothing typed is swallowed."""

from __future__ import annotations

from sqlmodel import select

from models.records import Entry, Participant
from tests.office import Office

LINE = "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系"


async def test_one_line_and_one_tap_record_a_contact(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    ann.reads("华航橡胶", "电话", "11月22日 周日 15:00", "张工", "谈了三季度配方", "12月2日 周三", "未保存")
    await ann.presses("保存")
    ann.reads("LX-2026-000001", "12月2日 周三")
    with office.read() as records:
        (entry,) = records.exec(select(Entry)).all()
        (took_part,) = records.exec(select(Participant)).all()
    assert entry.answers["summary"] == "谈了三季度配方"
    assert took_part.staff_id == entry.by_id


async def test_the_same_line_without_a_command_opens_the_same_card(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINE)
    ann.reads("沟通记录", "华航橡胶", "谈了三季度配方", "未保存")


async def test_step_by_step_with_wrong_answers_on_the_way(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("记沟通")
    ann.reads("和哪家客户")
    await ann.says("没有这家")
    ann.reads("没有找到“没有这家”", "和哪家客户")
    await ann.says("yddd")
    ann.reads("没有找到")
    await ann.says("hhxj")
    ann.reads("怎么沟通的")
    await ann.says("飞鸽传书")
    ann.reads("没有“飞鸽传书”这一项")
    await ann.presses("电话")
    ann.reads("什么时候")
    await ann.says("明天下午")
    ann.reads("还没到")
    await ann.says("上周五下午3点")
    ann.reads("谈了什么")
    await ann.says("报价已发，等回复")
    ann.reads("11月20日 周五 15:00", "报价已发，等回复", "未保存")
    await ann.presses("保存")
    ann.reads("LX-2026-000001")


async def test_several_customers_fit_and_one_is_tapped(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/log 远大 电话 今天 问了交期")
    head.reads("符合的有几家")
    await head.presses("宝鸡")
    head.reads("远大机械", "问了交期", "未保存")


async def test_one_answer_is_changed_on_the_card(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    await ann.presses("修改")
    await ann.presses("方式")
    await ann.presses("微信")
    ann.reads("方式：微信", "未保存")
    await ann.presses("修改")
    await ann.presses("下次时间")
    await ann.says("昨天")
    ann.reads("已经过了")
    await ann.says("12月8日")
    ann.reads("12月8日 周二")
    await ann.presses("保存")
    ann.reads("LX-2026-000001", "12月8日 周二")


async def test_saving_twice_saves_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    card = ann.last()
    save = card.buttons[0][0].data or ""
    await ann.presses("保存")
    await ann.presses_again(card.id, save)
    ann.reads("按钮已过期")
    with office.read() as records:
        assert len(records.exec(select(Entry)).all()) == 1


async def test_a_form_left_half_filled_in_is_offered_again(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶")
    ann.reads("怎么沟通的")
    await ann.says("/find 飞翼")
    ann.reads("沈阳飞翼")
    await ann.says("电话")
    ann.reads("什么时候")
    await ann.says("取消")
    ann.reads("留着")
    await ann.says("/menu")
    await ann.presses("继续填：沟通记录")
    ann.reads("什么时候")
    await ann.says("今天上午")
    ann.reads("谈了什么")


async def test_starting_another_form_keeps_the_first(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话")
    await ann.says("/complain 飞翼制造 胶管开裂")
    ann.reads("投诉受理单")
    await ann.presses("保存")
    await ann.says("/menu")
    await ann.presses("继续填：沟通记录")
    ann.reads("什么时候")


async def test_words_out_of_place_are_answered_and_can_be_added(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    await ann.says("他们下月要扩产")
    ann.reads("这句还没有记下", "他们下月要扩产")
    await ann.presses("加到“内容”里")
    ann.reads("谈了三季度配方；他们下月要扩产")
    await ann.says("保存")
    ann.reads("LX-2026-000001")


async def test_a_visit_without_photo_or_location_is_marked(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 走访 今天上午9点 看了新产线")
    ann.reads("无佐证")
    await ann.sends("photo")
    ann.reads("附件：照片")
    ann.reads_nothing_of("无佐证")


async def test_an_anomaly_reaches_the_unit_head_and_the_sales_department_at_once(office: Office) -> None:
    ann, head, sales, amy = office.people("ann", "head", "sales", "amy")
    await ann.says(f"/log {LINE}")
    await ann.presses("修改")
    await ann.presses("异常")
    await ann.presses("是")
    await ann.presses("保存")
    for each in (head, sales):
        each.reads("异常情况", "华航橡胶", "谈了三季度配方")
    amy.reads_nothing_of("异常")


async def test_a_colleagues_customer_can_be_found_but_not_written_to(office: Office) -> None:
    (amy,) = office.people("amy")
    await amy.says("/find 华航")
    amy.reads("西安华航橡胶有限公司", "不在您的权限内")
    amy.reads_nothing_of("13800138001", "张工")
    await amy.says("/log 华航橡胶 电话 今天 谈了配方")
    amy.reads_nothing_of("未保存")


async def test_someone_else_cannot_press_my_button(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await ann.says(f"/log {LINE}")
    save = ann.last().buttons[0][0].data or ""
    await bob.says("/menu")
    await bob.presses_again(bob.last().id, save)
    bob.reads("没有找到，或不在您的权限内")
    with office.read() as records:
        assert not records.exec(select(Entry)).all()


async def test_the_next_step_is_a_clock_and_a_later_talk_keeps_it(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 今天 谈了配方 后天再联系")
    await ann.presses("保存")
    await ann.says("/due")
    ann.reads("再联系", "华航橡胶")
    await office.until("2026-11-25 08:31")
    ann.reads("再联系")
    await ann.presses("1 去登记")
    ann.reads("沟通记录")
    await ann.says("取消")
    await ann.says("/log 华航橡胶 电话 刚才 配方已确认")
    await ann.presses("保存")
    ann.reads("完成")
    await ann.says("/due")
    ann.reads_nothing_of("再联系")


async def test_a_draft_can_be_discarded_but_a_complaints_draft_stays(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话")
    await ann.says("取消")
    await ann.says("/menu")
    await ann.presses("丢弃")
    ann.reads("草稿已丢弃")
    await ann.says("/complain 华航橡胶")
    await ann.says("取消")
    await ann.says("/menu")
    assert "继续填：投诉受理单" in ann.buttons()
    assert "丢弃" not in ann.buttons()


async def test_a_photo_with_a_caption_is_a_contact_with_its_photo(office: Office) -> None:
    (ann,) = office.people("ann")
    office.telegram.sends_photo(ann.user, caption="/log 华航橡胶 走访 今天上午9点 看了新产线")
    await office.service.settle()
    ann.reads("看了新产线", "附件：照片")


async def test_a_look_up_in_the_middle_of_a_form_leaves_the_form_where_it_was(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 刚才 谈了三季度配方")
    await ann.says("/find 飞翼")
    looked_up = ann.buttons()
    await ann.says("保存")
    ann.reads("LX-2026-000001")
    assert looked_up == next(each for each in reversed(ann.bubbles()) if "飞翼" in each.text).labels


async def test_back_from_a_change_leaves_the_card_as_it_was(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    whole = ann.last().text
    for field in ("内容", "对方电话"):
        await ann.presses("修改")
        await ann.presses(field)
        await ann.presses("返回")
        assert ann.last().text == whole


async def test_a_question_in_between_leaves_the_form_its_card(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/log {LINE}")
    await ann.says("/due")
    before = ann.buttons()
    await ann.says("他们下月要扩产")
    assert ann.bubbles()[-2].text.startswith("待办")
    assert [button.text for row in ann.bubbles()[-2].buttons for button in row] == before
    assert not ann.bubbles()[-3].buttons, "the card that was answered by typing"
    await ann.says("保存")
    ann.reads("已记录 LX-2026-000001")
