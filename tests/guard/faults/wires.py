"""Ways to Telegram for the fault cases: one that knows which answers will never come, and four that lead nowhere."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx
from aiohttp import ClientSession, TCPConnector
from aiohttp.abc import AbstractResolver, ResolveResult
from httpx_aiohttp import AiohttpTransport
from telegram import Bot
from telegram.request import HTTPXRequest

from simulator.faults import Fault, Faults

NO_TLS = ssl.create_default_context()
HANGS = ("accept_then_hang", "never_answer")
LOSES_PATIENCE = 0.3
"""Seconds that a hanging answer is waited for, which the simulator has to accept a request."""
NEVER_LOSES_PATIENCE = 60.0
NOWHERE = "http://127.0.0.1:9/bot"


class Foreseeing(HTTPXRequest):
    """Waits shortly for an answer that will never come and long for any other: a slow machine must not look like a fault."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(httpx_kwargs={"transport": AiohttpTransport(verify=NO_TLS)})
        self._faults = faults

    async def do_request(self, url: str, *args: Any, **settings: Any) -> tuple[int, bytes]:
        asked = settings["request_data"].parameters if settings.get("request_data") else {}
        fault = _next(self._faults, url.rpartition("/")[2], asked)
        hangs = fault is not None and (fault.kind in HANGS or (fault.kind == "slow" and fault.seconds > LOSES_PATIENCE))
        settings["read_timeout"] = LOSES_PATIENCE if hangs else NEVER_LOSES_PATIENCE
        return await super().do_request(url, *args, **settings)


def _next(faults: Faults, method: str, asked: Mapping[str, Any]) -> Fault | None:
    return next(
        (each for each in faults.all if each.matches(method, asked) and not each.after and not _spent(each)), None
    )


def _spent(fault: Fault) -> bool:
    return fault.times is not None and fault.struck >= fault.times


def foreseeing(token: str, base_url: str, faults: Faults) -> Bot:
    return Bot(token, base_url=base_url, request=Foreseeing(faults), get_updates_request=Foreseeing(faults))


# Nothing gets through

Wire = Callable[[str], AbstractAsyncContextManager[Bot]]
"""From a token to a bot."""


def _bot(token: str, base_url: str, transport: Callable[[], AiohttpTransport]) -> Bot:
    def request() -> HTTPXRequest:
        return HTTPXRequest(connect_timeout=0.2, httpx_kwargs={"transport": transport()})

    return Bot(token, base_url=base_url, request=request(), get_updates_request=request())


def _plain() -> AiohttpTransport:
    return AiohttpTransport(verify=NO_TLS)


@asynccontextmanager
async def connection_refused(token: str) -> AsyncIterator[Bot]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, but nobody listens
        async with _used(_bot(token, f"http://127.0.0.1:{bound.getsockname()[1]}/bot", _plain)) as bot:
            yield bot


@asynccontextmanager
async def connect_timeout(token: str) -> AsyncIterator[Bot]:
    """A door at which one waits in vain, as behind a firewall that swallows what it does not like."""
    with contextlib.ExitStack() as stack:
        door = stack.enter_context(socket.socket())
        door.bind(("127.0.0.1", 0))
        door.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(door.getsockname())
        async with _used(_bot(token, f"http://127.0.0.1:{door.getsockname()[1]}/bot", _plain)) as bot:
            yield bot


class KnowsNoName(AbstractResolver):
    async def resolve(self, host: str, port: int = 0, family: Any = socket.AF_INET) -> list[ResolveResult]:
        raise OSError(f"no address for {host}")

    async def close(self) -> None:
        pass


@asynccontextmanager
async def no_such_host(token: str) -> AsyncIterator[Bot]:
    def unnamed() -> AiohttpTransport:
        return AiohttpTransport(
            verify=NO_TLS, client=lambda: ClientSession(connector=TCPConnector(resolver=KnowsNoName()))
        )

    async with _used(_bot(token, "http://telegram.invalid/bot", unnamed)) as bot:
        yield bot


@asynccontextmanager
async def proxy_refuses(token: str) -> AsyncIterator[Bot]:
    """The proxy answers, but will not open the way."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        proxy = httpx.Proxy(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        transport = AiohttpTransport(verify=NO_TLS, proxy=proxy)
        async with _used(_bot(token, "https://telegram.invalid/bot", lambda: transport)) as bot:
            yield bot


@asynccontextmanager
async def _used(bot: Bot) -> AsyncIterator[Bot]:
    """Not initialized: it could not say who it is. Closed at the end all the same."""
    try:
        yield bot
    finally:
        await closes(bot)


async def closes(bot: Bot) -> None:
    """Also one that never learned who it is."""
    for request in bot._request:
        await request.shutdown()


DEAD: dict[str, Wire] = {
    "connection_refused": connection_refused,
    "connect_timeout": connect_timeout,
    "no_such_host": no_such_host,
    "proxy_refuses": proxy_refuses,
}
