"""The signs of life as records: what /status shows, and what administrators hear about the process itself."""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Final

from sqlmodel import Session

from bot.alarms import Alarm, Cried
from bot.clock import Clock
from bot.config import Config
from bot.watch import Watch
from models import vitals
from models.store import Store
from scheduler.concerns import tell_administrators

KNOWN_ALREADY: Final = {Alarm.SET_ASIDE}
"""Administrators hear of these in the transaction that finds them."""


class Signs:
    def __init__(self, config: Config, store: Store, clock: Clock, watch: Watch) -> None:
        self.store = store
        self.clock = clock
        self.watch = watch
        self._text = f"{version('keguan')} {config.telegram.mode}"
        self._begun = False

    async def note(self) -> None:
        """The last success of every part, and the alarms since the last time. These are kept until the write succeeds."""
        pulse, cried = self.watch.pulse, list(self.watch.alarms.cried)
        now, monotonic = self.clock.now(), pulse.monotonic()
        last = {part.value: now - timedelta(seconds=round(silence)) for part, silence in pulse.silences().items()}
        alarms = [(each, now - timedelta(seconds=monotonic - each.at)) for each in cried]
        await self.store.run(self._write, last, alarms, now)
        self._begun = True
        for each in cried:
            self.watch.alarms.cried.remove(each)

    def _write(
        self, session: Session, last: dict[str, datetime], alarms: list[tuple[Cried, datetime]], now: datetime
    ) -> None:
        if not self._begun:
            vitals.began(session, now, self._text)
        for name, at in last.items():
            vitals.note(session, name, at)
        for cried, at in alarms:
            vitals.note(session, f"{vitals.ALARM}{cried.alarm}", at)
            if cried.alarm not in KNOWN_ALREADY:
                tell_administrators(session, cried.text, f"alarm.{cried.alarm}", now)
