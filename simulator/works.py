"""The clock bar's other side: the product's own clock, moved on by hand, and what it will do next."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby

from sqlmodel import Session, col, func, or_, select

from bot.clock import Clock as Now
from dialogue.owed import in_short
from dialogue.rule_changes import called
from models.absences import Absence
from models.climbing import CASES, PROMISE, ladder_of
from models.clocks import ABSENCE, DIGEST, OPENING, RULE_CHANGE, Clock, events, upcoming
from models.customers import Customer
from models.messages import Outbox
from models.people import Staff
from models.present import in_force
from models.records import Complaint, Entry, Matter
from models.rule_changes import RuleChange, concerned
from models.store import Store
from rules.house import House
from scheduler.recipients import recipients
from scheduler.tick import tick
from simulator.bell import Bell
from simulator.clockwork import Due
from words import Say, Value, Voice, say

STRIDE = timedelta(minutes=30)
PATIENCE = 20.0
"""Real seconds for what falls due at one moment to be sent; Telegram's limits hold it back to one message a second a chat."""
PAUSE = 0.2
"""Real seconds after which it looks again, when nothing happens on the phones."""
FAR = 400
"""Clocks looked at to fill the list; many fall due at the same moment and make one line."""
NAMED = 2
LOCALES = {"zh": "zh_CN", "en": "en"}
"""The languages of the page, and of the product."""


class Works:
    """A `Clockwork` over the product. `spread` sees to it that what was written goes out: it waits for the running service, or does
    the service's steps where none is running."""

    def __init__(self, store: Store, house: House, clock: Now, bell: Bell) -> None:
        self.store = store
        self.house = house
        self.clock = clock
        self.bell = bell
        self.spread: Callable[[], Awaitable[None]] = self.sent

    def now(self) -> datetime:
        return self.house.calendar.local(self.clock.now())

    async def advance(self, seconds: float) -> None:
        """In strides of half an hour at most, stopping wherever something falls due."""
        until = self.clock.now() + timedelta(seconds=seconds)
        while (left := until - self.clock.now()) > timedelta():
            due = await self.next_due()
            ahead = due - self.clock.now() if due else left
            self.clock.move(min(left, STRIDE, ahead) if ahead > timedelta() else min(left, STRIDE))
            while await self.store.run(self._tick, self.clock.now()):
                pass
            await self.spread()

    async def next_due(self) -> datetime | None:
        with self.store.read() as session:
            first = upcoming(session, 1)
        return first[0].next_at if first else None

    def _tick(self, session: Session, now: datetime) -> int:
        self.house = in_force(session, self.house)
        return tick(session, self.house, now)

    async def upcoming(self, limit: int, language: str) -> list[Due]:
        return await asyncio.to_thread(self._upcoming, limit, LOCALES.get(language, self.house.language))

    def _upcoming(self, limit: int, language: str) -> list[Due]:
        with self.store.read() as session:
            # OPENING makes the drafts of monthly reports: it tells nobody by a ladder
            clocks = [each for each in upcoming(session, FAR) if each.rule != OPENING]
            groups = [list(group) for _, group in groupby(sorted(clocks, key=_together), _together)]
            return [Coming(session, self.house, group, language).due() for group in groups[:limit]]

    async def sent(self) -> None:
        """Until the running service has sent everything that may go by now."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while await self.store.run(_waiting, self.clock.now()):
                    rings = self.bell.rings
                    await self.bell.until(partial(self._rang_after, rings), PAUSE)

    def _rang_after(self, rings: int) -> bool:
        return self.bell.rings > rings


def _waiting(session: Session, now: datetime) -> int:
    """How many messages could be on their way by now."""
    may_go = or_(col(Outbox.next_try_at).is_(None), col(Outbox.next_try_at) <= now)
    states = col(Outbox.state).in_(("waiting", "sending"))
    return session.exec(select(func.count()).select_from(Outbox).where(states, may_go)).one()


def _together(clock: Clock) -> tuple[datetime, bool, str, str]:
    """What is one line of the list: the same rule at the same time for the same post; promises and complaints singly."""
    assert clock.next_at is not None
    post = clock.post.partition("#")[0]
    kind = post.partition("@")[0]
    if clock.rule == PROMISE:
        post = f"{post} {clock.subject_id}"
    elif kind in ("owner", "staff", "digest"):
        post = kind
    return clock.next_at, clock.rule == DIGEST, clock.rule, post


class Coming:
    """One line of the list: clocks that go off together."""

    def __init__(self, session: Session, house: House, clocks: Sequence[Clock], language: str) -> None:
        self.session = session
        self.house = house
        self.clocks = clocks
        self.first = clocks[0]
        self.at = house.calendar.local(self.first.next_at or self.first.due_at)
        self.voice = Voice(language, house.calendar.tz, self.at)

    def due(self) -> Due:
        return Due(self.at, self._text(), self._who())

    def _text(self) -> str:
        if self.first.rule == DIGEST:
            return self.voice.plain(say("coming.digest"))
        if self.first.rule == ABSENCE:
            return self.voice.plain(say(f"coming.leave_{self.first.cycle}"))
        if self.first.rule == RULE_CHANGE:
            change = self.session.get_one(RuleChange, self.first.subject_id)
            return self.voice.plain(say("coming.rule", number=change.number, what=called(self.house, change)))
        if self.first.rule in CASES:
            return self.voice.plain(self._case())
        about = self._some([name for each in self.clocks if (name := self._customer(each))], "customer")
        return self.voice.plain(say("coming.about", about=about, what=self._what()) if about else self._what())

    def _case(self) -> Say:
        matter = self.session.get_one(Matter, self.first.subject_id)
        complaint = self.session.get_one(Complaint, self.first.subject_id)
        customer = self.session.get_one(Customer, matter.customer_id)
        words = {"number": matter.number, "customer": customer.called, "what": complaint.what[:30]}
        return say("alert.line", **words, due=self.first.due_at)

    def _what(self) -> Say:
        if self.first.rule == PROMISE:
            promised = self.session.get_one(Entry, self.first.subject_id)
            return say("text", text=promised.answers.get("next_step") or say("next.again"))
        return in_short(self.house.rulebook.entry(self.first.rule))

    def _customer(self, clock: Clock) -> str | None:
        match clock.subject_kind:
            case "customer":
                found = clock.subject_id
            case "entry":
                found = self.session.get_one(Entry, clock.subject_id).customer_id
            case "complaint":
                found = self.session.get_one(Matter, clock.subject_id).customer_id
            case _:
                return None
        return self.session.get_one(Customer, found).called

    def _who(self) -> str:
        if self.first.rule == DIGEST:
            return self.voice.count(len(self.clocks), "person")
        names = self._some([staff.name for each in self.clocks for staff in self._told(each)], "person")
        return self.voice.plain(names)

    def _told(self, clock: Clock) -> list[Staff]:
        """Whom the step tells that comes next: the one after the highest that was said, or the last one again."""
        if clock.rule == ABSENCE:
            return [self.session.get_one(Staff, self.session.get_one(Absence, clock.subject_id).staff_id)]
        if clock.rule == RULE_CHANGE:
            return concerned(self.session, self.house, self.session.get_one(RuleChange, clock.subject_id), self.at)
        steps = ladder_of(self.house.rulebook, clock.rule).steps
        said = max((event.step for event in events(self.session, clock)), default=-1)
        step = steps[min(said + 1, len(steps) - 1)]
        return recipients(self.session, self.house, clock, step, self.at)

    def _some(self, names: Iterable[str], unit: str) -> Value:
        """The first names, and how many there are in all when there are more; None without any."""
        each = list(dict.fromkeys(names))
        if len(each) <= NAMED + 1:
            return say("list", items=each) if each else None
        some, rest = say("list", items=each[:NAMED]), len(each) - NAMED
        return say("coming.several", some=some, count=self.voice.count(len(each), unit), rest=rest)
