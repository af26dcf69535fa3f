"""Duties (articles 14, 17): the digest reminds, /due lists, what fulfils moves the clock on, what is late climbs."""

from __future__ import annotations

import asyncio
from datetime import date

from sqlmodel import col, select, update

from models.clocks import Clock, Event
from models.customers import Customer
from models.duties import sync
from models.people import Assignment, Staff
from tests.office import Office, Person, span


async def log(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


def cycle(office: Office, rule: str, customer: int) -> str:
    with office.read() as records:
        clock = records.exec(
            select(Clock).where(Clock.rule == rule, Clock.subject_kind == "customer", Clock.subject_id == customer)
        ).one()
        return clock.cycle


async def test_on_going_live_nothing_is_overdue(office: Office) -> None:
    with office.read() as records:
        clocks = records.exec(select(Clock)).all()
        assert clocks
        assert all(clock.due_at >= office.clock.now() for clock in clocks)


async def test_a_call_by_the_unit_head_fulfils_the_weekly_duty(office: Office) -> None:
    (head,) = office.people("head")
    assert cycle(office, "R14.2", 1) == "2026-W48"
    await log(head, "华航橡胶 电话 刚才 问了交期")
    head.reads("完成：每周电话", "第十四条（三）2")
    assert cycle(office, "R14.2", 1) == "2026-W49"


async def test_a_call_by_the_salesperson_does_not_fulfil_the_unit_heads_duty(office: Office) -> None:
    (ann,) = office.people("ann")
    await log(ann, "华航橡胶 电话 刚才 问了交期")
    assert cycle(office, "R14.2", 1) == "2026-W48"


async def test_a_joint_visit_counts_for_each_who_took_part(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 走访 今天上午9点 看了新产线")
    await ann.presses("修改")
    await ann.presses("我方参加")
    await ann.presses("安然、何建国")
    await ann.presses("保存")
    ann.reads("第十四条（三）2")
    assert cycle(office, "R14.2", 1) == "2026-W49"


async def test_each_working_day_one_digest_a_person(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-27 08:29")
    before = head.count("☀️")
    await office.until("2026-11-27 08:31")
    assert head.count("☀️") == before + 1
    head.reads("11月27日 周五", "每周电话", "华航橡胶", "飞翼制造")
    await office.until("2026-11-30 08:29")
    assert head.count("☀️") == before + 1, "not on Saturday and Sunday"


async def test_the_digest_opens_the_form_filled_in(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-27 08:31")
    await head.presses("1 去登记")
    head.reads("沟通记录", "怎么沟通的")
    await head.presses("电话")
    await head.presses("刚才")
    await head.says("问了交期")
    await head.presses("保存")
    head.reads("LX-2026-000001", "完成")


async def test_tomorrow_please_is_counted_and_ends(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-27 08:31")
    await head.presses("1 明天提醒")
    head.reads("11月30日 周一 08:30再提醒", "还可推迟 2 次")
    await head.presses("1 明天提醒")
    await head.presses("1 明天提醒")
    await head.presses("1 明天提醒")
    head.reads("已推迟 3 次，不能再推迟了")


async def test_what_is_late_climbs_to_the_superior_and_further(office: Office) -> None:
    vp, gm = office.people("vp", "gm")
    await office.until("2026-12-01 08:31")
    vp.reads("下属逾期", "何建国")
    await vp.presses("谁有逾期")
    vp.reads("各单位", "西北销售一部")
    gm.reads_nothing_of("何建国")
    await office.until("2026-12-04 08:31")
    gm.reads("下属逾期", "何建国")


async def test_a_late_call_settles_it_and_nothing_climbs_further(office: Office) -> None:
    head, gm = office.people("head", "gm")
    await office.until("2026-12-01 09:00")
    for customer in ("华航橡胶", "飞翼制造"):
        await log(head, f"{customer} 电话 刚才 补打电话")
    await log(head, "远大密封 电话 刚才 问了交期")
    await office.until("2026-12-04 08:31")
    gm.reads_nothing_of("何建国")


async def test_asleep_for_fifty_hours_there_is_one_digest(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-24 20:00")
    before = head.count("☀️")
    await office.sleeps("62h")
    assert head.count("☀️") == before + 1
    await office.passes("1h")
    assert head.count("☀️") == before + 1


async def test_a_digest_missed_at_night_waits_for_the_morning(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-24 20:00")
    before = head.count("☀️")
    await office.sleeps("28h")
    assert head.count("☀️") == before, "it is midnight"
    await office.sleeps("8h")
    assert head.count("☀️") == before + 1


async def test_the_duty_follows_the_post_to_its_new_holder(office: Office) -> None:
    head, amy = office.people("head", "amy")
    with office.store.write() as session:
        seat = session.exec(select(Assignment).where(Assignment.role == "unit_head")).first()
        assert seat is not None
        seat.staff_id = session.exec(select(Staff.id).where(Staff.name == "艾梅")).one() or 0
    await office.until("2026-11-27 08:31")
    amy.reads("每周电话")
    head.reads_nothing_of("每周电话")


async def test_due_lists_the_most_urgent_first(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-30 09:00")
    await log(head, "远大密封 电话 刚才 问了交期 后天再联系")
    await head.says("待办")
    text = head.last().text
    assert text.index("🔺") < text.index("前")


async def test_a_callback_says_which_duties_it_fulfils(office: Office) -> None:
    (head,) = office.people("head")
    await office.sleeps("60d")
    await head.says("/callback 飞翼制造 走访 今天上午 刘主任")
    for answer in ("对交期满意", "上次投诉已解决", "介绍了新配方", "明年扩产"):
        await head.says(answer)
    await head.presses("5")
    head.reads("回访记录", "对交期满意", "明年扩产", "满意度：5")
    await head.presses("保存")
    head.reads("HF-2027-0001", "第十七条（三）2", "第十四条（三）2")


async def test_everybody_who_complained_is_called_back(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.presses("已解决")
    await ann.says("原因")
    await ann.says("措施")
    await ann.presses("保存")
    await sales.does("客户确认", ".是", ".无")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.does("结案", "已整改")
    await ann.says("/callback 华航橡胶 电话 刚才 张工 很满意")
    for _ in range(3):
        await ann.presses("无")
    await ann.presses("5")
    await ann.presses("保存")
    ann.reads("HF-2026-0001", "第十七条（三）1")


async def test_a_weekly_duty_has_nothing_to_say_of_a_week_without_working_days(office: Office) -> None:
    calendar = office.house.calendar
    assert calendar.last_workday(date(2026, 10, 1), date(2026, 10, 4)) is None


async def test_a_duty_begins_when_it_is_first_called_for(office: Office) -> None:
    await office.sleeps("120d")
    with office.store.write() as session:
        customer = session.get_one(Customer, 3)
        customer.tier = "key"
        sync(session, office.house, office.clock.now())
        clock = session.exec(select(Clock).where(Clock.rule == "R14.2", Clock.subject_id == 3)).one()
        assert clock.due_at > office.clock.now()
        old = session.exec(
            select(Clock).where(Clock.rule == "R14.3", Clock.subject_kind == "customer", Clock.subject_id == 3)
        ).one()
        assert (old.closed_at, old.stopped_by) == (office.clock.now(), "no longer owed")


async def test_what_nobody_can_be_told_waits_and_does_not_keep_the_tick_busy(office: Office) -> None:
    """A company whose staff were imported and have not enrolled yet."""
    with office.store.write() as session:
        session.exec(update(Staff).values(telegram_id=None))
    office.clock.move(span("60d"))
    async with asyncio.timeout(20):
        await office.service.tick()
    with office.store.write() as session:
        session.exec(update(Staff).where(col(Staff.number) == "X01").values(telegram_id=1061))
    office.clock.move(span("6min"))
    await office.service.tick()
    with office.read() as records:
        assert {event.staff_id for event in records.exec(select(Event))} == {
            records.exec(select(Staff.id).where(Staff.number == "X01")).one()
        }
