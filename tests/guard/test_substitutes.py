"""Who is meant while somebody is away: the chain of substitutes, the line above, no circle, never nobody, and to the minute."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, select, text

from models.leave import Leave, take
from models.people import Staff, above, actor, holders, key, present, unit_named
from rules.gate import NEEDS, NEVER_LENT, Action, Actor, Seat, scope
from rules.roles import Role
from tests.company import PEOPLE
from tests.office import START, Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
WEST, AUDIT = "西北销售一部", "审计室"
END = START + timedelta(days=2)


def member(session: Session, who: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()


def away(session: Session, office: Office, pairs: str) -> None:
    """ "ann:amy head:-": who is away, and who stands in (- for nobody)."""
    for each in pairs.split():
        who, _, substitute = each.partition(":")
        what = Leave(START, END, member(session, substitute) if substitute != "-" else None)
        take(session, office.house, member(session, who), what, START)


CHAINS = """
    # who is away, for whom something is, who is meant
    ann:amy                    ann    艾梅
    ann:-                      ann    何建国
    ann:amy amy:bob            ann    鲍博
    ann:amy amy:-              ann    何建国
    ann:amy amy:ann            ann    何建国
    ann:head head:amy          ann    艾梅
    ann:- head:-               ann    魏立
    ann:- head:ann             ann    魏立
    ann:- head:- vp:- gm:- chair:-  ann  管理员
    amy:ann                    ann    安然
"""


@pytest.mark.parametrize(
    "row", [each for each in CHAINS.splitlines() if each.strip() and "#" not in each], ids=str.strip
)
async def test_something_for_somebody_away_reaches_who_stands_in_or_is_next_above(office: Office, row: str) -> None:
    *pairs, who, meant = row.split()
    with office.store.write() as session:
        away(session, office, " ".join(pairs))
        assert [each.name for each in present(session, member(session, who), START)] == [meant]
        assert [each.name for each in present(session, member(session, who), END)] == [member(session, who).name]


POSTS = """
    head:amy         unit_head  西北销售一部  艾梅
    head:-           unit_head  西北销售一部  魏立
    head:- vp:east   unit_head  西北销售一部  东方明
    auditor:ann      audit      审计室        高远
    admin:ann        admin      公司          管理员
    quality:ann      quality    质监部        安然
    gm:-             general_manager 公司     常青
"""


@pytest.mark.parametrize("row", [each for each in POSTS.splitlines() if each.strip()], ids=str.strip)
async def test_a_post_whose_holder_is_away_is_never_nobodys(office: Office, row: str) -> None:
    *pairs, role, unit, meant = row.split()
    with office.store.write() as session:
        away(session, office, " ".join(pairs))
        place = unit_named(session, unit)
        assert place is not None
        assert [each.name for each in holders(session, role, key(place), START)] == [meant]


async def test_who_stands_in_for_the_superior_is_not_their_own_superior(office: Office) -> None:
    with office.store.write() as session:
        away(session, office, "head:ann")
        assert [each.name for each in above(session, member(session, "ann"), START)] == ["魏立"]


async def test_the_rights_of_a_substitute_begin_and_end_at_the_minute(office: Office) -> None:
    with office.store.write() as session:
        away(session, office, "head:bob bob:amy")
        amy = member(session, "amy")
        instant = timedelta(seconds=1)
        whose = {
            at: {each.staff for each in actor(session, amy, at).stands_for}
            for at in (START - instant, START, END - instant, END)
        }
        both = {key(member(session, "head")), key(member(session, "bob"))}
        assert list(whose.values()) == [set(), both, both, set()]


async def test_audit_and_administration_are_never_lent(office: Office) -> None:
    with office.store.write() as session:
        away(session, office, "auditor:ann admin:ann")
        ann = actor(session, member(session, "ann"), START)
        assert [each.seats for each in ann.stands_for] == [frozenset()] * 2
        assert [each for each in Action if scope(ann, each) != scope(Actor(ann.staff, ann.seats), each)] == []


async def test_what_is_one_persons_trust_is_not_lent_with_any_seat(office: Office) -> None:
    lender = Actor(1, frozenset(Seat(role, 1) for role in Role))
    somebody = Actor(2, frozenset(), frozenset({lender}))
    given = {each for each in Action if any((s := scope(somebody, each)).units | s.lent) or s.all or s.owner or s.self_}
    assert given == {each for each in NEEDS if each not in NEVER_LENT}


async def test_who_stood_in_for_whom_can_not_be_rewritten(office: Office) -> None:
    with office.store.write() as session:
        away(session, office, "ann:amy")
    for each in ("DELETE FROM absence", "UPDATE absence SET staff_id = 3"):
        with pytest.raises(DBAPIError, match="what is on record stays"), office.store.write() as session:
            session.execute(text(each))
