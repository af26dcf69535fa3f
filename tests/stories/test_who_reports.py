"""月报: who owes one, when it comes, and whose it is to work on and to read."""

from __future__ import annotations

from datetime import UTC, date, datetime

from sqlmodel import col, select

from models import moving, opening_reports
from models.absences import Absence
from models.audit import Audit
from models.clocks import OPENING, Clock
from models.messages import Card
from models.people import Assignment, Staff, Unit, key
from models.working_days import Arrangement, Change
from tests.company import PEOPLE
from tests.monthly import FIRST_DAY, LONG_AGO, a_month, handed_in, logs, number, reports, wakes
from tests.office import Office
from tests.planted import presses_planted


async def test_a_substitute_hands_in_or_where_nobody_stands_in_the_unit_head(office: Office) -> None:
    ann, amy, head, east, bob = office.people("ann", "amy", "head", "east", "bob")
    await logs(ann, "华航橡胶 电话 今天8点 谈了三季度价格")
    await ann.says("/away 11月30日到12月11日 代理人 S02")
    await ann.presses("保存")
    await bob.says("/away 11月30日到12月11日 不设代理人")
    await bob.presses("保存")
    await wakes(office, FIRST_DAY)
    amy.reads("📄 2026年11月月报　安然\n代 安然\n1 条沟通")
    east.reads("📄 2026年11月月报　鲍博\n代 鲍博\n没有沟通记录。")
    assert ann.count("📄") == bob.count("📄") == 0
    await amy.says("/monthly")
    amy.reads("有 2 份待报")
    await amy.presses("2026年11月月报　安然")
    amy.reads("谈了三季度价格")
    await amy.presses("✅ 报送")
    amy.reads("✅ 艾梅 12月1日 周二 08:31 已报 何建国")
    await east.presses("✅ 无记录报送")
    east.reads("✅ 东方明 12月1日")
    with office.read() as records:
        found = records.exec(select(Audit).where(Audit.action == "report.hand_in_log")).all()
    assert len(found) == 2
    await head.says("/monthly")
    head.reads("✅ 安然　1", "⏳ 艾梅")


HELD = {
    # who: (unit, from, until, away from, away until), all in November; then the units whose log they owe
    "joined in the month": ("西北销售一部", "2026-11-20", None, None, None, ["西北销售一部"]),
    "joined after it": ("西北销售一部", "2026-12-01", None, None, None, []),
    "left the unit before it": ("西北销售一部", "2026-01-01", "2026-10-31", None, None, []),
    "on leave all month": ("西北销售一部", "2026-01-01", None, "2026-10-25", "2026-12-20", []),
    "back on the last working day": ("西北销售一部", "2026-01-01", None, "2026-10-25", "2026-11-30", ["西北销售一部"]),
    "there on a rest day alone": ("西北销售一部", "2026-11-28", "2026-11-30", None, None, []),
}


async def test_nobody_owes_for_a_month_in_which_they_were_not_there(office: Office) -> None:
    tz = office.house.calendar.tz

    def day(of: str) -> datetime:
        return datetime.fromisoformat(of).replace(tzinfo=tz).astimezone(UTC)

    with office.store.write() as session:
        units = {each.name: key(each) for each in session.exec(select(Unit))}
        for place, (who, (unit, starts, ends, gone, back, _)) in enumerate(HELD.items()):
            staff = Staff(number=f"T{place}", name=who)
            session.add(staff)
            session.flush()
            seat = Assignment(
                staff_id=key(staff),
                role="salesperson",
                unit_id=units[unit],
                starts=day(starts),
                ends=day(ends) if ends else None,
            )
            session.add(seat)
            if gone and back:
                away = Absence(staff_id=key(staff), starts=day(gone), ends=day(back), made_at=LONG_AGO)
                session.add(away)
    await wakes(office, FIRST_DAY)
    with office.read() as records:
        names = {key(each): each.name for each in records.exec(select(Staff))}
        unit_names = {key(each): each.name for each in records.exec(select(Unit))}
    owed: dict[str, list[str]] = {who: [] for who in HELD}
    for report in reports(office, "log").values():
        if (who := names[report.staff_id]) in owed:
            owed[who].append(unit_names[report.unit_id])
    assert owed == {who: units for who, (*_, units) in HELD.items()}


async def test_who_moved_to_another_unit_reports_to_both_and_who_left_to_none(office: Office) -> None:
    ann, amy, admin, head, east = office.people("ann", "amy", "admin", "head", "east")
    await logs(ann, "华航橡胶 电话 今天8点 谈了三季度价格")
    with office.store.write() as session:
        now = office.clock.now()
        seat = session.exec(select(Assignment).where(Assignment.staff_id == number(office, "ann"))).one()
        seat.ends = now
        there = session.exec(select(Unit).where(Unit.name == "华东销售部")).one()
        session.add(Assignment(staff_id=seat.staff_id, role="salesperson", unit_id=key(there), starts=now))
    await logs(amy, "远大机械 电话 刚才 谈了付款")
    await wakes(office, "2026-11-30 10:00")
    await admin.says("/leave_company 艾梅")
    await admin.presses("保存")
    await wakes(office, FIRST_DAY)
    await ann.says("/monthly")
    ann.reads("有 2 份待报")
    await head.says("/monthly")
    head.reads("✅ 艾梅　1", "⏳ 安然　未报")
    await head.presses("艾梅")
    head.reads("本人已离岗，12月1日 周二 08:31 由系统转 何建国", "谈了付款")
    for post, report in reports(office, "log").items():
        assert (report.handed_at is not None) == (post == f"staff@{number(office, 'amy')}")
    await east.says("/monthly")
    east.reads("⏳ 安然　未报")


async def test_who_leaves_with_a_draft_open_has_it_passed_on(office: Office) -> None:
    amy, admin, head = office.people("amy", "admin", "head")
    await a_month(office)
    await admin.says("/leave_company 艾梅")
    await admin.presses("保存")
    await head.says("/monthly")
    head.reads("报送 1/2", "✅ 艾梅　无记录")
    assert amy.count("📄") == 1


async def test_a_company_without_these_rules_has_no_monthly_reports(office: Office, rulebook_text: str) -> None:
    (ann,) = office.people("ann")
    start, end = rulebook_text.index("# ── 第十四条 注 月报"), rulebook_text.index("# ── 第十五条 客户关系维护")
    office.adopts(rulebook_text[:start] + rulebook_text[end:])
    await a_month(office)
    assert ann.count("📄") == 0
    assert reports(office, "log") == {}


NOT_THEIRS = (
    # who presses what of which draft: 安然's log, her unit's, the company's
    ("amy", "monthly.show", "log"),
    ("amy", "monthly.hand_in", "log"),
    ("head", "monthly.show", "log"),
    ("head", "monthly.hand_in", "log"),
    ("vp", "monthly.hand_in", "log"),
    ("sales", "monthly.strike", "log"),
    ("auditor", "monthly.show", "log"),
    ("ann", "monthly.send", "unit"),
    ("east", "monthly.send", "unit"),
    ("vp", "monthly.send", "unit"),
    ("sales", "monthly.info", "unit"),
    ("east", "monthly.task", "unit"),
    ("east", "monthly.key", "unit"),
    ("head", "monthly.publish", "company"),
    ("gm", "monthly.publish", "company"),
    ("gm", "monthly.show", "company"),
    ("vp", "monthly.measures", "company"),
    ("east", "monthly.urge", "log"),
    ("ann", "monthly.urge", "unit"),
    ("amy", "monthly.revise", "log"),
    ("admin", "monthly.show", "company"),
)
READ_LATER = (
    ("head", True),
    ("vp", True),
    ("sales", True),
    ("auditor", True),
    ("amy", False),
    ("east", False),
    ("bob", False),
)


async def test_a_draft_is_only_for_whoever_owes_it_and_what_was_handed_in_for_those_over_them(office: Office) -> None:
    (ann,) = office.people("ann")
    await a_month(office)
    unit = reports(office, "unit")
    of_ann = reports(office, "log")[f"staff@{number(office, 'ann')}"]
    numbers = {
        "log": key(of_ann),
        "unit": next(key(each) for each in unit.values() if each.unit_id == of_ann.unit_id),
        "company": next(key(each) for each in reports(office, "company").values()),
    }
    for who, deed, which in NOT_THEIRS:
        person = await presses_planted(office, who, deed, report=numbers[which])
        assert "没有找到，或不在您的权限内" in person.news(), (who, deed, which)
        assert "三季度" not in person.news()
    assert all(each.handed_at is None for kind in numbers for each in reports(office, kind).values())
    await handed_in(ann)
    for who, may in READ_LATER:
        await presses_planted(office, who, "monthly.show", report=numbers["log"])
        with office.read() as records:
            card = records.exec(
                select(Card).where(Card.chat_id == PEOPLE[who][2]).order_by(col(Card.id).desc())
            ).first()
        assert card is not None
        assert ("三季度价格" in str(card.text)) is may, who


async def test_the_drafts_wait_for_a_working_day_also_after_an_outage_and_are_due_later_then(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await a_month(office, until="2026-11-30 17:00")
    await office.sleeps("4d 16h")  # Saturday
    assert ann.count("📄") == 0
    await office.until("2026-12-07 08:31")
    ann.reads("📄 2026年11月月报　安然", "请在 12月9日 周三 18:00 前")
    assert bob.count("📄") == 1


async def test_the_drafts_follow_the_companys_own_working_days(office: Office) -> None:
    local = office.house.calendar.local
    with office.store.write() as session:
        clock = session.exec(select(Clock).where(Clock.rule == OPENING)).one()
        assert f"{local(clock.due_at):%Y-%m-%d %H:%M}" == "2026-12-01 08:30"
        clock.cycle = "2027-04"
        opening_reports.wait_again(office.house, clock)
        assert local(clock.due_at).date() == date(2027, 5, 3)
        by = session.exec(select(Staff)).first()
        assert by is not None
        what = Arrangement(year=2027, text="5月1日上班", by_id=key(by), at=office.clock.now())
        moving.arrange(session, office.house, by, what, {date(2027, 5, 1): Change(True)}, office.clock.now())
        assert local(clock.due_at).date() == date(2027, 5, 1)
