"""One process does the work. On SQLite a lock file beside the database says which; on PostgreSQL an advisory lock.

The lock on PostgreSQL lives as long as a connection of its own. A leader that was stopped (SIGSTOP, a sleeping machine) loses it
by `idle_session_timeout`, so that another takes over; when it wakes, its next heartbeat fails and it ends. That alone leaves a
moment in which two believe that they lead, so each act of a leader is fenced:

- A transaction that writes asks first whether our connection still holds the lock, and holds a second lock, shared, to its end.
  Before it begins the next leader has the server end all who hold that one, perhaps stopped half-way.
- A request leaves only while the last heartbeat is younger than the time after which the server gives the lock to another.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, LiteralString

from filelock import FileLock, Timeout
from psycopg import AsyncConnection, Error
from sqlalchemy import Connection

from bot.sentences import RefusedError, sentence
from models.store import NotLeadingError, Store, libpq_address

log = logging.getLogger(__name__)
KEY: Final = int.from_bytes(b"keguan")
FENCE: Final = KEY + 1
REIGN: Final = int.from_bytes(b"kegu")
"""Advisory locks: who leads, who writes for them, and (with the number of the leader's session) that this one is still there."""
STILL_OURS: Final = (
    "SELECT CASE WHEN pg_try_advisory_xact_lock_shared(%(fence)s)"
    " THEN NOT pg_try_advisory_xact_lock_shared(%(reign)s, %(session)s) END"
)
"""What we could get must have been let go. A look into `pg_locks` takes twenty times as long."""
REIGNING: Final = "SELECT pg_try_advisory_lock(%s, pg_backend_pid())"
ALONE: Final = "SELECT pg_try_advisory_xact_lock(%s)"
END_THE_FORMER: Final = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_database ON pg_database.oid = database"
    " WHERE locktype = 'advisory' AND datname = current_database() AND (classid::bigint << 32) + objid::bigint = %s"
)


@dataclass(frozen=True)
class Pace:
    """In seconds: how often a stand-by asks, how often the leader's connection is used, and after how long a silent one is cut."""

    ask: float = 5.0
    beat: float = 10.0
    cut: int = 30


STEADY: Final = Pace()


class Lead:
    """Leading, as long as nobody can take it away: on SQLite, where the lock file is held until the process ends."""

    async def watch(self) -> None:
        """Runs for as long as this process leads; raises `NotLeadingError` when it does no longer."""
        await asyncio.Event().wait()

    def hold(self) -> None:
        """Before a request leaves. Raises `NotLeadingError` when another may lead by now."""


class Lease(Lead):
    """Leading by a lock of the server's that goes with this connection."""

    def __init__(self, connection: AsyncConnection, pace: Pace) -> None:
        self._connection = connection
        self._pace = pace
        self._ours = {"fence": FENCE, "reign": REIGN, "session": connection.info.backend_pid}
        self._ends = 0.0

    async def begin(self) -> None:
        """Nothing that a former leader left half-way is done to its end."""
        await self._asks(REIGNING, REIGN)
        while not await self._asks(ALONE, FENCE):
            await self._asks(END_THE_FORMER, FENCE)

    async def watch(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._pace.beat):
                    await self._asks("SELECT true")
            except TimeoutError:
                raise NotLeadingError("no answer") from None
            await asyncio.sleep(self._pace.beat)

    async def _asks(self, question: LiteralString, *values: int) -> bool:
        """The server cuts a session that is silent for `cut` seconds; counted from before we spoke, we are never late."""
        spoken = seconds_awake_or_not()
        answer = await asked(self._connection, question, *values)
        self._ends = spoken + self._pace.cut
        return answer

    def hold(self) -> None:
        if seconds_awake_or_not() > self._ends:
            raise NotLeadingError(f"silent for more than {self._pace.cut} s")

    def prove(self, connection: Connection) -> None:
        """At the beginning of a transaction. Raises `NotLeadingError`."""
        if not connection.exec_driver_sql(STILL_OURS, self._ours).scalar():
            raise NotLeadingError("no longer there")


def seconds_awake_or_not() -> float:
    """Monotonic, and going on while the machine sleeps, where the system can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@asynccontextmanager
async def lead(store: Store, language: str, pace: Pace = STEADY) -> AsyncIterator[Lead]:
    """Enter when this process leads. SQLite: at once or `RefusedError`; PostgreSQL: waits for its turn."""
    if store.is_sqlite:
        with lock_file(store):
            yield Lead()
        return
    async with await _connection(store, pace) as connection:
        await _wait_for_turn(connection, language, pace)
        lease = Lease(connection, pace)
        await lease.begin()
        store.fence = lease.prove  # for good: what still runs when the lead is lost must not write either
        yield lease


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


async def _connection(store: Store, pace: Pace) -> AsyncConnection:
    address = libpq_address(store.url)
    try:
        return await AsyncConnection.connect(
            address,
            autocommit=True,
            application_name=f"keguan {os.getpid()}",
            options=f"-c idle_session_timeout={pace.cut}s",
            connect_timeout=10,
            tcp_user_timeout=int(pace.beat * 1000),
        )
    except Error as error:
        raise RefusedError("database", url=store.url, reason=first_line(error)) from None


async def _wait_for_turn(connection: AsyncConnection, language: str, pace: Pace) -> None:
    said = False
    while not await asked(connection, "SELECT pg_try_advisory_lock(%s)", KEY):
        if not said:
            log.warning(sentence("standing_by", language, seconds=f"{pace.ask:g}"))
            said = True
        await asyncio.sleep(pace.ask)
    if said:
        log.warning(sentence("leading", language))


async def asked(connection: AsyncConnection, question: LiteralString, *values: int) -> bool:
    """A yes-or-no question to the server. Raises `NotLeadingError` when the connection is gone."""
    try:
        row = await (await connection.execute(question, values)).fetchone()
    except Error as error:
        raise NotLeadingError(first_line(error)) from None
    return bool(row and row[0])


def first_line(error: BaseException) -> str:
    """What an error says, shortly."""
    return next(iter(str(error).strip().splitlines()), "") or type(error).__name__
