"""What a post owes again and again, each period after its end: the analysis of problems, the year's plan, the quarter's assessment,
spot checks, scores. One clock goes from period to period; whoever does it moves it on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta

from sqlmodel import Session, col, func, select

from models.climbing import wind
from models.clocks import Clock, close
from models.customers import Customer
from models.people import company, key, post, unit_ids_of_role
from rules.cadence import Cycle, Every, Unit, cycle_containing, following
from rules.entries import CallbackPlan, Round
from rules.house import House
from rules.roles import Role

SUBJECT = "register"
"""What the clocks are about: what a unit or a department keeps of a period."""
END_OF_WORK = time(18)
DAY = timedelta(days=1)


def period(every: Every, day: date) -> Cycle:
    """The period in which that day lies."""
    return cycle_containing(every, day, day)


def named(every: Every, name: str) -> Cycle:
    """The period of that name: 2026, 2026-Q4 or 2026-11."""
    year, _, rest = name.partition("-")
    if every.unit is Unit.YEAR:
        return period(every, date(int(year), 1, 1))
    return period(every, date(int(year), 3 * int(rest[1:]) if rest.startswith("Q") else int(rest), 1))


def units(session: Session) -> list[int]:
    """Those that have customers."""
    return list(session.exec(select(Customer.unit_id).distinct().order_by(col(Customer.unit_id))))


def lately(session: Session, house: House, every: Every, now: datetime) -> Cycle:
    """The last period that is over; the one that runs, where there was nothing on file before it."""
    this = period(every, house.calendar.local(now).date())
    began = session.exec(select(func.min(Customer.created_at))).one()
    known = began is not None and house.calendar.local(began).date() < this.first
    return period(every, this.first - DAY) if known else this


def department(session: Session, role: Role, now: datetime) -> int:
    """The department that holds the role; the company, where nobody does."""
    found = unit_ids_of_role(session, role, now)
    return found[0] if found else key(company(session))


def sync(
    session: Session, house: House, rule: str, owes: Round | None, subjects: Iterable[tuple[int, str]], now: datetime
) -> None:
    """Each of these subjects is owed by that post, the period that runs now first; a rule that was removed owes nothing."""
    clocks = {each.subject_id: each for each in session.exec(select(Clock).where(Clock.rule == rule))}
    if owes is None:
        close(list(clocks.values()), now, "rule removed")
        return
    for subject, address in subjects:
        if subject in clocks:
            clocks[subject].post = address
            continue
        clock = Clock(
            rule=rule,
            rulebook_version=house.rulebook_version,
            subject_kind=SUBJECT,
            subject_id=subject,
            post=address,
            cycle="",
            anchor=now,
            due_at=now,
        )
        session.add(clock)
        owe(session, house, clock, owes, period(owes.every, house.calendar.local(now).date()), now)


def owe(session: Session, house: House, clock: Clock, owes: Round, over: Cycle, now: datetime) -> None:
    """It can be done from the first working day after that period; by when, the rulebook says. A plan is named by the year that it
    is for."""
    calendar = house.calendar
    clock.cycle = following(owes.every, over, over.first).name if isinstance(owes, CallbackPlan) else over.name
    clock.anchor = calendar.at(calendar.next_workday(over.last), time())
    clock.due_at = calendar.at(calendar.add_workdays(over.last, owes.within_workdays), END_OF_WORK)
    session.flush()
    wind(session, house, clock, now)


def running(session: Session, rule: str, subject: int) -> Clock | None:
    query = select(Clock).where(Clock.rule == rule, Clock.subject_id == subject, col(Clock.closed_at).is_(None))
    return session.exec(query).first()


def owed(session: Session, rule: str, subject: int, cycle: str) -> Clock | None:
    """The clock that owes exactly this period."""
    found = running(session, rule, subject)
    return found if found is not None and found.cycle == cycle else None


def done(
    session: Session,
    house: House,
    clock: Clock | None,
    owes: Round | None,
    now: datetime,
    there: Callable[[str], bool] = lambda _: False,
) -> None:
    """What was owed is there: from now on the next period is owed of which nothing is `there` yet."""
    if clock is None or owes is None:
        return
    this = following(owes.every, named(owes.every, clock.cycle), named(owes.every, clock.cycle).first)
    while there(this.name):
        this = following(owes.every, this, this.first)
    before = period(owes.every, this.first - DAY)
    owe(session, house, clock, owes, before if isinstance(owes, CallbackPlan) else this, now)


def by_head(session: Session, role: Role) -> list[tuple[int, str]]:
    """Of every unit, by the post in it."""
    return [(each, post(role, each)) for each in units(session)]


def by_department(session: Session, role: Role, now: datetime) -> list[tuple[int, str]]:
    """Of the department, by itself."""
    here = department(session, role, now)
    return [(here, post(role, here))]


def of_units(session: Session, role: Role, now: datetime) -> list[tuple[int, str]]:
    """Of every unit, by the department."""
    address = post(role, department(session, role, now))
    return [(each, address) for each in units(session)]
