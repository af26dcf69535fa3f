"""The sweep: `python -m tests.guard.kill.sweep` reads lines "DATABASE CHAPTER PLAN NUMBER NUMBER" and answers each with a line
of JSON. The plans and their numbers are in plans.py. The chapter "migration" (migrating.py) has in place of a plan the revision
to start from, and a stride; the chapter "backup" (backing_up.py) has "save" or "restore", and a stride.

The database is furnished and nobody else's. One parent without threads imports everything and warms up, then forks: for each
point a day of its own, in which the product (forked again) is killed at that point, is started again and lives on to the
evening.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rules.calendar import Calendar
from rules.house import House
from rules.rulebook import load
from simulator.server import serve
from tests.guard.kill.backing_up import back_up
from tests.guard.kill.checks import Day, broken, look
from tests.guard.kill.databases import Database, database_at
from tests.guard.kill.found import Found
from tests.guard.kill.migrating import migrate
from tests.guard.kill.plans import PLANS, Deaths, Plan, Rehearsal
from tests.guard.kill.product import Child, Death, Life, Product, Victim, Work
from tests.guard.kill.story import CHANGES, CHAPTERS, TOKEN, Act, Chapter, Outside, Waits

RULEBOOK = Path(__file__).parents[3] / "rulebook.toml"
Acts = tuple[Act, ...]
T = TypeVar("T")


@dataclass(frozen=True)
class Lived:
    """How the survivor went through the day, and how many died before it."""

    rehearsal: Rehearsal
    deaths: int


@dataclass
class World:
    """Everything that is not the product, before the act at hand; every fork inherits it."""

    house: House
    database: Database
    chapter: Chapter
    outside: Outside

    def goes_through(self, acts: Acts, deaths: Deaths = ()) -> Lived:
        """The acts; in the first of them products die one after the other, and another takes over."""
        victims = [Victim() for _ in deaths]
        return asyncio.run(self._day(acts, list(zip(victims, deaths, strict=True))))

    async def _day(self, acts: Acts, victims: list[tuple[Victim, Death]]) -> Lived:
        server = await serve(self.outside.telegram)
        life = Life(TOKEN, server.base_url, self.database.url, self.house)
        work = self._work_of(acts[0])
        deaths = 0
        for victim, death in victims:
            deaths += await victim.dies(replace(life, death=death), work)
            self.database.bury()
        began = time.monotonic()
        product = Product(life, work.now)
        await product.starts()
        await product.works(work)
        seconds = time.monotonic() - began
        for act in acts[1:]:
            await product.works(self._work_of(act))
        await product.stops()
        await server.close()
        return Lived(Rehearsal(product.points.passed, seconds), deaths)

    def _work_of(self, act: Act) -> Work:
        self.outside.happens(act)
        return Work(self.outside.clock.now(), tick=isinstance(act, Waits))

    def apart(self, work: Callable[[World], T]) -> T:
        """Do something in a copy of this world, from the kept database, and bring back what came of it."""
        self.database.restore()
        copy = Child(lambda pipe: pipe.send(work(self)))
        try:
            found: T = copy.pipe.recv()
        finally:
            copy.ended()
        return found

    def goes_on(self, acts: Acts) -> None:
        """Let the acts happen here."""
        self.database.restore()
        if acts:
            self.goes_through(acts)
        self.database.keep()


def rehearse(world: World) -> None:
    """The whole chapter in this process, on another Telegram, so that every fork inherits warm caches: five times as fast."""
    world.database.keep()
    replace(world, outside=Outside()).goes_through((*world.chapter.before, *world.chapter.acts))
    gc.collect()
    gc.freeze()


def day(acts: Acts, deaths: Deaths = ()) -> Callable[[World], Day]:
    """What these acts leave behind when products die so in the first of them."""

    def lived(world: World) -> Day:
        lived = world.goes_through(acts, deaths)
        return look(world.outside, world.database.url, world.chapter, lived.deaths)

    return lived


def rehearsal_of(act: Act) -> Callable[[World], Rehearsal]:
    return lambda world: world.goes_through((act,)).rehearsal


def sweep(world: World, plan: Plan) -> Found:
    """Die in each act of the chapter as planned; then see how the next act goes."""
    world.goes_on(world.chapter.before)
    found = Found()
    for act, *then in (world.chapter.acts[number:] for number in range(len(world.chapter.acts))):
        acts = (act, *then[:1])
        calm = world.apart(day(acts))
        for deaths in plan(world.apart(rehearsal_of(act))):
            found.tries(f"killed by {deaths} in {act}", lambda: _outcome(world, calm, day(acts, deaths)))  # noqa: B023
        world.goes_on((act,))
    return found


def _outcome(world: World, calm: Day, deadly: Callable[[World], Day]) -> tuple[int, list[str]]:
    lived = world.apart(deadly)
    return lived.deaths, broken(calm, lived)


def main() -> None:
    rulebook = load(RULEBOOK.read_text(encoding="utf-8"))
    house = House("凯航公司", "陕西省", Calendar(ZoneInfo("Asia/Shanghai")), rulebook, rulebook_version=1)
    for line in sys.stdin:
        url, chapter, plan, first, second = line.split()
        began = time.monotonic()
        if chapter == "migration":
            found = migrate(database_at(url), plan, int(first))
        elif chapter == "backup":
            found = back_up(database_at(url), plan, int(first))
        else:
            world = World(house, database_at(url), (CHAPTERS | CHANGES)[chapter], Outside())
            rehearse(world)
            found = sweep(world, partial(PLANS[plan], int(first), int(second)))
        seconds = round(time.monotonic() - began, 1)
        answer = {"points": found.points, "deaths": found.deaths, "seconds": seconds, "broken": found.broken}
        print(json.dumps(answer, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
