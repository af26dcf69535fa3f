"""One simulated Telegram: its bots, its people, and what people do with their phones.

Everything here is in process and at once; the Bot API (api.py) and the page (control.py) are two doors to this state.
`token=None` means this server's own bot, the one whose token is `telegram.token`.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from aiogram import types

from simulator.bell import Bell
from simulator.errors import JSON, not_found, unauthorized
from simulator.faults import Faults
from simulator.limits import Limits
from simulator.people import Bubble, Person
from simulator.phone import Phone
from simulator.world import Chat, World

TOKEN = "1000000001:SimulatedTokenOfTheSampleCompany0000"
TOKEN_SHAPE = re.compile(r"\d{1,16}:[A-Za-z0-9_-]{3,80}")
MOST_CALLS = 100_000


@dataclass(frozen=True)
class Call:
    """One request of a bot and what was answered, even if a fault lost it on the way; None: nothing was done."""

    token: str
    method: str
    params: JSON
    answer: JSON | None

    @property
    def ok(self) -> bool:
        return self.answer is not None and bool(self.answer["ok"])


class Telegram:
    """`now` gives the time of messages (aware); it may be a movable clock."""

    def __init__(
        self,
        now: Callable[[], datetime],
        *,
        token: str = TOKEN,
        bot_name: str = "客管助手",
        limits: Limits | None = None,
    ) -> None:
        self.now = now
        self.token = token
        self.bot_name = bot_name
        self.limits = limits or Limits()
        self.faults = Faults()
        self.calls: deque[Call] = deque(maxlen=MOST_CALLS)
        self.people: dict[int, Person] = {}
        self.bell = Bell()
        self.boot = secrets.token_hex(4)
        self.worlds: dict[str, World] = {}
        self.world(token)

    # Bots

    def world(self, token: str | None = None) -> World:
        """What the bot with this token sees; a token never seen before makes a new bot."""
        token = self.token if token is None else token
        if token not in self.worlds:
            self.worlds[token] = World(token, self.bot_name, self.people, self.bell, self.now)
        return self.worlds[token]

    def called_by(self, token: str) -> World:
        """The bot that makes a request; raises 404 for a misshapen token, 401 for a revoked one."""
        if not TOKEN_SHAPE.fullmatch(token):
            raise not_found()
        world = self.world(token)
        if world.revoked:
            raise unauthorized()
        return world

    def revoke(self, token: str | None = None) -> None:
        """As BotFather's /revoke: every further request with this token is answered 401."""
        self.world(token).revoked = True

    def calls_of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method.lower() == method.lower()]

    # People and groups

    def person(
        self,
        user_id: int,
        name: str,
        *,
        username: str | None = None,
        language: str = "zh-hans",
        role: str = "",
        role_en: str = "",
        pinned: bool = False,
    ) -> Person:
        """Give somebody an account. Bots can't write to them before they wrote first."""
        self.people[user_id] = Person(user_id, name, username, language, role, role_en, pinned)
        self.bell.ring()
        return self.people[user_id]

    def group(self, title: str, members: Iterable[int], *, token: str | None = None) -> int:
        """A group of these people and the bot, made by the first of them; returns its chat id."""
        people = [self.people[user_id] for user_id in members]
        world = self.world(token)
        chat_id = -1_001_000_000_000 - sum(chat.is_group for chat in world.chats.values())
        face = types.Chat(id=chat_id, type="supergroup", title=title)
        chat = world.chats[chat_id] = Chat(face, {person.id for person in people})
        world.membership(chat, people[0], "left", "member")
        return chat_id

    def closes_account(self, user_id: int, *, token: str | None = None) -> None:
        """Whoever writes to this person from now on hears "user is deactivated"."""
        self.world(token).private(self.people[user_id]).silent = "user is deactivated"

    def phone(self, user_id: int, *, chat: int | None = None, token: str | None = None) -> Phone:
        """This person's phone, open on their chat with the bot or on a group of theirs (`chat`)."""
        world, person = self.world(token), self.people[user_id]
        place = world.chats[chat] if chat and chat != user_id else world.private(person)
        if user_id not in place.members:
            raise LookupError(f"{person.name} is not in chat {chat}")
        return Phone(world, person, place)

    # The same, said shortly: this server's own bot

    def says(self, user_id: int, text: str, chat: int | None = None) -> JSON:
        return self.phone(user_id, chat=chat).says(text)

    def presses(self, user_id: int, message_id: int, data: str, chat: int | None = None) -> str:
        return self.phone(user_id, chat=chat).presses(message_id, data)

    def taps(self, user_id: int, label: str, chat: int | None = None) -> str:
        return self.phone(user_id, chat=chat).taps(label)

    def sends_photo(self, user_id: int, content: bytes | None = None, caption: str | None = None) -> JSON:
        return self.phone(user_id).sends_photo(content, caption)

    def sends_document(self, user_id: int, name: str = "样品检验单.pdf", content: bytes | None = None) -> JSON:
        return self.phone(user_id).sends_document(name, content)

    def sends_album(self, user_id: int, photos: int = 3, caption: str | None = None) -> list[JSON]:
        return self.phone(user_id).sends_album(photos, caption)

    def sends_voice(self, user_id: int, seconds: int = 4, caption: str | None = None) -> JSON:
        return self.phone(user_id).sends_voice(seconds, caption)

    def sends_location(self, user_id: int, latitude: float = 36.0671, longitude: float = 120.3826) -> JSON:
        return self.phone(user_id).sends_location(latitude, longitude)

    def sends_contact(self, user_id: int, name: str = "张工", phone: str = "13800138000") -> JSON:
        return self.phone(user_id).sends_contact(name, phone)

    def forwards(self, user_id: int, text: str, author: str = "某客户", written: datetime | None = None) -> JSON:
        return self.phone(user_id).forwards(text, author, written)

    def edits(self, user_id: int, message_id: int, text: str) -> JSON:
        return self.phone(user_id).edits(message_id, text)

    def blocks_bot(self, user_id: int) -> None:
        self.phone(user_id).blocks_bot()

    def unblocks_bot(self, user_id: int) -> None:
        self.phone(user_id).unblocks_bot()

    def chat(self, user_id: int, chat: int | None = None) -> list[Bubble]:
        """What that person's phone shows, from top to bottom."""
        return self.phone(user_id, chat=chat).shows()
