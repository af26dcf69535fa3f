"""How updates reach a bot: getUpdates and webhooks, as Telegram hands them out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from telegram.error import Conflict
from test_simulator import ANN, Wire, new_bot, wired

from simulator.updates import Webhook


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as wire:
        yield wire


@contextlib.asynccontextmanager
async def listening(hook: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """A bot's own server on loopback; gives its address."""
    app = web.Application()
    app.router.add_post("/hook", hook)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    await runner.cleanup()


async def test_updates_stay_until_their_offset_is_confirmed(wire: Wire) -> None:
    for text in "一二三":
        wire.telegram.says(ANN, text)
    first = await wire.bot.get_updates(limit=2)
    again = await wire.bot.get_updates(offset=first[1].update_id)
    assert [each.message.text for each in first if each.message] == ["一", "二"]
    assert [each.message.text for each in again if each.message] == ["二", "三"]
    assert await wire.bot.get_updates(offset=again[-1].update_id + 1) == ()
    assert await wire.bot.get_updates() == ()


async def test_a_long_poll_returns_when_something_happens(wire: Wire) -> None:
    poll = asyncio.create_task(wire.bot.get_updates(timeout=20))
    await wire.is_polled()
    wire.telegram.says(ANN, "到了")
    assert len(await poll) == 1


async def test_only_the_kinds_that_were_asked_for_are_queued(wire: Wire) -> None:
    await wire.bot.get_updates(allowed_updates=["callback_query"])
    wire.telegram.says(ANN, "不要")
    wire.telegram.presses(ANN, 1, "x")
    (update,) = await wire.bot.get_updates()
    assert update.callback_query


async def test_a_second_poller_ends_the_first_with_a_conflict(wire: Wire) -> None:
    async with new_bot(wire.server, wire.telegram.token) as second:
        first = asyncio.create_task(wire.bot.get_updates(timeout=20))
        await wire.is_polled()
        assert await second.get_updates() == ()
        with pytest.raises(Conflict, match="terminated by other getUpdates request"):
            await first


async def test_polling_beside_a_webhook_is_a_conflict(wire: Wire) -> None:
    wire.telegram.world().updates.webhook = Webhook("http://127.0.0.1:1/", None, 40)
    with pytest.raises(Conflict, match="webhook is active"):
        await wire.bot.get_updates()


async def test_a_webhook_gets_each_update_in_order_until_it_says_200(wire: Wire) -> None:
    heard: list[tuple[str | None, str]] = []
    answers = iter([500, 200, 200])
    bell = wire.telegram.world().updates.bell

    async def hook(request: web.Request) -> web.Response:
        body = await request.json()
        heard.append((request.headers.get("X-Telegram-Bot-Api-Secret-Token"), body["message"]["text"]))
        return web.Response(status=next(answers))

    async with listening(hook) as url:
        await wire.bot.set_webhook(url, secret_token="s3cret")
        wire.telegram.says(ANN, "一")
        wire.telegram.says(ANN, "二")
        await bell.until(lambda: len(heard) == 3 and not wire.telegram.world().updates.waiting, 5)
        assert heard == [("s3cret", "一"), ("s3cret", "一"), ("s3cret", "二")]
        info = await wire.bot.get_webhook_info()
        assert (info.url, info.pending_update_count) == (url, 0)
        assert info.last_error_message == "Wrong response from the webhook: 500 Internal Server Error"
        await wire.bot.delete_webhook()
    assert (await wire.bot.get_webhook_info()).url == ""
