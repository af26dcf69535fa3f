"""One turn of a conversation: who speaks, when, and everything that a handler may ask for, inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from dialogue.forms import Desk, Form
from dialogue.values import Incoming
from models.messages import Card
from models.people import Staff, actor, key
from rules import gate
from rules.gate import Action, Actor, Subject
from rules.house import House
from words import Voice


class NotAllowedError(Exception):
    """The gate said no. The words are the same as for what does not exist."""


@dataclass
class Turn:
    session: Session
    now: datetime
    house: House
    staff: Staff
    incoming: Incoming
    desk: Desk
    unique_key: str
    """Names this turn; what it tells is keyed by it, so that it is told once."""
    card: Card | None = None
    actor: Actor = field(init=False)
    voice: Voice = field(init=False)

    def __post_init__(self) -> None:
        self.actor = actor(self.session, self.staff, self.now)
        self.voice = Voice(self.staff.language, self.house.calendar.tz, self.now)

    def seen_by(self, other: Staff) -> Turn:
        """The same moment for somebody else: what they may see and press."""
        return Turn(self.session, self.now, self.house, other, self.incoming, self.desk, self.unique_key)

    @property
    def forms(self) -> Mapping[str, Form]:
        return self.desk.forms

    @property
    def me(self) -> int:
        return key(self.staff)

    @property
    def today(self) -> date:
        return self.house.calendar.local(self.now).date()

    @property
    def local_now(self) -> datetime:
        return self.house.calendar.local(self.now)

    def may(self, action: Action, subject: Subject | None = None) -> bool:
        return gate.may(self.actor, action, subject or Subject())

    def reaches(self, action: Action) -> bool:
        """Whether there is anything at all to which they may do it."""
        reach = gate.scope(self.actor, action)
        return bool(reach.all or reach.units or reach.owner or reach.self_)

    def need_any(self, action: Action) -> None:
        """Raises `NotAllowedError` where they may do it to nothing at all."""
        if not self.reaches(action):
            raise NotAllowedError(action)

    def need(self, action: Action, subject: Subject | None = None) -> None:
        """The gate, asked at every step. Raises `NotAllowedError`."""
        if not self.may(action, subject):
            raise NotAllowedError(action)
