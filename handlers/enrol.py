"""Enrolment: a one-time code makes a stranger the member of staff that it was made for; whoever invited them hears of it."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from dialogue.telling import MessageClass, tell
from dialogue.values import Incoming, Screen
from models import audit, invitations
from models.invitations import Invitation, Refusal
from models.people import Staff
from rules.house import House
from words import Say, say


def enrol(session: Session, _: House, incoming: Incoming, now: datetime) -> Say | None:
    """Nothing, where they are a colleague from now on; otherwise why not."""
    code = incoming.text.removeprefix("/start ").strip()
    found = invitations.redeem(session, code, incoming.speaker, now)
    if isinstance(found, Refusal):
        return say(f"enrol.{found}")
    about = f"staff:{found.staff_id}"
    audit.record(session, now, found.staff_id, "staff.enrol", about, telegram_id=incoming.speaker)
    _tell_the_inviter(session, found, now)
    return None


def _tell_the_inviter(session: Session, used: Invitation, now: datetime) -> None:
    inviter = session.get(Staff, used.by_id) if used.by_id else None
    if inviter is not None and inviter.active:
        who = session.get_one(Staff, used.staff_id)
        text = Screen(say("enrol.done", name=who.name, number=who.number, at=now))
        tell(session, inviter, text, MessageClass.RECEIPT, f"enrolled:{used.code_hash}", now)
