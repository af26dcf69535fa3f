"""月报 in words: what a report is called, a line of it, how late it is; who may read it, and whose it is to hand in."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from dialogue.kinds import subject_of
from dialogue.registers import named
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Screen
from dialogue.viewer import Viewer
from models import report_lines, reports
from models.ledgers import bare
from models.people import Staff, Unit, holders, holds, key, split_post
from models.report_lines import Line
from models.reports import Kind, Report
from rules.gate import Action, Subject
from rules.house import House
from rules.roles import Role
from words import Say, Value, say

SEES: Final = Action.SEE_REPORT
READS: Final = Action.SEE_REPORTING
"""Who reads what the sales department published."""
WRITES: Final = {
    Kind.LOG: Action.HAND_IN_LOG,
    Kind.UNIT: Action.SEND_UNIT_REPORT,
    Kind.COMPANY: Action.PUBLISH_REPORT,
}
LONGEST: Final = 120


def whose(view: Viewer, report: Report) -> Value:
    """The person, the unit, or the company."""
    if report.kind == Kind.LOG:
        return view.session.get_one(Staff, report.staff_id).name
    if report.kind == Kind.UNIT:
        return view.session.get_one(Unit, report.unit_id).name
    return view.house.company


def title(view: Viewer, report: Report) -> Say:
    version = say("report.version", number=report.version) if report.version > 1 else None
    return say(f"report.{report.kind}", period=named(report.period), whose=whose(view, report), version=version)


def goes_to(view: Viewer, report: Report) -> Value:
    """Whom it is handed in to."""
    if report.kind == Kind.LOG:
        heads = holders(view.session, Role.UNIT_HEAD, report.unit_id, view.now)
        others = [each for each in heads if each.id != report.staff_id] or heads
        return say("list", items=[each.name for each in others])
    return say(f"report.to_{report.kind}")


def state(view: Viewer, report: Report) -> Say:
    """A draft with its time, or when and by whom it was handed in."""
    first = reports.first_of(view.session, report)
    if report.handed_at is None and report.version > 1:
        return say("report.mends", to=goes_to(view, report))
    if report.handed_at is None and report.kind == Kind.COMPANY:
        return say("report.to_publish", due=report.due_at)
    if report.handed_at is None:
        return say("report.draft", due=report.due_at, to=goes_to(view, report))
    late = days_late(view.house, first, view.now)
    return say(
        _came(report),
        by=view.session.get_one(Staff, report.handed_by).name if report.handed_by else None,
        to=goes_to(view, report),
        when=report.handed_at,
        late=say("report.late", days=late) if late else None,
    )


def _came(report: Report) -> str:
    if report.handed_by is None:
        return "report.went_on"
    return "report.published_by" if report.kind == Kind.COMPANY else "report.handed_in"


def days_late(house: House, report: Report, now: datetime) -> int:
    """Days after the day on which it was due, up to when it came in; an hour late is a day."""
    local = house.calendar.local
    until = report.handed_at or now
    return 0 if until <= report.due_at else max(1, (local(until).date() - local(report.due_at).date()).days)


# Who may


def about(report: Report) -> Subject:
    return Subject(unit=report.unit_id, owner=report.staff_id if report.kind == Kind.LOG else None)


def is_theirs(view: Viewer, report: Report) -> bool:
    """Whether it is this person's to write and hand in: their own, or come to them because somebody is away or a post is empty."""
    if not view.may(WRITES[Kind(report.kind)], about(report)):
        return False
    role, number = split_post(report.post)
    if role == "staff":
        return number == view.me or any(each.id == view.me for each in reports.owing(view.session, report, view.now))
    return holds(view.session, view.staff, Role(role), number, view.now)


def may_read(view: Viewer, report: Report) -> bool:
    """A draft is nobody else's to read; the company's is read, once published, by every leader."""
    if report.handed_at is None or is_theirs(view, report):
        return is_theirs(view, report)
    return view.reaches(READS) if report.kind == Kind.COMPANY else view.may(SEES, about(report))


def read(turn: Turn, number: int) -> Report:
    """Raises `NotAllowedError`, for what is not there too."""
    found = turn.session.get(Report, number)
    if found is None or not may_read(turn, found):
        raise NotAllowedError(SEES)
    return found


def draft(turn: Turn, number: int, *kinds: Kind) -> Report | None:
    """A report that is theirs to work on; None where it was handed in meanwhile. Raises `NotAllowedError`."""
    found = turn.session.get(Report, number)
    if found is None or found.kind not in kinds or not is_theirs(turn, found):
        raise NotAllowedError(SEES)
    return found if found.handed_at is None else None


def sees(view: Viewer, line: Line) -> bool:
    """Whether somebody may read the words of a line: of a customer whom they see, or of what they wrote themselves."""
    if line.customer is None or line.by_id == view.me:
        return True
    return view.may(Action.SEE_CUSTOMER, subject_of(line.customer))


# Lines


def worded(view: Viewer, number: int, line: Line, amended: Collection[int] = (), log: Report | None = None) -> Say:
    """One line: customer, day, who, way and words, with what is to be said beside it. In a log whose it is and the customer are
    said above it."""
    marks = [say("mark.unproven")] if line.entry and bare(line.entry) else []
    marks += [say("report.amended")] if line.entry and line.entry.id in amended else []
    named = say("report.named", name=line.customer.called) if line.customer and log is None else None
    words: dict[str, Value] = {"number": number, "customer": named, "text": line.text[:LONGEST]}
    by = say("report.by", name=view.session.get_one(Staff, line.by_id).name)
    words["by"] = by if line.by_id not in (view.me, log and log.staff_id) else None
    if line.entry is None:
        found = say("report.own_line", **words)
    else:
        found = say("report.talk", **words, when=line.entry.at, way=say(f"channel.{line.entry.channel}"))
    found = say("marked", line=found, marks=say("list", items=marks)) if marks else found
    return say("report.struck", line=found) if line.struck else found


def announced(view: Viewer, report: Report) -> Screen:
    """The draft as it comes on the first working day of the month, to be handed in with one tap."""
    found = report_lines.lines(view.session, view.house, report)
    customers = len({key(each.customer) for each in found if each.customer})
    here = {"report": key(report)}
    text = say(
        "report.announced",
        title=title(view, report),
        instead=say("report.instead", name=whose(view, report)) if report.staff_id != view.me else None,
        what=say("report.announced_some", count=len(found), customers=customers)
        if found
        else say("report.announced_none"),
        state=state(view, report),
        article=view.house.rulebook.entry(reports.RULES[Kind.LOG]).article,
    )
    send = Button(say("button.report_hand_in" if found else "button.report_hand_in_empty"), "monthly.hand_in", here)
    return Screen(text, ((send, Button(say("button.report_look"), "monthly.show", here)),))
