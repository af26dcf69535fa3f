"""A number of the rules is changed in the chat: weighed, approved, in force on its day, and never two at once."""

from __future__ import annotations

from sqlmodel import select

from models import rulebooks
from models.clocks import Clock
from models.records import Matter
from models.rule_changes import RuleChange
from rules.changing import number
from tests.complaining import complain
from tests.office import Office, Person
from tests.servers import a_house
from tests.stories.test_working_days import enterprise, set_days


def due_days(office: Office, rule: str) -> set[str]:
    with office.read() as session:
        found = session.exec(select(Clock).where(Clock.rule == rule)).all()
        return {f"{office.house.calendar.local(each.due_at):%m-%d}" for each in found}


def limit_of(office: Office, number_: str) -> str:
    with office.read() as session:
        query = select(Clock).join(Matter, Matter.id == Clock.subject_id).where(Clock.subject_kind == "complaint")  # type: ignore[arg-type]
        found = session.exec(query.where(Matter.number == number_, Clock.rule == "R16.1")).one()
        return f"{office.house.calendar.local(found.due_at):%m-%d %H:%M}"


def holds(office: Office, rule: str, key: str) -> str:
    """The number as the rulebook in force has it."""
    with office.read() as session:
        newest = rulebooks.newest(session)
        found = number(rulebooks.loaded(newest.text), rule, key) if newest else None
        return found.written if found else ""


def states(office: Office) -> list[str]:
    with office.read() as session:
        return list(session.exec(select(RuleChange.state).order_by(RuleChange.id)))  # type: ignore[arg-type]


async def proposes(who: Person, rule: str, label: str, value: str, why: str = "客户反映联系太少") -> None:
    await who.says(f"/change_rule {rule}")
    await who.presses(label)
    await who.says(value)
    await who.says(why)


async def test_a_duty_is_asked_for_more_often_from_the_next_period_on(office: Office) -> None:
    sales, head, ann, auditor, qi = *office.people("sales", "head", "ann", "auditor"), enterprise(office)
    assert due_days(office, "R14.3") == {"12-03", "12-15", "12-28"}
    await proposes(sales, "R14.3", "周期", "每周")
    sales.reads("1 week", "12月1日", "试算", "西北销售一部 业务单位负责人：每周 +1.5（0.5 → 2）", "企管部")
    await sales.presses("全部试算")
    sales.reads("华东销售部")
    await sales.presses("保存")
    sales.reads("ZD-2026-0001", "待批", "齐管")
    qi.reads("请批", "R14.3", "每月 → 每周", "试算", "肖红 提")
    await proposes(sales, "R14.3", "周期", "1 year")
    await sales.presses("保存")
    sales.reads("已有变更在走", "ZD-2026-0001")
    await sales.says("/cancel")
    await qi.presses("同意")
    qi.reads("已批准", "rulebook.toml")
    sales.reads("已批准", "rulebook.toml")
    head.reads("齐管 已批准", "R14.3")
    ann.reads_nothing_of("制度变更")
    assert holds(office, "R14.3", "every") == "1 month"
    await set_days(qi, "2026-12-01 休 厂庆")
    await office.until("2026-11-30 10:00")
    await head.says("/log 远大机械 电话 刚才 问候")
    await head.presses("保存")
    await office.until("2026-12-01 00:01")
    assert holds(office, "R14.3", "every") == "1 week"
    assert due_days(office, "R14.3") == {"12-04"}, "a call of the day before is none of the first week"
    await office.until("2026-12-02 08:31")
    assert head.count("ZD-2026-0001") == 2, "one message, and one digest"
    assert head.count("制度变更，开始执行") == 1
    await head.says("/log 远大密封 电话 刚才 问候")
    await head.presses("保存")
    assert due_days(office, "R14.3") == {"12-04", "12-11"}
    await ann.says("/rules")
    await ann.presses("变更记录")
    ann.reads("肖红 提", "齐管", "客户反映联系太少", "每月 → 每周")
    await auditor.says("/audit 齐管")
    auditor.reads("批准修改制度", "ZD-2026-0001")


async def test_a_complaint_keeps_the_limit_under_which_it_was_accepted(office: Office, rulebook_text: str) -> None:
    ann, sales, qi = *office.people("ann", "sales"), enterprise(office)
    await complain(ann)
    await proposes(sales, "R16.1", "省内时限", "12小时", "客户要求更快")
    sales.reads("共 1 件", "11月24日")
    await sales.presses("保存")
    await qi.presses("同意")
    await office.until("2026-11-23 23:00")
    await complain(ann, "远大密封 漏油")
    office.lives_by(a_house(rulebook_text))
    await office.until("2026-11-24 09:00")
    office.lives_by(a_house(rulebook_text))
    await complain(ann, "远大密封 又漏油")
    assert [limit_of(office, f"TS-2026-000{n}") for n in (1, 2, 3)] == ["11-24 09:00", "11-24 23:00", "11-24 21:00"]


async def test_a_bad_number_is_refused_in_the_words_of_the_check(office: Office) -> None:
    """And the day: never past, never within a period. What is wrong goes on to a proposal that is right."""
    sales, ann, qi = *office.people("sales", "ann"), enterprise(office)
    await ann.says("/change_rule R14.3")
    ann.reads("没有找到，或不在您的权限内")
    await sales.says("/change_rule R99")
    sales.reads("没有能在这里改的规定")
    await sales.says("R14.3")
    await sales.presses("周期")
    for wrong, said in {
        "2 weeks": "看不懂的周期 “2 weeks”；应为",
        "每月": "现在就是每月",
        "x" * 300: "看不懂的周期",
    }.items():
        await sales.says(wrong)
        sales.reads(said)
    await sales.says("1 week")
    await sales.says("试行")
    for wrong, said in {"2026-11-01": "明天", "12月15日": "不能从周期中间改"}.items():
        await sales.presses("修改")
        await sales.presses("从哪天起")
        await sales.says(wrong)
        sales.reads(said)
        await sales.says("2027-01-01")
    await sales.presses("保存")
    qi.reads("2027年1月1日")


async def test_a_number_without_sense_is_refused_in_english_too(office: Office) -> None:
    gm = office.person("gm")
    await gm.says("/lang en")
    for rule, wrong, said in (
        ("R16.6", "0", "Hours of working time can't be 0; expected: a whole number, 1 or more"),
        ("R16.3", "many", "Amount (CNY) can't be many; expected: a whole number"),
        ("R31.3", "a year", "“a year” is no length of time"),
    ):
        await gm.says(f"/change_rule {rule}")
        await gm.says(wrong)
        gm.reads(said)
        await gm.says("/cancel")


async def test_it_is_returned_with_a_reason_or_taken_back(office: Office) -> None:
    sales, head, gm, qi = *office.people("sales", "head", "gm"), enterprise(office)
    await proposes(sales, "R17.5", "每个周期几次", "6")
    await sales.presses("保存")
    bubble, old = qi._button("同意")
    await qi.presses("退回")
    await qi.says("先试点一个单位")
    await qi.presses("保存")
    sales.reads("先试点一个单位", "已退回")
    head.reads_nothing_of("制度变更")
    await qi.presses_again(bubble.id, old)
    assert states(office) == ["returned"]
    await proposes(sales, "R17.5", "每个周期几次", "6")
    await sales.presses("保存")
    await gm.says("/rules")
    await gm.presses("变更记录")
    await gm.presses("ZD-2026-0002")
    await gm.presses("同意")
    head.reads("高远 已批准")
    await sales.presses("撤回变更")
    head.reads("撤回了这项变更")
    await office.sleeps("40d")
    assert states(office) == ["returned", "withdrawn"]
    assert holds(office, "R17.5", "count") == "5"


async def test_nobody_approves_their_own_change(office: Office) -> None:
    """The only one in enterprise management proposes: it goes to the general manager, late, and holds from the period after."""
    gm, qi = office.person("gm"), enterprise(office)
    await proposes(qi, "R14.2", "每个周期几次", "2")
    await qi.presses("保存")
    qi.reads("高远")
    assert "同意" not in qi.buttons()
    await office.until("2026-11-30 08:31")
    gm.reads("制度变更待批")
    await gm.presses("同意")
    gm.reads("改自 12月7日")
    await office.until("2026-12-07 00:01")
    assert holds(office, "R14.2", "count") == "2"
