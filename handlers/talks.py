"""What contacts and callbacks have in common: who took part, when, what comes next, and which duties that fulfils."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.engine import ATTACHMENTS
from dialogue.forms import FITTING, Answers, Field, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, CustomerKind, PersonName, Text, When, end_of, start_of, subject_of
from dialogue.turn import Turn
from handlers import proxy, words
from models import audit, complaints, duties, proxies
from models.clocks import Clock
from models.customers import Customer
from models.people import Staff, key, principals
from models.records import Entry, write_entry
from reading.dates import Direction
from rules.gate import Action
from rules.roles import Channel, read_channel
from words import Value, say

WAYS = Choice("channel", tuple(each.value for each in Channel), read_channel)
PAST, FUTURE = When(Direction.PAST), When(Direction.FUTURE)


def customer_field(action: Action) -> Field:
    return Field("customer", CustomerKind(action))


PERSON = Field("person", PersonName(), required=False)


def _took_part(turn: Turn, _: Answers) -> list[int]:
    """The speaker; for a secretary who writes for one leader, that leader."""
    leaders = principals(turn.session, turn.staff, turn.now)
    return [key(leaders[0]) if len(leaders) == 1 else turn.me]


WITH = Field("with", Colleagues(), default=_took_part)
CHANNEL = Field("channel", WAYS)
WHEN = Field("when", PAST)
NEXT_STEP = Field("next_step", Text(), required=False)
NEXT_WHEN = Field(
    "next_when",
    FUTURE,
    asked=lambda answers: bool(answers.get("next_step") or answers.get("next_when")),
    required=False,
)


@dataclass(frozen=True)
class Recorded:
    entry: Entry
    fulfilled: list[Clock]
    customer: Customer
    waiting: list[Staff]
    """Leaders for whom a secretary wrote it, who have to confirm it first (代录)."""


def record(turn: Turn, kind: str, action: Action, answers: Answers) -> Recorded:
    """Write a talk down, with everything that follows from it, in this transaction."""
    customer = turn.session.get(Customer, answers["customer"])
    if customer is None:
        raise WrongAnswerError(say("wrong.customer", text=""))
    turn.need(action, subject_of(customer))
    PAST.checked(turn, answers["when"])
    entry = Entry(
        kind=kind,
        customer_id=key(customer),
        at=start_of(answers["when"], turn),
        written_at=turn.now,
        by_id=turn.me,
        channel=answers["channel"],
        answers={name: value for name, value in answers.items() if name not in (ATTACHMENTS, FITTING)},
        attachments=answers.get("attachments", []),
    )
    waiting = proxies.written_for(turn.session, turn.staff, answers["with"], turn.now)
    took_part = [each for each in answers["with"] if each not in [key(leader) for leader in waiting]]
    write_entry(turn.session, entry, took_part, turn.house.calendar.tz)
    kept = complaints.kept(turn.session, entry, turn.now)
    if answers.get("next_when") and not waiting:
        complaints.promise(turn.session, turn.house, entry, end_of(answers["next_when"], turn), turn.now)
    fulfilled = [*kept, *duties.after_entry(turn.session, turn.house, entry, took_part, turn.now)]
    audit.record(
        turn.session,
        turn.now,
        turn.me,
        f"{kind}.record",
        f"customer:{customer.id}",
        number=entry.number,
        **entry.answers,
    )
    proxy.ask(turn, entry, waiting)
    return Recorded(entry, fulfilled, customer, waiting)


def fulfilled_lines(turn: Turn, clocks: list[Clock]) -> list[Value]:
    """Which duties a talk fulfilled, each with its article."""
    return words.fulfilled_lines(turn.house, clocks)


def proxy_lines(done: Recorded) -> list[Value]:
    """Whose confirmation the record waits for."""
    return [say("proxy.asked", name=each.name) for each in done.waiting]
