"""A row of the audit in words: who did what to what, and what stood in it, every id by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dialogue.turn import Turn
from models import mergers
from models.audit import Audit
from models.concerns import Concern
from models.customers import Customer
from models.people import Staff, Unit
from models.records import Entry, Matter
from models.rule_changes import RuleChange
from models.tasks import Task
from models.working_days import Arrangement
from words import Say, Value, catalogue_ids, say

LONGEST_VALUE = 300
INTERNAL = frozenset(
    {
        "id",
        "upto",
        "page",
        "cycle",
        "rulebook_version",
        "post",
        "finding",
        "filing",
        "draft",
        "step",
        "nth",
        "handed_on",
        "paper",
    }
)
"""What the machine needs and nobody reads."""
PEOPLE = frozenset({"handler", "with", "by", "staff", "owner", "answered_by", "asked_by", "who", "approver"})
TIMES = frozenset({"when", "on", "next_when", "since", "until", "due", "due_at", "received_at", "limit_at"})
CODES = {
    "channel": "channel",
    "briefing": "channel",
    "tier": "tier",
    "type": "complaint_type",
    "state": "complaint_state",
    "department": "role",
    "to": "report_to",
    "effect": "effect",
    "inquiry_kind": "inquiry_kind",
    "way": "way",
    "grounds": "ground",
    "part": "file_part",
    "ground": "file_ground",
    "key": "rule_key",
}
"""The family of words that a code belongs to."""
HEADINGS = {
    "quarter": "field.quarter",
    "key": "field.rule_key",
    "what": "paper.what",
    "due_at": "field.due",
    "limit_at": "paper.limit",
    "received_at": "field.received",
    "complainant_phone": "field.phone",
    "dial": "field.told_phone",
    "complaint": "trail.matter",
    "who": "field.handler",
    "on_site_needed": "field.on_site",
    "proof": "paper.proof",
    "briefing": "button.briefing",
    "before": "trail.before",
    "after": "trail.after",
    "state": "trail.state",
    "number": "trail.number",
    "entry": "trail.entry",
    "staff": "trail.staff",
    "owner": "trail.owner",
    "by": "trail.by",
    "matter": "trail.matter",
    "since": "trail.since",
    "until": "trail.until",
    "found": "trail.found",
    "row": "trail.row",
    "kind": "trail.kind",
    "major": "trail.major",
    "department": "trail.department",
    "province_reason": "trail.province_reason",
    "corrects": "trail.corrects",
    "file": "trail.file",
    "added": "trail.added",
    "changed": "trail.changed",
    "days": "trail.days",
    "count": "trail.count",
    "is_open": "trail.is_open",
    "called": "trail.called",
    "subjects": "trail.subjects",
    "counts": "trail.counts",
    "asked_by": "trail.asked_by",
    "rows": "trail.rows",
    "rest": "trail.rest",
    "work": "trail.work",
    "as_before": "trail.as_before",
    "year": "field.year",
    "moved": "trail.moved",
    "version": "trail.version",
    "grounds": "trail.grounds",
    "on": "trail.on",
    "approver": "trail.approver",
    "absence": "trail.absence",
    "substitute": "trail.substitute",
    "starts": "trail.starts",
    "ends": "trail.ends",
    "stood_in_for": "trail.stood_in_for",
    "task": "trail.task",
    "part": "trail.part",
    "ground": "trail.ground",
    "files": "trail.files",
}
"""What stands in a row and on no form, or there under another name."""


def row_line(turn: Turn, number: int, row: Audit) -> Say:
    return say("trail.line", number=number, when=row.at, who=who(turn, row), did=did(turn, row), about=about(turn, row))


def who(turn: Turn, row: Audit) -> Value:
    return turn.session.get_one(Staff, row.staff_id).name if row.staff_id else say("trail.itself")


def did(turn: Turn, row: Audit) -> Say:
    """What was done, in words; a deed that has none yet by its name."""
    known = _known(turn, f"did.{row.action}")
    return say(f"did.{row.action}") if known else say("text", text=row.action)


def about(turn: Turn, row: Audit) -> Value:
    kind, _, number = row.subject.partition(":")
    if kind == "ledger":
        return say(f"ledger.{number}")
    if not number.isdecimal():
        return None if kind == "audit" else row.subject
    return _named(turn, kind, int(number)) or row.subject


def _named(turn: Turn, kind: str, number: int) -> str | None:
    """The record of that kind and id, as people call it."""
    match kind:
        case "customer":
            customer = turn.session.get(Customer, mergers.resolved(turn.session, number))
            return customer.called if customer else None
        case "complaint" | "matter" | "opening" | "proposal" | "planned_visit" | "survey":
            matter = turn.session.get(Matter, number)
            return matter.number if matter else None
        case "entry":
            entry = turn.session.get(Entry, number)
            return entry.number if entry else None
        case "concern":
            concern = turn.session.get(Concern, number)
            return concern.number if concern else None
        case "task":
            task = turn.session.get(Task, number)
            return task.number if task else None
        case "rule_change":
            change = turn.session.get(RuleChange, number)
            return change.number if change else None
        case "staff":
            staff = turn.session.get(Staff, number)
            return staff.name if staff else None
        case "arrangement":
            arrangement = turn.session.get(Arrangement, number)
            return str(arrangement.year) if arrangement else None
        case "unit":
            unit = turn.session.get(Unit, number)
            return unit.name if unit else None
    return None


def body_lines(turn: Turn, row: Audit, body: Mapping[str, Any]) -> list[Say]:
    """What stands in the row, a line each; what is empty or internal is left out."""
    return [
        say(
            "form.line",
            label=_heading(turn, name),
            value=turn.voice.plain(_shown(turn, row, name, value))[:LONGEST_VALUE],
        )
        for name, value in body.items()
        if value not in (None, "", [], {}) and name not in INTERNAL
    ]


def _heading(turn: Turn, name: str) -> Value:
    short = name.removesuffix("_id")
    words = HEADINGS.get(short, f"field.{short}")
    return say(words) if _known(turn, words) else name


def _shown(turn: Turn, row: Audit, name: str, value: Any) -> Value:
    """Ids and codes as the words for them."""
    short = name.removesuffix("_id")
    if isinstance(value, bool):
        return say("yes" if value else "no")
    if isinstance(value, list):
        return say("list", items=[_shown(turn, row, name, each) for each in value])
    if isinstance(value, Mapping):
        return say("list", items=[*body_lines(turn, row, value)])
    if short in TIMES:
        return say("when", value=value)
    if short in CODES and _known(turn, f"{CODES[short]}.{value}"):
        return say(f"{CODES[short]}.{value}")
    if name == "kind":
        return next((say(each) for each in (f"ledger.{value}", f"task.{value}") if _known(turn, each)), str(value))
    return _of_id(turn, row, short, value) or str(value)


def _of_id(turn: Turn, row: Audit, name: str, value: Any) -> Value:
    if not isinstance(value, int):
        return None
    if name == "row":
        return _read_row(turn, value)
    handed = row.action.endswith((".assign", ".hand_over")) and name in ("before", "after")
    return _named(turn, "staff" if handed or name in PEOPLE else name, value)


def _read_row(turn: Turn, number: int) -> Value:
    """The row that was looked at, in one line."""
    read = turn.session.get(Audit, number)
    return (
        say("trail.read", when=read.at, who=who(turn, read), did=did(turn, read), about=about(turn, read))
        if read
        else None
    )


def _known(turn: Turn, words: str) -> bool:
    return words in catalogue_ids(turn.staff.language)
