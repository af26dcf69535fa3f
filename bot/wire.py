"""How we reach Telegram: one client for sending, one for the long poll, both on aiohttp's transport."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ssl import SSLContext
from typing import Any

import httpx
from httpx_aiohttp import AiohttpTransport
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.config import TelegramSection

KEEP_OPEN = 75.0
"""Seconds that an idle connection stays open: a quiet bot would otherwise pay a TLS handshake for each message."""


class Gated(HTTPXRequest):
    """`gate` is asked before each request; what it raises keeps the request in the house."""

    def __init__(self, gate: Callable[[], None], **settings: Any) -> None:
        super().__init__(**settings)
        self._gate = gate

    async def do_request(self, *args: Any, **settings: Any) -> tuple[int, bytes]:
        self._gate()
        return await super().do_request(*args, **settings)


def open_gate() -> None:
    """Everything may leave."""


def connect(config: TelegramSection, gate: Callable[[], None] = open_gate) -> Bot:
    return Bot(
        config.token.get_secret_value(),
        base_url=config.base_url,
        base_file_url=files_at(config.base_url),
        request=_request(config.proxy_url, gate),
        get_updates_request=_request(config.proxy_url, gate),
    )


def files_at(base_url: str) -> str:
    """Where the files lie that people sent: https://api.telegram.org/file/bot for https://api.telegram.org/bot."""
    return f"{base_url.removesuffix('bot')}file/bot"


def _request(proxy: str | None, gate: Callable[[], None]) -> HTTPXRequest:
    """httpx over aiohttp is twice as fast as httpx alone and keeps the library's error mapping."""
    limits = httpx.Limits(max_connections=64, keepalive_expiry=KEEP_OPEN)
    transport = AiohttpTransport(verify=_trusted(), limits=limits, proxy=httpx.Proxy(proxy) if proxy else None)
    return Gated(
        gate,
        connect_timeout=10,
        read_timeout=20,
        write_timeout=20,
        pool_timeout=10,
        httpx_kwargs={"transport": transport},
    )


@lru_cache(maxsize=1)
def _trusted() -> SSLContext:
    """Whose certificates we believe. Read once: reading them takes longer than all else of a new client."""
    return httpx.create_ssl_context()
