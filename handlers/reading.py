"""A typed line as answers: the reading room's understanding, held against the customers this person may speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dialogue.forms import FITTING, HINT, Answers
from dialogue.kinds import CustomerKind
from dialogue.turn import Turn
from models import customers
from models.customers import Customer
from models.people import key
from reading.dates import iso
from reading.line import Candidate, Reading, read_line
from rules.gate import Action
from words import pack, say


@dataclass(frozen=True)
class Known:
    """The customers that the speaker may do this to, as the reading room's directory."""

    turn: Turn
    action: Action

    def find(self, text: str) -> Sequence[Candidate]:
        return [_candidate(self.turn, each) for each in CustomerKind(self.action).search(self.turn, text)]


def _candidate(turn: Turn, customer: Customer) -> Candidate:
    names = tuple(each.name for each in customers.people(turn.session, key(customer)))
    return Candidate(key(customer), customer.name, customer.short_name, names)


def read(turn: Turn, text: str, action: Action) -> Reading:
    return read_line(text, turn.local_now, turn.house.calendar, Known(turn, action))


def answers_of(turn: Turn, found: Reading) -> Answers:
    """The fields that every talk shares, as far as they were understood."""
    answers: Answers = {
        "customer": found.customer.id if found.customer else None,
        "person": found.person,
        "channel": found.channel,
        "when": iso(found.when) if found.when is not None else None,
        "summary": found.summary,
        "next_step": found.next_step,
        "next_when": iso(found.next_when) if found.next_when is not None else None,
    }
    answers = {name: value for name, value in answers.items() if value}
    if found.candidates:
        answers[FITTING] = [each.id for each in found.candidates]
        answers[HINT] = pack(say("ask.several_fit"))
    elif found.customer_text and not found.customer:
        answers[HINT] = pack(say("wrong.customer", text=found.customer_text))
    return answers
