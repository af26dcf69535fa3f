"""/chart 图表: five pictures for the phone, each with the rows behind it a tap away. The picture is made when it is sent, beside
everything else; meanwhile the card says so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from sqlmodel import col, select

from dialogue.forms import Flow
from dialogue.owed import in_short
from dialogue.telling import hand_over
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning, which_unit
from models.case_figures import Case, Cases
from models.coverage import Asked, Coverage, Slot
from models.customers import Customer
from models.figures import View
from models.pace import Callbacks
from models.people import Unit, key
from papers.charts import CHARTS, NEEDS, reach_of, view_of, weekly
from rules.gate import Action
from rules.periods import Period
from words import Say, say

flow = Flow()
A_PAGE = 8
MARKED = ("late", "bare", "refused")
"""What is said beside a complaint, where it is so."""


@dataclass(frozen=True)
class Shown:
    """Which chart, of which unit (None: all within reach), and which page of its rows; kept in the buttons."""

    kind: str
    unit: int | None = None
    page: int = 0

    def but(self, **changes: object) -> Mapping[str, object]:
        return {**asdict(self), "page": 0, **changes}


@flow.command("chart", "图表", needs=NEEDS)
def chart(turn: Turn, _: str) -> Reply:
    return Reply(_menu(turn, None))


@flow.deed("chart.open", needs=NEEDS)
def open_menu(turn: Turn, unit: int | None = None, kind: str = "") -> Reply:
    if unit is not None and unit not in {key(each) for each in _units(turn)}:
        raise NotAllowedError(NEEDS)
    return Reply(_menu(turn, unit))


def _menu(turn: Turn, unit: int | None) -> Screen:
    buttons = [Button(say(f"chart_kind.{each}"), "chart.draw", {"kind": each, "unit": unit}) for each in CHARTS]
    choose = [Button(say("button.by_unit"), "chart.units", {})] if len(_units(turn)) > 1 else []
    return Screen(say("chart.menu", unit=_name(turn, unit)), (*columns(buttons, 2), (*choose, *_more(turn, unit))))


def _more(turn: Turn, unit: int | None) -> list[Button]:
    """The same month in figures."""
    month = {"period": Period.of("month", turn.today).name, "unit": unit}
    return [Button(say(f"button.{each}"), f"{each}.show", month) for each in ("topics", "anomalies")]


def _name(turn: Turn, unit: int | None) -> str | Say:
    return turn.session.get_one(Unit, unit).name if unit is not None else say("button.all_units")


def _units(turn: Turn) -> list[Unit]:
    """The units with customers that this person sees."""
    reach = reach_of(turn.session, turn.staff, turn.now)
    query = select(Unit).where(col(Unit.id).in_(select(Customer.unit_id).distinct())).order_by(col(Unit.id))
    return [each for each in turn.session.exec(query) if reach.units is None or each.id in reach.units]


@flow.deed("chart.units", needs=NEEDS)
def units(turn: Turn) -> Reply:
    return which_unit("chart.open", lambda **to: to, _units(turn))


@flow.deed("chart.draw", needs=NEEDS)
def draw(turn: Turn, kind: str, unit: int | None = None) -> Reply:
    shown = _allowed(turn, Shown(kind, unit))
    name = say(f"chart_kind.{kind}")
    caption = say("paper.caption", name=name, what=_name(turn, unit))
    args = {"kind": kind, "unit": unit}
    hand_over(turn.session, turn.staff, "chart", args, caption, f"{turn.unique_key}:chart", turn.now)
    others = Button(say("button.other_charts"), "chart.open", {"unit": unit})
    return Reply(Screen(say("chart.drawing", name=name, unit=_name(turn, unit)), ((_behind(shown), others),)))


def _allowed(turn: Turn, shown: Shown) -> Shown:
    if shown.kind not in CHARTS or (shown.unit is not None and shown.unit not in {key(each) for each in _units(turn)}):
        raise NotAllowedError(NEEDS)
    return shown


def _behind(shown: Shown) -> Button:
    """Its rows; those of satisfaction are the callbacks themselves."""
    if shown.kind == "satisfaction":
        filters = {"kind": "callback", "period": "all", "unit": shown.unit}
        return Button(say("button.rows"), "ledger.show", filters)
    return Button(say("button.rows"), "chart.rows", shown.but())


@flow.deed("chart.rows", needs=NEEDS, slow=True)
def rows(turn: Turn, **shown: object) -> Reply:
    here = _allowed(turn, Shown(**shown))  # type: ignore[arg-type]
    view = view_of(turn.session, turn.house, turn.staff, here.kind, here.unit, turn.now)
    if here.kind not in BEHIND:
        raise NotAllowedError(NEEDS)
    return Reply(BEHIND[here.kind](turn, view, here))


@dataclass(frozen=True)
class _Page:
    """A page of rows with their numbers, and how to turn it."""

    shown: Shown
    count: int

    @property
    def last(self) -> int:
        return max(0, (self.count - 1) // A_PAGE)

    @property
    def page(self) -> int:
        return max(0, min(self.shown.page, self.last))

    @property
    def skip(self) -> int:
        return self.page * A_PAGE

    def screen(self, turn: Turn, lines: Sequence[Say], steps: Sequence[Button]) -> Screen:
        text = say(
            "chart.rows",
            name=say(f"chart_rows.{self.shown.kind}"),
            unit=_name(turn, self.shown.unit),
            count=self.count,
            lines=list(lines) or say("ledger.empty"),
            page=say("page", page=self.page + 1, pages=self.last + 1) if self.last else None,
        )
        turns = turning("chart.rows", self.page, self.last, lambda page: self.shown.but(page=page))
        back = Button(say("button.other_charts"), "chart.open", {"unit": self.shown.unit})
        ways: Rows = ((*turns, back),)
        return Screen(text, (*columns(list(steps), 4), *ways))


def _missed(turn: Turn, view: View, shown: Shown) -> Screen:
    """Of the weekly duty, what was not done, the newest first."""
    duty = weekly(turn.house)
    found = list(Coverage(view).slots(Asked(duty.id, state="missed"))) if duty else []
    found.sort(key=lambda each: (each.due, each.clock), reverse=True)
    return _slots(turn, found, shown)


def _unvisited(turn: Turn, view: View, shown: Shown) -> Screen:
    """Of the year's visits, what is still open or was missed."""
    found = Callbacks(view, Coverage(view)).open
    return _slots(turn, sorted(found, key=lambda each: (each.due, each.rule, each.clock)), shown, channel="visit")


def _slots(turn: Turn, found: Sequence[Slot], shown: Shown, **known: object) -> Screen:
    page = _Page(shown, len(found))
    numbered = list(enumerate(found[page.skip : page.skip + A_PAGE], page.skip + 1))
    lines = [_slot(turn, number, each) for number, each in numbered]
    steps = [
        Button(say("button.log_row", number=number), "contact.open", {"customer": each.subject, **known})
        for number, each in numbered
        if each.kind == "customer" and turn.reaches(Action.LOG_CONTACT)
    ]
    return page.screen(turn, lines, steps)


def _slot(turn: Turn, number: int, slot: Slot) -> Say:
    what = in_short(turn.house.rulebook.entry(slot.rule))
    whom = turn.session.get_one(Customer, slot.subject).called if slot.kind == "customer" else _name(turn, slot.unit)
    silent = say("chart.silent") if "silent" in slot.apart else None
    return say(
        "chart.slot", number=number, whom=whom, what=what, due=turn.house.calendar.local(slot.due).date(), done=slot.done,
        owed=slot.owed, silent=silent,
    )  # fmt: skip


def _open(turn: Turn, view: View, shown: Shown) -> Screen:
    return _cases(turn, [each for each in Cases(view).all if each.is_open], shown)


def _overdue(turn: Turn, view: View, shown: Shown) -> Screen:
    return _cases(turn, [each for each in Cases(view).received if each.kept is False], shown)


def _cases(turn: Turn, found: Sequence[Case], shown: Shown) -> Screen:
    """The oldest first."""
    page = _Page(shown, len(found))
    numbered = list(enumerate(found[page.skip : page.skip + A_PAGE], page.skip + 1))
    lines = [_case(turn, number, each) for number, each in numbered]
    steps = [Button(say("text", text=each.number), "complaint.show", {"matter": each.matter}) for _, each in numbered]
    return page.screen(turn, lines, steps)


def _case(turn: Turn, number: int, case: Case) -> Say:
    marks = [say(f"chart.mark.{name}") for name in MARKED if getattr(case, name)]
    return say(
        "chart.case",
        number=number,
        case=case.number,
        customer=turn.session.get_one(Customer, case.customer).called,
        when=case.received,
        state=say(f"complaint_state.{case.state}"),
        marks=say("chart.marks", marks=say("list", items=marks)) if marks else None,
    )


BEHIND: Mapping[str, Callable[[Turn, View, Shown], Screen]] = {
    "coverage": _missed,
    "complaints": _open,
    "limits": _overdue,
    "pace": _unvisited,
}
