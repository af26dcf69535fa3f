"""One slip in a customer's name: who is meant all the same, and when it is better to ask."""

import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from reading.customers import Candidate
from reading.line import Reading, read_line
from reading.slips import slipped
from rules.calendar import Calendar
from tests.cards import OFFICE, CardIndex

NOW = datetime.fromisoformat("2026-11-25T10:00+08:00")
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))


def read(line: str, office: CardIndex = OFFICE) -> Reading:
    return read_line(line, NOW, CALENDAR, office)


SLIPS = [
    ("华行橡胶", "青岛华航橡胶有限公司", "华航橡胶", "one that sounds the same, as one of its sounds"),
    ("花航橡胶", "青岛华航橡胶有限公司", "华航橡胶", "the first one"),
    ("华航像胶", "青岛华航橡胶有限公司", "华航橡胶", "a later one"),
    ("华肮橡胶", "青岛华航橡胶有限公司", "华航橡胶", "one that looks the same"),
    ("华汉橡胶", "青岛华航橡胶有限公司", "华航橡胶", "hang and han, the same in many mouths"),
    ("华橡航胶", "青岛华航橡胶有限公司", "华航橡胶", "two swapped"),
    ("长成密封", "烟台长城密封件厂", "长城密封", "the second one"),
    ("huahangxiangjio", "青岛华航橡胶有限公司", "华航橡胶", "a letter missing"),
    ("huahangxianggjiao", "青岛华航橡胶有限公司", "华航橡胶", "a letter too many"),
    ("huahnagxiangjiao", "青岛华航橡胶有限公司", "华航橡胶", "two letters swapped"),
    ("huahamg", "青岛华航橡胶有限公司", "华航橡胶", "the key beside it"),
    ("harbour rubber", "Harbor Rubber Ltd.", None, "a letter too many in a name in letters"),
    ("norhtwind", "Northwind Seals Inc.", "Northwind", "two letters swapped in a name in letters"),
]
OTHERS = [
    ("华天橡胶", "青岛华航橡胶有限公司", "华航橡胶", "another character, another company"),
    ("话行橡胶", "青岛华航橡胶有限公司", "华航橡胶", "two slips"),
    ("远打", "远大", "远大", "two characters: too little is left"),
    ("hangfeng", "山东恒丰轮胎集团有限公司", "恒丰轮胎", "a name as good as the other"),
    ("langda", "亮达橡胶", "亮达", "good pinyin of another name"),
    ("southwind", "Northwind Seals Inc.", "Northwind", "more than one letter"),
    ("marbor rubber", "Harbor Rubber Ltd.", None, "another first letter"),
    ("华航橡胶", "青岛华航橡胶有限公司", "华航橡胶", "no slip at all"),
]


@pytest.mark.parametrize(("typed", "name", "short_name", "why"), SLIPS, ids=[f"{row[0]}: {row[3]}" for row in SLIPS])
def test_one_slip_is_seen_through(typed: str, name: str, short_name: str | None, why: str) -> None:
    assert slipped(typed, name, short_name) == len(typed.replace(" ", "")), why


@pytest.mark.parametrize(("typed", "name", "short_name", "why"), OTHERS, ids=[f"{row[0]}: {row[3]}" for row in OTHERS])
def test_what_may_be_another_name_is_no_slip(typed: str, name: str, short_name: str | None, why: str) -> None:
    assert slipped(typed, name, short_name) is None, why


def test_a_slip_that_may_mean_two_customers_is_a_question() -> None:
    office = CardIndex({Candidate(1, "恒丰轮胎", None, ()): "", Candidate(2, "恒锋轮胎", None, ()): ""})
    reading = read("恒峰轮胎 电话 昨天 催款", office)
    assert reading.customer is None
    assert [each.id for each in reading.candidates] == [1, 2]


def test_the_right_spelling_of_one_customer_is_not_taken_for_a_slip_of_another() -> None:
    office = CardIndex({Candidate(1, "恒丰轮胎", None, ()): "", Candidate(2, "恒锋轮胎", None, ()): ""})
    found = read("恒锋轮胎 电话 昨天 催款", office).customer
    assert found is not None
    assert found.id == 2


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("远大机械 电话 昨天 催款", [6, 7]),
        ("临沂远大机械 电话 昨天 催款", [7]),
        ("远大机械（潍坊）电话 昨天 催款", [6]),
        ("二公司的远大机械 电话 昨天 催款", [7]),
        ("远大机械 电话 昨天 解晓东 催款", [6]),
        ("远大机械 电话 昨天 跟潍坊和临沂都说了", [6, 7]),
    ],
)
def test_customers_of_one_name_are_told_apart_by_city_unit_and_people(line: str, who: list[int]) -> None:
    reading = read(line)
    assert [each.id for each in ((reading.customer,) if reading.customer else reading.candidates)] == who


@pytest.mark.parametrize(
    "line",
    ["1234 电话 昨天 催款", "300件 昨天发货", "ok 明天去", "the long hose leaks", "hh 电话 昨天", "change the order"],
)
def test_a_quantity_or_a_common_word_chooses_no_customer(line: str) -> None:
    office = CardIndex(
        {Candidate(1, "龙达胶管", None, ()): "13912345678", Candidate(2, "欧凯机械", None, ()): "13003001234"}
    )
    reading = read(line, office)
    assert (reading.customer, reading.candidates) == (None, ())


def test_dateparser_is_not_imported_until_an_english_date_needs_it() -> None:
    script = (
        "import sys\n"
        "from datetime import datetime\n"
        "from zoneinfo import ZoneInfo\n"
        "from reading.dates import Direction, find_dates\n"
        "from reading.line import read_line\n"
        "from rules.calendar import Calendar\n"
        "now, calendar = datetime.fromisoformat('2026-11-25T10:00+08:00'), Calendar(ZoneInfo('Asia/Shanghai'))\n"
        "find_dates('昨天下午3点 tomorrow next Wednesday 3pm', now, Direction.PAST, calendar)\n"
        "print('dateparser' in sys.modules)\n"
        "find_dates('Dec 8', now, Direction.FUTURE, calendar)\n"
        "print('dateparser' in sys.modules)\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["False", "True"]
