"""制度变更: one number of the rulebook, proposed with a reason, decided by enterprise management, in force from its day on.

The rulebook that is then in force is a new version, so that what was accepted before keeps the old one. A duty changes from one
period to the next: what was owed before that day is judged by the number that held then.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select, update

from models import audit, rulebooks
from models.asked import asked_once
from models.clocks import RULE_CHANGE, Clock, close
from models.people import Staff, distinct, in_role, key
from models.records import next_number
from models.rulebooks import RulebookText
from rules.cadence import Every
from rules.changing import CADENCE, CanNotEditError, edited, number
from rules.entries import Duty
from rules.house import House
from rules.roles import Role
from rules.rulebook import Rulebook, RulebookError

SUBJECT = RULE_CHANGE
DECIDERS = (Role.ENTERPRISE, Role.GENERAL_MANAGER, Role.CHAIRMAN)


class State(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"  # its day has not come
    IN_FORCE = "in_force"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"  # the number was changed elsewhere before its day


class RuleChange(SQLModel, table=True):
    """`before` and `after` as they are written in the rulebook. What was asked for never changes but the day, which moves on where
    the decision came later. `version`: the rulebook that it became; `on_disk`: the file says so too."""

    __tablename__ = "rule_change"
    __table_args__ = (CheckConstraint("decided_by IS NULL OR decided_by <> by_id", name="rule_change_by_two"),)

    id: int | None = Field(default=None, primary_key=True)
    number: str = Field(unique=True)
    rule: str
    key: str
    before: str
    after: str
    reason: str
    starts: date
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    state: str = Field(default=State.ASKED, index=True)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = None
    opinion: str | None = None
    version: int | None = Field(default=None, foreign_key="rulebook.version")
    on_disk: bool = False
    open_for: str | None = Field(default=None, unique=True)
    """The number, until it is over with this change: of one number one change at a time."""

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.id}"


@dataclass(frozen=True)
class Wanted:
    """What somebody wants to change."""

    rule: str
    key: str
    after: str
    reason: str
    starts: date


def propose(session: Session, house: House, by: Staff, wanted: Wanted, now: datetime) -> RuleChange:
    """Put it forward; nothing changes yet. Raises LookupError for a number that the rulebook does not have."""
    stands = number(house.rulebook, wanted.rule, wanted.key)
    if stands is None:
        raise LookupError(wanted.rule)
    made = RuleChange(
        number=next_number(session, SUBJECT, house.calendar.local(now).year),
        rule=wanted.rule,
        key=wanted.key,
        before=stands.written,
        after=wanted.after,
        reason=wanted.reason,
        starts=wanted.starts,
        by_id=key(by),
        at=now,
        open_for=f"{wanted.rule} {wanted.key}",
    )
    session.add(made)
    session.flush()
    _record(session, made, key(by), "propose", now, reason=made.reason, starts=made.starts.isoformat())
    return made


def under_way(session: Session, rule: str, number_: str) -> RuleChange | None:
    """Of one number one change at a time: proposed, or approved for a day to come."""
    return session.exec(select(RuleChange).where(RuleChange.open_for == f"{rule} {number_}")).first()


def of_state(session: Session, *states: State) -> list[RuleChange]:
    query = select(RuleChange).where(col(RuleChange.state).in_(states))
    return list(session.exec(query.order_by(col(RuleChange.starts), col(RuleChange.id))))


def of_rule(session: Session, rule: str) -> list[RuleChange]:
    """What holds of it now, and what will from a day to come; of one number the last that came into force."""
    found = [each for each in of_state(session, State.IN_FORCE, State.APPROVED) if each.rule == rule]
    return list({(each.key, each.state): each for each in found}.values())


def history(session: Session, skip: int, most: int) -> list[RuleChange]:
    """All there were, the newest first."""
    query = select(RuleChange).order_by(col(RuleChange.id).desc())
    return list(session.exec(query.offset(skip).limit(most)))


def deciders(session: Session, change: RuleChange, now: datetime) -> list[Staff]:
    """Enterprise management, never whoever proposed it; where nobody else is there, the general manager, the chairman."""
    found = ([each for each in in_role(session, role, now) if key(each) != change.by_id] for role in DECIDERS)
    return next((each for each in found if each), [])


def concerned(session: Session, house: House, change: RuleChange, now: datetime) -> list[Staff]:
    """Whom the rule asks for something, who looks after the rules, and whoever proposed it. A rule that names nobody is for all."""
    entry = {each.id: each for each in house.rulebook.entries}.get(change.rule)
    who = getattr(entry, "who", None)
    roles = Role if who is None else (who, Role.UNIT_HEAD, Role.VICE_PRESIDENT, Role.SALES_DEPT, *DECIDERS)
    found = [each for role in roles for each in in_role(session, role, now)]
    return distinct([session.get_one(Staff, change.by_id), *found])


# Decided


def approve(session: Session, house: House, change: RuleChange, by: Staff, starts: date, now: datetime) -> None:
    """It waits for its day as a clock like any other."""
    _decide(session, change, by, State.APPROVED, "", now)
    change.starts = starts
    at = house.calendar.at(starts, time())
    clock = Clock(
        rule=RULE_CHANGE,
        rulebook_version=house.rulebook_version,
        subject_kind=SUBJECT,
        subject_id=key(change),
        post=change.subject.replace(":", "@"),
        cycle="1",
        anchor=now,
        due_at=at,
        next_at=at,
    )
    session.add(clock)
    _record(session, change, key(by), "approve", now, starts=starts.isoformat())


def give_back(session: Session, change: RuleChange, by: Staff, opinion: str, now: datetime) -> None:
    change.open_for = None
    _decide(session, change, by, State.RETURNED, opinion, now)
    _record(session, change, key(by), "return", now, opinion=opinion)


def withdraw(session: Session, change: RuleChange, by: Staff, now: datetime) -> None:
    """By whoever proposed it, before its day."""
    change.state, change.open_for = State.WITHDRAWN, None
    close(_clocks(session, change), now, State.WITHDRAWN)
    _record(session, change, key(by), "withdraw", now)


def _decide(session: Session, change: RuleChange, by: Staff, state: State, opinion: str, now: datetime) -> None:
    if key(by) == change.by_id:
        raise ValueError("whoever proposes a change does not decide it")
    change.state, change.decided_by, change.decided_at, change.opinion = state, key(by), now, opinion
    session.flush()


def _record(session: Session, change: RuleChange, by: int | None, what: str, now: datetime, **body: object) -> None:
    said = {"number": change.number, "rule": change.rule, "key": change.key}
    audit.record(
        session, now, by, f"{SUBJECT}.{what}", change.subject, **said, before=change.before, after=change.after, **body
    )


def _clocks(session: Session, change: RuleChange) -> list[Clock]:
    return list(session.exec(select(Clock).where(Clock.subject_kind == SUBJECT, Clock.subject_id == key(change))))


# In force


def take_effect(session: Session, house: House, change: RuleChange, now: datetime) -> bool:
    """On its day: a new version of the rulebook. Returns False where the number is no longer what it was when it was proposed: then
    nothing changes, and people decide anew."""
    close(_clocks(session, change), now, "in force")
    change.open_for = None
    newest = rulebooks.newest(session)
    new = as_changed(newest, change) if newest else None
    if newest is None or new is None:
        change.state = State.OVERTAKEN
        _record(session, change, None, "overtaken", now)
        return False
    change.version = rulebooks.remember(session, new, house.calendar.at(change.starts, time()), newest.on_disk)
    change.state = State.IN_FORCE
    _record(session, change, None, "in_force", now, version=change.version)
    if change.key in CADENCE:
        _hasten(session, change.rule, now)
    return True


def tried(session: Session, house: House, rule: str, number_: str, after: str) -> Rulebook:
    """The rulebook in force with another number in it. Raises `RulebookError`, `CanNotEditError`."""
    newest = rulebooks.newest(session)
    if newest is None:
        raise CanNotEditError(rule)
    return rulebooks.loaded(edited(newest.text, rule, number_, after))


def as_changed(book: RulebookText, change: RuleChange) -> str | None:
    """Its text with the change in it; None where it no longer fits."""
    stands = number(rulebooks.loaded(book.text), change.rule, change.key)
    if stands is None or stands.written != change.before:
        return None
    try:
        return edited(book.text, change.rule, change.key, change.after)
    except (RulebookError, CanNotEditError):
        return None


def _hasten(session: Session, rule: str, now: datetime) -> None:
    """Every clock of the duty is worked out anew, by the tick, in its batches."""
    owed = update(Clock).where(col(Clock.rule) == rule, col(Clock.closed_at).is_(None))
    session.exec(owed.values(next_at=now))


# What held when


@asked_once(RuleChange)
def of_duties(session: Session) -> list[RuleChange]:
    """The changes of duties that came into force, the oldest first."""
    query = select(RuleChange).where(RuleChange.state == State.IN_FORCE, col(RuleChange.key).in_(sorted(CADENCE)))
    return list(session.exec(query.order_by(col(RuleChange.version))))


@dataclass(frozen=True)
class Since:
    """From which version and day on a duty is as it is now."""

    version: int
    starts: date


def since(session: Session, rule: str) -> Since | None:
    """None where it always was."""
    found = [each for each in of_duties(session) if each.rule == rule]
    return Since(found[-1].version or 0, found[-1].starts) if found else None


@dataclass(frozen=True)
class Edition:
    """A duty as it held from a day until before another; None is as far as one looks."""

    duty: Duty
    starts: date | None
    ends: date | None


def editions(session: Session, duty: Duty) -> list[Edition]:
    """What the duty asked for at which time, the oldest first."""
    found: list[Edition] = []
    ends: date | None = None
    for each in reversed([each for each in of_duties(session) if each.rule == duty.id]):
        found.append(Edition(duty, each.starts, ends))
        duty, ends = as_it_was(duty, each.key, each.before), each.starts
    return [Edition(duty, None, ends), *reversed(found)]


def as_it_was(duty: Duty, number_: str, written: str) -> Duty:
    value = Every.parse(written) if number_ == "every" else int(written)
    return duty.model_copy(update={number_: value})


def as_they_will_be(session: Session, change: RuleChange) -> Sequence[RuleChange]:
    """Those that come into force until that one does, and itself."""
    ahead = of_state(session, State.APPROVED)
    return [each for each in ahead if (each.starts, key(each)) <= (change.starts, key(change))]
