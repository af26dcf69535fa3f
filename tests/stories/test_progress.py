"""Progress of a complaint (R16.2): two notes in every 7 days, to the department and to the customer, each, until it is closed."""

from __future__ import annotations

from sqlmodel import select

from models.clocks import Clock
from tests.office import Office, Person


async def arrived(office: Office) -> Person:
    """Ann's complaint of Monday 09:00, its on-site limit stopped."""
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    return ann


async def notes(who: Person, text: str, to: str = "部门和客户") -> None:
    await who.says("/case 1")
    await who.presses("写进展")
    await who.says(text)
    await who.presses(to)
    await who.presses("保存")


def due(office: Office, to: str) -> str:
    with office.read() as records:
        clock = records.exec(select(Clock).where(Clock.rule == "R16.2", Clock.post == f"handler@1#{to}")).one()
    return f"{office.house.calendar.local(clock.due_at):%m-%d %H:%M}"


async def test_without_notes_it_climbs_a_day_ahead_at_the_limit_and_a_day_after(office: Office) -> None:
    ann = await arrived(office)
    head, vp, sales = office.people("head", "vp", "sales")
    await office.until("2026-11-29 08:59")
    ann.reads_nothing_of("该报进展")
    await office.until("2026-11-29 09:01")
    ann.reads("TS-2026-0001 该报进展：主管部门、客户", "还剩 24 小时", "第十六条（三）2")
    head.reads_nothing_of("该报进展")
    await office.until("2026-11-30 09:01")
    for each in (ann, head):
        each.reads("TS-2026-0001 该报进展", "时限已到")
    vp.reads_nothing_of("该报进展")
    await office.until("2026-12-01 09:01")
    for each in (ann, head, vp, sales):
        each.reads("TS-2026-0001 该报进展", "超时 24 小时")


async def test_two_notes_to_both_make_the_card_full_and_move_the_limit(office: Office) -> None:
    ann = await arrived(office)
    await office.until("2026-11-24 10:00")
    await notes(ann, "样品寄回")
    ann.reads("近7天 部门 1/2 客户 1/2")
    assert due(office, "customer") == "11-30 09:00"
    await office.until("2026-11-26 10:00")
    await notes(ann, "化验中")
    ann.reads("近7天 部门 2/2 客户 2/2")
    assert due(office, "customer") == "12-01 10:00"
    await office.until("2026-11-30 09:59")
    ann.reads_nothing_of("该报进展")
    await office.until("2026-11-30 10:01")
    ann.reads("该报进展：主管部门、客户", "12月1日 周二 10:00")


async def test_what_the_department_was_told_is_still_owed_to_the_customer(office: Office) -> None:
    ann = await arrived(office)
    for day, text in (("24", "样品寄回"), ("25", "化验中")):
        await office.until(f"2026-11-{day} 10:00")
        await notes(ann, text, to="主管部门")
    ann.reads("近7天 部门 2/2 客户 0/2")
    await office.until("2026-11-29 09:01")
    ann.reads("该报进展：客户")
    ann.reads_nothing_of("主管部门、客户")


async def test_a_late_note_is_followed_by_its_share_of_the_week_not_by_an_alarm(office: Office) -> None:
    ann = await arrived(office)
    (head,) = office.people("head")
    await office.until("2026-12-03 10:00")
    await notes(ann, "才报")
    ann.reads("近7天 部门 1/2 客户 1/2")
    assert due(office, "customer") == "12-06 22:00", "three days and a half later"
    alarms = head.count("该报进展")
    await office.until("2026-12-05 21:00")
    assert head.count("该报进展") == alarms
    await notes(ann, "第二次")
    ann.reads("近7天 部门 2/2 客户 2/2")
    assert due(office, "customer") == "12-10 10:00"


async def test_after_a_refusal_progress_is_owed_anew(office: Office) -> None:
    ann = await arrived(office)
    (sales,) = office.people("sales")
    await ann.presses("已解决")
    await ann.says("硫化不足")
    await ann.says("换货")
    await ann.presses("保存")
    await office.until("2026-12-04 10:00")
    asked = ann.count("该报进展")
    await sales.says("/case 1")
    await sales.presses("客户确认")
    await sales.presses("否")
    await sales.says("还是漏")
    await sales.presses("保存")
    sales.reads("近7天 部门 0/2 客户 0/2")
    for to in ("department", "customer"):
        assert due(office, to) == "12-07 22:00"
    await office.until("2026-12-06 21:59")
    assert ann.count("该报进展") == asked, "nothing at once after the refusal"
    await office.until("2026-12-07 08:00")
    assert ann.count("该报进展") == asked + 1


async def test_a_refusal_within_the_week_excuses_nothing(office: Office) -> None:
    ann = await arrived(office)
    (sales,) = office.people("sales")
    await ann.presses("已解决")
    await ann.says("硫化不足")
    await ann.says("换货")
    await ann.presses("保存")
    await office.until("2026-11-25 10:00")
    await sales.says("/case 1")
    await sales.presses("客户确认")
    await sales.presses("否")
    await sales.says("还是漏")
    await sales.presses("保存")
    assert due(office, "customer") == "11-30 09:00"


async def test_once_closed_no_progress_is_owed(office: Office) -> None:
    ann = await arrived(office)
    (sales,) = office.people("sales")
    await ann.presses("已解决")
    await ann.says("硫化不足")
    await ann.says("换货")
    await ann.presses("保存")
    await sales.says("/case 1")
    await sales.presses("客户确认")
    await sales.presses("是")
    await sales.presses("无")
    await sales.presses("保存")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.presses("结案")
    await sales.says("已整改")
    await sales.presses("保存")
    sales.reads("已结案")
    sales.reads_nothing_of("近7天")
    await office.passes("10d")
    assert ann.count("该报进展") == 0
    await ann.says("/due")
    ann.reads_nothing_of("TS-2026-0001 华航橡胶（")
