"""People who go on typing while processes die, and what must hold when all is over."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from sqlmodel import Session, col, select

from models.messages import Inbox, Outbox
from models.records import Complaint, Entry
from models.store import Store
from simulator.people import Bubble
from tests.company import PEOPLE
from tests.guard.kill.checks import AGAIN
from tests.guard.standby.cluster import Cluster, until

LINES = {
    "ann": "/complain 华航橡胶 胶管开裂，{}",
    "amy": "/log 远大机械 电话 昨天下午3点 谈了配方，{}",
    "bob": "/complain 申江液压 密封圈漏油，{}",
    "head": "/log 飞翼制造 电话 昨天下午3点 谈了交货，{}",
    "east": "/log 海润轮胎 电话 昨天下午3点 谈了价格，{}",
}
"""Complaints are answered in a strong class, contacts in a weak one."""
STRONG = ("/complain",)
PATIENCE = 8.0
"""Seconds after which people type the word of a button that did not come."""
NUMBERS = ("LX-", "TS-")
SETTLED = {"sent", "superseded", "uncertain"}


@dataclass
class Crowd:
    """Everybody's `passwords` are in one line each, by which its card, its record and its receipt are known again."""

    cluster: Cluster
    passwords: list[str] = field(default_factory=list)
    unanswered: list[str] = field(default_factory=list)
    _home: bool = False

    async def works(self) -> None:
        """Everybody, one line after the other, until told to go home."""
        await asyncio.gather(*(self._types(who) for who in LINES))

    def goes_home(self) -> None:
        self._home = True

    async def _types(self, who: str) -> None:
        for number in count(1):
            if self._home:
                return
            password = f"{who}第{number}句。"
            self.passwords.append(password)
            if not await self._one_line(who, password):
                self.unanswered.append(password)

    async def _one_line(self, who: str, password: str) -> bool:
        """Typed, saved, and its number read. Whose card was lost on the way types the word instead of pressing."""
        telegram, user = self.cluster.telegram, PEOPLE[who][2]
        before = len(self._bubbles(who))
        telegram.says(user, LINES[who].format(password))
        if await self._comes(lambda: any(password in each.text for each in self._bubbles(who))):
            telegram.taps(user, "保存")
        else:
            telegram.says(user, "保存")
        for _ in range(12):
            if await self._comes(lambda: any(_numbered(each) for each in self._bubbles(who)[before:])):
                return True
            if self._lost(user):
                break
        return False

    async def _comes(self, something: Callable[[], bool]) -> bool:
        try:
            await until(something, PATIENCE)
        except TimeoutError:
            return False
        return True

    def _lost(self, user: int) -> bool:
        """Whether an answer to this person may have been lost and will not be said again."""
        rows = self.cluster.asks(f"SELECT count(*) FROM outbox WHERE chat_id = {user} AND state = 'uncertain'")
        return int(rows[0][0]) > sum(each.startswith(_name(user)) for each in self.unanswered)

    def _bubbles(self, who: str) -> list[Bubble]:
        return [each for each in self.cluster.telegram.chat(PEOPLE[who][2]) if each.by_bot]


def _numbered(bubble: Bubble) -> bool:
    return any(series in bubble.text for series in NUMBERS)


def _name(user: int) -> str:
    return next(name for name, (_, _, number, _) in PEOPLE.items() if number == user)


# What must hold, when everybody went home: each yields what is wrong.


async def outbox_is_empty(cluster: Cluster) -> None:
    """Wait for what is still on its way."""
    await until(lambda: not cluster.asks("SELECT 1 FROM outbox WHERE state IN ('waiting', 'sending') LIMIT 1"))


def broken(crowd: Crowd, deaths: int) -> list[str]:
    store = Store(crowd.cluster.database)
    with store.read() as session:
        found = [
            *_updates(session, crowd.cluster.telegram.world().updates.next_id),
            *_records(session, crowd),
            *_messages(session),
        ]
    store.close()
    return [*found, *_said_twice(crowd, deaths), *_unanswered(crowd)]


def _updates(session: Session, next_id: int) -> Iterator[str]:
    rows = session.exec(select(Inbox)).all()
    if sorted(row.update_id for row in rows) != list(range(1001, next_id)):
        yield f"of {next_id - 1001} updates {len(rows)} are stored"
    yield from (f"update {row.update_id}: {row.state}, {row.error}" for row in rows if row.state != "handled")


def _records(session: Session, crowd: Crowd) -> Iterator[str]:
    written = [row.what for row in session.exec(select(Complaint))]
    written += [str(row.answers) for row in session.exec(select(Entry).where(Entry.kind == "contact"))]
    for password in crowd.passwords:
        times = sum(password in text for text in written)
        if times != 1:
            yield f"{password} is on record {times} times"


def _messages(session: Session) -> Iterator[str]:
    rows = session.exec(select(Outbox).where(col(Outbox.state).not_in(SETTLED)))
    yield from (f"message {row.id}: {row.state}, {row.error}" for row in rows)


def _said_twice(crowd: Crowd, deaths: int) -> Iterator[str]:
    """A line of its own each: as a card, as a receipt, as news; again only marked, at most once a death."""
    calls = [call for call in crowd.cluster.telegram.calls if call.ok and call.method == "sendMessage"]
    texts = Counter((call.params["chat_id"], call.params["text"]) for call in calls)
    for (chat, text), times in texts.items():
        if times > (deaths if text.startswith(AGAIN) else 1) and any(each in text for each in crowd.passwords):
            yield f"to {chat} {times} times: {text}"


def _unanswered(crowd: Crowd) -> Iterator[str]:
    """Complaints are always answered; another line only when its answer is known to be uncertain."""
    for password in crowd.unanswered:
        who = next(name for name in LINES if password.startswith(name))
        if LINES[who].startswith(STRONG):
            yield f"{password} was never answered"
    lost = crowd.cluster.asks("SELECT count(*) FROM outbox WHERE state = 'uncertain'")
    if len(crowd.unanswered) > int(lost[0][0]):
        yield f"never answered: {crowd.unanswered}; known to be uncertain: {lost[0][0]}"
