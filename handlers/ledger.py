"""台账: contacts, callbacks and complaints as lists with filters, paged, as far as one may see them; and as files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlmodel import col, select

from dialogue.forms import Flow, notice
from dialogue.kinds import CustomerKind, label
from dialogue.marks import marked
from dialogue.telling import hand_over
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import reports
from handlers.choosing import turning, which_tier, which_unit
from models import audit, ledgers, standstills
from models.customers import Customer
from models.ledgers import COMPLAINT, Row, Sight, Talk, Wanted
from models.people import Staff, Unit, active_staff, key
from papers.ledger import MOST, packed, sees
from reading.names import normalise
from rules.gate import Action
from words import Say, Value, pack, say

flow = Flow()
NEEDS = Action.SEE_COMPLAINT
KINDS = ("contact", "callback", COMPLAINT)
PERIODS = ("week", "month", "last_month", "all")
STATES = {
    None: ("open", "button.open_only"),
    "open": ("closed", "button.closed_only"),
    "closed": (None, "button.open_and_closed"),
}
"""What the button of the state leads to from each, and what it says."""
A_PAGE = 8


@dataclass(frozen=True)
class Filter:
    """What a list shows; kept in its buttons."""

    kind: str = "contact"
    period: str = "month"
    unit: int | None = None
    tier: str | None = None
    state: str | None = None
    customer: int | None = None
    staff: int | None = None
    page: int = 0

    @property
    def args(self) -> Mapping[str, object]:
        return asdict(self)

    def but(self, **changes: object) -> Mapping[str, object]:
        return {**asdict(self), "page": 0, **changes}


def span(period: str, today: date) -> tuple[date, date] | None:
    """The first day of a period and the day after its last; None for all time."""
    month = today.replace(day=1)
    match period:
        case "week":
            monday = today - timedelta(days=today.weekday())
            return monday, monday + timedelta(days=7)
        case "month":
            return month, month + relativedelta(months=1)
        case "last_month":
            return month - relativedelta(months=1), month
    return None


@flow.command("report", "台账", "报表", needs=NEEDS)
def report(turn: Turn, text: str) -> Reply:
    return _typed(turn, None, text)


@flow.command("contacts", "沟通台账", needs=Action.SEE_CUSTOMER)
def contacts(turn: Turn, text: str) -> Reply:
    return _typed(turn, "contact", text)


@flow.command("callbacks", "回访台账", needs=Action.SEE_CUSTOMER)
def callbacks(turn: Turn, text: str) -> Reply:
    return _typed(turn, "callback", text)


@flow.command("complaints", "投诉台账", needs=NEEDS)
def complaints(turn: Turn, text: str) -> Reply:
    return _typed(turn, COMPLAINT, text)


def _typed(turn: Turn, kind: str | None, text: str) -> Reply:
    """A list, of a colleague or a customer where one is named after the word."""
    if not text:
        return _opened(turn, Filter(kind), kind) if kind else Reply(_menu(turn, Filter()))
    people = [each for each in active_staff(turn.session) if normalise(text) in (normalise(each.name), each.number)]
    if len(people) == 1:
        return _opened(turn, Filter(kind or "contact", staff=key(people[0])), kind)
    found = CustomerKind(Action.FIND_CUSTOMER).search(turn, text)
    if len(found) == 1:
        return _opened(turn, Filter(kind or "contact", period="all", customer=key(found[0])), kind)
    if not found:
        return notice(say("ledger.nobody", text=text[:30]))
    chosen = Filter(kind or "contact", period="all")
    buttons = [Button(label(turn, each), "ledger.show", chosen.but(customer=key(each))) for each in found]
    return Reply(Screen(say("ask.which_customer", text=text[:30]), columns(buttons, 1)))


def _opened(turn: Turn, chosen: Filter, kind: str | None) -> Reply:
    return Reply(_list(turn, chosen) if kind else _menu(turn, chosen))


@flow.deed("ledger.menu", needs=NEEDS)
def menu(turn: Turn) -> Reply:
    return Reply(_menu(turn, Filter()), new=True)


def _menu(turn: Turn, chosen: Filter) -> Screen:
    """The lists there are, each with its number of this period; 无佐证 counted apart."""
    lines, buttons = [], []
    for kind in KINDS:
        if turn.reaches(_sees(kind)):
            each = replace(chosen, kind=kind)
            lines.append(say("ledger.count_of", name=say(f"ledger.{kind}"), count=_count(turn, each)))
            buttons.append(Button(say(f"ledger.{kind}"), "ledger.show", each.args))
    if turn.reaches(Action.SEE_REGISTER):
        buttons.append(Button(say("button.register"), "register.open", {}))
    if turn.reaches(Action.SEE_FILINGS):
        buttons.append(Button(say("button.filing_register"), "filings.register", {}))
    if turn.reaches(Action.SEE_TIERS):
        buttons.append(Button(say("button.tiers"), "tiers.open", {}))
    if turn.reaches(Action.SEE_CUSTOMER):
        buttons.append(Button(say("button.customers"), "customers.open", {}))
        buttons.append(Button(say("button.gap"), "gap.show", {}))
    if turn.reaches(Action.SEE_PLAN):
        buttons.append(Button(say("button.plan"), "plan.open", {}))
    if turn.reaches(Action.SEE_SCORES):
        buttons.append(Button(say("button.score"), "score.open", {}))
    if turn.reaches(Action.SEE_REPORTING):
        buttons.append(Button(say("button.charts"), "chart.open", {}))
        buttons.append(Button(say("button.figures"), "figures.open", {}))
    if turn.reaches(Action.SEE_SURVEY):
        buttons.append(Button(say("button.survey"), "survey.open", {}))
    buttons += reports.ways(turn)
    return Screen(say("ledger.menu", what=_what(turn, chosen), lines=lines), columns(buttons, 3))


def _sees(kind: str) -> Action:
    return Action.SEE_COMPLAINT if kind == COMPLAINT else Action.SEE_CUSTOMER


@flow.deed("ledger.show", needs=NEEDS)
def show(turn: Turn, **chosen: object) -> Reply:
    return Reply(_list(turn, _kept(turn, chosen)))


def _kept(turn: Turn, chosen: dict[str, Any]) -> Filter:
    """What a button keeps. Raises `NotAllowedError` where the customer whom it names can no longer be found by this person."""
    here = Filter(**chosen)
    if here.customer is not None:
        CustomerKind(Action.FIND_CUSTOMER).need(turn, here.customer)
    return here


def _wanted(turn: Turn, chosen: Filter) -> Wanted:
    days = span(chosen.period, turn.today)
    since, until = (turn.house.calendar.at(day, time()) for day in days) if days else (None, None)
    return Wanted(
        chosen.kind,
        since,
        until,
        chosen.unit,
        chosen.tier,
        chosen.customer,
        chosen.staff,
        None if chosen.state is None else chosen.state == "open",
    )


def _sights(turn: Turn, kind: str) -> list[Sight]:
    return sees(turn.session, turn.staff, kind, turn.now)


def _counted(turn: Turn, chosen: Filter) -> tuple[int, int]:
    count = ledgers.count_complaints if chosen.kind == COMPLAINT else ledgers.count_talks
    return count(turn.session, _wanted(turn, chosen), _sights(turn, chosen.kind))


def _count(turn: Turn, chosen: Filter) -> Say:
    number, bare = _counted(turn, chosen)
    return say("ledger.count", count=number, bare=say("ledger.bare", count=bare) if bare else None)


def _list(turn: Turn, chosen: Filter) -> Screen:
    number, _ = _counted(turn, chosen)
    last = max(0, (number - 1) // A_PAGE)
    chosen = replace(chosen, page=max(0, min(chosen.page, last)))
    wanted, seen, skip = _wanted(turn, chosen), _sights(turn, chosen.kind), chosen.page * A_PAGE
    links: list[Button] = []
    standing: Say | None = None
    if chosen.kind == COMPLAINT:
        rows = ledgers.complaints(turn.session, wanted, seen, skip, A_PAGE)
        lines = [_complaint(turn, each) for each in rows]
        standing = _standstills(turn, wanted, seen)
        links = [
            Button(say("text", text=each.matter.number), "complaint.show", {"matter": key(each.matter)})
            for each in rows
        ]
    else:
        lines = [_talk(turn, each) for each in ledgers.talks(turn.session, wanted, seen, skip, A_PAGE)]
    text = say(
        "ledger.list",
        name=say(f"ledger.{chosen.kind}"),
        what=_what(turn, chosen),
        count=_count(turn, chosen),
        lines=lines or say("ledger.empty"),
        standing=standing,
        page=say("page", page=chosen.page + 1, pages=last + 1) if last else None,
    )
    return Screen(text, (*columns(links, 2), *_buttons(turn, chosen, last, number)))


def _what(turn: Turn, chosen: Filter) -> Say:
    """The filters in words."""
    days = span(chosen.period, turn.today)
    value = f"{days[0]}/{days[1]}" if days else ""
    parts: list[Value] = [say("ledger.period", name=say(f"period.{chosen.period}"), value=value)]
    if chosen.unit is not None:
        parts.append(turn.session.get_one(Unit, chosen.unit).name)
    if chosen.tier:
        parts.append(say(f"tier.{chosen.tier}"))
    if chosen.state:
        parts.append(say(f"ledger.{chosen.state}"))
    if chosen.customer is not None:
        parts.append(turn.session.get_one(Customer, chosen.customer).called)
    if chosen.staff is not None:
        parts.append(turn.session.get_one(Staff, chosen.staff).name)
    return say("list", items=parts)


def _talk(turn: Turn, talk: Talk) -> Say:
    entry = talk.entry
    line = say(
        "ledger.talk",
        number=entry.number,
        when=entry.at,
        customer=talk.customer.called,
        way=say(f"channel.{entry.channel}"),
        by=turn.session.get_one(Staff, entry.by_id).name,
        text=(entry.answers.get("summary") or entry.answers.get("opinions") or "")[:40],
    )
    return marked(turn, entry, line)


def _complaint(turn: Turn, row: Row) -> Say:
    line = say(
        "ledger.case",
        number=row.matter.number,
        when=row.complaint.received_at,
        customer=row.customer.called,
        state=say(f"complaint_state.{row.matter.state}"),
        what=row.complaint.what[:40],
    )
    (standstill,) = standstills.of_matters(turn.session, [key(row.matter)], turn.now).values()
    hours = round(standstill.paused / timedelta(hours=1), 1)
    marks = [say("mark.unproven")] if row.unproven else []
    marks += [say("mark.paused", hours=f"{hours:g}")] if hours else []
    return say("marked", line=line, marks=say("list", items=marks)) if marks else line


def _standstills(turn: Turn, wanted: Wanted, seen: list[Sight]) -> Say | None:
    """Where a limit was paused: the figures with the pauses, and as if there had been none (R16.7)."""
    found = standstills.of_matters(turn.session, ledgers.complaint_ids(turn.session, wanted, seen), turn.now).values()
    paused = sum(each.paused > timedelta() for each in found)
    if not paused:
        return None
    return say(
        "ledger.standstills",
        paused=paused,
        kept=sum(each.kept is True for each in found),
        late=sum(each.kept is False for each in found),
        kept_without=sum(each.kept_without is True for each in found),
        late_without=sum(each.kept_without is False for each in found),
    )


def _buttons(turn: Turn, chosen: Filter, last: int, number: int) -> Rows:
    ways = turning("ledger.show", chosen.page, last, lambda page: chosen.but(page=page))
    if number and turn.reaches(Action.EXPORT):
        ways.append(Button(say("button.export"), "ledger.export", chosen.args))
    return tuple(tuple(each) for each in (_periods(chosen), _filters(turn, chosen), ways) if each)


def _periods(chosen: Filter) -> list[Button]:
    named = {each: say(f"period.{each}") for each in PERIODS}
    return [
        Button(say("chosen", text=name) if each == chosen.period else name, "ledger.show", chosen.but(period=each))
        for each, name in named.items()
    ]


def _filters(turn: Turn, chosen: Filter) -> list[Button]:
    found = []
    if len(_units(turn, chosen.kind)) > 1:
        found.append(Button(say("button.by_unit"), "ledger.units", chosen.but()))
    found.append(Button(say("button.tier"), "ledger.tiers", chosen.but()))
    if chosen.kind == COMPLAINT:
        state, label_ = STATES[chosen.state]
        found.append(Button(say(label_), "ledger.show", chosen.but(state=state)))
    return found


def _units(turn: Turn, kind: str) -> list[Unit]:
    """The units with customers that this person sees."""
    query = select(Unit).where(col(Unit.id).in_(select(Customer.unit_id).distinct())).order_by(col(Unit.id))
    (sight,) = _sights(turn, kind)
    if not sight.scope.all:
        query = query.where(col(Unit.id).in_(sight.scope.units))
    return list(turn.session.exec(query))


@flow.deed("ledger.units", needs=NEEDS)
def units(turn: Turn, **chosen: object) -> Reply:
    here = _kept(turn, chosen)
    return which_unit("ledger.show", here.but, _units(turn, here.kind))


@flow.deed("ledger.tiers", needs=NEEDS)
def tiers(turn: Turn, **chosen: object) -> Reply:
    here = _kept(turn, chosen)
    return which_tier("ledger.show", here.but)


@flow.deed("ledger.export", needs=Action.EXPORT)
def export(turn: Turn, **chosen: object) -> Reply:
    """The whole list as .xlsx; who took what out of the house is on record."""
    here = _kept(turn, chosen)
    number, _ = _counted(turn, here)
    if number > MOST:
        return Reply(toast=say("ledger.too_many", count=number, most=MOST))
    filters = packed(_wanted(turn, here))
    title = _what(turn, here)
    caption = say("paper.caption", name=say(f"ledger.{here.kind}"), what=title)
    args = {"wanted": filters, "title": pack(title)}
    hand_over(turn.session, turn.staff, "ledger", args, caption, f"{turn.unique_key}:paper", turn.now)
    audit.record(turn.session, turn.now, turn.me, "ledger.export", f"ledger:{here.kind}", **filters)
    return Reply(toast=say("paper.coming"))
