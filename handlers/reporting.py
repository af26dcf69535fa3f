"""报送情况: who has entered how much this month and who is behind, by unit and person; 催办, one message a day."""

from __future__ import annotations

from datetime import date

from dateutil.relativedelta import relativedelta

from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import urging
from models.people import Staff, Unit, key
from models.reporting import DAILY, Tally, tallies
from rules import gate
from rules.calendar import ONE_DAY
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_REPORTING
A_PAGE = 8
DAYS_NAMED = 5


@flow.command("reporting", "报送情况", "报送", needs=NEEDS)
def reporting(turn: Turn, _: str) -> Reply:
    return Reply(_whole(turn, 0))


@flow.deed("reporting.open", needs=NEEDS)
def open_reporting(turn: Turn) -> Reply:
    return Reply(_whole(turn, 0), new=True)


@flow.deed("reporting.show", needs=NEEDS)
def show(turn: Turn, unit: int | None = None, months: int = 0, page: int = 0) -> Reply:
    if unit is None:
        return Reply(_whole(turn, months))
    turn.need(NEEDS, Subject(unit=unit))
    return Reply(_unit(turn, unit, months, page))


def _month(turn: Turn, months: int) -> tuple[date, date]:
    first = turn.today.replace(day=1) - relativedelta(months=months)
    return first, first + relativedelta(months=1) - ONE_DAY


def _tallies(turn: Turn, months: int) -> list[Tally]:
    reach = gate.scope(turn.actor, NEEDS)
    return tallies(turn.session, turn.house.calendar, reach, *_month(turn, months), turn.now)


def _whole(turn: Turn, months: int) -> Screen:
    """Unit by unit; where there is only one, its people."""
    by_unit: dict[int, list[Tally]] = {}
    for each in _tallies(turn, months):
        by_unit.setdefault(each.unit, []).append(each)
    if len(by_unit) == 1:
        return _unit(turn, next(iter(by_unit)), months, 0)
    names = {unit: turn.session.get_one(Unit, unit).name for unit in by_unit}
    lines = [say("reporting.unit", name=names[unit], **_sums(found)) for unit, found in by_unit.items()]
    buttons = [
        Button(say("text", text=names[unit]), "reporting.show", {"unit": unit, "months": months}) for unit in by_unit
    ]
    return Screen(_text(turn, None, months, lines), (*columns(buttons, 2), _months(months, None)))


def _sums(found: list[Tally]) -> dict[str, int | Say | None]:
    bare, behind = sum(each.unproven for each in found), sum(bool(each.missing) for each in found)
    return {
        "contacts": sum(each.contacts for each in found),
        "callbacks": sum(each.callbacks for each in found),
        "bare": say("ledger.bare", count=bare) if bare else None,
        "behind": say("reporting.behind", count=behind) if behind else None,
    }


def _text(turn: Turn, unit: int | None, months: int, lines: list[Say]) -> Say:
    rule = turn.house.rulebook.entry(DAILY)
    first, _ = _month(turn, months)
    name = turn.session.get_one(Unit, unit).name if unit is not None else None
    return say(
        "reporting.list",
        month=say("reporting.month", year=first.year, month=first.month),
        unit=name,
        lines=lines or say("ledger.empty"),
        article=rule.article,
    )


def _months(months: int, unit: int | None) -> tuple[Button, ...]:
    other = Button(
        say("period.last_month" if not months else "period.month"),
        "reporting.show",
        {"unit": unit, "months": 0 if months else 1},
    )
    monthly = Button(say("button.report_status"), "monthly.behind", {})
    if unit is None:
        return (other, monthly)
    return (other, monthly, Button(say("button.all_units"), "reporting.show", {"months": months}))


def _unit(turn: Turn, unit: int, months: int, page: int) -> Screen:
    found = [each for each in _tallies(turn, months) if each.unit == unit]
    found.sort(key=lambda each: (-len(each.missing), each.contacts, key(each.staff)))
    shown = found[page * A_PAGE : (page + 1) * A_PAGE]
    lines = [_line(each) for each in shown]
    rows: Rows = ()
    if turn.may(Action.URGE, Subject(unit=unit)):
        urges = [
            Button(
                say("button.urge_name", name=each.staff.name),
                "reporting.urge",
                {"staff": key(each.staff), "unit": unit},
            )
            for each in shown
            if each.missing and key(each.staff) != turn.me
        ]
        rows = columns(urges, 2) if not months else ()
    here = {"unit": unit, "months": months}
    turns = [Button(say("button.earlier"), "reporting.show", {**here, "page": page - 1})] if page else []
    if len(found) > (page + 1) * A_PAGE:
        turns.append(Button(say("button.more"), "reporting.show", {**here, "page": page + 1}))
    return Screen(_text(turn, unit, months, lines), (*rows, *([tuple(turns)] if turns else []), _months(months, unit)))


def _line(tally: Tally) -> Say:
    bare = say("ledger.bare", count=tally.unproven) if tally.unproven else None
    missing = say("reporting.missing", count=len(tally.missing)) if tally.missing else None
    return say(
        "reporting.behind_line" if tally.missing else "reporting.line",
        name=tally.staff.name,
        contacts=tally.contacts,
        callbacks=tally.callbacks,
        bare=bare,
        missing=missing,
    )


@flow.deed("reporting.urge", needs=Action.URGE)
def urge(turn: Turn, staff: int, unit: int) -> Reply:
    turn.need(Action.URGE, Subject(unit=unit))
    found = next((each for each in _tallies(turn, 0) if key(each.staff) == staff and each.unit == unit), None)
    if found is None or not found.missing:
        return Reply(toast=say("urge.not_behind"))
    return Reply(toast=urging.urge(turn, found.staff, "reporting", _urging(turn, found), days=len(found.missing)))


def _urging(turn: Turn, tally: Tally) -> Screen:
    rule = turn.house.rulebook.entry(DAILY)
    named = [say("text", text=f"{day.month}/{day.day}") for day in tally.missing[-DAYS_NAMED:]]
    text = say(
        "reporting.urge",
        by=turn.staff.name,
        count=len(tally.missing),
        days=say("list", items=named),
        says=say("rule.says", zh=rule.says, en=rule.says_en),
        article=rule.article,
    )
    theirs = turn.seen_by(turn.session.get_one(Staff, key(tally.staff)))
    rows = ((Button(say("button.log"), "contact.open", {}),),) if theirs.reaches(Action.LOG_CONTACT) else ()
    return Screen(text, rows)
