"""本周通话表 (R14.2 to R14.5): one page of whom to phone, with the number, the last talk, and one tap to log."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.calls import CallSheet, call_sheet
from dialogue.forms import Flow
from dialogue.owed import Item, in_short
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.customer import talk_line
from models import customers
from models.customers import Customer, Person
from models.people import key
from models.records import Entry, last_entries
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.LOG_CONTACT
SHOWN = 10
MOST_DONE = 30


@flow.command("calls", "本周通话表", "通话表", needs=NEEDS)
def calls(turn: Turn, _: str) -> Reply:
    return Reply(screen(turn))


@flow.deed("calls.open", needs=NEEDS)
def open_calls(turn: Turn) -> Reply:
    return Reply(screen(turn), new=True)


@flow.deed("calls.page", needs=NEEDS)
def page(turn: Turn, skip: int = 0) -> Reply:
    return Reply(screen(turn, skip))


def screen(turn: Turn, skip: int = 0) -> Screen:
    sheet = call_sheet(turn.session, turn.house, turn.staff, turn.now)
    if not sheet.open and not sheet.done:
        return Screen(say("calls.none"))
    shown = sheet.open[skip : skip + SHOWN]
    rest = len(sheet.open) - skip - len(shown)
    text = say(
        "calls.sheet",
        open=len(sheet.open),
        lines=_lines(turn, shown, skip + 1),
        rest=say("due.more", count=rest) if rest > 0 else None,
        done=_done(sheet),
    )
    return Screen(text, (*_log_rows(turn, shown, skip + 1), _turning(skip, rest)))


def _lines(turn: Turn, items: Sequence[Item], first: int) -> list[Say]:
    lines: list[Say] = []
    before = None
    for number, item in enumerate(items, first):
        heading = item.clock.rule, turn.house.calendar.local(item.clock.due_at).date()
        if heading != before:
            before = heading
            entry = turn.house.rulebook.entry(item.clock.rule)
            lines.append(say("calls.rule", what=in_short(entry), due=item.clock.due_at))
        lines.append(_line(turn, item, number))
    return lines


def _line(turn: Turn, item: Item, number: int) -> Say:
    late = say("calls.late") if item.clock.due_at < turn.now else None
    if item.customer is None:
        return say("calls.own_choice", number=number, late=late)
    last = next(iter(last_entries(turn.session, key(item.customer), 1)), None)
    person = whom(turn, item.customer, last)
    return say(
        "calls.line",
        number=number,
        late=late,
        customer=item.customer.called,
        person=person.name if person else None,
        phone=person.phone if person else None,
        last=talk_line(turn, last, 24) if last else say("customer.no_talks"),
    )


def whom(turn: Turn, customer: Customer, last: Entry | None) -> Person | None:
    """Whom to ask for: the one spoken to last, otherwise the first on file."""
    known = customers.people(turn.session, key(customer))
    named = last.answers.get("person") if last else None
    return next((each for each in known if each.name == named), known[0] if known else None)


def _done(sheet: CallSheet) -> Value:
    names = [each.customer.called for each in sheet.done if each.customer]
    return say("calls.done", count=len(names), names=say("list", items=names[:MOST_DONE])) if names else None


def _log_rows(turn: Turn, items: Sequence[Item], first: int) -> Rows:
    buttons = []
    for number, item in enumerate(items, first):
        if item.customer is None:
            args = {"clock": key(item.clock)}
            buttons.append(Button(say("button.suggest", number=number), "suggest.open", args))
            continue
        known = {"customer": key(item.customer), "channel": "phone"}
        buttons.append(Button(say("button.call", number=number), "contact.open", known))
    return columns(buttons, 3)


def _turning(skip: int, rest: int) -> tuple[Button, ...]:
    turns = [Button(say("button.earlier"), "calls.page", {"skip": max(0, skip - SHOWN)})] if skip else []
    turns.append(Button(say("button.refresh"), "calls.page", {"skip": skip}))
    if rest > 0:
        turns.append(Button(say("button.more"), "calls.page", {"skip": skip + SHOWN}))
    return row(*turns)
