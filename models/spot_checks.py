"""抽查 (R17.11): of the on-site entries of a period a share is drawn at random, and the customers are asked by phone.

The draw is made by itself when the period is over. Its seed and what it drew from stay on record, so that anybody can draw again
and find the same.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from math import ceil
from random import Random
from typing import Final

from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, rounds
from models.absences import stood_in
from models.asked import asked_once
from models.climbing import SPOT_CHECK
from models.clocks import Clock
from models.customers import Customer
from models.kinds import Json, json_field
from models.people import Staff, key
from models.records import TALKS, Entry, participants, standing
from rules.cadence import Cycle
from rules.entries import SpotCheck
from rules.house import House

RESULTS: Final = ("confirmed", "unconfirmed", "unreached")
UNCONFIRMED: Final = "unconfirmed"
SEED_BITS: Final = 31


class SpotDraw(SQLModel, table=True):
    """What was drawn of a period (2026-Q4): from `population` entries in the order of their ids `entries`, by this seed."""

    __tablename__ = "spot_draw"

    id: int | None = Field(default=None, primary_key=True)
    period: str = Field(unique=True)
    seed: int
    percent: int
    population: int
    entries: Json = json_field()
    at: datetime


class SpotResult(SQLModel, table=True):
    """What the customer said of one of them; the newest counts, for who was not reached is called again."""

    __tablename__ = "spot_result"

    id: int | None = Field(default=None, primary_key=True)
    draw_id: int = Field(foreign_key="spot_draw.id", index=True)
    entry_id: int = Field(foreign_key="entry.id", index=True)
    result: str
    note: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime


def on_site(session: Session, house: House, over: Cycle) -> list[int]:
    """The on-site entries of a period that stand, in the order of their ids."""
    since, until = (house.calendar.at(each, time()) for each in (over.first, over.last + timedelta(days=1)))
    query = select(Entry.id).where(col(Entry.kind).in_(TALKS), Entry.channel == "visit", standing())
    query = query.where(Entry.at >= since, Entry.at < until)
    return [each for each in session.exec(query.order_by(col(Entry.id))) if each is not None]


def sample(entries: list[int], percent: int, seed: int) -> list[int]:
    """So many per cent of them, rounded up."""
    return sorted(Random(seed).sample(entries, ceil(len(entries) * percent / 100)))  # noqa: S311


def drawn(session: Session, period: str) -> SpotDraw | None:
    return session.exec(select(SpotDraw).where(SpotDraw.period == period)).first()


def newest(session: Session, before: int | None = None) -> SpotDraw | None:
    """The last draw, or the last one before that."""
    query = select(SpotDraw).order_by(col(SpotDraw.id).desc())
    return session.exec(query.where(SpotDraw.id < before) if before else query).first()  # type: ignore[operator]


def draw(session: Session, house: House, rule: SpotCheck, over: Cycle, now: datetime) -> SpotDraw:
    """Once for each period."""
    found, seed = on_site(session, house, over), secrets.randbits(SEED_BITS)
    row = SpotDraw(
        period=over.name,
        seed=seed,
        percent=rule.percent,
        population=len(found),
        entries={"drawn": sample(found, rule.percent, seed), "from": found},
        at=now,
    )
    session.add(row)
    session.flush()
    body = {"period": over.name, "seed": seed, "population": len(found), "drawn": row.entries["drawn"]}
    audit.record(session, now, None, "spot.draw", f"spot_draw:{row.id}", **body)
    return row


def due(session: Session, house: House, clock: Clock, now: datetime) -> bool:
    """The draw that the clock asks for is made when its time has come. Where nothing was entered on site there is nothing to check,
    and the next period is owed."""
    rule = house.rulebook.spot_check
    if rule is None:
        return True
    made = drawn(session, clock.cycle) or draw(session, house, rule, rounds.named(rule.every, clock.cycle), now)
    if made.entries["drawn"]:
        return True
    rounds.done(session, house, clock, rule, now)
    return False


def results(session: Session, made: SpotDraw) -> dict[int, SpotResult]:
    """The newest of each entry."""
    query = select(SpotResult).where(SpotResult.draw_id == key(made)).order_by(col(SpotResult.id))
    return {each.entry_id: each for each in session.exec(query)}


def open_of(session: Session, made: SpotDraw) -> list[int]:
    """Those that nobody has asked about yet."""
    known = results(session, made)
    return [each for each in made.entries["drawn"] if each not in known]


def is_own(session: Session, entry: Entry, staff: Staff) -> bool:
    """Whether somebody wrote it, took part, stood in or was stood in for: then somebody else checks."""
    instead = [each for row in stood_in(session, key(entry)) for each in (row.by_id, row.for_id)]
    return key(staff) in (entry.by_id, *participants(session, key(entry)), *instead)


def record(
    session: Session,
    house: House,
    made: SpotDraw,
    entry: Entry,
    by: Staff,
    said: tuple[str, str],
    now: datetime,
) -> SpotResult:
    """What was said (result and note), on record; with the last one the period is done."""
    result, note = said
    row = SpotResult(draw_id=key(made), entry_id=key(entry), result=result, note=note, by_id=key(by), at=now)
    session.add(row)
    session.flush()
    audit.record(
        session, now, key(by), "spot.record", f"entry:{entry.id}", period=made.period, result=result, text=note
    )
    if not open_of(session, made):
        rule = house.rulebook.spot_check
        if rule is not None:
            here = rounds.department(session, rule.who, now)
            rounds.done(session, house, rounds.owed(session, SPOT_CHECK, here, made.period), rule, now)
    return row


@asked_once(SpotResult)
def unconfirmed(session: Session) -> set[int]:
    """The entries that customers did not confirm."""
    newest_first = select(SpotResult).order_by(col(SpotResult.id))
    last = {(each.draw_id, each.entry_id): each.result for each in session.exec(newest_first)}
    return {entry for (_, entry), result in last.items() if result == UNCONFIRMED}


def is_unconfirmed(session: Session, entry: Entry) -> bool:
    """Also what was put in the place of such an entry: a correction is no way out."""
    found = unconfirmed(session)
    while found and key(entry) not in found and entry.withdraws is not None:
        entry = session.get_one(Entry, entry.withdraws)
    return key(entry) in found


def with_customers(session: Session, entries: Iterable[int]) -> list[tuple[Entry, Customer]]:
    query = select(Entry, Customer).join(Customer, col(Customer.id) == col(Entry.customer_id))
    return list(session.exec(query.where(col(Entry.id).in_(list(entries))).order_by(col(Entry.id))).all())


def sync(session: Session, house: House, now: datetime) -> None:
    """The sales department owes the checks of each period, the one that runs now first."""
    rule = house.rulebook.spot_check
    rounds.sync(session, house, SPOT_CHECK, rule, rounds.by_department(session, rule.who, now) if rule else (), now)
