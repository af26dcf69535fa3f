"""Kinds of answer about a leave: from when to when, and who stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Picks
from dialogue.leaves import span_of, with_leave
from dialogue.turn import Turn
from models import people
from models.absences import between
from models.leave import Leave, goes_in_circles
from models.people import Staff, distinct, key
from reading.leave import leave
from reading.names import normalise
from reading.when import Interval, iso
from rules.roles import Role
from words import Value, say

NOBODY = 0
LONGEST, FARTHEST = timedelta(days=200), timedelta(days=300)
MOST_PROPOSED = 6
WITHOUT = re.compile(r"(?:没有|无|不设|不用|不要|不指定)\s*(?:代理人?|人代)|no(?:body| substitute)", re.IGNORECASE)
NAMED = re.compile(r"(?:代理人|substitute|covered by)\s*[:：是为]?\s*([^\s，,。；;]{1,20})", re.IGNORECASE)
NUMBER = re.compile(r"[A-Za-z]{0,4}\d{1,8}", re.ASCII)


@dataclass(frozen=True)
class LeaveSpan:
    """从哪天到哪天，可带时刻 / from when to when"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        calendar, today = turn.house.calendar, turn.today
        tomorrow = calendar.next_workday(today)
        friday = tomorrow + timedelta(days=max(0, 4 - tomorrow.weekday()))
        first = [(today, today), (tomorrow, tomorrow), *([(tomorrow, friday)] if friday > tomorrow else [])]
        return [(say("when", value=each), each) for each in (_days(one, last) for one, last in first)]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = leave(text, turn.local_now, turn.house.calendar)
        if found is None:
            raise WrongAnswerError(say("wrong.leave_span"))
        return self.checked(turn, as_text(*found[0]))

    def checked(self, turn: Turn, value: str) -> str:
        """The value, unless it is over, too long, or too far away. Raises `WrongAnswerError`, saying what was understood."""
        starts, ends = moments(turn, value)
        if ends <= max(starts, turn.now):
            raise WrongAnswerError(say("wrong.leave_over", when=say("when", value=value)))
        if ends - starts > LONGEST or starts - turn.now > FARTHEST:
            raise WrongAnswerError(
                say("wrong.leave_long", when=say("when", value=value), most=LONGEST.days, ahead=FARTHEST.days)
            )
        return value

    def show(self, turn: Turn, value: Any) -> Value:
        starts, ends = (
            datetime.fromisoformat(each).replace(tzinfo=turn.house.calendar.tz) for each in value.split("/")
        )
        return say("when", value=value) if ends.time() != time() else span_of(turn.house, starts, ends)


def as_text(starts: datetime, ends: datetime) -> str:
    """As JSON: days where it goes from midnight to midnight."""
    if starts.time() == ends.time() == datetime.min.time():
        return iso(Interval(starts.date(), ends.date()))
    return iso(Interval(starts, ends))


def _days(first: Any, last: Any) -> str:
    return iso(Interval(first, last + timedelta(days=1)))


def moments(turn: Turn, value: str) -> tuple[datetime, datetime]:
    """From the first instant, now at the earliest, until just before the second."""
    starts, ends = (datetime.fromisoformat(each).replace(tzinfo=turn.house.calendar.tz) for each in value.split("/"))
    return max(starts, turn.now), ends


@dataclass(frozen=True)
class Substitute:
    """代理人 / who stands in; 0 for nobody"""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        proposed = [each for each in proposals(turn) if self._fits(turn, answers, each)][:MOST_PROPOSED]
        return [*((with_leave(turn, each), key(each)) for each in proposed), (say("leave.nobody"), NOBODY)]

    def _fits(self, turn: Turn, answers: Answers, staff: Staff) -> bool:
        try:
            self.checked(turn, answers, key(staff))
        except WrongAnswerError:
            return False
        return not ("span" in answers and _away_meanwhile(turn, answers["span"], staff))

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        found = named(turn, text)
        if found is None:
            raise WrongAnswerError(say("wrong.colleague", text=text[:50]))
        return self.checked(turn, answers, found)

    def checked(self, turn: Turn, answers: Answers, value: int) -> int:
        """The value, unless they can't stand in. Raises `WrongAnswerError`, saying why."""
        staff = turn.session.get(Staff, value) if value else None
        if value and (staff is None or not staff.active):
            raise WrongAnswerError(say("wrong.colleague", text=""))
        if staff is None:
            return NOBODY
        if staff.id == turn.me:
            raise WrongAnswerError(say("wrong.leave_self"))
        if staff.telegram_id is None:
            raise WrongAnswerError(say("wrong.leave_not_enrolled", name=staff.name))
        if "span" in answers:
            _need_no_circle(turn, Leave(*moments(turn, answers["span"]), staff))
        return key(staff)

    def show(self, turn: Turn, value: Any) -> Value:
        return turn.session.get_one(Staff, value).name if value else say("leave.nobody")


def _need_no_circle(turn: Turn, what: Leave) -> None:
    chain = goes_in_circles(turn.session, turn.staff, what)
    if chain:
        names = [turn.session.get_one(Staff, each).name for each in chain]
        way = "→".join([turn.staff.name, *names, turn.staff.name])
        raise WrongAnswerError(say("wrong.leave_circle", way=way))


def _away_meanwhile(turn: Turn, span: str, staff: Staff) -> bool:
    return any(each.staff_id == staff.id for each in between(turn.session, *moments(turn, span)))


def named(turn: Turn, text: str) -> int | None:
    """The one colleague whose number or name stands in the words, or that there is to be nobody. Raises `WrongAnswerError`,
    offering those who fit."""
    if WITHOUT.search(text) or normalise(text) in ("无", "没有"):
        return NOBODY
    found = _named(turn, text)
    if len(found) > 1:
        picks = [(say("staff.label", name=each.name, number=each.number), key(each)) for each in found]
        raise WrongAnswerError(say("wrong.leave_which"), picks)
    return key(found[0]) if found else None


def _named(turn: Turn, text: str) -> list[Staff]:
    everyone = people.active_staff(turn.session)
    numbers = {each.lower() for each in NUMBER.findall(text)}
    numbered = [each for each in everyone if each.number.lower() in numbers]
    if numbered:
        return numbered
    plain = normalise(text)
    fitting = [each for each in everyone if len(each.name) > 1 and normalise(each.name) in plain]
    return [each for each in fitting if not any(each.name != one.name and each.name in one.name for one in fitting)]


def unknown_name(text: str) -> str | None:
    """Whom the words name as substitute, where nobody of that name works here."""
    found = NAMED.search(text)
    return found[1] if found else None


def proposals(turn: Turn) -> list[Staff]:
    """Colleagues of the unit; for a head, who is above, then the other heads."""
    session, now = turn.session, turn.now
    held = people.seats(session, turn.me, now)
    found: list[Staff] = []
    for seat in held:
        if seat.role in (Role.SALESPERSON, *DEPARTMENTS):
            peers = people.of_unit(session, seat.unit_id, now)
            found += [
                each for each in peers if any(one.role == seat.role for one in people.seats(session, key(each), now))
            ]
            found += peers
    found += people.above(session, turn.staff, now)
    for seat in held:
        if seat.role not in (Role.SALESPERSON, *DEPARTMENTS):
            found += people.in_role(session, seat.role, now)
    return [each for each in distinct(found) if each.id != turn.me]


DEPARTMENTS = frozenset(Role) - {
    Role.SALESPERSON,
    Role.UNIT_HEAD,
    Role.VICE_PRESIDENT,
    Role.GENERAL_MANAGER,
    Role.CHAIRMAN,
}
