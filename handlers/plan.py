"""/plan 回访计划 (R17.7): the year's visits of a unit, month by month, drawn from its duties; its head moves them, chooses whom of
own choice, and hands the plan in."""

from __future__ import annotations

from datetime import date

from dialogue.forms import Flow, notice
from dialogue.owed import in_short
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning
from models import planned_visits, plans, rounds
from models.climbing import PLAN
from models.customers import Customer
from models.overviews import business_units
from models.pace import Pace
from models.people import Staff, Unit, distinct, holders, key, split_post
from models.plans import MONTHS, NOWHERE, Line, Plan
from rules import gate
from rules.gate import Action, Subject
from rules.roles import Role
from rules.spans import Span, year_of
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_PLAN
ADJUST = Action.ADJUST_PLAN
A_PAGE = 8
PACE_AFTER = 28
"""Days of a year after which a pace says something."""


@flow.command("plan", "回访计划", needs=NEEDS)
def plan(turn: Turn, _: str) -> Reply:
    return Reply(_first(turn))


@flow.deed("plan.open", needs=NEEDS)
def open_plan(turn: Turn) -> Reply:
    return Reply(_first(turn), new=True)


def _first(turn: Turn) -> Screen:
    """The one unit's plan, or the units side by side: of this year, or the next one where nothing is owed before it."""
    units, year = within(turn), plans.first_year(turn.session, turn.house, turn.now)
    return _page(turn, key(units[0]), year) if len(units) == 1 else _units(turn, year)


def within(turn: Turn) -> list[Unit]:
    """The business units whose plans this person sees."""
    reach = gate.scope(turn.actor, NEEDS)
    found = [each for each in business_units(turn.session, turn.now) if reach.all or each in reach.units]
    return [turn.session.get_one(Unit, each) for each in found]


def year_named(turn: Turn, year: int) -> Span:
    """That year, if it is near enough to be planned or looked back at."""
    near = min(max(year, turn.today.year - 5), turn.today.year + 1)
    return year_of(turn.today.replace(year=near, month=1, day=1))


def plan_of(turn: Turn, unit: int, year: int, action: Action = NEEDS) -> Plan:
    """Raises `NotAllowedError` for a unit that is not theirs, or is none that has customers."""
    turn.need(action, Subject(unit=unit))
    if unit not in business_units(turn.session, turn.now):
        raise NotAllowedError(action)
    return Plan(plans.view_of(turn.session, turn.house, unit, year_named(turn, year), turn.now), unit)


# The units side by side


def _units(turn: Turn, year: int) -> Screen:
    units, span = within(turn), year_named(turn, year)
    found = plans.of_units(turn.session, turn.house, map(key, units), span, turn.now)
    paces = {each.unit: each.pace for each in found}
    lines = [_unit_line(turn, each, paces[key(each)], span.first.year) for each in units]
    buttons = [Button(say("text", text=each.name), "plan.show", {"unit": key(each), "year": year}) for each in units]
    text = say("plan.units", year=span.first.year, lines=lines or say("ledger.empty"))
    return Screen(text, (*columns(buttons, 2), *_others(turn, "plan.units", span.first.year, {}), _beside(turn)))


def _unit_line(turn: Turn, unit: Unit, pace: Pace, year: int) -> Say:
    given = plans.handed(turn.session, key(unit), year)
    state = say("plan.handed", when=given.at) if given else say("plan.not_handed")
    known = {"planned": pace.planned, "done": pace.done, "expected": pace.expected}
    return say("plan.unit" if _runs_in(turn, year) else "plan.unit_ahead", unit=unit.name, state=state, **known)


@flow.deed("plan.units", needs=NEEDS)
def units(turn: Turn, year: int) -> Reply:
    return Reply(_units(turn, year))


# One unit's year


@flow.deed("plan.show", needs=NEEDS)
def show(turn: Turn, unit: int, year: int) -> Reply:
    return Reply(_page(turn, unit, year))


def _page(turn: Turn, unit: int, year: int, news: Say | None = None) -> Screen:
    found = plan_of(turn, unit, year)
    pace, rule = found.pace, turn.house.rulebook.callback_plan
    text = say(
        "plan.page",
        unit=turn.session.get_one(Unit, unit).name,
        year=found.year,
        planned=pace.planned,
        done=pace.done,
        pace=say("plan.pace", expected=pace.expected, planned=pace.planned, day=pace.last)
        if _runs(turn, found)
        else None,
        state=_state(turn, found),
        open=_still_to_choose(found),
        beside=_ad_hoc(turn, found),
        article=rule.article if rule else None,
    )
    return Screen(say("with_news", news=news, card=text) if news else text, _rows(turn, found))


def _runs_in(turn: Turn, year: int) -> bool:
    """Whether a pace can be told: not of a year to come, nor in its first weeks."""
    return (turn.today - date(year, 1, 1)).days >= PACE_AFTER


def _runs(turn: Turn, found: Plan) -> bool:
    return _runs_in(turn, found.year) and found.pace.planned > 0


def _state(turn: Turn, found: Plan) -> Say:
    """Handed in when and by whom, changed since; else by when it is owed."""
    given = plans.handed(turn.session, found.unit, found.year)
    if given is not None:
        now = [[each.rule, each.customer, each.month] for each in found.lines]
        changed = sum(each not in given.lines["lines"] for each in now)
        name = turn.session.get_one(Staff, given.by_id).name
        since = say("plan.changed", count=changed) if changed else None
        return say("plan.handed_in", when=given.at, by=name, planned=given.planned, since=since)
    due = rounds.owed(turn.session, PLAN, found.unit, str(found.year))
    return say("plan.due", due=due.due_at) if due else say("plan.not_handed")


def _still_to_choose(found: Plan) -> Say | None:
    count = sum(each.customer is None for each in found.lines)
    return say("plan.to_choose", count=count) if count else None


def _ad_hoc(turn: Turn, found: Plan) -> Say | None:
    since, until = found.view.moments
    those = planned_visits.of_unit(turn.session, found.unit, since, until)
    if not those:
        return None
    met = sum(planned_visits.done(turn.session, *each) is not None for each in those)
    return say("plan.ad_hoc", count=len(those), done=met)


def _rows(turn: Turn, found: Plan) -> Rows:
    here = {"unit": found.unit, "year": found.year}
    months = [_month_button(found, each) for each in range(1, MONTHS + 1)]
    ways = [Button(say("button.planned"), "planned.show", here)]
    if turn.may(ADJUST, Subject(unit=found.unit)):
        ways.append(Button(say("button.hand_in_plan"), "plan.hand_in", here))
    if turn.may(Action.SET_QUOTA, Subject(unit=found.unit)):
        ways.append(Button(say("button.quota"), "plan.quota", here))
    return (
        *columns(months, 4),
        *columns(ways, 2),
        *_others(turn, "plan.show", found.year, {"unit": found.unit}),
        _beside(turn),
    )


def _month_button(found: Plan, month: int) -> Button:
    there = [each for each in found.lines if each.month == month]
    label = say("button.plan_month", month=month, done=sum(each.done is not None for each in there), count=len(there))
    return Button(label, "plan.month", {"unit": found.unit, "year": found.year, "month": month, "page": 0})


def _others(turn: Turn, deed: str, year: int, here: dict[str, object]) -> Rows:
    """To the year before and the one after, and to the units."""
    near = [each for each in (year - 1, year + 1) if year_named(turn, each).first.year == each]
    ways = [Button(say("period_of.year", year=each), deed, {**here, "year": each}) for each in near]
    if here and len(within(turn)) > 1:
        ways.append(Button(say("button.by_unit"), "plan.units", {"year": year}))
    return (tuple(ways),)


def _beside(turn: Turn) -> tuple[Button, ...]:
    return (
        Button(say("button.assessment"), "assessment.open", {}),
        Button(say("button.spot"), "spot.open", {}),
        Button(say("button.gap"), "gap.show", {}),
    )


# One month


@flow.deed("plan.month", needs=NEEDS)
def month(turn: Turn, unit: int, year: int, month: int, page: int = 0) -> Reply:
    return Reply(_month_page(turn, plan_of(turn, unit, year), month, page))


def _month_page(turn: Turn, found: Plan, number: int, page: int) -> Screen:
    there = [each for each in found.lines if each.month == number]
    last = max(0, (len(there) - 1) // A_PAGE)
    page = max(0, min(page, last))
    numbered = list(enumerate(there[page * A_PAGE : (page + 1) * A_PAGE], page * A_PAGE + 1))
    here = {"unit": found.unit, "year": found.year}
    text = say(
        "plan.month",
        unit=turn.session.get_one(Unit, found.unit).name,
        year=found.year,
        month=number,
        count=len(there),
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        lines=[_line(turn, place, each) for place, each in numbered] or say("ledger.empty"),
    )
    steps = [step for place, each in numbered for step in _step(turn, found, place, each)]
    turns = turning("plan.month", page, last, lambda to: {**here, "month": number, "page": to})
    back = Button(say("button.back"), "plan.show", here)
    return Screen(text, (*columns(steps, 4), (*turns, back)))


def _line(turn: Turn, number: int, each: Line) -> Say:
    whom = turn.session.get_one(Customer, each.customer).called if each.customer else say("plan.nobody_yet")
    words = "plan.line_done" if each.done else "plan.line_open"
    beside = say("plan.beside") if each.beside else None
    what = in_short(turn.house.rulebook.entry(each.rule))
    return say(words, number=number, whom=whom, what=what, who=_who(turn, each), done=each.done, beside=beside)


def _who(turn: Turn, each: Line) -> Say:
    """Whose visit it is."""
    role, number = split_post(each.post)
    if role == "owner":
        owner = turn.session.get_one(Customer, number).owner_id
        return say("text", text=turn.session.get_one(Staff, owner).name)
    return say("list", items=[one.name for one in holders(turn.session, role, number, turn.now)])


def _step(turn: Turn, found: Plan, number: int, each: Line) -> list[Button]:
    """Move or choose what is not done yet, where the plan is theirs."""
    if each.done is not None or not turn.may(ADJUST, Subject(unit=found.unit)):
        return []
    here = {"unit": found.unit, "year": found.year, "rule": each.rule}
    if each.customer is None:
        return [
            Button(say("button.plan_choose", number=number), "plan.choose", {**here, "month": each.month, "page": 0})
        ]
    return [Button(say("button.plan_move", number=number), "plan.move", {**here, "customer": each.customer})]


# What the head changes


def _planned(turn: Turn, unit: int, year: int, rule: str, customer: int) -> tuple[Plan, Line]:
    """A line that is still to be done. Raises `NotAllowedError` where there is none."""
    found = plan_of(turn, unit, year, ADJUST)
    for each in found.lines:
        if (each.rule, each.customer) == (rule, customer) and each.done is None:
            return found, each
    raise NotAllowedError(ADJUST)


@flow.deed("plan.move", needs=ADJUST)
def move(turn: Turn, unit: int, year: int, rule: str, customer: int) -> Reply:
    found, line = _planned(turn, unit, year, rule, customer)
    here = {"unit": unit, "year": year, "rule": rule, "customer": customer}
    first = turn.today.month if turn.today.year == found.year else 1
    buttons = [
        Button(say("button.month", month=each), "plan.place", {**here, "month": each})
        for each in range(first, MONTHS + 1)
        if each != line.month
    ]
    rows = columns(buttons, 4)
    if line.own_choice:
        rows += ((Button(say("button.plan_drop"), "plan.place", {**here, "month": NOWHERE}),),)
    name = turn.session.get_one(Customer, customer).called
    back = Button(say("button.back"), "plan.month", {"unit": unit, "year": year, "month": line.month, "page": 0})
    return Reply(Screen(say("plan.which_month", whom=name, month=line.month), (*rows, (back,))))


@flow.deed("plan.place", needs=ADJUST)
def place(turn: Turn, unit: int, year: int, rule: str, customer: int, month: int) -> Reply:
    found, line = _planned(turn, unit, year, rule, customer)
    if not (1 <= month <= MONTHS or (month == NOWHERE and line.own_choice)):
        raise NotAllowedError(ADJUST)
    found.place(rule, customer, month, turn.staff)
    return Reply(_month_page(turn, plan_of(turn, unit, year), month or line.month, 0))


@flow.deed("plan.choose", needs=ADJUST)
def choose(turn: Turn, unit: int, year: int, rule: str, month: int, page: int = 0) -> Reply:
    """Whom to visit of own choice: the longest quiet first."""
    found = plan_of(turn, unit, year, ADJUST)
    _to_choose(found, rule)
    there = plans.free_to_choose(turn.session, found, rule, A_PAGE + 1, max(0, page) * A_PAGE)
    here = {"unit": unit, "year": year, "rule": rule, "month": month}
    names = [
        Button(say("text", text=each.called), "plan.take", {**here, "customer": key(each)}) for each in there[:A_PAGE]
    ]
    turns = turning("plan.choose", page, page + (len(there) > A_PAGE), lambda to: {**here, "page": to})
    back = Button(say("button.back"), "plan.month", {"unit": unit, "year": year, "month": month, "page": 0})
    text = say("plan.whom", what=in_short(turn.house.rulebook.entry(rule)), month=month)
    return Reply(Screen(text, (*columns(names, 2), (*turns, back))))


def _to_choose(found: Plan, rule: str) -> None:
    """Raises `NotAllowedError` where all are chosen."""
    if not any(each.rule == rule and each.customer is None for each in found.lines):
        raise NotAllowedError(ADJUST)


@flow.deed("plan.take", needs=ADJUST)
def take(turn: Turn, unit: int, year: int, rule: str, customer: int, month: int) -> Reply:
    found = plan_of(turn, unit, year, ADJUST)
    _to_choose(found, rule)
    those = turn.session.get(Customer, customer)
    if those is None or those.unit_id != unit or those.tier not in turn.house.rulebook.duty(rule).tiers:
        raise NotAllowedError(ADJUST)
    if not 1 <= month <= MONTHS or found.adjusted.get((rule, customer)):
        raise NotAllowedError(ADJUST)
    found.place(rule, customer, month, turn.staff)
    return Reply(_month_page(turn, plan_of(turn, unit, year), month, 0))


@flow.deed("plan.hand_in", needs=ADJUST)
def hand_in(turn: Turn, unit: int, year: int) -> Reply:
    """To the sales department, as it stands now; again, where it was changed since."""
    found = plan_of(turn, unit, year, ADJUST)
    if not found.lines:
        return notice(
            say("plan.nothing", year=found.year),
            (Button(say("button.back"), "plan.show", {"unit": unit, "year": year}),),
        )
    given = plans.handed(turn.session, unit, found.year)
    if given is not None and given.lines["lines"] == [[each.rule, each.customer, each.month] for each in found.lines]:
        return Reply(_page(turn, unit, year, say("plan.handed_before", when=given.at)))
    row = found.hand_in(turn.staff)
    name = turn.session.get_one(Unit, unit).name
    news = say("plan.was_handed", by=turn.staff.name, unit=name, year=found.year, planned=row.planned)
    look = Button(say("button.plan"), "plan.show", {"unit": unit, "year": found.year})
    for each in distinct(holders(turn.session, Role.SALES_DEPT, unit, turn.now)):
        if key(each) != turn.me:
            rows = ((look,),) if turn.seen_by(each).may(NEEDS, Subject(unit=unit)) else ()
            tell(turn.session, each, Screen(news, rows), MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
    turn.session.flush()
    return Reply(_page(turn, unit, year, news))
