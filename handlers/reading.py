"""A typed line as answers: the reading room's understanding, held against the customers this person may speak of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dialogue.forms import FITTING, HINT, UNKNOWN, Answers
from dialogue.kinds import CustomerKind
from dialogue.turn import Turn
from models import customers
from models.customers import Cards, Customer
from reading.dates import iso
from reading.line import Candidate, Reading, read_line
from reading.names import normalise
from rules import gate
from rules.gate import Action
from words import pack, say

FINDABLE = CustomerKind(Action.FIND_CUSTOMER)


@dataclass(frozen=True)
class Known:
    """The customers that the speaker may find, as the reading room's directory."""

    turn: Turn
    cards: Cards

    def find(self, text: str) -> Sequence[Candidate]:
        return self._cards(FINDABLE.search(self.turn, text), text)

    def near(self, text: str) -> Sequence[Candidate]:
        scope = gate.scope(self.turn.actor, Action.FIND_CUSTOMER)
        found = customers.near(self.turn.session, text, scope)
        return self._cards([each for each in found if FINDABLE.allowed(self.turn, each)], text)

    def _cards(self, found: Sequence[Customer], text: str) -> Sequence[Candidate]:
        """A customer marked 涉密 goes by its code name for whoever types that, by its own for the others."""
        plain = normalise(text)
        return [
            replace(card, short_name=each.code_name) if plain in normalise(each.code_name or "") else card
            for each, card in zip(found, self.cards.of(found), strict=True)
        ]


def read(turn: Turn, text: str, action: Action) -> Reading:
    """What a line says, of customers to whom the speaker may do this. It is read against all whom they may find: a colleague's
    远大机械 must not be taken for one's own 远大密封."""
    found = read_line(text, written_at(turn), turn.house.calendar, Known(turn, Cards(turn.session)))
    named = (found.customer,) if found.customer else found.candidates
    theirs = tuple(each for each in named if _allowed(turn, each, action))
    if len(theirs) == len(named):
        return found
    only, several = (theirs[0], ()) if len(theirs) == 1 else (None, theirs)
    unknown = None if theirs else named[0].short_name or named[0].name
    return replace(found, customer=only, candidates=several, customer_text=unknown)


def written_at(turn: Turn) -> datetime:
    """Now; for words that are passed on, the moment when they were written: their 昨天 is the day before that."""
    origin = turn.incoming.forwarded
    return turn.house.calendar.local(origin.at) if origin else turn.local_now


def _allowed(turn: Turn, candidate: Candidate, action: Action) -> bool:
    return CustomerKind(action).allowed(turn, turn.session.get_one(Customer, candidate.id))


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
        answers[UNKNOWN] = found.customer_text
    return answers
