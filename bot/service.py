"""The running product: receiver, worker, tick and sender around one database. The composition root."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlmodel import Session, select
from telegram import Bot, BotCommand
from telegram.error import InvalidToken, RetryAfter, TelegramError

from bot.backup_job import BackupJob
from bot.clock import Clock
from bot.config import Config
from bot.dead_man import say_all_is_well
from bot.limits import Limiter
from bot.receiver import Receiver
from bot.sender import Sender, seconds
from bot.shortage import Shortage, is_full
from bot.webhook import Webhook
from bot.wire import connect
from bot.worker import Toast, Worker
from handlers import DESK
from models import chain, duties, rulebooks
from models.people import Assignment, Staff, company, key, seats
from models.store import NotLeadingError, Store
from rules.calendar import Calendar
from rules.house import House
from rules.roles import Role
from rules.rulebook import load as load_rulebook
from scheduler import digest
from scheduler.auditor import Auditor
from scheduler.tick import tick
from words import LANGUAGES, Voice, say

log = logging.getLogger(__name__)
POLL_SECONDS = 25
TICK_SECONDS = 10
AUDIT_SECONDS = 120
COMMANDS = (
    *("log", "complain", "callback", "find", "due", "case", "undo", "correct", "newcustomer"),
    *("report", "rules", "me", "menu", "help", "cancel", "lang"),
)


def open_house(config: Config, store: Store, now: datetime) -> House:
    """Bring the database and its clocks in step with this release, the rulebook and the staff. Raises `RulebookError`."""
    text = config.rulebook.path.read_text(encoding="utf-8")
    rulebook = load_rulebook(text, str(config.rulebook.path))
    store.upgrade()
    version = store.run_here(rulebooks.remember, text, now)
    house = House(
        company=config.company.name,
        province=config.company.province,
        calendar=Calendar(ZoneInfo(config.company.timezone)),
        rulebook=rulebook,
        rulebook_version=version,
        language=config.company.language,
        quiet=config.hours.as_quiet(),
        digest=config.hours.digest,
    )
    store.run_here(settle_in, house, config.admin.telegram_ids, now)
    return house


def settle_in(session: Session, house: House, admins: list[int], now: datetime) -> None:
    """What the company as it stands calls for: first administrators, duties, digests."""
    for number in admins:
        _administrator(session, number, now)
    duties.sync(session, house, now)
    digest.ensure(session, house, now)


def _administrator(session: Session, telegram_id: int, now: datetime) -> None:
    staff = session.exec(select(Staff).where(Staff.telegram_id == telegram_id)).first()
    if staff is None:
        staff = Staff(number=f"ADMIN{telegram_id}", name="管理员", telegram_id=telegram_id)
        session.add(staff)
        session.flush()
    if all(seat.role != Role.ADMIN for seat in seats(session, key(staff), now)):
        session.add(Assignment(staff_id=key(staff), role=Role.ADMIN, unit_id=key(company(session)), starts=now))


class Service:
    """`run()` is the product; the tests call `settle()`, which does the same steps until nothing is left to do."""

    def __init__(
        self,
        config: Config,
        store: Store,
        house: House,
        clock: Clock,
        limiter: Limiter | None = None,
        bot: Bot | None = None,
        chain_key: bytes | None = None,
        backups: BackupJob | None = None,
    ) -> None:
        """Without `chain_key` the rows of the audit wait unchained for a process that has it."""
        self.config = config
        self.store = store
        self.house = house
        self.clock = clock
        self.bot = bot or connect(config.telegram)
        self.receiver = Receiver(self.bot, store)
        self.worker = Worker(self.bot, store, house, DESK)
        self.sender = Sender(self.bot, store, house, limiter)
        self.chain_key = chain_key
        self.auditor = Auditor(store, house, chain_key)
        self.backups = backups
        self.shortage = Shortage(self.bot, store, house)
        self._news = asyncio.Event()
        self._mail = asyncio.Event()
        self._toasts: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.bot.initialize()
        await self.sender.recover(self.clock.now())

    async def stop(self) -> None:
        await self.bot.shutdown()

    async def settle(self) -> None:
        """Receive, handle and send until there is nothing left."""
        busy = True
        while busy:
            busy = await self.receiver.poll(self.clock.now(), 0) > 0
            while word := await self.worker.step(self.clock.now()):
                await self._toast(word)
                busy = True
            while await self.sender.step(self.clock.now()):
                busy = True

    async def tick(self) -> None:
        """Everything that is owed now, in batches."""
        while await self.store.run(tick, self.house, self.clock.now()):
            self._mail.set()
        if self.chain_key is not None:
            await self._chain(self.chain_key, self.clock.now())
        self._mail.set()

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
        await self._until_connected()
        scheduler = AsyncIOScheduler(timezone="UTC")
        every = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        scheduler.add_job(self.tick, "interval", seconds=TICK_SECONDS, **every)
        scheduler.add_job(self.audit, "interval", seconds=AUDIT_SECONDS, **every)
        webhook = Webhook(self.config.telegram, self.store, self.clock, self._news.set, self.shortage)
        scheduler.start()
        try:
            async with asyncio.TaskGroup() as group:
                if self.config.telegram.mode == "webhook":
                    await webhook.open(self.bot)
                else:
                    await self.bot.delete_webhook()
                    group.create_task(self._steadily(self._receive))
                group.create_task(self._steadily(self._work))
                group.create_task(self._steadily(self._send))
                group.create_task(self._introduce())
                group.create_task(self._steadily(self._back_up))
        finally:
            scheduler.shutdown(wait=False)
            await webhook.close()
            with contextlib.suppress(TelegramError):
                await self.stop()

    async def _until_connected(self) -> None:
        pause = 1.0
        while True:
            try:
                return await self.start()
            except InvalidToken:
                raise
            except TelegramError as error:
                log.warning("Telegram can't be reached yet (%s); trying again in %.0f s", error, pause)
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
                await asyncio.sleep(1)
            except Exception as error:
                log.exception("%s failed", step.__name__)
                if is_full(error):
                    await self._full()
                await asyncio.sleep(1)

    async def _full(self) -> None:
        now = self.clock.now()
        await self.shortage.tell(self.receiver.unsaved, now)
        await self.shortage.tell_of(self.worker.waiting, now)

    async def _receive(self) -> None:
        if await self.receiver.poll(self.clock.now(), POLL_SECONDS):
            self._news.set()

    async def _work(self) -> None:
        self._news.clear()
        while word := await self.worker.step(self.clock.now()):
            self._mail.set()
            if isinstance(word, Toast):
                task = asyncio.create_task(self._toast(word))
                self._toasts.add(task)
                task.add_done_callback(self._toasts.discard)
        await _either(self._news, 1.0)

    async def _send(self) -> None:
        self._mail.clear()
        while await self.sender.step(self.clock.now()):
            pass
        await _either(self._mail, 0.2)

    async def _back_up(self) -> None:
        if self.backups is not None:
            await self.backups.step(self.clock.now())
        await asyncio.sleep(TICK_SECONDS)

    async def _toast(self, word: Toast | bool) -> None:
        """Best effort: anything that matters is on the card."""
        if not isinstance(word, Toast):
            return
        voice = Voice(word.language, self.house.calendar.tz, self.clock.now())
        with contextlib.suppress(TelegramError):
            await self.bot.answer_callback_query(word.query, voice.plain(word.text)[:200] if word.text else None)

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
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
