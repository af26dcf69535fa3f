"""月报, R14.7: what a unit sends to the sales department: talks with key customers, the main information, what is to be done."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Colleagues, Text, end_of
from dialogue.reports import days_late, draft, is_theirs, may_read, read, sees, state, title, worded
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers import urging
from handlers.choosing import turning
from handlers.talks import FUTURE
from handlers.tasks import announce, customer_line
from models import report_lines, reports, tasks
from models.people import Staff, distinct, holders, key, of_unit
from models.report_lines import Line, Pen
from models.reports import Kind, Report
from models.tasks import WORK, Given
from rules.gate import Action
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEND_UNIT_REPORT
SHOWN = 5
A_PAGE = 6


def screen(turn: Turn, report: Report) -> Screen:
    """On one page: who has handed in, the first of the key customers, the main information, what is to be done."""
    logs = report_lines.logs(turn.session, report.unit_id, report.period)
    key_ones = [each for each in report_lines.lines(turn.session, turn.house, report) if not each.struck]
    seen = [each for each in key_ones if sees(turn, each)]
    given = report_lines.tasks(turn.session, report)
    rest = len(key_ones) - len(seen[:SHOWN])
    text = say(
        "report.unit_page",
        title=title(turn, report),
        state=state(turn, report),
        came=sum(each.handed_at is not None for each in logs),
        of=len(logs),
        logs=[_of_log(turn, each) for each in logs],
        count=len(key_ones),
        lines=[worded(turn, number, each) for number, each in enumerate(seen[:SHOWN], 1)] or say("report.no_lines"),
        rest=say("due.more", count=rest) if rest else None,
        text=report.text or say("report.not_written"),
        tasks=say("report.tasks", lines=[customer_line(turn, each) for each in given]) if given else None,
    )
    return Screen(text, _rows(turn, report, logs, len(key_ones)))


def _of_log(turn: Turn, log: Report) -> Say:
    """Who, and how it stands."""
    name = turn.session.get_one(Staff, log.staff_id).name
    first = reports.first_of(turn.session, log)
    late = days_late(turn.house, first, turn.now)
    marks = say("report.late", days=late) if late else None
    if log.handed_at is None:
        return say("report.log_missing", name=name, late=marks)
    count = sum(not each.struck for each in report_lines.lines(turn.session, turn.house, log))
    return say("report.log_came", name=name, count=count or None, when=log.handed_at, late=marks)


def _rows(turn: Turn, report: Report, logs: list[Report], count: int) -> Rows:
    here = {"report": key(report)}
    mine = report.handed_at is None and is_theirs(turn, report)
    reads = [
        Button(_name(turn, each), "monthly.show", {"report": key(each)})
        for each in logs
        if each.handed_at is not None and may_read(turn, each)
    ]
    listed = [Button(say("button.report_key", count=count), "monthly.key", here)] if count else []
    if not mine:
        return _readers_rows(turn, report, listed, reads)
    work = [
        Button(say("button.report_info"), "monthly.info", here),
        Button(say("button.report_task"), "monthly.task", here),
        *listed,
    ]
    send = Button(say("button.report_send"), "monthly.send", here)
    return ((send,), *columns(work, 2), *columns([*reads, *_urges(turn, logs)], 3))


def _readers_rows(turn: Turn, report: Report, listed: list[Button], reads: list[Button]) -> Rows:
    newest = reports.versions(turn.session, report)[-1]
    ways = list(listed)
    if report.handed_by is not None and newest is report and is_theirs(turn, report):
        ways.append(Button(say("button.report_revise"), "monthly.revise", {"report": key(report)}))
    return (*columns(ways, 2), *columns(reads, 3))


def _name(turn: Turn, log: Report) -> Say:
    return say("text", text=turn.session.get_one(Staff, log.staff_id).name)


def _urges(turn: Turn, logs: list[Report]) -> list[Button]:
    """Those who have not handed in yet, late or not, once a day."""
    found = []
    for each in logs:
        those = reports.owing(turn.session, each, turn.now) if each.handed_at is None else []
        if those and key(those[0]) != turn.me and not urging.urged(turn, those[0], f"report:{key(each)}"):
            label = say("button.urge_name", name=turn.session.get_one(Staff, each.staff_id).name)
            found.append(Button(label, "monthly.urge", {"report": key(each)}))
    return found


# The part about key customers


@flow.deed("monthly.key", needs=Action.SEE_REPORT)
def key_part(turn: Turn, report: int, page: int = 0) -> Reply:
    return Reply(_key_screen(turn, read(turn, report), page))


def _key_screen(turn: Turn, report: Report, page: int) -> Screen:
    found = report_lines.lines(turn.session, turn.house, report)
    visible = [each for each in found if sees(turn, each)]
    last = max(0, (len(visible) - 1) // A_PAGE)
    page = max(0, min(page, last))
    numbered = list(enumerate(visible, 1))[page * A_PAGE : (page + 1) * A_PAGE]
    amended = report_lines.amended(turn.session, visible)
    mine = report.handed_at is None and is_theirs(turn, report)
    text = say(
        "report.key_page",
        title=title(turn, report),
        lines=[worded(turn, number, each, amended) for number, each in numbered] or say("report.no_lines"),
        hidden=say("report.hidden", count=len(found) - len(visible)) if len(found) > len(visible) else None,
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        hint=say("report.key_hint") if mine else None,
    )
    turns = turning("monthly.key", page, last, lambda to: {"report": key(report), "page": to})
    back = Button(say("button.back"), "monthly.show", {"report": key(report)})
    rows = [_edits(report, number, each, page) for number, each in numbered] if mine else []
    return Screen(text, (*columns([each for row in rows for each in row], 4), (*turns, back)))


def _edits(report: Report, number: int, line: Line, page: int) -> list[Button]:
    here = {"report": key(report), **line.args}
    label = "button.report_restore" if line.struck else "button.report_strike"
    return [
        Button(say(label, number=number), "monthly.leave_out", {**here, "page": page}),
        Button(say("button.report_reword", number=number), "monthly.reword", here),
    ]


def _line(turn: Turn, report: Report, entry: int | None, line: int | None) -> Line | None:
    wanted = {"entry": entry, "line": line}
    found = report_lines.lines(turn.session, turn.house, report)
    return next((each for each in found if each.args == wanted and sees(turn, each)), None)


@flow.deed("monthly.leave_out", needs=NEEDS)
def strike(turn: Turn, report: int, entry: int | None = None, line: int | None = None, page: int = 0) -> Reply:
    found = draft(turn, report, Kind.UNIT)
    chosen = _line(turn, found, entry, line) if found else None
    if found is None or chosen is None:
        return _gone(turn, report)
    struck = _pen(turn, found).toggle(chosen)
    return Reply(_key_screen(turn, found, page), toast=say("report.was_struck" if struck else "report.was_restored"))


def _pen(turn: Turn, report: Report) -> Pen:
    return Pen(turn.session, turn.house, report, turn.staff, turn.now)


def _gone(turn: Turn, number: int) -> Reply:
    return Reply(screen(turn, read(turn, number)), toast=say("report.handed_in_already"))


def _open(turn: Turn, answers: Answers) -> Report:
    """The draft that a form is about. Raises `WrongAnswerError` where it was sent meanwhile."""
    found = draft(turn, answers["report"], Kind.UNIT)
    if found is None:
        raise WrongAnswerError(say("report.handed_in_already"))
    return found


def _reworded(turn: Turn, answers: Answers) -> Reply:
    found = _open(turn, answers)
    line = _line(turn, found, answers.get("entry"), answers.get("line"))
    if line is None:
        raise WrongAnswerError(say("report.line_gone"))
    _pen(turn, found).reword(line, answers["text"])
    return Reply(_key_screen(turn, found, 0))


REWORD = Form(
    "report_reword",
    NEEDS,
    (
        Field("report", Text(), hidden=True),
        Field("entry", Text(), required=False, hidden=True),
        Field("line", Text(), required=False, hidden=True),
        Field("text", Text(shortest=2)),
    ),
    _reworded,
    lambda _turn, _text: {},
)


@flow.deed("monthly.reword", needs=NEEDS)
def reword(turn: Turn, report: int, entry: int | None = None, line: int | None = None) -> Reply:
    """Other words for the sales department; the talk stays as it was entered."""
    found = draft(turn, report, Kind.UNIT)
    if found is None or _line(turn, found, entry, line) is None:
        return _gone(turn, report)
    return Reply(engine.begin(turn, REWORD, {"report": report, "entry": entry, "line": line}).screen, new=True)


# The main information, and sending it


def _written(turn: Turn, answers: Answers) -> Reply:
    found = _open(turn, answers)
    reports.write(turn.session, found, answers["text"], turn.staff, turn.now)
    return _sent(turn, found) if answers.get("send") else Reply(screen(turn, found))


INFO = Form(
    "report_info",
    NEEDS,
    (
        Field("report", Text(), hidden=True),
        Field("send", Text(), required=False, hidden=True),
        Field("text", Text(quick=("report.nothing_special",))),
    ),
    _written,
    lambda _turn, _text: {},
)


@flow.deed("monthly.info", needs=NEEDS)
def info(turn: Turn, report: int) -> Reply:
    if draft(turn, report, Kind.UNIT) is None:
        return _gone(turn, report)
    return Reply(engine.begin(turn, INFO, {"report": report}).screen, new=True)


@flow.deed("monthly.send", needs=NEEDS)
def send(turn: Turn, report: int) -> Reply:
    """Without main information that is asked for first, and then it goes."""
    found = draft(turn, report, Kind.UNIT)
    if found is None:
        return _gone(turn, report)
    if not found.text:
        return Reply(engine.begin(turn, INFO, {"report": report, "send": True}).screen, new=True)
    return _sent(turn, found)


def _sent(turn: Turn, report: Report) -> Reply:
    _pen(turn, report).hand_in(turn.staff)
    every = reports.newest(reports.of_period(turn.session, report.period, Kind.UNIT))
    company = reports.of_period(turn.session, report.period, Kind.COMPANY)
    if company and (all(each.handed_at is not None for each in every) or company[-1].handed_at is not None):
        _tell_department(turn, report, company[-1], len(every))
    return Reply(screen(turn, report), toast=say("report.done"))


def _tell_department(turn: Turn, report: Report, company: Report, units: int) -> None:
    """When the last unit's has come in; and of one that comes when the company's was published already."""
    words = "report.unit_came_late" if company.handed_at else "report.units_all_in"
    news = say(words, title=title(turn, company), unit=title(turn, report), count=units, due=company.due_at)
    look = Button(say("button.report_company"), "monthly.show", {"report": key(company)})
    for each in distinct(holders(turn.session, Role.SALES_DEPT, company.unit_id, turn.now)):
        if key(each) != turn.me:
            tell(
                turn.session,
                each,
                Screen(news, ((look,),)),
                MessageClass.RECEIPT,
                f"{turn.unique_key}:{each.id}",
                turn.now,
            )


# What is to be done


class Member(Colleagues):
    """Somebody of the unit, a tap away."""

    def picks(self, turn: Turn, answers: Answers) -> list[tuple[Value, int]]:
        report = turn.session.get(Report, answers["report"])
        return (
            [(each.name, key(each)) for each in of_unit(turn.session, report.unit_id, turn.now)[:12]] if report else []
        )


def _given(turn: Turn, answers: Answers) -> Reply:
    found = _open(turn, answers)
    FUTURE.checked(turn, answers["due"])
    who = turn.session.get(Staff, answers["who"])
    if who is None or all(each.id != who.id for each in of_unit(turn.session, found.unit_id, turn.now)):
        raise WrongAnswerError(say("report.not_of_unit"))
    what = Given(
        kind=WORK,
        unit_id=found.unit_id,
        text=answers["text"],
        post=f"staff@{key(who)}",
        due_at=end_of(answers["due"], turn),
    )
    task = tasks.give(turn.session, turn.house, turn.staff, what, turn.now)
    _pen(turn, found).assign(task)
    announce(turn, task)
    return Reply(screen(turn, found))


TASK = Form(
    "report_task",
    NEEDS,
    (
        Field("report", Text(), hidden=True),
        Field("text", Text(shortest=2)),
        Field("who", Member(single=True)),
        Field("due", FUTURE),
    ),
    _given,
    lambda _turn, _text: {},
)
flow.forms += [REWORD, INFO, TASK]


@flow.deed("monthly.task", needs=NEEDS)
def give(turn: Turn, report: int) -> Reply:
    if draft(turn, report, Kind.UNIT) is None:
        return _gone(turn, report)
    return Reply(engine.begin(turn, TASK, {"report": report}).screen, new=True)
