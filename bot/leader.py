"""One process does the work. On SQLite a lock file beside the database says which; on PostgreSQL an advisory lock.

The lock on PostgreSQL lives as long as a connection of its own. A leader that was stopped (SIGSTOP, a sleeping machine) loses it
by `idle_session_timeout`, so that another takes over; when it wakes, its next heartbeat fails and it ends.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from psycopg import AsyncConnection, OperationalError

from bot.sentences import RefusedError, sentence
from models.store import Store

log = logging.getLogger(__name__)
KEY: Final = int.from_bytes(b"keguan")
TRY_SECONDS: Final = 5.0
BEAT_SECONDS: Final = 10.0
IDLE: Final = "30s"
"""A leader that says nothing for so long has lost the lead; three heartbeats."""

Watch = Callable[[], Awaitable[None]]
"""Runs for as long as this process leads; raises `RefusedError` when it does no longer."""


@asynccontextmanager
async def lead(store: Store, language: str) -> AsyncIterator[Watch]:
    """Enter when this process leads. SQLite: at once or `RefusedError`; PostgreSQL: waits for its turn."""
    if store.is_sqlite:
        with _lock_file(store):
            yield _for_ever
        return
    async with await _connection(store) as connection:
        await _wait_for_turn(connection, language)
        yield lambda: _heartbeat(connection)


def _lock_file(store: Store) -> FileLock:
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


async def _connection(store: Store) -> AsyncConnection:
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        return await AsyncConnection.connect(
            address,
            autocommit=True,
            options=f"-c idle_session_timeout={IDLE}",
            connect_timeout=10,
            tcp_user_timeout=int(BEAT_SECONDS * 1000),
        )
    except OperationalError as error:
        raise RefusedError("database", url=store.url, reason=first_line(error)) from None


async def _wait_for_turn(connection: AsyncConnection, language: str) -> None:
    said = False
    while not await _asked(connection):
        if not said:
            log.warning(sentence("standing_by", language, seconds=f"{TRY_SECONDS:g}"))
            said = True
        await asyncio.sleep(TRY_SECONDS)
    if said:
        log.warning(sentence("leading", language))


async def _asked(connection: AsyncConnection) -> bool:
    try:
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s)", (KEY,))).fetchone()
    except OperationalError as error:
        raise RefusedError("lost_lead", reason=first_line(error)) from None
    return bool(row and row[0])


async def _heartbeat(connection: AsyncConnection) -> None:
    while True:
        try:
            async with asyncio.timeout(BEAT_SECONDS):
                await connection.execute("SELECT 1")
        except (OperationalError, TimeoutError) as error:
            raise RefusedError("lost_lead", reason=first_line(error)) from None
        await asyncio.sleep(BEAT_SECONDS)


def first_line(error: BaseException) -> str:
    """What an error says, shortly."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
