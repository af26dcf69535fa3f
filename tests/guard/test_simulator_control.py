"""The control API: the hand of the page and of tests that run in another process."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import httpx
import pytest

from simulator.clockwork import Due
from simulator.server import PAGE, Server, serve
from simulator.telegram import Telegram

ANN = 7
START = datetime(2026, 11, 23, 9, 0, tzinfo=timezone(timedelta(hours=8)))


class HandMovedClock:
    """A clock that says one thing, at noon."""

    def __init__(self) -> None:
        self.time = START
        self.noon = START.replace(hour=12)

    def now(self) -> datetime:
        return self.time

    async def advance(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    async def next_due(self) -> datetime | None:
        return self.noon if self.time < self.noon else None

    async def upcoming(self, limit: int, language: str) -> list[Due]:
        text = {"zh": "午间提醒", "en": "at noon"}[language]
        return [Due(self.noon, text, "陈晓雯")][:limit] if self.time < self.noon else []


@dataclass
class Hand:
    telegram: Telegram
    server: Server
    client: httpx.AsyncClient

    async def post(self, path: str, **body: Any) -> Any:
        return (await self.client.post(f"/sim/{path}", json=body)).json()

    async def get(self, path: str, **query: Any) -> Any:
        return (await self.client.get(f"/sim/{path}", params=query)).json()

    async def bot(self, method: str, **params: Any) -> Any:
        return (await self.client.post(f"/bot{self.telegram.token}/{method}", json=params)).json()


@pytest.fixture
async def hand() -> AsyncIterator[Hand]:
    clock = HandMovedClock()
    telegram = Telegram(clock.now)
    server = await serve(telegram, clockwork=clock)
    async with httpx.AsyncClient(base_url=server.page_url, timeout=10) as client:
        hand = Hand(telegram, server, client)
        await hand.post("person", id=ANN, name="陈晓雯", role="业务员", pinned=True)
        yield hand
    await server.close()


async def test_what_a_hand_does_the_bot_hears(hand: Hand) -> None:
    await hand.post("say", user=ANN, text="/start")
    await hand.bot("sendMessage", chat_id=ANN, text="核对", reply_markup={"inline_keyboard": [[save()]]})
    for verb in ("photo", "document", "voice", "location", "contact"):
        assert (await hand.post(verb, user=ANN))["ok"]
    await hand.post("press", user=ANN, message_id=2, data="k")
    await hand.post("tap", user=ANN, label="保存")
    await hand.post("edit", user=ANN, message_id=1, text="/menu")
    await hand.post("forward", user=ANN, text="胶管开裂")
    await hand.post("block", user=ANN)
    await hand.post("unblock", user=ANN)
    updates = (await hand.bot("getUpdates"))["result"]
    messages = [next(iter(each["message"].keys() & KINDS)) for each in updates if "message" in each]
    others = [key for each in updates for key in each if key not in ("update_id", "message")]
    assert messages == ["text", "photo", "document", "voice", "location", "contact", "text"]
    assert others == ["callback_query", "callback_query", "edited_message", "my_chat_member", "my_chat_member"]


async def test_a_file_of_ones_own_is_sent_as_it_is(hand: Hand) -> None:
    await hand.post("document", user=ANN, chat=ANN, name="客户.csv", content="5a6i5oi3")
    [update] = (await hand.bot("getUpdates"))["result"]
    sent = update["message"]["document"]
    assert (sent["file_name"], sent["file_size"]) == ("客户.csv", 6)


KINDS = {"text", "photo", "document", "voice", "location", "contact"}


def save() -> dict[str, str]:
    return {"text": "保存", "callback_data": "k"}


async def test_a_phone_that_never_opened_the_bot_can_name_its_own_chat(hand: Hand) -> None:
    assert (await hand.post("say", user=ANN, chat=ANN, text="/start"))["ok"]


async def test_the_state_tells_what_changed_since_a_version(hand: Hand) -> None:
    await hand.post("say", user=ANN, text="/start")
    await hand.bot("setMyCommands", commands=[{"command": "log", "description": "记沟通"}])
    state = await hand.get("state")
    assert state["people"][0]["name"] == "陈晓雯" and state["people"][0]["commands"] == [["log", "记沟通"]]
    assert [message["text"] for message in state["messages"]] == ["/start"]
    assert state["now"] == "2026-11-23T09:00:00+08:00"

    await hand.bot("sendMessage", chat_id=ANN, text="您好", reply_markup={"inline_keyboard": [[save()]]})
    later = await hand.get("state", since=state["version"], wait=5)
    assert [(each["text"], each["by_bot"], each["buttons"][0][0]["text"]) for each in later["messages"]] == [
        ("您好", True, "保存")
    ]
    await hand.bot("deleteMessage", chat_id=ANN, message_id=2)
    last = await hand.get("state", since=later["version"])
    assert last["messages"] == [{"chat": ANN, "id": 2, "deleted": True}]


async def test_the_state_waits_for_news_and_brings_toasts(hand: Hand) -> None:
    await hand.post("say", user=ANN, text="/start")
    version = (await hand.get("state"))["version"]
    waiting = asyncio.create_task(hand.get("state", since=version, wait=20))
    query = (await hand.post("press", user=ANN, message_id=1, data="k"))["result"]["query"]
    await hand.bot("answerCallbackQuery", callback_query_id=query, text="已保存", show_alert=True)
    (toast,) = (await waiting)["toasts"]
    assert (toast["user_id"], toast["text"], toast["alert"]) == (ANN, "已保存", True)


async def test_a_keyboard_in_place_of_the_letters_is_told_until_it_is_taken_away(hand: Hand) -> None:
    await hand.post("say", user=ANN, text="/start")
    keys = {"keyboard": [[{"text": "报名", "request_contact": True}, {"text": "取消"}]]}
    await hand.bot("sendMessage", chat_id=ANN, text="请选择", reply_markup=keys)
    assert (await hand.get("state"))["chats"][0]["keys"] == [[["报名", True], ["取消", False]]]
    await hand.bot("sendMessage", chat_id=ANN, text="好", reply_markup={"remove_keyboard": True})
    assert (await hand.get("state"))["chats"][0]["keys"] == []


async def test_the_clock_moves_by_seconds_or_to_what_is_due_next(hand: Hand) -> None:
    before = (await hand.get("clock"))["result"]
    assert before["upcoming"] == [{"at": "2026-11-23T12:00:00+08:00", "text": "午间提醒", "who": "陈晓雯"}]
    assert (await hand.get("clock", language="en"))["result"]["upcoming"][0]["text"] == "at noon"
    assert (await hand.post("clock", seconds=3600))["result"]["now"] == "2026-11-23T10:00:00+08:00"
    after = (await hand.post("clock", to="next"))["result"]
    assert after == {"now": "2026-11-23T12:00:00+08:00", "upcoming": []}
    assert (await hand.post("clock", to="next"))["result"] == after


async def test_faults_are_planned_and_calls_are_read_from_outside(hand: Hand) -> None:
    await hand.post("say", user=ANN, text="/start")
    await hand.post("fault", kind="flood", method="sendMessage", retry_after=3)
    assert (await hand.bot("sendMessage", chat_id=ANN, text="a"))["parameters"] == {"retry_after": 3}
    await hand.post("fault", kind="forbidden", times=None)
    assert (await hand.client.delete("/sim/fault")).json()["ok"]
    assert (await hand.bot("sendMessage", chat_id=ANN, text="b"))["ok"]
    log = (await hand.get("calls", method="sendmessage"))["result"]
    assert [(call["params"]["text"], call["answer"]["ok"]) for call in log["calls"]] == [("a", False), ("b", True)]
    assert (await hand.get("calls", since=log["next"]))["result"]["calls"] == []


async def test_any_update_at_all_can_be_injected(hand: Hand) -> None:
    await hand.post("inject", update={"update_id": 3, "message": "poison"})
    assert (await hand.bot("getUpdates"))["result"] == [{"update_id": 3, "message": "poison"}]


async def test_a_revoked_token_is_unauthorized(hand: Hand) -> None:
    await hand.post("revoke")
    assert (await hand.bot("getMe"))["error_code"] == 401


WRONG = [
    ("say", {"user": 99, "text": "a"}),
    ("say", {"text": "a"}),
    ("say", {"user": ANN, "text": " "}),
    ("tap", {"user": ANN, "label": "保存"}),
    ("fault", {"kind": "earthquake"}),
    ("clock", {}),
]


@pytest.mark.parametrize(("path", "body"), WRONG)
async def test_wrong(hand: Hand, path: str, body: dict[str, Any]) -> None:
    answer = await hand.client.post(f"/sim/{path}", json=body)
    assert answer.status_code == 400
    assert answer.json()["description"].startswith("Bad Request: ")


async def test_another_site_can_not_reach_in_through_a_browser(hand: Hand) -> None:
    rebound = await hand.client.get("/sim/state", headers={"Host": "evil.example"})
    unasked = await hand.client.post(
        "/sim/say", content=b'{"user": 7, "text": "a"}', headers={"Content-Type": "text/plain"}
    )
    assert (rebound.status_code, unasked.status_code) == (403, 400)
    assert hand.telegram.chat(ANN) == []
    with pytest.raises(ValueError, match="loopback only"):
        await serve(hand.telegram, host="0.0.0.0")


async def test_the_page_and_all_that_it_names_are_served_from_here(hand: Hand) -> None:
    index = await hand.client.get("/")
    assert index.headers["Content-Security-Policy"].startswith("default-src 'self'")
    named = set(re.findall(r'(?:href|src)="(/page/[^"]+)"', index.text))
    named |= {f"/page/{module}" for path in PAGE.glob("*.js") for module in re.findall(r'"\./(.+?)"', path.read_text())}
    assert len(named) >= 7
    for path in named:
        assert (await hand.client.get(path)).status_code == 200, path


def test_the_page_never_makes_markup_of_text_and_fetches_nothing_from_elsewhere() -> None:
    for path in PAGE.iterdir():
        text = path.read_text()
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text), path
        assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}, path


async def test_a_telegram_alone_in_its_process_prints_its_address_and_serves() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "simulator.alone", "--token", "5:alone", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    address = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=address, timeout=10) as client:
        await client.post("/sim/person", json={"id": ANN, "name": "陈晓雯"})
        await client.post("/sim/say", json={"user": ANN, "text": "/start"})
        updates = (await client.get("/bot5:alone/getUpdates")).json()["result"]
    assert [each["message"]["text"] for each in updates] == ["/start"]
    process.terminate()
    assert await process.wait() == 0
