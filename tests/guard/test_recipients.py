"""Whoever can't be told is replaced by the next in line; nothing is ever said to nobody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlmodel import Session, select

from models.complaints import Case, NotNowError
from models.people import Assignment, Staff, holders, key, unit_named
from models.records import Complaint, Matter
from scheduler.recipients import reachable
from tests.company import PEOPLE
from tests.office import START, Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WEST = "西北销售一部"


def member(session: Session, who: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()


def blocked(staff: Staff) -> None:
    staff.unreachable_since = START


def left(staff: Staff) -> None:
    staff.active = False


def not_enrolled(staff: Staff) -> None:
    staff.telegram_id = None


AWAY = (blocked, left, not_enrolled)


@pytest.mark.parametrize("away", AWAY)
async def test_who_can_not_be_told_is_replaced_by_the_next_in_line(
    office: Office, away: Callable[[Staff], None]
) -> None:
    with office.store.write() as session:
        ann = member(session, "ann")
        assert reachable(session, ann, START) is ann
        away(ann)
        found = reachable(session, ann, START)
        assert found is not None
        assert found.name == "何建国"


async def test_where_the_whole_line_can_not_be_told_an_administrator_is(office: Office) -> None:
    with office.store.write() as session:
        for each in session.exec(select(Staff)):
            if each.number != PEOPLE["admin"][0]:
                blocked(each)
        session.flush()
        found = reachable(session, member(session, "ann"), START)
        assert found is not None
        assert found.name == "管理员"


async def test_an_empty_post_goes_one_step_up_the_line(office: Office) -> None:
    with office.store.write() as session:
        unit = unit_named(session, WEST)
        assert unit is not None
        for seat in session.exec(select(Assignment).where(Assignment.staff_id == key(member(session, "head")))):
            seat.ends = START
        session.flush()
        assert [each.name for each in holders(session, "unit_head", key(unit), START)] == ["魏立"]


async def test_who_lets_us_in_again_is_told_again(office: Office) -> None:
    with office.store.write() as session:
        blocked(member(session, "ann"))
    await office.person("ann").says("/menu")
    with office.read() as session:
        assert member(session, "ann").unreachable_since is None


async def test_a_step_that_may_not_follow_is_refused(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    with office.store.write() as session:
        matter, complaint = session.exec(select(Matter)).one(), session.exec(select(Complaint)).one()
        case = Case(session, office.house, matter, complaint, member(session, "head"), START)
        with pytest.raises(NotNowError):
            case.close("了结")
