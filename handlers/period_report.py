"""统计报表: the figures of a month, quarter, half-year or year, of a unit or of all within reach, as a workbook or a PDF.

It is worked out beside everything else; the card says how far it is. Who asked for what, and when, is on record.

`entry` is the way in from a menu.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from sqlmodel import col, func, select

from dialogue.desk import perform
from dialogue.forms import Flow, notice
from dialogue.making import begun, under_way
from dialogue.telling import hand_over
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import which_unit
from models import audit
from models.customers import Customer
from models.people import Unit, key
from papers.period_words import FORMS, covers, named, reach_of
from reading.names import normalise
from reading.periods import read_period
from rules.gate import Action
from rules.periods import Period
from words import Say, say

flow = Flow()
NEEDS: Final = Action.SEE_REPORTING
REPORT: Final = "period_report"
ON_PAPER: Final = ("quarter", "half", "year")
"""What there is as a PDF; a month is a workbook alone."""


@dataclass(frozen=True)
class Wanted:
    """Which period, of which unit (None: all within reach); kept in the buttons."""

    period: str
    unit: int | None = None

    @property
    def of(self) -> Period:
        found = Period.named(self.period)
        if found is None:
            raise NotAllowedError(NEEDS)
        return found

    @property
    def args(self) -> dict[str, Any]:
        return asdict(self)

    def but(self, **changes: Any) -> Mapping[str, Any]:
        return {**asdict(self), **changes}


def entry() -> Button:
    """The way in from a menu, for whoever `NEEDS` lets in."""
    return Button(say("button.figures"), "figures.open", {})


@flow.command("figures", "统计报表", needs=NEEDS)
def figures(turn: Turn, text: str) -> Reply:
    return typed(turn, text, "figures.open")


def typed(turn: Turn, text: str, deed: str) -> Reply:
    """A period and a unit may be named after the word, in either order."""
    wanted = _read(turn, text.split())
    if wanted is None:
        return notice(say("figures.not_understood", text=text[:40]), (entry(),))
    return perform(turn, deed, wanted.args)


@flow.deed("figures.open", needs=NEEDS)
def open_figures(turn: Turn, period: str = "", unit: int | None = None) -> Reply:
    return Reply(screen(turn, allowed(turn, Wanted(period or _last(turn).name, unit))), new=not period)


def _last(turn: Turn) -> Period:
    """The quarter that is over, which is usually asked for; in a house that is newer than that, the one that runs."""
    now = Period.of("quarter", turn.today)
    began = turn.session.exec(select(func.min(Customer.live_from))).one()
    return now if began is not None and began > now.before.span.last else now.before


def _read(turn: Turn, words: list[str]) -> Wanted | None:
    wanted, left = Wanted(_last(turn).name), list(words)
    for size in range(len(words), 0, -1):
        for start in range(len(words) - size + 1):
            period = read_period(" ".join(words[start : start + size]), turn.today)
            if period is not None and left == words:
                wanted, left = replace(wanted, period=period.name), words[:start] + words[start + size :]
    if not left:
        return wanted
    unit = [each for each in units_of(turn) if normalise(each.name) == normalise("".join(left))]
    return replace(wanted, unit=key(unit[0])) if unit else None


def allowed(turn: Turn, wanted: Wanted) -> Wanted:
    """Raises `NotAllowedError` for a unit out of reach, and for what is no period."""
    if wanted.unit is not None and wanted.unit not in {key(each) for each in units_of(turn)}:
        raise NotAllowedError(NEEDS)
    return replace(wanted, period=wanted.of.name)


def units_of(turn: Turn) -> list[Unit]:
    """The units with customers that this person sees."""
    reach = reach_of(turn.session, turn.staff, turn.now, None, (NEEDS,))
    query = select(Unit).where(col(Unit.id).in_(select(Customer.unit_id).distinct())).order_by(col(Unit.id))
    return [each for each in turn.session.exec(query) if reach.units is None or each.id in reach.units]


def about(turn: Turn, wanted: Wanted) -> Say:
    reach = reach_of(turn.session, turn.staff, turn.now, wanted.unit, (NEEDS,))
    return say("figures.about", period=named(wanted.of), reach=covers(turn.session, reach, wanted.unit))


def screen(turn: Turn, wanted: Wanted) -> Screen:
    """One card on which everything is chosen: the periods, the unit, what is wanted of it."""
    running = say("figures.so_far") if wanted.of.span.last >= turn.today else None
    text = say("figures.menu", about=about(turn, wanted), running=running)
    return Screen(text, (*_periods(turn, wanted), *_ways(turn, wanted)))


def offered(turn: Turn) -> list[Period]:
    """This and the last one of each kind, the last first."""
    found = [Period.of(kind, turn.today) for kind in ("month", "quarter", "half", "year")]
    return [each for now in found for each in (now.before, now)]


def _periods(turn: Turn, wanted: Wanted, deed: str = "figures.open") -> Rows:
    return columns([_period(each, wanted, deed) for each in offered(turn)], 2)


def _period(period: Period, wanted: Wanted, deed: str) -> Button:
    name = named(period)
    return Button(
        say("chosen", text=name) if period.name == wanted.period else name, deed, wanted.but(period=period.name)
    )


def _ways(turn: Turn, wanted: Wanted) -> Rows:
    files = [
        Button(say(f"button.figures_{form}"), "figures.make", {**wanted.args, "ending": form})
        for form in FORMS
        if turn.reaches(Action.EXPORT) and (form == "xlsx" or wanted.of.kind in ON_PAPER)
    ]
    unit = (
        [Button(say("button.by_unit"), "figures.units", {"period": wanted.period})] if len(units_of(turn)) > 1 else []
    )
    talks = [Button(say(f"button.{each}"), f"{each}.show", wanted.args) for each in ("topics", "anomalies")]
    return tuple(tuple(each) for each in ((*unit, *talks), files) if each)


@flow.deed("figures.units", needs=NEEDS)
def units(turn: Turn, period: str) -> Reply:
    return which_unit("figures.open", Wanted(Wanted(period).of.name).but, units_of(turn))


@flow.deed("figures.make", needs=Action.EXPORT)
def make(turn: Turn, period: str, ending: str, unit: int | None = None) -> Reply:
    """On record before it is made; one at a time for each person."""
    wanted = allowed(turn, Wanted(period, unit))
    if ending not in FORMS or not turn.reaches(NEEDS):
        raise NotAllowedError(NEEDS)
    if under_way(turn.session, turn.me, REPORT):
        return Reply(toast=say("making.one_at_a_time"))
    unique_key = f"{turn.unique_key}:paper"
    audit.record(
        turn.session, turn.now, turn.me, "figures.export", "report:figures", period=period, unit=unit, form=ending
    )
    _ask(turn, wanted, ending, unique_key)
    return Reply(begun(_title(turn, wanted, ending), unique_key))


def _title(turn: Turn, wanted: Wanted, form: str) -> Say:
    return say("figures.file", about=about(turn, wanted), form=say(f"button.figures_{form}"))


def _ask(turn: Turn, wanted: Wanted, form: str, unique_key: str) -> None:
    caption = say("paper.caption", name=say("period_report.name"), what=about(turn, wanted))
    followed = {"stages": list(FORMS[form]), "back": {"do": "figures.open", "args": wanted.args}}
    args = {**wanted.args, "form": form}
    hand_over(turn.session, turn.staff, REPORT, args, caption, unique_key, turn.now, followed=followed)
