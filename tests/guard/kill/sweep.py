"""The sweep: `python -m tests.guard.kill.sweep` reads lines "DATABASE CHAPTER STRIDE" and answers each with a line of JSON.

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
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from rules.calendar import Calendar
from rules.house import House
from rules.rulebook import load
from simulator.server import serve
from tests.guard.kill.checks import Day, broken, look
from tests.guard.kill.databases import Database, database_at
from tests.guard.kill.points import chosen
from tests.guard.kill.product import Child, Life, Product, Victim, Work
from tests.guard.kill.story import CHAPTERS, TOKEN, Act, Chapter, Outside, Waits

RULEBOOK = Path(__file__).parents[3] / "rulebook.toml"
Acts = tuple[Act, ...]
T = TypeVar("T")


@dataclass
class World:
    """Everything that is not the product, before the act at hand; every fork inherits it."""

    house: House
    database: Database
    chapter: Chapter
    outside: Outside

    def goes_through(self, acts: Acts, ends: int | None = None) -> list[str]:
        """The acts; in the first of them a product dies at point `ends`, and another takes over. Returns the points passed."""
        victim = Victim() if ends else None
        return asyncio.run(self._day(acts, victim, ends))

    async def _day(self, acts: Acts, victim: Victim | None, ends: int | None) -> list[str]:
        server = await serve(self.outside.telegram)
        life = Life(TOKEN, server.base_url, self.database.url, self.house)
        work = self._work_of(acts[0])
        if victim:
            await victim.dies(replace(life, ends=ends), work)
            self.database.bury()
        product = Product(life, work.now)
        await product.starts()
        await product.works(work)
        for act in acts[1:]:
            await product.works(self._work_of(act))
        await product.stops()
        await server.close()
        return product.points.passed

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


def day(acts: Acts, ends: int | None = None) -> Callable[[World], Day]:
    """What these acts leave behind when the product dies at point `ends` of the first of them, or never."""

    def lived(world: World) -> Day:
        world.goes_through(acts, ends)
        return look(world.outside, world.database.url, world.chapter)

    return lived


def points_of(act: Act) -> Callable[[World], list[str]]:
    return lambda world: world.goes_through((act,))


def outcome(world: World, calm: Day, deadly: Callable[[World], Day]) -> list[str]:
    try:
        return broken(calm, world.apart(deadly))
    except EOFError:
        return ["the product did not live through it (the traceback is above)"]


def sweep(world: World, edges: int, inside: int) -> dict[str, object]:
    """Die in each act of the chapter, at each `edges`-th edge and each `inside`-th point within; then see how the next act goes."""
    began = time.monotonic()
    world.goes_on(world.chapter.before)
    points = 0
    wrong: list[str] = []
    for act, *then in (world.chapter.acts[number:] for number in range(len(world.chapter.acts))):
        acts = (act, *then[:1])
        calm = world.apart(day(acts))
        aims = chosen(world.apart(points_of(act)), edges, inside)
        for point in aims:
            wrong += [f"killed at point {point} of {act}: {each}" for each in outcome(world, calm, day(acts, point))]
        points += len(aims)
        world.goes_on((act,))
    return {"points": points, "seconds": round(time.monotonic() - began, 1), "broken": wrong}


def main() -> None:
    rulebook = load(RULEBOOK.read_text(encoding="utf-8"))
    house = House("凯航公司", "陕西省", Calendar(ZoneInfo("Asia/Shanghai")), rulebook, rulebook_version=1)
    for line in sys.stdin:
        url, chapter, edges, inside = line.split()
        world = World(house, database_at(url), CHAPTERS[chapter], Outside())
        rehearse(world)
        print(json.dumps(sweep(world, int(edges), int(inside)), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
