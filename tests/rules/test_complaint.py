"""Complaints: limits, provinces, callback days, and which step may follow which."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from rules.complaint import FOLLOWS, ComplaintEvent, ComplaintState, callback_due, in_province, limit, may_follow
from rules.rulebook import load

RULEBOOK = load((Path(__file__).parents[2] / "rulebook.toml").read_text(encoding="utf-8"))
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("inside", "end"),
    [(True, datetime(2026, 10, 1, 17, 30, tzinfo=SHANGHAI)), (False, datetime(2026, 10, 2, 17, 30, tzinfo=SHANGHAI))],
)
def test_a_complaint_is_handled_within_24_hours_in_the_province_and_48_outside(inside: bool, end: datetime) -> None:
    eve_of_the_holiday = datetime(2026, 9, 30, 17, 30, tzinfo=SHANGHAI)
    assert limit(eve_of_the_holiday, inside, RULEBOOK.deadline) == end
    assert limit(eve_of_the_holiday.astimezone(UTC), inside, RULEBOOK.deadline) == end


def test_the_limit_is_in_hours_that_pass_even_where_the_clock_is_changed() -> None:
    berlin = ZoneInfo("Europe/Berlin")  # the clock goes back on 25 October 2026
    end = limit(datetime(2026, 10, 24, 12, tzinfo=berlin), True, RULEBOOK.deadline)
    assert (end.hour, end.tzinfo) == (11, berlin)


@pytest.mark.parametrize(
    ("customer", "company", "inside"),
    [
        ("陕西", "陕西省", True),
        ("陕西省", "陕西", True),
        (" 陕西 省 ", "陕西", True),
        ("山西", "陕西", False),
        ("内蒙古自治区", "内蒙古", True),
        ("广西壮族自治区", "广西", True),
        ("宁夏回族自治区", "宁夏", True),
        ("新疆维吾尔自治区", "新疆", True),
        ("北京市", "北京", True),
        ("香港特别行政区", "香港", True),
        ("Shaanxi", "shaanxi", True),
        ("Shanxi", "Shaanxi", False),
        ("", "陕西", True),  # not known: the shorter limit
    ],
)
def test_a_province_is_the_same_with_and_without_its_ending(customer: str, company: str, inside: bool) -> None:
    assert in_province(customer, company) is inside


@pytest.mark.parametrize(
    ("opened", "closed", "due"),
    [
        (date(2026, 3, 1), date(2026, 3, 9), date(2026, 12, 31)),
        (date(2026, 11, 23), date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 11, 23), date(2026, 12, 2), date(2027, 1, 1)),
        (date(2026, 12, 30), date(2027, 1, 10), date(2027, 2, 9)),
        (date(2026, 12, 30), None, date(2026, 12, 31)),
    ],
)
def test_who_complained_is_called_back_by_31_december_or_30_days_after_closing(
    opened: date, closed: date | None, due: date
) -> None:
    assert callback_due(opened, closed, RULEBOOK.callback) == due


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        ("accepted", "hand_on", "handed_on"),
        ("accepted", "assign", "accepted"),  # the department in charge has still to name the responsible unit
        ("accepted", "arrive", "on_site"),
        ("accepted", "note", "accepted"),
        ("accepted", "entrust", "handling"),  # the department need not wait for the unit's form
        ("handed_on", "hand_on", None),
        ("handed_on", "entrust", "handling"),
        ("handed_on", "note", "handed_on"),
        ("on_site", "entrust", "on_site"),  # another unit, while somebody is there
        ("handling", "reroute", "handling"),
        ("handling", "pause", "handling"),
        ("resolved", "pause", None),
        ("handling", "arrive", "on_site"),
        ("on_site", "note", "on_site"),
        ("handling", "resolve", "resolved"),
        ("on_site", "resolve", "resolved"),
        ("resolved", "confirm", "confirmed"),
        ("resolved", "refuse", "handling"),  # a new cycle
        ("confirmed", "refuse", "handling"),
        ("confirmed", "evaluate", "evaluated"),
        ("evaluated", "refuse", "handling"),
        ("evaluated", "close", "closed"),
        ("handling", "void", "voided"),
        ("confirmed", "void", "voided"),
        ("voided", "reinstate", "handling"),
        ("accepted", "confirm", None),  # nothing was done yet
        ("accepted", "close", None),
        ("handling", "close", None),
        ("resolved", "close", None),  # the complainant was not asked
        ("confirmed", "close", None),  # its effect was not judged
        ("closed", "void", None),
        ("resolved", "arrive", None),
    ],
)
def test_which_step_may_follow_which(state: str, event: str, after: str | None) -> None:
    assert may_follow(ComplaintState(state), ComplaintEvent(event)) == after


@pytest.mark.parametrize("event", ComplaintEvent)
def test_nothing_follows_the_end_but_that_a_voiding_was_a_mistake(event: ComplaintEvent) -> None:
    assert may_follow(ComplaintState.CLOSED, event) is None
    assert (may_follow(ComplaintState.VOIDED, event) is None) is (event is not ComplaintEvent.REINSTATE)


def test_every_state_is_in_the_table_and_can_be_reached() -> None:
    assert set(FOLLOWS) == set(ComplaintState)
    reached = {after for events in FOLLOWS.values() for after in events.values()}
    assert reached | {ComplaintState.ACCEPTED} == set(ComplaintState)
