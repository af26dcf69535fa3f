"""Customers, the people there, and the search that finds them.

Search keys are suffixes (of names) and whole words (pinyin, initials, phone digits), compared by prefix: a prefix of a suffix is
any part of the name. Both databases answer it from one B-tree (models/search.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKeyConstraint, Index, delete, insert
from sqlalchemy import text as sql
from sqlmodel import Field, Session, SQLModel, col, or_, select

from models.kinds import exact_text
from models.people import Staff, Unit, key
from models.search import Beginning, Hit, hits
from reading.customers import Candidate
from reading.names import core_name, initials, normalise, pinyin_full
from reading.slips import beginnings, slipped
from rules.gate import Scope
from rules.roles import Tier

LEGAL, SHORT, SOUND, PERSON, PHONE, FORMER = range(6)
"""What a search key was made from, in order of how well it tells a customer."""
NEAR_LOOKED_AT = 2000
"""Names that may be one slip away, of which so many are looked at."""


def _when_opened(context: Any) -> datetime:
    opened: datetime = context.get_current_parameters()["created_at"]
    return opened


class Customer(SQLModel, table=True):
    __table_args__ = (
        Index("customer_in_unit", "id", "unit_id", unique=True),
        Index("customer_of_unit", "unit_id", "quiet_since", "id", "tier", "province"),
        Index("customer_of_tier", "unit_id", "tier", "quiet_since", "id", "province"),
        Index("customer_of_province", "unit_id", "province", "quiet_since", "id", "tier"),
        Index("customer_of_owner", "owner_id", "quiet_since", "id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(index=True)
    short_name: str | None = None
    code_name: str | None = Field(default=None, index=True, unique=True)
    """Of a customer marked 涉密: what it is called in everything that is sent."""
    tier: str
    province: str
    city: str | None = None
    unit_id: int = Field(foreign_key="unit.id")
    owner_id: int = Field(foreign_key="staff.id")
    credit_code: str | None = Field(default=None, unique=True)
    live_from: date
    created_at: datetime
    quiet_since: datetime | None = Field(default=None, sa_column_kwargs={"default": _when_opened})
    """The last talk on record; since the file was opened, where there is none."""

    @property
    def called(self) -> str:
        """In a few words. Nobody is told another name of a customer marked 涉密 than its code name."""
        return self.code_name or self.short_name or self.name

    @property
    def names(self) -> list[str]:
        """Every whole name under which somebody may ask for it."""
        return [each for each in (self.name, self.short_name, self.code_name) if each]

    @property
    def called_in_full(self) -> str:
        return self.code_name or self.name

    @property
    def place(self) -> str:
        """Where it is, as far as that may be said."""
        return "" if self.code_name else "".join(filter(None, (self.province, self.city)))


class Person(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    customer_id: int = Field(foreign_key="customer.id", index=True)
    name: str
    title: str | None = None
    phone: str | None = None
    email: str | None = None
    birthday: str | None = None
    """1975-03-02, or 03-02 where the year is not known."""
    left_on: date | None = None
    """已离职: since when they are no longer there; they stay on file."""


class FormerName(SQLModel, table=True):
    """A name that a customer had before: old talks still say it."""

    __tablename__ = "former_name"

    customer_id: int = Field(primary_key=True, foreign_key="customer.id")
    name: str = Field(primary_key=True)


class SearchKey(SQLModel, table=True):
    """By customer, to be made anew when they change; and by unit, to be found. It follows the customer to another unit."""

    __tablename__ = "search_key"
    __table_args__ = (
        ForeignKeyConstraint(["customer_id", "unit_id"], ["customer.id", "customer.unit_id"], onupdate="CASCADE"),
        Index("search_key_text", "unit_id", "whole", "text", "customer_id", "kind"),
        {"sqlite_with_rowid": False},
    )

    customer_id: int = Field(primary_key=True)
    whole: bool = Field(primary_key=True)
    text: str = Field(primary_key=True, sa_type=exact_text())
    kind: int = Field(primary_key=True)
    unit_id: int


def people(session: Session, customer_id: int) -> list[Person]:
    return list(session.exec(select(Person).where(Person.customer_id == customer_id).order_by(col(Person.id))))


def meet(session: Session, customer: Customer, name: str, phone: str | None = None, title: str | None = None) -> Person:
    """Put somebody on a customer's file, or what is new of somebody who is there. What is known stays."""
    known = next((each for each in people(session, key(customer)) if normalise(each.name) == normalise(name)), None)
    person = known or Person(customer_id=key(customer), name=name)
    person.phone = phone or person.phone
    person.title = title or person.title
    session.add(person)
    session.flush()
    index(session, customer)
    return person


def index(session: Session, customer: Customer) -> None:
    """Make the customer findable; call it after any change of names, people or phones."""
    customer_id = key(customer)
    session.flush()
    session.exec(delete(SearchKey).where(col(SearchKey.customer_id) == customer_id))
    former = [each.name for each in former_names(session, [customer_id])]
    session.execute(insert(SearchKey), search_rows(customer, people(session, customer_id), former))


def remember_name(session: Session, customer: Customer, name: str) -> None:
    """Keep what it was called before: old talks still say it."""
    if session.get(FormerName, (key(customer), name)) is None:
        session.add(FormerName(customer_id=key(customer), name=name))


def search_rows(customer: Customer, known: Sequence[Person], former: Iterable[str]) -> list[dict[str, Any]]:
    """What the index holds of a customer, by the people there and the names that it had before too."""
    of = {"customer_id": key(customer), "unit_id": customer.unit_id}
    keys = sorted(set(search_keys(customer, known, former)))
    return [{**of, "text": text, "kind": kind, "whole": whole} for text, kind, whole in keys]


def former_names(session: Session, customers: Sequence[int]) -> list[FormerName]:
    return list(session.exec(select(FormerName).where(col(FormerName.customer_id).in_(customers))))


def search_keys(customer: Customer, known: Sequence[Person], former: Iterable[str]) -> Iterable[tuple[str, int, bool]]:
    """Everything under which a customer is found: the text, what it was made from, whether it is the whole of it."""
    yield from _parts(customer.name, LEGAL)
    for each in former:
        yield from _parts(each, FORMER)
        yield pinyin_full(core_name(each)), FORMER, True
    if customer.code_name:
        yield from _parts(customer.code_name, SHORT)
        yield pinyin_full(customer.code_name), SOUND, True
    if customer.short_name:
        within = normalise(customer.short_name) in normalise(customer.name)
        yield from list(_parts(customer.short_name, SHORT))[: 1 if within else None]
        yield initials(customer.short_name), SOUND, True
    yield pinyin_full(core_name(customer.name)), SOUND, True
    for name in filter(None, (customer.name, customer.short_name)):
        yield pinyin_full(name), SOUND, True
        yield initials(name), SOUND, False
    for person in known:
        yield from _parts(person.name, PERSON)
        yield pinyin_full(person.name, person=True), PERSON, True
        yield initials(person.name, person=True), PERSON, False
        if digits := re.sub(r"\D", "", person.phone or ""):
            yield digits, PHONE, True
            yield tail(digits), PHONE, False


def tail(digits: str) -> str:
    """A number from its end: the last digits are the beginning of this."""
    return f"<{digits[::-1]}"


def _parts(name: str, kind: int) -> Iterable[tuple[str, int, bool]]:
    plain = normalise(name)
    for start in range(max(1, len(plain) - 1)):
        yield plain[start:], kind, start == 0


def in_scope(scope: Scope) -> ColumnElement[bool]:
    """The customers that somebody may see, as a condition."""
    if scope.all:
        return col(Customer.id).is_not(None)
    return or_(col(Customer.unit_id).in_(scope.units), col(Customer.owner_id).in_(scope.owners))


@dataclass(frozen=True)
class Found:
    """Customers, best first, and whether there are more than these."""

    customers: list[Customer]
    more: bool


def find(session: Session, text: str, scope: Scope, most: int = 9, *, files: Scope | None = None) -> list[Customer]:
    """Customers by any part of two characters or more, pinyin, initials, person, first or last digits of a phone."""
    return search(session, text, scope, most, files=files).customers


def search(session: Session, text: str, scope: Scope, most: int = 9, *, files: Scope | None = None) -> Found:
    """`files`: whose people and numbers may be told by; without it all within the scope."""
    return _found(session, *matches(session, text, scope, files), most)


def search_each(
    session: Session, words: Sequence[str], scope: Scope, most: int = 9, *, files: Scope | None = None
) -> Found:
    """Customers whom every one of the words fits: a name and a person, a place and a name."""
    first, *others = [matches(session, each, scope, files) for each in words]
    ids = [each for each in first[0] if all(each in found for found, _ in others)]
    return _found(session, ids, any(more for _, more in (first, *others)) and bool(ids), most)


def _found(session: Session, ids: Sequence[int], more: bool, most: int) -> Found:
    best = ids[:most]
    if not best:
        return Found([], more)
    found = {key(each): each for each in session.exec(select(Customer).where(col(Customer.id).in_(best)))}
    return Found([found[each] for each in best if each in found], more or len(ids) > most)


def matches(session: Session, text: str, scope: Scope, files: Scope | None = None) -> tuple[list[int], bool]:
    """Who fits, best first, and whether there may be others: a text that fits hundreds is not looked through to the end.

    A whole match comes before the start of a name, that before a part of one; shorter names first.
    """
    wanted = normalise(text)
    if len(wanted) < 2:
        return [], False
    ways = [Beginning(wanted, True), Beginning(wanted, False)]
    if wanted.isascii() and wanted.isdigit():
        ways.append(Beginning(tail(wanted), False, PHONE))
    found = hits(session, scope, ways)
    rank: dict[int, tuple[int, int, int]] = {}
    for customer_id, kind, whole, text_found in _by_right(session, found.found, files):
        grade = (0 if whole and text_found == wanted else 1 if whole else 2, kind, len(text_found))
        rank[customer_id] = min(rank.get(customer_id, grade), grade)
    return sorted(rank, key=lambda each: (rank[each], each)), found.more


KEPT = sql("customer.id IN (SELECT customer_id FROM customer_file WHERE custodian_id = :keeper)")
"""In somebody's keeping (专管员)."""


def _by_right(session: Session, found: Sequence[Hit], files: Scope | None) -> Sequence[Hit]:
    """Without the people and numbers on files that are not theirs to see: typing a number must not tell whose it is."""
    told = {each.customer_id for each in found if each.kind in (PERSON, PHONE)}
    if files is None or files.all or not told:
        return found
    seen = or_(in_scope(files), KEPT.bindparams(keeper=files.owner))
    theirs = set(session.exec(select(Customer.id).where(col(Customer.id).in_(told), seen)))
    return [each for each in found if each.kind not in (PERSON, PHONE) or each.customer_id in theirs]


def near(session: Session, text: str, scope: Scope, most: int = 200) -> list[Customer]:
    """Customers whose names may begin the text but for one slip, by how they sound; rather too many than too few."""
    heads = sorted(beginnings(text))
    found = (
        hits(session, scope, [Beginning(head, True, SOUND) for head in heads], NEAR_LOOKED_AT).found if heads else ()
    )
    ids = sorted({each.customer_id for each in found})
    if not ids:
        return []
    query = select(Customer).where(col(Customer.id).in_(ids)).order_by(col(Customer.id))
    return [each for each in session.exec(query) if slipped(text, each.name, each.short_name)][:most]


def cards(session: Session, found: Sequence[Customer]) -> list[Candidate]:
    """The customers as the reading room knows them: the city and the unit tell those of the same name apart."""
    if not found:
        return []
    ids = [key(each) for each in found]
    known: dict[int, list[str]] = {}
    for customer_id, name in session.exec(
        select(Person.customer_id, Person.name).where(col(Person.customer_id).in_(ids)).order_by(col(Person.id))
    ):
        known.setdefault(customer_id, []).append(name)
    wanted = {each.unit_id for each in found}
    units = dict(session.exec(select(Unit.id, Unit.name).where(col(Unit.id).in_(wanted))).all())
    return [
        Candidate(each, one.name, one.short_name, tuple(known.get(each, ())), _hint(one.city, units.get(one.unit_id)))
        for each, one in zip(ids, found, strict=True)
    ]


@dataclass(frozen=True)
class Cards:
    """The same for a line, which asks many times: each customer is looked at once."""

    session: Session
    _seen: dict[int, Candidate] = field(default_factory=dict)

    def of(self, found: Sequence[Customer]) -> list[Candidate]:
        new = [each for each in found if key(each) not in self._seen]
        self._seen.update({card.id: card for card in cards(self.session, new)})
        return [self._seen[key(each)] for each in found]


def _hint(*words: str | None) -> tuple[str, ...]:
    return tuple(each for each in words if each)


def of_owner(session: Session, staff_id: int, most: int = 6) -> list[Customer]:
    query = select(Customer).where(Customer.owner_id == staff_id).order_by(col(Customer.id)).limit(most)
    return list(session.exec(query))


def tier(customer: Customer) -> Tier:
    return Tier(customer.tier)


def unit_and_owner(session: Session, customer: Customer) -> tuple[Unit, Staff]:
    unit, owner = session.get(Unit, customer.unit_id), session.get(Staff, customer.owner_id)
    if unit is None or owner is None:
        raise LookupError(f"customer {customer.id} has lost its unit or owner")
    return unit, owner
