"""Who is meant by a name at a customer's, and every way in which that person's name, phone and address may be written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from dateutil.relativedelta import relativedelta
from sqlmodel import Session, col, select

from models.customers import Customer, Person, people
from models.inquiries import Inquiry
from models.people import Staff, key
from models.records import Complaint, Entry, Matter
from reading.names import normalise, pinyin_full
from rules.house import House

MARK: Final = "已封存·"
WIDE: Final = str.maketrans("0123456789", "０１２３４５６７８９")
LOOSE: Final = r"[\s\-–—()（）.]*"
"""What people put between the digits of a phone number."""
SOUNDS_LIKE_A_NAME: Final = 6
"""Letters from which a name in pinyin can't be taken for another word."""


@dataclass(frozen=True)
class Identity:
    """Somebody at a customer's, with everything on file that tells who it is; `also` are other names that they go by."""

    customer: Customer
    name: str
    persons: tuple[Person, ...]
    cases: tuple[tuple[Matter, Complaint], ...]
    talks: tuple[Entry, ...]
    also: tuple[str, ...] = ()
    asked: tuple[Matter, ...] = ()
    """Inquiries."""

    @property
    def title(self) -> str | None:
        return next((each.title for each in self.persons if each.title), None)

    @cached_property
    def names(self) -> tuple[str, ...]:
        said = (*(each.name for each in self.persons), *(case.complainant for _, case in self.cases))
        return tuple(dict.fromkeys(filter(None, (self.name, *said, *self.also))))

    @cached_property
    def phones(self) -> tuple[str, ...]:
        """The digits of each number."""
        on_file = [each.phone for each in self.persons] + [case.complainant_phone for _, case in self.cases]
        given = [each.answers.get(name) for each in self.talks for name in ("person_phone", "phone")]
        numbers = (part for each in (*on_file, *given) if each for part in re.split(r"[;；、,，/]", str(each)))
        digits = ("".join(each for each in number if each.isdecimal()) for number in numbers)
        return tuple(dict.fromkeys(each for each in digits if len(each) >= 5))

    @cached_property
    def emails(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.email for each in self.persons if each.email))

    @cached_property
    def named(self) -> re.Pattern[str]:
        return re.compile("|".join(_written(each) for each in sorted(self.names, key=len, reverse=True)), re.IGNORECASE)

    @cached_property
    def reached(self) -> re.Pattern[str]:
        """By phone, mail, or the name in pinyin, as somebody may have typed it: what nobody else can be meant by."""
        sounds = [pinyin_full(each, person=True) for each in self.names if not each.isascii()]
        letters = [rf"(?<![a-z]){each}(?![a-z])" for each in sounds if len(each) >= SOUNDS_LIKE_A_NAME]
        found = [*map(_dialled, self.phones), *map(re.escape, self.emails), *letters]
        return re.compile("|".join(found) or r"(?!)", re.IGNORECASE)

    @cached_property
    def hints(self) -> tuple[str, ...]:
        """Parts of text one of which stands in whatever carries the identity, plain or as JSON escapes it."""
        parts = [each[0] if not each.isascii() else max(each.split(), key=len) for each in self.names]
        parts += [each[-4:] for each in self.phones] + [each[-4:].translate(WIDE) for each in self.phones]
        parts += [*self.emails, *(pinyin_full(each, person=True) for each in self.names if not each.isascii())]
        escaped = (each.encode("ascii", "backslashreplace").decode() for each in parts)
        return tuple(dict.fromkeys((*parts, *escaped)))

    def without(self, text: str, instead: str) -> str:
        return self.named.sub(instead, self.reached.sub(instead, text))


def _written(name: str) -> str:
    """With spaces anywhere; a name in letters only as a word of its own."""
    loose = r"\s*".join(re.escape(each) for each in name if not each.isspace())
    return rf"(?<![A-Za-z]){loose}(?![A-Za-z])" if name.isascii() else loose


def _dialled(digits: str) -> str:
    """With whatever stands between the digits, wide or narrow; never as a part of a longer number."""
    body = LOOSE.join(f"[{each}{each.translate(WIDE)}]" for each in digits)
    return rf"(?<!\d){body}(?!\d)|(?<=86){body}(?!\d)"


def is_sealed(name: str) -> bool:
    return MARK in name


def of_matter(session: Session, number: int, also: tuple[str, ...] = ()) -> Identity:
    matter, complaint = session.get_one(Matter, number), session.get_one(Complaint, number)
    return _called(session, session.get_one(Customer, matter.customer_id), complaint.complainant, also)


def of_person(session: Session, number: int, also: tuple[str, ...] = ()) -> Identity:
    person = session.get_one(Person, number)
    return _called(session, session.get_one(Customer, person.customer_id), person.name, also)


def of_ref(session: Session, ref: dict[str, int], also: tuple[str, ...] = ()) -> Identity:
    """`{"matter": id}`: its complainant; `{"person": id}`: somebody on a customer's file."""
    return of_matter(session, ref["matter"], also) if "matter" in ref else of_person(session, ref["person"], also)


def at_customer(session: Session, customer: Customer, name: str) -> dict[str, int] | None:
    """The person of that name on the customer's file, or among its complainants."""
    wanted = normalise(name)
    for each in people(session, key(customer)):
        if normalise(each.name) == wanted and not is_sealed(each.name):
            return {"person": key(each)}
    for matter, complaint in _cases(session, key(customer)):
        if normalise(complaint.complainant) == wanted and not is_sealed(complaint.complainant):
            return {"matter": key(matter)}
    return None


def _called(session: Session, customer: Customer, name: str, also: tuple[str, ...]) -> Identity:
    number, wanted = key(customer), {normalise(each) for each in (name, *also)}
    entries = session.exec(select(Entry).where(Entry.customer_id == number).order_by(col(Entry.id)))
    return Identity(
        customer=customer,
        name=name,
        persons=tuple(each for each in people(session, number) if normalise(each.name) in wanted),
        cases=tuple(each for each in _cases(session, number) if normalise(each[1].complainant) in wanted),
        talks=tuple(each for each in entries if normalise(str(each.answers.get("person") or "")) in wanted),
        also=also,
        asked=tuple(each for each, named in _inquiries(session, number) if normalise(named) in wanted),
    )


def _cases(session: Session, customer: int) -> list[tuple[Matter, Complaint]]:
    query = select(Matter, Complaint).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    return list(session.exec(query.where(Matter.customer_id == customer).order_by(col(Matter.id))))


def _inquiries(session: Session, customer: int) -> list[tuple[Matter, str]]:
    query = select(Matter, Inquiry.person).join(Inquiry, col(Inquiry.matter_id) == col(Matter.id))
    return list(session.exec(query.where(Matter.customer_id == customer).order_by(col(Matter.id))))


@dataclass
class TooEarlyError(Exception):
    """Not sealed yet: a complaint or an inquiry is open (its number), or the period is not over before `until`."""

    number: str | None = None
    until: datetime | None = None


def check_over(identity: Identity, house: House, now: datetime) -> None:
    """Raises `TooEarlyError` while there is, or not long ago was, anything to do with the person."""
    for matter in (*(each for each, _ in identity.cases), *identity.asked):
        if matter.closed_at is None:
            raise TooEarlyError(number=matter.number)
    ended = [matter.closed_at for matter, _ in identity.cases if matter.closed_at]
    last = max([*ended, *(each.at for each in identity.talks)], default=identity.customer.created_at)
    until = last + relativedelta(years=house.keeping.seal_after_years)
    if now < until:
        raise TooEarlyError(until=until)


def due(session: Session, house: House, now: datetime, most: int) -> list[Identity]:
    """The complainants whose time is over, each once, the longest ago first."""
    before = now - relativedelta(years=house.keeping.seal_after_years)
    query = select(Matter, Complaint).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    closed = query.where(col(Matter.closed_at) <= before).order_by(col(Matter.closed_at), col(Matter.id))
    found: dict[tuple[int, str], Identity] = {}
    for matter, complaint in session.exec(closed).all():
        who = (matter.customer_id, normalise(complaint.complainant))
        if who not in found and not is_sealed(complaint.complainant) and len(found) < most:
            identity = of_matter(session, key(matter))
            if _is_over(identity, house, now):
                found[who] = identity
    return list(found.values())


def _is_over(identity: Identity, house: House, now: datetime) -> bool:
    try:
        check_over(identity, house, now)
    except TooEarlyError:
        return False
    return True


def is_only_one(session: Session, identity: Identity) -> bool:
    """Whether nobody and nothing else on file has that name, so that wherever it stands this person is meant."""
    return not any(identity.named.search(each) for each in _others(session, identity))


def _others(session: Session, identity: Identity) -> Iterator[str]:
    here = key(identity.customer)
    elsewhere = select(Matter.id).where(Matter.customer_id != here)
    queries: tuple[Any, ...] = (
        select(Person.name).where(Person.customer_id != here),
        select(Complaint.complainant).where(col(Complaint.matter_id).in_(elsewhere)),
        select(Inquiry.person).where(col(Inquiry.matter_id).in_(elsewhere)),
        select(Staff.name),
        select(Customer.name),
        select(Customer.short_name).where(col(Customer.short_name).is_not(None)),
    )
    for query in queries:
        yield from session.exec(query)
