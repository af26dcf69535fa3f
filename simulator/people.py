"""Who uses the simulated Telegram, and what their phones show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiogram import types


@dataclass(frozen=True)
class Person:
    """`role` is only a label for the page, in Chinese and English; `pinned` people have their phone there from the start."""

    id: int
    name: str
    username: str | None = None
    language: str = "zh-hans"
    role: str = ""
    role_en: str = ""
    pinned: bool = False

    def as_user(self) -> types.User:
        return types.User(
            id=self.id, is_bot=False, first_name=self.name, username=self.username, language_code=self.language
        )

    def as_chat(self) -> types.Chat:
        return types.Chat(id=self.id, type="private", first_name=self.name, username=self.username)


@dataclass(frozen=True)
class Button:
    text: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class Attachment:
    """`kind` is photo, document, voice, location or contact; `note` is what a phone prints beside it, `size` in bytes."""

    kind: str
    file_id: str | None = None
    note: str = ""
    size: int = 0


@dataclass(frozen=True)
class Bubble:
    """One message as a phone shows it. `edits` counts how often the bot changed it."""

    id: int
    chat: int
    at: datetime
    sender: int
    name: str
    by_bot: bool
    text: str
    entities: tuple[types.MessageEntity, ...]
    buttons: tuple[tuple[Button, ...], ...]
    edits: int
    attachment: Attachment | None = None

    @property
    def edited(self) -> bool:
        return self.edits > 0

    @property
    def labels(self) -> list[str]:
        """What is written on the buttons, row by row."""
        return [button.text for row in self.buttons for button in row]


def bubble(message: types.Message, edits: int) -> Bubble:
    sender = message.from_user
    assert sender is not None
    return Bubble(
        id=message.message_id,
        chat=message.chat.id,
        at=message.date,
        sender=sender.id,
        name=sender.first_name,
        by_bot=sender.is_bot,
        text=message.text or message.caption or "",
        entities=tuple(message.entities or message.caption_entities or ()),
        buttons=_buttons(message.reply_markup),
        edits=edits,
        attachment=_attachment(message),
    )


def _buttons(markup: types.InlineKeyboardMarkup | None) -> tuple[tuple[Button, ...], ...]:
    rows = markup.inline_keyboard if markup else []
    return tuple(tuple(Button(each.text, each.callback_data, each.url) for each in row) for row in rows)


def _attachment(message: types.Message) -> Attachment | None:
    if message.photo:
        return Attachment("photo", message.photo[-1].file_id)
    if message.document:
        return Attachment(
            "document", message.document.file_id, message.document.file_name or "", message.document.file_size or 0
        )
    if message.voice:
        return Attachment("voice", message.voice.file_id, f"0:{message.voice.duration:02}")
    if message.location:
        return Attachment("location", None, f"{message.location.latitude:.4f}, {message.location.longitude:.4f}")
    if message.contact:
        return Attachment("contact", None, f"{message.contact.first_name} {message.contact.phone_number}")
    return None
