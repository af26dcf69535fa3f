"""Telegram's updates as what somebody did."""

from __future__ import annotations

import unicodedata

from telegram import (
    Bot,
    Message,
    MessageOriginChannel,
    MessageOriginChat,
    MessageOriginHiddenUser,
    MessageOriginUser,
    Update,
)
from telegram.constants import ChatType

from dialogue.values import Attachment, Forwarded, Incoming, Shared
from words import plain_phone

LARGEST = 2**63


def understood(body: dict[str, object], bot: Bot) -> tuple[Incoming | None, str | None]:
    """What somebody did, and the id of a button press to be answered. None for kinds of update that we don't take."""
    update = Update.de_json(body, bot)
    if update.callback_query is not None:
        query = update.callback_query
        chat = query.message.chat if query.message else None
        private = chat is None or chat.type == ChatType.PRIVATE
        speaker = known(query.from_user.id)
        return Incoming(speaker, known(chat.id) if chat else speaker, private, press=clean(query.data or "")), query.id
    message, edited = update.message, update.edited_message
    if edited is not None and (edited.chat.type != ChatType.PRIVATE or edited.location is not None):
        return None, None  # a live location is "edited" with every step, and in groups nothing is taken
    message = message or edited
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None, None
    return _sent(message, edited=edited is not None), None


def _sent(message: Message, *, edited: bool) -> Incoming:
    who = message.from_user
    return Incoming(
        speaker=known(who.id) if who else 0,
        chat=known(message.chat.id),
        private=message.chat.type == ChatType.PRIVATE,
        text=clean(message.text or message.caption or ""),
        attachments=_attachments(message),
        first_name=clean(who.first_name if who else "")[:60],
        contact=_shared(message),
        message=known(message.message_id),
        forwarded=_forwarded(message),
        album=clean(message.media_group_id or "")[:60] or None,
        edited=edited,
        replies_to=known(message.reply_to_message.message_id) if message.reply_to_message else None,
        trifle=any((message.sticker, message.animation, message.poll, message.dice, message.game, message.story)),
    )


def _forwarded(message: Message) -> Forwarded | None:
    """Whose words they are: a person, also one who hides their account, a group or a channel."""
    match message.forward_origin:
        case None:
            return None
        case MessageOriginUser(sender_user=who):
            name = who.full_name
        case MessageOriginHiddenUser(sender_user_name=name):
            pass
        case MessageOriginChat(sender_chat=chat) | MessageOriginChannel(chat=chat):
            name = chat.title or ""
        case _:
            name = ""
    return Forwarded(clean(name)[:40], message.forward_origin.date)


def _shared(message: Message) -> Shared | None:
    """A card from the address book; the surname goes first, where names are written so."""
    card = message.contact
    if card is None:
        return None
    given, family = clean(card.first_name), clean(card.last_name or "")
    name = f"{given} {family}" if (given + family).isascii() else f"{family}{given}"
    return Shared(name.strip()[:40], plain_phone(clean(card.phone_number))[:40])


def _attachments(message: Message) -> tuple[Attachment, ...]:
    found = []
    if message.photo:
        found.append(Attachment("photo", message.photo[-1].file_id))
    if message.document and not message.animation:
        found.append(Attachment("file", message.document.file_id, clean(message.document.file_name or "")[:100]))
    if message.voice:
        found.append(Attachment("voice", message.voice.file_id))
    if message.video:
        found.append(Attachment("video", message.video.file_id))
    if message.video_note:
        found.append(Attachment("video", message.video_note.file_id))
    if message.audio:
        found.append(Attachment("audio", message.audio.file_id, clean(message.audio.title or "")[:100]))
    return (*found, *_place(message))


def _place(message: Message) -> tuple[Attachment, ...]:
    """Where somebody is; a place that was chosen by name keeps its name and address."""
    where = message.venue.location if message.venue else message.location
    if where is None:
        return ()
    name = clean(f"{message.venue.title} {message.venue.address}")[:100] if message.venue else ""
    return (Attachment("location", "", name, where.latitude, where.longitude),)


def known(number: int) -> int:
    """An id that every database can keep. Raises ValueError for anything else."""
    if isinstance(number, int) and abs(number) < LARGEST:
        return number
    raise ValueError("not an id of a person or a chat")


def clean(text: str) -> str:
    """Text that every database can keep: no lone surrogates, no control characters but line breaks."""
    kept = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return "".join(each for each in kept if each in "\n\t" or unicodedata.category(each) != "Cc").strip()
