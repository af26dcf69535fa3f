"""备案 in words, and 备案台账 as a file. Of a customer marked 涉密 neither name nor place is said; of closed parts no value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models import filing_register, transfers
from models.customers import Customer
from models.filed_changes import CLOSED
from models.filing_register import Wanted
from models.filings import Filing, Kind
from models.people import Staff, Unit, actor
from papers.book import Paper, Table, book
from papers.discretion import discretion
from papers.ledger import MOST
from rules import gate
from rules.file_parts import OF_PEOPLE, FilePart
from rules.gate import Action, Scope
from rules.house import House
from words import Say, Value, Voice, say, unpack

TELLING: Final = frozenset({"name", "place", "people", "code", *OF_PEOPLE})
"""Changes that would tell who a customer marked 涉密 is."""
HEADINGS: Final = ("number", "kind", "customer", "changes", "unit", "by", "made", "decided", "state")


def called(session: Session, filing: Filing) -> Value:
    """What it is about, in a few words."""
    if filing.kind == Kind.TRANSFER and (found := transfers.of_filing(session, filing)):
        name = session.get_one(Staff, found.to_id).name
        return say("filing.transferred", count=len(found.moved["customers"]), name=name)
    customer = session.get(Customer, filing.customer_id) if filing.customer_id else None
    return customer.called if customer else str(filing.facts.get("name", ""))


def changed(session: Session, filing: Filing) -> list[Say]:
    """Part by part, what stood before and what stands now."""
    customer = session.get(Customer, filing.customer_id) if filing.customer_id else None
    secret = customer is not None and customer.code_name is not None
    return list(_changes(filing.facts.get("changes", ()), secret=secret))


def _changes(changes: Any, *, secret: bool) -> Iterator[Say]:
    for each in changes:
        hidden = secret and each["part"] in TELLING
        part = say(f"file_part.{each['part']}")
        if each.get("person") and not hidden:
            part = say("file.of_person", person=each["person"], part=part)
        if hidden or each["part"] in CLOSED or "after" not in each:
            yield say("filing.changed_hidden", part=part)
        else:
            yield say("filing.changed", part=part, before=_value(each, "before"), after=_value(each, "after"))


def _value(change: Mapping[str, Any], which: str) -> Value:
    value: str | None = change.get(which)
    return say(f"file_kind.{value}") if change["part"] == FilePart.KIND and value else value


def outcome(filing: Filing) -> Say:
    """How it stands."""
    reason = say("filing.why", reason=filing.opinion) if filing.opinion else None
    return say(f"filing.outcome_{filing.state}", number=filing.number, reason=reason)


# The file


def unpacked(stored: Mapping[str, Any]) -> Wanted:
    times = {name: datetime.fromisoformat(stored[name]) for name in ("since", "until") if stored.get(name)}
    return Wanted(**{**stored, **times})


def sees(session: Session, staff: Staff, now: datetime) -> Scope:
    return gate.scope(actor(session, staff, now), Action.SEE_FILINGS)


def exports(session: Session, staff: Staff, now: datetime) -> Scope:
    """As far as they may hand it out as a file: where they see all or whole units, these."""
    who = actor(session, staff, now)
    see, take = (gate.scope(who, each) for each in (Action.SEE_FILINGS, Action.EXPORT))
    units = see.units if take.all else take.units if see.all else see.units & take.units
    return Scope(all=see.all and take.all, units=units, owner=None, self_=None)


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """As far as the one who asks may both see and export it."""
    voice = Voice(staff.language, house.calendar.tz, now)
    found = filing_register.page(session, unpacked(args["wanted"]), exports(session, staff, now), 0, MOST)
    name, told = voice.plain(say("filings.name")), discretion(session, voice, staff, now)
    table = Table(
        title=f"{name}　{told(voice.plain(unpack(args['title'])))}",
        made=voice.plain(say("paper.made", by=staff.name, number=staff.number, when=now, count=len(found))),
        headings=[voice.plain(say(f"filings.column.{each}")) for each in HEADINGS],
        rows=[told.cells(_row(session, house, voice, each)) for each in found],
    )
    return book(table, f"{name} {house.calendar.local(now):%Y-%m-%d %H%M}")


def _row(session: Session, house: House, voice: Voice, filing: Filing) -> list[str]:
    return [
        filing.number or "",
        voice.plain(say(f"filing_kind.{filing.kind}")),
        voice.plain(called(session, filing)),
        voice.plain(changed(session, filing)),
        session.get_one(Unit, filing.unit_id).name,
        session.get_one(Staff, filing.by_id).name,
        _when(house, filing.made_at),
        _when(house, filing.decided_at),
        voice.plain(outcome(filing)),
    ]


def _when(house: House, at: datetime | None) -> str:
    """Times are written so that they sort."""
    return f"{house.calendar.local(at):%Y-%m-%d %H:%M}" if at else ""
