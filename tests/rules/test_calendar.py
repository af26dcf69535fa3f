"""Working days, against the State Council's notice for 2026 (放假安排)."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from rules.calendar import Calendar, is_published, state_holiday, weekday_first

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(SHANGHAI)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 11, 23), True),  # a Monday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday that is worked instead
        (date(2026, 2, 16), False),  # a Monday in the Spring Festival
        (date(2026, 1, 4), True),  # a Sunday that is worked instead
        (date(2026, 1, 2), False),  # a Friday off
    ],
)
def test_published_years_follow_the_state_calendar_with_make_up_days(day: date, worked: bool) -> None:
    assert is_published(day.year)
    assert CALENDAR.is_workday(day) is worked


def test_an_unpublished_year_is_monday_to_friday() -> None:
    assert not is_published(2040)
    week = [CALENDAR.is_workday(date(2040, 10, day)) for day in range(1, 8)]  # 1 October 2040 is a Monday
    assert week == [True] * 5 + [False] * 2


def test_a_year_is_known_when_it_is_published_or_arranged_by_the_company() -> None:
    own = Calendar(SHANGHAI, {date(2040, 10, 1): False}, frozenset({2040}))
    assert (CALENDAR.knows(2026), CALENDAR.knows(2040), own.knows(2040)) == (True, False, True)
    assert not Calendar(SHANGHAI, {date(2040, 10, 1): False}).knows(2040), "a single day does not settle a year"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 2, 14), "spring"),
        (date(2026, 9, 25), "mid_autumn"),
        (date(2026, 11, 23), ""),
        (date(2040, 10, 1), ""),
    ],
)
def test_rest_and_make_up_days_carry_the_name_of_their_holiday(day: date, name: str) -> None:
    assert state_holiday(day) == name


def test_the_company_table_comes_first() -> None:
    own = Calendar(SHANGHAI, {date(2026, 11, 23): False, date(2026, 10, 1): True, date(2040, 10, 6): True})
    assert not own.is_workday(date(2026, 11, 23))
    assert own.is_workday(date(2026, 10, 1))
    assert own.is_workday(date(2040, 10, 6))


@pytest.mark.parametrize(
    ("day", "n", "result"),
    [
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 28), 0, date(2026, 11, 28)),  # the day itself, worked or not
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 2, date(2026, 12, 1)),
        (date(2026, 9, 30), 2, date(2026, 10, 9)),  # over the whole holiday
        (date(2026, 10, 9), 1, date(2026, 10, 10)),  # the Saturday is worked
        (date(2026, 11, 30), -1, date(2026, 11, 27)),
        (date(2026, 10, 8), -2, date(2026, 9, 29)),
    ],
)
def test_working_days_are_counted_over_holidays_in_both_directions(day: date, n: int, result: date) -> None:
    assert CALENDAR.add_workdays(day, n) == result


def test_next_is_strictly_after_and_on_or_after_may_be_the_day_itself() -> None:
    friday, saturday, monday = date(2026, 11, 27), date(2026, 11, 28), date(2026, 11, 30)
    assert CALENDAR.next_workday(friday) == monday
    assert CALENDAR.workday_on_or_after(friday) == friday
    assert CALENDAR.workday_on_or_after(saturday) == monday
    assert CALENDAR.workday_on_or_before(saturday) == friday


@pytest.mark.parametrize(
    ("first", "last", "result"),
    [
        (date(2026, 11, 23), date(2026, 11, 29), date(2026, 11, 27)),
        (date(2026, 10, 5), date(2026, 10, 11), date(2026, 10, 10)),  # a worked Saturday ends the week
        (date(2026, 9, 28), date(2026, 10, 4), date(2026, 9, 30)),
        (date(2026, 2, 16), date(2026, 2, 22), None),  # the Spring Festival's week
        (date(2026, 11, 27), date(2026, 11, 27), date(2026, 11, 27)),
        (date(2026, 11, 27), date(2026, 11, 26), None),
    ],
)
def test_last_working_day_within_bounds(first: date, last: date, result: date | None) -> None:
    assert CALENDAR.last_workday(first, last) == result


@pytest.mark.parametrize(
    ("a", "b", "days"),
    [
        (date(2026, 11, 23), date(2026, 11, 23), 0),
        (date(2026, 11, 23), date(2026, 11, 24), 1),
        (date(2026, 11, 27), date(2026, 11, 30), 1),
        (date(2026, 9, 30), date(2026, 10, 10), 3),
        (date(2026, 11, 24), date(2026, 11, 23), 0),
    ],
)
def test_working_days_between_leave_out_the_first_and_count_the_last(a: date, b: date, days: int) -> None:
    assert CALENDAR.workdays_between(a, b) == days


def test_instants_are_read_in_the_company_time_zone() -> None:
    instant = datetime(2026, 11, 22, 17, 30, tzinfo=UTC)
    assert CALENDAR.local(instant).date() == date(2026, 11, 23)
    assert CALENDAR.at(date(2026, 11, 23), time(1, 30)) == instant
    with pytest.raises(ValueError, match="time zone"):
        CALENDAR.local(datetime(2026, 11, 22, 17, 30))  # noqa: DTZ001 - the naive value is what is tested


def test_weeks_begin_on_monday() -> None:
    assert weekday_first(date(2026, 11, 29)) == weekday_first(date(2026, 11, 23)) == date(2026, 11, 23)
