"""A month of talks, and what people do with its reports."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlmodel import select

from models.people import Staff, key
from models.reports import Report
from tests.company import PEOPLE
from tests.office import Office, Person

FIRST_DAY = "2026-12-01 08:31"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def logs(who: Person, *lines: str) -> None:
    await who.says("/log " + "\n".join(lines))
    await who.presses("全部保存" if len(lines) > 1 else "保存")


async def a_month(office: Office, until: str = FIRST_DAY) -> None:
    """Three talks of 安然's, one of them about a customer who matters little; nobody else says anything."""
    (ann,) = office.people("ann")
    await logs(
        ann, "华航橡胶 电话 今天8点 谈了三季度价格", "飞翼制造 电话 昨天 看了试样", "远大密封 微信 今天8点 报价已发"
    )
    await wakes(office, until)


async def wakes(office: Office, text: str) -> None:
    """To a wall-clock time in one jump, which is quicker than to live through the days."""
    moment = datetime.fromisoformat(text).replace(tzinfo=office.house.calendar.tz)
    await office.sleeps(f"{int((moment - office.clock.now()).total_seconds() // 60)}min")


async def handed_in(*people: Person) -> None:
    for each in people:
        await each.says("/monthly")
        await each.presses("报送")


async def sent(head: Person, words: str = "需求平稳") -> None:
    await head.says("/monthly")
    await head.presses("📤 报销售部")
    await head.says(words)
    await head.presses("保存")


def reports(office: Office, kind: str) -> dict[str, Report]:
    """The first versions, by post."""
    with office.read() as records:
        found = records.exec(select(Report).where(Report.kind == kind, Report.version == 1)).all()
        return {each.post: each for each in found}


def number(office: Office, name: str) -> int:
    with office.read() as records:
        return key(records.exec(select(Staff).where(Staff.number == PEOPLE[name][0])).one())
