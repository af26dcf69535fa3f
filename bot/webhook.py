"""Telegram calls us: the raw body is stored before the answer 200, so nothing that was confirmed can be lost."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable

from aiohttp import web
from sqlalchemy.exc import OperationalError
from telegram import Bot

from bot.clock import Clock
from bot.config import TelegramSection
from bot.receiver import KINDS, store_updates
from bot.shortage import Shortage, is_full
from models.store import Store

HEADER = "X-Telegram-Bot-Api-Secret-Token"


class Webhook:
    """A small server on `webhook_listen`; `news` is called when something was stored."""

    def __init__(
        self, config: TelegramSection, store: Store, clock: Clock, news: Callable[[], None], shortage: Shortage
    ) -> None:
        self.config = config
        self.store = store
        self.clock = clock
        self.news = news
        self.shortage = shortage
        app = web.Application(client_max_size=1024**2)
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None)

    async def open(self) -> None:
        host, _, port = self.config.webhook_listen.rpartition(":")
        await self._runner.setup()
        await web.TCPSite(self._runner, host, int(port)).start()

    async def register(self, bot: Bot) -> None:
        """Tell Telegram where to bring what comes in."""
        await bot.set_webhook(self.config.webhook_url or "", allowed_updates=KINDS, secret_token=self._secret())

    async def close(self) -> None:
        await self._runner.cleanup()

    def _secret(self) -> str | None:
        return self.config.secret_token.get_secret_value() if self.config.secret_token else None

    async def _take(self, request: web.Request) -> web.Response:
        secret = self._secret()
        if secret and not hmac.compare_digest(request.headers.get(HEADER, ""), secret):
            return web.Response(status=403)
        try:
            update = json.loads(await request.read())
            number = update["update_id"]
        except (ValueError, KeyError, TypeError):
            return web.Response(status=400)
        if not isinstance(number, int):
            return web.Response(status=400)
        try:
            await self.store.run(store_updates, [update], self.clock.now())
        except OperationalError as error:
            if is_full(error):
                await self.shortage.tell([update], self.clock.now())
            return web.Response(status=503)
        self.news()
        return web.Response()
