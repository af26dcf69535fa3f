"""A number of the rules is changed in the chat: weighed, approved, in force on its day, and never twice at once."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import select

from models import rulebooks
from models.clocks import Clock
from models.rule_changes import RuleChange
from rules.changing import number
from tests.office import Office, Person
from tests.stories.test_working_days import enterprise


def due_days(office: Office, rule: str) -> set[str]:
    with office.read() as session:
        found = session.exec(select(Clock).where(Clock.rule == rule)).all()
        return {f"{office.house.calendar.local(each.due_at):%m-%d}" for each in found}


def holds(office: Office, rule: str, key: str) -> str:
    """The number as the rulebook in force has it."""
    with office.read() as session:
        newest = rulebooks.newest(session)
        found = number(rulebooks.loaded(newest.text), rule, key) if newest else None
        return found.written if found else ""


async def proposes(who: Person, rule: str, label: str, value: str, why: str = "客户反映联系太少") -> None:
    await who.says(f"/change_rule {rule}")
    await who.presses(label)
    await who.says(value)
    await who.says(why)


async def test_a_duty_is_asked_for_more_often_from_the_next_period_on(office: Office) -> None:
    sales, head, qi = office.person("sales"), office.person("head"), enterprise(office)
    assert due_days(office, "R14.3") == {"12-03", "12-15", "12-28"}
    await proposes(sales, "R14.3", "周期", "每周")
    sales.reads("1 week", "12月1日", "试算", "西北销售一部", "企管部")
    await sales.presses("全部试算")
    sales.reads("华东销售部")
    await sales.presses("保存")
    sales.reads("ZD-2026-0001", "待批", "齐管")
    qi.reads("请批", "R14.3", "每月 → 每周", "试算")
    await proposes(sales, "R14.3", "周期", "1 year")
    await sales.presses("保存")
    sales.reads("已有变更在走", "ZD-2026-0001")
    await sales.says("/cancel")
    await qi.presses("同意")
    qi.reads("已批准", "rulebook.toml")
    head.reads("齐管 已批准", "R14.3")
    sales.reads("已批准")
    assert head.count("ZD-2026-0001") == 1
    assert holds(office, "R14.3", "every") == "1 month"
    print(qi.news()); print(sales.news())
    await office.until("2026-12-01 00:01")
    assert holds(office, "R14.3", "every") == "1 week"
    assert due_days(office, "R14.3") == {"12-04"}
    await office.until("2026-12-01 08:31")
    head.reads("制度变更，开始执行", "ZD-2026-0001")
    print(head.news())
    await office.until("2026-12-02 08:31")
    assert head.count("开始执行") == 1
    await office.person("ann").says("/rules")
    await office.person("ann").presses("变更记录")
    print(office.person("ann").news())
