"""A round of hostile updates on a database with a month in it: what was tried, and what did not hold."""

from __future__ import annotations

import io
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlmodel import Session, col, func, select

from bot.logs import RedactingFormatter, Redactor
from bot.sender import fitting
from dialogue.forms import Desk
from handlers import DESK
from models.messages import Draft, Inbox, Outbox
from models.people import Staff
from models.records import Counter as Series
from models.records import Entry, Matter
from rules.house import House
from simulator.errors import ApiError
from simulator.markup import read_html
from tests.canaries import TARGETS
from tests.company import PEOPLE
from tests.conftest import TOKEN
from tests.garden import Growing, Step
from tests.poison import Poisoner, Update
from tests.post import Post
from words import LANGUAGES, Voice, unpack

HEALTHY_EVERY = 50
RESTART_EVERY = 250
MOST_AT_ONCE = 8
ANN = PEOPLE["ann"][2]
SECRETS = (TOKEN, *(canary for target in TARGETS for canary in target.canaries))
"""What may stand in no log, at no level."""
UPDATE = re.compile(r"update (\d+) ")


@dataclass
class Round:
    """`touched` are the commands and deeds that really ran; `answered` the form steps at which somebody wrote something."""

    seed: int
    updates: int = 0
    aside: int = 0
    unhandled: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    leaked: list[str] = field(default_factory=list)
    drawn: Counter[str] = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)
    answered: set[Step] = field(default_factory=set)
    seconds: float = 0.0


async def endure(growing: Growing, house: House, database: str, seed: int, how_many: int) -> Round:
    """So many hostile updates, a few at once, a healthy one every now and then, restarts between."""
    found, begun = Round(seed), time.monotonic()
    post = Post(database, house, noting(DESK, found), growing.now)
    try:
        with logged() as log:
            await Trial(post, Poisoner(seed, post.store, growing), found).lasts(how_many)
        found.leaked = [each for each in SECRETS if each in log.getvalue()]
        with post.store.read() as session:
            found.broken += judged(session, post, log.getvalue(), found)
    finally:
        post.store.close()
    found.seconds = time.monotonic() - begun
    return found


def noting(desk: Desk, found: Round) -> Desk:
    """The same desk, which notes what ran."""
    commands = {name: replace(each, run=_noting(found, f"/{name}", each.run)) for name, each in desk.commands.items()}
    words = {word: commands[each.name] for word, each in desk.words.items()}
    deeds = {name: replace(each, run=_noting(found, name, each.run)) for name, each in desk.deeds.items()}
    return replace(desk, commands=commands, words=words, deeds=deeds)


def _noting(found: Round, name: str, run: Callable[..., Any]) -> Callable[..., Any]:
    def noted(*args: Any, **kwargs: Any) -> Any:
        found.touched.add(name)
        return run(*args, **kwargs)

    return noted


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """All that is logged meanwhile, at DEBUG, as the product would write it."""
    root, handler = logging.getLogger(), logging.StreamHandler(io.StringIO())
    handler.setFormatter(RedactingFormatter(Redactor([TOKEN])))
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    try:
        yield handler.stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)


class Trial:
    def __init__(self, post: Post, poisoner: Poisoner, found: Round) -> None:
        self.post, self.poisoner, self.found = post, poisoner, found
        with post.store.read() as session:
            self.staff = _staff(session)

    async def lasts(self, how_many: int) -> None:
        while self.found.updates < how_many:
            before = self.found.updates
            most = min(self.poisoner.random.randint(1, MOST_AT_ONCE), how_many - before)
            await self.takes([self.poisoner.next() for _ in range(most)])
            if self.found.updates // HEALTHY_EVERY > before // HEALTHY_EVERY:
                await self.is_healthy()
            if self.found.updates // RESTART_EVERY > before // RESTART_EVERY:
                self.post.restart()
                self.poisoner.store = self.post.store
        self.found.drawn = self.poisoner.drawn
        with self.post.store.read() as session:
            self.holds(_staff(session) == self.staff, "somebody was enrolled or lost")

    async def takes(self, updates: list[Update]) -> None:
        self.found.answered |= self.asked(updates)
        await self.post.take(*updates)
        self.found.updates += len(updates)

    def asked(self, updates: list[Update]) -> set[Step]:
        """The questions that stand before those who write now."""
        writers = {str(each.get("message", {}).get("chat", {}).get("id")) for each in updates if _is_typed(each)}
        with self.post.store.look() as connection:
            asking = connection.execute(ASKING).all()
        return {(form, name) for form, name, user in asking if str(user) in writers}

    async def is_healthy(self) -> None:
        menu = self.poisoner.message(ANN, text="/menu")
        await self.post.take(menu)
        self.holds(self.post.answered(menu["update_id"]), "a healthy update was not answered")
        await self.saves("/log 华航橡胶 电话 刚才 谈了三季度配方", Entry)
        if self.found.updates % RESTART_EVERY < HEALTHY_EVERY:
            await self.saves("/complain 华航橡胶 胶管开裂", Matter)

    async def saves(self, line: str, table: type[Entry] | type[Matter]) -> None:
        before = self.count(table)
        await self.post.take(self.poisoner.message(ANN, text=line))
        for deed in ("form.pick", "form.save"):  # somebody may have made a second customer of that name
            if button := self.poisoner.newest(ANN, deed):
                await self.post.take(self.poisoner.press(ANN, button))
        self.holds(self.count(table) == before + 1, f"not saved: {line}")

    def count(self, table: type[Entry] | type[Matter]) -> int:
        with self.post.store.read() as session:
            return session.exec(select(func.count()).select_from(table)).one()

    def holds(self, good: bool, what: str) -> None:
        if not good:
            self.found.broken.append(f"seed {self.found.seed}, update {self.found.updates}: {what}")


ASKING = text(
    "SELECT draft.form, draft.asking, staff.telegram_id FROM draft JOIN staff ON staff.id = draft.staff_id"
    " WHERE draft.state = 'open' AND draft.asking IS NOT NULL"
)


def _is_typed(update: Update) -> bool:
    return isinstance(update.get("message"), dict) and isinstance(update["message"].get("chat"), dict)


def _staff(session: Session) -> set[tuple[Any, ...]]:
    return set(session.exec(select(Staff.number, Staff.telegram_id, Staff.active)))


# What must hold at the end of a round: each yields what does not.


def judged(session: Session, post: Post, log: str, found: Round) -> Iterator[str]:
    for each in (*inbox(session, post, log, found), *records(session, post.now), *messages(session, post)):
        yield f"seed {found.seed}: {each}"


def inbox(session: Session, post: Post, log: str, found: Round) -> Iterator[str]:
    """Nothing waits, and only what can't be read was set aside, with an alarm for each."""
    rows = session.exec(select(Inbox)).all()
    aside = {row.id: row for row in rows if row.state == "set_aside"}
    found.aside = len(aside)
    found.unhandled = [f"{row.error}: {row.body[:300]}" for row in aside.values() if not post.unreadable(row.body)]
    yield from (f"not handled: {row.body[:300]}" for row in rows if row.state not in ("handled", "set_aside"))
    if {int(number) for number in UPDATE.findall(log)} != aside.keys():
        yield "an alarm too many or too few"


def records(session: Session, now: datetime) -> Iterator[str]:
    opened = select(Draft.staff_id, func.count()).where(Draft.state == "open").group_by(col(Draft.staff_id))
    yield from (f"{count} open forms for one person" for _, count in session.exec(opened) if count != 1)
    given = Counter[str]()
    for series in session.exec(select(Series)):
        given[series.series] += series.last  # of all years
    for name, kind in (("LX", "contact"), ("HF", "callback")):
        entries = session.exec(select(Entry).where(Entry.kind == kind)).all()
        if len(entries) != given.get(name, 0):
            yield f"{len(entries)} of kind {kind}, but {given.get(name, 0)} numbers"
        yield from (f"in the future: {each}" for each in entries if each.at > now + timedelta(minutes=5))
    for name, kind in (("TS", "complaint"), ("ZX", "inquiry")):
        there = session.exec(select(func.count()).select_from(Matter).where(Matter.kind == kind)).one()
        if there != given.get(name, 0):
            yield f"numbers of kind {kind} with a gap"


def messages(session: Session, post: Post) -> Iterator[str]:
    """Whatever is to be said can be said, in both languages, and Telegram takes it."""
    for language in LANGUAGES:
        voice = Voice(language, post.house.calendar.tz, post.now)
        for row in session.exec(select(Outbox)):
            said = fitting(voice(unpack(row.text)))
            try:
                length = len(read_html(said).text.encode("utf-16-le")) // 2
            except ApiError as refused:
                yield f"{refused}: {said[:300]}"
                continue
            if not 0 < length <= 4096:
                yield f"{length} characters: {said[:300]}"
            faces = [face for line in row.rows for face in line]
            if not all(voice.plain(unpack(face["label"])) and len(face["data"].encode()) <= 64 for face in faces):
                yield f"a button without words, or with too much data: {faces}"
