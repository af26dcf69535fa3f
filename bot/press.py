"""Files that take long, one after the other, each by a process of its own: here nothing but its steps are passed on."""

from __future__ import annotations

import asyncio
import contextlib
import json
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Final

from sqlmodel import Session

from bot.letters import Letter, Outcome
from dialogue.making import WAITING, progressed
from models.messages import Outbox
from models.people import Staff
from models.present import in_force
from models.store import Store
from papers.book import Paper
from papers.jobs import Job
from rules.house import House

PATIENCE: Final = 300.0
"""Seconds until a file that is not done is given up."""
Told = Callable[[str], Awaitable[None]]


class NotPrintedError(Exception):
    """What the other process said before it gave up, or that it said nothing more."""


class Press:
    def __init__(self, store: Store, house: House) -> None:
        self.store, self.house = store, house
        self._one = asyncio.Lock()

    async def made(self, letter: Letter, now: datetime) -> Paper:
        """Raises `NotPrintedError`. Two at once would only be slower, and take twice the memory."""
        async with self._one, asyncio.timeout(PATIENCE):
            job = await self.store.beside(self._job, letter)
            process = await asyncio.create_subprocess_exec(*job.command, stdin=PIPE, stdout=PIPE)
            try:
                return await _printed(process, job.packed, partial(self._told, letter.row, now))
            finally:
                await _ended(process)

    async def _told(self, number: int, now: datetime, stage: str) -> None:
        await self.store.run(_say, number, now, stage)

    def _job(self, letter: Letter) -> Job:
        with self.store.read() as session:
            row = session.get_one(Outbox, letter.row)
            staff = session.get_one(Staff, row.staff_id)
            return Job.of(session, in_force(session, self.house), staff, letter.document or {}, row.created_at)


def _say(session: Session, number: int, now: datetime, stage: str) -> None:
    progressed(session, session.get_one(Outbox, number), stage, now)


async def _printed(process: Process, packed: bytes, told: Told) -> Paper:
    if process.stdin is None or process.stdout is None:
        raise NotPrintedError("no way to speak with it")
    process.stdin.write(packed)
    await process.stdin.drain()
    process.stdin.close()
    while line := await process.stdout.readline():
        match json.loads(line):
            case {"stage": str(stage)}:
                await told(stage)
            case {"name": str(name), "size": int(size)}:
                return Paper(name, await process.stdout.readexactly(size))
            case {"failed": why}:
                raise NotPrintedError(why)
    raise NotPrintedError("it ended without a word")


async def _ended(process: Process) -> None:
    """It has nothing more to say, or nobody wants to hear it any more."""
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    await process.wait()


def settled(session: Session, row: Outbox, outcome: Outcome, now: datetime) -> None:
    """How it ended is said on the card of the one who asked."""
    if not (row.document or {}).get("stages"):
        return
    if outcome.message is not None:
        progressed(session, row, "done", now)
    elif outcome.again_in is not None:
        progressed(session, row, WAITING, now)
    else:
        progressed(session, row, "unsure" if outcome.uncertain else "failed", now)
