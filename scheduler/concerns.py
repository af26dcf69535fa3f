"""What administrators should hear about: updates that were set aside, messages whose end is uncertain or that failed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session

from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen
from models.messages import Inbox, Outbox
from models.people import in_role, key
from models.vitals import Vital, count, note
from rules.roles import Role
from words import Say, say

TOLD: Final = "told."
AGAIN: Final = timedelta(hours=1)
WATCHED: Final[dict[str, type[Inbox] | type[Outbox]]] = {"set_aside": Inbox, "uncertain": Outbox, "failed": Outbox}


@dataclass(frozen=True)
class Concern:
    """So many more than administrators were told of."""

    kind: str
    count: int


def concerns(session: Session, now: datetime) -> list[Concern]:
    """Tell administrators what is new, each kind at most once an hour. Returns what was told."""
    found = (_new(session, kind, now) for kind in WATCHED)
    new = [each for each in found if each is not None]
    for each in new:
        tell_administrators(session, say(f"concern.{each.kind}", count=each.count), f"{TOLD}{each.kind}", now)
    return new


def _new(session: Session, kind: str, now: datetime) -> Concern | None:
    """How many there are is remembered, not which: a message may become uncertain long after later ones."""
    there = count(session, WATCHED[kind], kind)
    told = session.get(Vital, f"{TOLD}{kind}")
    before = told.count if told else 0
    if there > before and (told is None or now - told.at >= AGAIN):
        note(session, f"{TOLD}{kind}", now, count=there)
        return Concern(kind, there - before)
    if told and there < before:
        told.count = there
    return None


def tell_administrators(session: Session, text: Say, name: str, now: datetime) -> None:
    look = Button(say("button.status"), "status.open")
    for each in in_role(session, Role.ADMIN, now):
        unique_key = f"{name}:{now:%Y%m%d%H%M%S}:{key(each)}"
        tell(session, each, Screen(text, ((look,),)), MessageClass.REMINDER, unique_key, now)
