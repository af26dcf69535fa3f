"""提醒设置: what one does not want to be sent by itself. Escalations and limits of complaints can't be silenced."""

from __future__ import annotations

from typing import Final

from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from models.people import seats
from rules.gate import Action
from rules.roles import LEADING
from words import say

flow = Flow()
NEEDS: Final = Action.SEE_RULES
LISTS: Final = ("morning_list", "weekly_page")


@flow.command("notify", "提醒设置", needs=NEEDS)
def notify(turn: Turn, _: str) -> Reply:
    return Reply(_screen(turn), new=True)


@flow.deed("notify.open", needs=NEEDS)
def opened(turn: Turn) -> Reply:
    return Reply(_screen(turn))


@flow.deed("notify.switch", needs=NEEDS)
def switch(turn: Turn, what: str, on: bool) -> Reply:
    """`on` is in the button, so that who presses twice has what they wanted."""
    if what in LISTS:
        setattr(turn.staff, what, on)
    return Reply(_screen(turn))


def _screen(turn: Turn) -> Screen:
    leads = any(each.role in LEADING for each in seats(turn.session, turn.me, turn.now))
    shown = [each for each in LISTS if leads or each != "weekly_page"]
    lines = [say("notify.on" if _wants(turn, each) else "notify.off", what=say(f"notify.{each}")) for each in shown]
    buttons = [_button(each, on=not _wants(turn, each)) for each in shown]
    return Screen(say("notify", lines=lines), (tuple(buttons),))


def _wants(turn: Turn, what: str) -> bool:
    return getattr(turn.staff, what) is not False


def _button(what: str, *, on: bool) -> Button:
    label = say("button.notify_on" if on else "button.notify_off", what=say(f"notify.{what}"))
    return Button(label, "notify.switch", {"what": what, "on": on})
