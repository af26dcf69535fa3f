"""Who may see what: strangers, colleagues, auditors; and the look-ups that answer at once."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.audit import Audit
from models.invitations import invite
from models.people import Assignment, Staff
from tests.company import PEOPLE
from tests.office import Office, Person


async def test_a_stranger_gets_one_polite_line_and_nothing_else(office: Office) -> None:
    office.telegram.person(9, "陌生人")
    stranger = Person(office, "stranger", 9)
    for text in ("/start", "/find 华航", "你好", "/log 华航橡胶 电话 刚才 谈了"):
        await stranger.says(text)
    (only,) = stranger.bubbles()
    assert only.text == "您好，这是公司内部的客户管理助手。请联系管理员开通。"
    assert not only.buttons


async def test_a_one_time_code_makes_a_colleague(office: Office) -> None:
    office.telegram.person(77, "新人")
    new = Person(office, "new", 77)
    with office.store.write() as session:
        session.add(staff := Staff(number="S99", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=staff.id or 0, role="salesperson", unit_id=2, starts=office.clock.now()))
        code = invite(session, staff, office.clock.now())
    await new.says("/start wrong")
    new.reads("这个邀请链接无效")
    await new.says(f"/start {code}")
    new.reads("您好，辛仁")
    office.telegram.person(78, "另一个")
    other = Person(office, "other", 78)
    await other.says(f"/start {code}")
    other.reads("已经用过")
    with office.read() as session:
        assert session.exec(select(Staff.telegram_id).where(Staff.number == "S99")).one() == 77


async def test_a_code_is_good_for_ten_minutes(office: Office) -> None:
    office.telegram.person(77, "新人")
    new = Person(office, "new", 77)
    with office.store.write() as session:
        session.add(staff := Staff(number="S99", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=staff.id or 0, role="salesperson", unit_id=2, starts=office.clock.now()))
        code = invite(session, staff, office.clock.now())
    await office.passes("11min")
    await new.says(f"/start {code}")
    new.reads("已过期")


async def test_after_five_wrong_codes_even_the_right_one_is_refused(office: Office) -> None:
    office.telegram.person(77, "新人")
    new = Person(office, "new", 77)
    with office.store.write() as session:
        session.add(staff := Staff(number="S99", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=staff.id or 0, role="salesperson", unit_id=2, starts=office.clock.now()))
        code = invite(session, staff, office.clock.now())
    for _ in range(5):
        await new.says("/start guess")
    await new.says(f"/start {code}")
    new.reads_nothing_of("辛仁")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("西安华航橡胶有限公司", "西安华航橡胶有限公司"),
        ("华航橡胶", "西安华航橡胶有限公司"),
        ("航橡", "西安华航橡胶有限公司"),
        ("huahang", "西安华航橡胶有限公司"),
        ("hhxj", "西安华航橡胶有限公司"),
        ("HHXJ", "西安华航橡胶有限公司"),
        ("张工", "西安华航橡胶有限公司"),
        ("8001", "西安华航橡胶有限公司"),
        ("13800138001", "西安华航橡胶有限公司"),
        ("飞翼", "沈阳飞翼制造股份有限公司"),
    ],
)
async def test_a_customer_is_found_by(office: Office, typed: str, found: str) -> None:
    (head,) = office.people("head")
    await head.says(f"查 {typed}")
    head.reads(found)


async def test_several_hits_are_buttons_and_open_the_card(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/find 远大")
    head.reads("找到 2 家")
    await head.presses("远大密封（咸阳市，西北销售一部）")
    head.reads(
        "咸阳远大密封件厂",
        "一般客户",
        "业务员 安然",
        "孙厂长",
        "谁该做什么",
        "何建国 每月电话",
    )


async def test_the_card_shows_talks_and_open_complaints(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方")
    await ann.presses("保存")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.says("/find hhxj")
    ann.reads("11月22日 周日 电话 安然：谈了三季度配方", "投诉 TS-2026-0001：胶管开裂", "重点客户", "西北销售一部")


async def test_another_units_customers_are_not_there(office: Office) -> None:
    (bob,) = office.people("bob")
    await bob.says("/find 华航")
    bob.reads("没有找到“华航”，或不在您的权限内")
    await bob.says("/case 1")
    bob.reads("没有投诉单“1”，或不在您的权限内")


async def test_an_auditor_reads_everything_and_changes_nothing(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await auditor.says("/find 华航橡胶")
    auditor.reads("张工", "TS-2026-0001")
    assert "记沟通" not in auditor.buttons()
    await auditor.says("/case 1")
    assert auditor.buttons() == ["详情", "受理单"]
    await auditor.says("/log 华航橡胶 电话 刚才 谈了")
    auditor.reads("没有找到，或不在您的权限内")


async def test_an_administrator_sees_no_customer_file(office: Office) -> None:
    (admin,) = office.people("admin")
    await admin.says("/find 华航")
    admin.reads("没有找到，或不在您的权限内")


async def test_me_menu_help_and_rules_answer(office: Office) -> None:
    (vp,) = office.people("vp")
    await vp.says("/me")
    vp.reads("魏立", "主管副总：西北销售一部、华东销售部、销售部、质监部")
    await vp.says("菜单")
    vp.reads("要做什么")
    await vp.says("制度")
    vp.reads("R9.2", "第九条（二）")
    await vp.presses("更多")
    vp.reads("R14.1", "第十四条（三）1")
    await vp.presses("更多")
    vp.reads("R15.5")


@pytest.mark.parametrize(
    ("who", "first", "helped", "spared"),
    [
        ("ann", "记沟通", ("记沟通", "撤回", "新客户", "本周通话表"), ("督办", "批示", "审计", "代录")),
        ("head", "记沟通", ("本单位", "批示", "报送情况"), ("督办", "审计")),
        ("vp", "待办", ("督办", "批示", "简报"), ("新客户", "审计", "疑似")),
        ("sales", "待办", ("疑似未报投诉", "报送情况", "台账"), ("督办", "审计")),
        ("auditor", "待办", ("审计", "疑似未报投诉", "台账"), ("记沟通", "撤回", "报投诉", "督办")),
        ("admin", "待办", ("/invite",), ("记沟通", "查", "督办", "投诉单")),
        ("quality", "报投诉", ("报投诉", "投诉单"), ("记沟通", "督办", "简报")),
    ],
)
async def test_help_and_menu_hold_what_one_may_do_and_nothing_else(
    office: Office, who: str, first: str, helped: tuple[str, ...], spared: tuple[str, ...]
) -> None:
    (person,) = office.people(who)
    await person.says("菜单")
    assert person.buttons()[0] == first
    assert len(person.buttons()) <= 9
    await person.says("帮助")
    person.reads(*helped)
    lines = person.last().text.splitlines()
    assert not {line.partition(" ")[0] for line in lines} & set(spared)
    assert len(lines) <= 22


async def test_the_language_can_be_switched(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/lang en")
    ann.reads("English from now on")
    await ann.says("/complain 华航橡胶 胶管开裂")
    ann.reads("In province, 24 hours: by Tue 24 Nov 09:00", "product quality")
    await ann.says("语言")
    ann.reads("现在用中文")


async def test_words_that_mean_nothing_here_are_answered(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("今天天气不错")
    ann.reads("没看懂这句话，没有记录")
    await ann.says("/nonsense")
    ann.reads("没有 /nonsense 这个命令")
    await ann.sends("photo")
    ann.reads("待归类", "附件：照片")


async def test_in_a_group_nothing_private_is_said(office: Office) -> None:
    (ann,) = office.people("ann")
    group = office.telegram.group("销售群", [1001, 1011])
    office.telegram.says(1001, "/find 华航", chat=group)
    await office.service.settle()
    shown = [bubble.text for bubble in office.telegram.chat(1001, group) if bubble.by_bot]
    assert shown == ["客户资料只在私聊中处理，请点我的头像私聊。"]
    assert ann.bubbles() == []


async def test_someone_who_left_is_a_stranger_at_the_next_update(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天 谈了配方")
    with office.store.write() as session:
        session.exec(select(Staff).where(Staff.name == "安然")).one().active = False
    await ann.presses("保存")
    ann.reads("请联系管理员开通")


async def test_a_post_that_ended_gives_no_rights(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("本单位")
    head.reads("西北销售一部")
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE["head"][0])).one()
        for seat in session.exec(select(Assignment).where(Assignment.staff_id == staff.id)):
            seat.ends = office.clock.now()
    await head.says("本单位")
    assert "西北销售一部" not in head.bubbles()[-1].text


async def test_opening_a_file_is_on_record(office: Office) -> None:
    (auditor,) = office.people("auditor")
    await auditor.says("/find 华航橡胶")
    with office.read() as records:
        opened = records.exec(select(Audit)).all()
    assert [(each.action, each.subject) for each in opened] == [("customer.open", "customer:1")]


async def test_accepting_a_complaint_opens_nobodys_file(office: Office) -> None:
    (amy,) = office.people("amy")
    await amy.says("/complain 华航橡胶 胶管开裂")
    amy.reads("谁投诉的")
    amy.reads_nothing_of("张工", "13800138001")


async def test_a_free_line_about_a_colleagues_customer_goes_no_further(office: Office) -> None:
    (amy,) = office.people("amy")
    await amy.says("华航橡胶 电话 昨天下午3点 谈了配方")
    amy.reads_nothing_of("未保存")
