"""The simulated Telegram over the wire, driven by python-telegram-bot itself."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx_aiohttp
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, Message
from telegram.request import HTTPXRequest

from simulator.people import Button
from simulator.server import Server, serve
from simulator.telegram import Telegram

ANN, BEN, ZOE = 7, 8, 9
"""Ann has opened the bot, Ben has an account and never did, nobody is called Zoe."""
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NO_TLS = ssl.create_default_context()
"""Made once: each new one costs 15 ms."""
SAVE = InlineKeyboardMarkup([[InlineKeyboardButton("保存", callback_data="k1:1:0")]])


@dataclass
class Clock:
    time: datetime = START

    def now(self) -> datetime:
        return self.time


@dataclass
class Wire:
    telegram: Telegram
    server: Server
    bot: Bot
    clock: Clock

    async def asks(self, method: str, **params: Any) -> Any:
        """Ask with raw parameters; small letters, because the library warns of a method that it wraps itself."""
        return await self.bot.do_api_request(method.lower(), api_kwargs=params)

    async def is_polled(self) -> None:
        updates = self.telegram.world().updates
        await updates.bell.until(lambda: updates.polling > 0, 5)

    def shown(self, person: int = ANN) -> list[str]:
        return [bubble.text for bubble in self.telegram.chat(person)]


def new_bot(server: Server, token: str) -> Bot:
    def request() -> HTTPXRequest:
        transport = httpx_aiohttp.AiohttpTransport(verify=NO_TLS)
        return HTTPXRequest(read_timeout=0.3, connect_timeout=2, httpx_kwargs={"transport": transport})

    return Bot(
        token,
        base_url=server.base_url,
        base_file_url=server.file_url,
        request=request(),
        get_updates_request=request(),
    )


@contextlib.asynccontextmanager
async def wired() -> AsyncIterator[Wire]:
    """A Telegram on loopback with Ann and Ben, and a real bot that is connected to it."""
    clock = Clock()
    telegram = Telegram(clock.now)
    telegram.person(ANN, "陈晓雯", role="业务员")
    telegram.person(BEN, "孙建国")
    telegram.phone(ANN).starts()
    telegram.world().updates.waiting.clear()
    server = await serve(telegram)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PTB_TIMEDELTA", "true")  # or the library warns about RetryAfter
        async with new_bot(server, telegram.token) as bot:
            yield Wire(telegram, server, bot, clock)
    await server.close()


@pytest.fixture
async def wire() -> AsyncIterator[Wire]:
    async with wired() as wire:
        yield wire


async def test_a_typed_line_reaches_the_bot_and_its_answer_reaches_the_phone(wire: Wire) -> None:
    wire.telegram.says(ANN, "/log 华航橡胶 电话")
    (update,) = await wire.bot.get_updates(timeout=1)
    assert update.message and update.message.from_user
    assert update.message.date == START
    assert update.message.from_user.id == ANN and not update.message.from_user.is_bot
    assert [(each.type, each.offset, each.length) for each in update.message.entities] == [("bot_command", 0, 4)]

    await update.message.reply_text("<b>华航</b> &lt;橡胶&gt;", parse_mode="HTML", reply_markup=SAVE)
    answer = wire.telegram.chat(ANN)[-1]
    assert answer.by_bot and answer.text == "华航 <橡胶>"
    assert [(each.type, each.offset, each.length) for each in answer.entities] == [("bold", 0, 2)]
    assert answer.buttons == ((Button("保存", "k1:1:0"),),)


async def test_a_pressed_button_is_answered_by_a_toast_and_an_edit(wire: Wire) -> None:
    await wire.bot.send_message(ANN, "核对", reply_markup=SAVE)
    wire.telegram.taps(ANN, "保存")
    (update,) = await wire.bot.get_updates(timeout=1)
    assert update.callback_query and update.callback_query.data == "k1:1:0"
    await update.callback_query.answer("已保存")
    assert isinstance(update.callback_query.message, Message)
    await update.callback_query.message.edit_text("已记录 LX-2026-000123")

    card = wire.telegram.chat(ANN)[-1]
    assert (card.text, card.edited, card.buttons) == ("已记录 LX-2026-000123", True, ())
    assert wire.telegram.phone(ANN).toasts() == ["已保存"]


async def test_a_button_of_a_deleted_message_comes_without_it(wire: Wire) -> None:
    message = await wire.bot.send_message(ANN, "核对", reply_markup=SAVE)
    await message.delete()
    wire.telegram.presses(ANN, message.message_id, "k1:1:0")
    (update,) = await wire.bot.get_updates(timeout=1)
    assert update.callback_query and update.callback_query.message
    assert not update.callback_query.message.is_accessible
    assert wire.shown() == ["/start"]


async def test_photos_documents_voices_places_and_cards_arrive_with_what_a_bot_needs(wire: Wire) -> None:
    phone = wire.telegram.phone(ANN)
    for send in (phone.sends_photo, phone.sends_document, phone.sends_voice, phone.sends_location, phone.sends_contact):
        send()
    photo, document, voice, place, card = [each.message for each in await wire.bot.get_updates(timeout=1)]
    assert photo and document and voice and place and card
    assert place.location and place.location.latitude == pytest.approx(36.0671)
    assert card.contact and card.contact.phone_number == "13800138000"
    assert voice.voice and voice.voice.mime_type == "audio/ogg"
    assert document.document and document.document.file_name == "样品检验单.pdf"
    picture = await (await wire.bot.get_file(photo.photo[-1].file_id)).download_as_bytearray()
    assert picture.startswith(b"\x89PNG") and len(picture) == photo.photo[-1].file_size


async def test_a_bot_sends_files_new_or_known_by_their_id(wire: Wire) -> None:
    sent = await wire.bot.send_document(ANN, b"a,b\n", filename="台账.csv", caption="<i>11月</i>", parse_mode="HTML")
    assert sent.document
    await wire.bot.send_document(ANN, sent.document.file_id)
    await wire.bot.send_photo(ANN, b"\x89PNG")
    kinds = [bubble.attachment.kind for bubble in wire.telegram.chat(ANN) if bubble.attachment]
    assert kinds == ["document", "document", "photo"]
    assert await (await wire.bot.get_file(sent.document.file_id)).download_as_bytearray() == b"a,b\n"


async def test_an_edited_line_a_forwarded_one_and_a_very_long_one(wire: Wire) -> None:
    typed = wire.telegram.says(ANN, "华行")
    wire.telegram.edits(ANN, typed["message_id"], "华航")
    wire.telegram.forwards(ANN, "胶管开裂了")
    wire.telegram.says(ANN, "长" * 5000)
    updates = await wire.bot.get_updates(timeout=1)
    assert updates[1].edited_message and updates[1].edited_message.text == "华航"
    assert updates[2].message and updates[2].message.forward_origin
    assert [len(each.message.text or "") for each in updates[3:] if each.message] == [4096, 904]


async def test_in_a_group_a_bot_sees_commands_and_mentions_only(wire: Wire) -> None:
    group = wire.telegram.group("华东一部", [ANN, BEN])
    for text in ("大家好", "/due", "/due@another_bot", f"@{wire.bot.username} 你好"):
        wire.telegram.says(BEN, text, chat=group)
    joined, *heard = await wire.bot.get_updates(timeout=1)
    assert joined.my_chat_member and joined.my_chat_member.new_chat_member.status == "member"
    assert [each.message.text for each in heard if each.message] == ["/due", f"@{wire.bot.username} 你好"]


async def test_two_tokens_are_two_bots(wire: Wire) -> None:
    async with new_bot(wire.server, "42:AnotherBot") as other:
        wire.telegram.phone(ANN, token="42:AnotherBot").says("hello")
        assert len(await other.get_updates(timeout=1)) == 1
        assert await wire.bot.get_updates() == ()
        assert other.id == 42


async def test_settings_are_kept_and_the_command_menu_follows_the_language(wire: Wire) -> None:
    await wire.bot.set_my_commands([BotCommand("log", "记沟通")])
    await wire.bot.set_my_commands([BotCommand("log", "Log a contact")], language_code="en")
    await wire.bot.set_my_description("客管")
    await wire.bot.set_my_short_description("客管助手")
    await wire.bot.set_chat_menu_button()
    await wire.bot.send_chat_action(ANN, "typing")
    english = wire.telegram.person(ZOE, "Zoe", language="en-gb")
    menus = [wire.telegram.world().commands_for(person) for person in (wire.telegram.people[ANN], english)]
    assert [menu[0].description for menu in menus] == ["记沟通", "Log a contact"]
    assert [each.description for each in await wire.bot.get_my_commands()] == ["记沟通"]
    assert (await wire.bot.get_my_description()).description == "客管"
    assert (await wire.bot.get_my_short_description()).short_description == "客管助手"
    assert (await wire.bot.get_my_name()).name == "客管助手"
    assert (await wire.bot.get_chat(ANN)).first_name == "陈晓雯"
