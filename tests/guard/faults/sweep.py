"""Whole tables of cases, each batch on a furnished database of its own, several at once: what hangs waits beside the others."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from tests.guard.faults.calls import Call, Survived, survive
from tests.guard.faults.mail import Outcome, play
from tests.guard.faults.promise import NETWORK, STRONG, Act, Case

MOST_IN_A_BATCH = 30
"""As many as the sender takes in one step."""
AT_ONCE = 4

Fresh = Callable[[], AbstractContextManager[str]]
"""The address of a furnished database of nobody else's."""
B = TypeVar("B")
T = TypeVar("T")


@dataclass
class Count:
    """What came of the messages that one kind of trouble struck."""

    cases: int = 0
    lost: int = 0
    doubled: int = 0
    marked: int = 0
    undelivered: int = 0

    def add(self, outcome: Outcome) -> None:
        case, came = outcome.case, outcome.came
        heard = came.plain + came.marked + came.next
        important = case.kind in STRONG and case.act is not Act.EDIT
        self.cases += 1
        self.lost += important and not heard and came.state == "sent"
        self.doubled += came.plain > 1 or (not important and came.plain + came.marked > 1)
        self.marked += came.marked
        self.undelivered += not heard and came.state in ("failed", "uncertain")


@dataclass
class Swept:
    outcomes: list[Outcome] = field(default_factory=list)
    at_large: list[str] = field(default_factory=list)
    """What is wrong with a whole batch and not with one case."""

    @property
    def broken(self) -> list[str]:
        return [*self.at_large, *(wrong for outcome in self.outcomes for wrong in outcome.broken)]

    def counts(self, name: Callable[[Case], str]) -> dict[str, Count]:
        counts: dict[str, Count] = {}
        for each in self.outcomes:
            counts.setdefault(name(each.case), Count()).add(each)
        return counts


def sweep_mail(cases: Sequence[Case], fresh: Fresh) -> Swept:
    played = _all(play, list(_batches(cases)), fresh)
    return Swept(
        [outcome for each in played for outcome in each.outcomes],
        [wrong for each in played for wrong in each.broken],
    )


def sweep_calls(calls: Sequence[Call], fresh: Fresh) -> list[Survived]:
    lives = [list(some) for _, some in groupby(sorted(calls, key=_trouble), _trouble)]
    return [each for life in _all(survive, lives, fresh) for each in life]


def _trouble(call: Call) -> str:
    return call.trouble


def _batches(cases: Sequence[Case]) -> Iterator[list[Case]]:
    for _, some in groupby(sorted(cases, key=_together), _together):
        batch = list(some)
        yield from (batch[start : start + MOST_IN_A_BATCH] for start in range(0, len(batch), MOST_IN_A_BATCH))


def _together(case: Case) -> tuple[str, int, bool]:
    """The same first trouble; where the whole network is away, also equally long."""
    first = case.troubles[0]
    return (first, len(case.troubles), case.lasting) if first in NETWORK else (first, 0, False)


def _all(work: Callable[[str, B], Coroutine[Any, Any, T]], batches: Sequence[B], fresh: Fresh) -> list[T]:
    async def gathered() -> list[T]:
        free = asyncio.Semaphore(AT_ONCE)

        async def one(batch: B) -> T:
            async with free:
                with fresh() as url:
                    return await work(url, batch)

        return await asyncio.gather(*map(one, batches))

    with _quiet():
        return asyncio.run(gathered())


@contextmanager
def _quiet() -> Iterator[None]:
    """Every case warns, as it should."""
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)
