"""Keyboards, checked for what Telegram refuses and aiogram's models let pass."""

from __future__ import annotations

import re
from typing import Any

from simulator.errors import ApiError, bad_request

KINDS = ("inline_keyboard", "keyboard", "remove_keyboard", "force_reply")
ACTIONS = (
    "callback_data",
    "url",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
LOOKS = ("text", "style", "icon_custom_emoji_id")
URL = re.compile(r"(?:https?|tg)://\S+$", re.IGNORECASE)
MOST_BUTTONS = 100
CALLBACK_BYTES = 64


def check_markup(markup: Any, *, inline_only: bool = False) -> None:
    """Raise 400 unless `markup` (parsed JSON) is a keyboard that Telegram would take."""
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    kinds = [kind for kind in KINDS if kind in markup]
    if len(kinds) != 1 or (inline_only and kinds != ["inline_keyboard"]):
        raise bad_request("inline keyboard expected" if inline_only else "can't parse reply markup JSON object")
    if kinds == ["inline_keyboard"]:
        for button in _buttons(markup, "inline_keyboard"):
            _check_inline_button(button)
    elif kinds == ["keyboard"]:
        for button in _buttons(markup, "keyboard"):
            _check_text(button.get("text") if isinstance(button, dict) else button, "keyboard button")


def _buttons(markup: dict[str, Any], kind: str) -> list[Any]:
    rows = markup[kind]
    if not isinstance(rows, list):
        raise bad_request(f'Field "{kind}" must be of type Array')
    if not all(isinstance(row, list) for row in rows):
        raise bad_request(f'Field "{kind}" must be an Array of Arrays')
    buttons = [button for row in rows for button in row]
    if len(buttons) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return buttons


def _check_inline_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise _wrong("InlineKeyboardButton must be an Object")
    _check_text(button.get("text"), "inline keyboard button")
    unknown = set(button) - set(ACTIONS) - set(LOOKS)
    if unknown:
        raise _wrong(f"unknown field {min(unknown)}")
    actions = [name for name in ACTIONS if name in button]
    if not actions:
        raise _wrong("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise _wrong(f"exactly one action expected, found {', '.join(actions)}")
    _check_action(actions[0], button[actions[0]])


def _check_action(action: str, value: Any) -> None:
    if action == "callback_data" and not _fits(value):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not (isinstance(value, str) and URL.match(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Unsupported URL protocol")


def _fits(data: Any) -> bool:
    return isinstance(data, str) and 1 <= len(data.encode("utf-8", "surrogatepass")) <= CALLBACK_BYTES


def _check_text(text: Any, what: str) -> None:
    if not isinstance(text, str):
        raise bad_request(f"can't parse {what}: Can't find field \"text\"")
    if not text.strip():
        raise bad_request(f"{what} text must be non-empty")


def _wrong(why: str) -> ApiError:
    return bad_request(f"can't parse inline keyboard button: {why}")
