"""What was attached to the papers of a customer: fetched from Telegram once, and kept by the digest of its content.

Telegram keeps a file for as long as it likes; a business licence must be there in ten years. What is owed stands in the paper's row
(`fetch_at`), so that it outlives us. What can't be fetched is tried again, later and later, and then left with Telegram's own id.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session, col, select
from telegram import Bot
from telegram.error import BadRequest, TelegramError

from models.customers import Customer
from models.files import Paper, StoredFile
from models.people import key
from models.store import Store

log = logging.getLogger(__name__)
MOST_TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
LARGEST = 20_000_000
"""Bytes; Telegram gives a bot no larger file."""


class Fetcher:
    def __init__(self, bot: Bot, store: Store) -> None:
        self.bot = bot
        self.store = store

    async def step(self, now: datetime) -> int:
        """Fetch what one paper still owes. Returns how many papers were dealt with."""
        wanted = await self.store.beside(self._wanted, now)
        if wanted is None:
            return 0
        number, refs = wanted
        try:
            contents = [await self._content(ref) for ref in refs]
        except TelegramError as error:
            final = isinstance(error, BadRequest)
            log.warning("an attachment of paper %s can't be fetched: %s", number, error)
            await self.store.run(_put_off, number, final, now)
            return 1
        await self.store.run(_keep, number, contents, now)
        return 1

    def _wanted(self, now: datetime) -> tuple[int, list[str]] | None:
        with self.store.read() as session:
            due = select(Paper).where(col(Paper.fetch_at) <= now).order_by(col(Paper.fetch_at), col(Paper.id)).limit(1)
            paper = session.exec(due).first()
            return (key(paper), [each["ref"] for each in paper.attachments if _is_owed(each)]) if paper else None

    async def _content(self, ref: str) -> bytes:
        file = await self.bot.get_file(ref)
        if (file.file_size or 0) > LARGEST:
            raise BadRequest("file is too big")
        return bytes(await file.download_as_bytearray())


def _is_owed(attachment: dict[str, Any]) -> bool:
    return bool(attachment.get("ref")) and "digest" not in attachment


def _keep(session: Session, number: int, contents: list[bytes], now: datetime) -> None:
    """Each content once, under its digest; the paper names it."""
    paper = session.get_one(Paper, number)
    if session.get_one(Customer, paper.customer_id).code_name:
        contents = []  # marked meanwhile: nothing of it is kept from the chat
    fresh = iter(contents)
    paper.attachments = [
        {**each, "digest": _stored(session, content, now)}
        if _is_owed(each) and (content := next(fresh, None)) is not None
        else each
        for each in paper.attachments
    ]
    paper.fetch_at = None


def _stored(session: Session, content: bytes, now: datetime) -> str:
    digest = hashlib.sha256(content).hexdigest()
    if session.get(StoredFile, digest) is None:
        session.add(StoredFile(digest=digest, size=len(content), content=content, at=now))
        session.flush()
    return digest


def _put_off(session: Session, number: int, final: bool, now: datetime) -> None:
    paper = session.get_one(Paper, number)
    paper.tries += 1
    over = final or paper.tries >= MOST_TRIES
    paper.fetch_at = None if over else now + FIRST_PAUSE * 2**paper.tries
