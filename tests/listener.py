"""Somebody outside Telegram who hears the alarms: a small web hook on loopback, for apprise's json:// addresses."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

SECRET = "the-secret-path-of-the-listener"


class Listener:
    def __init__(self) -> None:
        self.heard: list[str] = []
        self.refuses = False
        self.port = 0
        self._news = asyncio.Event()

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.port}/{SECRET}"

    async def hears(self, text: str, seconds: float = 20.0) -> str:
        """Wait for an alarm with these words."""
        async with asyncio.timeout(seconds):
            while True:
                found = [each for each in self.heard if text in each]
                if found:
                    return found[0]
                self._news.clear()
                await self._news.wait()

    async def take(self, request: web.Request) -> web.Response:
        if self.refuses:
            return web.Response(status=500)
        body = await request.json()
        self.heard.append(f"{body['title']}: {body['message']}")
        self._news.set()
        return web.Response()


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/{path:.*}", listener.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    listener.port = runner.addresses[0][1]
    yield listener
    await runner.cleanup()
