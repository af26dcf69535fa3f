"""What is put right on the way of a complaint: its type, its province, its limits; and what needs an approval."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dialogue.approvals import reason
from dialogue.cases import decider
from dialogue.forms import Answers, Field, Flow, WrongAnswerError
from dialogue.kinds import Choice, Flag, Picks, Text, When, Whole, end_of
from dialogue.live import refresh
from dialogue.turn import Turn
from handlers.asking import follows, put_before
from handlers.steps import Done, declare, tell_of
from models.complaints import Case
from models.limits import the_limit
from models.people import Staff, post, unit_ids_of_role
from models.records import Complaint, Matter
from models.steps import Asked, Step
from reading.dates import Direction
from rules.roles import ComplaintType, Role, read_complaint_type
from words import Say, Value, say

flow = Flow()
TYPES = Choice("complaint_type", tuple(each.value for each in ComplaintType), read_complaint_type)
LONGEST_DAYS = 90
DEPARTMENTS = tuple(
    each.value
    for each in (
        *(Role.QUALITY, Role.TECHNICAL, Role.LOGISTICS, Role.FINANCE, Role.PRODUCTION),
        *(Role.ENTERPRISE, Role.LEGAL, Role.OFFICE, Role.SALES_DEPT),
    )
)


@dataclass(frozen=True)
class ReasonKind:
    """One of the rulebook's reasons for a pause, kept as its id."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        rule = turn.house.rulebook.pause
        return [(reason(turn, each.id), each.id) for each in rule.reasons] if rule else []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        for label, value in self.picks(turn, answers):
            if text.strip() in (value, turn.voice.plain(label)):
                return str(value)
        raise WrongAnswerError(say("wrong.choice", text=text[:50]))

    def show(self, turn: Turn, value: Any) -> Value:
        return reason(turn, value)


@dataclass(frozen=True)
class PausedUntil(When):
    """The day when a limit runs again; the last one that the rulebook allows may be taken whole."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [each for each in super().picks(turn, answers) if not _too_long(turn, each[1])]

    def checked(self, turn: Turn, value: str) -> str:
        if why := _too_long(turn, value):
            raise WrongAnswerError(why)
        return super().checked(turn, value)


def _too_long(turn: Turn, value: str) -> Say | None:
    rule = turn.house.rulebook.pause
    if rule is None or turn.house.calendar.local(end_of(value, turn)).date() <= turn.today + rule.at_most:
        return None
    return say("wrong.pause_too_long", days=rule.at_most.days, last=turn.today + rule.at_most)


RESUMED = PausedUntil(Direction.FUTURE)


def reroute(turn: Turn, case: Case, answers: Answers) -> Done:
    before = case.complaint.department
    if answers["type"] == case.complaint.type:
        raise WrongAnswerError(say("wrong.same_type"))
    case.reroute(ComplaintType(answers["type"]), answers["text"])
    kind, department = say(f"complaint_type.{answers['type']}"), say(f"role.{case.complaint.department}")
    news = say("done.reroute", by=turn.staff.name, number=case.matter.number, type=kind, department=department)
    return Done(news, (case.complaint.department, before, Role.SALES_DEPT))


def change(turn: Turn, case: Case, answers: Answers) -> Done:
    inside, on_site = answers["in_province"], answers["on_site"]
    if (inside, on_site) == (case.complaint.inside, case.complaint.on_site_needed):
        raise WrongAnswerError(say("wrong.nothing_changed"))
    case.change(answers["text"], in_province=inside, on_site_needed=on_site)
    due = the_limit(turn.session, case.matter).due_at
    news = say("done.change", by=turn.staff.name, number=case.matter.number, text=answers["text"], due=due)
    return Done(news, (case.complaint.department, Role.SALES_DEPT, Role.UNIT_HEAD))


def unpause(turn: Turn, case: Case, answers: Answers) -> Done:
    case.resume(answers["text"])
    news = say("done.unpause", by=turn.staff.name, number=case.matter.number)
    return Done(news, (Role.SALES_DEPT, case.complaint.department))


def reinstate(turn: Turn, case: Case, answers: Answers) -> Done:
    case.reinstate(answers["text"])
    news = say("done.reinstate", by=turn.staff.name, number=case.matter.number, text=answers["text"])
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department))


def _ask(turn: Turn, case: Case, kind: str, role: str, text: str, **facts: Any) -> Done:
    """Put it before a department; nothing changes until it is approved."""
    units = unit_ids_of_role(turn.session, role, turn.now)
    address = post(role, units[0] if units else case.matter.unit_id)
    told = [name for step in case.ask(Asked(kind, text, [[address]], facts)) for name in put_before(turn, step)]
    return Done(say("done.asked", number=case.matter.number, what=say(f"step.{kind}"), told=say("list", items=told)))


def pause(turn: Turn, case: Case, answers: Answers) -> Done:
    until = end_of(RESUMED.checked(turn, answers["until"]), turn)
    facts = {"reason": answers["reason"], "until": until.isoformat()}
    return _ask(turn, case, "pause", Role.SALES_DEPT, answers["text"], **facts)


def interval(turn: Turn, case: Case, answers: Answers) -> Done:
    rule = turn.house.rulebook.progress
    if timedelta(days=answers["every"]) > rule.at_most:
        raise WrongAnswerError(say("wrong.interval", days=rule.at_most.days))
    return _ask(turn, case, "interval", Role.SALES_DEPT, answers["text"], days=answers["every"])


def void(turn: Turn, case: Case, answers: Answers) -> Done:
    return _ask(turn, case, "void", Role.SALES_DEPT, answers["text"])


def consult(turn: Turn, case: Case, answers: Answers) -> Done:
    asked = _ask(turn, case, "consult", answers["department"], answers["text"])
    department = say(f"role.{answers['department']}")
    return Done(say("done.consult", **{**asked.news.values, "department": department}))


# What follows from the decisions


def _case(turn: Turn, step: Step, by: Staff | None = None) -> Case:
    """The complaint in the hands of the one who asked: what was approved is done in their name."""
    matter, complaint = turn.session.get_one(Matter, step.matter_id), turn.session.get_one(Complaint, step.matter_id)
    who = by or turn.session.get_one(Staff, step.asked_by)
    return Case(turn.session, turn.house, matter, complaint, who, turn.now)


def _approved(words: str, turn: Turn, step: Step, **values: Value) -> Say:
    number = turn.session.get_one(Matter, step.matter_id).number
    return say(words, number=number, by=decider(turn, step), opinion=step.opinion or None, **values)


def _show(turn: Turn, step: Step) -> None:
    turn.session.flush()
    refresh(turn, f"complaint:{step.matter_id}", turn.unique_key)


@follows("entrust")
def entrusted(turn: Turn, step: Step, approved: bool) -> None:
    """It worked at once; sent back, the department decides anew."""
    _show(turn, step)


@follows("consult")
def consulted(turn: Turn, step: Step, approved: bool) -> None:
    _case(turn, step, by=turn.staff).record("opinion", {"text": step.opinion or ""})
    _show(turn, step)


@follows("pause")
def paused(turn: Turn, step: Step, approved: bool) -> None:
    """The limit stands still from now on; until it was approved, it ran."""
    if approved:
        until = datetime.fromisoformat(step.facts["until"])
        case = _case(turn, step)
        case.pause(step.facts["reason"], step.text, until)
        _show(turn, step)
        tell_of(turn, case, Done(_approved("done.pause", turn, step, until=until)))


@follows("interval")
def lengthened(turn: Turn, step: Step, approved: bool) -> None:
    if approved:
        _case(turn, step).lengthen(step.facts["days"], step.text)
    _show(turn, step)


@follows("void")
def voided(turn: Turn, step: Step, approved: bool) -> None:
    if approved:
        case = _case(turn, step)
        case.void(step.text)
        _show(turn, step)
        news = _approved("done.void", turn, step, text=step.text)
        tell_of(turn, case, Done(news, (case.complaint.department, Role.SALES_DEPT, Role.UNIT_HEAD)))


declare(flow, "reroute", reroute, Field("type", TYPES), Field("text", Text()))
declare(flow, "change", change, Field("in_province", Flag()), Field("on_site", Flag()), Field("text", Text()))
declare(flow, "consult", consult, Field("department", Choice("role", DEPARTMENTS)), Field("text", Text()))
declare(flow, "pause", pause, Field("reason", ReasonKind()), Field("until", RESUMED), Field("text", Text()))
declare(flow, "unpause", unpause, Field("text", Text(quick=("nothing_said",))))
declare(flow, "interval", interval, Field("every", Whole(4, LONGEST_DAYS)), Field("text", Text(shortest=4)))
declare(flow, "void", void, Field("text", Text(shortest=2)))
declare(flow, "reinstate", reinstate, Field("text", Text(shortest=2)))
