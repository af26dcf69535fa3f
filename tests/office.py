"""A day at the office, by hand: phones on a simulated Telegram, the real product behind them, a clock that moves when told.

`ann.says("/log …")` types, `ann.presses("保存")` taps, `ann.reads("LX-")` looks at what came since she last did something.
`office.passes("24h")` moves the clock and lets everything fall due. No sleeping, no tolerance, no patching.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlmodel import Session

from bot.clock import Clock
from bot.limits import Limiter
from bot.service import Service
from models import clocks, rulebooks
from models.store import Store
from rules.house import House
from rules.rulebook import load
from simulator.people import Bubble
from simulator.phone import Phone
from simulator.server import Server
from simulator.telegram import Telegram
from tests.company import PEOPLE

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Monday 23 November 2026, 09:00 in Shanghai."""

SPAN = re.compile(r"(\d+)\s*(d|h|min)")
UNIT = {"d": "days", "h": "hours", "min": "minutes"}


def span(text: str) -> timedelta:
    """ "24h", "1d 2h", "30min"."""
    return sum((timedelta(**{UNIT[unit]: int(number)}) for number, unit in SPAN.findall(text)), timedelta())


class Person:
    def __init__(self, office: Office, name: str, user: int) -> None:
        self.office = office
        self.name = name
        self.user = user
        self._read: dict[int, str] = {}
        self._toasts = 0

    async def says(self, text: str) -> None:
        self._look()
        self.office.telegram.says(self.user, text)
        await self.office.service.settle()

    async def presses(self, label: str) -> None:
        """The newest button with these words, or (for numbered ones) whose words contain them."""
        self._look()
        bubble, data = self._button(label)
        self.office.telegram.presses(self.user, bubble.id, data)
        await self.office.service.settle()

    async def does(self, button: str, *answers: str) -> None:
        """A form from its button to 保存: what is answered, with a dot before what is pressed and not typed."""
        await self.presses(button)
        for each in answers:
            await (self.presses(each[1:]) if each.startswith(".") else self.says(each))
        await self.presses("保存")

    async def presses_again(self, message: int, data: str) -> None:
        """A button that is no longer there, as an old phone may still show it."""
        self._look()
        self.office.telegram.presses(self.user, message, data)
        await self.office.service.settle()

    async def sends(self, what: str, *args: Any, **more: Any) -> Any:
        self._look()
        sent = getattr(self.phone, f"sends_{what}")(*args, **more)
        await self.office.service.settle()
        return sent

    async def forwards(self, text: str, author: str = "某客户", written: datetime | None = None) -> None:
        self._look()
        self.phone.forwards(text, author, written)
        await self.office.service.settle()

    async def edits(self, text: str) -> None:
        """Change the last text that this person sent."""
        self._look()
        mine = [each.id for each in self.phone.shows() if not each.by_bot and not each.attachment]
        self.phone.edits(mine[-1], text)
        await self.office.service.settle()

    @property
    def phone(self) -> Phone:
        return self.office.telegram.phone(self.user)

    def reads(self, *texts: str) -> None:
        """Each of these stands in something that came, changed or flashed up since this person last did anything."""
        new = self.news()
        for text in texts:
            assert text in new, f"{self.name} does not read {text!r} but:\n{new or '(nothing)'}"

    def reads_nothing_of(self, *texts: str) -> None:
        new = self.news()
        for text in texts:
            assert text not in new, f"{self.name} reads {text!r}:\n{new}"

    def news(self) -> str:
        fresh = [bubble.text for bubble in self.bubbles() if self._read.get(bubble.id) != bubble.text]
        toasts = self.office.telegram.phone(self.user).toasts()[self._toasts :]
        return "\n———\n".join([*fresh, *toasts])

    def count(self, text: str) -> int:
        """How many of the messages on this phone contain the words."""
        return sum(text in bubble.text for bubble in self.bubbles())

    def bubbles(self) -> list[Bubble]:
        """What the bot wrote, from top to bottom."""
        return [bubble for bubble in self.office.telegram.chat(self.user) if bubble.by_bot]

    def buttons(self) -> list[str]:
        """The labels on the newest message."""
        return [button.text for row in self.bubbles()[-1].buttons for button in row]

    def last(self) -> Bubble:
        return self.bubbles()[-1]

    def _look(self) -> None:
        self._read = {bubble.id: bubble.text for bubble in self.bubbles()}
        self._toasts = len(self.office.telegram.phone(self.user).toasts())

    def _button(self, label: str) -> tuple[Bubble, str]:
        for fits in (str.__eq__, str.__contains__):
            for bubble in reversed(self.bubbles()):
                for button in (each for row in bubble.buttons for each in row):
                    if fits(button.text, label) and button.data:
                        return bubble, button.data
        raise AssertionError(
            f"{self.name} sees no button {label!r} but {[b.text for x in self.bubbles() for r in x.buttons for b in r]}"
        )


class Office:
    def __init__(self, telegram: Telegram, server: Server, service: Service, clock: Clock) -> None:
        self.telegram = telegram
        self.server = server
        self.service = service
        self.clock = clock
        self.store: Store = service.store
        self.house: House = service.house

    def people(self, *names: str) -> tuple[Person, ...]:
        return tuple(self.person(name) for name in names)

    def person(self, name: str) -> Person:
        return Person(self, name, PEOPLE[name][2])

    async def passes(self, text: str) -> None:
        """Let time go by; everything that falls due on the way happens at its time."""
        until = self.clock.now() + span(text)
        while self.clock.now() < until:
            with self.read() as records:
                (soonest, *_) = [*clocks.upcoming(records, 1), None]
            due = soonest.next_at if soonest and soonest.next_at else until
            self.clock.move(min(max(due, self.clock.now() + span("1min")), until) - self.clock.now())
            await self.service.tick()
            await self.service.settle()

    async def sleeps(self, text: str) -> None:
        """The product is off all that time, then wakes."""
        self.clock.move(span(text))
        await self.service.tick()
        await self.service.settle()

    async def until(self, text: str) -> None:
        """To a wall-clock time such as "2026-11-24 08:30"."""
        moment = datetime.fromisoformat(text).replace(tzinfo=self.house.calendar.tz)
        await self.passes(f"{int((moment - self.clock.now()).total_seconds() // 60)}min")

    def lives_by(self, house: House) -> None:
        self.house = self.service.house = self.service.worker.house = self.service.sender.house = house

    def adopts(self, rulebook: str) -> None:
        """A new edition of the rulebook comes into force."""
        version = self.store.run_here(rulebooks.remember, rulebook, self.clock.now())
        self.lives_by(replace(self.house, rulebook=load(rulebook), rulebook_version=version))

    def read(self) -> Session:
        """The records, to look at."""
        return Session(self.store.engine.execution_options(reading=True))


def quick_limiter() -> Limiter:
    return Limiter(limits=None)
