"""放假安排: the enterprise-management department pastes next year's notice, sees what moves, confirms; every deadline follows."""

from __future__ import annotations

import asyncio
from datetime import date

import pytest
from sqlmodel import select

from bot.service import COMMANDS, Service
from models.audit import Audit, body_of
from models.clocks import Clock
from models.customers import Customer
from models.people import SINCE_EVER, Assignment, Staff, Unit, key
from models.working_days import Arrangement, WorkingDay, in_force
from scheduler.digest import ensure
from tests.company import PEOPLE
from tests.office import Office, Person, quick_limiter
from tests.servers import a_house, rulebook_text

on_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOTICE = """关于2027年部分节假日安排的通知
一、元旦：1月1日（周五）至3日（周日）放假，共3天。
二、春节：2月5日（除夕、周五）至13日（周六）放假调休，共9天。1月31日（周日）、2月14日（周日）上班。
三、清明节：4月3日（周六）至5日（周一）放假，共3天。
四、劳动节：5月1日（周六）至5日（周三）放假调休，共5天。4月25日（周日）、5月8日（周六）上班。
五、端午节：6月9日（周三）放假1天，不调休。
六、中秋节：9月15日（周三）至17日（周五）放假调休，共3天。9月12日（周日）、9月18日（周六）上班。
七、国庆节：10月1日（周五）至7日（周四）放假调休，共7天。9月26日（周日）、10月9日（周六）上班。
2026年11月4日"""


def enterprise(office: Office) -> Person:
    """齐管, of the enterprise-management department."""
    office.telegram.person(1072, "齐管")
    office.telegram.world().private(office.telegram.people[1072]).silent = None
    with office.store.write() as session:
        session.add(unit := Unit(name="企管部"))
        session.add(staff := Staff(number="D05", name="齐管", telegram_id=1072))
        session.flush()
        seat = Assignment(staff_id=key(staff), role="enterprise", unit_id=key(unit), starts=SINCE_EVER)
        session.add(seat)
    return Person(office, "qi", 1072)


def due(office: Office, rule: str, whose: str) -> str:
    """When the duty for that customer, or the one complaint, is due."""
    with office.read() as session:
        customer = session.exec(select(Customer.id).where(Customer.short_name == whose)).first()
        query = select(Clock).where(Clock.rule == rule)
        clock = session.exec(query.where(Clock.subject_id == customer) if customer else query).first()
        assert clock is not None
        return f"{office.house.calendar.local(clock.due_at):%Y-%m-%d}"


def rows(office: Office) -> int:
    with office.read() as session:
        return len(session.exec(select(WorkingDay)).all())


def deadlines(office: Office) -> dict[int, object]:
    with office.read() as session:
        return {key(clock): clock.due_at for clock in session.exec(select(Clock).where(Clock.rule != "digest"))}


async def set_days(qi: Person, line: str) -> None:
    await qi.says(f"/calendar {line}")
    await qi.presses("保存")
    qi.reads("已生效")


# From the pasted notice to a card that moved


async def test_a_pasted_notice_shows_its_days_and_what_moves_and_counts_when_confirmed(office: Office) -> None:
    qi = enterprise(office)
    await qi.says(f"/calendar {NOTICE}")
    qi.reads(
        "年份：2027",
        "春节",
        "2027年2月5日 周五 – 2027年2月13日 周六（9 天）",
        "班 2027年1月31日 周日、2027年2月14日 周日",
    )
    qi.reads("将有 7 项期限变动", "两年走访（第十七条（三）4）3 项", "申江液压（鲍博）12月29日 周二 → 12月28日 周一")
    qi.reads_nothing_of("⚠️")
    assert rows(office) == 0
    await qi.presses("看变动的期限")
    await qi.presses("两年走访 3")
    qi.reads("3. 远大密封（安然）2027年11月3日 周三 → 2027年11月5日 周五")
    await qi.presses("3")
    qi.reads("远大密封（安然）", "第十七条（三）4：")
    for _ in range(3):
        await qi.presses("返回")
    await qi.presses("保存")
    qi.reads("2027 年放假安排已生效，改动 39 天", "7 项期限已变动，原因记录在案")
    await qi.presses("看 2027 年")
    qi.reads("已按公司录入的通知执行", "2月　休 5–13（春节）　班 14", "1月　休 1–3（元旦）　班 31")
    with office.read() as session:
        moved = [body_of(session, row) for row in session.exec(select(Audit).where(Audit.action == "calendar.move"))]
    assert sum(len(each["moved"]) for each in moved) == 7
    assert all("关于2027年" in each["reason"] for each in moved)


@on_sqlite
async def test_the_card_of_what_is_due_follows_at_once(office: Office) -> None:
    qi, head = enterprise(office), office.person("head")
    await head.says("/due")
    head.reads("华航橡胶", "11月27日 周五")
    await set_days(qi, "11月27日 休 停电检修")
    await head.says("/due")
    head.reads("11月26日 周四")
    head.reads_nothing_of("11月27日")


@on_sqlite
async def test_a_year_that_is_not_known_is_said_aloud_until_it_is_entered(office: Office) -> None:
    qi, ann = enterprise(office), office.person("ann")
    await ann.says("/log 华航橡胶 电话 刚才 张工 谈配方 1月5日再联系")
    await ann.presses("保存")
    await office.sleeps("38d")
    await ann.says("/due")
    ann.reads("2027年1月5日 周二", "2027 年放假安排尚未公布，暂按周一至周五上班计算")
    await office.sleeps("5d")
    ann.reads("☀️ 1月5日 周二", "2027 年放假安排尚未公布")
    await qi.says("/calendar 2027")
    qi.reads("2027 年放假安排尚未公布")
    await set_days(qi, NOTICE)
    await ann.says("/due")
    ann.reads("待办")
    ann.reads_nothing_of("尚未公布")


@on_sqlite
async def test_whoever_keeps_the_calendar_is_asked_each_morning_until_it_is_entered(office: Office) -> None:
    gm = office.person("gm")
    await office.passes("1d")
    gm.reads("2027 年放假安排还没有录入")  # nobody is in the department yet
    qi = enterprise(office)
    with office.store.write() as session:
        ensure(session, office.house, office.clock.now())
    await office.passes("1d")
    qi.reads("2027 年放假安排还没有录入")
    assert gm.count("还没有录入") == 1
    await qi.presses("放假安排")
    qi.reads("2026 年放假安排")
    await set_days(qi, NOTICE)
    await office.passes("1d")
    qi.reads_nothing_of("还没有录入")


# Wrong, doubtful, twice, cancelled, in the middle of a restart


@on_sqlite
async def test_what_is_no_notice_is_asked_for_again_and_a_missing_year_too(office: Office) -> None:
    qi = enterprise(office)
    await qi.says("/calendar 请大家注意安全")
    qi.reads("没有看出放假或上班的日期")
    await qi.says("2031年放假安排：元旦1月1日放假")
    qi.reads("2031 年不能录入，只能录入 2026 年至 2028 年")
    await qi.says("元旦：1月1日至3日放假")
    qi.reads("通知里没有写年份")
    await qi.says("明年")
    qi.reads("四位数的年份")
    await qi.presses("2027")
    qi.reads("没有提到春节、清明节", "全年安排仍算未录全")
    await qi.presses("保存")
    qi.reads("已生效")
    await qi.presses("看 2027 年")
    qi.reads("2027 年放假安排尚未公布", "1月　休 1–3（元旦）")


@on_sqlite
async def test_a_doubtful_day_is_shown_and_put_right_by_hand(office: Office) -> None:
    qi = enterprise(office)
    await qi.says("/calendar 2027年元旦：1月1日（周四）至3日放假，共4天。1月5日上班，1月2日上班。")
    qi.reads("2027年1月1日 周五，通知写的是周四", "共 4 天，列出的是 3 天", "2027年1月5日 周二 写作上班，但不是周末")
    await qi.presses("保存")
    qi.reads("2027年1月2日 周六 又休又班", "未保存")
    await qi.presses("修改")
    await qi.presses("日期")
    await qi.says("改成休")
    qi.reads("没有看懂")
    await qi.says("1月2日 休")
    qi.reads("日期：2027年1月2日 周六 休")
    qi.reads_nothing_of("又休又班")
    await qi.presses("保存")
    qi.reads("已生效")
    with office.read() as session:
        assert not in_force(session, office.house).calendar.is_workday(date(2027, 1, 2))


@on_sqlite
async def test_a_single_day_needs_a_reason_and_must_lie_ahead(office: Office) -> None:
    qi = enterprise(office)
    await qi.says("/calendar 12月31日 休")
    qi.reads("原因是什么")
    await qi.says("盘点")
    qi.reads("日期：12月31日 周四 休", "理由：盘点", "申江液压（东方明）12月3日 周四 → 12月2日 周三")
    await qi.presses("保存")
    await qi.presses("看 2026 年")
    qi.reads("12月31日 周四 休：盘点（齐管）", "按国家公布的安排执行")
    await qi.says("/calendar 2026年11月2日 休 补记")
    await qi.presses("保存")
    qi.reads("11月2日 周一 已经过去，不能再改")
    assert rows(office) == 1


async def test_the_same_again_changes_nothing(office: Office) -> None:
    qi = enterprise(office)
    await qi.says(f"/calendar {NOTICE}")
    (save,) = [button.data for row in qi.last().buttons for button in row if button.text == "保存"]
    card = qi.last().id
    await qi.presses("保存")
    before = rows(office), deadlines(office)
    await qi.presses_again(card, save or "")
    qi.reads("这个按钮已过期")
    await qi.says(f"/calendar {NOTICE}")
    qi.reads("与现有安排一致，没有改动")
    await qi.presses("保存")
    qi.reads("与现有安排一致，没有改动")
    assert (rows(office), deadlines(office)) == before


@on_sqlite
async def test_cancelled_it_changes_nothing_and_can_be_taken_up_again(office: Office) -> None:
    qi = enterprise(office)
    before = deadlines(office)
    await qi.says(f"/calendar {NOTICE}")
    await qi.presses("取消")
    assert (rows(office), deadlines(office)) == (0, before)
    await qi.presses("继续填")
    await qi.presses("保存")
    qi.reads("已生效")


@on_sqlite
async def test_restarted_between_pasting_and_confirming(office: Office) -> None:
    qi = enterprise(office)
    await qi.says(f"/calendar {NOTICE}")
    old = office.service
    house = a_house(rulebook_text())
    office.service = Service(old.config, old.store, house, office.clock, quick_limiter())
    await office.service.start()
    await qi.presses("保存")
    qi.reads("已生效", "7 项期限已变动")
    await office.service.stop()
    office.service = old
    await office.person("head").says("/due")
    assert old.worker.house.calendar.knows(2027), "a process that was there before sees it too"


# Taken back


async def test_withdrawn_every_deadline_is_where_it_was_and_nothing_is_deleted(office: Office) -> None:
    qi = enterprise(office)
    before = deadlines(office)
    await set_days(qi, NOTICE)
    assert deadlines(office) != before
    await qi.says("/calendar 2027")
    await qi.presses("撤回本年公司安排")
    await qi.says("通知作废")
    qi.reads("将有 7 项期限变动")
    await qi.presses("保存")
    assert deadlines(office) == before
    assert rows(office) == 78
    await qi.presses("看 2027 年")
    qi.reads("2027 年放假安排尚未公布")


@on_sqlite
async def test_a_new_notice_for_the_year_replaces_the_old_one_but_not_single_days(office: Office) -> None:
    qi = enterprise(office)
    await set_days(qi, NOTICE)
    await set_days(qi, "2027年3月8日 休 厂庆")
    await set_days(qi, NOTICE.replace("、2月14日（周日）上班", "上班"))
    with office.read() as session:
        calendar = in_force(session, office.house).calendar
    assert not calendar.is_workday(date(2027, 2, 14))
    assert not calendar.is_workday(date(2027, 3, 8))
    assert calendar.is_workday(date(2027, 1, 31))


# Time follows


async def test_the_morning_digest_keeps_to_the_new_days(office: Office) -> None:
    qi, head = enterprise(office), office.person("head")
    await office.until("2026-11-26 12:00")
    await set_days(qi, "11月27日 休 停电检修")
    await set_days(qi, "11月28日 班 停电检修")
    await head.says("/menu")
    await office.until("2026-11-27 20:00")
    head.reads_nothing_of("☀️")
    await office.until("2026-11-28 08:31")
    head.reads("☀️ 11月28日 周六")
    assert await asyncio.to_thread(office.service.auditor.look, office.clock.now()) == []


@on_sqlite
async def test_a_saturday_that_is_worked_after_all_has_its_digest(office: Office) -> None:
    qi, head = enterprise(office), office.person("head")
    await office.until("2026-11-27 12:00")
    await set_days(qi, "11月28日 班 赶工")
    await head.says("/menu")
    await office.until("2026-11-28 08:31")
    head.reads("☀️ 11月28日 周六")


@on_sqlite
async def test_what_climbs_by_working_days_waits_for_them_and_the_auditor_agrees(office: Office) -> None:
    qi = enterprise(office)
    await set_days(qi, "11月30日 休 检修")
    await office.until("2026-11-30 12:00")
    assert await asyncio.to_thread(office.service.auditor.look, office.clock.now()) == []


@on_sqlite
async def test_a_week_that_was_jumped_over_is_owed_again_when_its_days_are_worked(office: Office) -> None:
    qi = enterprise(office)
    await set_days(qi, "11月23日至29日 休 停产")
    assert due(office, "R14.2", "华航橡胶") == "2026-12-04"
    await set_days(qi, "11月23日至29日 恢复 提前复工")
    assert due(office, "R14.2", "华航橡胶") == "2026-11-27"


# Who may


@on_sqlite
async def test_it_is_there_for_those_who_keep_it_and_for_nobody_else(office: Office) -> None:
    qi = enterprise(office)
    allowed = {"gm", "chair"}
    for name in (*PEOPLE, "qi"):
        person = qi if name == "qi" else office.person(name)
        may = name in allowed or name == "qi"
        await person.says("/help")
        assert ("放假安排" in person.news()) is may, name
        assert ("放假安排" in person.buttons()) is may, name
        await person.says(f"/calendar {NOTICE}")
        assert ("将有" in person.news()) is may, name
        if not may:
            assert person.news() == "没有找到，或不在您的权限内。", name
            await person.says("放假安排")
            assert person.news() == "没有找到，或不在您的权限内。", name
    assert "calendar" not in COMMANDS, "the blue menu is the same for everybody"


@on_sqlite
async def test_a_card_of_somebody_who_may_no_longer_keep_it_saves_nothing(office: Office) -> None:
    qi = enterprise(office)
    await qi.says(f"/calendar {NOTICE}")
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == "D05")).one()
        session.exec(select(Assignment).where(Assignment.staff_id == staff.id)).one().ends = office.clock.now()
    await qi.presses("保存")
    qi.reads("没有找到，或不在您的权限内。")
    assert rows(office) == 0


@on_sqlite
async def test_in_english_too(office: Office) -> None:
    qi = enterprise(office)
    await qi.says("/lang en")
    await qi.says("/calendar 31 Dec off stocktaking")
    qi.reads("Thu 31 Dec off", "Reason: stocktaking", "deadlines will move")
    await qi.presses("Save")
    qi.reads("The 2026 arrangement is in force, 1 day changed")
    await qi.says("/calendar")
    qi.reads("Holiday arrangement 2026", "off 1–3 (New Year)", "Thu 31 Dec off: stocktaking (齐管)")


@on_sqlite
async def test_the_auditors_read_it_in_words(office: Office) -> None:
    qi, auditor = enterprise(office), office.person("auditor")
    await set_days(qi, "12月31日 休 盘点")
    await auditor.says("/audit")
    auditor.reads("齐管", "改放假安排", "随放假安排变动期限")
    with office.read() as session:
        assert session.exec(select(Arrangement.text)).one() == "盘点"
