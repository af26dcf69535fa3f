"""Somebody looks at something, now: what they may see and do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlmodel import Session

from models.people import Staff, actor, key
from rules import gate
from rules.gate import Action, Actor, Subject
from rules.house import House


@dataclass
class Viewer:
    session: Session
    now: datetime
    house: House
    staff: Staff
    actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.actor = actor(self.session, self.staff, self.now)

    def eyes_of(self, other: Staff) -> Viewer:
        """The same moment for somebody else."""
        return Viewer(self.session, self.now, self.house, other)

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
