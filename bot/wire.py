"""How we reach Telegram: one client for sending, one for the long poll, both on aiohttp's transport."""

from __future__ import annotations

import httpx
from httpx_aiohttp import AiohttpTransport
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.config import TelegramSection

KEEP_OPEN = 75.0
"""Seconds that an idle connection stays open: a quiet bot would otherwise pay a TLS handshake for each message."""


def connect(config: TelegramSection) -> Bot:
    return Bot(
        config.token.get_secret_value(),
        base_url=config.base_url,
        request=_request(config.proxy_url),
        get_updates_request=_request(config.proxy_url),
    )


def _request(proxy: str | None) -> HTTPXRequest:
    """httpx over aiohttp is twice as fast as httpx alone and keeps the library's error mapping."""
    limits = httpx.Limits(max_connections=64, keepalive_expiry=KEEP_OPEN)
    transport = AiohttpTransport(limits=limits, proxy=httpx.Proxy(proxy) if proxy else None)
    return HTTPXRequest(
        connect_timeout=10, read_timeout=20, write_timeout=20, pool_timeout=10, httpx_kwargs={"transport": transport}
    )
