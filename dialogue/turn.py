"""One turn of a conversation: who speaks, when, and everything that a handler may ask for, inside one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dialogue.forms import Desk, Form
from dialogue.values import Incoming
from dialogue.viewer import Viewer
from models.messages import Card
from models.people import Staff
from rules.gate import Action, Subject
from words import Voice


class NotAllowedError(Exception):
    """The gate said no. The words are the same as for what does not exist."""


@dataclass
class Turn(Viewer):
    incoming: Incoming
    desk: Desk
    unique_key: str
    """Names this turn; what it tells is keyed by it, so that it is told once."""
    card: Card | None = None
    voice: Voice = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.voice = Voice(self.staff.language, self.house.calendar.tz, self.now)

    def seen_by(self, other: Staff) -> Turn:
        """The same moment for somebody else: what they may see and press."""
        return Turn(self.session, self.now, self.house, other, self.incoming, self.desk, self.unique_key)

    @property
    def forms(self) -> Mapping[str, Form]:
        return self.desk.forms

    def need_any(self, action: Action) -> None:
        """Raises `NotAllowedError` where they may do it to nothing at all."""
        if not self.reaches(action):
            raise NotAllowedError(action)

    def need(self, action: Action, subject: Subject | None = None) -> None:
        """The gate, asked at every step. Raises `NotAllowedError`."""
        if not self.may(action, subject):
            raise NotAllowedError(action)
