"""Storing the checked list of customers: the customers, their people, the talks before going live, and their duties.

Importing again changes what differs and doubles nothing. An empty cell leaves what is known, nobody is removed, and the day on
which a customer went live stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from models import audit, customers, duties, secrecy
from models.customers import Customer, Person, SearchKey
from models.import_customers import FIELDS, Contact, Group, Talk
from models.importing import Tally
from models.people import key
from models.records import SERIES, TALKS, Counter, Entry, Participant, heard, standing
from reading.names import normalise
from rules.house import House

BATCH: Final = 500
Progress = Callable[[int, int], None]
"""How many customers of how many are done."""


def write(
    session: Session, house: House, groups: Sequence[Group], now: datetime, progress: Progress, *, whole: bool = True
) -> Tally:
    """Store checked groups in the caller's transaction, with their duties. On the day of going live nothing is overdue.

    `whole` is the whole list at once: the duties of the whole company are looked after too. A part only looks after its own."""
    tally = Tally()
    talked: list[tuple[Entry, int]] = []
    stored: list[Customer] = []
    for start in range(0, len(groups), BATCH):
        batch = _Batch(session, house, groups[start : start + BATCH], now)
        talked += batch.write(tally)
        stored += batch.stored
        progress(min(start + BATCH, len(groups)), len(groups))
    with session.no_autoflush:  # the clocks ask for what was flushed above, and are themselves written once
        duties.sync(session, house, now, None if whole else stored)
        for entry, by in talked:
            duties.after_entry(session, house, entry, [by], now)
    return tally


class _Batch:
    """Some hundreds of customers at a time: a few large writes instead of thousands of small ones."""

    def __init__(self, session: Session, house: House, groups: Sequence[Group], now: datetime) -> None:
        self.session = session
        self.house = house
        self.groups = groups
        self.now = now
        self.stored: list[Customer] = []
        known = [key(group.known) for group in groups if group.known]
        self.people = _by_customer(
            session.exec(select(Person).where(col(Person.customer_id).in_(known)).order_by(col(Person.id)))
        )
        self.former: dict[int, set[str]] = {}
        for each in customers.former_names(session, known):
            self.former.setdefault(each.customer_id, set()).add(each.name)
        talks = select(Entry.customer_id, Entry.channel, Entry.at).where(
            col(Entry.customer_id).in_(known), col(Entry.kind).in_(TALKS), standing()
        )
        self.days = {(each, channel, self._day(at)) for each, channel, at in session.exec(talks)}

    def write(self, tally: Tally) -> list[tuple[Entry, int]]:
        """Returns the talks of customers that were known before, each with who had it: their clocks are to be moved."""
        before = [self._picture(group.known) if group.known else None for group in self.groups]
        stored = self.stored = [self._customer(group) for group in self.groups]
        self.session.flush()
        for group, customer in zip(self.groups, stored, strict=True):
            self._meet(customer, (line.contact for line in group.lines if line.contact))
        self.session.flush()
        talks = [self._talks(group, customer) for group, customer in zip(self.groups, stored, strict=True)]
        entries = self._enter([each for several in talks for each in several])
        after = [self._picture(customer) for customer in stored]
        self._index([each for each, was, now in zip(stored, before, after, strict=True) if _sounds_new(was, now)])
        for customer, was, now, new in zip(stored, before, after, talks, strict=True):
            self._mark(customer, was)
            tally.count(customer.name, was and {**was, "talks": 0}, {**now, "talks": len(new)})
        old = {key(group.known) for group in self.groups if group.known}
        return [(entry, entry.by_id) for entry in entries if entry.customer_id in old]

    def _customer(self, group: Group) -> Customer:
        facts = {name: value for name, value in group.facts.items() if value is not None}
        if group.known is None:
            customer = Customer(**facts, live_from=self._day(self.now), created_at=self.now)
            self.session.add(customer)
            return customer
        was = [group.known.name, group.known.short_name]
        if group.joins:
            facts, was = _lacking(group.known, facts), [facts["name"]]
        for name, value in facts.items():
            setattr(group.known, name, value)
        former = [each for each in was if each and each not in group.known.names]
        secrecy.renamed(self.session, group.known, former)
        self.former.setdefault(key(group.known), set()).update(former)
        return group.known

    def _mark(self, customer: Customer, was: Mapping[str, Any] | None) -> None:
        """A code name that the list gives is on record like one that was given in the chat."""
        before = was["code_name"] if was else None
        if customer.code_name != before:
            body = {"code": customer.code_name, "before": before, "file": "import"}
            audit.record(self.session, self.now, None, "customer.codename", f"customer:{customer.id}", **body)

    def _meet(self, customer: Customer, contacts: Iterable[Contact]) -> None:
        """People by name: those who are new, and what is new of the others."""
        known = self.people.setdefault(key(customer), [])
        for contact in contacts:
            person = next((each for each in known if normalise(each.name) == normalise(contact.name)), None)
            if person is None:
                person = Person(customer_id=key(customer), name=contact.name)
                self.session.add(person)
                known.append(person)
            person.title = contact.title or person.title
            person.phone = contact.phone or person.phone
            person.email = contact.email or person.email

    def _talks(self, group: Group, customer: Customer) -> list[tuple[int, Talk]]:
        """Those of which nothing is on record for that day."""
        new: list[tuple[int, Talk]] = []
        for talk in (talk for line in group.lines for talk in line.talks):
            place = key(customer), talk.channel, self._day(talk.at)
            if place not in self.days:
                self.days.add(place)
                new.append((place[0], talk))
        return new

    def _enter(self, talks: Sequence[tuple[int, Talk]]) -> list[Entry]:
        numbers = _numbers(self.session, self._day(self.now).year, len(talks))
        entries = [
            Entry(
                kind="contact",
                number=number,
                customer_id=customer,
                at=talk.at,
                written_at=self.now,
                by_id=talk.by,
                channel=talk.channel,
                answers={"summary": "导入", "source": "import"},
            )
            for number, (customer, talk) in zip(numbers, talks, strict=True)
        ]
        self.session.add_all(entries)
        self.session.flush()
        self.session.add_all(Participant(entry_id=key(entry), staff_id=entry.by_id) for entry in entries)
        heard(self.session, [customer for customer, _ in talks])
        return entries

    def _index(self, changed: Sequence[Customer]) -> None:
        """As `customers.index` does for one, in one write for all of them."""
        ids = [key(each) for each in changed]
        self.session.exec(delete(SearchKey).where(col(SearchKey.customer_id).in_(ids)))
        former: dict[int, list[str]] = {}
        for each in customers.former_names(self.session, ids):
            former.setdefault(each.customer_id, []).append(each.name)
        keys = [
            found
            for each in changed
            for found in customers.search_rows(each, self.people.get(key(each), ()), former.get(key(each), ()))
        ]
        if keys:
            self.session.execute(insert(SearchKey), keys)

    def _picture(self, customer: Customer) -> dict[str, Any]:
        met = self.people.get(key(customer), ())
        people = [[each.name, each.title, each.phone, each.email] for each in met]
        former = sorted(self.former.get(key(customer), ()))
        return {**{name: getattr(customer, name) for name in FIELDS}, "people": people, "former": former}

    def _day(self, moment: datetime) -> date:
        return self.house.calendar.local(moment).date()


def _sounds_new(was: Mapping[str, Any] | None, now: Mapping[str, Any]) -> bool:
    """Whether anything changed by which the customer is found."""
    return was is None or any(
        was[each] != now[each] for each in ("name", "short_name", "code_name", "people", "former")
    )


def _lacking(customer: Customer, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a row adds to a customer on file that it does not speak for: only what is not known yet."""
    return {name: value for name, value in facts.items() if getattr(customer, name) is None}


def _by_customer(people: Iterable[Person]) -> dict[int, list[Person]]:
    found: dict[int, list[Person]] = {}
    for person in people:
        found.setdefault(person.customer_id, []).append(person)
    return found


def _numbers(session: Session, year: int, count: int) -> list[str]:
    """The next so many numbers of contacts, taken at once."""
    series, width = SERIES["contact"]
    counter = session.get(Counter, (series, year), with_for_update=True) or Counter(series=series, year=year)
    session.add(counter)
    first = counter.last + 1
    counter.last += count
    return [f"{series}-{year}-{number:0{width}}" for number in range(first, first + count)]
