"""Lists that were sent in the chat: fetched, looked through beside those who work, and written part by part.

Each part is a transaction of its own and counts itself, so that after a restart the next one follows. The file is not kept: it is
fetched again when it is needed, and has to be the same. `step` does one thing; what is waited for meanwhile comes first.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any, Final

from sqlalchemy.exc import OperationalError
from sqlmodel import Session
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.sentences import RefusedError
from bot.settling import in_step
from bot.tables import Table, table_of
from dialogue.live import refresh
from dialogue.viewer import Viewer
from models import import_batches, import_preview, list_imports
from models.import_guess import kind_of, layout, missing, places
from models.import_preview import Preview
from models.importing import Review, Row, Tally
from models.kinds import Json
from models.list_imports import ListImport, State
from models.people import Staff, key
from models.present import in_force
from models.store import NotLeadingError, Store
from rules.house import House
from words import Say, pack, say

log = logging.getLogger(__name__)
MOST_FETCHED: Final = 20_000_000
"""Bytes; Telegram hands out no larger file to a bot."""
MOST_TRIES: Final = 3
KEPT_PROBLEMS: Final = 50
HOUR: Final = timedelta(hours=1)
EACH: Final = 5
"""Parts between two drawings of the card."""


@dataclass(frozen=True)
class Held:
    """A list in memory, as long as there is something to do with it."""

    number: int
    digest: str
    table: Table
    parts: Sequence[Sequence[Row]] = ()


class RefusedListError(Exception):
    """Why a list can't be taken, as it is said on its card."""

    def __init__(self, why: Say) -> None:
        super().__init__(why.id)
        self.why = why


class Importer:
    """`admins` are the administrators' Telegram ids from the configuration; `news` counts what people did, so that nobody looks for
    lists while nothing happens."""

    def __init__(
        self, bot: Bot, store: Store, house: House, admins: Sequence[int] = (), news: Callable[[], int] = lambda: 0
    ) -> None:
        self.bot = bot
        self.store = store
        self.house = house
        self.admins = admins
        self.news = news
        self._seen: int | None = None
        """How much had happened when there was nothing to do."""
        self._held: Held | None = None
        self._forgot: datetime | None = None

    async def step(self, now: datetime) -> bool:
        """Do the next thing. False when there is nothing to do."""
        happened = self.news()
        if happened == self._seen:
            return False
        row = await self.store.beside(self._next)
        if row is None:
            self._held, self._seen = None, happened
            await self._forget(now)
            return False
        try:
            await (self._write if row.state == State.WRITING else self._read)(row, now)
        except RefusedListError as refused:
            await self.store.run(self._refuse, key(row), refused.why, now)
        except (InvalidToken, NotLeadingError, OperationalError):
            raise
        except TelegramError as error:
            log.warning("list %s can't be fetched: %s", row.id, error)
            await self.store.run(self._failed, key(row), now)
        except Exception:
            log.exception("list %s can't be imported", row.id)
            await self.store.run(self._failed, key(row), now)
        return True

    async def _forget(self, now: datetime) -> None:
        """Once an hour, while people are about."""
        if self._forgot is None or now - self._forgot >= HOUR:
            self._forgot = now
            await self.store.run(list_imports.forget, now)

    def _next(self) -> ListImport | None:
        with self.store.read() as session:
            return list_imports.next_one(session)

    # Fetching

    async def _hold(self, row: ListImport) -> Held:
        """The list, fetched anew unless it is at hand."""
        if self._held is None or self._held.number != row.id:
            data = await self._fetched(row)
            digest_ = hashlib.sha256(data).hexdigest()
            if row.digest not in (None, digest_):
                raise RefusedListError(say("import.other_file"))
            self._held = Held(key(row), digest_, await self.store.beside(_table, PurePath(row.name), data))
        return self._held

    async def _fetched(self, row: ListImport) -> bytes:
        try:
            file = await self.bot.get_file(row.file["ref"])
        except BadRequest as error:
            large = "too big" in error.message.lower()
            raise RefusedListError(_too_large() if large else say("import.not_there")) from None
        if (file.file_size or 0) > MOST_FETCHED:
            raise RefusedListError(_too_large())
        data = bytes(await file.download_as_bytearray())
        if len(data) > MOST_FETCHED:
            raise RefusedListError(_too_large())
        return data

    # Looking

    async def _read(self, row: ListImport, now: datetime) -> None:
        held = await self._hold(row)
        found = await self.store.beside(self._looked, row, held.table, now)
        await self.store.run(self._looked_through, key(row), held, *found, now)

    def _looked(
        self, row: ListImport, table: Table, now: datetime
    ) -> tuple[str, dict[str, int], Preview | None, list[str]]:
        cells = [each for _, each in table.rows]
        kind = row.kind or kind_of(table.headings, cells)
        found = row.places or places(table.headings, cells, kind)
        plan = layout(table.headings, found)
        if missing(kind, found):
            return kind, found, None, list(plan.ignored)
        rows = [plan.row(line, each) for line, each in table.rows]
        with self.store.read() as session:
            if kind == "staff":
                seen = import_preview.of_staff(session, rows, self.admins, now)
            else:
                house = in_force(session, self.house)
                seen = import_preview.of_customers(session, house, rows, row.choices, now)
        return kind, found, seen, list(plan.ignored)

    def _looked_through(
        self,
        session: Session,
        number: int,
        held: Held,
        kind: str,
        found: dict[str, int],
        seen: Preview | None,
        ignored: list[str],
        now: datetime,
    ) -> None:
        row = session.get_one(ListImport, number)
        if row.state != State.READING:
            return
        row.kind, row.places, row.digest = kind, found, held.digest
        row.headings = [each[:100] for each in held.table.headings]
        row.found = {"rows": len(held.table.rows), "ignored": ignored, **(_said(seen) if seen else {})}
        if seen:
            _reject(row, held.table, seen.review)
        row.state, row.touched_at = State.WAITING, now
        self._draw(session, row, now)

    # Writing

    async def _write(self, row: ListImport, now: datetime) -> None:
        held = await self._hold(row)
        if not held.parts:
            held = self._held = await self.store.beside(self._parted, row, held)
        if row.done < len(held.parts):
            await self.store.run(self._part, key(row), held, row.done, now)
        else:
            await self.store.run(self._end, key(row), held, now)

    def _parted(self, row: ListImport, held: Held) -> Held:
        plan = layout(held.table.headings, row.places)
        rows = [plan.row(line, cells) for line, cells in held.table.rows]
        with self.store.read() as session:
            parts = import_batches.parts(session, row.kind or "customers", rows)
        return Held(held.number, held.digest, held.table, parts)

    def _part(self, session: Session, number: int, held: Held, at: int, now: datetime) -> None:
        row = session.get_one(ListImport, number)
        if row.state != State.WRITING or row.done != at:
            return
        house = in_force(session, self.house)
        rows = [each for each in held.parts[at] if each.line not in row.bad_lines]
        if at == 0:
            _reject_undecided(row, held.table)
            rows = [each for each in rows if each.line not in row.bad_lines]
        if row.kind == "staff":
            review, tally = import_batches.write_staff(session, house, rows, self.admins, now)
        else:
            review, tally = import_batches.write_customers(session, house, rows, row.choices, now)
        _reject(row, held.table, review)
        _count(row, tally)
        row.done, row.total, row.touched_at = at + 1, len(held.parts), now
        if at == 0 or row.done % EACH == 0:
            self._draw(session, row, now)

    def _end(self, session: Session, number: int, held: Held, now: datetime) -> None:
        row = session.get_one(ListImport, number)
        if row.state != State.WRITING:
            return
        house = in_force(session, self.house)
        import_batches.settle(session, house, now)
        in_step(session, house, now)
        row.total = len(held.parts)
        list_imports.finish(session, row, now)
        self._draw(session, row, now)

    # What goes wrong

    def _refuse(self, session: Session, number: int, why: Say, now: datetime) -> None:
        row = session.get_one(ListImport, number)
        self._held = None
        row.state, row.rejects, row.touched_at = State.REFUSED, [], now
        row.found = {**row.found, "refused": pack(why)}
        self._draw(session, row, now)

    def _failed(self, session: Session, number: int, now: datetime) -> None:
        """Something of ours or the network: a few tries, then it is said."""
        row = session.get_one(ListImport, number)
        row.tries += 1
        if row.tries >= MOST_TRIES:
            self._refuse(session, number, say("import.broken", done=row.done, total=row.total), now)

    def _draw(self, session: Session, row: ListImport, now: datetime) -> None:
        session.flush()
        view = Viewer(session, now, in_force(session, self.house), session.get_one(Staff, row.staff_id))
        refresh(view, row.subject, f"import:{row.id}:{row.state}:{row.done}")


def _table(name: PurePath, data: bytes) -> Table:
    try:
        return table_of(name, data)
    except RefusedError as refused:
        values = {each: str(value)[:100] for each, value in refused.values.items() if each != "path"}
        raise RefusedListError(say(f"import.{refused.key}", **values)) from None


def _too_large() -> Say:
    return say("import.file_large", most="20 MB")


def _said(seen: Preview) -> Json:
    problems = [str(each) for each in sorted([*seen.review.problems, *seen.review.remarks], key=lambda each: each.line)]
    return {
        "added": seen.added,
        "changed": seen.changed,
        "unchanged": seen.unchanged,
        "wrong": len(seen.review.bad_lines),
        "problems": problems[:KEPT_PROBLEMS],
        "more": max(0, len(problems) - KEPT_PROBLEMS),
        "alike": [vars(each) for each in seen.alike],
    }


def _reject(row: ListImport, table: Table, review: Review) -> None:
    bad = review.bad_lines
    reasons: dict[int, list[str]] = {}
    for each in review.problems:
        reasons.setdefault(each.line, []).append(f"{each.column}：{each.reason}")
    list_imports.reject(row, ((line, cells, "；".join(reasons[line])) for line, cells in table.rows if line in bad))


def _reject_undecided(row: ListImport, table: Table) -> None:
    """Whoever looks like somebody on file is not doubled without a word."""
    undecided = {each["line"] for each in row.found.get("alike", []) if str(each["line"]) not in row.choices}
    why = "客户名称：与已有的客户或前面的行名称相近，没有说是不是同一个"
    list_imports.reject(row, ((line, cells, why) for line, cells in table.rows if line in undecided))


def _count(row: ListImport, tally: Tally) -> None:
    new: dict[str, Any] = {"added": len(tally.added), "changed": len(tally.changed), "unchanged": tally.unchanged}
    row.counts = {name: row.counts.get(name, 0) + number for name, number in new.items()}
