"""涉密: a customer that goes by its code name in everything that is sent, and the words that must not be said of it.

The words are read anew for every batch that is sent, in the same transaction as what is said, so that a person met a second ago
is covered. Where no customer is marked, that is one look at an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from sqlmodel import Session, col, select

from models import audit
from models.clocks import Clock, Event
from models.customers import Customer, FormerName, Person, index
from models.filings import Filing
from models.kinds import Json
from models.messages import Draft
from models.people import Staff, Unit, key
from models.records import Complaint, Entry, Matter
from models.tasks import Task
from reading.names import core_name, normalise
from reading.veil import Part, Secret, Veil, words_of
from rules.gate import Scope, Subject

LONG_CORE: Final = 4
"""Characters from which the middle of a legal name tells whose it is; 机械 does not."""
_POLITE: Final = re.compile(r".(?:工|总|哥|姐|.?主任|.?经理|.?厂长|.?处长|.?科长|.?部长|主席|老师|师傅)")
_PLACE_ENDS: Final = re.compile(r"(?:省|市|自治区|特别行政区)$")
NUMBERED: Final = re.compile(r"(?:LX|TS|HF|BA|PS|DB)-\d{4}-\d+")


def marked(session: Session) -> list[Customer]:
    query = select(Customer).where(col(Customer.code_name).is_not(None)).order_by(col(Customer.id))
    return list(session.exec(query))


def by_code(session: Session, code: str) -> Customer | None:
    return next((each for each in marked(session) if normalise(each.code_name or "") == normalise(code)), None)


def veil(session: Session) -> Veil | None:
    """What takes the words out; None where no customer is marked."""
    found = marked(session)
    if not found:
        return None
    shared = _names_of_others(session, [key(each) for each in found])
    secrets = tuple(_secret(session, each, shared) for each in found)
    return Veil(secrets, _kept(session, secrets))


def _secret(session: Session, customer: Customer, shared: Collection[str]) -> Secret:
    number = key(customer)
    names, short = _names(session, customer)
    people, numbers = _people(session, customer)
    words = [
        *words_of(number, Part.NAME, names),
        *words_of(number, Part.NAME, short, everywhere=False),
        *words_of(number, Part.NUMBER, numbers),
        *words_of(number, Part.PLACE, _places(customer), everywhere=False),
    ]
    for each in people:
        alone = normalise(each) not in shared and not _POLITE.fullmatch(each)
        words += words_of(number, Part.PERSON, [each], everywhere=alone)
    return Secret(number, customer.code_name or "", tuple(dict.fromkeys(words)))


def _names(session: Session, customer: Customer) -> tuple[list[str], list[str]]:
    """What tells the customer anywhere; and what does so only where it is spoken of."""
    former = session.exec(select(FormerName.name).where(FormerName.customer_id == customer.id)).all()
    whole = [each for each in (customer.name, customer.short_name, *former) if each]
    cores = [core_name(each) for each in whole]
    sure = [each for each in cores if len(each) >= LONG_CORE]
    return [*whole, *sure], [each for each in cores if each not in sure]


def _people(session: Session, customer: Customer) -> tuple[list[str], list[str]]:
    """Who is there by name, on file or named in a talk or a complaint, and how they are reached."""
    number = key(customer)
    on_file = session.exec(select(Person).where(Person.customer_id == number)).all()
    accused = (
        select(Complaint.complainant, Complaint.complainant_phone)
        .join(Matter, col(Matter.id) == Complaint.matter_id)
        .where(Matter.customer_id == number)
    )
    said = [(name, phone) for name, phone in (*session.exec(_answered(number)), *session.exec(accused))]
    said += [_said(each.answers) for each in _drafts(session) if customer_of(session, each.answers) == number]
    people = [each.name for each in on_file] + [name for name, _ in said if name]
    numbers = [each for one in on_file for each in (one.phone, one.email)] + [phone for _, phone in said]
    return list(dict.fromkeys(people)), list(
        dict.fromkeys([*filter(None, numbers), *filter(None, [customer.credit_code])])
    )


def _answered(customer: int) -> Any:
    named = [col(Entry.answers)[each].as_string() for each in ("person", "person_phone")]
    return select(*named).where(Entry.customer_id == customer).distinct()


def _said(answers: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The person whom a form names, and their number."""
    name = answers.get("person") or answers.get("complainant") or answers.get("name")
    return name, answers.get("person_phone") or answers.get("phone")


def _drafts(session: Session) -> Sequence[Draft]:
    return session.exec(select(Draft).where(col(Draft.state).in_(("open", "kept")))).all()


def _places(customer: Customer) -> list[str]:
    both = [each for each in (customer.province, customer.city) if each]
    return [*both, *(_PLACE_ENDS.sub("", each) for each in both)]


def _names_of_others(session: Session, secret: Sequence[int]) -> set[str]:
    """What our own people and those at other customers are called."""
    others = session.exec(select(Person.name).where(col(Person.customer_id).not_in(secret)).distinct())
    return {_plain(each) for each in (*others, *session.exec(select(Staff.name)))}


def _kept(session: Session, secrets: Iterable[Secret]) -> tuple[str, ...]:
    """Names of others that contain such a word: they stay as they are."""
    hidden = {_plain(word.text) for each in secrets for word in each.words}
    others = session.exec(select(Customer.name, Customer.short_name).where(col(Customer.code_name).is_(None)))
    names = [*(each for pair in others for each in pair if each), *session.exec(select(Unit.name))]
    return tuple(each for each in names if any(word in _plain(each) and word != _plain(each) for word in hidden))


_plain = lru_cache(maxsize=16_384)(normalise)


# Of whom a message speaks


def customer_of(session: Session, args: Mapping[str, Any]) -> int | None:
    """The customer that answers or the arguments of a button are about."""
    if isinstance(args.get("customer"), int):
        return int(args["customer"])
    for name, find in _FINDERS.items():
        if isinstance(args.get(name), int) and (found := find(session, args[name])) is not None:
            return found
    return None


def _of(table: Any) -> Callable[[Session, int], int | None]:
    def find(session: Session, number: int) -> int | None:
        row = session.get(table, number)
        return row.customer_id if row is not None else None

    return find


def _of_draft(session: Session, number: int) -> int | None:
    draft = session.get(Draft, number)
    return customer_of(session, {**draft.answers, "draft": None}) if draft is not None else None


def _of_clock(session: Session, number: int) -> int | None:
    clock = session.get(Clock, number)
    kinds = {"customer": "customer", "complaint": "matter", "entry": "entry", "task": "task"}
    return (
        customer_of(session, {kinds[clock.subject_kind]: clock.subject_id})
        if clock and clock.subject_kind in kinds
        else None
    )


def _of_event(session: Session, number: int) -> int | None:
    event = session.get(Event, number)
    return _of_clock(session, event.clock_id) if event is not None else None


def _of_row(session: Session, number: int) -> int | None:
    """Of a row of the audit."""
    row = session.get(audit.Audit, number)
    kind, _, subject = row.subject.partition(":") if row is not None else ("", "", "")
    kinds = {"complaint": "matter"}
    return customer_of(session, {kinds.get(kind, kind): int(subject)}) if subject.isdecimal() else None


_FINDERS: Final[Mapping[str, Callable[[Session, int], int | None]]] = {
    "matter": _of(Matter),
    "entry": _of(Entry),
    "corrects": _of(Entry),
    "task": _of(Task),
    "filing": _of(Filing),
    "draft": _of_draft,
    "clock": _of_clock,
    "event": _of_event,
    "row": _of_row,
}
_SEVERAL: Final = {"ids": "task", "events": "event"}


def concerned(session: Session, buttons: Iterable[Json]) -> set[int]:
    """The customers that the buttons of a card are about."""
    found: set[int | None] = set()
    for each in buttons:
        args = each.get("args", {})
        found.add(customer_of(session, args))
        for name, one in _SEVERAL.items():
            found |= {customer_of(session, {one: number}) for number in args.get(name) or ()}
    return {each for each in found if each is not None}


def numbered(session: Session, text: str) -> set[int]:
    """The customers of the records that a text names by their numbers."""
    numbers = set(NUMBERED.findall(text))
    tables: tuple[Any, ...] = (Entry, Matter, Task, Filing)
    rows = (
        [session.exec(select(each.customer_id).where(each.number.in_(numbers))) for each in tables] if numbers else []
    )
    return {customer for found in rows for customer in found if customer is not None}


def may_hear(session: Session, customer: int, scope: Scope) -> bool:
    """Whether somebody who reaches so far may learn by which code name this customer goes."""
    found = session.get(Customer, customer)
    return found is not None and scope.covers(Subject(unit=found.unit_id, owner=found.owner_id))


# Marking


def give(session: Session, customer: Customer, code: str | None) -> None:
    """Mark a customer by its code name, or lift the mark; it is found by the code name as well as by its own."""
    customer.code_name = code
    session.add(customer)
    session.flush()
    index(session, customer)


def renamed(session: Session, customer: Customer, names: Iterable[str | None]) -> None:
    """Keep what a customer was called before."""
    for each in filter(None, dict.fromkeys(names)):
        if session.get(FormerName, (key(customer), each)) is None:
            session.add(FormerName(customer_id=key(customer), name=each))


def tells(session: Session, customer: Customer, code: str) -> bool:
    """Whether a code name would itself tell who is meant, or is what somebody else is called."""
    shared = _names_of_others(session, [key(customer)])
    secret = _secret(session, customer, shared)
    plain = normalise(code)
    own = [normalise(each.text) for each in secret.words]
    taken = session.exec(select(Customer.name, Customer.short_name).where(Customer.id != customer.id))
    return any(each in plain or plain in each for each in own) or plain in {
        normalise(each) for pair in taken for each in pair if each
    }
