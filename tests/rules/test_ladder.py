"""Ladders: a complaint accepted on Monday 2026-11-23 at 10:00, due on Tuesday at 10:00 (24 hours)."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from rules.calendar import Calendar
from rules.ladder import Ladder, Owing, Quiet, Said, Step, next_time, owed_now, step_time
from rules.roles import Who

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(SHANGHAI)
QUIET = Quiet()
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    """ "24 10:00" is that day and time of November 2026 in Shanghai."""
    return datetime.strptime(f"2026-11-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


ANCHOR, DUE = at("23 10:00"), at("24 10:00")

COMPLAINT = Ladder.model_validate(
    {
        "id": "complaint",
        "steps": [
            {"at": "50%", "tell": ["handler"]},
            {"at": "80%", "tell": ["handler", "unit_head"], "night": True},
            {"at": "100%", "tell": ["handler", "unit_head", "sales_dept"], "night": True},
            {"at": "+4h", "also": ["general_manager"], "every": "4h", "until": "acknowledged", "again_after": "8h"},
        ],
    }
)


def reached(now: str, said: Sequence[Said] = (), *, urgent: bool = False, note: str | None = None) -> list[Owing]:
    last_note = at(note) if note else None
    return owed_now(
        COMPLAINT, ANCHOR, DUE, said, at(now), calendar=CALENDAR, quiet=QUIET, urgent=urgent, last_note=last_note
    )


def following(now: str, said: Sequence[Said], *, urgent: bool = False, note: str | None = None) -> datetime | None:
    last_note = at(note) if note else None
    return next_time(
        COMPLAINT, ANCHOR, DUE, said, at(now), calendar=CALENDAR, quiet=QUIET, urgent=urgent, last_note=last_note
    )


def said(text: str) -> list[Said]:
    """ "3.1 24 18:00 ack 24 19:00" is step 3 said for the second time, and acknowledged an hour later."""
    found = []
    for one in filter(None, text.split("; ")):
        number, rest = one.split(" ", 1)
        step, nth = map(int, number.split("."))
        when, _, acked = rest.partition(" ack ")
        found.append(Said(step, nth, at(when), at(acked) if acked else None))
    return found


ALL_FOUR = "0.0 24 07:30; 1.0 24 05:12; 2.0 24 10:00; 3.0 24 14:00"


@pytest.mark.parametrize(
    ("step", "when"),
    [
        ("50%", "23 22:00"),
        ("100%", "24 10:00"),
        ("-24h", "23 10:00"),
        ("+4h", "24 14:00"),
        ("+48h", "26 10:00"),
        ("due", "24 08:30"),
        ("+1 workdays", "25 08:30"),
        ("+2 workdays", "26 08:30"),
        ("+4 workdays", "30 08:30"),
    ],
)
def test_a_step_time_follows_from_anchor_and_due(step: str, when: str) -> None:
    rung = Step.model_validate({"at": step, "tell": ["handler"]})
    assert step_time(rung, ANCHOR, DUE, CALENDAR, time(8, 30)) == at(when)
    assert step_time(rung, ANCHOR.astimezone(UTC), DUE.astimezone(UTC), CALENDAR, time(8, 30)) == at(when)


@pytest.mark.parametrize(
    ("now", "before", "owing"),
    [
        ("23 21:59", "", []),
        ("23 22:00", "", []),  # half of the time is gone, but it is night and the step does not wake people
        ("24 05:11", "", []),
        ("24 05:12", "", ["0.0", "1.0"]),  # 80 % wakes them; the one below is recorded with it
        ("24 05:12", "0.0 23 22:00", ["1.0"]),
        ("24 07:30", "1.0 24 05:12; 0.0 24 05:12", []),
        ("24 10:00", "0.0 24 05:12; 1.0 24 05:12", ["2.0"]),
        ("24 14:00", "0.0 24 05:12; 1.0 24 05:12; 2.0 24 10:00", ["3.0"]),
        ("24 17:59", ALL_FOUR, []),
        ("24 18:00", ALL_FOUR, ["3.1"]),
    ],
)
def test_a_step_is_said_once_when_its_time_has_come(now: str, before: str, owing: list[str]) -> None:
    assert [f"{one.step}.{one.nth}" for one in reached(now, said(before))] == owing


@pytest.mark.parametrize(
    ("comes", "said"),
    [
        ("27 07:30", "27 08:30"),
        ("27 10:00", "27 10:00"),
        ("27 18:00", "27 18:00"),
        ("27 20:52", "30 08:30"),  # Friday evening: on Monday
        ("28 10:00", "30 08:30"),
        ("29 18:00", "30 08:30"),
    ],
)
def test_what_can_wait_comes_in_hours_of_work(comes: str, said: str) -> None:
    at_work = Ladder.model_validate({"id": "x", "at_work": True, "steps": [{"at": "100%", "tell": ["owner"]}]})
    due = at(comes)
    assert next_time(at_work, ANCHOR, due, [], ANCHOR, calendar=CALENDAR, quiet=QUIET) == at(said)
    assert owed_now(at_work, ANCHOR, due, [], at(said) - HOUR, calendar=CALENDAR, quiet=QUIET) == []
    assert owed_now(at_work, ANCHOR, due, [], at(said), calendar=CALENDAR, quiet=QUIET) == [Owing(0, 0)]


def test_without_a_higher_step_the_night_holds_a_step_until_the_morning() -> None:
    quiet_only = Ladder.model_validate({"id": "x", "steps": [{"at": "50%", "tell": ["handler"]}]})
    states = {
        now: owed_now(quiet_only, ANCHOR, DUE, [], at(now), calendar=CALENDAR, quiet=QUIET)
        for now in ("23 22:00", "24 07:29", "24 07:30")
    }
    assert states == {"23 22:00": [], "24 07:29": [], "24 07:30": [Owing(0, 0)]}


def test_after_fifty_hours_asleep_each_step_is_owed_once() -> None:
    woken = [Owing(number, 0) for number in range(4)]
    assert reached("25 12:00") == woken
    now = at("25 12:00")
    spoken = [Said(one.step, one.nth, now) for one in woken]
    assert reached("25 12:00", spoken) == []
    assert reached("25 16:00", spoken) == [Owing(3, 1)]


def test_after_fifty_hours_asleep_missed_repeats_are_owed_as_one() -> None:
    assert reached("26 16:00", said(ALL_FOUR)) == [Owing(3, 1)]


def test_waking_at_night_says_what_may_wake_people_and_holds_the_rest() -> None:
    assert reached("25 23:00") == [Owing(0, 0), Owing(1, 0), Owing(2, 0)]
    assert following("25 23:00", said("0.0 25 23:00; 1.0 25 23:00; 2.0 25 23:00")) == at("26 07:30")


@pytest.mark.parametrize(
    ("now", "urgent", "owing"),
    [
        ("24 20:59", False, 0),
        ("24 22:30", False, 0),
        ("24 22:30", True, 1),
        ("25 07:29", False, 0),
        ("25 07:30", False, 1),
    ],
)
def test_repeats_rest_at_night_unless_the_case_is_major(now: str, urgent: bool, owing: int) -> None:
    spoken = said(f"{ALL_FOUR}; 3.1 24 18:00")  # the next would be at 22:00
    assert len(reached(now, spoken, urgent=urgent)) == owing


@pytest.mark.parametrize(
    ("before", "now", "owing"),
    [
        (f"{ALL_FOUR} ack 24 15:00", "24 18:00", []),
        (f"{ALL_FOUR} ack 24 14:00", "24 18:00", []),  # at once
        # acknowledged late, on the older message: the repeat after it is settled too
        (f"{ALL_FOUR} ack 24 19:00; 3.1 24 18:00", "24 20:30", []),
        # somebody else of those told
        (f"{ALL_FOUR}; 3.0 24 14:00 ack 24 15:00", "24 18:00", []),
        # a lower step's acknowledgement silences nothing above
        ("0.0 24 07:30 ack 24 08:00; 1.0 24 05:12 ack 24 08:00", "24 10:00", ["2.0"]),
        ("0.0 24 07:30; 1.0 24 05:12; 2.0 24 10:00 ack 24 10:30", "24 14:00", ["3.0"]),
        ("0.0 24 07:30; 1.0 24 05:12; 2.0 24 10:00 ack 24 10:30; 3.0 24 14:00", "24 18:00", ["3.1"]),
    ],
)
def test_an_acknowledgement_stops_the_repeats_of_its_step_only(before: str, now: str, owing: list[str]) -> None:
    assert [f"{one.step}.{one.nth}" for one in reached(now, said(before))] == owing


@pytest.mark.parametrize(
    ("now", "note", "owing"),
    [
        ("24 16:59", None, 0),
        ("24 17:00", None, 1),
        ("24 16:59", "24 08:00", 0),
        ("24 17:00", "24 08:00", 1),  # a note from before the acknowledgement is none
        ("24 17:00", "24 10:00", 0),
        ("24 18:00", "24 10:00", 1),
    ],
)
def test_acknowledged_and_then_eight_hours_of_silence_is_said_again(now: str, note: str | None, owing: int) -> None:
    spoken = [Said(number, 0, at("24 08:00"), at("24 09:00")) for number in range(4)]
    assert reached(now, spoken, note=note) == [Owing(3, 1)] * owing


def test_what_was_said_again_after_silence_needs_a_new_acknowledgement() -> None:
    early = "0.0 24 08:00; 1.0 24 08:00; 2.0 24 08:00; 3.0 24 08:00 ack 24 08:00"
    again = said(f"{early}; 3.1 24 16:00")
    assert reached("24 19:59", again) == []
    assert reached("24 20:00", again) == [Owing(3, 2)]
    acked = said(f"{early}; 3.1 24 16:00 ack 24 17:00")
    assert reached("24 20:00", acked) == []
    assert following("24 20:00", acked) == at("25 07:30")  # 01:00 is night


@pytest.mark.parametrize(
    ("now", "before", "when"),
    [
        ("23 10:00", "", "24 05:12"),  # 50 % is at 22:00 and waits for the morning, 80 % does not
        ("24 05:12", "0.0 24 05:12; 1.0 24 05:12", "24 10:00"),
        ("24 10:00", "0.0 24 05:12; 1.0 24 05:12; 2.0 24 10:00", "24 14:00"),
        ("24 14:00", ALL_FOUR, "24 18:00"),
        ("24 18:00", f"{ALL_FOUR}; 3.1 24 18:00", "25 07:30"),
        ("24 15:00", f"{ALL_FOUR} ack 24 15:00", "25 07:30"),  # 23:00 of silence is night
    ],
)
def test_the_next_time_is_when_something_is_owed_next(now: str, before: str, when: str) -> None:
    spoken = said(before)
    assert following(now, spoken) == at(when)
    assert reached(now, spoken) == []
    a_minute_before = at(when) - timedelta(minutes=1)
    assert owed_now(COMPLAINT, ANCHOR, DUE, spoken, a_minute_before, calendar=CALENDAR, quiet=QUIET) == []
    assert owed_now(COMPLAINT, ANCHOR, DUE, spoken, at(when), calendar=CALENDAR, quiet=QUIET) != []


@pytest.mark.parametrize("urgent", [False, True])
def test_following_the_next_time_says_everything_in_order_and_never_twice(urgent: bool) -> None:
    """A tick that only wakes at `next_time` says what a tick every minute would."""
    spoken: list[Said] = []
    now = ANCHOR
    while now < ANCHOR + 72 * HOUR:
        when = next_time(COMPLAINT, ANCHOR, DUE, spoken, now, calendar=CALENDAR, quiet=QUIET, urgent=urgent)
        assert when is not None
        assert when > now
        now = when
        owing = owed_now(COMPLAINT, ANCHOR, DUE, spoken, now, calendar=CALENDAR, quiet=QUIET, urgent=urgent)
        assert owing
        spoken += [Said(one.step, one.nth, now) for one in owing]
    assert len({(one.step, one.nth) for one in spoken}) == len(spoken)
    assert [one.step for one in spoken if one.nth == 0] == [0, 1, 2, 3]
    resting = [one for one in spoken if one.nth and QUIET.holds(one.at)]
    assert bool(resting) is urgent


def test_a_ladder_that_has_all_been_said_is_silent_for_good() -> None:
    duty = Ladder.model_validate({"id": "x", "steps": [{"at": "due", "tell": ["owner"]}]})
    spoken = [Said(0, 0, DUE)]
    assert next_time(duty, ANCHOR, DUE, spoken, at("30 12:00"), calendar=CALENDAR, quiet=QUIET) is None
    assert owed_now(duty, ANCHOR, DUE, spoken, at("30 12:00"), calendar=CALENDAR, quiet=QUIET) == []


def test_a_step_that_repeats_without_until_is_not_stopped_by_an_acknowledgement() -> None:
    ladder = Ladder.model_validate({"id": "x", "steps": [{"at": "100%", "tell": ["owner"], "every": "2h"}]})
    spoken = [Said(0, 0, DUE, DUE)]
    assert next_time(ladder, ANCHOR, DUE, spoken, DUE, calendar=CALENDAR, quiet=QUIET) == DUE + 2 * HOUR


def test_also_tells_those_of_the_step_before_as_well() -> None:
    assert COMPLAINT.steps[3].tell == (Who.HANDLER, Who.UNIT_HEAD, Who.SALES_DEPT, Who.GENERAL_MANAGER)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [{"at": "80%", "tell": ["owner"]}, {"at": "50%", "tell": ["owner"]}],
        [{"at": "100%", "tell": ["owner"]}, {"at": "due", "tell": ["owner"]}],
        [{"at": "+4h", "tell": ["owner"]}, {"at": "100%", "tell": ["owner"]}],
        [{"at": "+2 workdays", "tell": ["owner"]}, {"at": "due", "tell": ["owner"]}],
        [{"at": "due", "also": ["owner"]}],
        [{"at": "due"}],
        [{"at": "due", "tell": ["owner"], "until": "acknowledged"}],
    ],
)
def test_a_ladder_that_does_not_climb_is_refused(steps: list[dict[str, object]]) -> None:
    with pytest.raises(ValidationError):
        Ladder.model_validate({"id": "x", "steps": steps})


@pytest.mark.parametrize(
    ("quiet", "now", "woken"),
    [
        (Quiet(), "23 20:59", "23 20:59"),
        (Quiet(), "23 21:00", "24 07:30"),
        (Quiet(), "24 00:00", "24 07:30"),
        (Quiet(), "24 07:30", "24 07:30"),
        (Quiet(time(12), time(14)), "24 13:00", "24 14:00"),
        (Quiet(time(12), time(14)), "24 23:00", "24 23:00"),
        (Quiet(time(0), time(0)), "24 03:00", "24 03:00"),  # none
    ],
)
def test_quiet_hours_end_in_the_morning(quiet: Quiet, now: str, woken: str) -> None:
    assert quiet.wake(at(now)) == at(woken)
