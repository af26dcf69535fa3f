"""What one bot's token sees: its chats and messages, its queue of updates, its files and settings."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiogram import types
from pydantic import BaseModel

from simulator.bell import Bell
from simulator.errors import JSON, bad_request, forbidden
from simulator.files import Files
from simulator.people import Bubble, Person, bubble
from simulator.updates import Updates

CLOSED = "bot can't initiate conversation with a user"
BLOCKED = "bot was blocked by the user"


@dataclass
class Kept:
    """A message in a chat; `version` is the ring of the server's bell at its last change."""

    message: types.Message
    version: int
    edits: int = 0
    deleted: bool = False

    def bubble(self) -> Bubble:
        return bubble(self.message, self.edits)


@dataclass
class Chat:
    """`silent` says why the bot can't write here, in Telegram's words; None: it can.

    `keys` is the keyboard that the bot put in place of the letters: text, and whether it shares one's contact.
    """

    face: types.Chat
    members: set[int]
    silent: str | None = None
    keys: list[list[tuple[str, bool]]] = field(default_factory=list)
    kept: dict[int, Kept] = field(default_factory=dict)
    next_id: int = 1

    @property
    def id(self) -> int:
        return self.face.id

    @property
    def is_group(self) -> bool:
        return self.face.type != "private"

    def alive(self, message_id: int) -> Kept | None:
        kept = self.kept.get(message_id)
        return kept if kept and not kept.deleted else None


@dataclass(frozen=True)
class Toast:
    """What answerCallbackQuery shows over one person's chat."""

    version: int
    user_id: int
    text: str
    alert: bool


@dataclass
class Query:
    user_id: int
    answered: bool = False


class World:
    def __init__(
        self, token: str, name: str, people: Mapping[int, Person], bell: Bell, now: Callable[[], datetime]
    ) -> None:
        self.token = token
        self.people = people
        self.bell = bell
        self.now = now
        bot_id = int(token.partition(":")[0])
        self.me = types.User(
            id=bot_id,
            is_bot=True,
            first_name=name,
            username=f"simulated_{bot_id}_bot",
            can_join_groups=True,
            can_read_all_group_messages=False,
            supports_inline_queries=False,
        )
        self.author = types.User(id=bot_id, is_bot=True, first_name=name, username=self.me.username)
        self.chats: dict[int, Chat] = {}
        self.updates = Updates()
        self.files = Files()
        self.queries: dict[str, Query] = {}
        self.toasts: list[Toast] = []
        self.commands: dict[tuple[str, str], list[types.BotCommand]] = {}
        self.texts: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int | None, types.MenuButton] = {}
        self.revoked = False

    def private(self, person: Person) -> Chat:
        """A person's chat with this bot; until they write, the bot may not."""
        return self.chats.setdefault(person.id, Chat(person.as_chat(), {person.id}, silent=CLOSED))

    def target(self, chat_id: int | str) -> Chat:
        """The chat that a bot names, as far as it may write there; raises 400 or 403 otherwise."""
        number = int(chat_id) if re.fullmatch(r"-?\d{1,19}", str(chat_id)) else 0
        person = self.people.get(number)
        chat = self.private(person) if person else self.chats.get(number)
        if chat is None:
            raise bad_request("chat not found")
        if chat.silent:
            raise forbidden(chat.silent)
        return chat

    def keep(self, chat: Chat, sender: types.User, content: Mapping[str, Any]) -> types.Message:
        """Add a message to a chat; `content` are fields of Telegram's Message."""
        message = types.Message.model_validate(
            {
                "message_id": chat.next_id,
                "date": self.now(),
                "chat": chat.face,
                "from_user": sender,
                **{name: value for name, value in content.items() if value is not None},
            }
        )
        chat.next_id += 1
        chat.kept[message.message_id] = Kept(message, self.bell.rings + 1)
        self.bell.ring()
        return message

    def change(self, kept: Kept, update: Mapping[str, Any]) -> types.Message:
        stamp = {"edit_date": int(self.now().timestamp())}
        kept.message = kept.message.model_copy(update={**update, **stamp})
        kept.edits += 1
        kept.version = self.bell.ring()
        return kept.message

    def forget(self, kept: Kept) -> None:
        kept.deleted = True
        kept.version = self.bell.ring()

    def toast(self, user_id: int, text: str, *, alert: bool) -> None:
        self.toasts.append(Toast(self.bell.rings + 1, user_id, text, alert))
        self.bell.ring()

    def membership(self, chat: Chat, person: Person, old: str, new: str) -> None:
        """Tell the bot that it was let in or thrown out: `old` and `new` are left, member or kicked."""
        change = {
            "chat": chat.face,
            "from_user": person.as_user(),
            "date": self.now(),
            "old_chat_member": self._standing(old),
            "new_chat_member": self._standing(new),
        }
        content = as_update("my_chat_member", types.ChatMemberUpdated.model_validate(change))
        self.updates.push("my_chat_member", content)

    def _standing(self, status: str) -> JSON:
        until = {"until_date": 0} if status == "kicked" else {}
        return {"status": status, "user": self.me, **until}

    def commands_for(self, person: Person) -> list[types.BotCommand]:
        """The command menu on this person's phone: the narrowest scope first, the person's language before none."""
        language = person.language.partition("-")[0]
        for scope in (f"chat:{person.id}", "all_private_chats", "default"):
            for code in (language, ""):
                if (scope, code) in self.commands:
                    return self.commands[scope, code]
        return []


def dump(result: Any) -> Any:
    """A result as the Bot API prints it: no nulls, dates as unix seconds, `from` and not `from_user`."""
    if isinstance(result, BaseModel):
        return result.model_dump(mode="json", exclude_none=True, by_alias=True)
    return [dump(each) for each in result] if isinstance(result, list) else result


def as_update(kind: str, content: BaseModel) -> JSON:
    """The content of an update, validated by building the whole update with aiogram."""
    update = types.Update.model_validate({"update_id": 1, kind: content})
    dumped: JSON = dump(update)[kind]
    return dumped
