"""One process does the work. On SQLite a lock file beside the database says which; on PostgreSQL an advisory lock.

The lock on PostgreSQL lives as long as a connection of its own. A leader that was stopped (SIGSTOP, a sleeping machine) loses it
by `idle_session_timeout`, so that another takes over; when it wakes, its next heartbeat fails and it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

from filelock import FileLock, Timeout
from psycopg import AsyncConnection, Error

from bot.sentences import RefusedError, sentence
from models.store import Store

log = logging.getLogger(__name__)
KEY: Final = int.from_bytes(b"keguan")


@dataclass(frozen=True)
class Pace:
    """In seconds: how often a stand-by asks, how often the leader's connection is used, and after how long a silent one is cut."""

    ask: float = 5.0
    beat: float = 10.0
    cut: int = 30


STEADY: Final = Pace()
Watch = Callable[[], Coroutine[Any, Any, None]]
"""Runs for as long as this process leads; raises `RefusedError` when it does no longer."""


@asynccontextmanager
async def lead(store: Store, language: str, pace: Pace = STEADY) -> AsyncIterator[Watch]:
    """Enter when this process leads. SQLite: at once or `RefusedError`; PostgreSQL: waits for its turn."""
    if store.is_sqlite:
        with lock_file(store):
            yield _for_ever
        return
    async with await _connection(store, pace) as connection:
        await _wait_for_turn(connection, language, pace)
        yield partial(_heartbeat, connection, pace)


def lock_file(store: Store) -> FileLock:
    """Beside the database, and taken."""
    database = Path(store.url.database or "keguan")
    lock = FileLock(database.with_name(f"{database.name}.lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise RefusedError("second_process", database=database, lock=lock.lock_file) from None
    except OSError as error:
        raise RefusedError("database", url=store.url, reason=error.strerror or error) from None
    return lock


async def _for_ever() -> None:
    await asyncio.Event().wait()


async def _connection(store: Store, pace: Pace) -> AsyncConnection:
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return await AsyncConnection.connect(
            address,
            autocommit=True,
            options=f"-c idle_session_timeout={pace.cut}s",
            connect_timeout=10,
            tcp_user_timeout=int(pace.beat * 1000),
        )
    except Error as error:
        raise RefusedError("database", url=store.url, reason=first_line(error)) from None


async def _wait_for_turn(connection: AsyncConnection, language: str, pace: Pace) -> None:
    said = False
    while not await _asked(connection):
        if not said:
            log.warning(sentence("standing_by", language, seconds=f"{pace.ask:g}"))
            said = True
        await asyncio.sleep(pace.ask)
    if said:
        log.warning(sentence("leading", language))


async def _asked(connection: AsyncConnection) -> bool:
    try:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,))).fetchone()
    except Error as error:
        raise RefusedError("lost_lead", reason=first_line(error)) from None
    return bool(row and row[0])


async def _heartbeat(connection: AsyncConnection, pace: Pace) -> None:
    while True:
        try:
            async with asyncio.timeout(pace.beat):
                await connection.execute("SELECT 1")
        except (Error, TimeoutError) as error:
            raise RefusedError("lost_lead", reason=first_line(error)) from None
        await asyncio.sleep(pace.beat)


def first_line(error: BaseException) -> str:
    """What an error says, shortly."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
