"""A million hostile updates (`KEGUAN_FUZZ=60000` for fewer), over all processors, on databases with a month in them."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from bench.trust.figures import Figures
from bench.trust.kept import Kept
from tests.fuzz import SECRETS, Round, endure
from tests.garden import Growing, grow
from tests.servers import a_house, furnish, rulebook_text

SEED = 20261123
HOW_MANY = int(os.environ.get("KEGUAN_FUZZ", "1000000"))
A_ROUND = 20_000
"""Updates on one database at most: a fresh one then, for the records grow."""
SHOWN = 20
"""Of what broke, so many of each round are shown."""


def measure() -> Figures:
    kept = Kept(f"fuzz-{HOW_MANY}")
    rounds = list(_rounds(kept))
    kept.forget()
    updates = sum(each.updates for each in rounds)
    unhandled, broken, leaked = (
        [what for each in rounds for what in getattr(each, name)] for name in ("unhandled", "broken", "leaked")
    )
    figures = {
        "updates": updates,
        "databases, each from a seed of its own": len(rounds),
        "exceptions that were not foreseen": len(unhandled),
        "broken invariants": len(broken),
        "set aside, for they can't be read": sum(each.aside for each in rounds) - len(unhandled),
        f"of {len(SECRETS)} secrets, found in the log at DEBUG": len(set(leaked)),
        "updates a second, on one processor": round(updates / sum(each.seconds for each in rounds)),
    }
    return Figures(
        title="Hostile input",
        says="Whatever comes, everybody is answered, the records stay whole, and the log tells no secret.",
        heads=("", "count"),
        rows=[(name, f"{number:,}") for name, number in figures.items()],
        broken=[*unhandled, *broken, *(f"in the log: {each}" for each in leaked)],
    )


def _rounds(kept: Kept) -> Iterator[Round]:
    rulebook = rulebook_text()
    with tempfile.TemporaryDirectory(prefix="keguan-fuzz-") as folder:
        database = Path(folder) / "month.db"
        furnish(f"sqlite:///{database}", rulebook)
        growing = asyncio.run(grow(database, rulebook))
        most = min(A_ROUND, -(-HOW_MANY // (os.cpu_count() or 1)))
        sizes = [min(most, HOW_MANY - start) for start in range(0, HOW_MANY, most)]
        with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
            seeds = {SEED + number: size for number, size in enumerate(sizes)}
            found = {seed: kept.get(str(seed)) for seed in seeds}
            yield from (Round(**each) for each in found.values() if each)
            orders = [processes.submit(_round, growing, seed, seeds[seed]) for seed in seeds if not found[seed]]
            for done in as_completed(orders):
                yield _told(done.result(), kept)


def _round(growing: Growing, seed: int, how_many: int) -> Round:
    database = growing.path.with_name(f"{seed}.db")
    shutil.copy(growing.path, database)
    try:
        return asyncio.run(endure(growing, a_house(rulebook_text()), f"sqlite:///{database}", seed, how_many))
    finally:
        database.unlink()


def _told(found: Round, kept: Kept) -> Round:
    kept.put(str(found.seed), _whole(found))
    wrong = [*found.unhandled, *found.broken, *found.leaked]
    print(
        f"seed {found.seed} · {found.updates:,} updates · {found.updates / found.seconds:.0f}/s · "
        f"{found.aside} set aside · {len(wrong)} wrong",
        *wrong[:SHOWN],
        sep="\n  ",
        flush=True,
    )
    return found


def _whole(found: Round) -> dict[str, object]:
    """What the figures are made of."""
    return {
        name: getattr(found, name) for name in ("seed", "updates", "aside", "unhandled", "broken", "leaked", "seconds")
    }
