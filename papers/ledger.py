"""台账 as a file: contacts, callbacks or complaints, as far as the one who asks for it may see and export them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlmodel import Session

from models import ledgers, proxies, standstills
from models.ledgers import COMPLAINT, Row, Sight, Talk, Wanted
from models.people import Staff, Unit, actor, key
from models.records import Entry
from models.standstills import Standstill
from papers.book import Paper, Table, book
from papers.discretion import discretion
from rules.evidence import delay
from rules.gate import Action
from rules.house import House
from words import Value, Voice, say, unpack

MOST = 20_000
"""Rows in one file: more is a search, not a list."""


def packed(wanted: Wanted) -> dict[str, Any]:
    """The filters as plain JSON."""
    return {name: each.isoformat() if isinstance(each, datetime) else each for name, each in asdict(wanted).items()}


def unpacked(stored: Mapping[str, Any]) -> Wanted:
    times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "until") if stored.get(name)}
    return Wanted(**{**stored, **times})


def sees(session: Session, staff: Staff, kind: str, now: datetime, *, export: bool = False) -> list[Sight]:
    """What the gate lets somebody see of that kind, or hand out as a file."""
    see = Action.SEE_COMPLAINT if kind == COMPLAINT else Action.SEE_CUSTOMER
    needed = (see, Action.EXPORT) if export else (see,)
    return ledgers.sights(session, actor(session, staff, now), now, *needed)


Cells = Sequence[Value]


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """The file, in the language of the one who asked. `now` is when it was asked for."""
    wanted = unpacked(args["wanted"])
    voice = Voice(staff.language, house.calendar.tz, now)
    seen = sees(session, staff, wanted.kind, now, export=True)
    headings, rows = (
        _complaints(session, now, wanted, seen) if wanted.kind == COMPLAINT else _talks(session, house, wanted, seen)
    )
    name = voice.plain(say(f"ledger.{wanted.kind}"))
    told = discretion(session, voice, staff, now)
    table = Table(
        title=f"{name}　{told(voice.plain(unpack(args['title'])))}",
        made=voice.plain(say("paper.made", by=staff.name, number=staff.number, when=now, count=len(rows))),
        headings=[voice.plain(say(each)) for each in headings],
        rows=[told.cells([_text(voice, cell) for cell in row]) for row in rows],
    )
    return book(table, f"{name} {house.calendar.local(now):%Y-%m-%d %H%M}")


def _text(voice: Voice, cell: Value) -> str:
    """Times are written so that they sort."""
    return f"{cell.astimezone(voice.zone):%Y-%m-%d %H:%M}" if isinstance(cell, datetime) else voice.plain(cell)


SHARED = ("paper.number", "field.when", "field.customer", "paper.tier", "paper.unit", "field.channel", "field.person")
CLOSING = ("field.next_step", "field.next_when", "paper.by", "paper.written", "paper.proof", "paper.late")
CONTENTS = {
    "contact": ("summary",),
    "callback": ("opinions", "complaints", "news", "plans", "satisfaction", "problems"),
}


def _talks(session: Session, house: House, wanted: Wanted, seen: Sequence[Sight]) -> tuple[Sequence[str], list[Cells]]:
    contents = CONTENTS[wanted.kind]
    headings = (*SHARED, "field.with", *(f"field.{each}" for each in contents), *CLOSING)
    names = _Names(session)
    return headings, [_talk(house, names, each, contents) for each in ledgers.talks(session, wanted, seen, most=MOST)]


def _talk(house: House, names: _Names, talk: Talk, contents: Sequence[str]) -> Cells:
    entry, customer = talk.entry, talk.customer
    said = entry.answers
    late = delay(said.get("when"), entry.at, entry.written_at, house.calendar)
    visit = entry.channel == "visit"
    return (
        entry.number,
        entry.at,
        customer.called_in_full,
        say(f"tier.{customer.tier}"),
        names.unit(customer.unit_id),
        say(f"channel.{entry.channel}"),
        said.get("person"),
        say("list", items=[names.took_part(entry, each) for each in said.get("with", ())]),
        *(said.get(each) for each in contents),
        said.get("next_step"),
        say("when", value=said["next_when"]) if said.get("next_when") else None,
        names.staff(entry.by_id),
        entry.written_at,
        say("paper.unproven" if ledgers.bare(entry) else "paper.proven") if visit else None,
        say("entry.late", hours=int(late.total_seconds() // 3600)) if late else None,
    )


COMPLAINT_HEADINGS = (
    "paper.number",
    "paper.state",
    "field.customer",
    "paper.tier",
    "paper.unit",
    "field.type",
    "field.product",
    "paper.what",
    "field.complainant",
    "field.phone",
    "field.received",
    "paper.limit",
    "paper.paused",
    "paper.outcome",
    "paper.outcome_without",
    "field.handler",
    "field.amount",
    "paper.closed",
    "paper.proof",
)


def _complaints(
    session: Session, now: datetime, wanted: Wanted, seen: Sequence[Sight]
) -> tuple[Sequence[str], list[Cells]]:
    names = _Names(session)
    rows = ledgers.complaints(session, wanted, seen, most=MOST)
    found = standstills.of_matters(session, [key(each.matter) for each in rows], now)
    return COMPLAINT_HEADINGS, [_complaint(names, each, found[key(each.matter)]) for each in rows]


def _outcome(kept: bool | None) -> Value:
    return None if kept is None else say("paper.kept" if kept else "paper.overdue")


def _complaint(names: _Names, row: Row, standstill: Standstill) -> Cells:
    matter, complaint, customer = row.matter, row.complaint, row.customer
    return (
        matter.number,
        say(f"complaint_state.{matter.state}"),
        customer.called_in_full,
        say(f"tier.{customer.tier}"),
        names.unit(matter.unit_id),
        say(f"complaint_type.{complaint.type}"),
        complaint.product,
        complaint.what,
        complaint.complainant,
        complaint.complainant_phone,
        complaint.received_at,
        complaint.limit_at,
        f"{standstill.paused / timedelta(hours=1):.1f}" if standstill.paused else None,
        _outcome(standstill.kept),
        _outcome(standstill.kept_without),
        names.staff(complaint.handler_id) if complaint.handler_id else None,
        f"{complaint.amount:.2f}" if complaint.amount else None,
        matter.closed_at,
        say("paper.unproven") if row.unproven else None,
    )


class _Names:
    """Staff and units by their ids, each looked up once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.staff = lru_cache(maxsize=None)(self._staff)
        self.unit = lru_cache(maxsize=None)(self._unit)

    def _staff(self, number: int) -> str:
        return self._session.get_one(Staff, number).name

    def took_part(self, entry: Entry, number: int) -> Value:
        """A leader for whom it was entered is marked until they confirmed it."""
        asked = [each for each in proxies.of_entry(self._session, key(entry)) if each.staff_id == number]
        name: str = self.staff(number)
        return say("proxy.unconfirmed", name=name) if asked and not asked[-1].confirmed else name

    def _unit(self, number: int) -> str:
        return self._session.get_one(Unit, number).name
