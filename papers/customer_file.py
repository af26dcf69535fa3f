"""A customer's file as a list; and what was attached to its papers, as the file that we keep."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlmodel import Session

from models import customers, files, preferences
from models.customers import Customer
from models.files import Paper as OnFile
from models.files import StoredFile
from models.people import Staff, actor, key
from models.proposals import Proposal
from papers.book import Paper, Table, book
from papers.discretion import discretion
from rules import gate
from rules.gate import Action, Subject
from rules.house import House
from words import Say, Value, Voice, say

HEADINGS = ("part", "content")


def make(session: Session, house: House, staff: Staff, args: Mapping[str, Any], now: datetime) -> Paper:
    """Everything, for somebody who may take it along; the right is asked again as it is made."""
    customer = session.get_one(Customer, args["customer"])
    _need(session, staff, customer, now)
    voice = Voice(staff.language, house.calendar.tz, now)
    told, about = discretion(session, voice, staff, now), {key(customer)}
    rows = [[voice.plain(part), voice.plain(value)] for part, value in _rows(session, customer) if value]
    name = voice.plain(say("file_part.everything"))
    table = Table(
        title=told(f"{name}　{customer.called_in_full}", about),
        made=voice.plain(say("paper.made", by=staff.name, number=staff.number, when=now, count=len(rows))),
        headings=[voice.plain(say(f"file.column_{each}")) for each in HEADINGS],
        rows=[[told(cell, about) for cell in row] for row in rows],
    )
    return book(table, told(f"{name} {customer.called} {house.calendar.local(now):%Y-%m-%d %H%M}", about))


def _need(session: Session, staff: Staff, customer: Customer, now: datetime) -> None:
    subject = Subject(customer.unit_id, customer.owner_id, files.custodian_of(session, key(customer)))
    if not gate.may(actor(session, staff, now), Action.EXPORT_FILE, subject):
        raise PermissionError("this file is no longer theirs to export")


def _rows(session: Session, customer: Customer) -> Iterator[tuple[Value, Value]]:
    unit, owner = customers.unit_and_owner(session, customer)
    found = files.of(session, key(customer))
    custodian = session.get(Staff, found.custodian_id) if found and found.custodian_id else None
    yield say("field.name"), customer.called_in_full
    yield say("field.tier"), say(f"tier.{customer.tier}")
    yield say("field.unit"), unit.name
    yield say("file_part.owner"), owner.name
    yield say("file_part.custodian"), custodian.name if custodian else None
    yield say("file_part.kind"), say(f"file_kind.{found.kind}") if found and found.kind else None
    yield say("file_part.production"), found.production if found else None
    yield say("file_part.credit"), found.credit if found else None
    yield say("file_part.code"), customer.credit_code
    for person in customers.people(session, key(customer)):
        left = say("file.left", day=person.left_on) if person.left_on else None
        one = say(
            "file.person", name=person.name, title=person.title, phone=person.phone, email=person.email, left=left
        )
        yield say("file_part.people"), one
        if person.birthday:
            yield (
                say("file_part.birthday"),
                say("file.birthday", name=person.name, title=None, day=born(person.birthday)),
            )
    for each in files.papers(session, key(customer)):
        until = each.expires_on or say("paper.long_term")
        yield say(f"file_part.{each.kind}"), say("file.valid", until=until, note=each.note)
    for held in preferences.of_customer(session, key(customer)):
        terms = session.get_one(Proposal, held.matter_id).terms
        kind = say(f"benefit_kind.{held.benefit}")
        yield (
            say("file_part.preferences"),
            say("file.preference", benefit=kind, starts=held.starts, ends=held.ends, terms=terms),
        )
    for note in files.notes(session, key(customer), 50):
        yield say("file_part.development"), say("file.note", when=note.at, text=note.answers["text"])


def kept(session: Session, _house: House, _staff: Staff, args: Mapping[str, Any], _now: datetime) -> Paper:
    """An attachment of a paper, as it was fetched once; nothing of a customer marked 涉密, by whichever way it was asked."""
    paper = session.get_one(OnFile, args["paper"])
    if session.get_one(Customer, paper.customer_id).code_name:
        raise PermissionError("nothing of a customer marked 涉密 is sent as a file")
    stored = paper.attachments[args["number"] - 1]
    content = session.get_one(StoredFile, stored["digest"]).content
    return Paper(PurePath(stored.get("name") or f"{paper.kind}{ENDS.get(stored['kind'], '')}").name, content)


ENDS = {"photo": ".jpg", "voice": ".ogg", "video": ".mp4"}


def born(text: str) -> Say:
    """A birthday as people write it; the year only where it is known."""
    year, month, day = ["", *text.split("-")][-3:]
    known = {"year": year, "month": month.lstrip("0"), "day": day.lstrip("0")}
    return say("birthday", **known) if year else say("birthday.without_year", month=known["month"], day=known["day"])
