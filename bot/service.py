"""The running product: receiver, worker, tick and sender around one database. The composition root."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.exc import InternalError, OperationalError
from sqlmodel import Session
from telegram import Bot, BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.alarms import Alarm
from bot.asides import Asides
from bot.backup_job import BackupJob
from bot.clock import Clock
from bot.config import Config
from bot.dead_man import say_all_is_well
from bot.fetching import Fetcher
from bot.leader import first_line
from bot.limits import Limiter
from bot.list_imports import Importer
from bot.receiver import Receiver
from bot.sender import Sender, seconds
from bot.shortage import Shortage, is_full
from bot.signs import Signs
from bot.survey_page import SurveyPage
from bot.timer import Timer
from bot.watch import Part, Watch
from bot.webhook import Webhook
from bot.wire import connect
from bot.worker import Toast, Worker
from dialogue.asides import Aside
from handlers import DESK
from models import chain, sealings, vitals
from models.present import in_force
from models.store import NotLeadingError, Store
from rules.house import House
from scheduler.auditor import Auditor
from scheduler.concerns import Concern, concerns
from scheduler.tick import tick
from words import LANGUAGES, Voice, say

log = logging.getLogger(__name__)

COMMANDS = (
    *("log", "complain", "inquiry", "callback", "find", "customers", "file", "due", "case", "undo", "correct"),
    *("newcustomer", "report", "report_concern", "away", "rules", "me", "menu", "help", "cancel", "lang"),
)


@dataclass(frozen=True)
class Rhythm:
    """Seconds: how long Telegram may hold a poll; how often clocks are looked at, and the signs of life written down."""

    poll: int = 25
    tick: float = 10.0
    audit: float = 120.0
    backup: float = 10.0
    note: float = 10.0
    fetch: float = 10.0
    retire: float = 30.0
    """How long messages under way may still use the client that was replaced."""
    breath: float = 1.0
    """Before what failed is tried again; twice as long each time while starting."""


class Service:
    """`run()` is the product; the tests call `settle()`, which does the same steps until nothing is left to do."""

    def __init__(
        self,
        config: Config,
        store: Store,
        house: House,
        clock: Clock,
        limiter: Limiter | None = None,
        wire: Callable[[], Bot] | None = None,
        chain_key: bytes | None = None,
        backups: BackupJob | None = None,
        watch: Watch | None = None,
        rhythm: Rhythm | None = None,
    ) -> None:
        """Without `chain_key` the rows of the audit wait unchained for a process that has it, and nothing confidential is taken."""
        self.config = config
        self.store = store
        self.house = house
        self.clock = clock
        self._wire = wire or partial(connect, config.telegram)
        self.bot = self._wire()
        self.receiver = Receiver(self.bot, store)
        self.worker = Worker(self.bot, store, house, DESK)
        self.sender = Sender(self.bot, store, house, limiter)
        self.asides = Asides(store, house, DESK)
        self.fetcher = Fetcher(self.bot, store)
        self.lists = Importer(self.bot, store, house, config.admin.telegram_ids, lambda: self.worker.handled)
        self.chain_key = chain_key
        if chain_key is not None:
            store.vault.take_key(chain_key)
        self.auditor = Auditor(store, house, chain_key)
        self.backups = backups
        self.shortage = Shortage(self.bot, store, house)
        self.watch = watch or Watch()
        self.rhythm = rhythm or Rhythm()
        self.timer = Timer({"tick": (self.tick, self.rhythm.tick), "audit": (self.audit, self.rhythm.audit)})
        self.signs = Signs(config, store, clock, self.watch)
        self._news = asyncio.Event()
        self._mail = asyncio.Event()
        self._sending = asyncio.Lock()
        self._loops: dict[Part, asyncio.Task[None]] = {}
        self._asides: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.bot.initialize()
        await self.sender.recover(self.clock.now())
        await self.store.run(vitals.called, self.bot.username, self.clock.now())

    async def stop(self) -> None:
        await self.sender.stop()
        await self.bot.shutdown()

    async def settle(self) -> None:
        """Receive, handle and send until there is nothing left."""
        busy = True
        while busy:
            busy = await self.receiver.poll(self.clock.now(), 0) > 0
            while word := await self.worker.step(self.clock.now()):
                await self._toast(word)
                busy = True
            for each in self.worker.taken():
                await self.asides.look(each, self.clock.now())
            while await self.lists.step(self.clock.now()):
                busy = True
            while await self.sender.step(self.clock.now()) or await self.sender.finish():
                busy = True
            while await self.fetcher.step(self.clock.now()):
                busy = True

    async def tick(self) -> None:
        """Everything that is owed now, in batches."""
        while True:
            done, told = await self.store.run(self._tick, self.clock.now())
            self.watch.pulse.beat(Part.TICK)
            self._mail.set()
            for each in told:
                if each.kind == Alarm.SET_ASIDE:
                    self.watch.cry(Alarm.SET_ASIDE, count=each.count)
            if not done:
                break
        if self.chain_key is not None:
            await self._chain(self.chain_key, self.clock.now())
        await self._wipe()

    def _tick(self, session: Session, now: datetime) -> tuple[int, list[Concern]]:
        self.house = in_force(session, self.house)
        done = tick(session, self.house, now)
        return done, [] if done else concerns(session, now)

    async def _wipe(self) -> None:
        """After a sealing, what was there is taken out of the files of the database too."""
        sealed = await self.store.run(sealings.unwiped)
        if sealed and await self.store.wipe():
            await self.store.run(sealings.mark_wiped, sealed, self.clock.now())

    async def _chain(self, key: bytes, now: datetime) -> None:
        """What was committed since the last tick gets its links."""
        while await self.store.run(chain.append, key, now):
            pass

    async def audit(self) -> bool:
        """The auditor's round; returns whether all is well, which the dead man's address is told."""
        well = await self.auditor.round(self.clock.now())
        self._mail.set()
        address = self.config.alarm.dead_man_url
        if well and address is not None:
            await say_all_is_well(address.get_secret_value())
        return well

    async def run(self) -> None:
        """Until cancelled. Starting without a network waits and tries on."""
        await self._until_told(self.start)
        webhook = Webhook(self.config.telegram, self.store, self.clock, self._news.set, self.shortage)
        page = SurveyPage(self.config.survey_page, self.store, lambda: self.house, self.clock, self._mail.set)
        try:
            async with asyncio.TaskGroup() as group:
                if self.config.telegram.mode == "webhook":
                    await webhook.open()
                    await self._until_told(lambda: webhook.register(self.bot))
                else:
                    await self._until_told(self.bot.delete_webhook)
                await page.open()
                self._begin(group)
                group.create_task(self._steadily(self._work))
                group.create_task(self._steadily(self._note))
                group.create_task(self._introduce())
                group.create_task(self._steadily(self._back_up))
                group.create_task(self._steadily(self._fetch))
                group.create_task(self._steadily(self._import))
        finally:
            self.watch.pulse.end()
            self.timer.stop()
            await webhook.close()
            await page.close()
            with contextlib.suppress(TelegramError):
                await self.stop()

    # What the watch holds on to

    def _begin(self, group: asyncio.TaskGroup) -> None:
        """The parts that are watched, and what is done for each when it gets nowhere."""

        def renew(part: Part, step: Callable[[], Awaitable[None]]) -> None:
            if (old := self._loops.get(part)) is not None:
                old.cancel()
            self._loops[part] = group.create_task(self._steadily(step))

        async def reconnect() -> None:
            self._connect_anew()
            if Part.RECEIVER in self._loops:
                renew(Part.RECEIVER, self._receive)

        async def send_anew() -> None:
            await reconnect()
            self._loops[Part.SENDER].cancel()
            await asyncio.wait([self._loops[Part.SENDER]], timeout=self.rhythm.retire)
            await self.sender.recover(self.clock.now())
            renew(Part.SENDER, self._send)

        self.watch.follow(self.clock)
        self.watch.remedies |= {
            Part.TICK: self.timer.restart,
            Part.RECEIVER: reconnect,
            Part.DELIVERY: reconnect,
            Part.SENDER: send_anew,
        }
        for part in (Part.TICK, Part.SENDER, Part.DELIVERY, Part.DATABASE):
            self.watch.pulse.beat(part)
        if self.config.telegram.mode == "polling":
            self.watch.pulse.beat(Part.RECEIVER)
            renew(Part.RECEIVER, self._receive)
        renew(Part.SENDER, self._send)
        self.timer.start()

    def _connect_anew(self) -> None:
        """A fresh client for everything that talks with Telegram; the old one ends when its last messages are through."""
        old, self.bot = self.bot, self._wire()
        self.receiver.bot = self.worker.bot = self.sender.bot = self.shortage.bot = self.bot
        self.fetcher.bot = self.lists.bot = self.bot
        self._aside(self._retire(old))

    async def _retire(self, old: Bot) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.rhythm.retire), self._sending:
                pass
        with contextlib.suppress(TelegramError):
            await old.shutdown()

    def _aside(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _note(self) -> None:
        """Write down how we are; what the database answers, even a refusal, is a sign of its life."""
        try:
            await self.signs.note()
        finally:
            self.watch.pulse.beat(Part.DATABASE)
        await asyncio.sleep(self.rhythm.note)

    async def _until_told(self, ask: Callable[[], Awaitable[object]]) -> None:
        """Telegram is asked until it has answered."""
        pause, began = self.rhythm.breath, self.watch.pulse.monotonic()
        patience = self.watch.patience.limits[Part.RECEIVER].ails
        while True:
            try:
                await ask()
                return
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("Telegram can't be reached yet (%s); trying again in %.0f s", error, pause)
                if (waited := self.watch.pulse.monotonic() - began) >= patience:
                    self.watch.cry(Alarm.RECEIVER, seconds=round(waited))
                await asyncio.sleep(pause)
                pause = min(pause * 2, 30.0)

    async def _steadily(self, step: Callable[[], Awaitable[None]]) -> None:
        """A loop that outlives errors: they are logged, and it goes on after a breath. A revoked token or a lost lead ends it."""
        while True:
            try:
                await step()
            except (InvalidToken, NotLeadingError):
                raise
            except RetryAfter as told:
                await asyncio.sleep(seconds(told))
            except TelegramError as error:
                log.warning("%s: %s", step.__name__, error)
                await asyncio.sleep(self.rhythm.breath)
            except Exception as error:
                log.exception("%s failed", step.__name__)
                await self._look_into(error)
                await asyncio.sleep(self.rhythm.breath)

    async def _look_into(self, error: Exception) -> None:
        if is_full(error):
            await self._full()
        if is_full(error) or isinstance(error, (OperationalError, InternalError)):
            self._database_failed(error)

    async def _full(self) -> None:
        now = self.clock.now()
        await self.shortage.tell(self.receiver.unsaved, now)
        await self.shortage.tell_of(self.worker.waiting, now)

    def _database_failed(self, error: BaseException) -> None:
        """Somebody else holding the lock for a moment is no failure; if it lasts, the watch ends the process."""
        reason = first_line(getattr(error, "orig", None) or error)
        if "locked" not in reason:
            self.watch.cry(Alarm.DATABASE, reason=reason)

    async def _receive(self) -> None:
        await self.bot.initialize()
        if await self.receiver.poll(self.clock.now(), self.rhythm.poll):
            self._news.set()
        self.watch.pulse.beat(Part.RECEIVER)

    async def _work(self) -> None:
        self._news.clear()
        while word := await self.worker.step(self.clock.now()):
            self._mail.set()
            if isinstance(word, Toast):
                self._aside(self._toast(word))
            for each in self.worker.taken():
                self._aside(self._look(each))
        await _either(self._news, 1.0)

    async def _look(self, aside: Aside) -> None:
        await self.asides.look(aside, self.clock.now())
        self._mail.set()

    async def _send(self) -> None:
        self._mail.clear()
        busy = 1
        while busy:
            async with self._sending:
                busy = await self.sender.step(self.clock.now())
            self.watch.pulse.beat(Part.SENDER)
            if not self.sender.unanswered:
                self.watch.pulse.beat(Part.DELIVERY)
        await _either(self._mail, 0.2)

    async def _fetch(self) -> None:
        while await self.fetcher.step(self.clock.now()):
            pass
        await asyncio.sleep(self.rhythm.fetch)

    async def _back_up(self) -> None:
        if self.backups is not None:
            await self.backups.step(self.clock.now())
        await asyncio.sleep(self.rhythm.backup)

    async def _import(self) -> None:
        """Lists that people sent, a part at a time, so that nothing has to wait for them."""
        busy = await self.lists.step(self.clock.now())
        if busy:
            self._mail.set()
        await asyncio.sleep(0.02 if busy else self.rhythm.breath)

    async def _toast(self, word: Toast | bool) -> None:
        """Best effort: anything that matters is on the card."""
        if not isinstance(word, Toast):
            return
        with contextlib.suppress(TelegramError):
            await self.bot.answer_callback_query(word.query, word.text[:200] if word.text else None)

    async def _introduce(self) -> None:
        """The menu of commands, in both languages."""
        for language in LANGUAGES:
            voice = Voice(language, self.house.calendar.tz, self.clock.now())
            menu = [BotCommand(name, voice.plain(say(f"command.{name}"))) for name in COMMANDS]
            code = None if language == self.house.language else language[:2]
            try:
                await self.bot.set_my_commands(menu, language_code=code)
            except TelegramError as error:
                log.warning("the menu of commands could not be set: %s", error)


async def _either(event: asyncio.Event, seconds: float) -> None:
    """Not by `wait_for`: in Python 3.11 it forgets that it was called off when the event comes in the same moment."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
