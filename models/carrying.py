"""What goes along when selected customers get another owner, and what stays; all of it in the caller's transaction.

The rule: whatever is owed to the customer goes to the new owner, with its limits as they are. Open complaints go along inside a
unit; from one unit to another they stay with those who handle them until they are closed. Decisions asked of a person by name stay.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from models import audit, duties, files, hand_overs, surveys
from models.clocks import Clock
from models.customers import Customer
from models.hand_overs import HandOver, Passing
from models.messages import Draft
from models.people import Staff, key
from models.records import Complaint, Entry, Matter
from models.tasks import Task
from rules.house import House

GOES: Final = ("customers", "complaints", "inquiries", "tasks", "promises", "drafts", "custodians")
"""In the order in which people are told of them."""


@dataclass
class Load:
    """Ids by kind: what goes along, the complaints that stay, and the hand-overs by which it went."""

    goes: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    stays: list[int] = field(default_factory=list)
    passed: list[HandOver] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        return {kind: len(self.goes[kind]) for kind in GOES if self.goes.get(kind)}


@dataclass(frozen=True)
class Carrying:
    """To whom, in which unit, by whom, now."""

    session: Session
    house: House
    to: Staff
    unit_id: int
    by: Staff
    now: datetime

    def foreseen(self, customers: Collection[Customer]) -> Load:
        """What would go along and what would stay; nothing is changed."""
        load = Load()
        for owner, those in self._groups(customers):
            self._see(load, owner, those)
        return load

    def done(self, customers: Collection[Customer]) -> Load:
        """Everything at once."""
        load = Load()
        for owner, those in self._groups(customers):
            what = self._see(load, owner, those)
            kept = [each for each in those if files.custodian_of(self.session, key(each)) == key(owner)]
            moved = [each for each in those if each.unit_id != self.unit_id]
            self._to_unit(moved)
            if owner.id != self.to.id:
                passing = Passing(self.session, self.house, owner, self.to, self.by, self.now)
                load.passed.append(hand_overs.hand_over(passing, what))
            self.session.flush()
            surveys.moved(self.session, self.house, [key(each) for each in moved], self.unit_id, self.now)
            duties.sync(self.session, self.house, self.now, moved)
            for each in kept:
                files.Keeper(self.session, self.house, each, self.by, self.now).name_custodian(self.to)
        return load

    def _groups(self, customers: Collection[Customer]) -> Iterator[tuple[Staff, list[Customer]]]:
        """By owner, and those of a unit apart: within a unit more goes along."""
        found: dict[tuple[int, bool], list[Customer]] = defaultdict(list)
        for each in customers:
            found[each.owner_id, each.unit_id == self.unit_id].append(each)
        for (owner, _), those in found.items():
            yield self.session.get_one(Staff, owner), those

    def _see(self, load: Load, owner: Staff, those: Sequence[Customer]) -> Mapping[str, list[int]]:
        within = those[0].unit_id == self.unit_id
        ids = [key(each) for each in those]
        what = _of_these(self.session, owner, ids)
        if not within:
            load.stays += what.pop("complaints", [])
        for kind, numbers in what.items():
            load.goes[kind] += numbers
        if owner.id != self.to.id:
            load.goes["custodians"] += [each for each in ids if files.custodian_of(self.session, each) == key(owner)]
        return what

    def _to_unit(self, moved: Sequence[Customer]) -> None:
        for each in moved:
            before, each.unit_id = each.unit_id, self.unit_id
            body = {"before": before, "after": self.unit_id}
            audit.record(self.session, self.now, key(self.by), "customer.to_unit", f"customer:{each.id}", **body)
        self.session.flush()


def _of_these(session: Session, owner: Staff, customers: Sequence[int]) -> dict[str, list[int]]:
    """Of what the owner holds in person, what is about these customers."""
    held = hand_overs.held(session, owner)
    matters = set(session.exec(select(Matter.id).where(col(Matter.customer_id).in_(customers))))
    tasks = set(session.exec(select(Task.id).where(col(Task.customer_id).in_(customers))))
    entries = select(Entry.id).where(col(Entry.customer_id).in_(customers))
    promised = (Clock.subject_kind == "entry", col(Clock.subject_id).in_(entries))
    clocks = set(session.exec(select(Clock.id).where(*promised, col(Clock.closed_at).is_(None))))
    return {
        "customers": list(customers),
        "complaints": [each for each in held["complaints"] if each in matters],
        "inquiries": [each for each in held["inquiries"] if each in matters],
        "tasks": [each for each in held["tasks"] if each in tasks],
        "promises": [each for each in held["promises"] if each in clocks],
        "drafts": [each for each in held["drafts"] if _about(session, each, customers, matters)],
    }


def _about(session: Session, number: int, customers: Collection[int], matters: Collection[int | None]) -> bool:
    answers = session.get_one(Draft, number).answers
    return answers.get("customer") in customers or answers.get("matter") in matters


def stay(session: Session, load: Load) -> list[str]:
    """The numbers of the complaints that stay where they are handled."""
    query = select(Matter.number).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    return list(session.exec(query.where(col(Matter.id).in_(load.stays)).order_by(col(Matter.id))))
