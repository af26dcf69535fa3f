"""/register 问题台账: what customers reported in a quarter, grouped and sorted, unit by unit; and the analysis of it (R22.1)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text
from dialogue.registers import group_line, named
from dialogue.telling import MessageClass, hand_over, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning, which_unit
from models import audit, registers, rounds
from models.climbing import REGISTER
from models.people import Staff, Unit, distinct, holders, key
from models.registers import Group
from rules import gate
from rules.cadence import Cycle
from rules.entries import ProblemRegister
from rules.gate import Action, Scope, Subject
from rules.roles import Role
from words import Say, pack, say

flow = Flow()
NEEDS = Action.SEE_REGISTER
ANALYSE = Action.ANALYSE_PROBLEMS
A_PAGE = 6
PAST_QUARTERS = 40


@dataclass(frozen=True)
class Shown:
    """What the page shows, kept in its buttons. `back`: so many quarters ago."""

    unit: int | None = None
    back: int = 0
    page: int = 0

    @property
    def args(self) -> dict[str, object]:
        return asdict(self)


@flow.command("register", "问题台账", needs=NEEDS)
def register(turn: Turn, _: str) -> Reply:
    return _opened(turn, Shown(), new=False)


@flow.deed("register.open", needs=NEEDS)
def open_register(turn: Turn) -> Reply:
    return _opened(turn, Shown(), new=True)


@flow.deed("register.show", needs=NEEDS)
def show(turn: Turn, **shown: object) -> Reply:
    return _opened(turn, Shown(**shown), new=False)  # type: ignore[arg-type]


def _rule(turn: Turn) -> ProblemRegister | None:
    return turn.house.rulebook.problem_register


def _opened(turn: Turn, shown: Shown, *, new: bool) -> Reply:
    if _rule(turn) is None:
        return notice(say("register.no_rule"))
    return Reply(_page(turn, replace(shown, back=min(max(0, shown.back), PAST_QUARTERS))), new=new)


def _quarter(turn: Turn, back: int) -> Cycle:
    rule = _rule(turn)
    assert rule is not None, "without a rule there is no register"
    found = registers.period(rule, turn.today)
    for _ in range(back):
        found = registers.period(rule, found.first - timedelta(days=1))
    return found


def _reach(turn: Turn, unit: int | None) -> Scope:
    """Their units; one of them, where it is named. Raises `NotAllowedError` for another."""
    if unit is not None:
        turn.need(NEEDS, Subject(unit=unit))
    return gate.scope(turn.actor, NEEDS)


def _page(turn: Turn, shown: Shown) -> Screen:
    quarter, reach = _quarter(turn, shown.back), _reach(turn, shown.unit)
    found = registers.problems(turn.session, turn.house, quarter, reach, shown.unit)
    groups = registers.grouped(found)
    last = max(0, (len(groups) - 1) // A_PAGE)
    page = max(0, min(shown.page, last))
    ours = list(registers.by_unit(found)) if shown.unit is None else [shown.unit]
    text = say(
        "register.page",
        quarter=named(quarter),
        unit=turn.session.get_one(Unit, shown.unit).name if shown.unit is not None else None,
        count=len(found),
        groups=len(groups),
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        lines=_lines(groups, page) or say("ledger.empty"),
        analyses=_analyses(turn, quarter, _all_units(turn, reach) if shown.unit is None else ours) or None,
        article=turn.house.rulebook.entry(REGISTER).article,
    )
    return Screen(text, _rows(turn, replace(shown, page=page), last, groups))


def _lines(groups: list[Group], page: int) -> list[Say]:
    return [group_line(number, each) for number, each in enumerate(groups, 1)][page * A_PAGE : (page + 1) * A_PAGE]


def _analyses(turn: Turn, quarter: Cycle, units: list[int]) -> list[Say]:
    found = registers.analyses(turn.session, quarter, units)
    return [
        say(
            "register.analysis",
            unit=turn.session.get_one(Unit, unit).name,
            by=turn.session.get_one(Staff, each.by_id).name,
            when=each.at,
            text=each.text[:300],
        )
        for unit, each in found.items()
    ]


def _all_units(turn: Turn, reach: Scope) -> list[int]:
    """The units within reach of which there is a register."""
    return [each for each in rounds.units(turn.session) if reach.all or each in reach.units]


def _rows(turn: Turn, shown: Shown, last: int, groups: list[Group]) -> Rows:
    at = range(shown.page * A_PAGE, min(len(groups), (shown.page + 1) * A_PAGE))
    looks = [Button(say("text", text=str(n + 1)), "register.group", {**shown.args, "number": n}) for n in at]
    turns = turning("register.show", shown.page, last, lambda page: replace(shown, page=page).args)
    near = [shown.back + 1, *([shown.back - 1] if shown.back else [])]
    quarters = [
        Button(named(_quarter(turn, each)), "register.show", replace(shown, back=each, page=0).args) for each in near
    ]
    return (*columns(looks, 6), *([tuple(turns)] if turns else []), tuple(quarters), *columns(_ways(turn, shown), 2))


def _ways(turn: Turn, shown: Shown) -> list[Button]:
    """To the units, to the file, to the analysis."""
    reach, ways = gate.scope(turn.actor, NEEDS), []
    if len(_all_units(turn, reach)) > 1:
        ways.append(Button(say("button.by_unit"), "register.units", {"back": shown.back}))
    if turn.reaches(Action.EXPORT):
        ways.append(Button(say("button.export"), "register.export", {"unit": shown.unit, "back": shown.back}))
    if shown.back:
        mine = gate.scope(turn.actor, ANALYSE).units
        ways += [
            Button(
                say("button.analyse"), "register.analyse", {"unit": each, "quarter": _quarter(turn, shown.back).name}
            )
            for each in _all_units(turn, reach)
            if each in mine and shown.unit in (None, each)
        ][:1]
    return ways


@flow.deed("register.units", needs=NEEDS)
def units(turn: Turn, back: int = 0) -> Reply:
    found = _all_units(turn, gate.scope(turn.actor, NEEDS))
    theirs = [turn.session.get_one(Unit, each) for each in found]
    return which_unit("register.show", lambda unit: Shown(unit, back).args, theirs)


@flow.deed("register.group", needs=NEEDS)
def group(turn: Turn, number: int, unit: int | None = None, back: int = 0, page: int = 0) -> Reply:
    """One kind of problem: its complaints, with cause and measure."""
    reach = _reach(turn, unit)
    found = registers.grouped(registers.problems(turn.session, turn.house, _quarter(turn, back), reach, unit))
    if not 0 <= number < len(found):
        return Reply(toast=say("button.old"))
    chosen = found[number].problems
    lines = [
        say("register.problem", number=each.matter.number, cause=each.cause or None, measure=each.measure or None)
        for each in chosen
    ]
    cases = [
        Button(say("text", text=each.matter.number), "complaint.show", {"matter": key(each.matter)}) for each in chosen
    ]
    back_to = Button(say("button.back"), "register.show", Shown(unit, back, page).args)
    text = say("register.group", head=group_line(number + 1, found[number]), lines=lines)
    return Reply(Screen(text, (*columns(cases[:12], 2), (back_to,))))


@flow.deed("register.export", needs=Action.EXPORT)
def export(turn: Turn, unit: int | None = None, back: int = 0) -> Reply:
    """The whole register as .xlsx; who took what out of the house is on record."""
    _reach(turn, unit)
    if not turn.reaches(NEEDS):
        raise NotAllowedError(NEEDS)
    quarter = _quarter(turn, back)
    title = say("register.title", quarter=named(quarter))
    args = {"first": quarter.first.isoformat(), "unit": unit, "title": pack(title)}
    caption = say("paper.caption", name=say("register.name"), what=title)
    hand_over(turn.session, turn.staff, "register", args, caption, f"{turn.unique_key}:paper", turn.now)
    audit.record(turn.session, turn.now, turn.me, "register.export", "register", unit=unit, quarter=quarter.name)
    return Reply(toast=say("paper.coming"))


# The analysis


def _named_quarter(turn: Turn, name: str) -> Cycle:
    """The quarter of that name (2026-Q4)."""
    rule = _rule(turn)
    assert rule is not None, "nothing is owed without a rule"
    return registers.period_named(rule, name)


def _submit(turn: Turn, answers: Answers) -> Reply:
    unit, quarter = answers["unit_id"], _named_quarter(turn, answers["quarter"])
    turn.need(ANALYSE, Subject(unit=unit))
    if turn.today <= quarter.last:
        raise WrongAnswerError(say("register.not_over", quarter=named(quarter)))
    registers.analyse(turn.session, turn.house, turn.staff, unit, quarter, answers["text"], turn.now)
    name = turn.session.get_one(Unit, unit).name
    told = distinct(holders(turn.session, Role.SALES_DEPT, unit, turn.now))
    news = say("register.analysed", by=turn.staff.name, unit=name, quarter=named(quarter), text=answers["text"])
    for each in told:
        if key(each) != turn.me:
            way = Button(say("button.register"), "register.open", {})
            screen = Screen(news, ((way,),) if turn.seen_by(each).reaches(NEEDS) else ())
            tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)
    return notice(news, (Button(say("button.register"), "register.open", {}),))


FORM = Form(
    "analyse",
    ANALYSE,
    (
        Field("unit_id", Text(), hidden=True),
        Field("quarter", Text(), hidden=True),
        Field("text", Text(shortest=2, quick=("nothing_said",))),
    ),
    _submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)


@flow.deed("register.analyse", needs=ANALYSE)
def analyse(turn: Turn, unit: int, quarter: str) -> Reply:
    turn.need(ANALYSE, Subject(unit=unit))
    if _rule(turn) is None:
        return notice(say("register.no_rule"))
    over = _named_quarter(turn, quarter)
    if turn.today <= over.last:
        return notice(say("register.not_over", quarter=named(over)))
    return Reply(engine.begin(turn, FORM, {"unit_id": unit, "quarter": quarter}).screen, new=True)
