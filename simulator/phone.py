"""One person's phone, open on one chat with one bot: what they send, press and see there."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from aiogram import types

from simulator.errors import JSON
from simulator.files import Stored, sample_document, sample_photo, sample_voice
from simulator.markup import Formatted, units, with_found
from simulator.people import Bubble, Button, Person
from simulator.world import BLOCKED, Chat, Query, World, as_update

MOST_TEXT = 4096
"""UTF-16 units in one message."""


class Phone:
    def __init__(self, world: World, person: Person, chat: Chat) -> None:
        self.world = world
        self.person = person
        self._chat = chat

    # What they see

    def shows(self) -> list[Bubble]:
        """The chat from top to bottom, without deleted messages."""
        return [kept.bubble() for kept in self._chat.kept.values() if not kept.deleted]

    def finds(self, label: str) -> tuple[Bubble, Button]:
        """The newest button on this phone with this label."""
        for bubble in reversed(self.shows()):
            for button in (each for row in bubble.buttons for each in row):
                if button.text == label:
                    return bubble, button
        raise LookupError(f"{self.person.name} sees no button {label!r}")

    def toasts(self) -> list[str]:
        """What was shown over the chat after pressing, oldest first."""
        return [toast.text for toast in self.world.toasts if toast.user_id == self.person.id]

    # What they do

    def says(self, text: str) -> JSON:
        """Type and send; a text over 4096 units goes out in parts, as apps do it. Returns the last message."""
        if not text.strip():
            raise ValueError("an app sends no empty message")
        *parts, last = _parts(text.strip())
        for part in parts:
            self._sends(_text(part))
        return self._sends(_text(last))

    def starts(self, payload: str = "") -> JSON:
        """Open the bot by its button, or by a deep link with a payload."""
        return self.says(f"/start {payload}")

    def replies(self, message_id: int, text: str) -> JSON:
        kept = self._chat.alive(message_id)
        return self._sends(_text(text) | {"reply_to_message": kept.message if kept else None})

    def forwards(self, text: str, author: str = "某客户", written: datetime | None = None) -> JSON:
        """Forward what somebody else wrote, whose account stays hidden; `written` is when, otherwise just now."""
        origin = types.MessageOriginHiddenUser(date=written or self.world.now(), sender_user_name=author)
        return self._sends(_text(text) | {"forward_origin": origin})

    def forwards_photo(self, author: str = "某客户", caption: str | None = None) -> JSON:
        origin = types.MessageOriginHiddenUser(date=self.world.now(), sender_user_name=author)
        return self.sends_photo(caption=caption, also={"forward_origin": origin})

    def sends_album(self, photos: int = 3, caption: str | None = None) -> list[JSON]:
        """Several photos as one; Telegram makes a message of each, with the caption at the first."""
        group = {"media_group_id": str(13_000_000_000_000_000 + self.world.bell.rings)}
        return [self.sends_photo(caption=None if number else caption, also=group) for number in range(photos)]

    def sends_photo(
        self, content: bytes | None = None, caption: str | None = None, also: dict[str, Any] | None = None
    ) -> JSON:
        """Send a photo; a generated sample without `content`."""
        picture = content or sample_photo(self.person.id + self.world.bell.rings)
        files = [self.world.files.add("photo", "photo.png", picture, "image/png") for _ in ("small", "large")]
        sizes = [_size(stored, width) for stored, width in zip(files, (160, 320), strict=True)]
        return self._sends({"photo": sizes, **_caption(caption), **(also or {})})

    def sends_document(
        self,
        name: str = "样品检验单.pdf",
        content: bytes | None = None,
        *,
        mime: str = "application/pdf",
        caption: str | None = None,
    ) -> JSON:
        stored = self.world.files.add("document", name, content or sample_document(), mime)
        return self._sends({"document": as_document(stored), **_caption(caption)})

    def sends_voice(self, seconds: int = 4, caption: str | None = None) -> JSON:
        stored = self.world.files.add("voice", "voice.oga", sample_voice(), "audio/ogg")
        return self._sends({"voice": as_voice(stored, seconds), **_caption(caption)})

    def sends_venue(self, title: str = "华航橡胶二厂", address: str = "西安市未央区凤城八路") -> JSON:
        """A place chosen by its name: Telegram fills in `location` too."""
        place = types.Location(latitude=34.3416, longitude=108.9398)
        return self._sends({"location": place, "venue": types.Venue(location=place, title=title, address=address)})

    def sends_dice(self) -> JSON:
        return self._sends({"dice": types.Dice(emoji="🎲", value=4)})

    def sends_sticker(self) -> JSON:
        stored = self.world.files.add("sticker", "sticker.webp", sample_photo(1), "image/webp")
        sticker = types.Sticker(
            file_id=stored.file_id,
            file_unique_id=stored.unique_id,
            type="regular",
            width=512,
            height=512,
            is_animated=False,
            is_video=False,
            emoji="👍",
        )
        return self._sends({"sticker": sticker})

    def sends_animation(self) -> JSON:
        """A GIF: Telegram fills in `document` too."""
        stored = self.world.files.add("document", "wave.gif.mp4", sample_document(), "video/mp4")
        gif = types.Animation(
            file_id=stored.file_id, file_unique_id=stored.unique_id, width=320, height=200, duration=2
        )
        return self._sends({"animation": gif, "document": as_document(stored)})

    def sends_location(self, latitude: float = 36.0671, longitude: float = 120.3826) -> JSON:
        return self._sends({"location": types.Location(latitude=latitude, longitude=longitude)})

    def sends_contact(self, name: str = "张工", phone: str = "13800138000", contact_id: int | None = None) -> JSON:
        """Share a card from the address book; `contact_id` is that person's own user id, if they have an account."""
        return self._sends({"contact": types.Contact(phone_number=phone, first_name=name, user_id=contact_id)})

    def edits(self, message_id: int, text: str) -> JSON:
        """Change one's own text; the bot gets edited_message."""
        message = self.world.change(self._chat.kept[message_id], {"entities": None, **_text(text)})
        content = as_update("edited_message", message)
        self.world.updates.push("edited_message", content)
        return content

    def presses(self, message_id: int, data: str) -> str:
        """Press a button by its data, even one that is no longer there, or never was. Returns the query's id."""
        query_id = str(self.world.me.id * 1_000_000 + len(self.world.queries) + 1)
        self.world.queries[query_id] = Query(self.person.id)
        query = types.CallbackQuery(
            id=query_id,
            from_user=self.person.as_user(),
            chat_instance=str(self._chat.id),
            message=self._pressed(message_id),
            data=data,
        )
        self.world.updates.push("callback_query", as_update("callback_query", query))
        return query_id

    def taps(self, label: str) -> str:
        """Press the newest button with this label. Returns the query's id."""
        bubble, button = self.finds(label)
        if button.data is None:
            raise LookupError(f"the button {label!r} opens a link")
        return self.presses(bubble.id, button.data)

    def blocks_bot(self) -> None:
        self._chat.silent = BLOCKED
        self.world.membership(self._chat, self.person, "member", "kicked")

    def unblocks_bot(self) -> None:
        self._chat.silent = None
        self.world.membership(self._chat, self.person, "kicked", "member")

    # How it is done

    def _sends(self, content: JSON) -> JSON:
        if not self._chat.is_group:
            self._opens()
        message = self.world.keep(self._chat, self.person.as_user(), content)
        dumped = as_update("message", message)
        if not self._chat.is_group or self._bot_sees(message):
            self.world.updates.push("message", dumped)
        return dumped

    def _opens(self) -> None:
        if self._chat.silent == BLOCKED:
            self.unblocks_bot()
        self._chat.silent = None

    def _bot_sees(self, message: types.Message) -> bool:
        """Privacy mode, as every new bot has it: in groups only commands, mentions and answers to the bot."""
        answered = message.reply_to_message
        if answered and answered.from_user and answered.from_user.id == self.world.me.id:
            return True
        name = re.escape(f"@{self.world.me.username}")
        text = message.text or message.caption or ""
        return bool(re.search(rf"{name}\b|^/\w+(?!\S*@)", text))

    def _pressed(self, message_id: int) -> types.Message | types.InaccessibleMessage:
        kept = self._chat.alive(message_id)
        return kept.message if kept else types.InaccessibleMessage(chat=self._chat.face, message_id=message_id, date=0)


def as_document(stored: Stored) -> types.Document:
    return types.Document(
        file_id=stored.file_id,
        file_unique_id=stored.unique_id,
        file_name=stored.name,
        mime_type=stored.mime,
        file_size=len(stored.content),
    )


def as_voice(stored: Stored, seconds: int) -> types.Voice:
    return types.Voice(
        file_id=stored.file_id,
        file_unique_id=stored.unique_id,
        duration=seconds,
        mime_type=stored.mime,
        file_size=len(stored.content),
    )


def _size(stored: Stored, width: int) -> types.PhotoSize:
    return types.PhotoSize(
        file_id=stored.file_id,
        file_unique_id=stored.unique_id,
        width=width,
        height=width * 5 // 8,
        file_size=len(stored.content),
    )


def _text(text: str) -> dict[str, Any]:
    found = with_found(Formatted(text))
    return {"text": found.text, "entities": found.entities or None}


def _caption(caption: str | None) -> dict[str, Any]:
    found = with_found(Formatted(caption or ""))
    return {"caption": found.text or None, "caption_entities": found.entities or None}


def _parts(text: str) -> list[str]:
    """Cut a text so that no part has more than 4096 UTF-16 units."""
    parts = [""]
    size = 0
    for char in text:
        size += units(char)
        if size > MOST_TEXT:
            parts.append("")
            size = units(char)
        parts[-1] += char
    return parts
