"""The store: nothing that was written is lost, and what is half done is not done."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, func, select

from bot.worker import Worker
from models import audit
from models.audit import Audit, AuditBody
from models.customers import Person
from models.messages import Card, Draft, Inbox, Outbox
from models.people import Staff
from models.records import Complaint, Counter, Entry, Matter, next_number
from models.store import Store
from tests.company import PEOPLE
from tests.office import START, Office

THREADS, TIMES = 8, 25
YEAR = 2026


def count_one(session: Session) -> None:
    """Read, add, write: what loses updates wherever two may read the same number."""
    counter = session.get_one(Counter, ("LX", YEAR), with_for_update=True)
    counter.last += 1


def counted(store: Store) -> int:
    with store.read() as session:
        return session.get_one(Counter, ("LX", YEAR)).last


def work(stores: list[Store]) -> None:
    """Every thread counts `TIMES` times, the threads shared out among the stores."""

    def often(store: Store) -> None:
        for _ in range(TIMES):
            with store.write() as session:
                count_one(session)

    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(often, stores[number % len(stores)]) for number in range(THREADS)]:
            done.result()


@pytest.fixture
def counting(store: Store) -> Store:
    with store.write() as session:
        session.add(Counter(series="LX", year=YEAR))
    return store


def test_eight_threads_lose_no_count(counting: Store) -> None:
    work([counting])
    assert counted(counting) == THREADS * TIMES


def test_two_stores_on_one_database_lose_no_count(counting: Store) -> None:
    other = Store(str(counting.url.render_as_string(hide_password=False)))
    work([counting, other])
    other.close()
    assert counted(counting) == THREADS * TIMES


COUNTING = """
import sys
from models.records import Counter
from models.store import Store
store = Store(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with store.write() as session:
        session.get_one(Counter, ("LX", 2026), with_for_update=True).last += 1
store.close()
"""


def test_two_processes_lose_no_count(counting: Store) -> None:
    url = counting.url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-c", COUNTING, url, str(TIMES * 4)]
    root = Path(__file__).parents[2]
    processes = [subprocess.Popen(arguments, cwd=root) for _ in range(2)]
    assert [process.wait(60) for process in processes] == [0, 0]
    assert counted(counting) == 2 * TIMES * 4


async def test_what_waits_in_line_is_done_one_at_a_time(counting: Store) -> None:
    inside: list[int] = []
    most: list[int] = []

    def alone(session: Session) -> None:
        inside.append(1)
        most.append(len(inside))
        count_one(session)
        inside.pop()

    await asyncio.gather(*(counting.run(alone) for _ in range(50)))
    assert max(most) == 1
    assert counted(counting) == 50


def test_numbers_have_no_gap_and_no_double_even_where_some_fail(store: Store) -> None:
    given: list[str] = []

    def take(number: int) -> None:
        try:
            with store.write() as session:
                found = next_number(session, "complaint", YEAR)
                if number % 3 == 0:
                    raise InterruptedError
            given.append(found)
        except InterruptedError:
            pass

    take(1)
    with ThreadPoolExecutor(THREADS) as threads:
        for done in [threads.submit(take, number) for number in range(1, 60)]:
            done.result()
    assert sorted(given) == [f"TS-{YEAR}-{number:04}" for number in range(1, len(given) + 1)]


# SQLite, as it must be opened


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'keguan.db'}")
    store.upgrade()
    yield store
    store.close()


PRAGMAS = [
    # pragma, its value on every connection
    ("journal_mode", "wal"),
    ("synchronous", 2),  # FULL: a power cut loses nothing that was committed
    ("foreign_keys", 1),
    ("busy_timeout", 10_000),
    ("recursive_triggers", 1),
]


@pytest.mark.parametrize(("pragma", "value"), PRAGMAS)
def test_sqlite_is_opened_safely(sqlite: Store, pragma: str, value: object) -> None:
    with sqlite.engine.connect() as one, sqlite.engine.execution_options(reading=True).connect() as two:
        one.rollback()
        assert [each.exec_driver_sql(f"PRAGMA {pragma}").scalar() for each in (one, two)] == [value, value]
        one.rollback()


def begun(store: Store) -> list[str]:
    """What opens a transaction that writes, and one that reads."""
    said: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _u, statement, *_: said.append(statement))
    with store.write() as session:
        session.exec(select(Staff.id)).all()
    with store.read() as session:
        session.exec(select(Staff.id)).all()
    return [each for each in said if each.startswith("BEGIN")]


def test_what_writes_takes_the_lock_first_and_what_reads_takes_none(sqlite: Store) -> None:
    assert begun(sqlite) == ["BEGIN IMMEDIATE", "BEGIN"]


def test_reports_read_beside_a_writer(sqlite: Store) -> None:
    with sqlite.write() as writing, sqlite.read() as reading:
        writing.add(Counter(series="LX", year=YEAR))
        writing.flush()
        assert reading.exec(select(func.count()).select_from(Counter)).one() == 0


# On both databases


def test_a_row_that_points_at_nothing_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as session:
        session.add(Person(customer_id=404, name="张工"))


def test_what_others_point_at_stays(database: str) -> None:
    store = Store(database)
    with pytest.raises(IntegrityError), store.write() as session:
        session.connection().execute(text("DELETE FROM staff"))
    store.close()


def test_a_time_without_a_zone_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="timezone information"), store.write() as session:
        session.add(Staff(number="S01", name="安然", unreachable_since=datetime(2026, 11, 23)))  # noqa: DTZ001


def test_an_error_takes_everything_back(store: Store) -> None:
    def half(session: Session) -> None:
        session.add(Counter(series="LX", year=YEAR))
        session.flush()
        raise InterruptedError

    with pytest.raises(InterruptedError):
        store.run_here(half)
    with store.read() as session:
        assert session.exec(select(Counter)).all() == []


# An update is one transaction, audit included

LEFT_BY_A_COMPLAINT = (Matter, Complaint, Entry, Audit, AuditBody, Counter)


def rows(store: Store) -> dict[str, int]:
    tables = (*LEFT_BY_A_COMPLAINT, Card, Draft, Outbox)
    with store.read() as session:
        return {each.__name__: session.exec(select(func.count()).select_from(each)).one() for each in tables}


def break_audit(store: Store) -> None:
    """From now on no row of the audit can be written; everything before it in the transaction can."""
    refuse = (
        [
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_body BEGIN SELECT RAISE(ABORT, 'disk full'); END",
        ]
        if store.is_sqlite
        else [
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'disk full'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_body FOR EACH ROW EXECUTE FUNCTION full_disk()",
        ]
    )
    with store.engine.begin() as connection:
        for each in refuse:
            connection.execute(text(each))


async def test_without_its_audit_row_nothing_of_a_complaint_is_visible(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂")
    break_audit(office.store)
    before = rows(office.store)
    await ann.presses("保存")
    after = rows(office.store)
    assert after.pop("Outbox") == before.pop("Outbox") + 1, "only the word that it was not saved"
    assert after == before
    ann.reads("没有保存")
    sales.reads_nothing_of("TS-2026-0001")
    assert [record.message for record in caplog.records if record.levelname == "ERROR"]


async def test_an_audit_row_is_part_of_what_it_tells(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    with office.read() as session:
        row = session.exec(select(Audit).where(Audit.action == "complaint.open")).one()
        body = session.get_one(AuditBody, row.id)
        assert row.digest == audit.digest(body.salt, body.body)
        assert json.loads(json.dumps(body.body)) == body.body


async def test_the_inbox_mark_is_part_of_the_transaction(office: Office) -> None:
    """Broken off between the answer and the commit, the update waits on, and is answered once."""
    office.telegram.says(PEOPLE["ann"][2], "/menu")
    await office.service.receiver.poll(START, 0)
    worker: Worker = office.service.worker

    def broken_off(session: Session) -> None:
        worker._handle_oldest(session, START)
        raise InterruptedError

    with pytest.raises(InterruptedError):
        await office.store.run(broken_off)
    with office.read() as session:
        assert session.exec(select(func.count()).select_from(Outbox)).one() == 0
    await office.service.settle()
    (ann,) = office.people("ann")
    assert ann.count("要做什么？") == 1
    with office.read() as session:
        assert [(row.state, row.tries) for row in session.exec(select(Inbox))] == [("handled", 0)]
