"""Notices of rest and make-up days (放假安排), against the state calendar day by day; what does not fit is said."""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reading.arrangement import Arrangement, Why, arrangement, single_days, year_named

TODAY = date(2026, 11, 23)

NOTICE_2024 = """
2024年节假日安排
一、元旦：1月1日放假，与周末连休。
二、春节：2月10日至17日放假调休，共8天。2月4日（星期日）、2月18日（星期日）上班。
三、清明节：4月4日至6日放假调休，共3天。4月7日（星期日）上班。
四、劳动节：5月1日至5日放假调休，共5天。4月28日（星期日）、5月11日（星期六）上班。
五、端午节：6月10日放假，与周末连休。
六、中秋节：9月15日至17日放假调休，共3天。9月14日（星期六）上班。
七、国庆节：10月1日至7日放假调休，共7天。9月29日（星期日）、10月12日（星期六）上班。
"""
NOTICE_2025 = """
各单位：2025年放假时间如下，请提前排好生产。
元旦：1月1日（周三）放假1天，不调休；
春节：1月28日（除夕，周二）至2月4日（初七，周二），共8天，1月26日（周日）、2月8日（周六）补班；
清明：4月4日（周五）至6日（周日），共3天；
五一：5月1日（周四）至5日（周一），共5天，4月27日（周日）补班；
端午：5月31日（周六）至6月2日（周一），共3天；
国庆节、中秋节：10月1日（周三）至8日（周三），共8天，9月28日（周日）、10月11日（周六）补班。
企业管理部
2024年11月12日
"""
NOTICE_2026 = """
Public holidays 2026
New Year's Day: 1-3 January off, 3 days. Sunday, 4 January is a working day.
Spring Festival: 15 February (Sunday) to 23 February (Monday) off, 9 days. Make-up workdays: 14 February (Sat), 28 February (Sat).
Qingming: April 4-6 off, 3 days.
Labour Day: May 1 to May 5 off, 5 days; May 9 (Saturday) working.
Dragon Boat Festival: June 19-21 off.
Mid-Autumn Festival: September 25-27 off.
National Day: October 1-7 off, 7 days. Work on Sunday, 20 September and Saturday, 10 October.
"""
NUMERIC_2026 = """
2026年放假安排
元旦 1.1-1.3放假，1.4上班
春节 2月15至23日放假，2月14、28日上班
清明节 2026-04-04至2026-04-06放假
劳动节 五月一日至五日放假，五月九日正常上班
端午节
6月19、20、21日放假
中秋节 放假：9月25日～27日
国庆节 休息：10/1-10/7，上班：9/20、10/10
"""


@pytest.mark.parametrize(
    ("text", "year"),
    [(NOTICE_2024, 2024), (NOTICE_2025, 2025), (NOTICE_2026, 2026), (NUMERIC_2026, 2026)],
    ids=["2024", "2025, a company's own", "2026 in English", "2026 in figures"],
)
def test_a_notice_says_every_day_of_its_year_as_the_state_calendar_does(text: str, year: int) -> None:
    read = arrangement(text, 2030)
    assert (read.year, read.whole, read.doubts) == (year, True, ())
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(365 + (year == 2024))]
    said = {day: read.days.get(day, day.weekday() < 5) for day in days}
    assert [day for day in days if said[day] is not bool(chinese_calendar.is_workday(day))] == []
    assert set(read.days) <= set(days)


def spans(read: Arrangement) -> str:
    """The days as `0101-0103 +0104`: rest in rows, make-up days with a plus."""
    rest = " ".join(f"{day:%m%d}" for day, works in read.days.items() if not works)
    return " ".join(filter(None, [rest, *(f"+{day:%m%d}" for day, works in read.days.items() if works)]))


READ = [
    # as written for 2027, the days of it
    ("元旦：1月1日放假。", "0101"),
    ("元旦：12月31日至1月2日放假", "1231 0101 0102"),
    ("1月4日（周一）正常上班", "+0104"),
    ("上班：2月14日，2月28日", "+0214 +0228"),
    ("放假：1月1日至3日，1月4日上班", "0101 0102 0103 +0104"),
    ("１月１日至３日放假", "0101 0102 0103"),
    ("5月1日、2日、3日休息", "0501 0502 0503"),
    ("5月1日，2日休息", "0501 0502"),
    ("10月1日起至3日停工", "1001 1002 1003"),
    ("厂庆：5月8日放假一天", "0508"),
    ("5月8日不上班", "0508"),
    ("5月8日不休息", "+0508"),
    ("1.1月1日放假", "0101"),
    ("Oct 1-3 closed. Work on Sep 26 and Oct 9.", "1001 1002 1003 +0926 +1009"),
    ("Holiday: 1st to 3rd May; 8 May make-up workday", "0501 0502 0503 +0508"),
    ("节假日期间请安排好值班", ""),
    ("2026年11月4日", ""),
]


@pytest.mark.parametrize(("text", "days"), READ)
def test_many_ways_of_writing_it(text: str, days: str) -> None:
    assert spans(arrangement(text, 2027)) == days


DOUBTED = [
    ("元旦：1月1日（周四）放假", Why.WEEKDAY),  # a Friday
    ("元旦：1月1日至3日（周六）放假", Why.WEEKDAY),  # the last day is a Sunday
    ("Thursday, 1 January off", Why.WEEKDAY),
    ("元旦：1月1日至3日放假，共4天", Why.COUNT),
    ("1月5日上班", Why.MAKE_UP),  # a Tuesday
    ("1月2日放假。1月2日上班。", Why.BOTH),
    ("2月30日放假", Why.NO_SUCH_DAY),
    ("2027年通知：2028年5月1日放假", Why.OTHER_YEAR),
    ("1月5日至8日", Why.UNREAD),
    ("10月7日至1日放假", Why.UNREAD),
]


@pytest.mark.parametrize(("text", "why"), DOUBTED)
def test_what_does_not_fit_is_said(text: str, why: Why) -> None:
    assert why in {each.why for each in arrangement(text, 2027).doubts}


def test_what_fits_is_not_doubted_but_for_the_holidays_that_are_missing() -> None:
    (doubt,) = arrangement("元旦：1月1日（周五）至3日（周日）放假，共3天。1月9日（周六）上班。", 2027).doubts
    assert (doubt.why, doubt.names[0], len(doubt.names)) == (Why.MISSING, "spring", 6)


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("关于2027年部分节假日安排的通知 2026年11月4日", 2027),
        ("Holiday schedule 2027", 2027),
        ("2027年1月1日放假", 2027),
        ("2026年12月31日至2027年1月1日放假", None),
        ("1月1日放假", None),
    ],
)
def test_the_year_is_the_one_that_is_named_and_never_that_of_the_signature(text: str, year: int | None) -> None:
    assert year_named(text) == year


SINGLE = [
    # a line, the days with 休, 班 or 恢复, what is left over
    ("12月31日 休 盘点", "2026-12-31 False", "盘点"),
    ("12月31日休", "2026-12-31 False", ""),
    ("1月2日（周六）上班，赶订单", "2027-01-02 True", "赶订单"),
    ("12月30日至31日放假 设备大修", "2026-12-30 False 2026-12-31 False", "设备大修"),
    ("1月4日 恢复", "2027-01-04 None", ""),
    ("11月23日 班", "2026-11-23 True", ""),
    ("11月22日 班", "2027-11-22 True", ""),
    ("2026年11月2日 休", "2026-11-02 False", ""),
    ("31 Dec off stocktaking", "2026-12-31 False", "stocktaking"),
    ("2月30日 休", "", "2月30日 休"),
    ("1月2日（周日） 休", "", "1月2日（周日） 休"),  # a Saturday in 2027: not guessed
    ("盘点", "", "盘点"),
    ("12月31日", "", "12月31日"),
]


@pytest.mark.parametrize(("text", "days", "reason"), SINGLE)
def test_single_days_are_the_next_ones_and_what_is_left_over_is_the_reason(text: str, days: str, reason: str) -> None:
    found, rest = single_days(text, TODAY)
    assert " ".join(f"{each.day} {each.works}" for each in found) == days
    assert rest == reason


PIECES = "元旦 ： 1月 31日 2月30日 至 - 放假 上班 ， 。 （周六） 共9天 2027 年 jan 4 to off 、".split()  # noqa: SIM905
WORDS = st.lists(st.sampled_from(PIECES)).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=200), WORDS))
def test_any_text_whatever_is_read_without_an_exception(text: str) -> None:
    read = arrangement(text, 2027)
    assert all(day.year >= 2026 or read.year for day in read.days)
    single_days(text, TODAY)
