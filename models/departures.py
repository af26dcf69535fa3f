"""离职: who leaves, by whose word, and to whom goes what they held. Of a privileged role by two people's word."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import CheckConstraint
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit, invitations, opening_reports
from models.clocks import close, running
from models.hand_overs import HandOver, Holdings, Passing, can_hold, hand_over, held
from models.messages import Draft
from models.people import Assignment, Staff, above, current, distinct, holders, in_role, key, seats
from models.vault import is_marked
from rules.house import House
from rules.roles import PRIVILEGED, Role

ASKED, REFUSED, LEFT = "asked", "refused", "left"
DECIDERS: Final = (Role.ADMIN, Role.GENERAL_MANAGER, Role.CHAIRMAN)


class Departure(SQLModel, table=True):
    """`to_id` receives what is held at the moment of leaving. `privileged`: as their posts were when it was entered."""

    __table_args__ = (
        CheckConstraint(
            "decided_by IS NULL OR (decided_by <> by_id AND decided_by <> staff_id)", name="departure_by_two"
        ),
        CheckConstraint("NOT privileged OR state = 'asked' OR decided_by IS NOT NULL", name="departure_decided"),
    )

    id: int | None = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    to_id: int = Field(foreign_key="staff.id")
    by_id: int = Field(foreign_key="staff.id")
    at: datetime
    privileged: bool
    state: str = Field(default=ASKED, index=True)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = None


def is_privileged(session: Session, staff: Staff, now: datetime) -> bool:
    return any(seat.role in PRIVILEGED for seat in seats(session, key(staff), now))


def is_last_administrator(session: Session, staff: Staff, now: datetime) -> bool:
    """Nobody could let anybody in any more."""
    return [key(each) for each in in_role(session, Role.ADMIN, now)] == [key(staff)]


def successor(session: Session, staff: Staff, holdings: Holdings, now: datetime) -> Staff | None:
    """Who takes over by default: the head of their unit, or whoever stands over them, as far up as is needed."""
    heads = [
        each for seat in seats(session, key(staff), now) for each in holders(session, Role.UNIT_HEAD, seat.unit_id, now)
    ]
    top = (each for role in (Role.GENERAL_MANAGER, Role.CHAIRMAN) for each in in_role(session, role, now))
    line = distinct([*heads, *_line(session, staff, now), *top])
    return next((each for each in line if each.id != staff.id and can_hold(session, each, holdings, now)), None)


def _line(session: Session, staff: Staff, now: datetime) -> list[Staff]:
    found: list[Staff] = []
    upward = above(session, staff, now)
    while upward and upward[0] not in found:
        found.append(upward[0])
        upward = above(session, upward[0], now)
    return found


def deciders(session: Session, staff: Staff, by: Staff, now: datetime) -> list[Staff]:
    """Who may confirm it: neither the one who asks nor the one who leaves."""
    found = distinct(each for role in DECIDERS for each in in_role(session, role, now))
    return [each for each in found if each.id not in (staff.id, by.id)]


def waiting(session: Session, staff: Staff) -> Departure | None:
    return session.exec(select(Departure).where(Departure.staff_id == key(staff), Departure.state == ASKED)).first()


def ask(session: Session, staff: Staff, to: Staff, by: Staff, now: datetime) -> Departure:
    """Put it on record. Without a privileged role it may be carried out at once."""
    privileged = is_privileged(session, staff, now)
    found = Departure(staff_id=key(staff), to_id=key(to), by_id=key(by), at=now, privileged=privileged)
    session.add(found)
    session.flush()
    _record(session, found, by, "leave_ask", now, to=key(to), privileged=privileged)
    return found


def refuse(session: Session, departure: Departure, by: Staff, now: datetime) -> None:
    departure.state, departure.decided_by, departure.decided_at = REFUSED, key(by), now
    _record(session, departure, by, "leave_refuse", now)
    session.flush()


def leave(session: Session, house: House, departure: Departure, by: Staff, now: datetime) -> HandOver:
    """They leave: what they held goes over, their posts end, nothing that they press or write is theirs any more."""
    staff = session.get_one(Staff, departure.staff_id)
    departure.state, departure.decided_at = LEFT, now
    departure.decided_by = key(by) if departure.privileged else None
    session.flush()
    done = hand_over(Passing(session, house, staff, _receiver(session, departure, now), by, now))
    posts = [f"{seat.role}@{seat.unit_id}" for seat in seats(session, key(staff), now)]
    _record(session, departure, by, "leave", now, posts=posts, telegram_id=staff.telegram_id)
    opening_reports.left(session, house, staff, now)
    _close_the_door(session, staff, now)
    return done


def _receiver(session: Session, departure: Departure, now: datetime) -> Staff:
    """As it was asked for; the default, where that one has left meanwhile, or can't hold it all any more."""
    staff, to = session.get_one(Staff, departure.staff_id), session.get_one(Staff, departure.to_id)
    what = held(session, staff)
    return to if can_hold(session, to, what, now) else successor(session, staff, what, now) or to


def _close_the_door(session: Session, staff: Staff, now: datetime) -> None:
    """The Telegram account is set free: who comes back gets a new invitation. What was begun and is nobody else's is given up."""
    for seat in session.exec(select(Assignment).where(Assignment.staff_id == key(staff), *current(now))).all():
        seat.ends = now
    staff.active, staff.telegram_id = False, None
    invitations.withdraw(session, staff)
    close(running(session, "staff", key(staff)), now, "left")
    for draft in session.exec(
        select(Draft).where(Draft.staff_id == key(staff), col(Draft.state).in_(("open", "kept")))
    ):
        draft.state = "dropped"
        if is_marked(draft.answers):
            session.delete(draft)
    session.flush()


def _record(session: Session, departure: Departure, by: Staff, what: str, now: datetime, **body: object) -> None:
    body = {**body, "departure": departure.id}
    audit.record(session, now, key(by), f"staff.{what}", f"staff:{departure.staff_id}", **body)
