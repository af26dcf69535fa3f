"""What became of a complaint, told in order: who did what when, before and after. 详情 and the printed form tell the same story.

An entry is told by the words `story.KIND`, which may use any of its answers by name; a deed that wrote no entry by the words of its
action (`complaint.assign` by `story.assign`), with what stood `before` and `after`. A new kind needs only its words; one that has
none yet is told by what was written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from models import inquiries
from models.absences import stood_in
from models.audit import Audit, AuditBody
from models.ledgers import bare
from models.people import Staff, Unit, key
from models.records import Entry, Matter, notes
from rules.calendar import Calendar
from rules.evidence import delay
from rules.house import House
from words import Say, Value, catalogue_ids, say

PEOPLE: Final = frozenset({"handler", "staff", "approver", "who"})
UNITS: Final = frozenset({"unit"})
CODES: Final = {
    "to": "report_to",
    "type": "complaint_type",
    "department": "role",
    "effect": "effect",
    "inquiry_kind": "inquiry_kind",
    "way": "way",
    "grounds": "ground",
}
"""What an answer of that name is: somebody's id, a unit's, or a code with its family of words."""
SAID_BESIDE: Final = frozenset({"claim.ask"})
"""What the entry beside it says already, as often as there are people to approve it."""
PAUSE_ASKED: Final = "pause.ask"
ABOUT: Final = {"complaint.assign": "handler", "complaint.hand_over": "handler", "inquiry.hand_over": "handler"}
"""What `before` and `after` are in a row of the audit that does not name it itself."""


@dataclass(frozen=True)
class Line:
    """One step. `at` is when it was done, which is before it was written down where it was entered late."""

    at: datetime
    by: Value
    did: Say
    entry: Entry | None = None

    def told(self) -> Say:
        return say("story.line", when=self.at, by=self.by, did=self.did)


def story(session: Session, house: House, matter: Matter) -> list[Line]:
    """In the order in which it was written down; the audit tells what came first within a moment. Of a complaint that was an
    inquiry first, it begins with that."""
    rows = _deeds(session, matter)
    places = {body.body["entry"]: key(row) for row, body in rows if "entry" in body.body}
    told: list[tuple[datetime, int, Line]] = []
    place = 0
    for each in notes(session, key(matter)):
        place = places.get(each.id, place)  # of one that a sealing emptied, what was written before it
        told.append((each.written_at, place, done(session, house, each)))
    told += [(row.at, key(row), _changed(session, house, row, body)) for row, body in rows if _told(row, body)]
    came_from = inquiries.before(session, matter)
    earlier = story(session, house, came_from) if came_from else []
    return [*earlier, *(line for _, _, line in sorted(told, key=lambda each: each[:2]))]


def remarks(line: Line, calendar: Calendar) -> list[Say]:
    """What is to be said beside it on paper: 无佐证, 补录, how many attachments."""
    entry = line.entry
    if entry is None:
        return []
    late = delay(entry.answers.get("when"), entry.at, entry.written_at, calendar)
    count = len(entry.attachments)
    found = [
        say("paper.unproven") if bare(entry) else None,
        late_by(late) if late else None,
        say("complaint_form.attached", count=count) if count else None,
    ]
    return [each for each in found if each is not None]


def late_by(gap: timedelta) -> Say:
    if gap >= timedelta(days=2):
        return say("mark.late_days", days=gap.days)
    return say("entry.late", hours=int(gap.total_seconds() // 3600))


def done(session: Session, house: House, entry: Entry) -> Line:
    """What an entry says, in words."""
    said = entry.answers
    text = said.get("text") or "；".join(str(said[each]) for each in ("cause", "measure") if said.get(each))
    kind = "refusal" if said.get("satisfied") is False else entry.kind
    did = _in_words(
        kind, "other", {**_values(session, said), "text": str(text), "why": reason_of(house, said.get("reason"))}
    )
    instead = [each.for_id for each in stood_in(session, key(entry)) if each.by_id == entry.by_id]
    return Line(entry.at, credited(session, entry.by_id, instead), did, entry)


def reason_of(house: House, value: Any) -> Value:
    """A reason of the rulebook's list in words; its name, where the list no longer has it."""
    rule = house.rulebook.pause
    found = next((each for each in rule.reasons if each.id == value), None) if rule else None
    return say("rule.says", zh=found.says, en=found.says_en) if found else value


def credited(session: Session, by: int, stood_in_for: Sequence[int]) -> Value:
    """Who did it: 艾梅, or 艾梅（代安然） for a substitute."""
    name = session.get_one(Staff, by).name
    if not stood_in_for:
        return name
    whom = say("list", items=[session.get_one(Staff, each).name for each in stood_in_for])
    return say("leave.credited", name=name, whom=whom)


def _deeds(session: Session, matter: Matter) -> Sequence[tuple[Audit, AuditBody]]:
    query = select(Audit, AuditBody).join(AuditBody, col(AuditBody.audit_id) == col(Audit.id))
    return session.exec(query.where(Audit.subject == f"{matter.kind}:{matter.id}").order_by(col(Audit.id))).all()


def _told(row: Audit, body: AuditBody) -> bool:
    """What wrote an entry is told by the entry; what a sealing emptied says nothing more."""
    if not body.body or "entry" in body.body or row.action in SAID_BESIDE:
        return False
    return "step" in body.body or _known(f"story.{_what(row)}") or {"before", "after"} <= body.body.keys()


def _what(row: Audit) -> str:
    return row.action.partition(".")[2]


def _changed(session: Session, house: House, row: Audit, body: AuditBody) -> Line:
    by = credited(session, row.staff_id, body.body.get("stood_in_for", [])) if row.staff_id else None
    if "step" in body.body and _known(f"did.{row.action}"):
        text = body.body.get("opinion") or body.body.get("text") or None
        did = say(f"did.{row.action}")
        if row.action == PAUSE_ASKED and (until := body.body.get("until")):
            why = reason_of(house, body.body.get("reason"))
            return Line(row.at, by, say("story.pause_asked", did=did, text=text, until=until, why=why))
        return Line(row.at, by, say("story.step", did=did, text=text))
    about = ABOUT.get(row.action, "")
    named = {each: _value(session, about, body.body.get(each)) for each in ("before", "after")}
    return Line(row.at, by, _in_words(_what(row), "change", {**_values(session, body.body), **named}))


def _in_words(kind: str, otherwise: str, values: Mapping[str, Value]) -> Say:
    return say(f"story.{kind if _known(f'story.{kind}') else otherwise}", **values)


def _values(session: Session, said: Mapping[str, Any]) -> dict[str, Value]:
    """What was answered, ids as names; what lies deeper by both names, as `before_type`."""
    found: dict[str, Value] = {}
    for name, value in said.items():
        if isinstance(value, Mapping):
            found |= {f"{name}_{inner}": each for inner, each in _values(session, value).items()}
        else:
            found[name] = _value(session, name, value)
    return found


def _value(session: Session, name: str, value: Any) -> Value:
    short = name.removesuffix("_id")
    match value:
        case bool() | float() | None:
            return value
        case int() if short in PEOPLE:
            staff = session.get(Staff, value)
            return staff.name if staff else None
        case int() if short in UNITS:
            unit = session.get(Unit, value)
            return unit.name if unit else None
        case list():
            return [_value(session, name, each) for each in value]
        case str() if _known(f"{CODES.get(short)}.{value}"):
            return say(f"{CODES[short]}.{value}")
        case str() | int():
            return value
        case _:
            return ", ".join(f"{inner} {each}" for inner, each in _values(session, value).items())


def _known(words: str) -> bool:
    return words in catalogue_ids("zh_CN")
