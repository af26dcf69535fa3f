"""审计: who did what when, before and after, by person, customer, complaint and time. Every look at it is on record too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, time

from sqlmodel import select

from dialogue.forms import Flow, notice
from dialogue.kinds import CustomerKind, label
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.audited import about, body_lines, did, row_line, who
from models import audit, mergers
from models.audit import Asked, Audit
from models.customers import Customer
from models.people import Staff, active_staff, key
from models.records import Entry, Matter, complaint_numbered
from models.tasks import Task
from reading.dates import Direction, Found, Interval, When, find_dates
from reading.names import normalise
from rules.calendar import ONE_DAY
from rules.gate import Action
from words import Say, Value, say

flow = Flow()
NEEDS = Action.SEE_AUDIT
A_PAGE = 8
NUMBERED = re.compile(r"(?:ts|投诉单?)[-\s]?\d[\d-]*", re.IGNORECASE)
BETWEEN = re.compile(r"[\s、，,]+|^(?:到|至|的)$")


@dataclass(frozen=True)
class Search:
    """What is looked for, as it stands in the buttons; times in ISO."""

    staff: int | None = None
    customer: int | None = None
    matter: int | None = None
    since: str | None = None
    until: str | None = None
    upto: int = 0
    page: int = 0

    @property
    def args(self) -> Mapping[str, object]:
        return asdict(self)


class _UnknownWordError(Exception):
    """A word that names neither a colleague nor a customer."""


@flow.command("audit", "审计", "审计查询", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    wanted = Search(upto=audit.newest(turn.session))
    try:
        return _search(turn, wanted, text)
    except _UnknownWordError as unknown:
        return notice(say("trail.unknown", text=str(unknown)[:30]))


@flow.deed("trail.open", needs=NEEDS)
def open_trail(turn: Turn) -> Reply:
    return Reply(_list(turn, Search(upto=audit.newest(turn.session))), new=True)


@flow.deed("trail.show", needs=NEEDS)
def show(turn: Turn, **wanted: object) -> Reply:
    return Reply(_list(turn, Search(**wanted)))  # type: ignore[arg-type]


def _search(turn: Turn, wanted: Search, text: str) -> Reply:
    """Reads times, a complaint's number, a colleague, a customer, in any order. Raises `_UnknownWordError`."""
    wanted, rest = _times(turn, wanted, text)
    numbered = NUMBERED.search(rest)
    if numbered and (found := complaint_numbered(turn.session, numbered[0])):
        wanted = replace(wanted, matter=key(found[0]))
        rest = rest.replace(numbered[0], " ")
    for word in filter(None, BETWEEN.split(rest)):
        if BETWEEN.fullmatch(word):
            continue
        people = [each for each in active_staff(turn.session) if normalise(word) in (normalise(each.name), each.number)]
        if len(people) == 1:
            wanted = replace(wanted, staff=key(people[0]))
            continue
        customers = CustomerKind(Action.FIND_CUSTOMER).search(turn, word)
        if not customers:
            raise _UnknownWordError(word)
        if len(customers) > 1:
            return _which(turn, wanted, customers, word)
        wanted = replace(wanted, customer=key(customers[0]))
    return Reply(_list(turn, wanted))


def _which(turn: Turn, wanted: Search, found: list[Customer], word: str) -> Reply:
    buttons = [Button(label(turn, each), "trail.show", replace(wanted, customer=key(each)).args) for each in found]
    return Reply(Screen(say("ask.which_customer", text=word[:30]), columns(buttons, 1)))


def _times(turn: Turn, wanted: Search, text: str) -> tuple[Search, str]:
    """The stretch of time that the text names (from its first date to its last), and the rest of the text."""
    found = find_dates(text, turn.local_now, Direction.PAST, turn.house.calendar)
    if not found:
        return wanted, text
    since, until = _start(turn, found[0].value), _end(turn, found[-1].value)
    return replace(wanted, since=since.isoformat(), until=until.isoformat()), _without(text, found)


def _without(text: str, found: list[Found]) -> str:
    for each in reversed(found):
        text = f"{text[: each.start]} {text[each.end :]}"
    return text


def _start(turn: Turn, value: When) -> datetime:
    if isinstance(value, Interval):
        return _start(turn, value.start)
    return value if isinstance(value, datetime) else turn.house.calendar.at(value, time())


def _end(turn: Turn, value: When) -> datetime:
    """The first instant after it; a moment means its whole day."""
    if isinstance(value, Interval):
        return _start(turn, value.end)
    day: date = turn.house.calendar.local(value).date() if isinstance(value, datetime) else value
    return turn.house.calendar.at(day + ONE_DAY, time())


def _asked(turn: Turn, wanted: Search) -> Asked:
    subjects: list[str] | None = None
    if wanted.customer is not None:
        matters = turn.session.exec(select(Matter.id).where(Matter.customer_id == wanted.customer)).all()
        subjects = [
            f"customer:{wanted.customer}",
            *(f"customer:{each.from_id}" for each in mergers.into(turn.session, wanted.customer)),
            *(f"{kind}:{each}" for each in matters for kind in ("complaint", "opening", "proposal", "planned_visit")),
            *(f"task:{each}" for each in turn.session.exec(select(Task.id).where(Task.customer_id == wanted.customer))),
            *(
                f"entry:{each}"
                for each in turn.session.exec(select(Entry.id).where(Entry.customer_id == wanted.customer))
            ),
        ]
    if wanted.matter is not None:
        subjects = [f"complaint:{wanted.matter}"]
    since, until = (datetime.fromisoformat(each) if each else None for each in (wanted.since, wanted.until))
    return Asked(wanted.staff, subjects, since, until, wanted.upto)


def _list(turn: Turn, wanted: Search) -> Screen:
    asked = _asked(turn, wanted)
    number = audit.count(turn.session, asked)
    last = max(0, (number - 1) // A_PAGE)
    page = max(0, min(wanted.page, last))
    rows = audit.search(turn.session, asked, page * A_PAGE, A_PAGE)
    audit.record(turn.session, turn.now, turn.me, "audit.search", "audit", **{**wanted.args, "found": number})
    lines = [row_line(turn, at, row) for at, row in enumerate(rows, page * A_PAGE + 1)]
    text = say(
        "trail.list",
        what=_what(turn, wanted),
        count=number,
        lines=lines or say("ledger.empty"),
        page=say("page", page=page + 1, pages=last + 1) if last else None,
        how=None if number else say("trail.how"),
    )
    details = [
        Button(say("text", text=str(at)), "trail.detail", {"row": key(row)})
        for at, row in enumerate(rows, page * A_PAGE + 1)
    ]
    turns = [Button(say("button.earlier"), "trail.show", replace(wanted, page=page - 1).args)] if page else []
    turns += [Button(say("button.more"), "trail.show", replace(wanted, page=page + 1).args)] if page < last else []
    changes = (Button(say("button.amendments"), "amendments.open", {}),)
    return Screen(text, (*columns(details, 4), *([tuple(turns)] if turns else []), changes))


def _what(turn: Turn, wanted: Search) -> Say:
    parts: list[Value] = []
    if wanted.staff is not None:
        parts.append(turn.session.get_one(Staff, wanted.staff).name)
    if wanted.customer is not None:
        parts.append(turn.session.get_one(Customer, wanted.customer).called)
    if wanted.matter is not None:
        parts.append(turn.session.get_one(Matter, wanted.matter).number)
    if wanted.since and wanted.until:
        parts.append(say("when", value=_stretch(wanted.since, wanted.until)))
    return say("list", items=parts) if parts else say("trail.all")


def _stretch(since: str, until: str) -> str:
    """Whole days as days."""
    moments = [datetime.fromisoformat(each) for each in (since, until)]
    return (
        "/".join(f"{each:%Y-%m-%d}" for each in moments)
        if not any(map(_past_midnight, moments))
        else f"{since}/{until}"
    )


def _past_midnight(moment: datetime) -> bool:
    return moment.time() != time()


@flow.deed("trail.detail", needs=NEEDS)
def detail(turn: Turn, row: int) -> Reply:
    """One row whole: what was written, before and after."""
    found = turn.session.get_one(Audit, row)
    body = audit.body_of(turn.session, found)
    audit.record(turn.session, turn.now, turn.me, "audit.open", "audit", row=row)
    text = say(
        "trail.detail",
        when=found.at,
        who=who(turn, found),
        did=did(turn, found),
        about=about(turn, found),
        lines=body_lines(turn, found, body)
        or say("trail.sealed" if audit.is_sealed(turn.session, found) else "trail.nothing"),
    )
    return Reply(Screen(text), new=True)
