"""Cards that follow what they are about: each person has one card of a subject, drawn anew when that changes."""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import col, select

from dialogue.telling import redraw, same
from dialogue.values import Screen
from dialogue.viewer import Viewer
from models.messages import Card
from models.people import Staff
from words import Say, unpack

Face = Callable[[Viewer, int], Screen | None]
FACES: dict[str, Face] = {}


def face(kind: str) -> Callable[[Face], Face]:
    """Declare how a kind of subject looks to somebody, by its id."""

    def declare(draw: Face) -> Face:
        FACES[kind] = draw
        return draw

    return declare


def refresh(view: Viewer, subject: str, unique_key: str, *, again: bool = False) -> None:
    """Draw the cards of the subject anew, where they would look different now; all of them, with `again`, because the time that is
    left has changed. Nobody's phone rings for it."""
    kind, _, number = subject.partition(":")
    for card in view.session.exec(select(Card).where(Card.subject == subject).order_by(col(Card.id))).all():
        looks = FACES[kind](view.eyes_of(view.session.get_one(Staff, card.staff_id)), int(number))
        screen = looks or _without_buttons(card)
        if screen is not None and (again or not same(card, screen)):
            redraw(view.session, card, screen, f"{unique_key}:live:{card.id}:{card.version}", view.now)


def _without_buttons(card: Card) -> Screen | None:
    text = unpack(card.text)
    return Screen(text) if isinstance(text, Say) else None
