"""The sample company: imported as any company is, then a month of its life, lived through the product's own forms and verbs."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Final

from sqlmodel import Session, col, select, update

from bot.imports import Import, Kind, run_import
from bot.tables import read_table
from models import duties
from models.clocks import Clock
from models.messages import Outbox
from models.store import Store
from rules.calendar import Calendar
from rules.house import House
from scheduler.tick import tick
from simulator import dossiers
from simulator.past import Past

COMPANY: Final = Path(__file__).with_name("company")
OPENS: Final = time(10, 5)
HISTORY: Final = 22
"""Working days between going live and the opening: about a month."""
COMPLAINT_AGE: Final = timedelta(hours=19)
"""How long ago the complaint came in that is about to be overdue; until then the past is written, from then on it is played."""


def opening(today: date, calendar: Calendar) -> datetime:
    """The moment at which the demo opens: 10:05 today, or on the next working day."""
    return calendar.at(calendar.workday_on_or_after(today), OPENS)


def went_live(opens: datetime, calendar: Calendar) -> datetime:
    """The morning, about a month before, on which the company began to use the product."""
    return calendar.at(calendar.add_workdays(opens.date(), -HISTORY), time(9))


def move_in(store: Store, house: House, at: datetime) -> None:
    """Import staff and customers from their files, as a company does."""
    kinds: tuple[Kind, ...] = ("staff", "customers")
    for kind in kinds:
        path = COMPANY / f"{kind}.csv"
        outcome = run_import(store, house, Import(kind, read_table(path), path.name, at), lambda _done, _total: None)
        if not outcome.written:
            raise ValueError("\n".join(map(str, outcome.review.problems)))
    store.run_here(dossiers.fill, house, at)


def live(session: Session, house: House, opens: datetime) -> None:
    """Everything from going live up to the last complaint. Nobody is told of it now: that was then."""
    until = opens - COMPLAINT_AGE
    story = tomllib.loads((COMPANY / "story.toml").read_text(encoding="utf-8"))
    past = Past(session, house, story, went_live(opens, house.calendar).date(), opens)
    for at, do in sorted(past.deeds(), key=lambda each: each[0]):
        if at < until:
            do()
    _catch_up(session, house, until)
    session.exec(update(Outbox).where(col(Outbox.state) == "waiting").values(state="superseded"))


def _catch_up(session: Session, house: House, now: datetime) -> None:
    """Derive the duties from what was done, and let the clock say what it had to say by then."""
    rules = [duty.id for duty in house.rulebook.duties]
    for clock in session.exec(select(Clock).where(col(Clock.rule).in_(rules), col(Clock.closed_at).is_(None))).all():
        duties.derive(session, house, clock, now)
    session.flush()
    while tick(session, house, now):
        pass
