"""A line without a command is one message and one tap; where it is not clear what is meant, a tap says it and nothing is lost."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.customers import Customer
from models.messages import Draft, open_draft
from models.people import Staff
from models.records import Entry, Matter
from tests.office import Office, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def entries(office: Office) -> list[Entry]:
    with office.read() as records:
        return list(records.exec(select(Entry).order_by(Entry.id)))


def drafts(office: Office, state: str) -> list[Draft]:
    with office.read() as records:
        return list(records.exec(select(Draft).where(Draft.state == state).order_by(Draft.id)))


def form_of(office: Office, person: Person) -> Draft:
    """What this person is filling in."""
    with office.read() as records:
        staff = records.exec(select(Staff).where(Staff.telegram_id == person.user)).one()
        found = open_draft(records, staff.id or 0)
        assert found is not None
        return found


OPENS = [
    # what is typed, the form that opens, what the card or the question says
    ("华航橡胶 昨天下午3点 电话 张工 谈了配方", "沟通记录", "张工"),
    ("张工 昨天下午3点 电话 谈了配方", "沟通记录", "客户：华航橡胶"),
    ("昨天下午打电话谈了三季度配方", "沟通记录", "和哪家客户"),
    ("华航橡胶 胶管开裂，要求退货", "投诉受理单", "胶管开裂，要求退货"),
    ("飞翼制造 回访 昨天电话 都满意", "回访记录", "飞翼制造"),
    ("华航橡胶 昨天电话咨询耐油胶管的价格", "咨询登记", "咨询"),
    ("咨询 华航橡胶 昨天 电话 耐油胶管", "咨询登记", "耐油胶管"),
]


@pytest.mark.parametrize(("typed", "form", "said"), OPENS)
async def test_a_line_opens_the_form_of_what_it_is_about(office: Office, typed: str, form: str, said: str) -> None:
    (ann,) = office.people("ann")
    await ann.says(typed)
    ann.reads(form)
    if said not in ann.news():
        assert said in "".join(map(str, form_of(office, ann).answers.values()))


async def test_several_fit_and_unit_and_city_tell_them_apart(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("远大 昨天 电话 问了交期")
    head.reads("符合的有几家")
    assert any("宝鸡市" in each and "西北销售一部" in each for each in head.buttons())
    await head.presses("宝鸡")
    head.reads("客户：远大机械", "问了交期")


async def test_a_customer_not_on_file_is_offered_by_nearest_name_as_new_and_as_none(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("飞冀制造 昨天下午3点 电话 王工 谈了报价")
    ann.reads("没有找到“飞冀制造”")
    assert [each for each in ann.buttons() if "飞翼制造" in each]
    assert {"＋ 新客户 飞冀制造", "改一下", "不是客户"} <= set(ann.buttons())
    await ann.presses("飞翼制造")
    ann.reads("客户：飞翼制造", "谈了报价", "未保存")
    await ann.presses("保存")
    assert entries(office)[0].answers["summary"] == "谈了报价"


async def test_the_name_is_typed_again_with_the_line_in_sight(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("星辰航空 昨天下午3点 电话 王工 谈了报价")
    await ann.presses("改一下")
    ann.reads("您写的：“星辰航空 昨天下午3点 电话 王工 谈了报价”", "和哪家客户")
    await ann.says("华航")
    ann.reads("客户：华航橡胶", "王工", "谈了报价")


async def test_what_looked_like_a_customer_goes_back_to_the_words(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("星辰航空 昨天下午3点 电话 王工 谈了报价")
    await ann.presses("不是客户")
    await ann.says("华航")
    ann.reads("内容：星辰航空，谈了报价")


async def test_a_new_customer_takes_the_whole_line_into_its_card(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("星辰航空 昨天下午3点 电话 王工 谈了报价，下周三再联系")
    await ann.presses("＋ 新客户 星辰航空")
    await ann.says("陕西")
    await ann.presses("保存")
    ann.reads("客户：星辰航空", "11月22日 周日 15:00", "王工", "谈了报价", "12月2日 周三")
    await ann.presses("保存")
    ann.reads("LX-2026-000001")


async def test_a_proposed_complaint_becomes_a_contact_by_one_tap_and_back(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 昨天下午3点 电话 张工 说胶管开裂，下周三再联系")
    ann.reads("投诉受理单", "胶管开裂")
    await ann.presses("只是沟通，改记沟通")
    ann.reads(
        "沟通记录", "方式：电话", "11月22日 周日 15:00", "对方：张工", "说胶管开裂", "再联系", "12月2日 周三", "未保存"
    )
    await ann.presses("修改")
    await ann.presses("内容")
    await ann.says("说胶管开裂，共3根")
    await ann.presses("还是报投诉")
    ann.reads("投诉受理单", "说胶管开裂，共3根", "投诉人：张工", "11月22日 周日 15:00")
    await ann.presses("只是沟通，改记沟通")
    ann.reads("方式：电话", "说胶管开裂，共3根", "12月2日 周三")
    await ann.presses("保存")
    ann.reads("LX-2026-000001")
    with office.read() as records:
        assert records.exec(select(Matter)).first() is None


async def test_a_proposed_callback_becomes_a_contact(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("飞翼制造 昨天下午3点 电话 刘主任 回访了产品使用情况")
    ann.reads("回访记录")
    await ann.presses("只是沟通，改记沟通")
    ann.reads("沟通记录", "飞翼制造", "回访了产品使用情况", "未保存")


async def test_a_contact_that_sounds_like_one_offers_no_complaint(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 昨天 电话 谈了配方")
    assert not [each for each in ann.buttons() if "投诉" in each]


async def test_words_that_nobody_understands_become_what_is_tapped(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("今天天气不错")
    ann.reads("没看懂这句话，没有记录", "“今天天气不错”")
    assert {"记沟通", "报投诉", "查客户"} <= set(ann.buttons())
    await ann.presses("记沟通")
    ann.reads("和哪家客户")
    await ann.presses("华航橡胶")
    await ann.presses("电话")
    await ann.presses("刚才")
    ann.reads("内容：今天天气不错")


async def test_words_that_nobody_understands_can_be_looked_up_and_stay(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("今天天气不错")
    card = ann.last()
    await ann.presses("查客户")
    ann.reads("没有找到")
    assert "今天天气不错" in next(each.text for each in ann.bubbles() if each.id == card.id)


async def test_whoever_records_nothing_is_offered_nothing_to_record(office: Office) -> None:
    (auditor,) = office.people("auditor")
    await auditor.says("今天天气不错")
    auditor.reads("没看懂")
    assert not {"记沟通", "报投诉"} & set(auditor.buttons())


# While a form asks something


NEW = "飞翼制造 昨天下午3点 微信 刘主任 报价已发"


async def test_a_whole_new_entry_is_not_taken_for_an_answer(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天")
    ann.reads("谈了什么")
    await ann.says(NEW)
    ann.reads("像是新的一条", "沟通记录")
    await ann.presses("另记一条")
    ann.reads("客户：飞翼制造", "报价已发", "未保存")
    await ann.presses("保存")
    await ann.presses("继续填：沟通记录")
    ann.reads("谈了什么")
    await ann.says("谈了配方")
    ann.reads("客户：华航橡胶", "内容：谈了配方")


async def test_or_it_is_the_answer_word_for_word(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天")
    await ann.says(NEW)
    await ann.presses("填进这张单")
    ann.reads("客户：华航橡胶", f"内容：{NEW}", "未保存")


async def test_what_only_sounds_like_an_entry_is_an_answer(office: Office) -> None:
    (ann,) = office.people("ann")
    for answer in ("华航橡胶的胶管配方", "昨天电话里说的配方", "飞翼制造也要同样的胶管"):
        await ann.says("/log 华航橡胶 电话 昨天")
        await ann.says(answer)
        ann.reads(f"内容：{answer}", "未保存")
        await ann.says("/cancel")


async def test_a_command_without_its_slash_is_asked_about_where_it_may_be_the_answer(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天")
    await ann.says("投诉 飞翼制造 胶管开裂")
    ann.reads("是命令，还是“沟通记录”里的回答")
    await ann.presses("执行命令")
    ann.reads("投诉受理单", "飞翼制造")
    await ann.says("/menu")
    await ann.says("/log 华航橡胶 电话 昨天")
    await ann.says("投诉 飞翼制造 胶管开裂")
    await ann.presses("填进这张单")
    ann.reads("内容：投诉 飞翼制造 胶管开裂")


async def test_what_can_not_be_taken_is_shown_and_can_be_added(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话")
    ann.reads("什么时候")
    await ann.says("对方说要扩产")
    ann.reads("您写的“对方说要扩产”还没有记下", "什么时候")
    await ann.presses("加到“内容”里")
    await ann.presses("刚才")
    ann.reads("内容：对方说要扩产")


# A message that is changed after it was sent


async def test_a_changed_line_is_read_again_and_answers_given_since_then_stay(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 昨天下午3点 电话 张工 谈了配方")
    await ann.presses("修改")
    await ann.presses("方式")
    await ann.presses("微信")
    await ann.edits("华航橡胶 前天下午3点 电话 张工 谈了配方和价格")
    ann.reads("已按改过的消息重新填写", "方式：微信", "11月21日 周六 15:00", "谈了配方和价格", "未保存")
    await ann.presses("保存")
    ann.reads("LX-2026-000001")
    await ann.edits("华航橡胶 前天 电话 张工 谈了价格")
    ann.reads("LX-2026-000001", "改消息不会改记录", "更正")
    await ann.presses("更正")
    ann.reads("谈了配方和价格")
    assert len(entries(office)) == 1


async def test_a_changed_command_line_is_read_again_too(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 昨天下午3点 电话 谈了配方")
    await ann.edits("/log 飞翼制造 昨天下午3点 电话 谈了配方")
    ann.reads("客户：飞翼制造", "谈了配方")


async def test_a_line_that_was_not_understood_is_read_anew_when_changed(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("今天天气不错")
    await ann.edits("华航橡胶 昨天下午3点 电话 谈了配方")
    ann.reads("沟通记录", "客户：华航橡胶", "未保存")
    assert ann.count("没看懂") == 0


async def test_a_changed_answer_is_not_taken_in_silence(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天")
    await ann.says("谈了配方")
    await ann.edits("谈了价格")
    ann.reads("没有重新读", "修改")
    with office.read() as records:
        assert records.exec(select(Customer)).first() is not None
