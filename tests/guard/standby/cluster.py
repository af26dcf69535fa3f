"""Several real processes around one database, each with a way of its own to the simulated Telegram."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

import psycopg

from simulator.server import Server, serve
from simulator.telegram import Telegram
from tests.company import PEOPLE
from tests.servers import ROOT

TOKEN = "1000000001:AAE-the-token-of-the-stand-bys-0123456789"
LEADER = (
    "SELECT application_name FROM pg_locks JOIN pg_stat_activity USING (pid)"
    " WHERE locktype = 'advisory' AND granted AND application_name LIKE 'keguan %' AND datname = current_database()"
)
CUT_LEAD = LEADER.replace("application_name", "pg_terminate_backend(pid, 5000)", 1)
CONNECTED = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
CUT_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
LONGEST = 120.0
"""Seconds after which whatever is waited for does not come any more."""

REAL = (sys.executable, "-m", "bot", "run", "--config")
QUICK = (sys.executable, "-m", "tests.guard.standby.member")


class Wire:
    """A relay to Telegram: it knows when the process behind it last said anything."""

    def __init__(self, telegram: Server) -> None:
        self._to = telegram
        self.said: list[float] = []
        """Monotonic seconds of each packet on its way to Telegram."""

    async def open(self) -> str:
        """Returns the base_url to be used."""
        self._server = await asyncio.start_server(self._relay, "127.0.0.1")
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/bot"

    def close(self) -> None:
        self._server.close()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to.port)
        with contextlib.suppress(OSError):
            await asyncio.gather(
                _pump(reader, far_writer, lambda: self.said.append(time.monotonic())),
                _pump(far_reader, writer, lambda: None),
            )


async def _pump(source: asyncio.StreamReader, drain: asyncio.StreamWriter, passes: Callable[[], None]) -> None:
    """Until the source ends; then the other end is told so."""
    try:
        while packet := await source.read(65_536):
            passes()
            drain.write(packet)
            await drain.drain()
    finally:
        drain.close()


@dataclass
class Member:
    """One process; `wire` is how it reaches Telegram."""

    process: asyncio.subprocess.Process
    wire: Wire
    log: Path

    def strikes(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    async def ends(self) -> int:
        """Its exit code, waited for."""
        return await asyncio.wait_for(self.process.wait(), LONGEST)


@dataclass
class Cluster:
    folder: Path
    database: str
    command: Sequence[str]
    telegram: Telegram
    server: Server
    members: list[Member] = field(default_factory=list)
    born: int = 0

    @cached_property
    def desk(self) -> psycopg.Connection[tuple[str]]:
        """Our own connection to PostgreSQL, to look and to cut."""
        return psycopg.connect(self.database, autocommit=True)

    async def joins(self) -> Member:
        """Start one more process; until it has asked for the lead."""
        member = await self.starts()
        await until(lambda: f"keguan {member.process.pid}" in [name for (name,) in self.asks(CONNECTED)])
        return member

    async def starts(self) -> Member:
        self.born += 1
        wire = Wire(self.server)
        config = self.folder / f"member-{self.born}.toml"
        log = config.with_suffix(".log")
        config.write_text(
            f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "{await wire.open()}"\n'
            f'[database]\nurl = "{self.database}"\n[rulebook]\npath = "{ROOT / "rulebook.toml"}"\n',
            encoding="utf-8",
        )
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(*self.command, str(config)),
                cwd=self.folder,
                env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
                stdout=out,
                stderr=out,
            )
        member = Member(process, wire, log)
        self.members.append(member)
        return member

    async def leads(self, *but: Member) -> Member:
        """Who has the lock and has spoken to Telegram since; waited for, and none of `but`."""
        found: list[Member] = []

        def somebody() -> bool:
            found[:] = [each for each in self._holders() if each not in but and each.wire.said]
            return bool(found)

        await until(somebody)
        return found[0]

    def _holders(self) -> list[Member]:
        numbers = {int(row[0].split()[1]) for row in self.asks(LEADER)}
        return [each for each in self.members if each.process.pid in numbers]

    def asks(self, query: str) -> list[tuple[str]]:
        return self.desk.execute(query.encode()).fetchall()

    def buries(self, member: Member) -> None:
        self.members.remove(member)
        member.wire.close()

    async def close(self) -> None:
        for member in self.members:
            if member.process.returncode is None:
                for number in (signal.SIGCONT, signal.SIGKILL):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(member.process.pid, number)
            await member.process.wait()
            member.wire.close()
        if "desk" in vars(self):
            self.desk.close()
        await self.server.close()


@asynccontextmanager
async def cluster(folder: Path, database: str, command: Sequence[str]) -> AsyncIterator[Cluster]:
    telegram = Telegram(lambda: datetime.now(UTC), token=TOKEN)
    for number, name, user, _ in PEOPLE.values():
        telegram.person(user, name, role=number)
        telegram.world().private(telegram.people[user]).silent = None
    made = Cluster(folder, database, command, telegram, await serve(telegram))
    try:
        yield made
    finally:
        await made.close()


async def until(ready: Callable[[], bool], most: float = LONGEST) -> None:
    """Looks every 50 ms. Raises `TimeoutError`."""
    async with asyncio.timeout(most):
        while not ready():  # noqa: ASYNC110 - other processes ring no bell here
            await asyncio.sleep(0.05)
