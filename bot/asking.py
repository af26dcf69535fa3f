"""`keguan read`: how the bot would understand a line, as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models import customers
from models.customers import Cards
from reading.dates import Direction, Found, When, find_date, iso
from reading.line import Candidate, Reading, read_line
from rules.calendar import Calendar
from rules.gate import Scope

EVERYONE: Final = Scope(all=True, units=frozenset(), owner=None, self_=None)
FORMS: Final = {"/log": "contact", "/complain": "complaint", "/callback": "callback", "/inquiry": "inquiry"}


class Everyone:
    """All customers, as the reading room's directory; each is looked at once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._cards = Cards(session)

    def find(self, text: str) -> Sequence[Candidate]:
        return self._cards.of(customers.find(self.session, text, EVERYONE))

    def near(self, text: str) -> Sequence[Candidate]:
        return self._cards.of(customers.near(self.session, text, EVERYONE))


def understood(
    session: Session, lines: Iterable[str], now: datetime, direction: Direction, calendar: Calendar
) -> Iterator[str]:
    """One JSON object for each line, in order. `direction` is for lines that are nothing but a date."""
    directory = Everyone(session)
    for line in lines:
        command, _, rest = line.strip().partition(" ")
        text = rest.strip() if command in FORMS else line.strip()
        phrase = find_date(text, now, direction, calendar)
        if phrase is not None and _is_all(phrase, text):
            fields = _fields(when=phrase.value)
        else:
            fields = _line(read_line(text, now, calendar, directory), phrase)
        if command in FORMS:
            fields["intent"] = FORMS[command]
        yield json.dumps(fields, ensure_ascii=False)


def _is_all(phrase: Found, text: str) -> bool:
    return not (text[: phrase.start] + text[phrase.end :]).strip(" 。.,，!！?？")


def _line(found: Reading, phrase: Found | None) -> dict[str, Any]:
    """Where a line speaks of nobody and no customer, its date stands in `when` even if it is no record of a contact."""
    named = found.customer or found.candidates or found.customer_text or found.person
    speaks_of = named or found.channel or found.next_when is not None
    return _fields(
        intent=found.intent,
        customer=found.customer.name if found.customer else None,
        candidates=[each.name for each in found.candidates],
        person=found.person,
        channel=found.channel,
        when=found.when if found.when is not None or speaks_of or phrase is None else phrase.value,
        summary=found.summary or None,
        next_step=found.next_step,
        next_when=found.next_when,
    )


def _fields(
    *,
    intent: str = "none",
    customer: str | None = None,
    candidates: Sequence[str] = (),
    person: str | None = None,
    channel: str | None = None,
    when: When | None = None,
    summary: str | None = None,
    next_step: str | None = None,
    next_when: When | None = None,
) -> dict[str, Any]:
    return {
        "intent": intent,
        "customer": customer,
        "candidates": list(candidates),
        "person": person,
        "channel": channel,
        "when": iso(when) if when is not None else None,
        "summary": summary,
        "next_step": next_step,
        "next_when": iso(next_when) if next_when is not None else None,
    }
