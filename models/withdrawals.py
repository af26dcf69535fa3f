"""Taking back and correcting one's own contacts and callbacks: always a new row, with every clock derived again.

A complaint is never taken back (article 26（一）); what is entered about one neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import audit, duties
from models.climbing import CALLBACK, PROMISE, wind
from models.clocks import Clock, close, running
from models.messages import Outbox
from models.people import Staff, key, split_post
from models.promises import settled_by
from models.proxies import Proxy
from models.records import TALKS, WITHDRAWAL, Entry, Matter, first_entered, heard, participants, standing
from rules.house import House

IMPORTED = "import"


def own(session: Session, staff_id: int, most: int) -> list[Entry]:
    """What this person entered and is not taken back, the newest first."""
    query = select(Entry).where(Entry.by_id == staff_id, standing())
    newest = session.exec(query.order_by(col(Entry.written_at).desc(), col(Entry.id).desc()).limit(most))
    return [each for each in newest if each.answers.get("source") != IMPORTED]


def is_standing(session: Session, entry: Entry) -> bool:
    return session.exec(select(Entry.id).where(Entry.id == key(entry), standing())).first() is not None


def can_be_undone(house: House, entry: Entry, now: datetime) -> bool:
    """For some minutes after it was entered. A correction isn't undone, it is corrected again: what stood before it was wrong."""
    minutes = house.rulebook.correction.undo_minutes
    return entry.kind in TALKS and not entry.is_correction and now - entry.written_at <= timedelta(minutes=minutes)


def correctable_until(session: Session, house: House, entry: Entry) -> datetime:
    """The end of the working day on which the month of its entering is handed in."""
    calendar = house.calendar
    entered = calendar.local(first_entered(session, entry)).date()
    eve = entered.replace(day=1) + relativedelta(months=1) - timedelta(days=1)
    return calendar.at(calendar.add_workdays(eve, house.rulebook.correction.until_workday), time(23, 59))


def can_be_corrected(session: Session, house: House, entry: Entry, now: datetime) -> bool:
    return entry.kind in TALKS and now <= correctable_until(session, house, entry)


def take_back(session: Session, house: House, entry: Entry, by: Staff, now: datetime) -> list[Clock]:
    """A row that takes the entry back. Returns the clocks that run again or were set back."""
    row = Entry(
        kind=WITHDRAWAL,
        customer_id=entry.customer_id,
        at=now,
        written_at=now,
        by_id=key(by),
        withdraws=key(entry),
    )
    session.add(row)
    heard(session, [entry.customer_id])
    audit.record(session, now, key(by), f"{entry.kind}.withdraw", f"customer:{entry.customer_id}", number=entry.number)
    reopened = reopen(session, entry, now)
    settle_again(session, house, reopened, now)
    back = duties.after_entry(session, house, entry, participants(session, key(entry)), now)
    return [*(clock for clock in reopened if clock.closed_at is None), *back]


def reopen(session: Session, entry: Entry, now: datetime) -> list[Clock]:
    """What followed from an entry no longer does: its promises are closed, and the clocks that it stopped run again."""
    close(running(session, "entry", key(entry)), now, "withdrawn")
    stopped = list(session.exec(select(Clock).where(Clock.stopped_by == settled_by(entry)).order_by(col(Clock.id))))
    again = [each for each in stopped if _still_owed(session, each)]
    for clock in again:
        clock.closed_at, clock.stopped_by = None, None
    session.flush()
    return again


def _still_owed(session: Session, clock: Clock) -> bool:
    """A promise only as long as the entry that made it stands."""
    return clock.subject_kind != "entry" or is_standing(session, session.get_one(Entry, clock.subject_id))


def settle_again(session: Session, house: House, clocks: Iterable[Clock], now: datetime) -> None:
    """Where another talk that stands settles the clock as well, that one does now; otherwise it runs."""
    for clock in clocks:
        if clock.closed_at is None:
            other = next(iter(_settling(session, clock)), None)
            if other is not None:
                close([clock], other.written_at, settled_by(other))
            wind(session, house, clock, now)


def _settling(session: Session, clock: Clock) -> list[Entry]:
    """The talks that stand and settle a promise or a callback, in the order in which they were entered."""
    if clock.rule == PROMISE:
        made, (_, who) = session.get_one(Entry, clock.subject_id), split_post(clock.post)
        confirmed = select(Proxy.entry_id).where(Proxy.staff_id == who, col(Proxy.confirmed).is_(True))
        by_them = (col(Entry.by_id) == who) | col(Entry.id).in_(confirmed)
        theirs = (col(Entry.customer_id) == made.customer_id) & by_them
        found = _talks(session, theirs & (col(Entry.id) != made.id))
        return [each for each in found if first_entered(session, each) > clock.anchor]
    if clock.rule == CALLBACK:
        matter = session.get_one(Matter, clock.subject_id)
        found = _talks(session, (col(Entry.customer_id) == matter.customer_id) & (col(Entry.kind) == "callback"))
        return [each for each in found if first_entered(session, each) >= clock.anchor]
    return []


def _talks(session: Session, which: ColumnElement[bool]) -> Sequence[Entry]:
    query = select(Entry).where(standing(), col(Entry.kind).in_(TALKS), which)
    return session.exec(query.order_by(col(Entry.written_at), col(Entry.id))).all()


def those_told(session: Session, entry: Entry) -> list[Staff]:
    """Who was told of this entry when it was made (an anomaly's receipts), or asked to confirm it (代录)."""
    told = select(Outbox.staff_id).where(col(Outbox.unique_key).startswith(f"anomaly:{entry.id}:"))
    asked = select(Proxy.staff_id).where(Proxy.entry_id == key(entry))
    which = col(Staff.id).in_(told) | col(Staff.id).in_(asked)
    return list(session.exec(select(Staff).where(which, Staff.active).order_by(col(Staff.id))))
