"""How a value is said: times, spans, numbers and lists, in both languages; and how a message is stored."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from words import Value, Voice, pack, say, unpack

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
"""Wednesday, 10:00 in Shanghai."""


def voice(language: str) -> Voice:
    return Voice(language, SHANGHAI, NOW)


# A message is a value


@pytest.mark.parametrize(
    "value",
    [
        "华航",
        7,
        2.5,
        True,
        None,
        NOW,
        date(2026, 11, 25),
        ["a", 1, None],
        say("list", items=["a", say("text", text="b")]),
        say("when", value=NOW).but(other=date(2026, 1, 1)),
    ],
)
def test_what_is_packed_is_unpacked_as_it_was(value: Value) -> None:
    assert unpack(pack(value)) == value


# The voice

MOMENTS = [
    # language, local time, said
    ("zh_CN", "2026-11-25 10:00", "11月25日 周三 10:00"),
    ("zh_CN", "2026-11-23 09:05", "11月23日 周一 09:05"),
    ("zh_CN", "2026-01-01 00:00", "1月1日 周四 00:00"),
    ("zh_CN", "2027-01-03 23:59", "2027年1月3日 周日 23:59"),
    ("zh_CN", "2025-12-31 08:30", "2025年12月31日 周三 08:30"),
    ("en", "2026-11-25 10:00", "Wed 25 Nov 10:00"),
    ("en", "2026-11-28 09:05", "Sat 28 Nov 09:05"),
    ("en", "2027-01-03 23:59", "Sun 3 Jan 2027 23:59"),
    ("en", "2025-12-31 08:30", "Wed 31 Dec 2025 08:30"),
]


@pytest.mark.parametrize(("language", "local", "said"), MOMENTS)
def test_a_moment_is_said_on_the_wall_clock_with_its_weekday(language: str, local: str, said: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI).astimezone(UTC)
    assert voice(language).when(moment) == said
    assert voice(language)(moment.astimezone(SHANGHAI).date()) == said.rpartition(" ")[0]


@pytest.mark.parametrize(
    ("language", "words"), [("zh_CN", "周一 周二 周三 周四 周五 周六 周日"), ("en", "Mon Tue Wed Thu Fri Sat Sun")]
)
def test_every_weekday_has_its_name(language: str, words: str) -> None:
    days = [voice(language).day(date(2026, 11, 23) + timedelta(days=n)) for n in range(7)]
    assert [next(word for word in words.split() if word in day) for day in days] == words.split()


def test_the_year_changes_at_midnight_where_we_are() -> None:
    new_year = Voice("zh_CN", SHANGHAI, datetime(2026, 12, 31, 16, 0, tzinfo=UTC))
    assert new_year.day(date(2027, 1, 1)) == "1月1日 周五"
    assert new_year.day(date(2026, 12, 31)) == "2026年12月31日 周四"


ANSWERS = [
    # the ISO text of an answer, in Chinese, in English
    ("", "", ""),
    ("2026-11-24", "11月24日 周二", "Tue 24 Nov"),
    ("2026-11-24T15:00", "11月24日 周二 15:00", "Tue 24 Nov 15:00"),
    ("2026-11-24T08:00/2026-11-24T12:00", "11月24日 周二 08:00–12:00", "Tue 24 Nov 08:00–12:00"),
    (
        "2026-11-24T22:00/2026-11-25T02:00",
        "11月24日 周二 22:00–11月25日 周三 02:00",
        "Tue 24 Nov 22:00–Wed 25 Nov 02:00",
    ),
    ("2026-11-24/2026-11-25", "11月24日 周二", "Tue 24 Nov"),
    ("2026-11-30/2026-12-07", "11月30日 周一 – 12月6日 周日", "Mon 30 Nov – Sun 6 Dec"),
    ("2026-12-28/2027-01-04", "12月28日 周一 – 2027年1月3日 周日", "Mon 28 Dec – Sun 3 Jan 2027"),
]


@pytest.mark.parametrize(("answer", "chinese", "english"), ANSWERS)
def test_an_answer_is_said_as_a_day_a_moment_or_a_stretch(answer: str, chinese: str, english: str) -> None:
    assert (voice("zh_CN").when(answer), voice("en").when(answer)) == (chinese, english)


LEFT = [
    # minutes until it is due, in Chinese, in English
    (1, "还剩 1 分", "1 min left"),
    (59, "还剩 59 分", "59 min left"),
    (60, "还剩 1 小时", "1 hour left"),
    (312, "还剩 5 小时 12 分", "5 hours 12 min left"),
    (24 * 60, "还剩 24 小时", "24 hours left"),
    (25 * 60 + 1, "还剩 25 小时 1 分", "25 hours 1 min left"),
    (47 * 60 + 59, "还剩 47 小时 59 分", "47 hours 59 min left"),
    (48 * 60, "还剩 2 天", "2 days left"),
    (49 * 60 + 30, "还剩 2 天 1 小时", "2 days 1 hour left"),
    (0, "时限已到", "due now"),
    (-1, "超时 1 分", "1 min overdue"),
    (-125, "超时 2 小时 5 分", "2 hours 5 min overdue"),
    (-3 * 24 * 60, "超时 3 天", "3 days overdue"),
]


@pytest.mark.parametrize(("minutes", "chinese", "english"), LEFT)
def test_what_is_left_is_said_in_at_most_two_units(minutes: int, chinese: str, english: str) -> None:
    due = NOW + timedelta(minutes=minutes)
    assert (voice("zh_CN").left(due), voice("en").left(due)) == (chinese, english)


BY = [
    # local time when it is due, in Chinese, in English
    ("2026-11-25 23:59", "今天", "today"),
    ("2026-11-26 00:00", "明天", "tomorrow"),
    ("2026-11-27 18:00", "11月27日 周五前", "by Fri 27 Nov"),
    ("2026-11-24 18:00", "11月24日 周二前", "by Tue 24 Nov"),
    ("2027-01-04 18:00", "2027年1月4日 周一前", "by Mon 4 Jan 2027"),
]


@pytest.mark.parametrize(("local", "chinese", "english"), BY)
def test_by_when_is_said_as_today_tomorrow_or_a_day(local: str, chinese: str, english: str) -> None:
    due = datetime.fromisoformat(local).replace(tzinfo=SHANGHAI)
    assert (voice("zh_CN").by(due), voice("en").by(due)) == (chinese, english)


def test_seconds_are_left_out() -> None:
    assert voice("zh_CN").left(NOW + timedelta(seconds=119)) == "还剩 1 分"
    assert voice("zh_CN").left(NOW - timedelta(seconds=59)) == "时限已到"
    assert voice("zh_CN").left(NOW + timedelta(seconds=1)) == "还剩 0 分"


COUNTS = [
    # number, unit, in Chinese, in English
    (0, "day", "0 天", "0 days"),
    (1, "day", "1 天", "1 day"),
    (2, "day", "2 天", "2 days"),
    (1, "hour", "1 小时", "1 hour"),
    (24, "hour", "24 小时", "24 hours"),
    (1, "minute", "1 分", "1 min"),
    (5, "minute", "5 分", "5 min"),
    (1, "piece", "1 个", "1 attachment"),
    (3, "piece", "3 个", "3 attachments"),
    (1, "time", "1 次", "1 time"),
    (2, "time", "2 次", "2 times"),
]


@pytest.mark.parametrize(("number", "unit", "chinese", "english"), COUNTS)
def test_a_number_stands_with_its_unit(number: int, unit: str, chinese: str, english: str) -> None:
    assert (voice("zh_CN").count(number, unit), voice("en").count(number, unit)) == (chinese, english)


VALUES: list[tuple[Any, str, str]] = [
    # a value, in Chinese, in English
    ("华航", "华航", "华航"),
    ("a<b & c", "a&lt;b &amp; c", "a&lt;b &amp; c"),
    (None, "", ""),
    (True, "是", "Yes"),
    (False, "否", "No"),
    (7, "7", "7"),
    (9999, "9999", "9999"),
    (35000, "35,000", "35,000"),
    (2.5, "2.5", "2.5"),
    ([], "", ""),
    (["甲", None, "乙"], "甲\n乙", "甲\n乙"),
    (say("list", items=["甲"]), "甲", "甲"),
    (say("list", items=["甲", "乙", "丙"]), "甲、乙、丙", "甲, 乙, 丙"),
    (say("money", amount="35,000"), "35,000 元", "CNY 35,000"),
]


@pytest.mark.parametrize(("value", "chinese", "english"), VALUES)
def test_a_value_is_said(value: Value, chinese: str, english: str) -> None:
    assert (voice("zh_CN")(value), voice("en")(value)) == (chinese, english)


def test_a_line_that_is_empty_is_left_out() -> None:
    shown = say("form.card", title="单", above=None, lines=["a", "b"], remark=None)
    assert voice("zh_CN")(shown) == "<b>单</b>（未保存）\na\nb"


def test_what_nobody_wrote_down_can_not_be_said() -> None:
    with pytest.raises(KeyError):
        voice("en")(say("no.such.message"))
    with pytest.raises(FileNotFoundError, match="make setup"):
        voice("xx")(say("yes"))
