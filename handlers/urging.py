"""催办: one message a day to a person about one thing, whoever presses; what is urged at night arrives in the morning."""

from __future__ import annotations

from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Screen
from models import audit
from models.messages import was_told
from models.people import Staff
from words import Say, say


def urged(turn: Turn, who: Staff, about: str) -> bool:
    """Whether anybody urged this person about it today."""
    return was_told(turn.session, _key(turn, who, about))


def urge(turn: Turn, who: Staff, about: str, screen: Screen, **counts: int) -> Say:
    """Remind somebody of what is overdue. Returns what the one who pressed reads; `counts` go on record."""
    if urged(turn, who, about):
        return say("urge.already", name=who.name)
    awake = turn.house.quiet.wake(turn.local_now)
    sent = tell(turn.session, who, screen, MessageClass.REMINDER, _key(turn, who, about), turn.now, not_before=awake)
    if sent is None:
        return say("urge.not_enrolled", name=who.name)
    audit.record(turn.session, turn.now, turn.me, "staff.urge", f"staff:{who.id}", about=about, **counts)
    turn.session.flush()
    return say("urge.done", name=who.name)


def _key(turn: Turn, who: Staff, about: str) -> str:
    return f"urge:{about}:{who.id}:{turn.today:%Y%m%d}"
