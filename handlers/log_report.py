"""月报, R14.6: a salesperson's log of the month, struck and added to, handed in to the unit head, who marks what matters in it."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import CustomerKind, Text
from dialogue.reports import draft, is_theirs, may_read, read, sees, state, title, worded
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.choosing import turning
from handlers.reading import read as understood
from models import report_lines, reports
from models.people import distinct, holders, key
from models.report_lines import Line, Pen
from models.reports import Kind, Report
from rules.gate import Action
from rules.roles import Role
from words import Say, say

flow = Flow()
NEEDS = Action.HAND_IN_LOG
MARKS = Action.SEND_UNIT_REPORT
A_PAGE = 8
LINES = 4
"""Buttons of lines in a row."""


def screen(turn: Turn, report: Report, page: int = 0) -> Screen:
    """The lines, customer by customer; under them what this person may do about it."""
    found = report_lines.lines(turn.session, turn.house, report)
    visible = [each for each in found if sees(turn, each) and (not each.struck or _shown_struck(turn, report))]
    hidden = len(found) - len(visible) - sum(each.struck and each not in visible for each in found)
    last = max(0, (len(visible) - 1) // A_PAGE)
    page = max(0, min(page, last))
    numbered = list(enumerate(visible, 1))[page * A_PAGE : (page + 1) * A_PAGE]
    mine = report.handed_at is None and is_theirs(turn, report)
    text = say(
        "report.log_page",
        title=title(turn, report),
        state=state(turn, report),
        lines=_grouped(turn, report, numbered) or say("report.no_lines"),
        count=len(found) - _struck(found),
        struck=say("report.struck_count", count=_struck(found)) if _struck(found) else None,
        hidden=say("report.hidden", count=hidden) if hidden else None,
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        hint=_hint(turn, report) if visible else None,
    )
    turns = turning("monthly.show", page, last, lambda to: {"report": key(report), "page": to})
    rows = _own_rows(turn, report, numbered, page) if mine else _readers_rows(turn, report, numbered, page)
    return Screen(text, (*rows[0], *([tuple(turns)] if turns else []), *rows[1]))


def _shown_struck(turn: Turn, report: Report) -> bool:
    """What was struck is not handed in: its writer sees it, and whoever audits."""
    return turn.reaches(Action.SEE_AUDIT) or is_theirs(turn, report)


def _hint(turn: Turn, report: Report) -> Say | None:
    if report.handed_at is None:
        return say("report.strike_hint")
    return say("report.mark_hint") if _marks_into(turn, report) else None


def _marks_into(turn: Turn, report: Report) -> Report | None:
    """The unit's report that this person is writing, if the log can still go into it."""
    unit = _units(turn, report)
    return unit if unit is not None and unit.handed_at is None and is_theirs(turn, unit) else None


def _struck(found: list[Line]) -> int:
    return sum(each.struck for each in found)


def _grouped(turn: Turn, report: Report, numbered: list[tuple[int, Line]]) -> list[Say]:
    """Under the name of each customer."""
    amended = report_lines.amended(turn.session, [each for _, each in numbered])
    said: list[Say] = []
    before: int | None = None
    for number, line in numbered:
        whose = key(line.customer) if line.customer else 0
        if whose != before and line.customer:
            said.append(say("report.customer", name=line.customer.called, tier=say(f"tier.{line.customer.tier}")))
        elif whose != before:
            said.append(say("report.others"))
        said.append(worded(turn, number, line, amended, report))
        before = whose
    return said


def _own_rows(turn: Turn, report: Report, numbered: list[tuple[int, Line]], page: int) -> tuple[Rows, Rows]:
    here = {"report": key(report)}
    looks = [
        Button(
            say("button.report_restore" if each.struck else "button.report_strike", number=number),
            "monthly.strike",
            {
                **here,
                **each.args,
                "page": page,
            },
        )
        for number, each in numbered
    ]
    send = Button(say("button.report_hand_in" if numbered else "button.report_hand_in_empty"), "monthly.hand_in", here)
    return columns(looks, LINES), ((send, Button(say("button.report_add"), "monthly.add", here)),)


def _readers_rows(turn: Turn, report: Report, numbered: list[tuple[int, Line]], page: int) -> tuple[Rows, Rows]:
    """A mark on each talk for the unit head whose own report is still a draft; back to that, or a new version of one's own."""
    ways = (
        [Button(say("button.report_revise"), "monthly.revise", {"report": key(report)})] if _mends(turn, report) else []
    )
    unit = _units(turn, report)
    if unit is not None and may_read(turn, unit):
        ways.insert(0, Button(say("button.report_unit"), "monthly.show", {"report": key(unit)}))
    return columns(_marks(turn, report, numbered, page), LINES), ((tuple(ways),) if ways else ())


def _marks(turn: Turn, report: Report, numbered: list[tuple[int, Line]], page: int) -> list[Button]:
    unit = _marks_into(turn, report)
    if unit is None:
        return []
    stand = [each.args for each in report_lines.lines(turn.session, turn.house, unit) if not each.struck]
    return [
        Button(
            say("button.report_unmark" if each.args in stand else "button.report_mark", number=number),
            "monthly.mark",
            {"report": key(report), **each.args, "page": page},
        )
        for number, each in numbered
        if not each.struck
    ]


def _units(turn: Turn, report: Report) -> Report | None:
    """The unit's report into which it goes: a draft of it before one that was sent."""
    found = reports.of_period(turn.session, report.period, Kind.UNIT, [report.unit_id])
    return found[-1] if found else None


def _mends(turn: Turn, report: Report) -> bool:
    """As long as the unit's report was not sent: its own writer, and only the version that counts."""
    unit = _units(turn, report)
    newest = reports.versions(turn.session, report)[-1]
    sent = unit is not None and unit.handed_at is not None
    return report.handed_by is not None and not sent and newest is report and is_theirs(turn, report)


# What is done about it


@flow.deed("monthly.strike", needs=NEEDS)
def strike(turn: Turn, report: int, entry: int | None = None, line: int | None = None, page: int = 0) -> Reply:
    """Struck, or taken in again: on record either way."""
    found = draft(turn, report, Kind.LOG)
    chosen = _line(turn, found, entry, line) if found else None
    if found is None or chosen is None:
        return _gone(turn, report)
    struck = _pen(turn, found).toggle(chosen)
    return Reply(screen(turn, found, page), toast=say("report.was_struck" if struck else "report.was_restored"))


def _line(turn: Turn, report: Report, entry: int | None, line: int | None) -> Line | None:
    found = report_lines.lines(turn.session, turn.house, report)
    return next((each for each in found if each.args == {"entry": entry, "line": line}), None)


def _pen(turn: Turn, report: Report) -> Pen:
    return Pen(turn.session, turn.house, report, turn.staff, turn.now)


def _gone(turn: Turn, number: int) -> Reply:
    """It was handed in meanwhile: as it stands."""
    return Reply(screen(turn, read(turn, number)), toast=say("report.handed_in_already"))


def _customer(turn: Turn, answers: Answers) -> int | None:
    """Whom the words name."""
    found = understood(turn, answers["text"], Action.SEE_CUSTOMER).customer if answers.get("text") else None
    return found.id if found else None


def _submit(turn: Turn, answers: Answers) -> Reply:
    found = draft(turn, answers["report"], Kind.LOG)
    if found is None:
        raise WrongAnswerError(say("report.handed_in_already"))
    _pen(turn, found).add(answers["text"], answers.get("customer"))
    return Reply(screen(turn, found))


FORM = Form(
    "report_line",
    NEEDS,
    (
        Field("report", Text(), hidden=True),
        Field("text", Text(shortest=2)),
        Field("customer", CustomerKind(Action.SEE_CUSTOMER), required=False, default=_customer, follows=("text",)),
    ),
    _submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)


@flow.deed("monthly.add", needs=NEEDS)
def add(turn: Turn, report: int) -> Reply:
    if draft(turn, report, Kind.LOG) is None:
        return _gone(turn, report)
    return Reply(engine.begin(turn, FORM, {"report": report}).screen, new=True)


@flow.deed("monthly.hand_in", needs=NEEDS)
def hand_in(turn: Turn, report: int) -> Reply:
    """One tap, also where nothing is in it."""
    found = draft(turn, report, Kind.LOG)
    if found is None:
        return _gone(turn, report)
    _pen(turn, found).hand_in(turn.staff)
    _tell_head(turn, found)
    return Reply(screen(turn, found), toast=say("report.done"))


def _tell_head(turn: Turn, report: Report) -> None:
    """When the last one has come in; and of one that comes when the unit's report was sent already."""
    unit = _units(turn, report)
    logs = report_lines.logs(turn.session, report.unit_id, report.period)
    everybody = all(each.handed_at is not None for each in logs)
    sent = unit is not None and unit.handed_at is not None
    if unit is None or not (everybody or sent):
        return
    words = "report.came_late" if sent else "report.all_in"
    news = say(words, title=title(turn, unit), log=title(turn, report), count=len(logs), due=unit.due_at)
    look = Button(say("button.report_unit"), "monthly.show", {"report": key(unit)})
    for each in distinct(holders(turn.session, Role.UNIT_HEAD, report.unit_id, turn.now)):
        if key(each) != turn.me:
            tell(
                turn.session,
                each,
                Screen(news, ((look,),)),
                MessageClass.RECEIPT,
                f"{turn.unique_key}:{each.id}",
                turn.now,
            )


@flow.deed("monthly.mark", needs=MARKS)
def mark(turn: Turn, report: int, entry: int | None = None, line: int | None = None, page: int = 0) -> Reply:
    """The unit head puts a line into the part for the sales department, or out of it."""
    log = read(turn, report)
    unit = _marks_into(turn, log)
    chosen = _line(turn, log, entry, line)
    if unit is None or chosen is None or chosen.struck or not sees(turn, chosen) or log.handed_at is None:
        return Reply(screen(turn, log, page), toast=say("report.handed_in_already"))
    stands = _pen(turn, unit).mark(chosen)
    return Reply(screen(turn, log, page), toast=say("report.was_marked" if stands else "report.was_unmarked"))
