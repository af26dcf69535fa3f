"""变更清单: what was changed of complaints by month: province, type, visit, pauses, voiding. For those who audit."""

from __future__ import annotations

from datetime import date, datetime, time

from dateutil.relativedelta import relativedelta

from dialogue.forms import Flow
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from models import amendments, audit
from models.amendments import Amended
from models.people import key
from papers import stories
from rules.gate import Action
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_AUDIT
A_PAGE = 8


@flow.command("amendments", "变更清单", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    return Reply(_list(turn, 0, 0))


@flow.deed("amendments.open", needs=NEEDS)
def open_list(turn: Turn) -> Reply:
    return Reply(_list(turn, 0, 0), new=True)


@flow.deed("amendments.show", needs=NEEDS)
def show(turn: Turn, months: int = 0, page: int = 0) -> Reply:
    return Reply(_list(turn, max(0, months), page))


def _first(turn: Turn, months: int) -> date:
    return turn.today.replace(day=1) - relativedelta(months=months)


def _span(turn: Turn, months: int) -> tuple[datetime, datetime]:
    first = _first(turn, months)
    since, until = (turn.house.calendar.at(each, time()) for each in (first, first + relativedelta(months=1)))
    return since, until


def _list(turn: Turn, months: int, page: int) -> Screen:
    span = _span(turn, months)
    counts = amendments.counts(turn.session, *span)
    number = sum(counts.values())
    last = max(0, (number - 1) // A_PAGE)
    page = max(0, min(page, last))
    shown = list(enumerate(amendments.amendments(turn.session, *span, page * A_PAGE, A_PAGE), page * A_PAGE + 1))
    audit.record(
        turn.session,
        turn.now,
        turn.me,
        "audit.amendments",
        "audit",
        since=span[0].isoformat(),
        until=span[1].isoformat(),
    )
    text = say(
        "amendments.list",
        month=_named(turn, months),
        count=number,
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        counts=[say(f"amendments.{kind}", count=count) for kind, count in counts.items()] or None,
        lines=[_line(turn, at, each) for at, each in shown] or say("ledger.empty"),
    )
    cases = [
        Button(say("text", text=str(at)), "complaint.show", {"matter": key(each.matter)}) for at, each in shown
    ]  # the auditors see every complaint
    return Screen(text, (*columns(cases, 4), *_turns(months, page, last), _months(turn, months)))


def _named(turn: Turn, months: int) -> Say:
    first = _first(turn, months)
    return say("reporting.month", year=first.year, month=first.month)


def _line(turn: Turn, number: int, amended: Amended) -> Say:
    told = stories.done(turn.session, turn.house, amended.entry)
    return say(
        "amendments.line",
        number=number,
        matter=amended.matter.number,
        when=amended.entry.written_at,
        by=told.by,
        did=told.did,
        why=say("amendments.reason", reason=_reason(turn, amended)) if amended.entry.kind == "pause" else None,
        approved=say("amendments.approved", by=amended.approved_by.name) if amended.approved_by else None,
    )


def _reason(turn: Turn, amended: Amended) -> str | Say:
    """The rulebook's reason for a pause, as long as it stands in it."""
    wanted = amended.entry.answers["reason"]
    rule = turn.house.rulebook.pause
    found = next((each for each in rule.reasons if each.id == wanted), None) if rule else None
    return say("rule.says", zh=found.says, en=found.says_en) if found else str(wanted)


def _turns(months: int, page: int, last: int) -> list[tuple[Button, ...]]:
    ways = [(page - 1, "button.earlier")] if page else []
    ways += [(page + 1, "button.more")] if page < last else []
    buttons = [Button(say(label), "amendments.show", {"months": months, "page": to}) for to, label in ways]
    return [tuple(buttons)] if buttons else []


def _months(turn: Turn, months: int) -> tuple[Button, ...]:
    """The month before, and the one after."""
    near = [months + 1, *([months - 1] if months else [])]
    return tuple(Button(_named(turn, each), "amendments.show", {"months": each}) for each in near)
