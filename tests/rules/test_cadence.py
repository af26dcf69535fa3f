"""Cycles and what is owed in them, on the calendar of 2026."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from rules.cadence import Cycle, Every, cycle_containing, due_day, first_cycle, following, missed_cycles, owed
from rules.calendar import Calendar

CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
DAY, WEEK, MONTH, YEAR, TWO_YEARS = map(Every.parse, ["1 day", "1 week", "1 month", "1 year", "2 years"])
QUARTER = Every.parse("3 months")


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(texts: str) -> list[date]:
    return [day(text) for text in texts.split()]


@pytest.mark.parametrize("text", ["1 day", "1 week", "1 month", "3 months", "1 year", "2 years", "5 years"])
def test_a_period_is_written_as_it_is_read(text: str) -> None:
    assert str(Every.parse(text)) == text


@pytest.mark.parametrize(
    "text",
    ["", "month", "0 years", "2 weeks", "2 months", "4 months", "1 fortnight", "1month", "-1 day", "1.5 years", "每月"],
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a period"):
        Every.parse(text)


@pytest.mark.parametrize(
    ("every", "on", "first", "last", "name"),
    [
        (DAY, "2026-11-23", "2026-11-23", "2026-11-23", "2026-11-23"),
        (WEEK, "2026-11-23", "2026-11-23", "2026-11-29", "2026-W48"),
        (WEEK, "2026-11-29", "2026-11-23", "2026-11-29", "2026-W48"),
        (WEEK, "2027-01-01", "2026-12-28", "2027-01-03", "2026-W53"),  # the week of its Thursday
        (WEEK, "2027-01-04", "2027-01-04", "2027-01-10", "2027-W01"),
        (MONTH, "2026-11-30", "2026-11-01", "2026-11-30", "2026-11"),
        (MONTH, "2028-02-10", "2028-02-01", "2028-02-29", "2028-02"),
        (QUARTER, "2026-11-23", "2026-10-01", "2026-12-31", "2026-Q4"),
        (QUARTER, "2027-01-01", "2027-01-01", "2027-03-31", "2027-Q1"),
        (QUARTER, "2026-06-30", "2026-04-01", "2026-06-30", "2026-Q2"),
        (YEAR, "2026-11-23", "2026-01-01", "2026-12-31", "2026"),
        (TWO_YEARS, "2026-11-23", "2026-01-01", "2027-12-31", "2026-2027"),
        (TWO_YEARS, "2027-12-31", "2026-01-01", "2027-12-31", "2026-2027"),
        (TWO_YEARS, "2028-01-01", "2028-01-01", "2029-12-31", "2028-2029"),
        (TWO_YEARS, "2025-06-01", "2024-01-01", "2025-12-31", "2024-2025"),  # a visit from before the start
    ],
)
def test_cycles_and_their_names(every: Every, on: str, first: str, last: str, name: str) -> None:
    assert cycle_containing(every, day(on), anchor=day("2026-03-01")) == Cycle(day(first), day(last), name)


@pytest.mark.parametrize(("start", "name"), [("2026-05-01", "2026-2027"), ("2027-05-01", "2027-2028")])
def test_two_years_are_counted_from_the_year_of_the_start(start: str, name: str) -> None:
    assert cycle_containing(TWO_YEARS, day("2027-06-01"), anchor=day(start)).name == name


@pytest.mark.parametrize("every", [DAY, WEEK, MONTH, YEAR, TWO_YEARS], ids=str)
def test_cycles_follow_each_other_without_a_gap(every: Every) -> None:
    anchor = day("2026-01-31")
    cycle = cycle_containing(every, anchor, anchor)
    for _ in range(30):
        after = following(every, cycle, anchor)
        assert after.first == cycle.last + timedelta(days=1)
        assert after > cycle
        cycle = after


@pytest.mark.parametrize(
    ("every", "on", "due"),
    [
        (WEEK, "2026-11-23", "2026-11-27"),  # Friday
        (WEEK, "2026-09-28", "2026-09-30"),  # the week in which the holiday begins
        (WEEK, "2026-10-05", "2026-10-10"),  # a Saturday that is worked
        (WEEK, "2026-02-16", None),  # nothing but Spring Festival
        (DAY, "2026-11-23", "2026-11-23"),
        (DAY, "2026-11-28", None),
        (MONTH, "2026-10-01", "2026-10-30"),
        (MONTH, "2026-02-01", "2026-02-28"),  # a Saturday that is worked
        (YEAR, "2026-01-01", "2026-12-31"),
    ],
)
def test_due_on_the_last_working_day_of_the_cycle(every: Every, on: str, due: str | None) -> None:
    cycle = cycle_containing(every, day(on), day(on))
    assert due_day(every, cycle, CALENDAR) == (day(due) if due else None)


@pytest.mark.parametrize(
    ("every", "anchor", "name"),
    [
        (MONTH, "2026-11-01", "2026-11"),
        (MONTH, "2026-11-16", "2026-11"),  # 15 of 30 days are left: half
        (MONTH, "2026-11-17", "2026-12"),
        (YEAR, "2026-07-02", "2026"),  # 183 of 365
        (YEAR, "2026-07-03", "2027"),  # 182
        (TWO_YEARS, "2026-12-31", "2026-2027"),
        (WEEK, "2026-11-27", "2026-W48"),  # the Friday is left
        (WEEK, "2026-11-28", "2026-W49"),
        (WEEK, "2026-02-14", "2026-W07"),  # a Saturday that is worked
        (WEEK, "2026-02-15", "2026-W09"),  # W08 has no working day
        (DAY, "2026-11-27", "2026-11-27"),
        (DAY, "2026-11-28", "2026-11-30"),
    ],
)
def test_the_first_cycle_is_the_one_of_which_enough_is_left(every: Every, anchor: str, name: str) -> None:
    assert first_cycle(every, day(anchor), CALENDAR).name == name


@pytest.mark.parametrize(
    ("every", "count", "anchor", "done", "name", "due", "so_far"),
    [
        # nothing done: the first cycle stays owed, however late it is
        (WEEK, 1, "2026-11-02", "", "2026-W45", "2026-11-06", 0),
        # done in its cycle: the next one is owed
        (WEEK, 1, "2026-11-02", "2026-11-04", "2026-W46", "2026-11-13", 0),
        # twice in a cycle does not pay for the next
        (WEEK, 1, "2026-11-02", "2026-11-04 2026-11-05", "2026-W46", "2026-11-13", 0),
        # a late contact fulfils the week in which it was made, not the one before
        (WEEK, 1, "2026-11-16", "2026-11-18 2026-12-01", "2026-W50", "2026-12-11", 0),
        # on the Sunday after: still this week
        (WEEK, 1, "2026-11-16", "2026-11-22", "2026-W48", "2026-11-27", 0),
        # entries from before the start never put the first cycle back
        (WEEK, 1, "2026-11-16", "2026-08-03", "2026-W47", "2026-11-20", 0),
        # in any order
        (WEEK, 1, "2026-11-02", "2026-11-25 2026-11-04", "2026-W49", "2026-12-04", 0),
        # a contact withdrawn is simply not among the entries: the cycle is owed again
        (MONTH, 1, "2026-09-01", "2026-09-03", "2026-10", "2026-10-30", 0),
        (MONTH, 1, "2026-09-01", "2026-09-03 2026-10-20", "2026-11", "2026-11-30", 0),
        # weeks and days without a working day are jumped over
        (WEEK, 1, "2026-02-02", "2026-02-10", "2026-W09", "2026-02-28", 0),
        (DAY, 1, "2026-11-27", "2026-11-27", "2026-11-30", "2026-11-30", 0),
        (DAY, 1, "2026-11-23", "2026-11-28", "2026-11-30", "2026-11-30", 0),  # a Saturday's call counts too
        # several in a cycle
        (YEAR, 5, "2026-01-01", "", "2026", "2026-12-31", 0),
        (YEAR, 5, "2026-01-01", "2026-03-01 2026-03-02 2026-04-01 2026-05-01", "2026", "2026-12-31", 4),
        (YEAR, 5, "2026-01-01", "2026-03-01 2026-03-01 2026-04-01 2026-05-01 2026-06-01", "2027", "2027-12-31", 0),
        (YEAR, 2, "2026-01-01", "2026-03-01 2027-01-15", "2026", "2026-12-31", 1),
        # a visit earlier in the year of going live counts
        (YEAR, 1, "2026-03-01", "2026-01-20", "2027", "2027-12-31", 0),
        (TWO_YEARS, 1, "2026-03-01", "2027-05-05", "2028-2029", "2029-12-31", 0),
    ],
)
def test_what_is_owed_follows_from_the_entries_that_remain(
    *, every: Every, count: int, anchor: str, done: str, name: str, due: str, so_far: int
) -> None:
    state = owed(every, count, day(anchor), days(done), CALENDAR, today=day("2026-12-01"))
    assert (state.cycle.name, state.due, state.done) == (name, day(due), so_far)


@pytest.mark.parametrize(
    ("spread", "due"),
    [
        (0.01, "2026-11-09"),
        (0.25, "2026-11-12"),
        (0.3, "2026-11-13"),
        (0.5, "2026-11-18"),
        (0.75, "2026-11-24"),
        (1.0, "2026-11-30"),
    ],
)
def test_on_going_live_the_first_due_days_are_spread_over_the_working_days_left(spread: float, due: str) -> None:
    start = day("2026-11-09")  # 16 working days are left in November
    assert owed(MONTH, 1, start, [], CALENDAR, today=start, spread=spread).due == day(due)


def test_nothing_is_overdue_on_going_live() -> None:
    for offset in range(365):
        start = day("2026-01-01") + timedelta(days=offset)
        for every in (DAY, WEEK, MONTH, YEAR, TWO_YEARS):
            state = owed(every, 1, start, [], CALENDAR, today=start, spread=0.01)
            assert state.due >= start
            assert state.missed == 0


def test_only_the_first_cycle_is_spread_and_weeks_never() -> None:
    start = day("2026-11-02")
    second = owed(MONTH, 1, start, [start], CALENDAR, today=start, spread=0.1)
    assert (second.cycle.name, second.due) == ("2026-12", day("2026-12-31"))
    assert owed(WEEK, 1, start, [], CALENDAR, today=start, spread=0.1).due == day("2026-11-06")


@pytest.mark.parametrize(
    ("every", "count", "anchor", "done", "today", "missed"),
    [
        (WEEK, 1, "2026-11-16", "2026-11-18 2026-12-01", "2026-12-02", ["2026-W48"]),  # W49 was done, W48 never
        (WEEK, 1, "2026-11-16", "2026-11-18", "2026-11-29", []),  # the Sunday belongs to the week
        (WEEK, 1, "2026-11-16", "2026-11-18", "2026-11-30", ["2026-W48"]),
        (WEEK, 1, "2026-02-02", "", "2026-03-02", ["2026-W06", "2026-W07", "2026-W09"]),  # nothing in the holiday
        (DAY, 1, "2026-11-26", "", "2026-12-01", ["2026-11-26", "2026-11-27", "2026-11-30"]),
        (YEAR, 2, "2026-01-01", "2026-03-01 2027-01-15", "2027-02-01", ["2026"]),
        (MONTH, 1, "2026-11-20", "", "2026-12-31", []),  # began with December
    ],
)
def test_missed_cycles_are_those_that_ended_unfulfilled(
    *, every: Every, count: int, anchor: str, done: str, today: str, missed: list[str]
) -> None:
    listed = missed_cycles(every, count, day(anchor), days(done), CALENDAR, today=day(today))
    assert [cycle.name for cycle in listed] == missed
    assert owed(every, count, day(anchor), days(done), CALENDAR, today=day(today)).missed == len(missed)
