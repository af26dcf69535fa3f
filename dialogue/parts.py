"""What an entry is put together from: words, attachments, and which answers were given one by one."""

from __future__ import annotations

from typing import Any

from dialogue.forms import BY_HAND, Answers
from dialogue.turn import Turn

ATTACHMENTS = "attachments"
MOST_ATTACHMENTS = 10
PASSED_ON = "passed_on"


def sent_last(turn: Turn) -> str | None:
    """What further parts are known by: the album, or that words were passed on."""
    return turn.incoming.album or (PASSED_ON if turn.incoming.forwarded else None)


def attach(answers: Answers, more: list[dict[str, Any]]) -> bool:
    """Add attachments; False where not all of them found room."""
    kept = [*answers.get(ATTACHMENTS, []), *more]
    if kept:
        answers[ATTACHMENTS] = kept[:MOST_ATTACHMENTS]
    return len(kept) <= MOST_ATTACHMENTS


def joined(*words: str | None) -> str:
    return "；".join(filter(None, words))


def by_hand(answers: Answers, *names: str) -> Answers:
    """The answers, with a note that these were given one by one: reading the line again leaves them as they are."""
    return {**answers, BY_HAND: sorted({*answers.get(BY_HAND, []), *names})}
