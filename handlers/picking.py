"""Several customers as one answer: ticked on pages with filters, all of a filter at once, or typed by name, place or tier."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from dialogue import engine
from dialogue.forms import Answers, Flow, WrongAnswerError
from dialogue.kinds import CustomerKind, Picks
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, columns
from handlers.choosing import choice
from models import customer_list
from models.customer_list import Wanted
from models.customers import Customer
from models.messages import Draft
from models.people import Staff, active_staff, key
from models.provinces import read_province
from reading.names import normalise
from rules import gate
from rules.gate import Action, Scope, Subject
from rules.roles import Tier, read_tier
from words import Say, Value, say

flow = Flow()
NEEDS = Action.TRANSFER_CUSTOMER
FIELD: Final = "customers"
CHOSEN, FILTER, START, BACK = "_chosen", "_filter", "_start", "_back"
A_PAGE: Final = 6
MOST: Final = 300
"""So many in one transfer."""
OFFERED: Final = 6
_BETWEEN = re.compile(r"[、，,;；\s]+")


def reach(turn: Turn) -> Scope:
    """Whose customers this person may give away: not those of somebody who is away and in whose place they act by name."""
    return replace(gate.scope(turn.actor, NEEDS), lent=frozenset())


def may_give(turn: Turn, customer: Customer) -> bool:
    mine = customer.owner_id if customer.owner_id == turn.me else None
    return turn.may(NEEDS, Subject(unit=customer.unit_id, owner=mine))


def chosen(answers: Answers) -> list[int]:
    return list(answers.get(FIELD) or answers.get(CHOSEN) or ())


class Several:
    """Customers whom the speaker may give away; kept as their ids."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> list[int]:
        """Names are taken at once; a place, a tier or a colleague is answered with how many there are."""
        if wanted := typed_filter(turn, text):
            raise _all_of(turn, answers, text, self._of(turn, wanted))
        found = list(dict.fromkeys(each for word in _BETWEEN.split(text) if word for each in self._one(turn, word)))
        return self.bounded([*chosen(answers), *(each for each in found if each not in chosen(answers))])

    def _of(self, turn: Turn, wanted: Wanted) -> list[Customer]:
        return list(customer_list.page(turn.session, wanted, reach(turn), MOST, None).customers)

    def _one(self, turn: Turn, word: str) -> list[int]:
        found = [each for each in CustomerKind(NEEDS).search(turn, word) if may_give(turn, each)]
        if not found:
            raise WrongAnswerError(say("wrong.customer", text=word[:50]))
        if len(found) > 1:
            raise _all_of(turn, {}, word, found)
        return [key(found[0])]

    def bounded(self, ids: list[int]) -> list[int]:
        if len(ids) > MOST:
            raise WrongAnswerError(say("transfer.too_many", count=len(ids), most=MOST))
        return ids

    def checked(self, turn: Turn, ids: Sequence[int]) -> list[Customer]:
        """Asked of the gate again. Raises `WrongAnswerError` where nothing is left, or something is no longer theirs to give."""
        found = [turn.session.get(Customer, each) for each in self.bounded(list(ids))]
        mine = [each for each in found if each is not None and may_give(turn, each)]
        if len(mine) < len(found) or not mine:
            raise WrongAnswerError(say("transfer.not_yours", count=len(found) - len(mine)))
        return mine

    def show(self, turn: Turn, value: Any) -> Value:
        names = [each.called for one in value[:OFFERED] if (each := turn.session.get(Customer, one))]
        return say("transfer.named", count=len(value), names=say("list", items=names))


def _all_of(turn: Turn, answers: Answers, text: str, found: Sequence[Customer]) -> WrongAnswerError:
    """How many fit, to be taken together or one of them."""
    if not found:
        return WrongAnswerError(say("wrong.customer", text=text[:50]))
    before = chosen(answers)
    all_ = list(dict.fromkeys([*before, *(key(each) for each in found)]))
    picks: list[tuple[Value, Any]] = [(say("button.take_all", count=len(found)), all_)]
    if len(found) <= OFFERED:
        picks += [(each.called, list(dict.fromkeys([*before, key(each)]))) for each in found]
    return WrongAnswerError(say("transfer.fits", text=text, count=len(found)), picks)


def typed_filter(turn: Turn, text: str) -> Wanted | None:
    """四川 重点 安然: every word a province, a tier or a colleague; None where one is none of these."""
    wanted = Wanted()
    for word in _BETWEEN.split(text.strip().removesuffix("全部").removeprefix("全部")):
        if not word:
            continue
        understood = _understood(turn, wanted, word)
        if understood is None:
            return None
        wanted = understood
    return wanted


def _understood(turn: Turn, wanted: Wanted, word: str) -> Wanted | None:
    if tier := read_tier(word):
        return replace(wanted, tier=tier.value)
    if province := read_province(word):
        return replace(wanted, province=province)
    plain = normalise(word)
    people = [each for each in active_staff(turn.session) if plain in (normalise(each.name), normalise(each.number))]
    return replace(wanted, owner=key(people[0])) if len(people) == 1 else None


# The list, with its ticks


def ways(turn: Turn, draft: Draft) -> Rows:
    """A page of it under the question; nothing where something else is asked."""
    if draft.asking != FIELD:
        return ()
    wanted, ticked = _wanted(draft), chosen(draft.answers)
    page = customer_list.page(turn.session, wanted, reach(turn), A_PAGE, _cursor(draft), bool(draft.answers.get(BACK)))
    here = {"draft": key(draft)}
    ticks = [
        Button(_tick(each, key(each) in ticked), "picking.tick", {**here, "customer": key(each)})
        for each in page.customers
    ]
    turning = []
    if page.earlier:
        turning.append(_turn(here, "button.earlier", page.customers[0], back=True))
    if page.later:
        turning.append(_turn(here, "button.more", page.customers[-1], back=False))
    return tuple(each for each in (*columns(ticks, 2), tuple(turning), *_filters(turn, draft), _end(draft)) if each)


def _tick(customer: Customer, on: bool) -> Say:
    return say("transfer.ticked" if on else "transfer.unticked", name=customer.called)


def _turn(here: dict[str, int], label: str, customer: Customer, *, back: bool) -> Button:
    at, number = customer_list.after(customer)
    return Button(say(label), "picking.page", {**here, "start": [at.isoformat(), number], "back": back})


def _filters(turn: Turn, draft: Draft) -> Rows:
    """One tap each; what is chosen stands on the button."""
    here, wanted = {"draft": key(draft)}, _wanted(draft)
    tier = say(f"tier.{wanted.tier}") if wanted.tier else say("button.tier")
    province = say("text", text=wanted.province) if wanted.province else say("button.province")
    found = [
        Button(tier, "picking.by", {**here, "what": "tier"}),
        Button(province, "picking.by", {**here, "what": "province"}),
    ]
    if reach(turn).units or reach(turn).all:
        owner = turn.session.get(Staff, wanted.owner) if wanted.owner else None
        label = say("text", text=owner.name) if owner else say("button.by_owner")
        found.append(Button(label, "picking.by", {**here, "what": "owner"}))
    return (tuple(found),)


def _end(draft: Draft) -> tuple[Button, ...]:
    here, ticked = {"draft": key(draft)}, chosen(draft.answers)
    found = [Button(say("button.tick_all"), "picking.all", here)]
    if ticked:
        found.append(Button(say("button.tick_none"), "picking.none", here))
        found.append(Button(say("button.ticked", count=len(ticked)), "picking.done", here))
    return tuple(found)


def _wanted(draft: Draft) -> Wanted:
    return Wanted(**draft.answers.get(FILTER, {}))


def _cursor(draft: Draft) -> customer_list.Cursor | None:
    start = draft.answers.get(START)
    return (datetime.fromisoformat(start[0]), start[1]) if start else None


def _asked(turn: Turn, number: int, **answers: Any) -> Reply:
    """The question again, with these answers changed; None takes one away."""
    draft = engine.mine(turn, number)
    if draft is None:
        return engine.gone()
    known = {**draft.answers, **answers}
    draft.answers = {name: value for name, value in known.items() if value not in (None, [])}
    draft.asking = FIELD
    return engine.proceed(turn, draft)


def _ticked(turn: Turn, number: int, ids: list[int]) -> Reply:
    return _asked(turn, number, **{FIELD: ids or None, CHOSEN: ids or None})


@flow.deed("picking.tick", needs=NEEDS)
def tick(turn: Turn, draft: int, customer: int) -> Reply:
    found, there = engine.mine(turn, draft), turn.session.get(Customer, customer)
    if found is None:
        return engine.gone()
    ticked = chosen(found.answers)
    if customer in ticked:
        return _ticked(turn, draft, [each for each in ticked if each != customer])
    if there is None or not may_give(turn, there) or len(ticked) >= MOST:
        return Reply(toast=say("transfer.too_many", count=len(ticked) + 1, most=MOST) if there else say("not_here"))
    return _ticked(turn, draft, [*ticked, customer])


@flow.deed("picking.page", needs=NEEDS)
def turn_page(turn: Turn, draft: int, start: list[Any], back: bool = False) -> Reply:
    return _asked(turn, draft, **{START: start, BACK: back or None})


@flow.deed("picking.all", needs=NEEDS)
def all_(turn: Turn, draft: int) -> Reply:
    """Everything that the filter shows, as far as one transfer takes it."""
    found = engine.mine(turn, draft)
    if found is None:
        return engine.gone()
    fits = customer_list.page(turn.session, _wanted(found), reach(turn), MOST + 1, None).customers
    ids = list(dict.fromkeys([*chosen(found.answers), *(key(each) for each in fits)]))
    if len(ids) > MOST:
        return Reply(toast=say("transfer.too_many", count=len(ids), most=MOST))
    return _ticked(turn, draft, ids)


@flow.deed("picking.none", needs=NEEDS)
def none(turn: Turn, draft: int) -> Reply:
    return _ticked(turn, draft, [])


@flow.deed("picking.done", needs=NEEDS)
def done(turn: Turn, draft: int) -> Reply:
    """选好了: on to the next question."""
    found = engine.mine(turn, draft)
    if found is None:
        return engine.gone()
    found.answers = {**found.answers, **({FIELD: chosen(found.answers)} if chosen(found.answers) else {})}
    found.asking = None
    return engine.proceed(turn, found)


@flow.deed("picking.by", needs=NEEDS)
def by(turn: Turn, draft: int, what: str) -> Reply:
    """Which tier, province or colleague."""
    found = engine.mine(turn, draft)
    if found is None:
        return engine.gone()
    options = [(label, {"draft": draft, "what": what, "value": value}) for label, value in _options(turn, found, what)]
    return choice(say(f"transfer.which_{what}"), "picking.filter", [*options, _any(draft, what)], 3)


def _any(draft: int, what: str) -> tuple[Value, dict[str, Any]]:
    return say("button.any"), {"draft": draft, "what": what, "value": None}


def _options(turn: Turn, draft: Draft, what: str) -> Sequence[tuple[Value, Any]]:
    if what == "tier":
        return [(say(f"tier.{each}"), each.value) for each in Tier]
    if what == "province":
        return [(each, each) for each in customer_list.provinces_there(turn.session, reach(turn), None)]
    units = [key(each) for each in customer_list.units_there(turn.session, reach(turn))]
    people = [
        each for unit in units for each in customer_list.owners_there(turn.session, reach(turn), unit, OFFERED * 5)
    ]
    return [(each.name, key(each)) for each in {key(each): each for each in people}.values()][: OFFERED * 5]


@flow.deed("picking.filter", needs=NEEDS)
def filter_(turn: Turn, draft: int, what: str, value: Any = None) -> Reply:
    found = engine.mine(turn, draft)
    if found is None:
        return engine.gone()
    filters = {name: each for name, each in {**found.answers.get(FILTER, {}), what: value}.items() if each is not None}
    return _asked(turn, draft, **{FILTER: filters or None, START: None, BACK: None})
