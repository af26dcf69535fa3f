"""请假 as people read it: what a substitute takes over, what happened meanwhile, and 休假中 beside a name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlmodel import Session, col, func, select

from dialogue.owed import about, addresses_of_away, in_short, item_of
from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen, row
from dialogue.viewer import Viewer
from models import leave, people, steps
from models.absences import Absence, absence_of
from models.clocks import Clock, addressed_to
from models.customers import Customer
from models.leave import Meanwhile
from models.people import Staff, Unit, key, seats
from models.records import Complaint, Entry, Matter, participants
from models.steps import Step
from papers.stories import credited
from reading.when import Interval, iso
from rules.gate import LENT_ROLES
from rules.house import House
from words import Say, Value, say

SHOWN = 5
SOON = timedelta(days=7)


def with_leave(view: Viewer, staff: Staff) -> Value:
    """The name, and beside it that they are away and who stands in."""
    if absence_of(view.session, key(staff), view.now) is None:
        return staff.name
    found = people.stand_in(view.session, staff, view.now)
    if found is None:
        return say("leave.away_alone", name=staff.name)
    return say("leave.away", name=staff.name, substitute=found.name)


def span(house: House, absence: Absence) -> Say:
    return span_of(house, absence.starts, absence.ends)


def span_of(house: House, starts: datetime, ends: datetime) -> Say:
    """From when to when as people say it: up to and with the last day, where it goes on until midnight."""
    first, last = house.calendar.local(starts), house.calendar.local(ends)
    if last.time() != time():
        return say("leave.span", starts=starts, ends=ends)
    if first.time() == time():
        return say("when", value=iso(Interval(first.date(), last.date())))
    return say("leave.span", starts=starts, ends=(last - timedelta(days=1)).date())


def posts_of(session: Session, staff: Staff, now: datetime, *, lent: bool = False) -> list[Say]:
    """The posts of somebody in a few words; with `lent` only those that a substitute takes over."""
    held = [seat for seat in seats(session, key(staff), now) if not lent or seat.role in LENT_ROLES]
    by_role: dict[str, list[str]] = {}
    for seat in held:
        by_role.setdefault(seat.role, []).append(session.get_one(Unit, seat.unit_id).name)
    return [say("post", role=say(f"role.{role}"), units=say("list", items=units)) for role, units in by_role.items()]


# It begins


def tell_beginning(session: Session, house: House, absence: Absence, now: datetime) -> list[Staff]:
    """Whoever looks after it from now on reads what they take over."""
    away = session.get_one(Staff, absence.staff_id)
    those = [each for each in people.present(session, away, now) if each.id != away.id]
    for each in those:
        view = Viewer(session, now, house, each)
        key_ = f"leave:{absence.id}:begins:{each.id}:{now.isoformat()}"
        tell(session, each, taken_over(view, absence, away), MessageClass.RECEIPT, key_, now)
    return those


def taken_over(view: Viewer, absence: Absence, away: Staff) -> Screen:
    """What somebody takes over: posts, customers, complaints, what is due soon, what waits for a decision."""
    session, now = view.session, view.now
    soon = _due_soon(view, away, min(absence.ends, now + SOON))
    decisions = _waiting(view, away)
    text = say(
        "leave.begins" if absence.substitute_id else "leave.begins_alone",
        name=away.name,
        span=span(view.house, absence),
        posts=posts_of(session, away, now, lent=True),
        theirs=_theirs(session, away),
        soon=say("leave.soon", count=len(soon), lines=_lines(view, soon)) if soon else None,
        decisions=say("leave.decisions", count=len(decisions)) if decisions else None,
    )
    ways = [Button(say("button.due"), "due.open", {})]
    if decisions:
        ways.append(Button(say("button.approvals", count=len(decisions)), "step.mine", {}))
    return Screen(text, (row(*ways),))


def _theirs(session: Session, away: Staff) -> Say | None:
    """Their own customers, and the open complaints of these or in their hands."""
    customers = _count(session, select(func.count()).where(Customer.owner_id == away.id))
    complaints = _count(session, _complaints_of(away))
    return say("leave.theirs", customers=customers, complaints=complaints) if customers or complaints else None


def _count(session: Session, query: object) -> int:
    return int(session.exec(query).one())  # type: ignore[call-overload]


def _complaints_of(away: Staff) -> object:
    open_ = select(func.count()).select_from(Matter).join(Complaint, col(Complaint.matter_id) == col(Matter.id))
    theirs = (col(Customer.owner_id) == away.id) | (col(Complaint.handler_id) == away.id)
    joined = open_.join(Customer, col(Customer.id) == col(Matter.customer_id))
    return joined.where(col(Matter.closed_at).is_(None), theirs)


def _due_soon(view: Viewer, away: Staff, until: datetime) -> list[Clock]:
    return addressed_to(view.session, addresses_of_away(view.session, away, view.now), until)


def _lines(view: Viewer, clocks: Sequence[Clock]) -> list[Value]:
    """The most urgent of them, each with its rule."""
    lines: list[Value] = [
        say(
            "leave.due",
            rule=in_short(view.house.rulebook.entry(each.rule)),
            what=about(view.session, item_of(view.session, each)),
            due=each.due_at,
        )
        for each in clocks[:SHOWN]
    ]
    rest = len(clocks) - SHOWN
    return [*lines, say("due.more", count=rest) if rest > 0 else None]


def _waiting(view: Viewer, away: Staff) -> list[Step]:
    """What waits for a decision in the place of somebody who is away."""
    posts = addresses_of_away(view.session, away, view.now)
    return [each for each in steps.all_waiting(view.session) if each.post in posts]


# It is over


def tell_return(session: Session, house: House, absence: Absence, now: datetime) -> None:
    """The one who was away reads what happened; who stood in, that it is over."""
    away = session.get_one(Staff, absence.staff_id)
    view = Viewer(session, now, house, away)
    tell(session, away, came_back(view, absence), MessageClass.RECEIPT, f"leave:{absence.id}:over", now)
    tell_substitute(session, absence, say("leave.is_back", name=away.name), now)


def tell_substitute(session: Session, absence: Absence, news: Say, now: datetime) -> None:
    substitute = session.get(Staff, absence.substitute_id) if absence.substitute_id else None
    if substitute is not None:
        tell(session, substitute, Screen(news), MessageClass.RECEIPT, f"leave:{absence.id}:{news.id}", now)


def came_back(view: Viewer, absence: Absence) -> Screen:
    """What happened meanwhile, and what waits."""
    session = view.session
    posts = addresses_of_away(session, view.staff, view.now)
    done = leave.meanwhile(session, absence, posts)
    waits = addressed_to(session, posts, view.now + SOON)
    text = say(
        "leave.over",
        name=view.staff.name,
        span=span(view.house, absence),
        talks=_talks(view, done),
        steps=say("leave.steps", count=done.steps_taken) if done.steps_taken else None,
        complaints=_complaints(done),
        decisions=_decisions(view, done),
        waits=say("leave.waits", count=len(waits), lines=_lines(view, waits)) if waits else say("leave.nothing_waits"),
    )
    return Screen(text, (row(Button(say("button.due"), "due.open", {})),))


def _talks(view: Viewer, done: Meanwhile) -> Say:
    lines: list[Value] = [_talk(view, each) for each in done.talks[:SHOWN]]
    rest = len(done.talks) - SHOWN
    lines += [say("due.more", count=rest)] if rest > 0 else []
    return say("leave.talks", count=len(done.talks), lines=lines)


def _talk(view: Viewer, entry: Entry) -> Say:
    names = [view.session.get_one(Staff, each).name for each in participants(view.session, key(entry))]
    customer = view.session.get_one(Customer, entry.customer_id)
    said = entry.answers.get("summary") or entry.answers.get("opinions") or ""
    who = say("list", items=names)
    return say("leave.talk", when=entry.at, who=who, customer=customer.called, text=str(said)[:60])


def _complaints(done: Meanwhile) -> Say | None:
    numbers = say("list", items=[each.number for each in done.complaints[:SHOWN]])
    return say("leave.complaints", count=len(done.complaints), numbers=numbers) if done.complaints else None


def _decisions(view: Viewer, done: Meanwhile) -> Say | None:
    if not done.decisions:
        return None
    lines = [_decision(view, each) for each in done.decisions[:SHOWN]]
    return say("leave.decided", count=len(done.decisions), lines=lines)


def _decision(view: Viewer, step: Step) -> Say:
    by = view.session.get_one(Staff, step.decided_by)
    instead = people.replaced(view.session, step.post, by, step.decided_at or view.now)
    return say(
        "leave.decision",
        number=view.session.get_one(Matter, step.matter_id).number,
        what=say(f"step.{step.kind}"),
        by=credited(view.session, key(by), [key(each) for each in instead]),
        outcome=say(f"leave.outcome_{step.state}"),
    )
