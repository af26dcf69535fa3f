"""Cadence duties (articles 14 and 17): every duty × customer × post is a clock, derived from the entries that remain."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, or_, select

from models import files, preferences, quotas, rule_changes
from models.absences import StoodIn, stood_in
from models.climbing import wind
from models.clocks import Clock, close
from models.customers import Customer
from models.people import Assignment, Staff, Unit, company, in_role, key, post, split_post
from models.records import TALKS, Entry, Participant, entered, standing
from rules.cadence import Count, Owed, owed
from rules.entries import Duty
from rules.house import House
from rules.roles import Role

GOLDEN = 0.6180339887498949
END_OF_WORK = time(18)
SUBJECTS = ("customer", "unit", "company", "staff")


def sync(
    session: Session,
    house: House,
    now: datetime,
    customers: Sequence[Customer] | None = None,
    *,
    posts: bool = False,
) -> int:
    """Make the clocks that rulebook, staff and customers call for, and close those that they no longer do. A duty begins on the day
    on which it is first called for, so that nothing is overdue at once.

    `customers` limits it to these; None does the whole company. `posts` adds what is owed of no customer by name, which the whole
    company has in any case. Returns how many clocks were made.
    """
    everyone = customers is None
    chosen = list(session.exec(select(Customer))) if customers is None else customers
    wanted = dict(_wanted(session, house, chosen, now, with_staff=everyone or posts))
    existing = {_key(clock): clock for clock in _existing(session, chosen, everyone, posts)}
    made = [wanted[each] for each in wanted if each not in existing]
    session.add_all(made)
    session.flush()
    for clock in made:
        derive(session, house, clock, now)
    for each, clock in existing.items():
        if each in wanted and clock.closed_at is not None:
            clock.closed_at, clock.stopped_by, clock.anchor = None, None, now
            derive(session, house, clock, now)
    close([clock for each, clock in existing.items() if each not in wanted], now, "no longer owed")
    files.sync(session, house, now, chosen)
    return len(made)


Key = tuple[str, str, int, str]


def _key(clock: Clock) -> Key:
    return clock.rule, clock.subject_kind, clock.subject_id, clock.post


def _existing(session: Session, chosen: Sequence[Customer], everyone: bool, posts: bool) -> list[Clock]:
    kinds = select(Clock).where(col(Clock.subject_kind).in_(SUBJECTS), Clock.rule != "digest")
    if not everyone:
        theirs = and_(col(Clock.subject_kind) == "customer", col(Clock.subject_id).in_([key(each) for each in chosen]))
        kinds = kinds.where(or_(theirs, Clock.subject_kind != "customer") if posts else theirs)
    return list(session.exec(kinds))


def _wanted(
    session: Session, house: House, chosen: Sequence[Customer], now: datetime, *, with_staff: bool
) -> Iterable[tuple[Key, Clock]]:
    top = key(company(session))
    units = _units_with_customers(session)
    for duty in house.rulebook.duties:
        subjects: list[tuple[str, int, str]] = []
        if duty.each:
            subjects = [("customer", key(each), address(duty, each, top)) for each in chosen if each.tier in duty.tiers]
        elif with_staff and duty.who is Role.SALESPERSON:
            subjects = [("staff", key(each), f"staff@{each.id}") for each in in_role(session, duty.who, now)]
        elif with_staff and duty.who is Role.UNIT_HEAD:
            subjects = [("unit", unit, post(duty.who, unit)) for unit in units.get(duty.tiers[0], ())]
        elif with_staff:
            subjects = [("company", top, post(duty.who, top))]
        for kind, subject, address_ in subjects:
            clock = Clock(
                rule=duty.id,
                rulebook_version=house.rulebook_version,
                subject_kind=kind,
                subject_id=subject,
                post=address_,
                cycle="",
                anchor=now,
                due_at=now,
            )
            yield _key(clock), clock


def _units_with_customers(session: Session) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for tier, unit in session.exec(select(Customer.tier, Customer.unit_id).distinct()):
        found.setdefault(tier, []).append(unit)
    return found


def address(duty: Duty, customer: Customer, top: int) -> str:
    """The post that owes this duty for this customer."""
    match duty.who:
        case Role.SALESPERSON:
            return f"owner@{customer.id}"
        case Role.UNIT_HEAD | Role.VICE_PRESIDENT:
            return post(duty.who, customer.unit_id)
    return post(duty.who, top)


def derive(session: Session, house: House, clock: Clock, now: datetime) -> bool:
    """Work out again which cycle the clock owes, from the entries that stand. Returns whether it moved forward."""
    state = reckon(session, house, clock, now)
    before, moved = clock.cycle, clock.cycle != state.cycle.name
    if moved:
        clock.cycle, clock.snoozes, clock.snoozed_until = state.cycle.name, 0, None
    clock.due_at = due_of(house, state)
    wind(session, house, clock, now)
    return moved and bool(before)


def reckon(session: Session, house: House, clock: Clock, now: datetime) -> Owed:
    """What the clock owes by this house's calendar, from the entries that stand; nothing is changed."""
    duty = house.rulebook.duty(clock.rule)
    calendar = house.calendar
    began, done = calendar.local(clock.anchor).date(), done_days(session, house, clock, duty)
    changed = rule_changes.since(session, duty.id)
    if changed is not None and changed.starts > began:
        began, done = changed.starts, [day for day in done if day >= changed.starts]
    return owed(
        duty.every,
        _count(session, clock, duty),
        began,
        done,
        calendar,
        today=calendar.local(now).date(),
        spread=(clock.subject_id * GOLDEN) % 1 or 1.0,
    )


def _count(session: Session, clock: Clock, duty: Duty) -> Count:
    """As often as the rule says, or the sales department for that unit (R17.5)."""
    if clock.subject_kind != "unit" or clock.subject_id not in quotas.by_unit(session):
        return duty.count
    return lambda cycle: quotas.of(session, clock.subject_id, cycle.first.year, duty.count)


def renew(session: Session, house: House, clock: Clock, now: datetime) -> bool:
    """Once the duty was changed, what is owed from that day on. Returns whether it was still by the number before."""
    changed = rule_changes.since(session, clock.rule) if clock.subject_kind in SUBJECTS else None
    if changed is None or clock.rulebook_version >= changed.version:
        return False
    clock.rulebook_version = house.rulebook_version
    derive(session, house, clock, now)
    return True


def due_of(house: House, state: Owed) -> datetime:
    return house.calendar.at(state.due, END_OF_WORK)


def done_days(session: Session, house: House, clock: Clock, duty: Duty) -> list[date]:
    """The days that count for this clock: of talks by the right channel in which somebody of the post took part, or, where no
    customer is named (R14.1), on which anything was entered."""
    if duty.whom is None:
        query = select(Entry.written_at).where(entered(), _subject(clock, duty))
    else:
        ways = [each.value for each in duty.how]
        counts = col(Entry.kind).in_(TALKS) & col(Entry.channel).in_(ways)
        query = select(Entry.at).where(standing(), _subject(clock, duty), counts, _took_part(clock, duty))
    return [house.calendar.local(at).date() for at in session.exec(query)]


def _subject(clock: Clock, duty: Duty) -> ColumnElement[bool]:
    match clock.subject_kind:
        case "customer":
            return col(Entry.customer_id) == clock.subject_id
        case "staff":
            mine = [clock.subject_id]
            return or_(col(Entry.by_id) == clock.subject_id, _one_of(_taken_part_in(mine), _done_in_place_of(mine)))
        case "unit":
            chosen = select(Customer.id).where(Customer.unit_id == clock.subject_id, col(Customer.tier).in_(duty.tiers))
            return col(Entry.customer_id).in_(chosen)
    return col(Entry.customer_id).in_(select(Customer.id).where(col(Customer.tier).in_(duty.tiers)))


def _taken_part_in(staff: Any) -> Any:
    return select(Participant.entry_id).where(col(Participant.staff_id).in_(staff))


def _done_in_place_of(staff: Any) -> Any:
    """What a substitute did in their place (代)."""
    return select(StoodIn.entry_id).where(col(StoodIn.for_id).in_(staff))


def _one_of(*entries: Any) -> ColumnElement[bool]:
    return or_(*(col(Entry.id).in_(each) for each in entries))


def held_then() -> tuple[ColumnElement[bool], ...]:
    """The condition that a post was held at the time of the entry."""
    return (
        col(Assignment.starts) <= col(Entry.at),
        or_(col(Assignment.ends).is_(None), col(Assignment.ends) > col(Entry.at)),
    )


def _took_part(clock: Clock, duty: Duty) -> ColumnElement[bool]:
    """Somebody who held the post at the time took part, or their substitute while they were away. An owner's predecessor in the
    unit counts, and where another duty relieves this one, so does the post that owes that one."""
    role, number = split_post(clock.post)
    themselves = select(Participant.entry_id).join(Assignment, col(Assignment.staff_id) == Participant.staff_id)
    in_place = select(StoodIn.entry_id).join(Assignment, col(Assignment.staff_id) == StoodIn.for_id)
    seated = [each.where(*held_then()) for each in (themselves, in_place)]
    if role != "owner":
        return _one_of(*(each.where(Assignment.role == role, Assignment.unit_id == number) for each in seated))
    unit = select(Customer.unit_id).where(Customer.id == number).scalar_subquery()
    roles = ["salesperson", *(["unit_head"] if duty.relieved_by else [])]
    owners = select(Customer.owner_id).where(Customer.id == number)
    return _one_of(
        *(each.where(col(Assignment.role).in_(roles), Assignment.unit_id == unit) for each in seated),
        _taken_part_in(owners),
        _done_in_place_of(owners),
    )


def after_entry(session: Session, house: House, entry: Entry, took_part: Sequence[int], now: datetime) -> list[Clock]:
    """Derive the clocks that an entry may touch, in its own transaction. Returns those that it fulfilled."""
    customer = session.get_one(Customer, entry.customer_id)
    whose = [entry.by_id, *took_part, *(each.for_id for each in stood_in(session, key(entry)))]
    touched = or_(
        (col(Clock.subject_kind) == "customer") & (col(Clock.subject_id) == customer.id),
        (col(Clock.subject_kind) == "unit") & (col(Clock.subject_id) == customer.unit_id),
        col(Clock.subject_kind) == "company",
        (col(Clock.subject_kind) == "staff") & col(Clock.subject_id).in_(whose),
    )
    rules = [duty.id for duty in house.rulebook.duties if _may_count(duty, entry, customer)]
    query = select(Clock).where(touched, col(Clock.closed_at).is_(None), col(Clock.rule).in_(rules))
    return [clock for clock in session.exec(query.order_by(col(Clock.id))).all() if derive(session, house, clock, now)]


def _may_count(duty: Duty, entry: Entry, customer: Customer) -> bool:
    """Whether an entry can fulfil such a duty at all; most can't, and need not be derived again."""
    return duty.whom is None or (entry.channel in duty.how and customer.tier in duty.tiers)


def unit_of(session: Session, clock: Clock) -> Unit | None:
    """The business unit that a clock belongs to, for those who look after units."""
    match clock.subject_kind:
        case "customer":
            customer = session.get(Customer, clock.subject_id)
            return session.get(Unit, customer.unit_id) if customer else None
        case "survey":
            return session.get(Unit, split_post(clock.post)[1])
        case "unit" | "company" | "register" | "survey_opening":
            return session.get(Unit, clock.subject_id)
        case files.FILE | files.PAPER:
            customer = files.customer_of(session, clock)
            return session.get(Unit, customer.unit_id) if customer else None
        case preferences.SUBJECT:
            held = session.get_one(preferences.Preference, clock.subject_id)
            return session.get(Unit, session.get_one(Customer, held.customer_id).unit_id)
        case "entry":
            customer = session.get_one(Customer, session.get_one(Entry, clock.subject_id).customer_id)
            return session.get(Unit, customer.unit_id)
    staff = session.get(Staff, clock.subject_id) if clock.subject_kind == "staff" else None
    seat = session.exec(select(Assignment).where(Assignment.staff_id == staff.id)).first() if staff else None
    return session.get(Unit, seat.unit_id) if seat else None
