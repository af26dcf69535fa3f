"""/monthly 月报: straight to what is theirs to hand in, or to the last that they may read; /report 报表 leads here too."""

from __future__ import annotations

from dialogue.forms import Flow, notice
from dialogue.owed import addresses
from dialogue.registers import named
from dialogue.reports import READS, SEES, is_theirs, may_read, read, title
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen
from handlers import company_report, log_report, unit_report
from handlers.reports import behind_report
from models import report_lines, reports
from models.people import key
from models.reports import Kind, Report
from rules import gate
from rules.gate import Action
from rules.roles import Role
from words import say

flow = Flow()
MOST = 8
PERIODS = 3
behind_report("button.monthly", "monthly.open", SEES)


@flow.command("monthly", "月报", needs=SEES)
def monthly(turn: Turn, _: str) -> Reply:
    return _first(turn, new=False)


@flow.deed("monthly.open", needs=SEES)
def open_monthly(turn: Turn) -> Reply:
    return _first(turn, new=True)


def _first(turn: Turn, *, new: bool) -> Reply:
    """The one that is owed; of several a list; else the newest that there is to read, with the way to mend it."""
    mine = [each for each in reports.open_of(turn.session, _posts(turn)) if each.version == 1 and is_theirs(turn, each)]
    if len(mine) > 1:
        return Reply(Screen(say("report.mine", count=len(mine)), (*_to(turn, mine), *_status(turn))), new=new)
    found = mine[0] if mine else _to_read(turn)
    if found is None:
        return notice(say("report.none"), *_status(turn))
    return Reply(shown(turn, found), new=new)


def _posts(turn: Turn) -> list[str]:
    """Also those of departments that nobody holds, which come up the line."""
    vacant = [f"{Role.SALES_DEPT}@{each}" for each in gate.scope(turn.actor, Action.PUBLISH_REPORT).units]
    return list(dict.fromkeys([*addresses(turn.session, turn.staff, turn.now), *vacant]))


def _to(turn: Turn, found: list[Report]) -> Rows:
    return tuple((Button(title(turn, each), "monthly.show", {"report": key(each)}),) for each in found[:MOST])


def _status(turn: Turn) -> Rows:
    return ((Button(say("button.report_status"), "monthly.status", {}),),) if turn.reaches(READS) else ()


def _to_read(turn: Turn) -> Report | None:
    """What was published to them; else the newest of their units, or their own."""
    every = [
        each
        for period in reports.last_periods(turn.session, PERIODS)
        for kind in (Kind.COMPANY, Kind.UNIT, Kind.LOG)
        for each in reversed(reports.newest(reports.of_period(turn.session, period, kind)))
    ]
    return next((each for each in every if each.handed_at is not None and may_read(turn, each)), None)


def shown(turn: Turn, report: Report, page: int = 0) -> Screen:
    if report.kind == Kind.LOG:
        found = log_report.screen(turn, report, page)
    else:
        found = (unit_report if report.kind == Kind.UNIT else company_report).screen(turn, report)
    return Screen(found.text, (*found.rows, *_other_versions(turn, report)))


def _other_versions(turn: Turn, report: Report) -> Rows:
    """The same of the period before, and the versions of this one."""
    every = [each for each in reports.versions(turn.session, report) if each.handed_at is not None]
    others = [each for each in every if each is not report and may_read(turn, each)]
    buttons = [
        Button(say("button.report_version", number=each.version), "monthly.show", {"report": key(each)})
        for each in others
    ]
    before = reports.before(turn.session, report)
    if before is not None and may_read(turn, before):
        buttons.append(Button(named(before.period), "monthly.show", {"report": key(before)}))
    return (tuple(buttons[-4:]),) if buttons else ()


@flow.deed("monthly.show", needs=SEES)
def show(turn: Turn, report: int, page: int = 0) -> Reply:
    return Reply(shown(turn, read(turn, report), page))


@flow.deed("monthly.revise", needs=SEES)
def revise(turn: Turn, report: int) -> Reply:
    """A new version to be mended; what was handed in stays beside it."""
    found = turn.session.get(Report, report)
    if found is None or not is_theirs(turn, found):
        raise NotAllowedError(SEES)
    newest = reports.versions(turn.session, found)[-1]
    if newest.handed_at is None:
        return Reply(shown(turn, newest))
    new = reports.revise(turn.session, newest, turn.staff, turn.now)
    report_lines.copy_decisions(turn.session, turn.house, newest, new)
    return Reply(shown(turn, new))
