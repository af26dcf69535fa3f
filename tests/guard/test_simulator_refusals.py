"""What Telegram refuses, in its own words: a table of bad requests, and the limits on sending."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from telegram.error import (
    BadRequest,
    Forbidden,
    InvalidToken,
    RetryAfter,
)
from test_simulator import ANN, BEN, SAVE, ZOE, Wire, wired

from simulator.errors import ApiError
from simulator.limits import Limits


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as wire:
        yield wire


def keyboard(**button: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[button]]}


HALF_A_PAIR = rb'{"chat_id": 7, "text": "\ud800"}'
LONG_DATA = "字" * 22
REFUSED = [
    # method, parameters, what the description says
    ("sendMessage", {"text": "a"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": ANN}, "message text is empty"),
    ("sendMessage", {"chat_id": ANN, "text": "  \n "}, "message text is empty"),
    ("sendMessage", {"chat_id": ANN, "text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
    ("sendMessage", {"chat_id": ANN, "text": "a" * 4097}, "message is too long"),
    ("sendMessage", {"chat_id": ANN, "text": "😀" * 2049}, "message is too long"),
    ("sendMessage", {"chat_id": ZOE, "text": "a"}, "chat not found"),
    ("sendMessage", {"chat_id": "nobody", "text": "a"}, "chat not found"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "colour": "red"}, "unknown parameter colour"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "parse_mode": "BBCode"}, "unsupported parse_mode"),
    ("sendMessage", {"chat_id": ANN, "text": "<h1>a</h1>", "parse_mode": "HTML"}, 'unsupported start tag "h1"'),
    ("sendMessage", {"chat_id": ANN, "text": "a < b", "parse_mode": "HTML"}, "unsupported start tag"),
    ("sendMessage", {"chat_id": ANN, "text": "<b>a", "parse_mode": "HTML"}, "can't find end tag"),
    ("sendMessage", {"chat_id": ANN, "text": "<b>a</i>", "parse_mode": "HTML"}, 'expected "</b>", found "</i>"'),
    ("sendMessage", {"chat_id": ANN, "text": "a</b>", "parse_mode": "HTML"}, "unexpected end tag at byte offset 1"),
    ("sendMessage", {"chat_id": ANN, "text": "A&B", "parse_mode": "HTML"}, "can't parse entities"),
    ("sendMessage", {"chat_id": ANN, "text": "&nbsp;", "parse_mode": "HTML"}, "can't parse entities"),
    ("sendMessage", {"chat_id": ANN, "text": "<span>a</span>", "parse_mode": "HTML"}, 'must have class "tg-spoiler"'),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": []}, "object expected as reply markup"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": {"inline_keyboard": {}}}, "of type array"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": {"inline_keyboard": [{}]}}, "array of arrays"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": {"inline_keyboard": [["x"]]}}, "must be an object"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": keyboard(callback_data="x")}, "can't find field"),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_markup": keyboard(text="x")}, "text buttons are unallowed"),
    (
        "sendMessage",
        {"chat_id": ANN, "text": "a", "reply_markup": keyboard(text="x", callback_data="")},
        "button_data_invalid",
    ),
    (
        "sendMessage",
        {"chat_id": ANN, "text": "a", "reply_markup": keyboard(text="x", callback_data=LONG_DATA)},
        "button_data_invalid",
    ),
    (
        "sendMessage",
        {"chat_id": ANN, "text": "a", "reply_markup": keyboard(text="x", callback_data="y", url="https://a.cn")},
        "exactly one action",
    ),
    (
        "sendMessage",
        {"chat_id": ANN, "text": "a", "reply_markup": keyboard(text="x", url="tel:110")},
        "unsupported url protocol",
    ),
    ("sendMessage", {"chat_id": ANN, "text": "a", "reply_parameters": {"message_id": 99}}, "replied not found"),
    ("sendPhoto", {"chat_id": ANN}, "there is no photo in the request"),
    ("sendPhoto", {"chat_id": ANN, "photo": "made-up"}, "wrong remote file identifier"),
    ("getFile", {"file_id": "made-up"}, "invalid file_id"),
    ("editMessageText", {"chat_id": ANN, "text": "a"}, "message identifier is not specified"),
    ("editMessageText", {"chat_id": ANN, "message_id": 99, "text": "a"}, "message to edit not found"),
    ("editMessageText", {"chat_id": ANN, "message_id": 1, "text": "a"}, "message can't be edited"),
    ("deleteMessage", {"chat_id": ANN, "message_id": 99}, "message to delete not found"),
    ("answerCallbackQuery", {"callback_query_id": "99"}, "query is too old and response timeout expired"),
    ("setMyCommands", {"commands": [{"command": "Log", "description": "x"}]}, "bot_command_invalid"),
    ("setMyCommands", {"commands": "log"}, "can't parse commands"),
    ("setWebhook", {"url": "http://example.com/"}, "an https url must be provided"),
    ("setWebhook", {"url": "https://example.com/", "secret_token": "no spaces"}, "unallowed characters"),
]


@pytest.mark.parametrize(("method", "params", "why"), REFUSED)
async def test_refused(wire: Wire, method: str, params: dict[str, Any], why: str) -> None:
    before = wire.shown()
    with pytest.raises(BadRequest) as caught:
        await wire.asks(method, **params)
    assert why in str(caught.value).lower()
    assert wire.shown() == before


async def test_what_is_just_allowed_is_taken(wire: Wire) -> None:
    await wire.asks(
        "sendMessage", chat_id=ANN, text="😀" * 2048, reply_markup=keyboard(text="x", callback_data="d" * 64)
    )
    assert wire.telegram.chat(ANN)[-1].labels == ["x"]


async def test_an_identical_edit_is_refused_and_a_new_keyboard_alone_is_not(wire: Wire) -> None:
    message = await wire.bot.send_message(ANN, "<b>a</b>", parse_mode="HTML", reply_markup=SAVE)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_text("<strong>a</strong>", parse_mode="HTML", reply_markup=SAVE)
    with pytest.raises(BadRequest, match="Message is not modified"):
        await message.edit_reply_markup(SAVE)
    await message.edit_text("a", reply_markup=SAVE)
    await message.edit_reply_markup(None)
    assert wire.telegram.chat(ANN)[-1].edits == 2


async def test_a_query_is_answered_once(wire: Wire) -> None:
    query = wire.telegram.presses(ANN, 1, "x")
    await wire.bot.answer_callback_query(query)
    with pytest.raises(BadRequest, match="Query is too old"):
        await wire.bot.answer_callback_query(query)


async def test_after_two_days_a_message_can_no_longer_be_deleted(wire: Wire) -> None:
    message = await wire.bot.send_message(ANN, "a")
    wire.clock.time += timedelta(hours=49)
    with pytest.raises(BadRequest, match="can't be deleted"):
        await message.delete()


async def test_whom_a_bot_may_not_write_to(wire: Wire) -> None:
    with pytest.raises(Forbidden, match="bot can't initiate conversation with a user"):
        await wire.bot.send_message(BEN, "a")
    wire.telegram.blocks_bot(ANN)
    with pytest.raises(Forbidden, match="bot was blocked by the user"):
        await wire.bot.send_message(ANN, "a")
    wire.telegram.says(ANN, "我回来了")
    await wire.bot.send_message(ANN, "a")
    wire.telegram.closes_account(ANN)
    with pytest.raises(Forbidden, match="user is deactivated"):
        await wire.bot.send_message(ANN, "a")
    changes = [each.my_chat_member for each in await wire.bot.get_updates() if each.my_chat_member]
    assert [each.new_chat_member.status for each in changes] == ["kicked", "member"]


async def test_a_revoked_token_and_a_method_of_another_age(wire: Wire) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"{wire.server.base_url}{wire.telegram.token}/sendHologram")
        assert (answer.status_code, answer.json()["description"]) == (404, "Not Found")
        assert (await client.get(f"{wire.server.base_url}nonsense/getMe")).status_code == 404
    wire.telegram.revoke()
    with pytest.raises(InvalidToken):
        await wire.bot.get_me()


async def test_a_request_may_come_as_query_form_or_json_and_in_any_case(wire: Wire) -> None:
    address = f"{wire.server.base_url}{wire.telegram.token}/sendmessage"
    async with httpx.AsyncClient() as client:
        await client.get(address, params={"chat_id": ANN, "text": "query"})
        await client.post(address, data={"chat_id": str(ANN), "text": "form"})
        await client.post(address, json={"chat_id": ANN, "text": "json"})
        wrong = await client.post(address, content=b"{", headers={"Content-Type": "application/json"})
        assert wrong.json()["description"] == "Bad Request: can't parse JSON object"
        half = await client.post(address, content=HALF_A_PAIR, headers={"Content-Type": "application/json"})
        assert half.json()["description"] == "Bad Request: strings must be encoded in UTF-8"
    assert wire.shown()[1:] == ["query", "form", "json"]


async def test_breaches_are_counted_and_when_enforced_refused_with_a_wait(wire: Wire) -> None:
    clock = [0.0]
    wire.telegram.limits = Limits(burst=2, monotonic=lambda: clock[0])
    for _ in range(3):
        await wire.bot.send_message(ANN, "a")
    assert wire.telegram.limits.breaches == {"chat": 1}
    wire.telegram.limits.enforced = True
    with pytest.raises(RetryAfter, match="Retry in 0:00:02"):
        await wire.bot.send_message(ANN, "a")
    clock[0] = 2.0
    await wire.bot.send_message(ANN, "a")


def test_a_group_takes_twenty_a_minute_and_all_chats_thirty_a_second() -> None:
    clock = [0.0]
    limits = Limits(enforced=True, burst=1000, monotonic=lambda: clock[0])
    for _ in range(20):
        limits.count("t", -5)
    with pytest.raises(ApiError, match="Too Many Requests"):
        limits.count("t", -5)
    for chat in range(10):
        limits.count("t", chat)
    with pytest.raises(ApiError, match="Too Many Requests"):
        limits.count("t", 11)
    assert limits.breaches == {"group": 1, "overall": 1}
