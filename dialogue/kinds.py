"""The kinds of answer that forms are made of. Values are plain JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from dialogue import code_names
from dialogue.forms import FITTING, UNKNOWN, Answers, WrongAnswerError
from dialogue.leaves import with_leave
from dialogue.turn import Turn
from models import customers, doubles, people
from models.customers import Customer, Found, Person
from models.people import Staff, Unit, key
from reading import characters
from reading.dates import Direction, find_date, iso
from reading.names import normalise
from rules import gate
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, Value, plain_phone, say

Picks = Sequence[tuple[Value, Any]]
YES = {"是", "有", "对", "yes", "y", "true", "1", "需要", "要"}
NO = {"否", "没有", "无", "不", "no", "n", "false", "0", "不需要", "不要"}


@dataclass(frozen=True)
class Text:
    """Free words, kept as typed. `quick` are message ids of answers that can be tapped."""

    quick: tuple[str, ...] = ()
    shortest: int = 1

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(say(each), turn.voice.plain(say(each))) for each in self.quick]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        if len(text) < self.shortest:
            raise WrongAnswerError(say("wrong.empty"))
        return text

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words; `words` is the prefix of their message ids, `aliases` reads what else people type."""

    words: str
    options: tuple[str, ...]
    alias: Callable[[str], str | None] = lambda _text: None

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(say(f"{self.words}.{each}"), each) for each in self.options]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        for each in self.options:
            if normalise(text) in (normalise(turn.voice.plain(say(f"{self.words}.{each}"))), each):
                return each
        known = self.alias(text)
        if known in self.options:
            return str(known)
        raise WrongAnswerError(say("wrong.choice", text=text[:50]))

    def show(self, turn: Turn, value: Any) -> Value:
        return say(f"{self.words}.{value}")


@dataclass(frozen=True)
class Flag:
    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(say("yes"), True), (say("no"), False)]

    def read(self, turn: Turn, answers: Answers, text: str) -> bool:
        plain = normalise(text)
        if plain in YES or plain in NO:
            return plain in YES
        raise WrongAnswerError(say("wrong.flag"))

    def show(self, turn: Turn, value: Any) -> Value:
        return say("yes" if value else "no")


@dataclass(frozen=True)
class Whole:
    """A whole number within bounds."""

    least: int
    most: int

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(str(each), each) for each in range(self.least, self.most + 1)] if self.most - self.least < 10 else []

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        plain = normalise(text).rstrip("分天日次")
        if plain.isascii() and plain.isdigit() and len(plain) < 10 and self.least <= int(plain) <= self.most:
            return int(plain)
        raise WrongAnswerError(say("wrong.number", least=self.least, most=self.most))

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


TIMES = {"千万": 1e7, "百万": 1e6, "亿": 1e8, "万": 1e4, "千": 1e3}


def _plain_number(text: str) -> float | None:
    """35000, 3.5, 十二."""
    if text.isascii() and text.replace(".", "", 1).isdigit() and len(text) < 15:
        return float(text)
    return characters.number(text) if text else None


@dataclass(frozen=True)
class Money:
    """Yuan; 3万, 3.5 万元, 三万 and 35000 are read alike."""

    most: float = 1e11

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> float:
        plain = normalise(text).replace(",", "").removeprefix("¥").removesuffix("人民币").removesuffix("元")
        unit = next((each for each in TIMES if plain.endswith(each)), "")
        number = _plain_number(plain.removesuffix(unit))
        if number is None or number > self.most or number * TIMES.get(unit, 1) > self.most:
            raise WrongAnswerError(say("wrong.money"))
        return number * TIMES.get(unit, 1)

    def show(self, turn: Turn, value: Any) -> Value:
        return say("money", amount=f"{value:,.2f}".removesuffix(".00"))


@dataclass(frozen=True)
class When:
    """A moment, a day or a stretch of time, kept as ISO text. `direction` decides which 周三 is meant. `days`: the hour is of no
    interest, as of a meeting that was."""

    direction: Direction
    days: bool = False

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        now, today = turn.local_now, turn.today
        if self.direction is Direction.PAST:
            yesterday = today - timedelta(days=1)
            if self.days:
                return [(say("when.today"), today.isoformat()), (say("when.yesterday"), yesterday.isoformat())]
            found: list[tuple[Value, Any]] = [(say("when.just_now"), iso(now.replace(second=0, microsecond=0)))]
            if now.hour >= 12:
                found.append((say("when.this_morning"), _stretch(today, 8, 12)))
            return [*found, (say("when.yesterday"), yesterday.isoformat())]
        calendar = turn.house.calendar
        tomorrow = calendar.next_workday(today)
        later = calendar.workday_on_or_after(today + timedelta(days=7))
        return [(say("when.on_day", day=day), day.isoformat()) for day in dict.fromkeys((tomorrow, later))]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = find_date(text, turn.local_now, self.direction, turn.house.calendar)
        if found is None:
            raise WrongAnswerError(say(f"wrong.when_{self.direction}"))
        return self.checked(turn, iso(found.value))

    def checked(self, turn: Turn, value: str) -> str:
        """The value, unless it lies on the wrong side of now. Raises `WrongAnswerError`, saying what was understood."""
        start = start_of(value, turn)
        if self.direction is Direction.PAST and start > turn.now + timedelta(minutes=5):
            raise WrongAnswerError(say("wrong.in_future", when=say("when", value=value)))
        if self.direction is Direction.FUTURE and end_of(value, turn) < turn.now:
            raise WrongAnswerError(say("wrong.in_past", when=say("when", value=value)))
        return value

    def show(self, turn: Turn, value: Any) -> Value:
        return say("when", value=value)


def _stretch(day: date, start: int, end: int) -> str:
    return f"{day}T{start:02}:00/{day}T{end:02}:00"


def start_of(value: str, turn: Turn) -> datetime:
    """The first instant that the ISO text means; a bare past day counts from its morning (08:00)."""
    first = value.partition("/")[0]
    calendar = turn.house.calendar
    if "T" in first:
        return datetime.fromisoformat(first).replace(tzinfo=calendar.tz)
    return min(
        calendar.at(date.fromisoformat(first), time(8)), max(turn.now, calendar.at(date.fromisoformat(first), time(0)))
    )


def end_of(value: str, turn: Turn) -> datetime:
    """The last instant that the ISO text allows: a bare day's end of work (18:00), an interval's end."""
    first, _, last = value.partition("/")
    calendar = turn.house.calendar
    if last:
        end = datetime.fromisoformat(last).replace(tzinfo=calendar.tz)
        return end if "T" in last else calendar.at(end.date() - timedelta(days=1), time(18))
    if "T" in first:
        return datetime.fromisoformat(first).replace(tzinfo=calendar.tz)
    return calendar.at(date.fromisoformat(first), time(18))


@dataclass(frozen=True)
class CustomerKind:
    """A customer whom the speaker may do this to; kept as its id."""

    action: Action

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        if FITTING in answers:
            fitting = [turn.session.get_one(Customer, each) for each in answers[FITTING]]
            return [(label(turn, each), key(each)) for each in fitting]
        if UNKNOWN in answers and (near := self.near(turn, answers[UNKNOWN])):
            return [(label(turn, each), key(each)) for each in near]
        stood_for = [each.staff for each in turn.actor.stands_for]
        mine = [each for one in (turn.me, *stood_for) for each in customers.of_owner(turn.session, one)]
        return [(each.called, key(each)) for each in mine if self.allowed(turn, each)]

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        found = self.search(turn, text)
        if not found:
            raise WrongAnswerError(say("wrong.customer", text=text[:50]))
        if len(found) > 1:
            raise WrongAnswerError(
                say("ask.which_customer", text=text[:50]), [(label(turn, each), key(each)) for each in found]
            )
        return key(found[0])

    def search(self, turn: Turn, text: str) -> list[Customer]:
        """Who the words may mean; one whole name settles it."""
        found = [each for each in looked_up(turn, text).customers if self.allowed(turn, each)]
        exact = [each for each in found if normalise(text) in map(normalise, each.names)]
        return exact if len(exact) == 1 else found

    def near(self, turn: Turn, text: str) -> list[Customer]:
        """Whose name may have been meant by one that is not on file."""
        found = doubles.near(turn.session, text, gate.scope(turn.actor, Action.FIND_CUSTOMER))
        return [each for each in found if self.allowed(turn, each)]

    def allowed(self, turn: Turn, customer: Customer) -> bool:
        return turn.may(self.action, subject_of(customer))

    def need(self, turn: Turn, value: Any) -> None:
        """An answer that was not typed, but known to a button. Raises `NotAllowedError`."""
        customer = turn.session.get(Customer, value)
        turn.need(self.action, subject_of(customer) if customer else None)

    def show(self, turn: Turn, value: Any) -> Value:
        customer = turn.session.get(Customer, value)
        return customer.called if customer else ""


def subject_of(customer: Customer) -> Subject:
    return Subject(unit=customer.unit_id, owner=customer.owner_id)


def looked_up(turn: Turn, text: str) -> Found:
    """By name as far as names may be found; by the people there and their numbers only where the file may be seen. Who fits the
    words as they stand, else each of them: 华航 张工."""
    names, files = (gate.scope(turn.actor, each) for each in (Action.FIND_CUSTOMER, Action.SEE_CUSTOMER))
    found, words = customers.search(turn.session, text, names, files=files), text.split()
    return (
        found if found.customers or len(words) < 2 else customers.search_each(turn.session, words, names, files=files)
    )


def label(turn: Turn, customer: Customer) -> Say:
    """Tells same-name customers apart by unit and city."""
    unit, _ = customers.unit_and_owner(turn.session, customer)
    return say("customer.label", name=customer.called, city=_city(customer), unit=unit.name)


def _city(customer: Customer) -> Value:
    return say("secret.place") if customer.code_name else customer.city or customer.province


def people_on_file(turn: Turn, answers: Answers) -> list[Person]:
    """The people at the customer's of the answers, for those who may see the file."""
    customer = turn.session.get(Customer, answers["customer"]) if "customer" in answers else None
    if customer is None or not turn.may(Action.SEE_CUSTOMER, subject_of(customer)):
        return []
    return customers.people(turn.session, key(customer))


@dataclass(frozen=True)
class PersonName:
    """Somebody at the customer's, by name; the people on file are offered."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        found = people_on_file(turn, answers)[:6]
        if code_names.is_marked(turn, answers):
            return [(say("secret.person", number=n, title=each.title), each.name) for n, each in enumerate(found, 1)]
        return [(each.name, each.name) for each in found]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        if len(text) > 40:
            raise WrongAnswerError(say("wrong.name"))
        return text

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


@dataclass(frozen=True)
class Phone:
    """A telephone number, kept as plain digits."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        plain = plain_phone(text)
        if not 5 <= sum(each.isdigit() for each in plain) <= 40:
            raise WrongAnswerError(say("wrong.phone"))
        return plain

    def show(self, turn: Turn, value: Any) -> Value:
        return plain_phone(str(value))


@dataclass(frozen=True)
class Colleagues:
    """Who took part from our side, as staff ids; always at least one."""

    single: bool = False
    but: Callable[[Turn, Answers], int | None] = lambda _turn, _answers: None
    """The one who has it already."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        has_it = self.but(turn, answers)
        return [each for each in self._near(turn) if each[1] != has_it]

    def _near(self, turn: Turn) -> Picks:
        found: list[tuple[Value, Any]] = [] if self.single else _written_for(turn)
        found.append((turn.staff.name, self._value([turn.me])))
        for seat in people.seats(turn.session, turn.me, turn.now):
            if seat.role == Role.SECRETARY:
                continue
            for head in people.holders(turn.session, "unit_head", seat.unit_id, turn.now):
                if key(head) != turn.me:
                    both = [key(head)] if self.single else [turn.me, key(head)]
                    name = (
                        say("text", text=head.name)
                        if self.single
                        else say("with.both", me=turn.staff.name, other=head.name)
                    )
                    found.append((name, self._value(both)))
        return list({str(value): (name, value) for name, value in found}.values())

    def _value(self, ids: list[int]) -> Any:
        return ids[0] if self.single else ids

    def read(self, turn: Turn, answers: Answers, text: str) -> Any:
        names = [
            each for each in text.replace("，", "、").replace(",", "、").replace("和", "、").split("、") if each.strip()
        ]
        found = [self._one(turn, each.strip()) for each in names]
        if not found or (self.single and len(found) > 1):
            raise WrongAnswerError(say("wrong.colleague", text=text[:50]))
        if self.but(turn, answers) == found[0].id:
            raise WrongAnswerError(say("wrong.has_it", name=found[0].name))
        return self._value([key(each) for each in found])

    def _one(self, turn: Turn, text: str) -> Staff:
        if text in ("我", "me", "本人"):
            return turn.staff
        everyone = people.active_staff(turn.session)
        fitting = [each for each in everyone if normalise(text) in (normalise(each.name), normalise(each.number))]
        if len(fitting) != 1:
            raise WrongAnswerError(
                say("wrong.colleague", text=text[:50]),
                [
                    (say("staff.label", name=each.name, number=each.number), self._value([key(each)]))
                    for each in fitting
                ],
            )
        return fitting[0]

    def show(self, turn: Turn, value: Any) -> Value:
        ids = [value] if self.single else value
        proxied = [] if self.single else [value for _, [value] in _written_for(turn)]
        names = [
            say("with.proxied", name=found.name) if each in proxied else with_leave(turn, found)
            for each in ids
            if (found := turn.session.get(Staff, each))
        ]
        return say("list", items=names)


def _written_for(turn: Turn) -> list[tuple[Value, Any]]:
    """代 … 录入: the leaders for whom the speaker writes as their secretary."""
    leaders = people.principals(turn.session, turn.staff, turn.now)
    return [(say("with.proxy", name=each.name), [key(each)]) for each in leaders]


@dataclass(frozen=True)
class UnitKind:
    """A unit to which the speaker may do this, or any; kept as its id."""

    action: Action | None

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return [(each.name, key(each)) for each in self.units(turn)[:12]]

    def units(self, turn: Turn) -> list[Unit]:
        every = people.units(turn.session)
        may = self.action
        return [each for each in every if not each.company and (may is None or turn.may(may, Subject(unit=key(each))))]

    def named_in(self, turn: Turn, text: str) -> Unit | None:
        """The unit whose name the words contain; the longest, where one name is part of another."""
        found = [each for each in self.units(turn) if each.name in text]
        return max(found, key=lambda each: len(each.name), default=None)

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        fitting = [each for each in self.units(turn) if normalise(text) in normalise(each.name)]
        exact = [each for each in fitting if normalise(text) == normalise(each.name)] or fitting
        if len(exact) != 1:
            picks: Picks = [(each.name, key(each)) for each in exact]
            raise WrongAnswerError(say("wrong.unit", text=text[:50]), picks)
        return key(exact[0])

    def show(self, turn: Turn, value: Any) -> Value:
        return turn.session.get_one(Unit, value).name
