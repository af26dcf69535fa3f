"""What is put before somebody for their decision: the message with 同意, 退回, 转办, and what follows from the decision."""

from __future__ import annotations

from collections.abc import Callable

from dialogue.approvals import asked_screen
from dialogue.live import refresh
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from models import steps
from models.people import key
from models.steps import Step

Follow = Callable[[Turn, Step, bool], None]
FOLLOWS: dict[str, Follow] = {}
"""By the kind of step: what the flow that asked does once it is approved (True) or returned."""


def follows(kind: str) -> Callable[[Follow], Follow]:
    def declare(run: Follow) -> Follow:
        FOLLOWS[kind] = run
        return run

    return declare


def put_before(turn: Turn, step: Step) -> list[str]:
    """Those who decide hear of it at once. Returns the names of those who could be told."""
    refresh(turn, step.subject, turn.unique_key)
    told = []
    for each in steps.deciders(turn.session, step, turn.now):
        screen = asked_screen(turn.seen_by(each), step)
        unique_key = f"{turn.unique_key}:step:{step.id}:{each.id}"
        if key(each) != turn.me and tell(turn.session, each, screen, MessageClass.RECEIPT, unique_key, turn.now):
            told.append(each.name)
    return told
