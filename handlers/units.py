"""本单位 and 各单位: who is behind with what, unit by unit; 催办 reminds a person, once a day from each who urges."""

from __future__ import annotations

from datetime import time

from dialogue.forms import Flow
from dialogue.owed import Item, about, in_short, item_lines, item_of, items_rows
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import urging
from models import overviews
from models.climbing import LIMIT
from models.overviews import Figures
from models.people import Staff, Unit, key
from rules.calendar import weekday_first
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
SHOWN = 9
UNITS_A_PAGE = 12
LISTED = 5
DUTIES = "duties"

Behind = dict[int, list[Item]]
"""What each person, by id, has overdue, the oldest first; those with most to do first."""


@flow.command("unit", "本单位", needs=Action.SEE_UNIT)
def my_unit(turn: Turn, _: str) -> Reply:
    return Reply(_mine(turn))


@flow.deed("unit.mine", needs=Action.SEE_UNIT)
def open_mine(turn: Turn) -> Reply:
    return Reply(_mine(turn), new=True)


def _mine(turn: Turn) -> Screen:
    """The page of the only unit, or the list of several."""
    mine = _reached(turn, Action.SEE_UNIT)
    return page(turn, turn.session.get_one(Unit, mine[0])) if len(mine) == 1 else side_by_side(turn, mine)


def _reached(turn: Turn, action: Action) -> list[int]:
    every = overviews.business_units(turn.session, turn.now)
    return [each for each in every if turn.may(action, Subject(unit=each))]


@flow.deed("unit.open", needs=Action.SEE_UNIT)
def open_unit(turn: Turn, unit: int) -> Reply:
    turn.need(Action.SEE_UNIT, Subject(unit=unit))
    return Reply(page(turn, turn.session.get_one(Unit, unit)))


@flow.command("units", "各单位", needs=Action.SEE_UNITS)
def all_units(turn: Turn, _: str) -> Reply:
    return Reply(side_by_side(turn, _reached(turn, Action.SEE_UNITS)))


@flow.deed("units.open", needs=Action.SEE_UNITS)
def open_all(turn: Turn, skip: int = 0, new: bool = False) -> Reply:
    return Reply(side_by_side(turn, _reached(turn, Action.SEE_UNITS), skip), new=new)


def side_by_side(turn: Turn, units: list[int], skip: int = 0) -> Screen:
    if not units:
        return Screen(say("not_here"))
    monday = turn.house.calendar.at(weekday_first(turn.today), time(0))
    found = overviews.figures(turn.session, units, monday, turn.now)
    worst = sorted(units, key=lambda each: (-found[each].over, -found[each].late, each))
    shown = [turn.session.get_one(Unit, each) for each in worst[skip : skip + UNITS_A_PAGE]]
    rest = len(worst) - skip - len(shown)
    more = Button(say("button.more"), "units.open", {"skip": skip + UNITS_A_PAGE})
    text = say("units.page", lines=[_figures(each, found[key(each)]) for each in shown])
    buttons = [Button(say("text", text=each.name), "unit.open", {"unit": key(each)}) for each in shown]
    return Screen(text, (*columns(buttons, 2), *([(more,)] if rest > 0 else [])))


def _figures(unit: Unit, found: Figures) -> Say:
    return say(
        "units.line",
        unit=unit.name,
        late=found.late,
        complaints=found.complaints,
        over=say("units.over", count=found.over) if found.over else None,
        talks=found.talks,
    )


def page(turn: Turn, unit: Unit) -> Screen:
    behind = _behind(turn, unit)
    people = [turn.session.get_one(Staff, each) for each in list(behind)[:SHOWN]]
    monday = turn.house.calendar.at(weekday_first(turn.today), time(0))
    found = overviews.figures(turn.session, [key(unit)], monday, turn.now)[key(unit)]
    text = say(
        "unit.page",
        unit=unit.name,
        complaints=found.complaints,
        over=say("units.over", count=found.over) if found.over else None,
        talks=found.talks,
        lines=[_person(turn, number, each, behind[key(each)]) for number, each in enumerate(people, 1)]
        or say("unit.nobody_late"),
    )
    return Screen(text, _unit_rows(turn, unit, people))


def _behind(turn: Turn, unit: Unit) -> Behind:
    found: Behind = {}
    for _, clock in overviews.late(turn.session, [key(unit)], turn.now):
        for owner in overviews.owners(turn.session, clock, turn.now)[:1]:
            found.setdefault(key(owner), []).append(item_of(turn.session, clock))
    return dict(sorted(found.items(), key=lambda each: -len(each[1])))


def _person(turn: Turn, number: int, who: Staff, items: list[Item]) -> Say:
    worst = min(items, key=lambda each: (each.clock.rule != LIMIT, each.clock.due_at))
    return say(
        "unit.behind",
        number=number,
        name=who.name,
        count=len(items),
        urged=say("unit.urged") if urging.urged(turn, who, DUTIES) else None,
        worst=about(turn.session, worst),
        rule=in_short(turn.house.rulebook.entry(worst.clock.rule)),
        due=worst.clock.due_at,
    )


def _unit_rows(turn: Turn, unit: Unit, people: list[Staff]) -> Rows:
    buttons = [
        Button(say("button.urge", number=number), "unit.urge", {"unit": key(unit), "staff": key(each)})
        for number, each in enumerate(people, 1)
        if key(each) != turn.me and not urging.urged(turn, each, DUTIES)
    ]
    back = [Button(say("button.units"), "units.open", {})] if turn.reaches(Action.SEE_UNITS) else []
    allowed = buttons if turn.may(Action.URGE, Subject(unit=key(unit))) else []
    return (*columns(allowed, 3), *([tuple(back)] if back else []))


@flow.deed("unit.urge", needs=Action.URGE)
def urge(turn: Turn, unit: int, staff: int) -> Reply:
    """One message that names who urges and what is overdue."""
    turn.need(Action.URGE, Subject(unit=unit))
    here, who = turn.session.get_one(Unit, unit), turn.session.get_one(Staff, staff)
    items = _behind(turn, here).get(staff)
    if not items:
        return Reply(page(turn, here), toast=say("urge.not_behind"))
    shown = items[:LISTED]
    text = say(
        "urge.message",
        by=turn.staff.name,
        count=len(items),
        lines=item_lines(turn.session, turn.house, shown, turn.now),
        rest=say("due.rest", count=len(items) - len(shown)) if len(items) > len(shown) else None,
    )
    done = urging.urge(turn, who, DUTIES, Screen(text, items_rows(shown)), unit=unit, count=len(items))
    return Reply(page(turn, here), toast=done)
