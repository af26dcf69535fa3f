"""离职: who leaves has no button left at the next update; what they held, and what was on its way to them, finds somebody."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from models.audit import Audit
from models.clocks import Clock
from models.customers import Customer
from models.departures import Departure
from models.invitations import Invitation, invite
from models.messages import Draft, Outbox
from models.people import Assignment, Staff, Unit, above, key
from tests.company import PEOPLE
from tests.complaining import complain
from tests.office import Office
from tests.stories.test_hand_overs import busy, held_by_ann, limits, number_of, still_with

STRANGER = "请联系管理员开通"
HERS = held_by_ann().replace("：华航橡胶、飞翼制造、远大密封", "")
"""As an administrator reads it, who sees no customer's name."""


async def left(office: Office, name: str, by: str = "admin") -> None:
    admin = office.person(by)
    await admin.says(f"/leave_company {name}")
    await admin.presses("保存")


def staff(office: Office, who: str) -> Staff:
    with office.read() as records:
        return records.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()


async def test_a_salesperson_leaves_and_the_unit_head_has_everything(office: Office) -> None:
    (ann, admin, head) = office.people("ann", "admin", "head")
    await busy(office)
    await ann.says("/report_concern 仓库账实不符")
    before = limits(office)
    await admin.says("/leave_company 安然")
    admin.reads("业务员：西北销售一部", HERS, "交给：何建国（U01）", "先分开交接")
    admin.reads_nothing_of("华航橡胶")
    await admin.presses("保存")
    admin.reads("安然（S01） 已离职（管理员 办理）", "工作已交给 何建国（U01）", HERS)
    head.reads("管理员 把 安然（S01） 的工作交接给您", held_by_ann())
    assert head.buttons()[:2] == ["TS-2026-0001", "ZX-2026-0001"]
    assert (limits(office), still_with(office, "ann")) == (before, {})
    await ann.presses("确认收到")
    ann.reads(STRANGER)
    seen = len(ann.bubbles())
    for text in ("/due", "/find 华航", "取消", "你好"):
        await ann.says(text)
    await office.passes("25h")
    assert len(ann.bubbles()) == seen
    head.reads("投诉 TS-2026-0001 时限已到", "处理人：何建国")
    with office.read() as records:
        me = number_of(records, "ann")
        gone = records.get_one(Staff, me)
        assert (gone.active, gone.telegram_id) == (False, None)
        assert all(each.ends for each in records.exec(select(Assignment).where(Assignment.staff_id == me)))
        own = select(Clock).where(Clock.subject_kind == "staff", Clock.subject_id == me)
        assert {each.closed_at is None for each in records.exec(own)} == {False}
        assert not records.exec(select(Draft).where(Draft.staff_id == me, col(Draft.state).in_(("open", "kept")))).all()
        assert not records.exec(select(Outbox).where(Outbox.staff_id == me, Outbox.state == "waiting")).all()
        row = records.exec(select(Audit).where(Audit.action == "staff.leave")).one()
        assert (row.staff_id, row.subject) == (number_of(records, "admin"), f"staff:{me}")


async def test_somebody_else_is_named_or_hands_over_first(office: Office) -> None:
    (admin, amy) = office.people("admin", "amy")
    await admin.says("离职 安然")
    await admin.presses("先分开交接")
    admin.reads("交给谁？")
    await admin.presses("艾梅（S02）")
    await admin.presses("保存")
    amy.reads("客户 3 家：华航橡胶")
    await admin.presses("继续")
    admin.reads("没有要交接的")
    await admin.presses("保存")
    admin.reads("安然（S01） 已离职")
    assert still_with(office, "amy") == {"customers": 4}
    await admin.says("离职 艾梅")
    await admin.does("修改", ".交给", "鲍博")
    admin.reads("鲍博 接不了")
    assert staff(office, "amy").active


async def test_a_privileged_post_takes_a_second_person(office: Office) -> None:
    (admin, gm, chair, auditor) = office.people("admin", "gm", "chair", "auditor")
    await left(office, "沈明")
    admin.reads("已提交 沈明（A01） 离职，等 高远、常青 确认")
    gm.reads("请确认离职", "沈明（A01）", "审计室")
    assert staff(office, "auditor").active
    await left(office, "沈明")
    admin.reads("的离职已提交，正在等确认")
    await admin.says("/cancel")
    await chair.presses("不同意")
    admin.reads("常青 没有同意 沈明（A01） 离职")
    await gm.presses_again(gm.last().id, "x.1.0")
    assert staff(office, "auditor").active
    await left(office, "沈明")
    await gm.presses("确认离职")
    admin.reads("沈明（A01） 已离职（高远 办理）")
    chair.reads("沈明（A01） 已离职（高远 办理）")
    await auditor.says("审计")
    auditor.reads(STRANGER)
    with office.read() as records:
        states = [(each.state, each.decided_by) for each in records.exec(select(Departure).order_by(col(Departure.id)))]
        assert states == [
            ("refused", number_of(records, "chair")),
            ("left", number_of(records, "gm")),
        ]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nobody_confirms_their_own_leaving_or_what_they_entered(office: Office) -> None:
    """Two administrators, one of whom enters that the general manager leaves: he is not asked, and she can't confirm it."""
    with office.store.write() as session:
        boss, clerk = (number_of(session, each) for each in ("gm", "sales"))
        there = session.exec(select(Unit).where(Unit.company)).one()
        for each in (boss, clerk):
            session.add(Assignment(staff_id=each, role="admin", unit_id=key(there), starts=office.clock.now()))
    (admin, gm, sales) = office.people("admin", "gm", "sales")
    await left(office, "高远")
    admin.reads("等 肖红、常青 确认")
    gm.reads_nothing_of("请确认离职")
    with office.store.write() as session:
        asked = session.exec(select(Departure)).one()
        asked.by_id = number_of(session, "sales")
    await sales.presses("确认离职")
    sales.reads("要由另一位确认")
    with office.store.write() as session:
        asked = session.exec(select(Departure)).one()
        asked.by_id, asked.staff_id = number_of(session, "admin"), number_of(session, "sales")
    await sales.presses("确认离职")
    sales.reads("要由另一位确认")
    assert staff(office, "gm").active
    assert staff(office, "sales").active


async def test_the_database_wants_two_people_as_well(office: Office) -> None:
    with office.read() as records:
        me, you, third = (number_of(records, each) for each in ("admin", "auditor", "gm"))
    for state, by in (("left", None), ("left", me), ("left", you), ("refused", me)):
        told = Departure(staff_id=you, to_id=third, by_id=me, at=office.clock.now(), privileged=True, state=state)
        told.decided_by = by
        with pytest.raises(IntegrityError), office.store.write() as session:
            session.add(told)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_last_administrator_stays(office: Office) -> None:
    (admin, ann) = office.people("admin", "ann")
    await left(office, "管理员")
    admin.reads("这是唯一的管理员")
    await admin.says("/cancel")
    await admin.says("/leave_company 没有这人")
    admin.reads("没有找到“没有这人”")
    await ann.says("/leave_company 艾梅")
    ann.reads("没有找到，或不在您的权限内")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_unit_head_leaves_and_what_goes_with_the_post_goes_up(office: Office) -> None:
    """What names the head goes to the vice president; so does what is addressed to the post, which nobody holds now."""
    (admin, head, vp) = office.people("admin", "head", "vp")
    await head.says("/inquiry 华航橡胶 张工 问交货期")
    await head.presses("保存")
    with office.store.write() as session:
        invite(session, session.get_one(Staff, number_of(session, "head")), office.clock.now())
    await left(office, "何建国")
    admin.reads("何建国（U01） 已离职", "工作已交给 魏立（V01）")
    vp.reads("未答复咨询 1 件：ZX-2026-0001")
    await head.says("/due")
    head.reads(STRANGER)
    await office.passes("30h")
    vp.reads("ZX-2026-0001", "华航橡胶")
    with office.read() as records:
        gone = records.get_one(Staff, number_of(records, "head"))
        assert [each.name for each in above(records, gone, office.clock.now())] == ["魏立"]
        assert records.exec(select(Invitation).where(col(Invitation.used_at).is_(None))).all() == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_customer_that_is_won_after_somebody_left_is_the_unit_heads(office: Office) -> None:
    (ann, sales) = office.people("ann", "sales")
    await ann.says("/log")
    await ann.says("申江液压")
    await ann.does("＋ 新客户 申江液压", "上海")
    await left(office, "安然")
    await sales.does("归新单位", "由西北一部先开发")
    with office.read() as records:
        won = records.exec(select(Customer).where(Customer.short_name == "申江液压")).one()
        assert won.owner_id == number_of(records, "head")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_was_on_its_way_to_them_is_heard_by_who_took_over(office: Office) -> None:
    (sales, head) = office.people("sales", "head")
    await complain(sales)
    with office.store.write() as session:
        me = number_of(session, "ann")
        waiting = session.exec(select(Outbox).where(Outbox.staff_id == me, Outbox.message_class == "receipt")).first()
        assert waiting
        waiting.state, waiting.edits = "waiting", False
        waiting.next_try_at = office.clock.now().replace(year=2027)
    await left(office, "安然")
    head.reads("原发给安然（已离职）", "胶管开裂")
    sales.reads_nothing_of("原发给")
