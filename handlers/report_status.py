"""报送情况 of 月报: which unit and which person has not handed in, or did so late, and by how many days; 催办, once a day."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.forms import Flow
from dialogue.registers import named
from dialogue.reports import days_late, is_theirs, title, whose
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import urging
from handlers.choosing import turning
from models import reports
from models.people import Staff, Unit, distinct, key
from models.reports import Kind, Report
from rules import gate
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_REPORTING
A_PAGE = 8


@dataclass(frozen=True)
class Behind:
    """A report that is late, by so many days, or came late."""

    report: Report
    days: int

    @property
    def missing(self) -> bool:
        return self.report.handed_at is None


@flow.deed("monthly.status", needs=NEEDS)
def show(turn: Turn, period: str = "", page: int = 0) -> Reply:
    return Reply(_screen(turn, period or next(iter(reports.last_periods(turn.session, 1)), ""), page))


@flow.deed("monthly.behind", needs=NEEDS)
def open_newest(turn: Turn) -> Reply:
    return Reply(show(turn).screen, new=True)


def _within(turn: Turn, period: str) -> list[Report]:
    """The first versions of this person's units: they tell what came in time."""
    reach = gate.scope(turn.actor, NEEDS)
    units = None if reach.all else reach.units
    kinds = (Kind.UNIT, Kind.LOG, *([Kind.COMPANY] if reach.all else []))
    found = [each for kind in kinds for each in reports.of_period(turn.session, period, kind, units)]
    return [each for each in found if each.version == 1]


def _screen(turn: Turn, period: str, page: int) -> Screen:
    found = _within(turn, period)
    if not found:
        return Screen(say("report.none"))
    behind = _behind(turn, found)
    last = max(0, (len(behind) - 1) // A_PAGE)
    page = max(0, min(page, last))
    shown = behind[page * A_PAGE : (page + 1) * A_PAGE]
    text = say(
        "report.status_page",
        period=named(period),
        logs=_came(found, Kind.LOG),
        units=_came(found, Kind.UNIT),
        lines=_lines(turn, shown) or say("report.all_in_time"),
        page=say("page", page=page + 1, pages=last + 1) if last else None,
    )
    turns = turning("monthly.status", page, last, lambda to: {"period": period, "page": to})
    return Screen(text, (*columns(_urges(turn, shown), 2), *([tuple(turns)] if turns else []), *_other(turn, period)))


def _came(found: list[Report], kind: Kind) -> str:
    """3/5: so many are in."""
    those = [each for each in found if each.kind == kind]
    return f"{sum(each.handed_at is not None for each in those)}/{len(those)}"


def _behind(turn: Turn, found: list[Report]) -> list[Behind]:
    """Unit by unit; what is missing before what came late."""
    late = [Behind(each, days_late(turn.house, each, turn.now)) for each in found]
    those = [each for each in late if each.days]
    return sorted(
        those, key=lambda each: (each.report.unit_id, not each.missing, -each.days, each.report.kind != Kind.UNIT)
    )


def _lines(turn: Turn, shown: list[Behind]) -> list[Say]:
    said: list[Say] = []
    before = 0
    for each in shown:
        report = each.report
        if report.unit_id != before:
            said.append(say("report.of_unit", name=turn.session.get_one(Unit, report.unit_id).name))
        before = report.unit_id
        what = (
            whose(turn, report)
            if report.kind == Kind.LOG
            else say(f"report.own_{report.kind}", names=_owing(turn, report))
        )
        words = "report.is_missing" if each.missing else "report.was_late"
        said.append(say(words, what=what, days=each.days))
    return said


def _owing(turn: Turn, report: Report) -> Say:
    those = reports.owing(turn.session, report, turn.now)
    return say("list", items=[each.name for each in those])


def _urges(turn: Turn, shown: list[Behind]) -> list[Button]:
    return [
        Button(say("button.urge_name", name=_owing(turn, each.report)), "monthly.urge", {"report": key(each.report)})
        for each in shown
        if each.missing and turn.may(Action.URGE, Subject(unit=each.report.unit_id)) and not _urged(turn, each.report)
    ]


def _urged(turn: Turn, report: Report) -> bool:
    """Already today, or there is nobody but oneself."""
    those = [each for each in reports.owing(turn.session, report, turn.now) if key(each) != turn.me]
    return all(urging.urged(turn, each, f"report:{key(report)}") for each in those)


def _other(turn: Turn, period: str) -> Rows:
    near = [each for each in reports.last_periods(turn.session, 3) if each != period]
    buttons = [Button(named(each), "monthly.status", {"period": each}) for each in near]
    return (tuple(buttons),) if buttons else ()


@flow.deed("monthly.urge", needs=Action.URGE)
def urge(turn: Turn, report: int) -> Reply:
    """One message that names who urges, with the draft a tap away."""
    found = turn.session.get(Report, report)
    if found is None:
        raise NotAllowedError(Action.URGE)
    turn.need(Action.URGE, Subject(unit=found.unit_id))
    if found.handed_at is not None:
        return Reply(toast=say("report.handed_in_already"))
    those = [each for each in distinct(reports.owing(turn.session, found, turn.now)) if key(each) != turn.me]
    said = [urging.urge(turn, each, f"report:{report}", _urging(turn, found, each)) for each in those]
    return Reply(_screen(turn, found.period, 0), toast=said[0] if said else say("urge.not_behind"))


def _urging(turn: Turn, report: Report, who: Staff) -> Screen:
    rule = turn.house.rulebook.entry(reports.RULES[Kind(report.kind)])
    late = days_late(turn.house, report, turn.now)
    text = say(
        "report.urge",
        by=turn.staff.name,
        title=title(turn, report),
        due=report.due_at,
        late=say("report.late", days=late) if late else None,
        says=say("rule.says", zh=rule.says, en=rule.says_en),
        article=rule.article,
    )
    theirs = is_theirs(turn.seen_by(who), report)
    look = Button(say("button.report_look"), "monthly.show", {"report": key(report)})
    return Screen(text, ((look,),) if theirs else ())
