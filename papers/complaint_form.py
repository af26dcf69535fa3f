"""投诉受理单 (article 16): the numbered form of a complaint with its whole story, as a PDF to be signed.

What it says is put together as values first: their digest tells one version from the next, in whatever language it is printed. The
page is laid out by `complaint_form.typ`, which gets every text as data: whatever somebody typed can't act as markup.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from sqlmodel import Session

from models import tasks
from models.claims import claim_of
from models.climbing import HANDLING, in_force
from models.clocks import Clock
from models.complaints import whose_record
from models.customers import Customer
from models.kinds import Json
from models.limits import of_case, the_limit
from models.people import SINCE_EVER, Staff, Unit, actor, key
from models.printed_forms import is_version
from models.records import Complaint, Matter, notes
from models.tasks import Task
from papers.book import Paper
from papers.discretion import discretion
from papers.glyphs import FONTS, printable
from papers.stories import remarks, story
from rules.gate import Action, may
from rules.house import House
from words import Say, Value, Voice, pack, say

PAGE = Path(__file__).with_suffix(".typ")
HEADINGS = (
    *("title", "what", "result", "story", "orders", "when", "who", "did", "order", "answer", "signatures"),
    *("sign", "date", "note"),
)
"""Words of the page that say nothing of this complaint."""
SIGNED_BY = ("acceptor", "department", "unit", "leader", "sales")
Rows = list[list[Value]]


class NotToBePrintedError(Exception):
    """Not for this reader, about a customer that is 涉密, or changed since the version that was asked for."""


@dataclass(frozen=True)
class Content:
    """What the form says, in no language yet. `facts` are headings with what stands beside them; `result` too, each on a line of
    its own; `steps` and `orders` are rows of tables."""

    number: str
    facts: Rows
    what: str
    result: Rows
    steps: Rows
    orders: Rows = field(default_factory=list)

    def packed(self) -> Json:
        parts: dict[str, Any] = {name: pack(value) for name, value in vars(self).items()}
        return parts


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """The version that was asked for at `now`. Asked again here: whether the reader may see it, and whether it still says that.
    Raises `NotToBePrintedError`."""
    matter, complaint = session.get_one(Matter, args["matter"]), session.get_one(Complaint, args["matter"])
    if not may(actor(session, staff, now), Action.SEE_COMPLAINT, whose_record(session, matter, complaint, now)):
        raise NotToBePrintedError(f"{matter.number} is not for {staff.number}")
    if session.get_one(Customer, matter.customer_id).code_name is not None:
        raise NotToBePrintedError(f"{matter.number} is about a customer that goes by its code name")
    said = content(session, house, matter, complaint, now)
    if not is_version(session, key(matter), args["version"], said.packed()):
        raise NotToBePrintedError(f"{matter.number} has changed since version {args['version']}")
    voice = Voice(staff.language, house.calendar.tz, SINCE_EVER)  # so that every day is written with its year
    told = discretion(session, voice, staff, now)
    printed = say("complaint_form.printed", by=staff.name, number=staff.number, when=now, version=args["version"])
    page = _page(said, printed, args["version"], lambda each: printable(told(voice.plain(each), {matter.customer_id})))
    name = voice.plain(say("complaint_form.file", number=matter.number, version=args["version"]))
    return Paper(f"{name}.pdf", compiled({**page, "lang": voice.language[:2]}))


def compiled(page: Mapping[str, Any]) -> bytes:
    """With the project's own font and no other: the same page on every machine."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
    made = typst.compile(PAGE, root=PAGE.parent, font_paths=fonts, sys_inputs={"page": json.dumps(page)})
    if not isinstance(made, bytes):
        raise TypeError(f"no PDF but {type(made)}")
    return made


def _page(said: Content, printed: Say, version: int, text: Callable[[Value], str]) -> dict[str, Any]:
    """Every word of the page."""

    def table(rows: Rows) -> list[list[str]]:
        return [[text(cell) for cell in row] for row in rows]

    return {
        **{each: text(say(f"complaint_form.{each}")) for each in HEADINGS},
        "number": said.number,
        "order_number": text(say("paper.number")),
        "version": text(say("complaint_form.version", version=version)),
        "facts": table(said.facts),
        "text": text(said.what),
        "results": table(said.result),
        "steps": table(said.steps),
        "ordered": table(said.orders),
        "signers": [text(say(f"complaint_form.by_{each}")) for each in SIGNED_BY],
        "printed": text(printed),
        "pages": text(say("complaint_form.page", page="{page}", pages="{pages}")),
    }


# What it says


def content(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> Content:
    lines = story(session, house, matter)
    return Content(
        number=matter.number,
        facts=_facts(session, house, matter, complaint, now),
        what=complaint.what,
        result=_result(session, matter),
        steps=[
            [each.at, each.by or say("trail.itself"), each.did, say("list", items=remarks(each, house.calendar))]
            for each in lines
        ],
        orders=[_order(session, each, now) for each in tasks.of_matter(session, key(matter))],
    )


def _facts(session: Session, house: House, matter: Matter, complaint: Complaint, now: datetime) -> Rows:
    customer, clock = session.get_one(Customer, matter.customer_id), the_limit(session, matter)
    handler = session.get(Staff, complaint.handler_id) if complaint.handler_id else None
    facts: dict[str, Value] = {
        "field.customer": customer.called_in_full,
        "paper.unit": session.get_one(Unit, matter.unit_id).name,
        "field.complainant": complaint.complainant,
        "field.phone": say("complaint_form.phone", phone=complaint.complainant_phone),
        "field.type": say(f"complaint_type.{complaint.type}"),
        "field.product": complaint.product,
        "field.received": complaint.received_at,
        "complaint_form.accepted_by": session.get_one(Staff, matter.opened_by).name,
        "complaint_form.place": say(f"complaint_form.{'in' if complaint.inside else 'out_of'}_province"),
        "field.on_site": complaint.on_site_needed,
        "complaint_form.limit": _limit(session, house, complaint, clock),
        "complaint_form.kept": _kept(complaint, clock, now),
        "complaint_form.department": say(f"role.{complaint.department}"),
        **_entrusted(session, matter, complaint),
        "complaint_form.handler": handler.name if handler else say("case.no_handler"),
        **_claim(session, complaint),
        "complaint_form.evidence": _evidence(len(complaint.evidence)),
        "paper.state": say(f"complaint_state.{matter.state}"),
        "paper.closed": matter.closed_at,
    }
    return [[say(heading), value] for heading, value in facts.items()]


def _entrusted(session: Session, matter: Matter, complaint: Complaint) -> dict[str, Value]:
    """责任单位 and 处理时限, once the department in charge has named them."""
    if complaint.responsible_unit_id is None:
        return {"complaint_form.responsible": say("complaint_form.no_unit")}
    unit = session.get_one(Unit, complaint.responsible_unit_id).name
    facts: dict[str, Value] = {"complaint_form.responsible": unit}
    if complaint.handle_by is not None:
        facts["complaint_form.handle_by"] = say("complaint_form.before", due=complaint.handle_by)
    clock = next((each for each in of_case(session, matter) if each.rule == HANDLING and each.closed_at), None)
    if clock is not None and clock.closed_at is not None:
        outcome = "kept" if clock.closed_at <= clock.due_at else "late"
        said = say(f"complaint_form.limit_{outcome}", why=say(f"stopped.{clock.stopped_by}"), at=clock.closed_at)
        facts["complaint_form.handled"] = said
    return facts


def _claim(session: Session, complaint: Complaint) -> dict[str, Value]:
    """初估, 核定 and 结算, as far as they are known."""
    claim = claim_of(session, complaint)
    way = say(f"way.{claim.way}") if claim.way else None
    figures = {"estimated": claim.estimated, "assessed": claim.assessed, "settled": claim.settled}
    facts: dict[str, Value] = {"field.amount": _yuan(claim.claimed)} if claim.claimed else {"field.amount": None}
    facts |= {f"field.{name}": _yuan(amount) for name, amount in figures.items() if amount is not None}
    return facts | ({"field.way": way} if way else {})


def _yuan(amount: float) -> Say:
    return say("complaint_form.yuan", amount=f"{amount:,.2f}")


def _evidence(count: int) -> Say:
    return say("complaint_form.attached", count=count) if count else say("complaint_form.no_evidence")


def _limit(session: Session, house: House, complaint: Complaint, clock: Clock) -> Say:
    rule = in_force(session, house, clock).deadline
    span = rule.in_province if complaint.inside else rule.out_of_province
    hours = int(span.total_seconds() // 3600)
    return say("complaint_form.within", hours=hours, due=complaint.limit_at)


def _kept(complaint: Complaint, clock: Clock, now: datetime) -> Say:
    if clock.closed_at is None:
        return say(f"complaint_form.{'running' if now <= complaint.limit_at else 'over'}")
    outcome = "kept" if clock.closed_at <= complaint.limit_at else "late"
    return say(f"complaint_form.limit_{outcome}", why=say(f"stopped.{clock.stopped_by}"), at=clock.closed_at)


RESULT = {"resolution": ("cause", "measure"), "confirmation": ("text",), "closing": ("text",)}
"""By kind of entry, the answers that stand in the result; the last of a kind counts."""


def _result(session: Session, matter: Matter) -> Rows:
    last = {each.kind: each.answers for each in notes(session, key(matter))}
    return [
        [say(f"complaint_form.{kind}_{name}"), _answer(last.get(kind, {}), name)]
        for kind, names in RESULT.items()
        for name in names
    ]


def _answer(said: Json, name: str) -> Value:
    text = said.get(name)
    if "satisfied" not in said:
        return str(text) if text else None
    return say(f"complaint_form.{'satisfied' if said['satisfied'] else 'not_satisfied'}", text=text)


def _order(session: Session, task: Task, now: datetime) -> list[Value]:
    by = session.get_one(Staff, task.by_id).name
    to: list[Value] = [each.name for each in tasks.holders_of(session, task, now)]
    order = say("complaint_form.ordered", by=by, to=say("list", items=to), due=task.due_at, text=task.text)
    if task.answered_by is None:
        return [say("complaint_form.numbered", number=task.number, when=task.at), order, None]
    who = session.get_one(Staff, task.answered_by).name
    answer = say("complaint_form.answered", by=who, when=task.answered_at, text=task.answer)
    return [say("complaint_form.numbered", number=task.number, when=task.at), order, answer]
