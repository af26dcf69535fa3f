"""/due: what I owe, the most urgent first, each with the button that settles it; reminders can be put off, counted."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dialogue.assumed import of_items
from dialogue.calls import call_sheet
from dialogue.forms import Flow, notice
from dialogue.owed import item_lines, items_rows, owed_by, owed_instead
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import unsubmitted
from models import proxies
from models.clocks import Clock
from rules.gate import Action
from words import say

flow = Flow()
SHOWN = 8


@flow.command("due", "待办", needs=Action.SEE_DUE)
def due(turn: Turn, _: str) -> Reply:
    return Reply(screen(turn))


@flow.deed("due.open", needs=Action.SEE_DUE)
def open_due(turn: Turn, skip: int = 0) -> Reply:
    return Reply(screen(turn, skip), new=skip == 0)


def screen(turn: Turn, skip: int = 0) -> Screen:
    items = owed_by(turn.session, turn.staff, turn.now, _horizon(turn))
    ways: Rows = (*unsubmitted.mine_rows(turn), *columns(pages(turn), 2))
    if not items:
        return Screen(unsubmitted.with_mine(turn, say("due.nothing")), ways)
    shown = items[skip : skip + SHOWN]
    instead = owed_instead(turn.session, turn.staff, turn.now)
    lines = item_lines(turn.session, turn.house, shown, turn.now, skip + 1, instead)
    rest = len(items) - skip - len(shown)
    more = say("due.more", count=rest) if rest > 0 else None
    text = say("due.list", count=len(items), lines=lines, rest=more, assumed=of_items(turn.house, shown))
    rows = items_rows(shown, first=skip + 1, more=skip + SHOWN if rest > 0 else None)
    return Screen(unsubmitted.with_mine(turn, text), (*rows, *ways))


def pages(turn: Turn) -> list[Button]:
    """The pages that gather what is due: whom to phone, how the unit stands, what waits for a leader's word."""
    buttons = []
    if call_sheet(turn.session, turn.house, turn.staff, turn.now).open:
        buttons.append(Button(say("button.calls"), "calls.open", {}))
    if turn.reaches(Action.SEE_UNITS):
        buttons.append(Button(say("button.units"), "units.open", {"new": True}))
    elif turn.reaches(Action.SEE_UNIT):
        buttons.append(Button(say("button.unit"), "unit.mine", {}))
    waiting = proxies.waiting(turn.session, turn.me)
    if waiting:
        buttons.append(Button(say("button.proxies", count=len(waiting)), "proxy.open", {}))
    return buttons


def _horizon(turn: Turn) -> datetime:
    """The coming week and what is already late."""
    return turn.house.calendar.at(turn.today + timedelta(days=7), time(23, 59))


@flow.deed("duty.snooze", needs=Action.SEE_DUE)
def snooze(turn: Turn, clock: int) -> Reply:
    """明天提醒: not before the next working morning, and not more often than the rulebook allows."""
    found = turn.session.get(Clock, clock)
    if found is None or found.closed_at is not None or not _addressed_to_me(turn, found):
        return notice(say("not_here"))
    most = turn.house.rulebook.reminder.max_snoozes
    if found.snoozes >= most:
        return Reply(toast=say("snooze.enough", most=most))
    found.snoozes += 1
    morning = turn.house.calendar.at(turn.house.calendar.next_workday(turn.today), turn.house.digest)
    found.snoozed_until = morning
    return Reply(toast=say("snooze.done", when=morning, left=most - found.snoozes))


def _addressed_to_me(turn: Turn, clock: Clock) -> bool:
    return any(item.clock.id == clock.id for item in owed_by(turn.session, turn.staff, turn.now, clock.due_at))
