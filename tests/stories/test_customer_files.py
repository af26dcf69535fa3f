"""客户档案 (articles 30 and 31): gaps filled by one tap, confidential parts on record and gone again, papers that expire."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from models import files, openings
from models.audit import Audit, AuditBody
from models.clocks import Clock
from models.customers import Customer
from models.customers import Person as Contact
from models.files import Keeper, Paper, StoredFile
from models.messages import Card, Outbox
from models.people import Assignment, Staff, key
from rules.file_parts import FilePart, Section
from simulator.files import sample_photo
from simulator.people import Bubble
from tests.company import PEOPLE
from tests.office import Office, Person
from tests.papers import table
from tests.planted import presses_planted

CREDIT = "AA级，授信五十万"


async def a_file(office: Office) -> Person:
    """Ann's key customer, with its credit standing and a licence on file."""
    (ann,) = office.people("ann")
    with office.store.write() as session:
        keeper = Keeper(session, office.house, called(session), member(session, "ann"), office.clock.now())
        keeper.set(FilePart.CREDIT, CREDIT)
        licence = Paper(customer_id=key(keeper.customer), kind="licence", expires_on=date(2031, 5, 1))
        keeper.add_paper(licence)
    await ann.says("/file 华航橡胶")
    return ann


def called(session: Session, name: str = "华航橡胶") -> Customer:
    return session.exec(select(Customer).where(Customer.short_name == name)).one()


def member(session: Session, who: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()


def opened(office: Office) -> list[tuple[str, str, str | None]]:
    """What the audit says of openings: what, which part, by what right."""
    with office.read() as session:
        rows = session.exec(select(Audit, AuditBody).join(AuditBody, col(AuditBody.audit_id) == Audit.id))
        found = [(row.action, body.body) for row, body in rows if row.action in ("file.open", "file.export")]
    return [(action, body["part"], body["ground"]) for action, body in found]


def clock(office: Office, rule: str, name: str = "华航橡胶") -> Clock:
    with office.read() as session:
        customer = called(session, name)
        found = session.exec(select(Clock).where(Clock.rule == rule, Clock.post == f"owner@{customer.id}"))
        return list(found)[-1]


def shown(who: Person, text: str) -> list[Bubble]:
    return [each for each in who.bubbles() if text in each.text]


# What is on file, what is missing


async def test_what_is_missing_is_one_tap_from_being_filled(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await ann.says("档案 华航橡胶")
    ann.reads(
        "完整度 1/9", "缺：客户类型、专管员、生产情况、资信情况、信用代码、营业执照、年度报表、基本账户信息", "张工"
    )
    assert "＋ 专管员" not in ann.buttons(), "whoever leads names the custodian"
    await ann.does("＋ 客户类型", ".主营业务客户")
    ann.reads("✅ 已更新：客户类型", "完整度 2/9", "客户类型：主营业务客户", "专管员：由业务单位负责人或销售部指定")
    await ann.does("＋ 生产情况", "密炼机四台，年产胶管两百万米")
    await ann.does("＋ 资信情况", CREDIT)
    ann.reads_nothing_of(CREDIT)
    await ann.does("＋ 信用代码", "91610131MA6TX3F12X", "91350100M000100Y43")
    await ann.presses("＋ 营业执照")
    await ann.sends("photo")
    await ann.says("2020-05-01")
    ann.reads("已经过期")
    await ann.says("等通知")
    ann.reads("请写 2031-05-01 这样的日期")
    await ann.says("2031-05-01")
    await ann.presses("保存")
    await ann.does("＋ 年度报表", ".长期有效")
    await ann.does("＋ 基本账户信息", ".长期有效")
    ann.reads("完整度 8/9", "缺：专管员")
    await head.says("/file 华航橡胶")
    await head.does("＋ 专管员", "艾梅")
    head.reads("完整度 9/9", "齐全", "专管员：艾梅")
    assert clock(office, files.GAP).stopped_by == "whole"


async def test_the_card_of_a_customer_says_how_whole_its_file_is(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await ann.says("/find 华航橡胶")
    await ann.presses("📂 档案 1/9")
    ann.reads("完整度 1/9")
    await bob.says("/find 海润轮胎")
    await bob.presses("📂 档案 0/4")
    await bob.does("＋ 发展记录", "有意向试用密封圈")
    bob.reads("完整度 1/4", "有意向试用密封圈")


async def test_people_who_leave_stay_on_file_and_no_longer_count(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/file 华航橡胶")
    await ann.presses("修改档案")
    await ann.presses("联系人")
    await ann.presses("第 1 人")
    await ann.does("记生日", "下个月", "13月2日", "1971-02-29", "1971-03-02")
    await ann.presses("改职务")
    await ann.says("技术总监")
    await ann.presses("保存")
    ann.reads("张工 技术总监")
    await ann.presses("标为已离职")
    ann.reads("已离职")
    await ann.says("/file 华航橡胶")
    ann.reads("完整度 0/9", "张工 技术总监", "已离职")
    ann.reads_nothing_of("1971")
    await ann.presses("🔒 联系人生日")
    ann.reads("张工 技术总监 1971年3月2日")
    with office.read() as session:
        assert session.exec(select(Contact).where(Contact.name == "张工")).one().left_on == date(2026, 11, 23)


async def test_every_change_keeps_what_stood_there_before(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("修改档案")
    await ann.does("改资信情况", "B级")
    await ann.presses("修改档案")
    await ann.presses("核对无误")
    await ann.presses("🔒 修改记录")
    ann.reads(f"安然　资信情况：{CREDIT} → B级", "营业执照：（空） → 2031-05-01", "核对")


# Confidential parts


async def test_an_opening_is_on_record_can_not_be_passed_on_and_is_deleted_again(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("🔒 资信情况")
    ann.reads(CREDIT, "查阅已留痕（责任业务员）", "10:00 自动删除")
    assert opened(office)[-1] == ("file.open", "credit", "owner")
    assert office.telegram.calls_of("sendMessage")[-1].params["protect_content"] in (True, "true")
    await office.passes("59min")
    assert shown(ann, CREDIT)
    await office.passes("1min")
    assert not shown(ann, CREDIT)
    with office.read() as session:
        texts = [str(each.text) for table in (Card, Outbox) for each in session.exec(select(table))]
    assert not [each for each in texts if "file.opened" in each], "nor does it stay in our messages"
    assert len([each for each in texts if "file.vanished" in each]) == 3, "card, message and deletion"
    await ann.says("/file 华航橡胶")
    await ann.presses("🔒 资信情况")
    await ann.presses("看完了，删除")
    assert not shown(ann, CREDIT), "at once, by one tap"


async def test_a_deletion_is_owed_through_an_outage_and_too_late_it_is_written_over(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("🔒 资信情况")
    await office.sleeps("30h")
    assert not shown(ann, CREDIT)
    await ann.says("/file 华航橡胶")
    await ann.presses("🔒 资信情况")
    await office.sleeps("50h")
    assert not shown(ann, CREDIT)
    assert shown(ann, "内容已删除")


async def test_what_comes_too_late_is_not_shown_at_all(office: Office) -> None:
    ann = await a_file(office)
    with office.store.write() as session:
        now = office.clock.now()
        held = Outbox(unique_key="late", chat_id=ann.user, message_class="reply", priority=2, created_at=now)
        held.text, held.vanish_at, held.next_try_at = (
            {"say": "menu"},
            now + timedelta(hours=1),
            now + timedelta(hours=2),
        )
        session.add(held)
    await office.passes("3h")
    with office.read() as session:
        assert session.exec(select(Outbox.state).where(Outbox.unique_key == "late")).one() == "superseded"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_deletion_that_failed_is_done_again(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("🔒 资信情况")
    office.telegram.faults.add(kind="server_error_html", method="deleteMessage", times=4)
    await office.passes("1h")
    assert shown(ann, CREDIT)
    for _ in range(5):
        await office.passes("1min")
    assert not shown(ann, CREDIT)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_can_not_be_put_on_record_is_not_shown(office: Office) -> None:
    ann = await a_file(office)

    def fail(_mapper: object, _connection: object, row: Audit) -> None:
        if row.action == openings.OPENED:
            raise RuntimeError("no more room")

    event.listen(Audit, "before_insert", fail)
    try:
        await ann.presses("🔒 资信情况")
    finally:
        event.remove(Audit, "before_insert", fail)
    ann.reads_nothing_of(CREDIT)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_request_opens_only_what_was_asked_for_to_whom_asked_it(office: Office) -> None:
    await a_file(office)
    amy, sales = office.people("amy", "sales")
    await amy.says("/file 华航橡胶")
    await amy.does("申请查阅档案", ".资信情况", "合同评审")
    await sales.presses("同意")
    now = office.clock.now()
    with office.read() as session:
        here = key(called(session))
        open_to = {
            (who, part)
            for who in ("amy", "bob", "finance")
            for part in Section
            if openings.granted(session, office.house, key(member(session, who)), here, part, now) is not None
        }
    assert open_to == {("amy", Section.CREDIT)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_owner_does_not_name_the_custodian(office: Office) -> None:
    """Whoever keeps a file sees it by right: no owner gives that away without those who lead."""
    ann = await a_file(office)
    with office.read() as session:
        here = key(called(session))
    await presses_planted(office, "ann", "file.fill", customer=here, part="custodian")
    ann.reads("没有找到，或不在您的权限内")


async def test_whoever_has_no_right_asks_and_somebody_else_approves_for_eight_hours(office: Office) -> None:
    await a_file(office)
    amy, sales, ann = office.people("amy", "sales", "ann")
    await amy.says("/file 华航橡胶")
    amy.reads_nothing_of("张工", "13800138001", "完整度")
    await amy.does("申请查阅档案", ".资信情况", "合同评审要核对授信")
    amy.reads("已申请查阅：资信情况", "肖红")
    amy.reads_nothing_of(CREDIT)
    await amy.says("/file 华航橡胶")
    amy.reads("等待 肖红 同意")
    assert amy.buttons() == []
    await sales.says("审批")
    await sales.presses("第 1 件")
    sales.reads("DA-2026-0001", "艾梅", "华航橡胶：资信情况（同意后 8 小时内可查阅）", "合同评审要核对授信")
    await sales.presses("同意")
    amy.reads("肖红", "同意")
    await amy.presses("🔒 资信情况")
    amy.reads(CREDIT, "申请获同意")
    assert opened(office)[-1] == ("file.open", "credit", "request")
    await office.passes("7h 59min")
    await amy.says("/file 华航橡胶")
    amy.reads("🔓 资信情况：可查阅到 11月23日 周一 17:00")
    await amy.presses("🔒 资信情况")
    amy.reads(CREDIT, "17:00 自动删除")
    await office.passes("1min")
    assert not shown(amy, CREDIT)
    await amy.says("/file 华航橡胶")
    assert amy.buttons() == ["申请查阅档案"]
    await ann.says("/file 华航橡胶")
    await ann.presses("谁看过")
    ann.reads("艾梅　资信情况（申请获同意）", "合同评审要核对授信", "安然　基本档案（责任业务员）")


async def test_an_old_button_opens_nothing_when_the_eight_hours_are_over(office: Office) -> None:
    await a_file(office)
    finance, sales = office.people("finance", "sales")
    await finance.says("/file 华航橡胶")
    await finance.does("申请查阅档案", ".全部档案", "核对账户")
    await sales.presses("同意")
    await finance.presses("🔒 证照和账户")
    finance.reads("营业执照", "2031年5月1日")
    await office.passes("8h")
    before = len(opened(office))
    await finance.presses("🔒 资信情况")
    finance.reads("没有权限，或查阅时间已过")
    finance.reads_nothing_of(CREDIT)
    assert len(opened(office)) == before


async def test_nobody_approves_their_own_request(office: Office) -> None:
    """Also where the post that decides is their own, or comes to be: it goes to the next in line."""
    amy, head = office.people("amy", "head")
    await amy.says("/file 远大密封")
    await amy.does("申请查阅档案", ".证照和账户", "办理开票")
    head.reads("查阅客户档案")
    office.store.run_here(_heads_the_unit, "amy", office.clock.now())
    await amy.says("审批")
    assert amy.buttons() == []
    await head.does("退回", "请找安然")
    amy.reads("请找安然")


def _heads_the_unit(session: Session, who: str, now: datetime) -> None:
    """Somebody else is put beside the head of their unit."""
    staff = member(session, who)
    seat = session.exec(select(Assignment).where(Assignment.staff_id == key(staff))).one()
    session.add(Assignment(staff_id=key(staff), role="unit_head", unit_id=seat.unit_id, starts=now))


async def test_a_file_is_not_spoken_of_in_a_group(office: Office) -> None:
    ann = await a_file(office)
    group = office.telegram.group("西北销售一部", [ann.user])
    await office.service.settle()
    bubble = ann.last()
    data = next(each.data for row in bubble.buttons for each in row if each.text == "🔒 资信情况")
    before = opened(office)
    office.telegram.says(ann.user, "/file 华航橡胶", chat=group)
    office.telegram.presses(ann.user, 1, str(data), chat=group)
    await office.service.settle()
    said = [each.text for each in office.telegram.chat(ann.user, chat=group) if each.by_bot]
    assert said == ["客户资料只在私聊中处理，请点我的头像私聊。"]
    assert opened(office) == before


async def test_the_auditors_own_openings_are_on_record_too(office: Office) -> None:
    await a_file(office)
    (auditor, admin) = office.people("auditor", "admin")
    await auditor.says("/file 华航橡胶")
    assert not [each for each in auditor.buttons() if each.startswith(("＋", "修改"))], "they change no record"
    await auditor.presses("🔒 资信情况")
    auditor.reads(CREDIT, "岗位权限")
    await auditor.presses("谁看过")
    auditor.reads("沈明　资信情况（岗位权限）")
    await admin.says("/file 华航橡胶")
    admin.reads_nothing_of("华航橡胶", "完整度")
    assert not [each for each in admin.buttons() if "档案" in each]


async def test_an_export_is_on_record_part_by_part_and_goes_again(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("导出 Excel")
    cells = "\n".join("　".join(row) for row in table(office, ann))
    assert CREDIT in cells
    assert "张工" in cells
    assert [part for action, part, _ in opened(office) if action == "file.export"] == [
        *("basic", "credit", "papers", "personal", "preferences", "history")
    ]
    await office.passes("1h")
    assert not shown(ann, "全部档案\n")


# Papers, reviews, gaps


async def test_a_paper_that_expires_reminds_its_owner_thirty_days_before_until_it_is_renewed(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("修改档案")
    await ann.does("改营业执照", "2026-12-30")
    assert clock(office, files.EXPIRY).due_at.date() == date(2026, 11, 30)
    await office.sleeps("6d 23h")
    await office.until("2026-11-30 08:31")
    ann.reads("华航橡胶：营业执照 12月30日 周三到期", "第三十条")
    await ann.presses("看档案")
    await ann.presses("修改档案")
    await ann.does("改营业执照", "2036-12-30")
    await ann.says("/due")
    ann.reads_nothing_of("营业执照")
    await office.sleeps("31d")
    await ann.says("/file 华航橡胶")
    ann.reads_nothing_of("营业执照、")


async def test_a_file_untouched_for_a_year_is_put_before_its_owner(office: Office) -> None:
    ann = await a_file(office)
    due = clock(office, files.REVIEW).due_at
    assert due == office.clock.now() + timedelta(days=365)
    await office.sleeps("364d 23h")
    await office.passes("25h")
    ann.reads("华航橡胶：核对档案", "第三十一条 2")
    with office.read() as session:
        mine = session.exec(select(Clock).where(Clock.rule == files.REVIEW, Clock.due_at < office.clock.now())).all()
    assert len(mine) == 6, "those of the others were due in the three months before"
    await ann.says("/file 华航橡胶")
    await ann.presses("修改档案")
    await ann.presses("核对无误")
    assert clock(office, files.REVIEW).due_at == office.clock.now() + timedelta(days=365)


async def test_a_gap_in_a_key_file_is_a_duty_of_its_owner(office: Office) -> None:
    (ann,) = office.people("ann")
    assert clock(office, files.GAP).due_at.date() == date(2026, 12, 21)
    with office.read() as session:
        rules = session.exec(select(Clock.subject_id).where(Clock.rule == files.GAP)).all()
    assert len(rules) == 2, "strategic and key customers only"
    await office.sleeps("27d 23h")
    await office.until("2026-12-21 08:31")
    ann.reads("华航橡胶：补齐档案", "第三十一条 1")
    await ann.presses("看档案")
    ann.reads("完整度 1/9")


# 涉密


async def test_of_a_secret_customer_no_attachment_is_sent_whichever_way_it_came(office: Office) -> None:
    ann = await a_file(office)
    await ann.presses("修改档案")
    await ann.presses("改营业执照")
    await ann.sends("document")
    await ann.says("2031-06-01")
    await ann.presses("保存")
    await ann.presses("🔒 证照和账户")
    shown_before = ann.last()
    data = next(each.data for row in shown_before.buttons for each in row if "附件 1" in each.text)
    with office.store.write() as session:
        called(session).code_name = "甲一"
    await ann.presses_again(shown_before.id, str(data))
    ann.reads("不经 Telegram 发送")
    await ann.says("/file 甲一")
    ann.reads_nothing_of("华航", "张工", "西安")
    await ann.presses("🔒 证照和账户")
    assert "附件 1" not in "".join(ann.buttons())
    await ann.presses("导出 Excel")
    cells = "".join(cell for row in table(office, ann) for cell in row)
    assert not [each for each in ("华航", "张工", "13800138001", "西安") if each in cells]
    assert "甲一" in cells


async def attaches(who: Person, content: bytes, note: str) -> None:
    await who.presses("修改档案")
    await who.presses("＋ 其他证照")
    await who.sends("photo", content)
    await who.presses("长期有效")
    await who.presses("修改")
    await who.presses("说明")
    await who.says(note)
    await who.presses("保存")


async def test_what_was_attached_is_fetched_once_kept_by_its_content_and_shown_on_record(office: Office) -> None:
    ann = await a_file(office)
    licence = sample_photo(7)
    for note in ("正本", "副本"):
        await attaches(ann, licence, note)
    with office.read() as session:
        (stored,) = session.exec(select(StoredFile)).all()
    assert (stored.digest, stored.content) == (sha256(licence).hexdigest(), licence)
    assert len(office.telegram.calls_of("getFile")) == 2
    await ann.presses("🔒 证照和账户")
    await ann.presses("看其他证照附件 1")
    sent = ann.last().attachment
    assert sent is not None
    kept = office.telegram.world().files.find(sent.file_id or "")
    assert kept is not None
    assert kept.content == licence
    assert office.telegram.calls_of("sendDocument")[-1].params["protect_content"] in (True, "true")
    assert opened(office)[-1] == ("file.open", "other", "owner")
    assert len(office.telegram.calls_of("getFile")) == 2, "not fetched again"
    await office.passes("1h")
    assert not [each for each in ann.bubbles() if each.attachment]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_file_that_is_too_old_to_be_deleted_is_replaced(office: Office) -> None:
    ann = await a_file(office)
    licence = sample_photo(9)
    await attaches(ann, licence, "正本")
    await ann.presses("🔒 证照和账户")
    await ann.presses("看其他证照附件 1")
    await office.sleeps("50h")
    (left,) = [each.attachment for each in ann.bubbles() if each.attachment]
    kept = office.telegram.world().files.find(left.file_id or "")
    assert kept is not None
    assert "已删除" in kept.content.decode()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_can_not_be_fetched_is_tried_again_and_shown_meanwhile(office: Office) -> None:
    ann = await a_file(office)
    office.telegram.faults.add(kind="server_error_html", method="getFile")
    await attaches(ann, sample_photo(8), "正本")
    await ann.presses("🔒 证照和账户")
    await ann.presses("看其他证照附件 1")
    assert ann.last().attachment is not None, "by Telegram's own id"
    with office.read() as session:
        assert session.exec(select(StoredFile)).all() == []
    await office.passes("3min")
    with office.read() as session:
        assert len(session.exec(select(StoredFile)).all()) == 1
