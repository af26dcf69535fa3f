"""放假安排: the enterprise-management department pastes next year's notice, sees what moves, confirms; every deadline follows."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import col, select

from models.audit import Audit, body_of
from models.clocks import Clock
from models.people import SINCE_EVER, Assignment, Staff, Unit, key
from models.working_days import Arrangement, WorkingDay
from tests.company import PEOPLE
from tests.office import Office, Person

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
    with office.store.write() as session:
        session.add(unit := Unit(name="企管部"))
        session.add(staff := Staff(number="D05", name="齐管", telegram_id=1072))
        session.flush()
        seat = Assignment(staff_id=key(staff), role="enterprise", unit_id=key(unit), starts=SINCE_EVER)
        session.add(seat)
    return Person(office, "qi", 1072)


def due(office: Office, rule: str, subject: int) -> str:
    with office.read() as session:
        clock = session.exec(select(Clock).where(Clock.rule == rule, Clock.subject_id == subject)).one()
        return f"{office.house.calendar.local(clock.due_at):%Y-%m-%d}"


def rows(office: Office) -> int:
    with office.read() as session:
        return len(session.exec(select(WorkingDay)).all())


async def test_try(office: Office) -> None:
    qi = enterprise(office)
    await qi.says("/calendar")
    print(qi.news(), qi.buttons())
    await qi.says("/calendar " + NOTICE)
    print(qi.news(), qi.buttons())
    await qi.presses("看变动的期限")
    print(qi.news(), qi.buttons())
    await qi.presses(qi.buttons()[0])
    print(qi.news(), qi.buttons())
    await qi.presses("1")
    print(qi.news(), qi.buttons())
    await qi.presses("返回")
    await qi.presses("返回")
    await qi.presses("返回")
    print(qi.news(), qi.buttons())
    await qi.presses("保存")
    print(qi.news(), qi.buttons())
    await qi.presses("看 2027 年")
    print(qi.news(), qi.buttons())
    await qi.says("/calendar 12月31日 休 盘点")
    print(qi.news(), qi.buttons())
    await qi.presses("保存")
    print(qi.news(), qi.buttons())
    await qi.presses("看 2026 年")
    print(qi.news(), qi.buttons())
    assert 0
