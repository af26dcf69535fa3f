"""The auditor: every two minutes it looks whether what must hold holds, with code of its own and unable to change anything.

What it finds goes to the administrators, once; only when all is well a dead man's URL is told so, so that silence is an alarm.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from sqlmodel import Session

from dialogue.telling import MessageClass, tell
from dialogue.values import Screen
from models import faults
from models.chain import Head
from models.faults import Fault
from models.people import in_role
from models.present import in_force
from models.store import Store
from rules.house import House
from rules.roles import Role
from scheduler.checks import CHECKS, Finding, Look
from scheduler.verifying import Flaw, fits, flaw_in_words, unchained_since, verify
from words import pack, say, unpack

log = logging.getLogger(__name__)

STRIDE: Final = 20_000
"""Links that are walked in one look; a longer chain is walked in turns, its newest part every time."""
NEWEST: Final = 2_000
CHAINED_WITHIN: Final = timedelta(seconds=10)
SECOND_LOOK: Final = timedelta(seconds=10)
SHOWN: Final = 10


class Auditor:
    """`key` is that of the audit chain; without it the chain is not looked at. One look after the other, never two at once."""

    def __init__(self, store: Store, house: House, key: bytes | None) -> None:
        self.store = store
        self.house = house
        self.key = key
        self._doubts: dict[str, datetime] = {}
        self._walked = 0
        self._flaws: dict[int, Sequence[Flaw]] = {}
        """What was wrong in each part of the chain when it was last walked, by where the part begins."""
        self._head: Head | None = None

    async def round(self, now: datetime) -> bool:
        """Look, tell what is new. Returns whether all is well."""
        findings = await self.store.beside(self.look, now)
        sure = [each for each in findings if not each.late or self._stands(each, now)]
        self._doubts = {each.key: self._doubts.get(each.key, now) for each in findings if each.late}
        for key in await self.store.run(settle, sure, list(self._doubts), now):
            log.error("the auditor found: %s", key)
        return not findings

    def _stands(self, finding: Finding, now: datetime) -> bool:
        first = self._doubts.get(finding.key)
        return first is not None and now - first >= SECOND_LOOK

    def look(self, now: datetime) -> list[Finding]:
        """Everything that is not as it must be; a check that can't be made is a finding too."""
        found: list[Finding] = []
        for check in (*CHECKS, self._the_chain_is_whole, self._rows_are_chained):
            try:
                with self.store.look() as connection:
                    house = in_force(Session(connection), self.house)
                    found += check(Look(connection, house, now))
            except Exception as error:
                log.exception("the auditor can't look whether %s", check.__name__)
                name = check.__name__.strip("_")
                found.append(Finding(f"check:{name}", say("fault.check", name=name, why=type(error).__name__)))
        return found

    def _rows_are_chained(self, look: Look) -> Iterator[Finding]:
        if self.key is not None and (count := unchained_since(look.connection, look.now - CHAINED_WITHIN)):
            yield Finding("unchained", say("fault.unchained", count=count), late=True)

    def _the_chain_is_whole(self, look: Look) -> Iterator[Finding]:
        if self.key is None:
            return
        verdict = verify(look.connection, self.key, look.now, self._walked, self._walked + STRIDE)
        self._flaws[self._walked] = verdict.flaws
        last = verdict.head.seq if verdict.head else 0
        self._walked = self._walked + STRIDE if last > self._walked + STRIDE else 0
        newest = verify(look.connection, self.key, look.now, last - NEWEST).flaws if last > STRIDE else ()
        if self._head is None or (cut := fits(look.connection, verdict.head, self._head.seq, self._head.mac)) is None:
            self._head, cut = verdict.head, None
        for flaw in dict.fromkeys([*chain(*self._flaws.values()), *newest, *filter(None, [cut])]):
            yield Finding(f"chain:{flaw}", say("fault.chain", text=flaw_in_words(flaw)))


def settle(session: Session, findings: Sequence[Finding], doubts: Sequence[str], now: datetime) -> list[str]:
    """Put on record what is wrong, and tell the administrators what is new of it. Returns the keys of that."""
    new = faults.settle(session, {each.key: pack(each.text) for each in findings}, doubts, now)
    if new:
        _tell(session, new, now)
    return [each.key for each in new]


def _tell(session: Session, new: Sequence[Fault], now: datetime) -> None:
    rest = len(new) - SHOWN
    lines = [unpack(each.text) for each in new[:SHOWN]]
    more = say("due.more", count=rest) if rest > 0 else None
    screen = Screen(say("fault.found", count=len(new), lines=lines, rest=more))
    about = hashlib.sha256(" ".join(sorted(each.key for each in new)).encode()).hexdigest()[:16]
    for staff in in_role(session, Role.ADMIN, now):
        tell(session, staff, screen, MessageClass.ESCALATION, f"fault:{about}:{now.isoformat()}:{staff.id}", now)
