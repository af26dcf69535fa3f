"""One stored update, one transaction: the answer, the records, the audit and the inbox mark appear together or not at all."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col, select
from telegram import Bot

from bot.incoming import understood
from bot.receiver import read
from dialogue import confidences
from dialogue.asides import PUT_OFF, Aside
from dialogue.desk import handle
from dialogue.forms import Desk
from dialogue.telling import stranger
from dialogue.values import Incoming
from models.messages import Inbox, Outbox, card_by_key
from models.people import key, speaker
from models.present import in_force
from models.restores import held
from models.store import NotLeadingError, Store
from models.vault import NoKeyError, vault_of
from papers.discretion import discretion
from rules.house import House
from words import Say, Voice, say

log = logging.getLogger(__name__)
MOST_TRIES = 3
EMPTIED = "{}"


@dataclass(frozen=True)
class Toast:
    """A passing word for a button press, sent after the commit as best it can."""

    query: str
    text: str | None


class Worker:
    def __init__(self, bot: Bot, store: Store, house: House, desk: Desk) -> None:
        self.bot = bot
        self.store = store
        self.house = house
        self.desk = desk
        self.waiting: int | None = None
        """The update that is being handled, or could not be."""
        self.handled = 0
        """How many were, since the start."""
        self.asides: list[Aside] = []
        """Looks that were put off, and are still to be taken."""
        self._put_off: list[Aside] = []

    async def step(self, now: datetime) -> Toast | bool:
        """Handle the oldest stored update. False when there is none, otherwise True or the word for the button pressed."""
        self.waiting, self._put_off = None, []
        try:
            done = await self.store.run(self._handle_oldest, now)
            self.handled += done is not False
            self.asides += self._put_off
            return done
        except (OperationalError, NotLeadingError):
            raise  # the database is busy, full, away or another's by now: no fault of the update, which waits
        except Exception as error:
            if self.waiting is None:
                raise
            log.exception("update %s could not be handled", self.waiting)
            await self.store.run(_set_aside, self.waiting, type(error).__name__, now, self)
            return True

    def taken(self) -> list[Aside]:
        """The looks that were put off since they were taken last."""
        found, self.asides = self.asides, []
        return found

    def _handle_oldest(self, session: Session, now: datetime) -> Toast | bool:
        row = _oldest(session)
        if row is None:
            return False
        self.waiting = key(row)
        return self._handle(session, row, now) or True

    def _handle(self, session: Session, row: Inbox, now: datetime) -> Toast | None:
        body = read(vault_of(session), row.body)
        incoming, query = understood(body, self.bot)
        if incoming is None:
            row.state, row.body = "handled", json.dumps(body)
            return None
        incoming = self.filed(session, row, body, incoming)
        row.state = "handled"
        if incoming.press is not None:
            _found_again(session, incoming, body["callback_query"].get("message"), now)
        self.house = in_force(session, self.house)
        word = handle(session, self.house, self.desk, incoming, f"update:{row.id}", now)
        self._put_off = session.info.get(PUT_OFF, [])
        return Toast(query, self._said(session, word, incoming, now)) if query else None

    def filed(self, session: Session, row: Inbox, body: dict[str, Any], incoming: Incoming) -> Incoming:
        """What was locked when it came stays so where it is confidential, and is laid open otherwise. Without a key nothing of what
        is confidential is kept."""
        if not confidences.is_part(session, self.desk, incoming):
            row.body = json.dumps(body)
            return incoming
        vault = vault_of(session)
        if not vault.ready:
            row.body = EMPTIED
        elif incoming.message is not None:
            row.told_by = confidences.place(vault, incoming.chat, incoming.message)
        return replace(incoming, confidential=True)

    def _said(self, session: Session, word: Say | None, incoming: Incoming, now: datetime) -> str | None:
        if word is None:
            return None
        staff = speaker(session, incoming.speaker)
        voice = Voice(staff.language if staff else self.house.language, self.house.calendar.tz, now)
        if not word.values:  # nothing that could tell a secret
            return voice.plain(word)
        card = card_by_key(session, (incoming.press or "").partition(".")[0])
        told = discretion(session, voice, staff, now)
        return told(voice.plain(word), told.concerned(card.buttons) if card else ())


OLDEST = select(Inbox).where(Inbox.state == "waiting").order_by(col(Inbox.id)).limit(1)


def _oldest(session: Session) -> Inbox | None:
    """None also after a restore that nobody has confirmed yet: what comes in is kept until then."""
    if held(session):
        return None
    return session.exec(OLDEST).first()


def _found_again(session: Session, incoming: Incoming, message: dict[str, Any] | None, now: datetime) -> None:
    """A press shows that its card arrived, and where: both are unknown when the answer to its sending was lost. Without this
    the card could never be drawn anew."""
    card = card_by_key(session, (incoming.press or "").partition(".")[0])
    if card is None or message is None or card.message_id is not None or card.chat_id != incoming.chat:
        return
    card.message_id = message["message_id"]
    unsure = col(Outbox.state).in_(("waiting", "uncertain"))
    for row in session.exec(select(Outbox).where(Outbox.card_id == key(card), unsure, col(Outbox.edits).is_(False))):
        row.state, row.sent_at = "sent", now


def _set_aside(session: Session, number: int, why: str, now: datetime, worker: Worker) -> None:
    """Three tries, then the update is laid aside, and whoever sent it is told that it was not saved."""
    row = session.get_one(Inbox, number)
    row.tries += 1
    row.error = why
    if row.tries < MOST_TRIES:
        return
    row.state = "set_aside"
    try:
        body = read(vault_of(session), row.body)
    except NoKeyError:
        log.exception("update %s was locked with another key", number)
        return
    try:
        incoming, _ = understood(body, worker.bot)
    except Exception:
        log.exception("update %s can't be read at all", number)
        row.body = json.dumps(body)
        return
    if incoming is None:
        row.body = json.dumps(body)
        return
    worker.filed(session, row, body, incoming)
    if incoming.private:
        stranger(session, incoming.chat, say("failed"), f"failed:{number}", now)
