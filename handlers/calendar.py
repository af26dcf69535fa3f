"""放假安排: the year's rest and make-up days on one screen, and the ways to enter them."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

from dialogue import engine
from dialogue.assumed import assumed
from dialogue.day_kinds import what_said
from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, row
from handlers import arranging
from handlers.arranging import holiday_said, stretches
from models.people import Staff
from models.working_days import Arrangement, WorkingDay, arrangements, standing
from reading.arrangement import arrangement, single_days
from reading.arrangement_words import HOLIDAYS
from rules.calendar import SATURDAY, is_published, state_holiday
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.KEEP_CALENDAR
FIRST, LAST = 2004, 2099
"""Years that can be looked at; the state calendar begins with the first."""
FEW = 4


@flow.command("calendar", "放假安排", "工作日历", needs=NEEDS)
def calendar(turn: Turn, text: str) -> Reply:
    """Alone the year; with a year that one; with a notice or single days, the form that takes them."""
    year = text.strip().removesuffix("年")
    if not text or (year.isascii() and year.isdigit() and FIRST <= int(year[:5]) <= LAST):
        return Reply(screen(turn, int(year) if text else turn.today.year), new=True)
    if not _is_notice(text, turn.today):
        days, reason = single_days(text, turn.today)
        if days:
            answers = {"days": [[each.day.isoformat(), each.works] for each in days]}
            return engine.begin(turn, arranging.DAYS, {**answers, **({"reason": reason} if reason else {})})
    return engine.begin(turn, arranging.NOTICE, arranging.NOTICE.fill(turn, text))


def _is_notice(text: str, today: date) -> bool:
    """It names a holiday of the state, or days of several."""
    read = arrangement(text, today.year)
    return len(read.holidays) > 1 or any(name in HOLIDAYS for each in read.holidays for name in each.names)


@flow.deed("calendar.open", needs=NEEDS)
def open_year(turn: Turn, year: int = 0) -> Reply:
    return Reply(screen(turn, year or turn.today.year), new=not year)


@flow.deed("calendar.paste", needs=NEEDS)
def paste(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, arranging.NOTICE, {}).screen, new=True)


@flow.deed("calendar.days", needs=NEEDS)
def days(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, arranging.DAYS, {}).screen, new=True)


@flow.deed("calendar.withdraw", needs=NEEDS)
def withdraw(turn: Turn, year: int) -> Reply:
    """Every day to come that the company set in that year, as before again; the reason is asked."""
    set_ = [day.isoformat() for day in _own(turn, year) if day >= turn.today]
    if not set_:
        return Reply(screen(turn, year))
    return Reply(engine.begin(turn, arranging.DAYS, {"days": [[day, None] for day in set_]}).screen, new=True)


def screen(turn: Turn, year: int) -> Screen:
    own = _own(turn, year)
    months = [_month(turn, year, month, own) for month in range(1, 13)]
    text = say(
        "calendar.year",
        year=str(year),
        source=_source(turn, year),
        months=[each for each in months if each],
        own=_own_lines(turn, own),
    )
    return Screen(text, _ways(turn, year, own))


def _source(turn: Turn, year: int) -> Say | None:
    if not turn.house.calendar.knows(year):
        return assumed(turn.house, [date(year, 1, 1)])
    return say("calendar.by_company") if year in turn.house.calendar.arranged else say("calendar.by_state")


def _ways(turn: Turn, year: int, own: dict[date, WorkingDay]) -> Rows:
    turns = []
    if year > FIRST:
        turns.append(Button(say("button.year_before", year=str(year - 1)), "calendar.open", {"year": year - 1}))
    if year < LAST:
        turns.append(Button(say("button.year_after", year=str(year + 1)), "calendar.open", {"year": year + 1}))
    ways = [Button(say("button.paste_notice"), "calendar.paste"), Button(say("button.change_day"), "calendar.days")]
    back = row(Button(say("button.withdraw_year"), "calendar.withdraw", {"year": year}))
    return (tuple(turns), tuple(ways), *([back] if any(day >= turn.today for day in own) else []))


def _own(turn: Turn, year: int) -> dict[date, WorkingDay]:
    """What the company set in that year, day by day."""
    found = standing(turn.session)
    return {day: found[day] for day in sorted(found) if day.year == year and found[day].works is not None}


def _month(turn: Turn, year: int, month: int, own: dict[date, WorkingDay]) -> Say | None:
    """What differs from Monday to Friday: rest days in a row with a free weekday among them, and weekends that are worked."""
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    is_workday = turn.house.calendar.is_workday
    span = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    rest = [each for each in stretches([day for day in span if not is_workday(day)]) if _is_free(*each)]
    work = [day for day in span if is_workday(day) and day.weekday() >= SATURDAY]
    if not rest and not work:
        return None
    return say(
        "calendar.month",
        month=str(month),
        rest=say("calendar.month_rest", days=[_run(each, own) for each in rest]) if rest else None,
        work=say("calendar.month_work", days=[str(day.day) for day in work]) if work else None,
    )


def _is_free(first: date, last: date) -> bool:
    return any((first + timedelta(days=n)).weekday() < SATURDAY for n in range((last - first).days + 1))


def _run(stretch: tuple[date, date], own: dict[date, WorkingDay]) -> Say:
    first, last = stretch
    within = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    name = next((each for day in within if (each := _name(day, own))), "")
    days = str(first.day) if first == last else f"{first.day}–{last.day}"
    return say("calendar.run", days=days, name=say("calendar.run_name", name=holiday_said(name)) if name else None)


def _name(day: date, own: dict[date, WorkingDay]) -> str:
    return own[day].name if day in own else state_holiday(day) if is_published(day.year) else ""


def _own_lines(turn: Turn, own: dict[date, WorkingDay]) -> list[Value]:
    """What the company set apart from a whole year's notice: by whom and why; day by day where it is a few."""
    by_source = defaultdict[int, list[WorkingDay]](list)
    for each in own.values():
        by_source[each.arrangement_id].append(each)
    sources = arrangements(turn.session, sorted(by_source))
    lines = [
        line
        for number, days in by_source.items()
        if not sources[number].whole
        for line in _lines_of(turn, sources[number], days)
    ]
    return [say("calendar.own"), *lines] if lines else []


def _lines_of(turn: Turn, source: Arrangement, days: list[WorkingDay]) -> list[Say]:
    by = turn.session.get_one(Staff, source.by_id).name
    reason = source.text.partition("\n")[0][:60]
    if len(days) > FEW:
        first, last = days[0].day, days[-1].day
        return [say("calendar.own_days", first=first, last=last, count=len(days), reason=reason, by=by)]
    return [say("calendar.own_day", day=each.day, what=what_said(each.works), reason=reason, by=by) for each in days]
