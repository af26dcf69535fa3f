"""The simulated Telegram as a server on loopback: the Bot API, the page with the phones and the control API."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from aiohttp import web

from simulator.api import BotApi
from simulator.clockwork import Clockwork
from simulator.control import Control, errors_as_json
from simulator.telegram import Telegram
from simulator.webhooks import Couriers

PAGE = Path(__file__).with_name("page")
MOST_BODY = 60_000_000
LOOPBACK = ("127.0.0.1", "localhost")
POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'"


class Server:
    """Made by `serve`; `base_url` goes into the bot's configuration, the token follows it."""

    def __init__(self, telegram: Telegram, clockwork: Clockwork | None, host: str, port: int) -> None:
        self.telegram = telegram
        self.host = host
        self.port = port
        self._clockwork = clockwork
        self._couriers = Couriers()
        self._runner: web.AppRunner | None = None

    @property
    def base_url(self) -> str:
        return f"{self.page_url}bot"

    @property
    def file_url(self) -> str:
        """What python-telegram-bot calls base_file_url."""
        return f"{self.page_url}file/bot"

    @property
    def page_url(self) -> str:
        return f"http://{self.host}:{self.port}/"

    async def open(self) -> None:
        self._runner = web.AppRunner(
            _app(self.telegram, self._couriers, self._clockwork),
            handler_cancellation=True,
            shutdown_timeout=1.0,
            access_log=None,
        )
        await self._runner.setup()
        listening = socket.create_server((self.host, self.port), backlog=512)
        self.port = listening.getsockname()[1]
        await web.SockSite(self._runner, listening).start()
        for world in self.telegram.worlds.values():
            self._couriers.serve(world)

    async def close(self) -> None:
        """Stop at once: waiting polls and hanging answers are cut off."""
        runner, self._runner = self._runner, None
        if runner is None:
            return
        await self._couriers.close()
        for connection in runner.server.connections if runner.server else []:
            if connection.transport is not None:
                connection.transport.abort()
        await runner.cleanup()

    @contextlib.asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        """Refuse connections for a while, as a network does that is down; state stays, the port too."""
        await self.close()
        try:
            yield
        finally:
            await self.open()


async def serve(
    telegram: Telegram, host: str = "127.0.0.1", port: int = 0, clockwork: Clockwork | None = None
) -> Server:
    """Start on loopback; port 0 takes a free one."""
    if host not in LOOPBACK:
        raise ValueError(f"the simulated Telegram serves loopback only, not {host}")
    server = Server(telegram, clockwork, host, port)
    await server.open()
    return server


def _app(telegram: Telegram, couriers: Couriers, clockwork: Clockwork | None) -> web.Application:
    app = web.Application(client_max_size=MOST_BODY, middlewares=[_loopback_only, errors_as_json])
    app.add_routes(BotApi(telegram, couriers).routes())
    app.add_routes(Control(telegram, clockwork).routes())
    app.router.add_get("/", _index)
    app.router.add_static("/page/", PAGE)
    return app


@web.middleware
async def _loopback_only(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Only this machine's own names may be asked for: a foreign site can't reach in through a browser."""
    if request.url.host not in LOOPBACK:
        raise web.HTTPForbidden(text="loopback only")
    return await handler(request)


async def _index(_: web.Request) -> web.StreamResponse:
    return web.FileResponse(PAGE / "index.html", headers={"Content-Security-Policy": POLICY})
