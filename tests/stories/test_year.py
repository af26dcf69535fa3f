"""A year goes by: every report, survey and reminder comes when it should, once, in hours of work; leave and holidays are kept.

Nobody does more than begin: what is never done shows all of its reminders. `make test` lives through the turn of the year, where a
month, a quarter, a half-year and a year end at once; `make test-all` through all of 2027.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from datetime import date, datetime

import pytest
from sqlmodel import col, select

from dialogue.telling import MessageClass
from models.messages import Outbox
from models.people import Staff
from models.working_days import in_force
from tests.company import PEOPLE
from tests.conftest import EVERY_STORY
from tests.monthly import handed_in, sent
from tests.office import Office
from tests.stories.test_working_days import NOTICE, enterprise
from words import Voice, unpack

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
BY_ITSELF = (MessageClass.DIGEST, MessageClass.REMINDER, MessageClass.ESCALATION)
NEW_YEAR = [date(2027, 1, day) for day in (1, 2, 3)]
TURN = """
    ann    2026年11月月报                    12-01 08:30
    ann    2026年12月月报                    01-04 08:30
    sales  请发起2026年下半年的满意度调查    12-10 08:30
    head   西北销售一部：应问 4，已答 0      01-04 08:30, 01-08 18:00, 01-11 08:30, 01-13 08:30
    vp     西北销售一部：应问 4，已答 0      01-11 08:30, 01-13 08:30
    gm     西北销售一部：应问 4，已答 0      01-13 08:30
    head   2026年第4季度问题整理分析         01-04 08:30, 01-14 08:30, 01-18 08:30
    head   年度回访计划　西北销售一部        01-04 08:30, 01-14 08:30, 01-18 08:30
    vp     年度回访计划　西北销售一部        01-18 08:30
    sales  回访季度考核　销售部              01-04 08:30, 01-14 08:30, 01-18 08:30
    head   客户服务考核评分　西北销售一部    01-15 08:30
    head   📊 上周  11-30 08:30, 12-07 08:30, 12-14 08:30, 12-21 08:30, 12-28 08:30, 01-04 08:30, 01-11 08:30, 01-18 08:30
"""
REST_OF_THE_YEAR = """
    ann    2027年1月月报                     02-01 08:30
    ann    2027年2月月报                     03-01 08:30
    ann    2027年3月月报                     04-01 08:30
    ann    2027年4月月报                     05-06 08:30
    ann    2027年5月月报                     06-01 08:30
    ann    2027年6月月报                     07-01 08:30
    ann    2027年7月月报                     08-02 08:30
    ann    2027年8月月报                     09-01 08:30
    ann    2027年9月月报                     10-08 08:30
    ann    2027年10月月报                    11-01 08:30
    ann    2027年11月月报                    12-01 08:30
    sales  请发起2027年上半年的满意度调查    06-10 08:30
"""


def rows(table: str) -> list[tuple[str, str, list[str]]]:
    found = []
    for line in filter(str.strip, table.splitlines()):
        who, words, when = re.split(r"\s{2,}", line.strip())
        found.append((who, words, when.split(", ")))
    return found


class Diary:
    """What came by itself, in the words in which it came."""

    def __init__(self, office: Office) -> None:
        calendar = office.house.calendar
        with office.read() as records:
            numbers = {each.id: each.number for each in records.exec(select(Staff))}
            names = {number: name for name, (number, *_) in PEOPLE.items()}
            sent_ = records.exec(
                select(Outbox).where(col(Outbox.message_class).in_(BY_ITSELF), col(Outbox.edits).is_(False))
            )
            self.came: list[tuple[datetime, str, str, str]] = []
            for each in sent_:
                at = calendar.local(each.created_at)
                words = Voice("zh_CN", calendar.tz, each.created_at).plain(unpack(each.text))
                self.came.append((at, names.get(numbers.get(each.staff_id or 0, ""), "-"), each.message_class, words))

    def of(self, who: str, words: str) -> list[str]:
        """Their list of the morning says it again until it is done: that is not counted, but the page of the week stands there."""
        return [
            f"{at:%m-%d %H:%M}"
            for at, name, kind, text in self.came
            if name == who and words in text and (kind != MessageClass.DIGEST or words.startswith("📊"))
        ]


async def begun(office: Office) -> None:
    """The notice of next year's holidays is entered, 安然 has asked for leave, November is handed in, the survey is opened."""
    qi = enterprise(office)
    await qi.says(f"/calendar {NOTICE}")
    await qi.presses("保存")
    ann, amy, bob, head, east, sales = office.people("ann", "amy", "bob", "head", "east", "sales")
    await ann.says("请假 12月14日到18日 艾梅代")
    await ann.presses("保存")
    await office.until("2026-12-01 09:00")
    await handed_in(ann, amy, bob)
    await sent(head)
    await sent(east)
    await office.until("2026-12-10 09:00")
    await sales.says("/survey")
    await sales.does("发起", ".全部客户")


@pytest.mark.timeout(400)
async def test_everything_comes_when_it_should_and_once(office: Office) -> None:
    await begun(office)
    whole = EVERY_STORY in os.environ
    await office.until("2027-12-31 19:00" if whole else "2027-01-19 19:00")
    diary = Diary(office)
    with office.read() as records:
        calendar = in_force(records, office.house).calendar
    for who, words, when in rows(TURN + (REST_OF_THE_YEAR if whole else "")):
        found = diary.of(who, words)
        assert found[: len(when)] == when if whole else found == when, (who, words, found)
    assert [each for each in diary.came if not calendar.is_workday(each[0].date())] == [], "nothing comes on a rest day"
    assert {at.date() for at, *_ in diary.came}.isdisjoint(NEW_YEAR)
    assert {f"{at:%H:%M}" for at, _, kind, _ in diary.came if kind == MessageClass.DIGEST} == {"08:30"}
    digests = Counter((at.date(), who) for at, who, kind, _ in diary.came if kind == MessageClass.DIGEST)
    assert max(digests.values()) == 1
    away = [each for each, who in digests if who == "ann" and date(2026, 12, 14) <= each <= date(2026, 12, 18)]
    assert away == [], "nobody on leave is reminded"
