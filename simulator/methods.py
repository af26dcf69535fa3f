"""The methods of the Bot API that this Telegram knows; any other is answered 404, as by an older server."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiogram import methods as m
from aiogram import types

from simulator.errors import bad_request, not_found
from simulator.markup import Formatted, read_html, trimmed, units, with_found
from simulator.phone import MOST_TEXT, as_document, as_voice
from simulator.requests import Asked
from simulator.telegram import Telegram
from simulator.updates import Webhook
from simulator.world import Chat, Kept, World

MOST_CAPTION = 1024
MOST_TOAST = 200
OLDEST_TO_DELETE = 48 * 3600
"""Seconds; older messages can't be deleted by a bot."""
SAME = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current "
    "content and reply markup of the message"
)
TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Scene:
    """Who asks, and where."""

    telegram: Telegram
    world: World


def perform(scene: Scene, asked: Asked) -> Any:
    """Do what was asked, at once; the result as aiogram's types. Raises ApiError."""
    act = ACTS.get(type(asked))
    if act is None:
        raise not_found()
    return act(scene, asked)


# Sending


def send_message(scene: Scene, asked: m.SendMessage) -> types.Message:
    chat = scene.world.target(asked.chat_id)
    body = formatted(asked.text, asked.parse_mode, asked.entities)
    _check_length(body.text, MOST_TEXT, "message is too long")
    return post(scene, chat, asked, {"text": body.text, "entities": body.entities or None})


def send_photo(scene: Scene, asked: m.SendPhoto) -> types.Message:
    stored_id, unique_id, size = _file(scene, "photo", asked.photo)
    photo = types.PhotoSize(file_id=stored_id, file_unique_id=unique_id, width=800, height=500, file_size=size)
    return _send_media(scene, asked, {"photo": [photo]})


def send_document(scene: Scene, asked: m.SendDocument) -> types.Message:
    stored_id, _, _ = _file(scene, "document", asked.document)
    return _send_media(scene, asked, {"document": as_document(scene.world.files.to_fetch(stored_id))})


def send_voice(scene: Scene, asked: m.SendVoice) -> types.Message:
    stored_id, _, _ = _file(scene, "voice", asked.voice)
    voice = as_voice(scene.world.files.to_fetch(stored_id), int(asked.duration or 0))
    return _send_media(scene, asked, {"voice": voice})


def send_location(scene: Scene, asked: m.SendLocation) -> types.Message:
    place = types.Location(latitude=asked.latitude, longitude=asked.longitude)
    return post(scene, scene.world.target(asked.chat_id), asked, {"location": place})


def send_contact(scene: Scene, asked: m.SendContact) -> types.Message:
    card = types.Contact(phone_number=asked.phone_number, first_name=asked.first_name)
    return post(scene, scene.world.target(asked.chat_id), asked, {"contact": card})


def send_chat_action(scene: Scene, asked: m.SendChatAction) -> bool:
    scene.world.target(asked.chat_id)
    return True


def post(scene: Scene, chat: Chat, asked: Any, content: dict[str, Any]) -> types.Message:
    """Put a bot's message into a chat, within the limits."""
    content["reply_to_message"] = _replied(chat, asked.reply_parameters)
    if isinstance(asked.reply_markup, types.InlineKeyboardMarkup) and asked.reply_markup.inline_keyboard:
        content["reply_markup"] = asked.reply_markup
    scene.telegram.limits.count(scene.world.token, chat.id)
    _set_keys(chat, asked.reply_markup)
    return scene.world.keep(chat, scene.world.author, content)


def _set_keys(chat: Chat, markup: object) -> None:
    if isinstance(markup, types.ReplyKeyboardMarkup):
        chat.keys = [[(key.text, bool(key.request_contact)) for key in row] for row in markup.keyboard]
    elif isinstance(markup, types.ReplyKeyboardRemove):
        chat.keys = []


def formatted(text: str, parse_mode: object = None, entities: list[types.MessageEntity] | None = None) -> Formatted:
    """A text with its formatting read; raises 400 when nothing is left of it or its markup is wrong."""
    mode = parse_mode.lower() if isinstance(parse_mode, str) else None
    if mode not in (None, "html"):
        raise bad_request("unsupported parse_mode")
    body = read_html(text) if mode else trimmed(Formatted(text, entities or []))
    if not body.text:
        raise bad_request("message text is empty")
    return with_found(body)


def _check_length(text: str, most: int, why: str) -> None:
    if units(text) > most:
        raise bad_request(why)


def _send_media(scene: Scene, asked: Any, media: dict[str, Any]) -> types.Message:
    chat = scene.world.target(asked.chat_id)
    return post(scene, chat, asked, media | _caption(asked))


def _caption(asked: Any) -> dict[str, Any]:
    if not asked.caption:
        return {}
    body = formatted(asked.caption, asked.parse_mode, asked.caption_entities)
    _check_length(body.text, MOST_CAPTION, "message caption is too long")
    return {"caption": body.text, "caption_entities": body.entities or None}


def _file(scene: Scene, kind: str, given: types.InputFile | str) -> tuple[str, str, int]:
    """File id, unique id and size in bytes of an upload, or of a file sent before and named by its id."""
    if isinstance(given, types.BufferedInputFile):
        mime = {"photo": "image/png", "voice": "audio/ogg"}.get(kind, "application/octet-stream")
        stored = scene.world.files.add(kind, given.filename or f"{kind}.bin", given.data, mime)
    else:
        found = scene.world.files.find(str(given))
        if found is None:
            raise bad_request("wrong remote file identifier specified: Wrong string length")
        stored = found
    return stored.file_id, stored.unique_id, len(stored.content)


def _replied(chat: Chat, reply: types.ReplyParameters | None) -> types.Message | None:
    if reply is None:
        return None
    kept = chat.alive(reply.message_id or 0)
    if kept is None and reply.allow_sending_without_reply is not True:
        raise bad_request("message to be replied not found")
    return kept.message.model_copy(update={"reply_to_message": None}) if kept else None


# Changing


def edit_message_text(scene: Scene, asked: m.EditMessageText) -> types.Message:
    kept = _own(scene, asked, "edit")
    if kept.message.text is None:
        raise bad_request("there is no text in the message to edit")
    body = formatted(asked.text or "", asked.parse_mode, asked.entities)
    _check_length(body.text, MOST_TEXT, "MESSAGE_TOO_LONG")
    return _changed(scene, kept, asked, {"text": body.text, "entities": body.entities or None})


def edit_message_caption(scene: Scene, asked: m.EditMessageCaption) -> types.Message:
    kept = _own(scene, asked, "edit")
    return _changed(scene, kept, asked, {"caption": None, "caption_entities": None} | _caption(asked))


def edit_message_media(scene: Scene, asked: m.EditMessageMedia) -> types.Message:
    """A document in place of any other content; voice messages and places can't be changed."""
    kept = _own(scene, asked, "edit")
    if kept.message.voice or kept.message.location or not isinstance(asked.media, types.InputMediaDocument):
        raise bad_request("message can't be edited")
    stored_id, _, _ = _file(scene, "document", asked.media.media)
    media = {"photo": None, "text": None, "document": as_document(scene.world.files.to_fetch(stored_id))}
    return _changed(scene, kept, asked, media | {"caption": None, "caption_entities": None} | _caption(asked.media))


def edit_message_reply_markup(scene: Scene, asked: m.EditMessageReplyMarkup) -> types.Message:
    return _changed(scene, _own(scene, asked, "edit"), asked, {})


def delete_message(scene: Scene, asked: m.DeleteMessage) -> bool:
    chat = scene.world.target(asked.chat_id)
    kept = chat.alive(asked.message_id)
    if kept is None:
        raise bad_request("message to delete not found")
    if (scene.telegram.now() - kept.message.date).total_seconds() > OLDEST_TO_DELETE:
        raise bad_request("message can't be deleted for everyone")
    scene.world.forget(kept)
    return True


def _own(scene: Scene, asked: Any, verb: str) -> Kept:
    """The bot's own message that it wants to change."""
    if asked.chat_id is None or asked.message_id is None:
        raise bad_request("message identifier is not specified")
    kept = scene.world.target(asked.chat_id).alive(asked.message_id)
    if kept is None:
        raise bad_request(f"message to {verb} not found")
    if kept.message.from_user != scene.world.author:
        raise bad_request("message can't be edited")
    return kept


def _changed(scene: Scene, kept: Kept, asked: Any, content: dict[str, Any]) -> types.Message:
    """Apply an edit; without a keyboard in the request the old one goes, as with Telegram."""
    keyboard = asked.reply_markup if asked.reply_markup and asked.reply_markup.inline_keyboard else None
    content["reply_markup"] = keyboard
    if all(getattr(kept.message, name) == value for name, value in content.items()):
        raise bad_request(SAME)
    return scene.world.change(kept, content)


def answer_callback_query(scene: Scene, asked: m.AnswerCallbackQuery) -> bool:
    query = scene.world.queries.get(asked.callback_query_id)
    if query is None or query.answered:
        raise bad_request(TOO_OLD)
    _check_length(asked.text or "", MOST_TOAST, "MESSAGE_TOO_LONG")
    query.answered = True
    if asked.text:
        scene.world.toast(query.user_id, asked.text, alert=bool(asked.show_alert))
    return True


# Looking


def get_me(scene: Scene, asked: m.GetMe) -> types.User:
    return scene.world.me


def get_file(scene: Scene, asked: m.GetFile) -> types.File:
    stored = scene.world.files.to_fetch(asked.file_id)
    return types.File(
        file_id=stored.file_id,
        file_unique_id=stored.unique_id,
        file_size=len(stored.content),
        file_path=stored.path,
    )


def get_chat(scene: Scene, asked: m.GetChat) -> types.ChatFullInfo:
    chat = scene.world.target(asked.chat_id)
    gifts = dict.fromkeys(types.AcceptedGiftTypes.model_fields, False)
    face = chat.face.model_dump(exclude_none=True)
    return types.ChatFullInfo.model_validate(
        {**face, "accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    )


# Settings


def set_webhook(scene: Scene, asked: m.SetWebhook) -> bool:
    if asked.url and not re.match(r"https://|http://(127\.0\.0\.1|localhost)[:/]", asked.url):
        raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
    if asked.secret_token and not re.fullmatch(r"[\w-]{1,256}", asked.secret_token, re.ASCII):
        raise bad_request("secret token contains unallowed characters")
    hook = Webhook(asked.url, asked.secret_token, asked.max_connections or 40) if asked.url else None
    scene.world.updates.allow(asked.allowed_updates)
    scene.world.updates.set_webhook(hook, drop_pending=bool(asked.drop_pending_updates))
    return True


def delete_webhook(scene: Scene, asked: m.DeleteWebhook) -> bool:
    scene.world.updates.set_webhook(None, drop_pending=bool(asked.drop_pending_updates))
    return True


def get_webhook_info(scene: Scene, asked: m.GetWebhookInfo) -> types.WebhookInfo:
    updates = scene.world.updates
    when, what = updates.last_error or (None, None)
    return types.WebhookInfo(
        url=updates.webhook.url if updates.webhook else "",
        has_custom_certificate=False,
        pending_update_count=len(updates.waiting),
        last_error_date=when,
        last_error_message=what,
        max_connections=updates.webhook.max_connections if updates.webhook else None,
        allowed_updates=sorted(updates.allowed) or None,
    )


def set_my_commands(scene: Scene, asked: m.SetMyCommands) -> bool:
    for command in asked.commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command.description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    if len(asked.commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    scene.world.commands[_scope(asked)] = list(asked.commands)
    scene.world.bell.ring()
    return True


def get_my_commands(scene: Scene, asked: m.GetMyCommands) -> list[types.BotCommand]:
    return scene.world.commands.get(_scope(asked), [])


def delete_my_commands(scene: Scene, asked: m.DeleteMyCommands) -> bool:
    scene.world.commands.pop(_scope(asked), None)
    scene.world.bell.ring()
    return True


def _scope(asked: Any) -> tuple[str, str]:
    scope = asked.scope
    name = "default" if scope is None else str(scope.type)
    return (f"{name}:{scope.chat_id}" if getattr(scope, "chat_id", None) else name), asked.language_code or ""


def _text_setter(name: str, most: int) -> Callable[[Scene, Any], bool]:
    def act(scene: Scene, asked: Any) -> bool:
        text = getattr(asked, name) or ""
        _check_length(text, most, f"{name} is too long")
        scene.world.texts[name, asked.language_code or ""] = text
        return True

    return act


def _text_getter(name: str, answer: Callable[..., Any]) -> Callable[[Scene, Any], Any]:
    def act(scene: Scene, asked: Any) -> Any:
        texts = scene.world.texts
        return answer(**{name: texts.get((name, asked.language_code or ""), texts.get((name, ""), ""))})

    return act


def get_my_name(scene: Scene, asked: m.GetMyName) -> types.BotName:
    texts = scene.world.texts
    default = texts.get(("name", ""), scene.world.me.first_name)
    return types.BotName(name=texts.get(("name", asked.language_code or ""), default))


def set_chat_menu_button(scene: Scene, asked: m.SetChatMenuButton) -> bool:
    scene.world.menu_buttons[asked.chat_id] = asked.menu_button or types.MenuButtonDefault()
    return True


def get_chat_menu_button(scene: Scene, asked: m.GetChatMenuButton) -> types.MenuButton:
    buttons = scene.world.menu_buttons
    return buttons.get(asked.chat_id, buttons.get(None, types.MenuButtonDefault()))


ACTS: dict[type, Callable[[Scene, Any], Any]] = {
    m.SendMessage: send_message,
    m.SendPhoto: send_photo,
    m.SendDocument: send_document,
    m.SendVoice: send_voice,
    m.SendLocation: send_location,
    m.SendContact: send_contact,
    m.SendChatAction: send_chat_action,
    m.EditMessageText: edit_message_text,
    m.EditMessageCaption: edit_message_caption,
    m.EditMessageMedia: edit_message_media,
    m.EditMessageReplyMarkup: edit_message_reply_markup,
    m.DeleteMessage: delete_message,
    m.AnswerCallbackQuery: answer_callback_query,
    m.GetMe: get_me,
    m.GetFile: get_file,
    m.GetChat: get_chat,
    m.SetWebhook: set_webhook,
    m.DeleteWebhook: delete_webhook,
    m.GetWebhookInfo: get_webhook_info,
    m.SetMyCommands: set_my_commands,
    m.GetMyCommands: get_my_commands,
    m.DeleteMyCommands: delete_my_commands,
    m.SetMyName: _text_setter("name", 64),
    m.GetMyName: get_my_name,
    m.SetMyDescription: _text_setter("description", 512),
    m.GetMyDescription: _text_getter("description", types.BotDescription),
    m.SetMyShortDescription: _text_setter("short_description", 120),
    m.GetMyShortDescription: _text_getter("short_description", types.BotShortDescription),
    m.SetChatMenuButton: set_chat_menu_button,
    m.GetChatMenuButton: get_chat_menu_button,
}
