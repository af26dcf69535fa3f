"""One cell after the other, tried on the real product: what came of it, and what must not have."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlmodel import select

from bot.receiver import store_updates
from bot.worker import Toast
from models.messages import Card, Inbox
from models.people import key
from models.store import Store
from simulator.telegram import Call
from tests.conftest import office_on
from tests.guard.denied.cells import FOREIGN, PRESS, Cell, Way, button, denied
from tests.guard.denied.company import (
    EVERYBODY,
    MORE,
    NOT_THERE,
    STRANGER,
    Ids,
    Target,
    hidden_from,
    member,
    move_in,
)
from tests.office import Office
from tests.servers import a_house, furnish

WRITES = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)', re.IGNORECASE)
TRAFFIC = {"inbox", "outbox", "card"}
"""What came, what is said, and what it is said on: all that a refusal may leave."""
REFUSED = "没有找到，或不在您的权限内。"
GONE = "这张单已处理过，没有重复保存。"
"""Of a form that is not theirs, as of one that is no more."""
VEIL = re.compile("…|〔[^〕]+〕")
"""What comes back in place of the name of a customer marked 涉密 or of somebody there, whoever typed it: it is not sent again."""
IN_PRIVATE = "客户资料只在私聊中处理，请点我的头像私聊。"


@dataclass(frozen=True)
class Came:
    """What was said to whom, the words on the buttons with it; which tables were written; whether it could be handled at all."""

    said: tuple[str, ...]
    written: frozenset[str]
    handled: bool

    def about(self, target: Target, asked: str) -> Came:
        """With whatever was typed about the target struck out: what is left is the same for all that are not there."""
        said = tuple(VEIL.sub("某", each.replace(target.asked[asked], "某")) for each in self.said)
        return Came(said, self.written, self.handled)


class Trial:
    """The product at work, set back after every cell that left anything."""

    def __init__(self, office: Office, database: Path, ids: dict[str, Ids]) -> None:
        self.office, self.ids = office, ids
        self._database = database
        self._fresh = sqlite3.connect(":memory:")
        self._written: set[str] = set()
        self._known: dict[tuple[str, Way], Came] = {}
        self._bubbles: dict[int, int] = {}
        event.listen(office.store.engine, "before_cursor_execute", self._note)
        for who, (number, name, user, _) in MORE.items():
            office.telegram.person(user, name, role=number)
            office.telegram.world().private(office.telegram.people[user]).silent = None
            assert who in EVERYBODY
        office.telegram.person(STRANGER, "路人")
        everybody = [user for _, _, user, _ in EVERYBODY.values()]
        self._group, self._forum = (office.telegram.group(each, [*everybody, STRANGER]) for each in ("一部", "论坛"))

    async def begins(self) -> None:
        """Everybody has a message of the bot to press on; strangers have heard their one line of this hour."""
        for user in (STRANGER, *(user for _, _, user, _ in EVERYBODY.values())):
            self.office.telegram.says(user, "/menu")
        await self.office.service.settle()
        chats = {user: self.office.telegram.chat(user) for user in self.office.telegram.people}
        self._bubbles = {user: next((each.id for each in chat if each.by_bot), 1) for user, chat in chats.items()}
        with sqlite3.connect(self._database) as now:
            now.backup(self._fresh)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if found := WRITES.match(statement):
            self._written.add(found[1])

    def _set_back(self) -> None:
        self._fresh.commit()
        with sqlite3.connect(self._database) as now:
            self._fresh.backup(now)
        now.close()

    async def wrong(self, cell: Cell) -> list[str]:
        """Everything that should not have come of it."""
        came = await self._tries(cell.who, cell.way, cell.target)
        found = [f"tells {word}" for word in self._told(cell, came)]
        if denied(cell):
            if not came.handled:
                found.append("could not be handled")
            found += [each async for each in self._differs(cell, came)]
        return [f"{cell}: {each}" for each in found]

    def _told(self, cell: Cell, came: Came) -> Iterator[str]:
        """What stands in anything that was sent and is hidden from them; in a group, from all. Their own words may come back."""
        typed = cell.target.asked.get(cell.way.asked, "")
        hidden = hidden_from("stranger" if cell.way.where != "private" else cell.who)
        said = "\n".join(came.said)
        allowed = cell.way.kind == PRESS and not denied(cell)
        done = [word for words in cell.target.canaries.values() for word in words] if allowed else []
        yield from (word for word in hidden if word in said and word not in typed and word not in done)

    async def _differs(self, cell: Cell, came: Came) -> AsyncIterator[str]:
        if cell.way.where != "private":
            if extra := set(came.said) - {IN_PRIVATE, ""}:
                yield f"says {extra} where others listen"
            if more := came.written - TRAFFIC:
                yield f"writes {more}"
            return
        if came.said and set(came.said) <= {REFUSED, GONE, ""} and came.written <= TRAFFIC:
            return
        there_not = await self._answer_for_nothing(cell)
        if came.about(cell.target, cell.way.asked or "name") != there_not:
            yield f"{came} is not what comes for what is not there: {there_not}"

    async def _answer_for_nothing(self, cell: Cell) -> Came:
        which = cell.who, cell.way
        if which not in self._known:
            came = await self._tries(cell.who, cell.way, NOT_THERE)
            self._known[which] = came.about(NOT_THERE, cell.way.asked or "name")
        return self._known[which]

    async def _tries(self, who: str, way: Way, target: Target) -> Came:
        user = STRANGER if who == "stranger" else EVERYBODY[who][2]
        self.office.telegram.calls.clear()
        self._act(who, user, way, target)
        if way.sent == "changed":
            await self._settles()
            self.office.telegram.calls.clear()
            self._changes(user, way.what.format(*[target.asked[way.asked]] * 2))
        self._written.clear()
        said = (*await self._settles(), *_said(self.office.telegram.calls))
        with self.office.read() as session:
            handled = session.exec(select(Inbox.id).where(Inbox.state == "set_aside")).first() is None
        came = Came(said, frozenset(self._written), handled)
        self._set_back()
        return came

    async def _settles(self) -> list[str]:
        """What came is handled and answered, without asking for more. Returns what flashes up after a press."""
        service, now, updates = self.office.service, self.office.clock.now(), self.office.telegram.world().updates
        await service.store.run(store_updates, updates.waiting, now)
        updates.waiting = []
        flashed = []
        while word := await service.worker.step(now):
            flashed += [word.text] if isinstance(word, Toast) and word.text else []
        while await service.sender.step(now):
            pass
        return flashed

    def _act(self, who: str, user: int, way: Way, target: Target) -> None:
        if way.kind in (PRESS, FOREIGN):
            holder = target.owner if way.kind == FOREIGN and target.owner else who
            deed = "customer.card" if way.kind == FOREIGN else way.what
            chat = self._group if way.where == "group" else None
            data = self._button(holder, deed, target) if way.kind == PRESS or target.owner else "AAAAAAAAAAAA.1.0"
            self.office.telegram.presses(user, self._bubbles[user], data, chat=chat)
            return
        self._send(user, way, way.what.format(*[target.asked[way.asked]] * 2))

    def _button(self, who: str, deed: str, target: Target) -> str:
        """On a card of theirs, as if they had it from before."""
        user = EVERYBODY[who][2]
        args = dict(button(deed, self.ids.get(target.seed)))
        with self.office.store.write() as session:
            card = Card(staff_id=key(member(session, who)), chat_id=user, buttons=[{"do": deed, "args": args}])
            session.add(card)
            session.flush()
            return f"{card.key}.{card.version}.0"

    def _send(self, user: int, way: Way, text: str) -> None:
        phone = self.office.telegram.phone(user)
        match way.where, way.sent:
            case "private", "typed":
                phone.says(text)
            case "private", "answer":
                phone.replies(1, text)
            case "private", "passed on":
                phone.forwards(text)
            case "private", "changed":
                phone.says("你好")
            case "private", "photo":
                phone.sends_photo(caption=text)
            case "private", "file":
                phone.sends_document(caption=text)
            case "private", "name of a file":
                phone.sends_document(name=f"{text}.pdf".replace("/", ""))
            case "group", _:
                self.office.telegram.says(user, text, chat=self._group)
            case _:
                self._elsewhere(user, way.where, text)

    def _changes(self, user: int, text: str) -> None:
        phone = self.office.telegram.phone(user)
        phone.edits(max(each.id for each in phone.shows() if not each.by_bot), text)

    def _elsewhere(self, user: int, where: str, text: str) -> None:
        """A topic of a forum, a channel of which the bot is a member, an inline query."""
        updates = self.office.telegram.world().updates
        sender: dict[str, Any] = {"id": user, "is_bot": False, "first_name": "某"}
        body = {"message_id": 7, "date": 1_795_395_600, "text": text}
        updates.next_id += 1
        number = updates.next_id - 1
        forum = {"id": self._forum, "type": "supergroup", "title": "论坛", "is_forum": True}
        channel = {"id": -1_002_000_000_002, "type": "channel", "title": "频道"}
        kinds: dict[str, dict[str, Any]] = {
            "topic": {
                "message": body | {"chat": forum, "from": sender, "message_thread_id": 3, "is_topic_message": True}
            },
            "channel": {"channel_post": body | {"chat": channel, "sender_chat": channel}},
            "inline": {"inline_query": {"id": "1", "from": sender, "query": text, "offset": ""}},
        }
        updates.inject({"update_id": number, **kinds[where]})


def _said(calls: Iterable[Call]) -> Iterator[str]:
    for call in calls:
        if call.method in ("getUpdates", "getMe"):
            continue
        params = call.params
        words = str(params.get("text") or params.get("caption") or "")
        markup = params.get("reply_markup") or {}
        rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
        labels = [each["text"] for line in rows for each in line]
        named = [str(value) for name, value in params.items() if name in ("document", "photo", "url")]
        yield "\n".join([words, *labels, *named])


@asynccontextmanager
async def at_work(folder: Path, rulebook: str, furnished: Path | None = None) -> AsyncIterator[Trial]:
    """The company in a database of its own, on SQLite: what is refused does not depend on the engine."""
    path = folder / "denied.db"
    if furnished is not None:
        shutil.copy(furnished, path)
    else:
        furnish(f"sqlite:///{path}", rulebook)
    store = Store(f"sqlite:///{path}")
    store.vault.take_key(b"the key file of the tests, 32 by.")
    ids: dict[str, Ids] = store.run_here(move_in, a_house(rulebook))
    store.close()
    async with office_on(f"sqlite:///{path}", rulebook) as office:
        trial = Trial(office, path, ids)
        await trial.begins()
        yield trial
