"""/customers 客户名单: by unit, tier, province, owner, and how long nobody has spoken with them; a tap opens the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any

from dialogue.forms import Flow, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import choice, which_tier, which_unit
from models import customer_list
from models.customer_list import COUNTED, Cursor, Wanted
from models.customers import Customer
from models.people import Staff, Unit, active_staff, key
from models.provinces import read_province
from reading.names import normalise
from rules import gate
from rules.gate import Action, Scope
from rules.roles import Tier
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEE_CUSTOMER
QUIET = (30, 60, 90)
"""Days without a word that can be tapped; others are typed."""
A_PAGE = 8
OWNERS = 60
"""Colleagues who are offered; others are typed."""
_DAYS = re.compile(r"(\d{1,4})(?:天|日|days?|d)?(?:未沟通|没沟通|没联系|未联系)?")


@dataclass(frozen=True)
class Filter:
    """What the list shows; kept in its buttons. `start`: the row that the page before ended with, or the next began with."""

    unit: int | None = None
    tier: str | None = None
    province: str | None = None
    owner: int | None = None
    quiet: int | None = None
    start: list[Any] | None = None
    back: bool = False

    def but(self, **changes: object) -> Mapping[str, object]:
        """The same with another filter, from its beginning."""
        return asdict(replace(self, **{"start": None, "back": False, **changes}))  # type: ignore[arg-type]

    def wanted(self, turn: Turn) -> Wanted:
        return Wanted(self.unit, self.tier, self.province, self.owner, _before(turn, self.quiet))


def _before(turn: Turn, days: int | None) -> datetime | None:
    """The end of the day that is so many days ago."""
    return None if days is None else turn.house.calendar.at(turn.today - timedelta(days=days - 1), time())


def _reach(turn: Turn) -> Scope:
    return gate.scope(turn.actor, NEEDS)


@flow.command("customers", "客户名单", needs=NEEDS)
def customers(turn: Turn, text: str) -> Reply:
    """Filters may be typed after the word: 客户名单 山东 重点 60天."""
    chosen = Filter()
    for word in text.split():
        understood = _typed(turn, chosen, word)
        if understood is None:
            return notice(say("customers.unknown", text=word[:30]))
        chosen = understood
    return Reply(_screen(turn, chosen))


def _typed(turn: Turn, chosen: Filter, word: str) -> Filter | None:
    """A number of days, a tier, a province, a unit or a colleague."""
    plain = normalise(word)
    if days := _DAYS.fullmatch(plain):
        return replace(chosen, quiet=max(1, int(days[1])))
    for tier in Tier:
        if plain == tier.value or (
            len(plain) > 1 and normalise(turn.voice.plain(say(f"tier.{tier}"))).startswith(plain)
        ):
            return replace(chosen, tier=tier.value)
    if province := read_province(word):
        return replace(chosen, province=province)
    units = [each for each in customer_list.units_there(turn.session, _reach(turn)) if plain == normalise(each.name)]
    if units:
        return replace(chosen, unit=key(units[0]))
    people = [each for each in active_staff(turn.session) if plain in (normalise(each.name), normalise(each.number))]
    return replace(chosen, owner=key(people[0])) if len(people) == 1 else None


@flow.deed("customers.open", needs=NEEDS)
def open_list(turn: Turn) -> Reply:
    return Reply(_screen(turn, Filter()), new=True)


@flow.deed("customers.show", needs=NEEDS)
def show(turn: Turn, **chosen: Any) -> Reply:
    return Reply(_screen(turn, Filter(**chosen)))


def _screen(turn: Turn, chosen: Filter) -> Screen:
    reach, wanted = _reach(turn), chosen.wanted(turn)
    page = customer_list.page(turn.session, wanted, reach, A_PAGE, _cursor(chosen), chosen.back)
    if not page.customers and chosen.start:  # they were spoken with since the card was drawn
        return _screen(turn, replace(chosen, start=None, back=False))
    count = customer_list.count(turn.session, wanted, reach)
    text = say(
        "customers.list",
        what=_what(turn, chosen),
        count=say("customers.over", most=COUNTED) if count > COUNTED else say("customers.count", count=count),
        lines=[_line(turn, each) for each in page.customers] or say("ledger.empty"),
    )
    cards = [Button(say("text", text=each.called), "customer.card", {"customer": key(each)}) for each in page.customers]
    ways = _ways(chosen, page)
    return Screen(text, (*columns(cards, 2), *([tuple(ways)] if ways else []), _quiet(chosen), *_filters(turn, chosen)))


def _cursor(chosen: Filter) -> Cursor | None:
    return (datetime.fromisoformat(chosen.start[0]), chosen.start[1]) if chosen.start else None


def _what(turn: Turn, chosen: Filter) -> Say | None:
    """The filters in words."""
    parts: list[Value] = []
    if chosen.unit is not None:
        parts.append(turn.session.get_one(Unit, chosen.unit).name)
    if chosen.owner is not None:
        parts.append(turn.session.get_one(Staff, chosen.owner).name)
    if chosen.tier:
        parts.append(say(f"tier.{chosen.tier}"))
    if chosen.province:
        parts.append(chosen.province)
    if chosen.quiet:
        parts.append(say("customers.quiet", days=chosen.quiet))
    return say("list", items=parts) if parts else None


def _line(turn: Turn, customer: Customer) -> Say:
    since = turn.house.calendar.local(customer.quiet_since or customer.created_at).date()
    return say(
        "customers.line",
        name=customer.called,
        tier=say(f"tier.{customer.tier}"),
        unit=turn.session.get_one(Unit, customer.unit_id).name,
        owner=turn.session.get_one(Staff, customer.owner_id).name,
        days=(turn.today - since).days,
    )


def _ways(chosen: Filter, page: customer_list.Page) -> list[Button]:
    found = []
    if page.earlier:
        found.append(_turn(chosen, "button.earlier", page.customers[0], back=True))
    if page.later:
        found.append(_turn(chosen, "button.more", page.customers[-1], back=False))
    return found


def _turn(chosen: Filter, label: str, customer: Customer, *, back: bool) -> Button:
    at, number = customer_list.after(customer)
    return Button(say(label), "customers.show", chosen.but(start=[at.isoformat(), number], back=back))


def _quiet(chosen: Filter) -> tuple[Button, ...]:
    """So many days without a word; tapped again, any."""
    found = []
    for days in QUIET:
        name = say("customers.quiet", days=days)
        on = chosen.quiet == days
        label = say("chosen", text=name) if on else name
        found.append(Button(label, "customers.show", chosen.but(quiet=None if on else days)))
    return tuple(found)


def _filters(turn: Turn, chosen: Filter) -> Rows:
    """One tap each, as far as there is something to choose from."""
    reach, here = _reach(turn), chosen.but()
    found = [
        Button(say("button.tier"), "customers.tiers", here),
        Button(say("button.province"), "customers.provinces", here),
    ]
    several = reach.all or len(reach.units) > 1
    if several:
        found.append(Button(say("button.by_unit"), "customers.units", here))
    if (reach.all or reach.units) and (chosen.unit is not None or not several):
        found.append(Button(say("button.by_owner"), "customers.owners", here))
    if any((chosen.unit, chosen.tier, chosen.province, chosen.owner, chosen.quiet)):
        found.append(Button(say("button.every_customer"), "customers.show", Filter().but()))
    return columns(found, 3)


@flow.deed("customers.units", needs=NEEDS)
def units(turn: Turn, **chosen: Any) -> Reply:
    there = customer_list.units_there(turn.session, _reach(turn))
    return which_unit("customers.show", lambda unit: Filter(**chosen).but(unit=unit, owner=None), there)


@flow.deed("customers.tiers", needs=NEEDS)
def tiers(turn: Turn, **chosen: Any) -> Reply:
    return which_tier("customers.show", Filter(**chosen).but)


@flow.deed("customers.provinces", needs=NEEDS)
def provinces(turn: Turn, **chosen: Any) -> Reply:
    here = Filter(**chosen)
    there = customer_list.provinces_there(turn.session, _reach(turn), here.unit)
    options: list[tuple[Value, Mapping[str, object]]] = [(each, here.but(province=each)) for each in there]
    options.append((say("button.all_provinces"), here.but(province=None)))
    return choice(say("customers.which_province"), "customers.show", options, 3)


@flow.deed("customers.owners", needs=NEEDS)
def owners(turn: Turn, **chosen: Any) -> Reply:
    here = Filter(**chosen)
    return choice(say("customers.which_owner"), "customers.show", list(_owners(turn, here)), 3)


def _owners(turn: Turn, here: Filter) -> Iterator[tuple[Value, Mapping[str, object]]]:
    reach = _reach(turn)
    unit = here.unit if here.unit is not None else min(reach.units, default=0)
    for each in customer_list.owners_there(turn.session, reach, unit, OWNERS):
        yield each.name, here.but(owner=key(each))
    yield say("button.all_owners"), here.but(owner=None)
