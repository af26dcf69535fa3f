"""The cells: who × what × whose × where × which way. Every registered command and deed is among them, whatever is added."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import Parameter, signature
from typing import Any

from handlers import DESK
from rules.gate import Action
from tests.guard.denied.company import EVERYBODY, KINDS, OUTSIDE, TARGETS, Ids, Record, Target, may, reaches_anything

LINE, PRESS, FOREIGN = "line", "press", "somebody else's button"
LOUD = ("group", "topic", "channel")
SENT = ("typed", "answer", "passed on", "changed", "photo", "file", "name of a file")
INSIDERS = tuple(each for each in EVERYBODY if each not in OUTSIDE)


@dataclass(frozen=True)
class Way:
    """One way to get at a record: a line with a gap, by what it is asked for; or a button."""

    kind: str
    what: str
    asked: str = ""
    sent: str = "typed"
    where: str = "private"


@dataclass(frozen=True)
class Cell:
    who: str
    way: Way
    target: Target

    def __str__(self) -> str:
        way = self.way
        return f"{self.who} · {way.where} · {way.kind} {way.sent} · {way.what} · by {way.asked or 'id'} · {self.target.seed}"


ASKED = {"name": Action.FIND_CUSTOMER, "legal": Action.FIND_CUSTOMER, "code": Action.FIND_CUSTOMER, "case": Action.SEE_COMPLAINT,
         "inquiry": Action.SEE_INQUIRY, "person": Action.SEE_CUSTOMER, "phone": Action.SEE_CUSTOMER}  # fmt: skip
"""What is typed, and who may learn by it that there is such a thing."""
TALK = "{} 电话 刚才 问候"
OTHER_NUMBERS = (("case", "inquiry"), ("zx", "case"))
"""A number is read by its digits: /case ZX-2026-0001 is the complaint of that number, which is another right."""


def lines() -> Iterator[tuple[str, str]]:
    """What is typed, with a gap, and by what it asks: every command, every word for it, and lines without either."""
    for name, command in DESK.commands.items():
        for asked in ("name", "case", "inquiry"):
            if (name, asked) not in OTHER_NUMBERS:
                yield f"/{name} {{}}", asked
        for word in command.words[:1]:
            yield f"{word} {{}}", "name"
    yield "/start {}", "legal"
    for asked in ASKED:
        yield "{}", asked
        yield "/find {}", asked
    for plain in (TALK, "{} 胶管开裂", "{} 问交货期", "{} 电话 刚才 问候\n{} 微信 昨天 报价"):
        yield plain, "name"
    yield TALK, "legal"
    yield TALK, "person"


def ways() -> list[Way]:
    """In private."""
    found = [Way(LINE, line, asked) for line, asked in lines()]
    for sent in SENT[1:]:
        found += [Way(LINE, line, asked, sent) for line, asked in ((TALK, "name"), ("{}", "name"), ("{}", "case"))]
    found += [Way(PRESS, deed) for deed in DESK.deeds]
    return [*dict.fromkeys(found), Way(FOREIGN, "")]


def loud_ways() -> list[Way]:
    """Where others listen."""
    spoken = [Way(LINE, line, asked, where=where) for line, asked in lines() for where in LOUD]
    return spoken + [Way(PRESS, deed, where="group") for deed in DESK.deeds] + [Way(LINE, "{}", "name", where="inline")]


def every() -> Iterator[Cell]:
    """All that the rules deny, by person and way, so that the answer for what is not there is asked for once; and every fourth of
    the others, in which nothing else may be told."""
    for number, cell in enumerate(_all()):
        if denied(cell) or number % 4 == 0:
            yield cell


def _all() -> Iterator[Cell]:
    for turn, who in enumerate(EVERYBODY):
        for number, way in enumerate(ways()):
            if way.kind == LINE or who in INSIDERS:
                yield from (Cell(who, way, target) for target in _targets(who, way, number + turn))
        for number, way in enumerate(loud_ways()):
            if number % 4 == turn % 4:
                yield Cell(who, way, TARGETS[number % len(TARGETS)])


ALIKE = ("amy", "bob", "nora", "east", "chair", "finance", "technical", "enterprise", "production", "office", "legal",
         "supervisor", *OUTSIDE)  # fmt: skip
"""Whose rights are those of somebody else here: they try every way, each after one record in turn."""


def _targets(who: str, way: Way, turn: int) -> Sequence[Target]:
    """All, where it matters whose it is; one in turn, where it can't, or where a command is asked for something by its number."""
    by_number = way.kind == LINE and way.what.startswith("/") and way.asked in ("case", "inquiry")
    every_one = is_about(way) and who not in ALIKE and not (by_number and way.what not in ("/case {}", "/zx {}"))
    return TARGETS if every_one else (TARGETS[turn % len(TARGETS)],)


def sample(seed: int) -> list[Cell]:
    """A few of those that are denied: everybody, every kind of way, every kind of chat, every target."""
    cells = [each for each in every() if denied(each)]
    random.Random(seed).shuffle(cells)
    met: set[object] = set()
    found = []
    for cell in cells:
        way = cell.way
        sides = {cell.who, (way.where, way.kind), (way.kind, way.sent, way.asked), (cell.target.seed, way.kind)}
        if sides - met:
            met |= sides
            found.append(cell)
    return sorted(found, key=str)


# Buttons

Args = Mapping[str, Any]
NAMED = (
    "customer",
    "contact",
    "paper",
    "filing",
    "matter",
    "draft",
    "step",
    "absence",
    "clock",
    "entry",
    "unit",
    "surveyed",
)
OF_TARGET = {each: each for each in NAMED} | {"staff": "owner", "whose": "owner"}
LISTS = {"drafts": "draft", "events": "event", "ids": "task"}
PLAIN: Mapping[str, Any] = {
    "section": "credit", "part": "production", "what": "title", "number": 1, "field": "customer", "value": 1,
    "text": "问候", "form": "contact", "name": "某人", "reason": "另一家", "decision": "filed", "kind": "staff",
    "column": "name", "at": 0, "line": 2, "choice": "skip", "skip": 0, "page": 0, "months": 0, "back": 0,
    "quarter": "2026-Q3", "year": 2027, "rule": "", "to": "answer", "concern": 1, "sealing": 1, "departure": 1,
    "hand_over": 1, "row": 1, "wanted": "", "new": False, "channel": "phone", "phone": None, "message": None,
    "transfer": 1, "which": "open", "start": [], "chosen": {}, "period": "2026-11", "ending": "xlsx", "topic": "price",
    "state": "waiting", "month": 3, "draw": 1, "report": 1, "survey": 1, "measure": 1, "tier": "key", "change": 1, "on": True,
}  # fmt: skip
"""An example for every other argument of a deed."""
LEDGER = ("ledger.show", "ledger.units", "ledger.tiers", "ledger.export")
BY_NAME = ("contact.open", "complaint.open", "callback.open", "inquiry.open", *LEDGER)
"""What names a customer among the arguments that it does not declare."""
ABSENT = 999_999


def arguments(deed: str) -> Sequence[Parameter]:
    return [
        each
        for each in list(signature(DESK.deeds[deed].run).parameters.values())[1:]
        if each.kind != Parameter.VAR_KEYWORD
    ]


def button(deed: str, ids: Ids | None) -> Args:
    """What the button of that deed carries about a target; without ids, about what is not there."""
    if deed in BY_NAME:
        return {"customer": ids["customer"] if ids else ABSENT}
    return {each.name: _example(deed, each.name, ids) for each in arguments(deed)}


def _example(deed: str, name: str, ids: Ids | None) -> Any:
    if deed.startswith("proxy."):
        return [ABSENT]
    if name in OF_TARGET:
        what = "inquiry" if name == "matter" and deed.startswith("inquiry.") else OF_TARGET[name]
        return ids[what] if ids else ABSENT
    if name in LISTS:
        return [ids[LISTS[name]] if ids else ABSENT]
    return PLAIN[name]


def is_about(way: Way) -> bool:
    """Whether it matters whose record is meant."""
    if way.kind != PRESS:
        return True
    return way.what in BY_NAME or any(each.name in OF_TARGET or each.name in LISTS for each in arguments(way.what))


WHOSE_OF_ARG = {"customer": "customer", "contact": "customer", "surveyed": "customer", "paper": "customer", "filing": "customer",
                "entry": "customer",
                "matter": "complaint", "unit": "unit", "staff": "unit", "whose": "unit", "draft": "own", "drafts": "own",
                "events": "own", "absence": "own", "step": "own", "clock": "own", "ids": "own"}  # fmt: skip
INNER: Mapping[str, tuple[Action, str]] = {
    "undo.do": (Action.UNDO_OWN, "own"),
    "correct.open": (Action.UNDO_OWN, "own"),
    "history.show": (Action.SEE_COMPLAINT, "complaint"),
    "history.turn": (Action.SEE_COMPLAINT, "complaint"),
    "unsubmitted.remind": (Action.SEE_COMPLAINT, "customer"),
    "complaint.entrust": (Action.ENTRUST_COMPLAINT, "in charge"),
    **{each: (Action.FIND_CUSTOMER, "customer") for each in BY_NAME if each not in ("contact.open", "callback.open")},
}
"""Where the record or the right is another than its argument and its declaration say."""
HARMLESS = ("file.close",)
"""What does nothing but take away what somebody was shown themselves."""


def right(deed: str) -> tuple[Action, str] | None:
    """What the rules are asked for a button, and whose record of the target it is about; None where it is about none."""
    if deed in INNER:
        return INNER[deed]
    named = [WHOSE_OF_ARG[each.name] for each in arguments(deed) if each.name in WHOSE_OF_ARG]
    if deed in BY_NAME:
        named = ["customer"]
    if not named or deed in HARMLESS or deed.startswith("proxy."):
        return None
    whose = "inquiry" if deed.startswith("inquiry.") and named[0] == "complaint" else named[0]
    return DESK.deeds[deed].needs, whose


# What the rules say


def denied(cell: Cell) -> bool:
    """Whether the rules say no. Where others listen, always."""
    way, who, target = cell.way, cell.who, cell.target
    if way.where != "private" or who in OUTSIDE:
        return True
    if way.kind == FOREIGN:
        return who != target.owner
    if way.kind != PRESS:
        action = ASKED[way.asked]
        sealing = way.what == "/seal {}" and may(who, Action.ASK_SEALING, Record())
        return not sealing and not may(who, action, target.record(KINDS[action]))
    needs = right(way.what)
    return needs is not None and not (reaches_anything(who, needs[0]) and may(who, needs[0], target.record(needs[1])))
