"""A leave that begins, or is over: who stands in, and later the one who comes back, is told."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from dialogue.leaves import tell_beginning, tell_return
from models import leave
from models.absences import Absence
from models.clocks import Clock
from models.leave import BEGINS
from rules.house import House


def turn(session: Session, house: House, clock: Clock, now: datetime) -> None:
    """Slept through from its beginning to its end, only the end is told."""
    absence = session.get_one(Absence, clock.subject_id)
    if clock.cycle == BEGINS and absence.ends > now:
        tell_beginning(session, house, absence, now)
        leave.begun(session, house, absence)
        return
    tell_return(session, house, absence, now)
    leave.over(session, absence, now)
