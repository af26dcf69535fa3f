"""A one-time code: for one person, once, for a while, in private."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlmodel import select

from models.audit import Audit
from models.invitations import invite
from models.people import Assignment, Staff
from tests.office import Office, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NEW = 77


@pytest.fixture
def newcomer(office: Office) -> Person:
    office.telegram.person(NEW, "新人")
    with office.store.write() as session:
        session.add(staff := Staff(number="S99", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=staff.id or 0, role="salesperson", unit_id=2, starts=office.clock.now()))
    return Person(office, "new", NEW)


def invited(office: Office) -> str:
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == "S99")).one()
        return invite(session, staff, office.clock.now())


async def test_an_earlier_code_is_void(office: Office, newcomer: Person) -> None:
    earlier, later = invited(office), invited(office)
    await newcomer.says(f"/start {earlier}")
    newcomer.reads_nothing_of("辛仁")
    await newcomer.says(f"/start {later}")
    newcomer.reads("您好，辛仁")


async def test_who_left_is_not_enrolled_by_an_old_code(office: Office, newcomer: Person) -> None:
    code = invited(office)
    with office.store.write() as session:
        session.exec(select(Staff).where(Staff.number == "S99")).one().active = False
    await newcomer.says(f"/start {code}")
    with office.read() as session:
        staff = session.exec(select(Staff).where(Staff.number == "S99")).one()
        assert staff.telegram_id is None


async def test_a_code_is_nowhere_in_the_database(office: Office, newcomer: Person) -> None:
    code = invited(office)
    with office.store.engine.connect() as connection:
        found = connection.execute(text("SELECT code_hash FROM invitation")).scalars().all()
        assert code not in found
        assert len(found) == 1
        connection.rollback()
    assert newcomer.user == NEW


async def test_a_code_that_is_shown_in_a_group_enrols_nobody(office: Office, newcomer: Person) -> None:
    code = invited(office)
    group = office.telegram.group("西北销售一部", [NEW])
    await office.service.settle()
    office.telegram.says(newcomer.user, f"/start {code}", chat=group)
    await office.service.settle()
    with office.read() as session:
        assert session.exec(select(Staff).where(Staff.telegram_id == NEW)).all() == []


async def test_enrolment_is_on_record(office: Office, newcomer: Person) -> None:
    await newcomer.says(f"/start {invited(office)}")
    with office.read() as session:
        row = session.exec(select(Audit).where(Audit.action == "staff.enrol")).one()
        assert row.subject == f"staff:{row.staff_id}"
