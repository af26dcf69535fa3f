"""涉密: a customer that goes by its code name in everything that is sent, and the words that must not be said of it.

The words are read anew for every batch that is sent, in the same transaction as what is said, so that a person met a second ago
is covered. Where no customer is marked, that is one look at an index.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import String, cast
from sqlmodel import Session, and_, col, func, or_, select

from models import audit
from models.asked import asked_once
from models.clocks import Clock, Event
from models.customers import Customer, FormerName, Person, index, remember_name
from models.files import Paper
from models.filings import Filing
from models.kinds import Json
from models.messages import Draft
from models.people import Staff, Unit, key
from models.preferences import Preference
from models.records import Complaint, Entry, Matter
from models.surveys import Surveyed
from models.tasks import Task
from reading.names import core_name, normalise
from reading.veil import Part, Secret, Veil, words_of
from rules.gate import Scope, Subject

LONG_CORE: Final = 4
"""Characters from which the middle of a legal name tells whose it is; 机械 does not."""
_POLITE: Final = re.compile(r".(?:工|总|哥|姐|.?主任|.?经理|.?厂长|.?处长|.?科长|.?部长|主席|老师|师傅)")
_PLACE_ENDS: Final = re.compile(r"(?:省|市|自治区|特别行政区)$")
NUMBERED: Final = re.compile(r"(?:LX|TS|HF|BA|PS|DB|GZ|DA|TY)-\d{4}-\d+")


MARKED = select(Customer).where(col(Customer.code_name).is_not(None)).order_by(col(Customer.id))


@asked_once(Customer)
def marked(session: Session) -> list[Customer]:
    return list(session.exec(MARKED))


def by_code(session: Session, code: str) -> Customer | None:
    return next((each for each in marked(session) if normalise(each.code_name or "") == normalise(code)), None)


def veil(session: Session) -> Veil | None:
    """What takes the words out; None where no customer is marked."""
    return _veil(session, _named, _met)


def names(session: Session) -> Veil | None:
    """The same for the customers' own names alone, which is less to read."""
    return _veil(session, _named)


def of(session: Session, customers: Collection[int]) -> Veil:
    """What finds the words of these customers, marked or not."""
    found = {key(each): _Known(each) for each in session.exec(select(Customer).where(col(Customer.id).in_(customers)))}
    for read in (_named, _met):
        read(session, found)
    return Veil(tuple(each.secret(()) for each in found.values()))


def _veil(session: Session, *readers: Callable[[Session, dict[int, _Known]], None]) -> Veil | None:
    found = marked(session)
    if not found:
        return None
    known = {key(each): _Known(each) for each in found}
    for read in readers:
        read(session, known)
    others = _others(session, found)
    secrets = tuple(each.secret(others.people) for each in known.values())
    return Veil(secrets, others.kept(secrets))


@dataclass
class _Known:
    """What is on file of a marked customer, and named in talks, complaints and forms that are not submitted yet."""

    customer: Customer
    names: list[str | None] = field(default_factory=list)
    people: list[str | None] = field(default_factory=list)
    numbers: list[str | None] = field(default_factory=list)

    def met(self, name: str | None, *numbers: str | None) -> None:
        self.people.append(name)
        self.numbers += numbers

    def secret(self, shared: Collection[str]) -> Secret:
        number = key(self.customer)
        whole = [each for each in (self.customer.name, self.customer.short_name, *self.names) if each]
        cores = [core_name(each) for each in whole]
        sure = [each for each in cores if len(each) >= LONG_CORE]
        words = [
            *words_of(number, Part.NAME, [*whole, *sure]),
            *words_of(number, Part.NAME, [each for each in cores if each not in sure], everywhere=False),
            *words_of(number, Part.NUMBER, dict.fromkeys([*self.numbers, self.customer.credit_code])),
            *words_of(number, Part.PLACE, _places(self.customer), everywhere=False),
        ]
        for each in filter(None, dict.fromkeys(self.people)):
            alone = _plain(each) not in shared and not _POLITE.fullmatch(each)
            words += words_of(number, Part.PERSON, [each], everywhere=alone)
        return Secret(number, self.customer.code_name or "", tuple(dict.fromkeys(words)))


def _named(session: Session, found: dict[int, _Known]) -> None:
    for former in session.exec(select(FormerName).where(col(FormerName.customer_id).in_(found))):
        found[former.customer_id].names.append(former.name)


def _met(session: Session, found: dict[int, _Known]) -> None:
    """The same few questions, however many are marked."""
    for person in session.exec(select(Person).where(col(Person.customer_id).in_(found))):
        found[person.customer_id].met(person.name, person.phone, person.email)
    named = [col(Entry.answers)[each].as_string() for each in ("person", "person_phone")]
    for number, *said in session.exec(
        select(Entry.customer_id, *named).where(col(Entry.customer_id).in_(found)).distinct()
    ):
        found[number].met(*said)
    complained = select(Matter.customer_id, Complaint.complainant, Complaint.complainant_phone).join(
        Matter, col(Matter.id) == Complaint.matter_id
    )
    for number, name, phone in session.exec(complained.where(col(Matter.customer_id).in_(found))):
        found[number].met(name, phone)
    for answers in _drafts(session, found):
        said = _said(answers)
        if any(said) and (about := customer_of(session, answers)) in found:
            found[about].met(*said)


def _drafts(session: Session, customers: Collection[int]) -> Iterable[Mapping[str, Any]]:
    """Answers of forms that may be about these customers: that name one of them, or another record in place of any."""
    named = cast(col(Draft.answers)["customer"].as_string(), String)
    records = [col(Draft.answers)[each].as_string().is_not(None) for each in _FINDERS]
    meant = or_(named.in_([str(each) for each in customers]), and_(named.is_(None), or_(*records)))
    return session.exec(select(Draft.answers).where(col(Draft.state).in_(("open", "kept")), meant)).all()


def _said(answers: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The person whom a form names, and their number."""
    name = answers.get("person") or answers.get("complainant") or answers.get("name")
    return name, answers.get("person_phone") or answers.get("phone")


def _places(customer: Customer) -> list[str]:
    both = [each for each in (customer.province, customer.city) if each]
    return [*both, *(_PLACE_ENDS.sub("", each) for each in both)]


# What stays


@dataclass
class _Others:
    """What our own people and those at other customers are called, and the names of other customers and of our units."""

    people: frozenset[str]
    names: tuple[str, ...]
    _kept: dict[frozenset[str], tuple[str, ...]] = field(default_factory=dict)

    def kept(self, secrets: Iterable[Secret]) -> tuple[str, ...]:
        """Names that contain a word which may not be said: they stay as they are."""
        hidden = frozenset(_plain(word.text) for each in secrets for word in each.words)
        if hidden not in self._kept:
            self._kept[hidden] = tuple(each for each in self.names if _contains(_plain(each), hidden))
        return self._kept[hidden]


def _contains(name: str, hidden: Collection[str]) -> bool:
    return any(word in name and word != name for word in hidden)


_read: WeakKeyDictionary[Any, tuple[object, _Others]] = WeakKeyDictionary()


def _others(session: Session, found: Sequence[Customer]) -> _Others:
    """Read again when a customer, a person, a colleague or a unit was added: with many customers it takes long. One that was only
    renamed since may read as if it were secret; what is secret is never kept here."""
    newest = [select(func.max(each.id)).scalar_subquery() for each in (Customer, Person, Staff, Unit)]
    secret = [key(each) for each in found]
    stamp = (*secret, *session.execute(select(*newest)).one())
    engine = session.get_bind()
    if engine not in _read or _read[engine][0] != stamp:
        _read[engine] = (stamp, _read_others(session, secret))
    return _read[engine][1]


def _read_others(session: Session, secret: Sequence[int]) -> _Others:
    people = session.exec(select(Person.name).where(col(Person.customer_id).not_in(secret)).distinct())
    names = session.exec(select(Customer.name, Customer.short_name).where(col(Customer.id).not_in(secret)))
    return _Others(
        frozenset(_plain(each) for each in (*people, *session.exec(select(Staff.name)))),
        (*(each for pair in names for each in pair if each), *session.exec(select(Unit.name))),
    )


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
    kinds = {"customer": "customer", "complaint": "matter", "inquiry": "matter", "entry": "entry", "task": "task"} | {
        "file": "customer",
        "filing": "filing",
        "paper": "paper",
        "preference": "preference",
    }
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
    kinds = dict.fromkeys(("complaint", "inquiry", "opening", "proposal", "planned_visit"), "matter")
    return customer_of(session, {kinds.get(kind, kind): int(subject)}) if subject.isdecimal() else None


_FINDERS: Final[Mapping[str, Callable[[Session, int], int | None]]] = {
    "matter": _of(Matter),
    "entry": _of(Entry),
    "corrects": _of(Entry),
    "task": _of(Task),
    "filing": _of(Filing),
    "paper": _of(Paper),
    "preference": _of(Preference),
    "contact": _of(Person),
    "surveyed": _of(Surveyed),
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
        remember_name(session, customer, each)


def tells(session: Session, customer: Customer, code: str) -> bool:
    """Whether a code name would itself tell who is meant, or is what somebody else is called."""
    known = _Known(customer)
    for read in (_named, _met):
        read(session, {key(customer): known})
    plain = normalise(code)
    own = [normalise(each.text) for each in known.secret(()).words]
    taken = session.exec(select(Customer.name, Customer.short_name).where(Customer.id != customer.id))
    return any(each in plain or plain in each for each in own) or plain in {
        normalise(each) for pair in taken for each in pair if each
    }
