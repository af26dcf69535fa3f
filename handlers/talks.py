"""What contacts and callbacks have in common: who took part, when, what comes next, and which duties that fulfils."""

from __future__ import annotations

from dataclasses import dataclass

from dialogue.engine import ATTACHMENTS
from dialogue.forms import FITTING, Answers, Field, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, CustomerKind, PersonName, Text, When, end_of, start_of, subject_of
from dialogue.turn import Turn
from handlers.words import duty_line
from models import audit, complaints, duties
from models.clocks import Clock
from models.customers import Customer
from models.people import key
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
WITH = Field("with", Colleagues(), default=lambda turn, _: [turn.me])
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
    write_entry(turn.session, entry, answers["with"], turn.house.calendar.tz)
    kept = complaints.kept(turn.session, entry, turn.now)
    if answers.get("next_when"):
        complaints.promise(turn.session, turn.house, entry, end_of(answers["next_when"], turn), turn.now)
    fulfilled = [*kept, *duties.after_entry(turn.session, turn.house, entry, answers["with"], turn.now)]
    audit.record(
        turn.session,
        turn.now,
        turn.me,
        f"{kind}.record",
        f"customer:{customer.id}",
        number=entry.number,
        **entry.answers,
    )
    return Recorded(entry, fulfilled, customer)


def fulfilled_lines(turn: Turn, clocks: list[Clock]) -> list[Value]:
    """Which duties a talk fulfilled, each with its article."""
    named = {clock.rule: clock for clock in clocks}
    return [say("fulfilled", duty=duty_line(turn.house, clock)) for clock in named.values()]
