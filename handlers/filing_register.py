"""/filing_register 备案台账: what was filed, by period, unit, kind and state, paged, as far as one may see it; and as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, time
from typing import Any

from dialogue.filings import changed, short
from dialogue.forms import Flow
from dialogue.telling import hand_over
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen
from handlers.choosing import choice, turning, which_unit
from handlers.ledger import PERIODS, span
from models import audit, filing_register
from models.customer_list import units_there
from models.filing_register import STATES, Wanted
from models.filings import Filing, Kind
from models.people import Staff, Unit
from papers.filings import exports, outcome, sees
from papers.ledger import MOST
from rules.gate import Action
from words import Say, Value, pack, say

flow = Flow()
NEEDS = Action.SEE_FILINGS
A_PAGE = 6


@dataclass(frozen=True)
class Filter:
    """What the list shows; kept in its buttons."""

    period: str = "month"
    unit: int | None = None
    kind: str | None = None
    state: str | None = None
    page: int = 0

    def but(self, **changes: object) -> Mapping[str, object]:
        return {**asdict(self), "page": 0, **changes}


@flow.command("filing_register", "备案台账", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    return Reply(_screen(turn, Filter()))


@flow.deed("filings.register", needs=NEEDS)
def open_register(turn: Turn) -> Reply:
    return Reply(_screen(turn, Filter()), new=True)


@flow.deed("filings.shown", needs=NEEDS)
def show(turn: Turn, **chosen: Any) -> Reply:
    return Reply(_screen(turn, Filter(**chosen)))


def _wanted(turn: Turn, chosen: Filter) -> Wanted:
    days = span(chosen.period, turn.today)
    since, until = (turn.house.calendar.at(day, time()) for day in days) if days else (None, None)
    return Wanted(since, until, chosen.unit, chosen.kind, chosen.state)


def _screen(turn: Turn, chosen: Filter) -> Screen:
    wanted, scope = _wanted(turn, chosen), sees(turn.session, turn.staff, turn.now)
    count = filing_register.count(turn.session, wanted, scope)
    last = max(0, (count - 1) // A_PAGE)
    chosen = replace(chosen, page=max(0, min(chosen.page, last)))
    found = filing_register.page(turn.session, wanted, scope, chosen.page * A_PAGE, A_PAGE)
    text = say(
        "filings.list",
        what=_what(turn, chosen),
        count=count,
        page=say("page", page=chosen.page + 1, pages=last + 1) if last else None,
        lines=[_line(turn, each) for each in found] or say("ledger.empty"),
    )
    return Screen(text, _buttons(turn, chosen, last, count))


def _what(turn: Turn, chosen: Filter) -> Say:
    """The filters in words."""
    days = span(chosen.period, turn.today)
    value = f"{days[0]}/{days[1]}" if days else ""
    parts: list[Value] = [say("ledger.period", name=say(f"period.{chosen.period}"), value=value)]
    if chosen.unit is not None:
        parts.append(turn.session.get_one(Unit, chosen.unit).name)
    if chosen.kind:
        parts.append(say(f"filing_kind.{chosen.kind}"))
    if chosen.state:
        parts.append(say(f"filing_state.{chosen.state}"))
    return say("list", items=parts)


def _line(turn: Turn, filing: Filing) -> Say:
    return say(
        "filings.line",
        what=short(turn, filing),
        unit=turn.session.get_one(Unit, filing.unit_id).name,
        by=turn.session.get_one(Staff, filing.by_id).name,
        when=filing.made_at,
        outcome=outcome(filing),
        lines=changed(turn, filing),
    )


def _buttons(turn: Turn, chosen: Filter, last: int, count: int) -> Rows:
    periods = [_period(chosen, each) for each in PERIODS]
    filters = [_by(chosen, "kind"), _by(chosen, "state")]
    if len(units_there(turn.session, sees(turn.session, turn.staff, turn.now))) > 1:
        filters.append(Button(say("button.by_unit"), "filings.units", chosen.but()))
    ways = turning("filings.shown", chosen.page, last, lambda page: chosen.but(page=page))
    if count and turn.reaches(Action.EXPORT):
        ways.append(Button(say("button.export"), "filings.export", chosen.but()))
    return tuple(tuple(each) for each in (periods, filters, ways) if each)


def _period(chosen: Filter, period: str) -> Button:
    name = say(f"period.{period}")
    label = say("chosen", text=name) if period == chosen.period else name
    return Button(label, "filings.shown", chosen.but(period=period))


def _by(chosen: Filter, what: str) -> Button:
    return Button(say(f"button.filings_{what}"), "filings.by", {"what": what, "chosen": chosen.but()})


@flow.deed("filings.by", needs=NEEDS)
def by(turn: Turn, what: str, chosen: dict[str, Any]) -> Reply:
    """Which kind, or which state."""
    here, words = Filter(**chosen), tuple(each.value for each in Kind) if what == "kind" else STATES
    options: list[tuple[Value, Mapping[str, object]]] = [
        (say(f"filing_{what}.{each}"), here.but(**{what: each})) for each in words
    ]
    options.append((say("button.any"), here.but(**{what: None})))
    return choice(say(f"filings.which_{what}"), "filings.shown", options)


@flow.deed("filings.units", needs=NEEDS)
def units(turn: Turn, **chosen: Any) -> Reply:
    there = units_there(turn.session, sees(turn.session, turn.staff, turn.now))
    return which_unit("filings.shown", Filter(**chosen).but, there)


@flow.deed("filings.export", needs=Action.EXPORT)
def export(turn: Turn, **chosen: Any) -> Reply:
    """The whole list as .xlsx; who took what out of the house is on record."""
    here = Filter(**chosen)
    wanted, title = _wanted(turn, here), _what(turn, here)
    count = filing_register.count(turn.session, wanted, exports(turn.session, turn.staff, turn.now))
    if count > MOST:
        return Reply(toast=say("ledger.too_many", count=count, most=MOST))
    filters = {name: _plain(each) for name, each in asdict(wanted).items()}
    caption = say("paper.caption", name=say("filings.name"), what=title)
    args = {"wanted": filters, "title": pack(title)}
    hand_over(turn.session, turn.staff, "filings", args, caption, f"{turn.unique_key}:paper", turn.now)
    audit.record(turn.session, turn.now, turn.me, "filing.export", "ledger:filings", **filters)
    return Reply(toast=say("paper.coming"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
