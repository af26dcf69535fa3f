"""A month of talks with customers, planned from what the rulebook demands: most of it done in time, some of it not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from sqlmodel import Session, col, select

from models.clocks import Clock
from models.customers import Customer, Person
from models.people import Staff, holders, in_role, key, split_post
from models.records import Entry
from rules.cadence import due_day, first_cycle, following
from rules.entries import Duty
from rules.house import House
from rules.roles import Channel, Role, Tier

SEED = 20261123
KINDS: Mapping[str, str] = {"phone": "phone", "meeting": "visit", "visit": "visit"}
"""Which sentences suit a channel; all others are written ones."""
CHANNELS = ("phone", "phone", "phone", "wechat", "wechat", "email", "qq", "visit", "sms")


def minute(house: House, moment: datetime) -> str:
    """A moment as forms keep it: local, to the minute."""
    return house.calendar.local(moment).strftime("%Y-%m-%dT%H:%M")


@dataclass(frozen=True)
class Talk:
    """A contact to be written down; `due` is the day of the next step, where one was promised."""

    at: datetime
    by: Staff
    took_part: tuple[int, ...]
    customer: Customer
    channel: str
    summary: str
    person: str
    next_step: str | None = None
    due: date | None = None

    @property
    def written_at(self) -> datetime:
        """People write a talk down a while after it."""
        return self.at + timedelta(minutes=12 + self.at.minute)

    def entry(self, house: House) -> Entry:
        """As the contact form stores it."""
        answers: dict[str, Any] = {
            "customer": key(self.customer),
            "channel": self.channel,
            "when": minute(house, self.at),
            "person": self.person,
            "summary": self.summary,
            "with": list(self.took_part),
        }
        if self.due:
            answers |= {"next_step": self.next_step, "next_when": self.due.isoformat()}
        return Entry(
            kind="contact",
            customer_id=key(self.customer),
            at=self.at,
            written_at=self.written_at,
            by_id=key(self.by),
            channel=self.channel,
            answers=answers,
        )


class Month:
    """Plans the talks between two days, the last not included. The same days give the same talks."""

    def __init__(self, session: Session, house: House, story: Mapping[str, Any], first: date, opens: date) -> None:
        self.session = session
        self.house = house
        self.story = story
        self.first = first
        self.opens = opens
        self.days = house.calendar.workdays(first, opens - timedelta(days=1))
        self.random = Random(SEED)
        self.said: set[str] = set()
        self.customers = list(session.exec(select(Customer).order_by(col(Customer.id))))
        self.people: dict[int, list[str]] = {}
        for person in session.exec(select(Person).order_by(col(Person.id))):
            self.people.setdefault(person.customer_id, []).append(person.name)

    def talks(self) -> list[Talk]:
        called = list(self._calls_of_leaders())
        busy = {(number, talk.at.date()) for talk in called for number in talk.took_part}
        daily = list(self._daily(busy))
        return [*called, *_with_promises(daily, self.story["next_steps"], self.random)]

    # Unit heads and vice presidents, as their duties demand

    def _calls_of_leaders(self) -> Iterator[Talk]:
        owed = [
            duty
            for duty in self.house.rulebook.duties
            if duty.each and duty.who is not Role.SALESPERSON and Channel.PHONE in duty.how
        ]
        for duty in owed:
            for clock in self.session.exec(select(Clock).where(Clock.rule == duty.id).order_by(col(Clock.id))):
                yield from self._calls(duty, clock)

    def _calls(self, duty: Duty, clock: Clock) -> Iterator[Talk]:
        customer = self.session.get_one(Customer, clock.subject_id)
        role, unit = split_post(clock.post)
        leader = holders(self.session, role, unit, clock.anchor + timedelta(days=1))[0]
        until = self._neglected(customer)
        for day in self._days_of_calls(duty, clock):
            if day < min(until, self.opens):
                yield self._call(leader, customer, day)

    def _days_of_calls(self, duty: Duty, clock: Clock) -> Iterator[date]:
        """A day in each cycle, ahead of its due day where there is time."""
        calendar = self.house.calendar
        cycle = first_cycle(duty.every, self.first, calendar)
        due: date | None = calendar.local(clock.due_at).date()
        while cycle.first < self.opens:
            if due is not None:
                days = calendar.workdays(max(cycle.first, self.first), due)[-5:]
                yield self.random.choice(days[:-1] or days)
            cycle = following(duty.every, cycle, self.first)
            due = due_day(duty.every, cycle, calendar)

    def _neglected(self, customer: Customer) -> date:
        """From which day on nobody above the salesperson has called them."""
        since = [each["day"] for each in self.story["neglected"] if each["customer"] == customer.short_name]
        return self.house.calendar.add_workdays(self.opens, min(since)) if since else self.opens

    def _call(self, leader: Staff, customer: Customer, day: date) -> Talk:
        """By phone, or now and then a visit together with the salesperson."""
        together = self.random.random() < 0.12
        owner = self.session.get_one(Staff, customer.owner_id)
        by, took_part = (owner, (key(owner), key(leader))) if together else (leader, (key(leader),))
        return self._talk(by, took_part, customer, "visit" if together else "phone", day)

    # Salespersons, nearly every day

    def _daily(self, busy: set[tuple[int, date]]) -> Iterator[Talk]:
        aside = {(each["by"], each["customer"]) for each in self.story["talk"]}
        for staff in in_role(self.session, Role.SALESPERSON, self.house.calendar.at(self.opens, time(0))):
            mine = [each for each in self.customers if each.owner_id == staff.id]
            free = [each for each in mine if (staff.number, each.short_name) not in aside]
            self.random.shuffle(free)
            for number, day in enumerate(self.days):
                if (key(staff), day) not in busy and self.random.random() < 0.85:
                    channel = self.random.choice(CHANNELS)
                    yield self._talk(staff, (key(staff),), free[number % len(free)], channel, day)

    # One talk

    def _talk(self, by: Staff, took_part: tuple[int, ...], customer: Customer, channel: str, day: date) -> Talk:
        at = self.house.calendar.at(day, time(self.random.choice((9, 10, 11, 14, 15, 16)), self.random.randrange(60)))
        kind = "reserve" if customer.tier == Tier.RESERVE else KINDS.get(channel, "written")
        person = self.random.choice(self.people[key(customer)])
        return Talk(at, by, took_part, customer, channel, self._summary(kind, day), person)

    def _summary(self, kind: str, day: date) -> str:
        """A sentence that nobody has said yet."""
        while (text := self._sentence(self.random.choice(self.story["talks"][kind]), day)) in self.said:
            pass
        self.said.add(text)
        return text

    def _sentence(self, pattern: str, day: date) -> str:
        choose: Callable[..., int] = self.random.randrange
        return pattern.format(
            product=self.random.choice(self.story["products"]),
            month=day.month % 12 + 1,
            many=choose(200, 4000, 20),
            some=choose(12, 60),
            few=choose(2, 9),
            hot=choose(110, 180, 5),
        )


def _with_promises(talks: Sequence[Talk], steps: Sequence[str], random: Random) -> Iterator[Talk]:
    """Now and then a next step is promised for the day on which the same two talk again; so it was kept."""
    ordered = sorted(talks, key=lambda each: (key(each.by), key(each.customer), each.at))
    for talk, later in zip(ordered, [*ordered[1:], None], strict=True):
        same = later is not None and (later.by, later.customer) == (talk.by, talk.customer)
        if later is not None and same and random.random() < 0.4:
            yield replace(talk, next_step=random.choice(steps), due=later.at.date())
        else:
            yield talk
