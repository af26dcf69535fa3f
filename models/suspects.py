"""疑似未报投诉 (article 26): talks whose words are those of a complaint. They are noted when they are written; whether a complaint
was opened near them is asked when the list is read."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Field, Session, SQLModel

from models.kinds import Json
from reading.characters import fold
from reading.parts import special_intent

NEAR = timedelta(days=7)
WORDS = ("summary", "next_step", "opinions", "complaints", "news", "plans", "problems")
"""The answers that are words of the customer or about the customer."""


class Suspect(SQLModel, table=True):
    """A complaint of the customer opened between `since` and `until` clears the entry."""

    entry_id: int = Field(primary_key=True, foreign_key="entry.id")
    customer_id: int = Field(foreign_key="customer.id")
    at: datetime = Field(index=True)
    since: datetime
    until: datetime


def sounds_like_a_complaint(answers: Json) -> bool:
    """Whether any of the answers has words of a complaint in it; 没有投诉 has none."""
    return any(special_intent(fold(str(answers[name]))) == "complaint" for name in WORDS if answers.get(name))


def note(session: Session, entry_id: int, customer_id: int, at: datetime, answers: Json) -> None:
    if sounds_like_a_complaint(answers):
        session.add(Suspect(entry_id=entry_id, customer_id=customer_id, at=at, since=at - NEAR, until=at + NEAR))
