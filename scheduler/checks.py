"""What must hold in a company at work, asked of the database in plain SQL: none of the code that does the work is asked here.

A finding that is `late` may be something just on its way; it counts when a second look still finds it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Connection, bindparam, text
from sqlmodel.sql.sqltypes import UTCDateTime

from rules.calendar import ONE_DAY
from rules.fields import Point
from rules.house import House
from rules.ladder import Ladder, Step
from rules.rulebook import Rulebook, load
from scheduler.verifying import when
from words import Say, say

HANDLED_WITHIN: Final = timedelta(seconds=60)
SAID_WITHIN: Final = timedelta(seconds=90)
"""Everything owed is said within this of its time."""
DELIVERED_WITHIN: Final = timedelta(minutes=15)
LOOKS_BACK: Final = timedelta(days=2)
LIMIT, PROGRESS, ANOMALY, CALLBACK = "R16.1", "R16.2", "R14.8", "R17.1"
ALOUD: Final = (
    *(LIMIT, PROGRESS, ANOMALY, "R12.2", "R12.2b", "R12.3", "R16.3b", "R16.5", "R16.6", "R22.1", "R26.3"),
    *("R17.7", "R17.10", "R17.11", "R7.6", "R7.6b"),
)
"""Rules whose steps are messages of their own; those of the others stand in the morning digests."""


@dataclass(frozen=True)
class Finding:
    key: str
    text: Say
    late: bool = False


@dataclass(frozen=True)
class Look:
    """The database at one moment, to be asked."""

    connection: Connection
    house: House
    now: datetime

    def ask(self, sql: str, **values: Any) -> list[Any]:
        """Moments among the values are bound as they are stored."""
        moments = [bindparam(name, type_=UTCDateTime()) for name, each in values.items() if isinstance(each, datetime)]
        return list(self.connection.execute(text(sql).bindparams(*moments), values))


Check = Callable[[Look], Iterator[Finding]]


def updates_are_handled(look: Look) -> Iterator[Finding]:
    """Every stored update was handled or set aside, or is about to be."""
    sql = "SELECT count(*) AS many, min(id) AS first FROM inbox WHERE state = 'waiting' AND received_at < :before"
    (found,) = look.ask(sql, before=look.now - HANDLED_WITHIN)
    if found.many:
        yield Finding("inbox", say("fault.inbox", count=found.many, first=found.first), late=True)
    known = "('waiting', 'handled', 'set_aside')"
    for row in look.ask(f"SELECT id, state FROM inbox WHERE state NOT IN {known} ORDER BY id"):  # noqa: S608
        yield Finding(f"inbox:{row.id}", say("fault.inbox_state", number=row.id, state=row.state))


def the_tick_keeps_up(look: Look) -> Iterator[Finding]:
    """No clock waits for its time that has come."""
    sql = "SELECT count(*) AS many, min(next_at) AS first FROM clock WHERE next_at < :before"
    (found,) = look.ask(sql, before=look.now - SAID_WITHIN)
    if found.many:
        yield Finding("tick", say("fault.tick", count=found.many, since=when(found.first)), late=True)


# Each open case past a step of its ladder has its event

OPEN: Final = (
    "SELECT c.id, c.rule, c.subject_kind, c.subject_id, c.cycle, c.anchor, c.due_at, c.rulebook_version, m.number,"
    " (SELECT max(e.step) FROM event e WHERE e.clock_id = c.id AND e.cycle = c.cycle) AS said"
    " FROM clock c LEFT JOIN matter m ON c.subject_kind = 'complaint' AND m.id = c.subject_id"
    " WHERE c.closed_at IS NULL AND c.rule <> 'digest' AND (c.due_at <= :soon OR c.subject_kind = 'complaint')"
    " AND (c.paused_until IS NULL OR c.paused_until <= :now)"
    " ORDER BY c.id"
)
AHEAD: Final = timedelta(days=62)
"""Steps before the due time (half the span of a promise or a callback) lie within this."""


def steps_are_on_record(look: Look) -> Iterator[Finding]:
    for clock in look.ask(OPEN, soon=look.now + AHEAD, now=look.now):
        ladder = _ladder(look, clock)
        for number, step in enumerate(ladder.steps if ladder else ()):
            if number <= (-1 if clock.said is None else clock.said):
                continue
            at = _latest(look, step, when(clock.anchor), when(clock.due_at))
            if at is not None and at < look.now - SAID_WITHIN:
                about = clock.number or f"{clock.subject_kind} {clock.subject_id}"
                yield Finding(
                    f"step:{clock.id}:{clock.cycle}:{number}",
                    say("fault.step", about=about, rule=clock.rule, step=number + 1, at=at),
                    late=True,
                )


def _ladder(look: Look, clock: Any) -> Ladder | None:
    """By the version of the rulebook that the clock goes by; None for a rule that the company no longer has."""
    book = look.house.rulebook
    if clock.subject_kind == "complaint" and clock.rulebook_version != look.house.rulebook_version:
        found = look.ask("SELECT text FROM rulebook WHERE version = :version", version=clock.rulebook_version)
        book = _loaded(found[0].text) if found else book
    ladders: dict[str, str | None] = {row.id: getattr(row, "ladder", None) for row in book.entries}
    return book.ladders.get(ladders.get(clock.rule) or "")


@lru_cache(maxsize=16)
def _loaded(rulebook: str) -> Rulebook:
    return load(rulebook)


def _latest(look: Look, step: Step, anchor: datetime | None, due: datetime | None) -> datetime | None:
    """When the step must have been said; None while the quiet hours may hold it back."""
    if anchor is None or due is None:
        return None
    calendar, quiet = look.house.calendar, look.house.quiet
    match step.at.point:
        case Point.FRACTION:
            at = anchor + (due - anchor) * step.at.amount
        case Point.HOURS:
            at = due + timedelta(hours=step.at.amount)
        case Point.WORKDAYS:
            day, left = calendar.local(due).date(), int(step.at.amount)
            while left:
                day += ONE_DAY
                left -= calendar.is_workday(day)
            at = calendar.at(day, look.house.digest)
    if step.night:
        return at
    now = calendar.local(look.now)
    woken = now - timedelta(minutes=3)
    return None if quiet.holds(now) or quiet.holds(woken) else quiet.wake(calendar.local(at))


# None after closing

CLOSED_WHEN: Final = (
    "CASE WHEN c.stopped_by = 'arrived' THEN"
    " (SELECT max(t.written_at) FROM entry t WHERE t.matter_id = c.subject_id AND t.kind = 'arrival')"
    " WHEN c.stopped_by = 'answered' THEN (SELECT max(t.written_at) FROM entry t"
    " WHERE t.matter_id = c.subject_id AND t.kind IN ('progress', 'amendment'))"
    " WHEN c.stopped_by LIKE 'entry %' THEN"
    " (SELECT t.written_at FROM entry t WHERE t.id = CAST(substr(c.stopped_by, 7) AS INTEGER)) END"
)
"""Work that is entered later stops its clock at the time at which it was done; until it is entered, the clock speaks."""


def nothing_is_said_after_closing(look: Look) -> Iterator[Finding]:
    told = (
        f"SELECT e.id, c.rule, c.subject_kind, c.subject_id, e.at, c.closed_at, {CLOSED_WHEN} AS entered"  # noqa: S608
        " FROM event e JOIN clock c ON c.id = e.clock_id AND c.cycle = e.cycle"
        " WHERE c.closed_at IS NOT NULL AND e.at > c.closed_at AND e.at > :since ORDER BY e.id"
    )
    for row in look.ask(told, since=look.now - LOOKS_BACK):
        entered, at = when(row.entered), when(row.at)
        if at is not None and (entered is None or at > entered):
            about = f"{row.subject_kind} {row.subject_id}"
            yield Finding(f"closed:{row.id}", say("fault.closed", about=about, rule=row.rule, event=row.id, at=at))
    running = (
        "SELECT c.id, c.rule, m.number FROM clock c JOIN matter m ON m.id = c.subject_id"
        " WHERE c.subject_kind = 'complaint' AND c.closed_at IS NULL AND m.closed_at IS NOT NULL"
        " AND c.anchor < m.closed_at ORDER BY c.id"
    )
    for row in look.ask(running):
        yield Finding(f"running:{row.id}", say("fault.running", number=row.number, rule=row.rule))


# Each event reached somebody, or is on its way

GONE: Final = ("sent", "superseded")
Messages = dict[str, list[Any]]


def events_reach_somebody(look: Look) -> Iterator[Finding]:
    since = look.now - LOOKS_BACK
    sql = (
        "SELECT unique_key, staff_id, state, created_at, next_try_at FROM outbox"
        " WHERE unique_key LIKE 'event:%' AND created_at > :since ORDER BY id"
    )
    by_key: Messages = defaultdict(list)
    by_person: Messages = defaultdict(list)
    for row in look.ask(sql, since=since):
        by_key[row.unique_key.partition(">")[0]].append(row)
        by_person[f"{row.staff_id} {row.created_at}"].append(row)
    stuck = 0
    for event in _aloud(look, since):
        rows = by_key.get(f"event:{event.id}") or by_person.get(f"{event.staff_id} {event.at}", [])
        states = {_fate(row, look.now) for row in rows}
        if states & {"there", "on its way"} or event.acked_at is not None:
            continue
        if "stuck" in states:
            stuck += 1
            continue
        about = event.number or f"{event.subject_kind} {event.subject_id}"
        yield Finding(f"event:{event.id}", say("fault.event", about=about, rule=event.rule, event=event.id), late=True)
    if stuck:
        yield Finding("outbox", say("fault.outbox", count=stuck), late=True)


def _aloud(look: Look, since: datetime) -> Iterator[Any]:
    """Of what a clock said at one moment, only the highest step is said aloud."""
    sql = (
        "SELECT e.id, e.clock_id, e.step, e.nth, e.staff_id, e.at, e.acked_at, c.rule, c.subject_kind, c.subject_id,"
        " m.number FROM event e JOIN clock c ON c.id = e.clock_id"
        " LEFT JOIN matter m ON c.subject_kind = 'complaint' AND m.id = c.subject_id"
        " WHERE e.at > :since AND e.at < :before ORDER BY e.id"
    )
    spoken = [row for row in look.ask(sql, since=since, before=look.now - SAID_WITHIN) if row.rule in ALOUD]
    highest: dict[tuple[int, Any], tuple[int, int]] = {}
    for row in spoken:
        place = (row.clock_id, row.at)
        highest[place] = max(highest.get(place, (0, 0)), (row.step, row.nth))
    return (row for row in spoken if highest[row.clock_id, row.at] == (row.step, row.nth))


def _fate(row: Any, now: datetime) -> str:
    """What became of a message."""
    if row.state in GONE:
        return "there"
    if row.state not in ("waiting", "sending"):
        return "lost"
    since = when(row.next_try_at) or when(row.created_at)
    return "on its way" if since is not None and since > now - DELIVERED_WITHIN else "stuck"


CHECKS: Final[tuple[Check, ...]] = (
    updates_are_handled,
    the_tick_keeps_up,
    steps_are_on_record,
    nothing_is_said_after_closing,
    events_reach_somebody,
)
