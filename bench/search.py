"""How long somebody waits for /find: each kind of question, by reach, on both databases; beside LIKE and a dictionary in one run.

What is found is counted against LIKE: nobody may be missing, unless it is said that there are more.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from bench.crowd import SINCE, Crowd, crowd, enter, places, portions
from bench.trust.figures import Figures
from models import customer_list, customers
from models.customer_list import Wanted
from models.customers import Customer, Person, search_rows
from models.store import Store
from reading.names import initials, pinyin_full
from rules.gate import Scope
from tests.servers import copy_of, release, rulebook_text, swift_postgres

SIZE = 20_000
MEDIAN, SLOWEST = 1.0, 5.0
"""Milliseconds: the most that a question may take, of a million customers."""
PAGES = 20.0
"""Milliseconds: the most that two pages of a list and its count may take."""
QUESTIONS = 100
ROUNDS = 5
COUNTED = 8
"""Questions of a kind that are counted against LIKE."""
COLUMNS = ("customer_id", "whole", "text", "kind", "unit_id")
INDEX = "CREATE INDEX search_key_text ON search_key (unit_id, whole, text, customer_id, kind)"
KINDS: dict[str, Callable[[Crowd], str]] = {
    "two characters": lambda one: one.customer["short_name"][:2],
    "three": lambda one: one.customer["short_name"][:3],
    "a short name": lambda one: one.customer["short_name"],
    "pinyin initials": lambda one: initials(one.customer["short_name"]),
    "full pinyin": lambda one: pinyin_full(one.customer["short_name"]),
    "a person": lambda one: one.person["name"],
    "last digits of a phone": lambda one: one.person["phone"][-4:],
    "a whole phone": lambda one: one.person["phone"],
    "nobody's name": lambda one: one.customer["short_name"][1] + "鑔" + one.customer["short_name"][2:],
    "a city": lambda one: one.customer["city"],
    "机械, 有限公司": lambda one: ("机械", "有限公司", "公司", "橡胶")[one.customer["id"] % 4],
}
LISTS = {
    "everybody": Wanted(),
    "not spoken with since": Wanted(quiet_before=SINCE + timedelta(days=60)),
    "a tier": Wanted(tier="key"),
    "a province": Wanted(province="湖北省"),
    "a tier in a province, not spoken with": Wanted(
        tier="key", province="湖北省", quiet_before=SINCE + timedelta(days=60)
    ),
    "nobody": Wanted(province="甘肃省"),
}
LIKE = """SELECT c.id FROM customer c WHERE (c.name LIKE :part OR c.short_name LIKE :part OR EXISTS (
    SELECT 1 FROM person p WHERE p.customer_id = c.id AND (p.name LIKE :part OR p.phone LIKE :tail OR p.phone LIKE :head)))"""


@dataclass(frozen=True)
class Place:
    """A database with the crowd in it."""

    name: str
    store: Store
    scopes: dict[str, Scope]
    made: float
    size: float


def measure(size: int = SIZE) -> Figures:
    rows: list[list[str]] = []
    broken: list[str] = []
    for place in _places(size):
        sizes = [
            f"{place.size:.0f} MB",
            f"{place.size / size * 1e6:.0f} bytes a customer",
            f"made in {place.made:.0f} s",
        ]
        rows.append([place.name, f"{size} customers", "the index", *sizes, ""])
        found, wrong = _measured(place, size)
        rows += found
        broken += wrong
    return Figures(
        title="Search",
        says=f"A question is answered within {MEDIAN:g} ms (99 of 100 within {SLOWEST:g} ms), and nobody is missing.",
        heads=("database", "reach", "question", "median, ms", "99 %, ms", "of LIKE's", "missing"),
        rows=rows,
        broken=broken,
    )


def _places(size: int) -> Iterator[Place]:
    folder = tempfile.mkdtemp(prefix="keguan-search-")
    try:
        with _place("SQLite", f"sqlite:///{folder}/keguan.db", size) as place:
            yield place
    finally:
        shutil.rmtree(folder)
    with (
        swift_postgres(rulebook_text()) as server,
        copy_of(server, "released") as url,
        _place("PostgreSQL", url, size) as place,
    ):
        yield place


@contextmanager
def _place(name: str, url: str, size: int) -> Iterator[Place]:
    release(url)
    store = Store(url)
    units, staff = store.run_here(places)
    mine = staff[len(staff) // 2]
    scopes = {
        "all": Scope(all=True, units=frozenset(), owner=None, self_=None),
        "a unit": Scope(all=False, units=frozenset({units[len(units) // 2]}), owner=mine, self_=mine),
        "their own": Scope(all=False, units=frozenset(), owner=mine, self_=mine),
    }
    start = perf_counter()
    with store.engine.begin() as connection:
        connection.execute(text("DROP INDEX search_key_text"))
    for those in portions(crowd(size, 1, units, staff), 10_000):
        store.run_here(_write, those)
    with store.engine.begin() as connection:
        connection.execute(text(INDEX))
        connection.execute(text("ANALYZE"))
    yield Place(name, store, scopes, perf_counter() - start, _megabytes(store))
    store.close()


def _write(session: Session, those: Sequence[Crowd]) -> None:
    """The rows that `customers.index` writes, in one go."""
    enter(session, those)
    rows = [row for each in those for row in search_rows(Customer(**each.customer), [Person(**each.person)], ())]
    values = [tuple(row[name] for name in COLUMNS) for row in rows]
    raw: Any = session.connection().connection.dbapi_connection
    if session.get_bind().dialect.name == "sqlite":
        raw.executemany(f"INSERT INTO search_key ({', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)", values)
        return
    with raw.cursor().copy(f"COPY search_key ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in values:
            copy.write_row(row)


def _megabytes(store: Store) -> float:
    """The index alone; what SQLite's file grew by is all but the two tables of customers and people."""
    with store.engine.connect() as connection:
        if store.is_sqlite:
            pages = "SELECT sum(pgsize) FROM dbstat WHERE name IN ('search_key', 'search_key_text')"
            return float(connection.execute(text(pages)).scalar_one()) / 1e6
        return float(connection.execute(text("SELECT pg_total_relation_size('search_key')")).scalar_one()) / 1e6


def _measured(place: Place, size: int) -> tuple[list[list[str]], list[str]]:
    rows, broken = [], []
    with place.store.read() as session:
        those = _some(session, size)
        named = {one.customer["short_name"]: one.customer["id"] for one in those}
        for reach, scope in place.scopes.items():
            for kind, ask in KINDS.items():
                asked = [ask(one) for one in those]
                times = _times(lambda one, scope=scope: customers.search(session, one, scope), asked)
                like = [_once(lambda one, scope=scope: _like(session, one, scope, 9), one) for one in asked[:COUNTED]]
                missing = sum(_missing(session, one, scope) for one in asked[:COUNTED])
                slowest = sorted(times)[int(len(times) * 0.99) - 1]
                share = median(times) / median(like)
                rows.append(
                    [place.name, reach, kind, f"{median(times):.3f}", f"{slowest:.3f}", f"{share:.4f}", str(missing)]
                )
                if missing or median(times) > MEDIAN or slowest > SLOWEST:
                    broken.append(
                        f"{place.name}, {reach}, {kind}: {median(times):.3f}, {slowest:.3f} ms, {missing} missing"
                    )
            for kind, filters in LISTS.items():
                times = _times(partial(_first_pages, session, scope), [filters] * COUNTED)
                rows.append(
                    [place.name, reach, f"the list, {kind}", f"{median(times):.3f}", f"{max(times):.3f}", "", ""]
                )
                if median(times) > PAGES:
                    broken.append(f"{place.name}, {reach}, the list, {kind}: {median(times):.3f} ms")
        dictionary = median(_times(named.get, list(named)))
        rows.append([place.name, "", "a dictionary's look-up", f"{dictionary:.5f}", "", "", ""])
    return rows, broken


def _some(session: Session, size: int) -> list[Crowd]:
    """Some of the crowd, spread over all of it, read back from the database."""
    query = text(
        "SELECT c.id, c.short_name, c.city, p.name, p.phone FROM customer c JOIN person p ON p.customer_id = c.id WHERE c.id = :id"
    )
    found = [session.execute(query, {"id": 1 + n * (size // QUESTIONS)}).one() for n in range(QUESTIONS)]
    return [
        Crowd({"id": number, "short_name": short, "city": city}, {"name": name, "phone": phone})
        for number, short, city, name, phone in found
    ]


def _times(do: Callable[[Any], object], asked: Sequence[Any]) -> list[float]:
    """Milliseconds each, the best of some rounds after one to warm up: what else the machine does is not ours to answer for."""
    for one in asked[:11]:
        do(one)
    return [min(_once(do, one) for _ in range(ROUNDS)) for one in asked]


def _once(do: Callable[[Any], object], one: Any) -> float:
    start = perf_counter()
    do(one)
    return (perf_counter() - start) * 1000


def _first_pages(session: Session, scope: Scope, wanted: Wanted) -> None:
    """What /customers shows, the page after it, and how many there are."""
    first = customer_list.page(session, wanted, scope, 8, None)
    if first.later:
        customer_list.page(session, wanted, scope, 8, customer_list.after(first.customers[-1]))
    customer_list.count(session, wanted, scope)


def _like(session: Session, asked: str, scope: Scope, most: int | None = None) -> set[int]:
    digits = asked.isdecimal()
    args: dict[str, Any] = {
        "part": f"%{asked}%",
        "tail": f"%{asked}" if digits else "-",
        "head": f"{asked}%" if digits else "-",
    }
    where = ""
    if not scope.all:
        args |= {"unit": next(iter(scope.units), 0), "owner": scope.owner}
        where = " AND (c.unit_id = :unit OR c.owner_id = :owner)"
    limit = f" LIMIT {most}" if most else ""
    return set(session.execute(text(LIKE + where + limit), args).scalars())


def _missing(session: Session, asked: str, scope: Scope) -> int:
    """Customers that LIKE finds and we do not, where we do not say that there are more."""
    found, more = customers.matches(session, asked, scope)
    return 0 if more else len(_like(session, asked, scope) - set(found))
