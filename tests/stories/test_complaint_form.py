"""投诉受理单: the complaint's form as a PDF, with its whole story, versions, and places to sign."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models import audit
from models.audit import Audit, AuditBody
from models.messages import Outbox
from models.people import Staff
from models.printed_forms import PrintedForm
from models.records import Entry
from papers import complaint_form
from papers.complaint_form import HEADINGS, NotToBePrintedError
from papers.glyphs import FONT, characters, printable
from tests.company import PEOPLE
from tests.office import Office, Person
from tests.papers import content, pages
from tests.planted import presses_planted
from tests.stories.test_sealing_people import FOUR_YEARS, NAME, PHONE, a_settled_complaint, sealed

FILE = "投诉受理单-TS-2026-0001-第{}版.pdf"


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def does(who: Person, button: str, *said: str) -> None:
    """A step of the complaint, from 详情: what is said, or pressed where it begins with a dot."""
    await who.says("/case 1")
    await who.presses(button)
    for each in said:
        await (who.presses(each[1:]) if each.startswith(".") else who.says(each))
    await who.presses("保存")


async def printed(office: Office, who: Person) -> str:
    """The words of the form, asked for by its button."""
    await who.says("/case 1")
    await who.presses("受理单")
    who.reads("正在生成，马上发给您")
    return "".join(pages(content(office, who, ".pdf")))


async def close(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await does(ann, "已解决", "硫化时间不足", "调整工艺，已换货")
    await does(sales, "客户确认", ".是", ".无")
    await does(ann, "效果评价", ".有效", "没有再漏")
    await does(sales, "结案", "工艺问题，已整改")


def name_of(who: Person) -> str:
    attachment = who.last().attachment
    return attachment.note if attachment else ""


# What it says


async def test_the_whole_record_by_a_button(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann)
    await does(ann, "写进展", "已联系客户，样品寄回", ".部门和客户")
    await does(ann, "到场处理", ".刚才")
    await does(head, "批示", ".批示 1", "请把样品寄给张工", "后天")
    await close(office)
    form = await printed(office, ann)
    ann.reads("📎 投诉受理单 TS-2026-0001　第1版")
    assert name_of(ann) == FILE.format(1)
    for each in (
        "投诉受理单TS-2026-0001第1版",
        "客户西安华航橡胶有限公司单位西北销售一部",
        "投诉人张工电话13800138001",
        "类型产品质量",
        "受理时间2026年11月23日周一09:00受理人安然",
        "省内外省内需到现场是",
        "到场时限24小时，2026年11月24日周二09:00前时限执行2026年11月23日周一09:00到场处理，在时限内",
        "主管部门质监部责任单位待定责任人安然",
        "状态已结案结案时间2026年11月23日周一09:00",
        "投诉内容胶管开裂",
        "证据无",
        "原因硫化时间不足纠正措施调整工艺，已换货客户反馈满意；反馈：无",
        "结案小结工艺问题，已整改",
        "安然受理：胶管开裂",
        "安然进展：已联系客户，样品寄回（已报主管部门、客户）",
        "安然到场处理无佐证",
        "安然已处理：硫化时间不足；调整工艺，已换货",
        "肖红结案：工艺问题，已整改",
        "PS-2026-0001",
        "何建国→安然：请把样品寄给张工（2026年11月25日",
        "受理人主管部门责任单位主管领导销售部",
        "安然（工号S01）打印于2026年11月23日周一09:00第1版",
        "第1页，共1页",
    ):
        assert each in form, f"{each!r} is not in {form}"


async def test_the_responsible_unit_and_its_limit_stand_in_the_heading(office: Office) -> None:
    ann, quality = office.people("ann", "quality")
    await complain(ann)
    await does(quality, "定责任单位", ".西北销售一部", "后天17点")
    told = "责任单位西北销售一部处理时限2026年11月25日周三17:00前"
    assert told in await printed(office, ann)
    await close(office)
    assert told + "处理时限执行2026年11月23日周一09:00已处理，在时限内" in await printed(office, ann)


async def test_the_same_story_before_and_after_in_detail_and_on_paper(office: Office) -> None:
    ann, amy, sales = office.people("ann", "amy", "sales")
    await complain(ann)
    await does(sales, "指派", "艾梅")
    await does(amy, "已解决", "硫化时间不足", "已换货")
    await does(sales, "客户确认", ".否", "还在漏")
    await sales.says("/case 1")
    for each in (
        "受理：胶管开裂",
        "肖红 责任人 安然 → 艾梅",
        "艾梅 已处理：硫化时间不足；已换货",
        "客户不满意，要求重新处理：还在漏",
    ):
        sales.reads(each)
    told = sales.news()
    order = [told.index(each) for each in ("受理：", "责任人 安然", "已处理：", "客户不满意")]
    assert order == sorted(order), "in the order in which it was done, within a minute too"
    form = await printed(office, sales)
    for each in ("肖红责任人安然→艾梅", "责任人艾梅", "肖红客户不满意，要求重新处理：还在漏"):
        assert each in form


async def test_a_limit_that_passed_is_said(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    assert "时限执行计时中" in await printed(office, ann)
    await office.sleeps("25h")
    assert "时限执行已超时限，仍在计时" in await printed(office, ann)
    await does(ann, "到场处理", ".刚才")
    assert "到场处理，已超时限" in await printed(office, ann)


async def test_in_english_for_who_reads_english(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await ann.says("/lang en")
    await ann.says("/case 1")
    await ann.presses("Complaint form")
    assert name_of(ann) == "Complaint form-TS-2026-0001-v1.pdf"
    form = "".join(pages(content(office, ann, ".pdf")))
    for each in (
        "Personresponsible",
        "24hours,byTue24Nov202609:00",
        "安然acceptedit:胶管开裂",
        "Signature",
        "Page1of1",
        "staffnumberS01",
    ):
        assert each in form, form


# Versions


async def test_the_same_content_keeps_its_number_and_a_change_gets_the_next(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    for version, who, say_more in ((1, ann, False), (1, sales, False), (2, ann, True), (2, sales, False)):
        if say_more:
            await does(ann, "写进展", "样品寄回", ".部门和客户")
        assert f"第{version}版" in await printed(office, who)
        assert name_of(who) == FILE.format(version)
    await ann.says("/lang en")
    await ann.says("/case 1")
    await ann.presses("Complaint form")
    assert name_of(ann) == "Complaint form-TS-2026-0001-v2.pdf", "the language makes no other content"
    with office.read() as session:
        printings = session.exec(
            select(AuditBody.body).join(Audit).where(Audit.action == "complaint.print").order_by(Audit.id)  # type: ignore[arg-type]
        ).all()
        assert [(each["version"], each["staff"]) for each in printings] == [
            (1, [number(office, "ann")]),
            (1, [number(office, "sales")]),
            (2, [number(office, "ann")]),
            (2, [number(office, "sales")]),
            (2, [number(office, "ann")]),
        ]
        assert [each.version for each in session.exec(select(PrintedForm))] == [1, 2]


def number(office: Office, who: str) -> int:
    with office.read() as session:
        found = session.exec(select(Staff.id).where(Staff.number == PEOPLE[who][0])).one()
        assert found is not None
        return found


async def test_what_was_printed_stays_on_record(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await printed(office, ann)
    for each in (
        "UPDATE printed_form SET version = 2",
        "UPDATE printed_form SET salt = ''",
        "DELETE FROM printed_form",
    ):
        with pytest.raises(DBAPIError, match="what is on record stays"), office.store.write() as session:
            session.execute(text(each))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_changed_before_it_was_sent_is_not_sent_under_the_old_number(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await printed(office, ann)
    await does(ann, "写进展", "样品寄回", ".部门和客户")
    with office.read() as session, pytest.raises(NotToBePrintedError, match="has changed since version 1"):
        make(office, session, "ann")


def make(office: Office, session: object, who: str, version: int = 1) -> bytes:
    staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()  # type: ignore[attr-defined]
    args = {"matter": 1, "version": version}
    return complaint_form.make(session, office.house, staff, args, office.clock.now()).content  # type: ignore[arg-type]


# Who gets it


async def test_the_wrong_person_gets_nothing(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await printed(office, ann)
    for who in ("bob", "east", "logistics", "admin"):
        person = await presses_planted(office, who, "complaint.form", matter=1)
        person.reads("没有找到，或不在您的权限内")
        with office.read() as session, pytest.raises(NotToBePrintedError, match="is not for"):
            make(office, session, who)
    with office.read() as session:
        assert len([each for each in session.exec(select(Outbox)) if each.document]) == 1


async def test_at_closing_it_goes_to_those_concerned(office: Office) -> None:
    ann, amy, sales, quality, head = office.people("ann", "amy", "sales", "quality", "head")
    await complain(ann)
    await does(sales, "指派", "艾梅")
    await does(amy, "已解决", "硫化时间不足", "已换货")
    await does(sales, "客户确认", ".是", ".无")
    await does(amy, "效果评价", ".有效", "没有再漏")
    await does(sales, "结案", "已整改")
    for each in (amy, sales, quality):
        files = [bubble.attachment.note for bubble in each.bubbles() if bubble.attachment]
        assert files == [FILE.format(1)], each.name
        each.reads("📎 投诉受理单 TS-2026-0001　第1版")
    for each in (ann, head):
        assert not [bubble for bubble in each.bubbles() if bubble.attachment], each.name
    assert "结案小结已整改" in await printed(office, quality)
    assert name_of(quality) == FILE.format(1), "nothing has changed since it was closed"


async def test_of_a_secret_customer_no_file_is_sent(office: Office) -> None:
    ann, sales, quality = office.people("ann", "sales", "quality")
    await complain(ann)
    await sales.says("/codename 华航橡胶 甲一 保密协议2026-3")
    await sales.presses("保存")
    await ann.says("/case 1")
    await ann.presses("受理单")
    ann.reads("TS-2026-0001 的客户是涉密客户，受理单不通过 Telegram 发送")
    await close(office)
    for each in (ann, sales, quality):
        assert not [bubble for bubble in each.bubbles() if bubble.attachment]
    with office.read() as session:
        assert not session.exec(select(PrintedForm)).all()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_customer_marked_while_the_file_waits_is_not_sent(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await printed(office, ann)
    await sales.says("/codename 华航橡胶 甲一 保密协议2026-3")
    await sales.presses("保存")
    with office.read() as session, pytest.raises(NotToBePrintedError, match="goes by its code name"):
        make(office, session, "ann")


async def test_another_customer_that_is_secret_stays_so_on_paper(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await sales.says("/codename 飞翼制造 甲一 保密协议2026-3")
    await sales.presses("保存")
    await complain(ann)
    await does(ann, "写进展", "飞翼制造也有同样问题", ".部门和客户")
    form = await printed(office, ann)
    assert "甲一也有同样问题" in form
    assert "飞翼" not in form


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_sealed_identity_does_not_come_back(office: Office) -> None:
    await a_settled_complaint(office)
    (sales,) = office.people("sales")
    before = await printed(office, sales)
    assert NAME in before
    assert PHONE in before
    with office.read() as session:
        last = session.exec(select(PrintedForm.version)).all()[-1]
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    after = await printed(office, sales)
    assert name_of(sales) == FILE.format(last + 1), "what was sealed is a change"
    assert "「已封存·" in after
    for each in (NAME, "欧阳", "秋实", PHONE):
        assert each not in after
    with office.read() as session:
        assert {each.salt for each in session.exec(select(PrintedForm)) if each.version <= last} == {""}


# Whatever was typed

HOSTILE = r'#set page(width:1cm) #panic("x") $x^2$ [a] `b` \ @ref *bold* _it_ // no /* c */ <label> "q" -- ~ <b>b</b> &lt; {page}'


async def test_whatever_was_typed_is_printed_as_it_stands(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    await does(ann, "写进展", HOSTILE, ".部门和客户")
    form = await printed(office, ann)
    assert "".join(HOSTILE.split()) in form


async def test_many_entries_and_long_words_run_over_several_pages(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    with office.store.write() as session:
        first = session.exec(select(Entry)).one()
        for each in range(60):
            session.add(entry(office, first, "progress", {"to": ["customer"], "text": f"第{each}次 " + "长" * 300}))
        session.add(entry(office, first, "progress", {"to": ["customer"], "text": "https://" + "a" * 900}))
    await ann.says("/case 1")
    await ann.presses("受理单")
    found = pages(content(office, ann, ".pdf"))
    assert len(found) > 8
    for count, each in enumerate(found, 1):
        assert "TS-2026-0001" in each
        assert f"第{count}页，共{len(found)}页" in each
    whole = "".join(found)
    assert all(f"第{each}次长" in whole for each in range(60))
    assert whole.count("a" * 24) >= 900 // 24 - len(found)


def entry(office: Office, first: Entry, kind: str, answers: dict[str, object]) -> Entry:
    now = office.clock.now() + timedelta(seconds=1)
    return Entry(
        kind=kind,
        customer_id=first.customer_id,
        matter_id=first.matter_id,
        at=now,
        written_at=now,
        by_id=first.by_id,
        answers=answers,
    )


async def test_a_kind_that_has_no_words_yet_is_told_all_the_same(office: Office) -> None:
    (ann,) = office.people("ann")
    await complain(ann)
    odd = {"text": "先停线", "handler": 999, "odd": {"deep": [1, {"x": None}]}, "to": "nobody", "satisfied": None}
    with office.store.write() as session:
        first = session.exec(select(Entry)).one()
        session.add(entry(office, first, "no_such_kind", odd))
        session.add(entry(office, first, "another_kind", {}))
        now, me = office.clock.now(), first.by_id
        audit.record(session, now, me, "complaint.odd", "complaint:1", before={"type": "quality"}, after=None)
        audit.record(session, now, None, "complaint.strange", "complaint:1", before="甲方案", after="乙方案")
    await ann.says("/case 1")
    ann.reads("安然 其他记录：先停线", "改动：甲方案 → 乙方案")
    form = await printed(office, ann)
    assert "安然其他记录：先停线" in form
    assert "改动：甲方案→乙方案" in form


# The font


def test_the_font_has_every_character_of_common_chinese() -> None:
    gb2312 = {
        ord(bytes([high, low]).decode("gb2312"))
        for high in range(0xB0, 0xF8)
        for low in range(0xA1, 0xFF)
        if (high, low) < (0xD7, 0xFA) or high > 0xD7
    }
    assert len(gb2312) == 6763
    assert gb2312 <= characters()
    assert set(range(0x4E00, 0x9FA6)) <= characters(), "all of GBK"
    assert {ord(each) for each in "䶮㙍𠮷𬴂𫖮，。；：“”（）〔〕→①℃±×"} <= characters()
    assert FONT.stat().st_size < 10_000_000


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("䶮羽𬴂", "䶮羽𬴂"),
        ("好的😊", "好的〔U+1F60A〕"),
        ("⚠️注意", "⚠注意"),
        ("a\u202eb", "a〔U+202E〕b"),
        ("\ue000", "〔U+E000〕"),
        ("a\tb\r\nc", "a b\nc"),
        ("e\u0301", "é"),
        ("\x07", "〔U+0007〕"),
    ],
)
def test_what_the_font_lacks_is_printed_by_its_number(typed: str, shown: str) -> None:
    assert printable(typed) == shown


PLAIN = ("number", "version", "text", "order_number", "printed")


def test_the_file_is_the_same_wherever_it_is_made() -> None:
    """Another process, another time zone, nothing of this machine's settings: the same bytes."""
    page = {
        "lang": "zh",
        **dict.fromkeys((*HEADINGS, *PLAIN), "胶管 A1"),
        "facts": [["a", "b"]],
        "results": [],
        "steps": [],
        "ordered": [],
    }
    page |= {"signers": ["a"], "pages": "{page}/{pages}"}
    code = f"from papers.complaint_form import compiled; import sys; sys.stdout.buffer.write(compiled({page!a}))"
    env = {**os.environ, "TZ": "Asia/Tokyo", "LANG": "ja_JP.UTF-8"}
    made = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
    assert made.stdout == complaint_form.compiled(page)
