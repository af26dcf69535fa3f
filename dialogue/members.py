"""A colleague as an answer, for those who may do something to that colleague: an administrator to all, a unit head to their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dialogue.forms import Answers, WrongAnswerError
from dialogue.kinds import Picks
from dialogue.turn import Turn
from dialogue.viewer import Viewer
from models.people import Staff, Unit, active_staff, key, seats
from reading.names import normalise
from rules.gate import Action, Subject, scope
from rules.roles import PRIVILEGED
from words import Say, Value, say

OFFERED = 8


def within(view: Viewer, action: Action, staff: Staff) -> bool:
    """Whether they reach this colleague: all of the colleague's posts, and none of them privileged, where they don't reach all."""
    reach = scope(view.actor, action)
    held = seats(view.session, key(staff), view.now)
    mine = held and all(view.may(action, Subject(unit=each.unit_id)) and each.role not in PRIVILEGED for each in held)
    return reach.all or bool(mine)


def posts_lines(view: Viewer, staff: Staff) -> list[Say]:
    """Role by role, with its units."""
    by_role: dict[str, list[Value]] = {}
    for seat in seats(view.session, key(staff), view.now):
        by_role.setdefault(seat.role, []).append(view.session.get_one(Unit, seat.unit_id).name)
    return [say("post", role=say(f"role.{role}"), units=say("list", items=units)) for role, units in by_role.items()]


def posts_of(view: Viewer, staff: Staff) -> Say:
    """On one line: 业务员：西北销售一部."""
    return say("list", items=posts_lines(view, staff) or [say("post.none")])


def label(staff: Staff) -> Say:
    return say("staff.label", name=staff.name, number=staff.number)


@dataclass(frozen=True)
class Member:
    """Somebody who works here, by number or name; kept as the id. Who is offered first is the flow's to say."""

    fits: Callable[[Turn, Answers, Staff], bool]
    offered: Callable[[Turn, Answers], Sequence[Staff]]

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(label(each), key(each)) for each in self.offered(turn, answers)[:OFFERED]]

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        found = [
            each
            for each in active_staff(turn.session)
            if normalise(text) in (normalise(each.name), normalise(each.number)) and self.fits(turn, answers, each)
        ]
        if len(found) != 1:
            raise WrongAnswerError(say("wrong.member", text=text[:50]), [(label(each), key(each)) for each in found])
        return key(found[0])

    def checked(self, turn: Turn, answers: Answers, value: Any) -> Staff:
        """The colleague of an answer, asked of the gate again. Raises `WrongAnswerError`; the same for nobody as for not yours."""
        found = turn.session.get(Staff, value)
        if found is None or not found.active or not self.fits(turn, answers, found):
            raise WrongAnswerError(say("wrong.member", text=found.name if found is not None and found.active else ""))
        return found

    def show(self, turn: Turn, value: Any) -> Value:
        found = turn.session.get(Staff, value)
        return label(found) if found else ""
