"""The company at work for fault cases: a real database, a simulated Telegram on a real wire, time that is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from telegram import Bot
from telegram.error import InvalidToken

from bot.clock import Clock
from bot.config import Config, TelegramSection
from bot.sender import Sender
from bot.service import Service
from models.store import Store
from simulator.server import Server, serve
from simulator.telegram import Telegram
from tests.company import PEOPLE
from tests.guard.faults.wires import closes, foreseeing
from tests.office import START, quick_limiter
from tests.servers import a_house, rulebook_text

TOKEN = "1000000001:AAE-the-token-of-the-fault-cases-0123456789"
SENDS = ("sendMessage", "editMessageText", "sendDocument")


@dataclass
class Site:
    telegram: Telegram
    server: Server
    service: Service
    clock: Clock
    wire: Callable[[], Bot]
    seconds: float = 0.0
    ended: int = 0
    """How often Telegram no longer knew the bot, which ends the process."""

    @property
    def store(self) -> Store:
        return self.service.store

    @property
    def sender(self) -> Sender:
        return self.service.sender

    def enters(self, user: int, name: str) -> None:
        """Somebody whom the bot may write to."""
        self.telegram.world().private(self.telegram.person(user, name)).silent = None

    async def step(self) -> bool:
        """Send what may go now. After an end the supervisor starts us again; it takes its time."""
        try:
            tried = await self.sender.step(self.clock.now())
            return await self.sender.finish() or tried > 0
        except InvalidToken:
            self.ended += 1
            await self.sender.recover(self.clock.now())
            return False

    def passes(self, seconds: float) -> None:
        self.seconds += seconds
        self.clock.move(timedelta(seconds=seconds))

    def texts(self, user: int, chat: int | None = None) -> list[str]:
        return [bubble.text for bubble in self.telegram.chat(user, chat) if bubble.by_bot]

    def asked(self, methods: Sequence[str] = SENDS) -> int:
        return sum(call.method in methods for call in self.telegram.calls)


@asynccontextmanager
async def site_on(url: str) -> AsyncIterator[Site]:
    """`url` is a furnished database of nobody else's."""
    clock = Clock(START, still=True)
    telegram = Telegram(clock.now, token=TOKEN)
    server = await serve(telegram)
    store = Store(url)
    config = Config(telegram=TelegramSection(token=TOKEN, base_url=server.base_url))
    bots: list[Bot] = []

    def wire() -> Bot:
        bots.append(foreseeing(TOKEN, server.base_url, telegram.faults))
        return bots[-1]

    service = Service(config, store, a_house(rulebook_text()), clock, quick_limiter(), wire)
    site = Site(telegram, server, service, clock, wire)
    service.sender.monotonic = lambda: site.seconds
    for _, name, user, _ in PEOPLE.values():
        site.enters(user, name)
    try:
        yield site
    finally:
        for bot in bots:
            await closes(bot)
        await server.close()
        store.close()
