"""Dates as staff type them: a table that a non-programmer can read, and what must hold for any text."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading.dates import Direction, Found, Interval, find_date, find_dates, iso
from rules.calendar import Calendar

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
NOW = datetime.fromisoformat("2026-11-25T10:00+08:00")
TABLE = Path(__file__).with_name("reading_dates.tsv")
ROWS = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]


def read(phrase: str, direction: Direction = Direction.FUTURE, now: datetime = NOW) -> str:
    found = find_date(phrase, now, direction, CALENDAR)
    return iso(found.value) if found else "none"


@pytest.mark.parametrize(("phrase", "now", "expected", "direction"), ROWS, ids=[f"{row[3]} {row[0]}" for row in ROWS])
def test_each_phrase_of_the_table_is_read_as_expected(phrase: str, now: str, expected: str, direction: str) -> None:
    assert read(phrase, Direction(direction), datetime.fromisoformat(now)) == expected


@pytest.mark.parametrize(
    ("text", "stretch"),
    [
        ("华航　明天下午３点　开会", "明天下午３点"),
        ("约了 12 月 8 日 上午 9 点 见面", "12 月 8 日 上午 9 点"),
        ("下週三（１２月２日）再聯繫", "下週三（１２月２日）"),
        ("客户7月10日前付款", "7月10日前"),
        ("see you tomorrow at 3 PM please", "tomorrow at 3 PM"),
    ],
)
def test_the_place_of_a_date_is_its_place_in_the_text_as_typed(text: str, stretch: str) -> None:
    found = find_date(text, NOW, Direction.FUTURE, CALENDAR)
    assert found
    assert text[found.start : found.end] == stretch


def test_all_dates_of_a_text_are_found_in_order_and_a_weekday_follows_the_day_before_it() -> None:
    found = find_dates("下周一开会，周三给报价，call again on Dec 20", NOW, Direction.FUTURE, CALENDAR)
    assert [iso(each.value) for each in found] == ["2026-11-30", "2026-12-02", "2026-12-20"]


def test_a_day_that_contradicts_its_weekday_is_not_read() -> None:
    assert read("12月8日（周二）") == "2026-12-08"
    assert read("12月8日（周五）") == "none"


def test_instants_carry_the_zone_of_the_calendar_whatever_zone_now_is_in() -> None:
    late = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # 01:00 on the 25th in Shanghai
    found = find_date("今天下午3点", late, Direction.FUTURE, CALENDAR)
    assert found == Found(datetime(2026, 11, 25, 15, 0, tzinfo=ZoneInfo("Asia/Shanghai")), 0, 6)


def test_working_days_follow_the_companys_own_calendar() -> None:
    friday_off = Calendar(ZoneInfo("Asia/Shanghai"), {date(2026, 11, 27): False})
    found = find_date("两个工作日内", NOW, Direction.FUTURE, friday_off)
    assert found
    assert found.value == date(2026, 11, 30)


def test_make_up_days_count_as_working_days() -> None:
    before_national_day = datetime.fromisoformat("2026-09-30T10:00+08:00")
    assert read("国庆后第一个工作日", now=before_national_day) == "2026-10-08"
    assert read("国庆后第二个工作日", now=before_national_day) == "2026-10-09"
    assert read("国庆后第三个工作日", now=before_national_day) == "2026-10-10"


def test_an_interval_is_half_open() -> None:
    found = find_date("下周", NOW, Direction.FUTURE, CALENDAR)
    assert found
    assert found.value == Interval(date(2026, 11, 30), date(2026, 12, 7))


_WORDS = st.sampled_from(sorted({character for row in ROWS for character in row[0]}))


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.text(_WORDS, max_size=24), st.sampled_from(Direction))
def test_any_mixture_of_date_words_gives_dates_in_order_or_none(text: str, direction: Direction) -> None:
    found = find_dates(text, NOW, direction, CALENDAR)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= each.start < each.end <= len(text) for each in found)


_PHRASES = st.sampled_from([row[0] for row in ROWS] + [row[0][:-1] for row in ROWS])
_BETWEEN = st.sampled_from(["", " ", "到", "至", "-", "的", "（", "）", "，", "前", "后第一个"])


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.lists(st.tuples(_PHRASES, _BETWEEN), min_size=1, max_size=4), st.sampled_from(Direction))
def test_any_mixture_of_phrases_gives_dates_in_order_or_none(
    pieces: list[tuple[str, str]], direction: Direction
) -> None:
    text = "".join(phrase + between for phrase, between in pieces)
    found = find_dates(text, NOW, direction, CALENDAR)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert all(0 <= each.start < each.end <= len(text) for each in found)


@pytest.mark.parametrize(
    "between", ["到", "至", "-", "~", "（", "（）", "(", "的", "周", "后", "前", "到到", "半", "差"]
)
@pytest.mark.parametrize("phrase", ["后天", "明天下午3点", "12月8日", "下周", "国庆", "三天后", "5号", "Dec 8"])
def test_a_phrase_that_breaks_off_is_read_as_far_as_it_goes(phrase: str, between: str) -> None:
    for direction in Direction:
        find_dates(phrase + between, NOW, direction, CALENDAR)


@settings(max_examples=100, derandomize=True, deadline=None)
@given(st.dates(date(2025, 1, 1), date(2027, 12, 31)), st.sampled_from(["周", "星期", "礼拜"]), st.integers(0, 6))
def test_a_bare_weekday_is_within_a_week_on_the_side_asked_for(day: date, word: str, weekday: int) -> None:
    now = CALENDAR.at(day, NOW.time())
    for direction, days in ((Direction.FUTURE, range(7)), (Direction.PAST, range(0, -7, -1))):
        found = find_date(f"{word}{'一二三四五六日'[weekday]}", now, direction, CALENDAR)
        assert found
        assert found.value in {day + timedelta(days=n) for n in days}
        assert isinstance(found.value, date)
        assert found.value.weekday() == weekday
