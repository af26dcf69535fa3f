"""A clock on its ladder: what it owes now, and when it owes something next. Every kind of clock goes this way."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from models import rulebooks
from models.clocks import Clock, events
from models.records import Complaint, Entry
from rules.house import House
from rules.ladder import Ladder, Owing, Said, next_time, owed_now, step_time
from rules.rulebook import Rulebook

LIMIT, HANDLING, APPROVAL = "R16.1", "R16.5", "R16.6"
PROGRESS, CALLBACK, PROMISE, ANOMALY = "R16.2", "R17.1", "R26.2", "R14.8"
HANDOVER, UNANSWERED = "R26.3", "R26.4"
MEETING = "R16.3b"
SURVEY, SURVEY_PLAN, SURVEY_APPROVAL = "R15.5", "R15.5b", "R15.5c"
CASES = frozenset({LIMIT, PROGRESS, HANDLING, MEETING})
"""The clocks of open complaints, which speak for themselves."""
REGISTER = "R22.1"
PLAN, ASSESSMENT, SPOT_CHECK = "R17.7", "R17.10", "R17.11"
SCORING, APPEAL = "R7.6", "R7.6b"
REVIEWS = frozenset({PLAN, ASSESSMENT, SPOT_CHECK, SCORING, APPEAL})
"""The clocks by which callbacks are planned and units are looked at."""
FILING, TRANSFER = "R9.2", "R9.2b"
OPINION, RESOLUTION, PREFERENCE = "R12.2", "R12.2b", "R12.3"
DECISIONS = frozenset({APPROVAL, OPINION, RESOLUTION, SURVEY_APPROVAL})
"""The clocks of what somebody is asked to decide, or to say what they think of."""
SURVEYS = frozenset({SURVEY, SURVEY_PLAN})
ALOUD = CASES | DECISIONS | REVIEWS | SURVEYS | {ANOMALY, HANDOVER, REGISTER, PREFERENCE}
"""Rules whose steps are messages of their own; those of the others stand in the morning digests."""


def ladder_of(rulebook: Rulebook, rule: str) -> Ladder:
    """The ladder of any row of the rulebook; KeyError when the company has no such row any more."""
    return rulebook.ladder(getattr(rulebook.entry(rule), "ladder"))  # noqa: B009


def in_force(session: Session, house: House, clock: Clock) -> Rulebook:
    """The rulebook that a clock goes by: a complaint keeps the version under which it began."""
    if clock.subject_kind != "complaint" or clock.rulebook_version == house.rulebook_version:
        return house.rulebook
    text = rulebooks.text_of(session, clock.rulebook_version)
    return rulebooks.loaded(text) if text else house.rulebook


def owing(session: Session, house: House, clock: Clock, now: datetime) -> list[Owing]:
    """The steps that were reached and not yet said; none of a clock that is paused."""
    if clock.paused_until is not None and clock.paused_until > now:
        return []
    return owed_now(
        *_standing(session, house, clock),
        now,
        **_circumstances(session, house, clock),
    )


def wind(session: Session, house: House, clock: Clock, now: datetime) -> None:
    """Set when the clock owes something next; after any change of it, of what was said, or of the record behind it."""
    if clock.closed_at is not None:
        clock.next_at = None
        return
    if clock.paused_until is not None and clock.paused_until > now:
        clock.next_at = clock.paused_until
        return
    clock.next_at = next_time(*_standing(session, house, clock), now, **_circumstances(session, house, clock))


def step_times(session: Session, house: House, clock: Clock) -> list[datetime]:
    """When each step of its ladder comes, quiet hours aside."""
    steps = ladder_of(in_force(session, house, clock), clock.rule).steps
    return [step_time(each, clock.anchor, clock.due_at, house.calendar, house.digest) for each in steps]


def _standing(session: Session, house: House, clock: Clock) -> tuple[Ladder, datetime, datetime, list[Said]]:
    ladder = ladder_of(in_force(session, house, clock), clock.rule)
    return ladder, clock.anchor, clock.due_at, _said(session, clock)


def _circumstances(session: Session, house: House, clock: Clock) -> Any:
    return {
        "calendar": house.calendar,
        "quiet": house.quiet,
        "urgent": _is_major(session, clock),
        "last_note": _last_note(session, clock),
        "morning": house.digest,
    }


def _said(session: Session, clock: Clock) -> list[Said]:
    """What was told of this cycle. A step counts once for each time it was said, however many people heard it; one
    person's acknowledgement is everybody's."""
    if clock.id is None:
        return []
    found: dict[tuple[int, int], Said] = {}
    for event in events(session, clock):
        before = found.get((event.step, event.nth))
        acked = event.acked_at or (before.acked_at if before else None)
        found[event.step, event.nth] = Said(event.step, event.nth, event.at, acked)
    return list(found.values())


def _is_major(session: Session, clock: Clock) -> bool:
    complaint = session.get(Complaint, clock.subject_id) if clock.subject_kind == "complaint" else None
    return complaint is not None and complaint.major


def _last_note(session: Session, clock: Clock) -> datetime | None:
    if clock.subject_kind != "complaint":
        return None
    newest = select(func.max(col(Entry.written_at))).where(Entry.matter_id == clock.subject_id)
    found: datetime | None = session.exec(newest).one()
    return found
