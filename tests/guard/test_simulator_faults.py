"""Each fault that the simulated Telegram can play, and what python-telegram-bot makes of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import httpx
import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from test_simulator import ANN, BEN, Wire, wired

from simulator.faults import KINDS


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as wire:
        yield wire


def root_cause(error: BaseException) -> BaseException:
    """What aiohttp saw, below httpx and python-telegram-bot."""
    while not isinstance(error, aiohttp.ClientError) and error.__cause__:
        error = error.__cause__
    return error


FAULTS = [
    # kind, what python-telegram-bot raises, whether the message arrived all the same
    ("accept_then_hang", TimedOut, True),
    ("accept_then_reset", TimedOut, True),
    ("bad_gateway_after_accept", NetworkError, True),
    ("garbage", TelegramError, True),
    ("slow", TimedOut, False),
    ("never_answer", TimedOut, False),
    ("refuse", TimedOut, False),
    ("server_error_html", NetworkError, False),
    ("flood", RetryAfter, False),
    ("forbidden", Forbidden, False),
    ("bad_request", BadRequest, False),
    ("unauthorized", InvalidToken, False),
    ("conflict", Conflict, False),
    ("migrate", ChatMigrated, False),
]


@pytest.mark.parametrize(("kind", "error", "arrived"), FAULTS)
async def test_fault(wire: Wire, kind: Any, error: type[TelegramError], arrived: bool) -> None:
    fault = wire.telegram.faults.add(kind=kind, method="sendMessage", new_chat_id=-100)
    with pytest.raises(error) as caught:
        await wire.bot.send_message(ANN, "first")
    assert type(caught.value) is error and fault.struck == 1
    assert wire.shown()[1:] == (["first"] if arrived else [])
    await wire.bot.send_message(ANN, "second")
    assert wire.shown()[-1] == "second"


def test_every_kind_of_fault_has_its_row() -> None:
    assert {kind for kind, _, _ in FAULTS} == set(KINDS)


async def test_a_reset_after_accepting_looks_like_a_connect_timeout_but_for_its_root(wire: Wire) -> None:
    """httpx-aiohttp calls a lost connection httpx.ConnectTimeout: only aiohttp's own error tells that it was open."""
    wire.telegram.faults.add(kind="accept_then_reset")
    with pytest.raises(TimedOut) as caught:
        await wire.bot.send_message(ANN, "a")
    assert isinstance(caught.value.__cause__, httpx.ConnectTimeout)
    assert not isinstance(root_cause(caught.value), aiohttp.ClientConnectorError)
    assert wire.shown()[-1] == "a"


async def test_a_slow_answer_comes_in_the_end(wire: Wire) -> None:
    wire.telegram.faults.add(kind="slow", seconds=0.05)
    await wire.bot.send_message(ANN, "a")
    assert wire.shown()[-1] == "a"


async def test_a_fault_picks_its_chat_and_lets_some_calls_pass(wire: Wire) -> None:
    wire.telegram.phone(BEN).starts()
    wire.telegram.faults.add(kind="forbidden", chat_id=ANN, after=1, times=None)
    await wire.bot.send_message(ANN, "passes")
    await wire.bot.send_message(BEN, "another chat")
    for _ in range(2):
        with pytest.raises(Forbidden):
            await wire.bot.send_message(ANN, "struck")
    wire.telegram.faults.clear()
    await wire.bot.send_message(ANN, "well again")
    assert [call.ok for call in wire.telegram.calls_of("sendMessage")] == [True, True, False, False, True]
    assert wire.telegram.calls_of("sendMessage")[0].params["text"] == "passes"


async def test_an_unreachable_server_refuses_and_comes_back_with_its_state(wire: Wire) -> None:
    async with wire.server.unreachable():
        with pytest.raises(NetworkError) as caught:
            await wire.bot.send_message(ANN, "a")
        assert isinstance(root_cause(caught.value), aiohttp.ClientConnectorError)
    await wire.bot.send_message(ANN, "b")
    assert wire.shown() == ["/start", "b"]
