"""What a change of the rules would mean, counted again by plain means; and what a report says of the time before the change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models import rule_changes, rulebooks
from models.clocks import Clock
from models.coverage import Coverage
from models.figures import Reach, View
from models.people import Staff
from models.rule_changes import Wanted
from models.rule_effects import Due, Over, effect
from models.store import Store
from rules.house import House
from rules.spans import Span
from scheduler.rule_changes import turn
from tests.office import START


@pytest.fixture
def records(database: str) -> Iterator[Session]:
    store = Store(database)
    with store.write() as session:
        yield session
    store.close()


def days(first: date, count: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(count)]


def weighed(session: Session, house: House, rule: str, key: str, after: str, starts: date) -> Due:
    found = effect(session, house, rule_changes.tried(session, house, rule, key, after), rule, key, starts, START)
    assert isinstance(found, Due)
    return found


def test_duties_by_unit_equal_a_plain_count_of_customers_and_periods(records: Session, house: House) -> None:
    first = date(2026, 12, 1)
    found = weighed(records, house, "R14.3", "every", "1 week", first)
    ordinary = "SELECT unit_id, count(*) FROM customer WHERE tier = 'ordinary' GROUP BY unit_id"
    customers = {row[0]: row[1] for row in records.execute(text(ordinary))}
    whole = days(first, 365)
    weeks = sum(
        day.weekday() == 6 and any(house.calendar.is_workday(day - timedelta(days=n)) for n in range(7))
        for day in whole
    )
    months = sum((day + timedelta(days=1)).day == 1 for day in whole)
    assert {each.unit: round(each.more, 6) for each in found.rows} == {
        unit: round(many * (weeks - months) * 7 / 365, 6) for unit, many in customers.items()
    }
    assert [abs(each.more) for each in found.rows] == sorted((abs(each.more) for each in found.rows), reverse=True)


@pytest.mark.parametrize(
    ("rule", "key", "after", "kind", "of", "before", "now"),
    [
        ("R17.6", "every", "1 year", "tier = 'ordinary'", "unit_id", 0.5, 1),
        ("R17.4", "count", "2", "tier = 'key'", "unit_id", 1, 2),
        ("R17.5", "count", "7", "tier = 'ordinary'", "DISTINCT unit_id", 5, 7),
        ("R17.4", "every", "3 months", "tier = 'key'", "unit_id", 1, 4),
    ],
)
def test_visits_in_a_year(
    records: Session, house: House, rule: str, key: str, after: str, kind: str, of: str, before: float, now: float
) -> None:
    """`before` and `now`: for each customer, or for each unit."""
    found = weighed(records, house, rule, key, after, date(2027, 1, 1))
    many = records.execute(text(f"SELECT count({of}) FROM customer WHERE {kind}")).scalar_one()
    assert (found.per, found.before, found.after) == ("year", many * before, many * now)


def test_complaints_over_the_limit_are_counted_by_the_hours_between_acceptance_and_arrival(
    records: Session, house: House
) -> None:
    """Arrivals after 3, 15, 30 and 40 hours: one of them over 36 hours, two over 24, three over 12; the fifth is still open."""
    for number, hours in enumerate((3, 15, 30, 40, None), 1):
        began = START - timedelta(days=10)
        due = began + timedelta(hours=16)
        records.add(
            Clock(
                rule="R16.6", rulebook_version=1, subject_kind="step", subject_id=900 + number, post=f"staff@{number}",
                cycle="1", anchor=began, due_at=due, closed_at=began + timedelta(hours=hours) if hours else None,
            )
        )  # fmt: skip
    records.flush()
    # 13 November, 09:00 on a Friday: two working hours are over at 11:00, eight at 18:00, sixteen on Monday at 18:00
    book = rule_changes.tried(records, house, "R16.6", "work_hours", "16")
    found = effect(records, house, book, "R16.6", "work_hours", date(2026, 12, 1), START)
    assert found == Over(date(2026, 8, 24), 5, 3, 1)


def test_a_report_judges_the_time_before_a_change_by_the_number_that_held_then(records: Session, house: House) -> None:
    """Monthly until February, weekly from 1 March: February is one slot, and the weeks begin on that day."""
    now = house.calendar.at(date(2027, 3, 1), START.time().replace(hour=0, minute=0))
    staff = {each.number: each for each in records.exec(select(Staff))}
    wanted = Wanted("R14.3", "every", "1 week", "试行", date(2027, 3, 1))
    made = rule_changes.propose(records, house, staff["D01"], wanted, START)
    rule_changes.approve(records, house, made, staff["G01"], wanted.starts, START)
    waits = records.exec(select(Clock).where(Clock.rule == rule_changes.SUBJECT)).one()
    turn(records, house, [waits], now)
    newest = rulebooks.newest(records)
    assert newest is not None
    changed = House(house.company, house.province, house.calendar, rulebooks.loaded(newest.text), newest.version or 0)
    later = now + timedelta(days=31)
    view = View(records, changed, Span(date(2027, 1, 1), date(2027, 3, 31)), Reach(), later)
    slots = Counter(each.cycle for each in Coverage(view).slots() if each.rule == "R14.3")
    ordinary = records.execute(text("SELECT count(*) FROM customer WHERE tier = 'ordinary'")).scalar_one()
    assert slots == dict.fromkeys(("2027-01", "2027-02", *(f"2027-W{n:02}" for n in range(9, 13))), ordinary)
