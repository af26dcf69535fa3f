"""What is passed on or sent belongs to the entry that is open; where none is, it begins one, and is kept until it is said which."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from models.messages import Draft
from models.records import Complaint, Entry
from tests.office import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINE = "华航橡胶 走访 今天早上8点 张工 看了现场"
FRIDAY = datetime(2026, 11, 20, 7, 30, tzinfo=UTC)
"""15:30 in Shanghai."""


def saved(office: Office) -> list[Entry]:
    with office.read() as records:
        return list(records.exec(select(Entry).order_by(col(Entry.id))))


def kinds(entry: Entry) -> list[str]:
    return [each["kind"] for each in entry.attachments]


async def test_a_caption_is_read_as_a_line_and_the_photo_goes_with_it(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("photo", caption=LINE)
    ann.reads("沟通记录", "客户：华航橡胶", "方式：走访", "附件：照片", "未保存")
    ann.reads_nothing_of("无佐证")
    await ann.presses("保存")
    assert kinds(saved(office)[0]) == ["photo"]


@pytest.mark.parametrize("caption", [LINE, None])
async def test_an_album_is_one_entry_on_one_card(office: Office, caption: str | None) -> None:
    (ann,) = office.people("ann")
    await ann.sends("album", 4, caption=caption)
    assert len(ann.bubbles()) == 1
    ann.reads("照片、照片、照片、照片")
    if caption is None:
        await ann.says(LINE)
    await ann.presses("保存")
    (entry,) = saved(office)
    assert (kinds(entry), entry.answers["summary"]) == (["photo"] * 4, "看了现场")


async def test_a_complaint_takes_its_photos_from_the_caption_on(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("photo", caption="华航橡胶 胶管开裂")
    ann.reads("投诉受理单", "胶管开裂", "附件：照片")
    await ann.presses("保存")
    with office.read() as records:
        assert len(records.exec(select(Complaint)).one().evidence) == 1


async def test_a_voice_note_is_kept_and_the_next_text_completes_it(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("voice")
    ann.reads("待归类", "附件：语音", "请用文字写一句要点")
    await ann.says(LINE)
    ann.reads("沟通记录", "附件：语音")
    await ann.presses("保存")
    assert kinds(saved(office)[0]) == ["voice"]


async def test_a_voice_note_with_a_caption_and_one_within_a_form(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("voice", caption="华航橡胶 电话 昨天")
    ann.reads("谈了什么")
    await ann.sends("voice")
    ann.reads("语音已加上，请用文字写下要点", "谈了什么")
    await ann.says("谈了配方")
    ann.reads("附件：语音、语音", "谈了配方")


async def test_a_place_is_proof_of_a_visit_and_keeps_its_name(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINE)
    ann.reads("无佐证")
    await ann.sends("venue", "华航橡胶二厂", "凤城八路")
    ann.reads("附件：位置（华航橡胶二厂 凤城八路）")
    ann.reads_nothing_of("无佐证")
    await ann.presses("保存")
    (entry,) = saved(office)
    assert entry.attachments[0]["latitude"] == pytest.approx(34.3416)


async def test_a_caption_on_a_card_that_waits_is_added_to_its_words(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINE)
    await ann.sends("photo", caption="二号线的接头")
    ann.reads("内容：看了现场；二号线的接头", "附件：照片")


async def test_a_caption_that_is_a_whole_new_entry_is_asked_about_with_all_its_photos(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天")
    await ann.sends("album", 3, caption="飞翼制造 走访 今天早上8点 看了仓库")
    ann.reads("像是新的一条")
    await ann.presses("另记一条")
    ann.reads("客户：飞翼制造", "照片、照片、照片")
    await ann.presses("保存")
    await ann.presses("继续填：沟通记录")
    ann.reads("谈了什么")


async def test_words_passed_on_say_whose_they_are_and_from_when(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.forwards("华航橡胶要追加两吨胶料，下周三发货", "张工", FRIDAY)
    ann.reads("沟通记录")
    await ann.presses("微信")
    ann.reads("11月20日 周五 15:30", "追加两吨胶料", "转发自 张工", "11月25日 周三")
    await ann.presses("保存")
    assert saved(office)[0].at == FRIDAY


async def test_several_passed_on_in_a_row_are_one_entry_on_one_card(office: Office) -> None:
    (ann,) = office.people("ann")
    for text in ("您好", "上次那批密封圈用完了", "能不能再送一些来"):
        await ann.forwards(text, "刘主任", FRIDAY)
    assert len(ann.bubbles()) == 1
    ann.reads("待归类", "您好（转发自 刘主任", "上次那批密封圈用完了（转发自 刘主任", "能不能再送一些来")
    await ann.says("飞翼制造 微信 刚才")
    ann.reads("客户：飞翼制造", "您好", "上次那批密封圈用完了", "能不能再送一些来", "未保存")


async def test_words_passed_on_while_a_form_asks_are_no_answer_but_part_of_the_entry(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶")
    await ann.forwards("电话里说的那批胶料要快", "张工")
    ann.reads("怎么沟通的")
    await ann.presses("微信")
    await ann.presses("刚才")
    ann.reads("电话里说的那批胶料要快（转发自 张工")


async def test_a_command_that_is_passed_on_is_not_obeyed(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.forwards("/complain 华航橡胶 胶管开裂", "某客户")
    ann.reads_nothing_of("TS-2026")
    ann.reads("投诉受理单（未保存）", "/complain", "胶管开裂（转发自 某客户")


async def test_the_kind_is_tapped_where_nothing_more_is_written(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("photo")
    await ann.presses("报投诉")
    ann.reads("投诉受理单", "哪家客户")
    await ann.presses("华航橡胶")
    await ann.says("胶管开裂")
    ann.reads("附件：照片", "未保存")


async def test_what_was_sent_and_left_is_kept_and_offered_again(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("photo")
    await ann.says("取消")
    await ann.says("/menu")
    await ann.presses("继续填：待归类")
    ann.reads("附件：照片")


async def test_a_shared_contact_goes_with_what_was_sent(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.sends("photo")
    await ann.sends("contact", "王工", "13800138009")
    await ann.says("华航橡胶 走访 今天早上8点 看了现场")
    ann.reads("对方：王工", "对方电话：13800138009", "附件：照片")


@pytest.mark.parametrize("trifle", ["sticker", "animation", "dice"])
async def test_trifles_are_answered_politely_and_change_nothing(office: Office, trifle: str) -> None:
    (ann,) = office.people("ann")
    await ann.sends(trifle)
    ann.reads("记不下来")
    await ann.says("/log 华航橡胶")
    await ann.sends(trifle)
    ann.reads("记不下来", "怎么沟通的")
    with office.read() as records:
        (draft,) = records.exec(select(Draft))
        assert "attachments" not in draft.answers


async def test_whoever_records_nothing_is_told_that_nothing_was_kept(office: Office) -> None:
    (auditor,) = office.people("auditor")
    await auditor.sends("photo")
    auditor.reads("没有保存")
