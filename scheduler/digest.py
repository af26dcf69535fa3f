"""The morning digest: one message a person on each working day, what they owe and what has climbed to them."""

from __future__ import annotations

from datetime import datetime, time

from sqlmodel import Session, col, select

from dialogue.assumed import of_items
from dialogue.calls import FEW, call_sheet
from dialogue.owed import Item, item_lines, items_rows, owed_by, owed_instead
from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Screen
from models.absences import absence_of
from models.chain import post_head
from models.climbing import CASES
from models.clocks import DIGEST, Clock, Event
from models.messages import was_told
from models.overviews import owners
from models.people import Staff, active_staff, actor, distinct, key, seats
from models.working_days import keepers, year_asked_for
from rules.gate import Action, scope
from rules.house import House
from rules.roles import Role
from scheduler import rule_changes, weekly
from words import Say, say

SHOWN = 8


def ensure(session: Session, house: House, now: datetime) -> None:
    """Everybody who works here has a digest."""
    have = set(session.exec(select(Clock.subject_id).where(Clock.rule == DIGEST)))
    for staff in active_staff(session):
        if key(staff) not in have:
            at = house.next_morning(now)
            session.add(
                Clock(
                    rule=DIGEST,
                    rulebook_version=house.rulebook_version,
                    subject_kind="staff",
                    subject_id=key(staff),
                    post=f"digest@{staff.id}",
                    cycle="",
                    anchor=now,
                    due_at=at,
                    next_at=at,
                )
            )


def send(session: Session, house: House, clock: Clock, now: datetime) -> None:
    local = house.calendar.local(now)
    if not house.calendar.is_workday(local.date()) or house.quiet.holds(local):
        clock.next_at = _waking(house, local)
        return
    staff = session.get_one(Staff, clock.subject_id)
    if absence_of(session, key(staff), now) is not None:
        clock.next_at = clock.due_at = house.next_morning(now)
        return
    screen = _screen(session, house, staff, clock.anchor, now) if staff.active else None
    today = f"digest:{staff.id}:{local:%Y%m%d}"
    if screen is not None and not was_told(session, today):  # one that was late comes before the morning's own
        tell(session, staff, screen, MessageClass.DIGEST, today, now)
    clock.anchor = now
    clock.next_at = clock.due_at = house.next_morning(now)


def _waking(house: House, local: datetime) -> datetime:
    """The end of the quiet hours, on a working day: a digest missed in the night or on a rest day waits for it."""
    awake = house.quiet.wake(local)
    if house.calendar.is_workday(awake.date()):
        return awake
    return house.calendar.at(house.calendar.next_workday(awake.date()), house.digest)


def _screen(session: Session, house: House, staff: Staff, since: datetime, now: datetime) -> Screen | None:
    items, calls = _mine(session, house, staff, now) if staff.morning_list is not False else ([], [])
    climbed = _climbed(session, house, staff, since, now)
    head = _head(session, staff, now)
    missing = _calendar(session, house, staff, now)
    week = weekly.page(session, house, staff, since, now)
    changed = rule_changes.of_the_morning(session, house, staff, since, now)
    if not any((items, climbed, calls, head, missing, changed, week)):
        return None
    shown = items[:SHOWN]
    lines = item_lines(session, house, shown, now, instead=owed_instead(session, staff, now))
    rest = len(items) - len(shown)
    text = say(
        "digest",
        day=house.calendar.local(now).date(),
        mine=say("digest.mine", count=len(items), lines=lines) if items else None,
        rest=say("due.rest", count=rest) if rest else None,
        calls=say("digest.calls", count=len(calls)) if calls else None,
        climbed=say("digest.climbed", lines=climbed) if climbed else None,
        assumed=of_items(house, shown),
        calendar=missing,
        rules=changed,
        head=head,
        week=week,
    )
    rows = items_rows(shown, more=SHOWN if rest else None)
    ways = [Button(say("button.calls"), "calls.open", {})] if calls else []
    ways += [Button(say("button.behind"), "unit.mine", {})] if climbed and _leads(session, staff, now) else []
    ways += [Button(say("button.calendar"), "calendar.open", {})] if missing else []
    ways += [Button(say("button.charts"), "chart.open", {})] if week else []
    ways += [Button(say("button.rule_history"), "rules.history", {})] if changed else []
    return Screen(text, (*([tuple(ways)] if ways else []), *rows))


def _mine(session: Session, house: House, staff: Staff, now: datetime) -> tuple[list[Item], list[Item]]:
    """What is to be done today; the week's calls apart, where there are more than a few."""
    evening = house.calendar.at(house.calendar.local(now).date(), time(23, 59))
    items = [each for each in owed_by(session, staff, now, evening) if _speaks(each, now)]
    sheet = call_sheet(session, house, staff, now)
    calls = sheet.this_week() if len(sheet.open) > FEW else []
    summed_up = {call.clock.id for call in calls}
    return [each for each in items if each.clock.id not in summed_up], calls


def _calendar(session: Session, house: House, staff: Staff, now: datetime) -> Say | None:
    """Whoever keeps the calendar is asked for the missing arrangement each morning, until it is entered."""
    year = year_asked_for(house, now)
    if year is None or all(each.id != staff.id for each in keepers(session, now)):
        return None
    return say("digest.calendar", year=str(year))


def _leads(session: Session, staff: Staff, now: datetime) -> bool:
    reach = scope(actor(session, staff, now), Action.SEE_UNIT)
    return reach.all or bool(reach.units)


def _head(session: Session, staff: Staff, now: datetime) -> Say | None:
    """The head of the audit chain, for auditors: kept on their phones, it shows later whether the chain was cut or rewritten."""
    if all(seat.role != Role.AUDIT for seat in seats(session, key(staff), now)):
        return None
    head = post_head(session, now)
    return say("digest.head", rows=head.seq, head=str(head)) if head else None


def _speaks(item: Item, now: datetime) -> bool:
    """Put off until tomorrow, it keeps quiet; limits of complaints speak for themselves."""
    put_off = item.clock.snoozed_until is not None and item.clock.snoozed_until > now
    return not put_off and item.clock.rule not in CASES


def _climbed(session: Session, house: House, staff: Staff, since: datetime, now: datetime) -> list[Say]:
    """What others owe and has come up to this person since the last digest, by person."""
    query = (
        select(Clock)
        .join(Event, col(Event.clock_id) == col(Clock.id))
        .where(
            Event.staff_id == key(staff),
            Event.cycle == Clock.cycle,
            Event.step > 0,
            Event.at > since,
            col(Clock.closed_at).is_(None),
            Clock.due_at < now,
            col(Clock.rule).not_in(CASES),
        )
        .distinct()
    )
    by_person: dict[int, list[Clock]] = {}
    names: dict[int, str] = {}
    for clock in session.exec(query):
        for owner in distinct(owners(session, clock, now)):
            if owner.id != staff.id:
                by_person.setdefault(key(owner), []).append(clock)
                names[key(owner)] = owner.name
    return [
        say("digest.climbed_line", name=names[each], count=len(late), since=min(clock.due_at for clock in late))
        for each, late in by_person.items()
    ]
