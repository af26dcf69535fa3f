"""Enrolment: a one-time code makes a stranger the member of staff that it was made for."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from dialogue.values import Incoming
from models import audit, invitations
from models.people import key
from rules.house import House


def enrol(session: Session, _: House, incoming: Incoming, now: datetime) -> bool:
    staff = invitations.redeem(session, incoming.text.removeprefix("/start ").strip(), incoming.speaker, now)
    if staff is None:
        return False
    audit.record(session, now, key(staff), "staff.enrol", f"staff:{staff.id}", telegram_id=incoming.speaker)
    return True
