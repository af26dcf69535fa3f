"""本周通话表: whom to phone, from the weekly and monthly clocks of one's posts; what was done of them is ticked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlmodel import Session

from dialogue.owed import Item, addresses, item_of
from models.clocks import Clock, addressed_to
from models.people import Staff
from rules.cadence import Unit, cycle_containing, due_day, first_cycle
from rules.calendar import weekday_first
from rules.entries import Duty
from rules.house import House
from rules.roles import Channel

FEW = 5
"""Up to so many calls are reminded of one by one; more are one line, with the sheet behind it."""
FAR_AHEAD = timedelta(days=70)
"""Later than the due day of any weekly or monthly clock that was fulfilled in this period."""


@dataclass(frozen=True)
class CallSheet:
    """Still to be phoned, the most urgent first, and done in this period."""

    open: list[Item]
    done: list[Item]
    week_ends: datetime

    def this_week(self) -> list[Item]:
        """What is due by Sunday night, or late."""
        return [each for each in self.open if each.clock.due_at <= self.week_ends]


def call_sheet(session: Session, house: House, staff: Staff, now: datetime) -> CallSheet:
    today = house.calendar.local(now).date()
    duties = {duty.id: duty for duty in house.rulebook.duties if is_call(duty)}
    clocks = addressed_to(session, addresses(session, staff, now), now + FAR_AHEAD)
    calls = [clock for clock in clocks if clock.rule in duties]
    still = [each for each in calls if each.due_at <= _ends(house, duties[each.rule], today)]
    done = [each for each in calls if each not in still and _was_owed(house, duties[each.rule], each, today)]
    sunday = weekday_first(today) + timedelta(days=6)
    week_ends = house.calendar.at(sunday, time(23, 59))
    return CallSheet([item_of(session, each) for each in still], [item_of(session, each) for each in done], week_ends)


def is_call(duty: Duty) -> bool:
    """Whether a weekly or monthly phone call is what the duty asks for."""
    regular = duty.every.unit in (Unit.WEEK, Unit.MONTH)
    return duty.whom is not None and regular and Channel.PHONE in duty.how


def _ends(house: House, duty: Duty, today: date) -> datetime:
    return house.calendar.at(cycle_containing(duty.every, today, today).last, time(23, 59))


def _was_owed(house: House, duty: Duty, clock: Clock, today: date) -> bool:
    """Whether a clock that points to a later period was owed in this one: then it was fulfilled."""
    anchor = house.calendar.local(clock.anchor).date()
    current = cycle_containing(duty.every, today, anchor)
    begun = first_cycle(duty.every, anchor, house.calendar).first <= current.first
    return begun and due_day(duty.every, current, house.calendar) is not None
