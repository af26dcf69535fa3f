"""回访计划 (R17.7): what the duties of a year ask of a unit, spread over its months, as its head adjusted it and handed it in.

The plan is drawn from the same slots as every figure: a visit that was logged as usual meets its line by itself, and nothing is
counted twice. What is kept beside them is only in which month, and whom of own choice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlmodel import Field, Session, SQLModel, col, func, select

from models import audit, rounds
from models.climbing import PLAN
from models.clocks import Clock
from models.coverage import Coverage, Slot
from models.customers import Customer
from models.duties import GOLDEN
from models.figures import Reach, View
from models.kinds import Json, json_field
from models.pace import Callbacks, Pace
from models.people import Staff, key, post
from rules.cadence import Unit, first_cycle
from rules.house import House
from rules.roles import Role
from rules.spans import Span

MONTHS = 12
NOWHERE = 0
"""The month of a choice that was taken back."""


class PlanLine(SQLModel, table=True):
    """In which month (1 to 12) a customer is to be visited under that rule; of own choice, that this one is. The newest counts."""

    __tablename__ = "plan_line"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    rule: str
    customer_id: int = Field(foreign_key="customer.id", index=True)
    month: int
    by_id: int = Field(foreign_key="staff.id")
    at: datetime


class HandedPlan(SQLModel, table=True):
    """The plan as it was handed in: `lines` are rule, customer (None: not chosen yet) and month. The newest counts."""

    __tablename__ = "callback_plan"

    id: int | None = Field(default=None, primary_key=True)
    unit_id: int = Field(foreign_key="unit.id", index=True)
    year: int
    planned: int
    lines: Json = json_field()
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    due_at: datetime | None = None


@dataclass(frozen=True)
class Line:
    """One visit that is planned: by whom, to whom (None: still to be chosen), in which month, and when it was done."""

    rule: str
    post: str
    customer: int | None
    month: int
    done: datetime | None
    own_choice: bool = False
    beside: bool = False
    """Done without having been chosen."""


def view_of(session: Session, house: House, unit: int, year: Span, now: datetime) -> View:
    """What belongs to the plan of a unit: its own duties, and those of the leader in charge of it."""
    return View(session, house, year, Reach(frozenset({unit}), frozenset({post(Role.VICE_PRESIDENT, unit)})), now)


def of_units(session: Session, house: House, units: Iterable[int], year: Span, now: datetime) -> list[Plan]:
    """Of several units, worked out together."""
    those = frozenset(units)
    reach = Reach(those, frozenset(post(Role.VICE_PRESIDENT, each) for each in those))
    view = View(session, house, year, reach, now)
    shared = Callbacks(view, Coverage(view), marked=True)
    return [Plan(view, each, shared) for each in sorted(those)]


@dataclass(frozen=True)
class Plan:
    """Of one unit and one year; the view's span is the year. `shared`: what was worked out for several units together."""

    view: View
    unit: int
    shared: Callbacks | None = None

    @property
    def year(self) -> int:
        return self.view.span.first.year

    @cached_property
    def callbacks(self) -> Callbacks:
        return self.shared or Callbacks(self.view, Coverage(self.view), marked=True)

    @cached_property
    def slots(self) -> list[Slot]:
        """What the unit's duties come to."""
        return [each for each in self.callbacks.planned if each.unit == self.unit and each.kind != "company"]

    @cached_property
    def pace(self) -> Pace:
        """Of all together."""
        return self.callbacks.together(self.slots)

    @cached_property
    def lines(self) -> list[Line]:
        """Month by month."""
        found = [line for slot in self.slots for line in self._of(slot)]
        return sorted(found, key=lambda each: (each.month, each.rule, each.customer or 0))

    @cached_property
    def adjusted(self) -> dict[tuple[str, int], int]:
        """The month of each rule and customer that somebody set."""
        query = select(PlanLine).where(PlanLine.unit_id == self.unit, PlanLine.year == self.year)
        rows = self.view.session.exec(query.order_by(col(PlanLine.id)))
        return {(each.rule, each.customer_id): each.month for each in rows}

    def _of(self, slot: Slot) -> Iterator[Line]:
        if slot.kind != "customer":
            yield from self._chosen(slot)
            return
        for nth in range(slot.owed):
            spread = self._month(slot, ((slot.subject * GOLDEN) % 1 + nth) / slot.owed)
            month = self.adjusted.get((slot.rule, slot.subject), spread)
            done = slot.times[nth] if nth < len(slot.times) else None
            yield Line(slot.rule, slot.post, slot.subject, month, done)

    def _chosen(self, slot: Slot) -> Iterator[Line]:
        """Of own choice: those who were chosen, then others who were visited, then what is still to be chosen; as many as owed."""
        visited = list(zip(slot.whom, slot.times, strict=True))
        chosen = [(whom, month) for (rule, whom), month in self.adjusted.items() if rule == slot.rule and month]
        left = slot.owed - len(chosen) - self._others(visited, chosen)
        for whom, month in chosen:
            met = next((each for each in visited if each[0] == whom), None)
            if met is not None:
                visited.remove(met)
            elif left < 0:
                left += 1
                continue
            yield Line(slot.rule, slot.post, whom, month, met[1] if met else None, own_choice=True)
        local = self.view.house.calendar.local
        for whom, at in visited:
            yield Line(slot.rule, slot.post, whom, local(at).month, at, own_choice=True, beside=True)
        for place in range(left):
            month = self._month(slot, (place + 0.5) / left)
            yield Line(slot.rule, slot.post, None, month, None, own_choice=True)

    @staticmethod
    def _others(visited: Sequence[tuple[int, datetime]], chosen: Sequence[tuple[int, int]]) -> int:
        """How many visits went to others than those chosen, or to them once more."""
        return (Counter(whom for whom, _ in visited) - Counter(whom for whom, _ in chosen)).total()

    def _month(self, slot: Slot, place: float) -> int:
        """Spread over the months in which it is owed; `place` is from 0 to just before 1."""
        began = self.view.house.calendar.local(slot.began).date() if slot.began else self.view.span.first
        first = began.month if began.year == self.year else 1
        return first + int(place * (MONTHS + 1 - first))

    def by_end_of(self, month: int, moment: datetime) -> tuple[list[Line], list[Line]]:
        """What was planned for the months up to that one, and what was done until that moment."""
        return (
            [each for each in self.lines if each.month <= month],
            [each for each in self.lines if each.done is not None and each.done < moment],
        )

    # What its head does with it

    def place(self, rule: str, customer: int, month: int, by: Staff) -> None:
        """In that month, or (`NOWHERE`) no longer chosen; on record."""
        session, now = self.view.session, self.view.now
        row = PlanLine(
            unit_id=self.unit, year=self.year, rule=rule, customer_id=customer, month=month, by_id=key(by), at=now
        )
        session.add(row)
        session.flush()
        body = {"rule": rule, "customer": customer, "month": month, "year": self.year}
        audit.record(session, now, key(by), "plan.place", f"unit:{self.unit}", **body)

    def hand_in(self, by: Staff) -> HandedPlan:
        """As it stands now; the year's plan is no longer owed."""
        session, now, house = self.view.session, self.view.now, self.view.house
        due = rounds.owed(session, PLAN, self.unit, str(self.year))
        lines = [[each.rule, each.customer, each.month] for each in self.lines]
        row = HandedPlan(
            unit_id=self.unit,
            year=self.year,
            planned=len(lines),
            lines={"lines": lines},
            by_id=key(by),
            at=now,
            due_at=due.due_at if due else None,
        )
        session.add(row)
        session.flush()
        audit.record(session, now, key(by), "plan.hand_in", f"unit:{self.unit}", year=self.year, planned=len(lines))
        rounds.done(
            session, house, due, house.rulebook.callback_plan, now,
            lambda name: handed(session, self.unit, int(name)) is not None,
        )  # fmt: skip
        return row


def first_year(session: Session, house: House, now: datetime) -> int:
    """This year, or the next one, where the company's yearly duties began too late to be owed before it."""
    calendar, this = house.calendar, house.calendar.local(now).year
    yearly = {each.id: each for each in house.rulebook.duties if each.every.unit is Unit.YEAR}
    query = select(Clock.rule, func.min(Clock.anchor)).where(col(Clock.rule).in_(yearly)).group_by(Clock.rule)
    began = [(yearly[rule], calendar.local(anchor).date()) for rule, anchor in session.exec(query)]
    owed = [first_cycle(duty.every, day, calendar).last.year for duty, day in began]
    return this if not owed else min(max(this, min(owed)), this + 1)


def handed(session: Session, unit: int, year: int) -> HandedPlan | None:
    """The plan as it was handed in last."""
    query = select(HandedPlan).where(HandedPlan.unit_id == unit, HandedPlan.year == year)
    return session.exec(query.order_by(col(HandedPlan.id).desc())).first()


def free_to_choose(session: Session, plan: Plan, rule: str, most: int, skip: int = 0) -> list[Customer]:
    """The customers of that duty's tiers whom nobody chose yet, the longest quiet first."""
    duty = plan.view.house.rulebook.duty(rule)
    taken = [whom for (named, whom), month in plan.adjusted.items() if named == rule and month]
    query = select(Customer).where(
        Customer.unit_id == plan.unit, col(Customer.tier).in_(duty.tiers), col(Customer.id).not_in(taken)
    )
    return list(session.exec(query.order_by(col(Customer.quiet_since), col(Customer.id)).offset(skip).limit(most)))


def sync(session: Session, house: House, now: datetime) -> None:
    """Every unit owes its plan of the year, the next one first."""
    rule = house.rulebook.callback_plan
    rounds.sync(session, house, PLAN, rule, rounds.by_head(session, rule.who) if rule else (), now)
