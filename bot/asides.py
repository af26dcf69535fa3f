"""Looks that were put off: worked out beside those who work, and drawn on the card that waits for them."""

from __future__ import annotations

import logging
from datetime import datetime

from dialogue.asides import Aside, looked, shown
from dialogue.forms import Desk
from dialogue.values import Screen
from models.present import in_force
from models.store import Store
from rules.house import House

log = logging.getLogger(__name__)


class Asides:
    def __init__(self, store: Store, house: House, desk: Desk) -> None:
        self.store, self.house, self.desk = store, house, desk

    async def look(self, aside: Aside, now: datetime) -> None:
        """What goes wrong is logged; the card keeps its button."""
        try:
            screen = await self.store.beside(self._looked, aside)
            if screen is not None:
                await self.store.run(shown, aside, screen, now)
        except Exception:
            log.exception("%s could not be shown", aside.deed)

    def _looked(self, aside: Aside) -> Screen | None:
        with self.store.read() as session:
            return looked(session, in_force(session, self.house), self.desk, aside)
