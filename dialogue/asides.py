"""A look at figures of a large company takes a second: it is worked out beside the turn, in which nobody else could be served.

The card says so at once, with a button that asks again: should the process end meanwhile, nothing is lost but the look.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from dialogue.forms import Desk
from dialogue.telling import redraw
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Incoming, Reply, Screen
from models.customers import Customer
from models.messages import Card
from models.people import Staff
from rules.house import House
from words import say

LARGE: Final = 2000
"""Customers; with fewer, everything is worked out at once."""
PUT_OFF: Final = "put off"


@dataclass(frozen=True)
class Aside:
    """What somebody wants to see, and the card on which they wait for it."""

    staff: int
    incoming: Incoming
    unique_key: str
    deed: str
    args: Mapping[str, Any]
    at: datetime

    @property
    def subject(self) -> str:
        return f"aside:{self.unique_key}"


def is_large(session: Session) -> bool:
    return session.exec(select(Customer.id).order_by(col(Customer.id)).offset(LARGE).limit(1)).first() is not None


def put_off(turn: Turn, deed: str, args: Mapping[str, Any]) -> Reply:
    """Whoever runs the transaction finds it in the session, once that is committed."""
    aside = Aside(turn.me, turn.incoming, turn.unique_key, deed, args, turn.now)
    turn.session.info.setdefault(PUT_OFF, []).append(aside)
    again = Button(say("button.refresh"), deed, args)
    return Reply(Screen(say("aside.waiting"), ((again,),), subject=aside.subject))


def looked(session: Session, house: House, desk: Desk, aside: Aside) -> Screen | None:
    """What there is to see, as the gate has it now. Nothing is written."""
    staff = session.get_one(Staff, aside.staff)
    turn = Turn(session, aside.at, house, staff, aside.incoming, desk, aside.unique_key)
    deed = desk.deeds[aside.deed]
    try:
        turn.need_any(deed.needs)
        return deed.run(turn, **aside.args).screen
    except NotAllowedError:
        return Screen(say("not_here"))


def shown(session: Session, aside: Aside, screen: Screen, now: datetime) -> None:
    """On the card that waits for it, unless something else was done on it meanwhile."""
    card = session.exec(select(Card).where(Card.subject == aside.subject)).first()
    if card is not None:
        redraw(session, card, screen, f"{aside.unique_key}:aside:{card.version}", now)
