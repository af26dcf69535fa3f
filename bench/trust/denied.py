"""Every cell of who × what × whose × where × which way that the rules deny, through the whole program, one after the other."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bench.trust.figures import Figures
from tests.guard.denied.cells import Cell, denied, every
from tests.guard.denied.company import EVERYBODY, STANDS_FOR, seats
from tests.guard.denied.trial import Trial, at_work
from tests.servers import rulebook_text

FEWEST = 15_000


def measure() -> Figures:
    rows, broken = asyncio.run(_swept())
    total = [
        "all",
        *(f"{sum(int(row[n]) for row in rows):,}" for n in (1, 2, 3)),
        f"{sum(int(row[4]) for row in rows)}",
    ]
    cells = sum(int(row[1]) for row in rows)
    if cells < FEWEST:
        broken.append(f"only {cells} cells: the sweep lost its aim")
    return Figures(
        title="Who may not, learns nothing",
        says=(
            "Everybody, by every command, word, line, button and file, in private and where others listen: "
            "what is denied is answered like what is not there, tells no hidden word, and leaves nothing behind."
        ),
        heads=("who", "cells", "denied", "broken", "s"),
        rows=[*rows, total],
        broken=broken,
    )


async def _swept() -> tuple[list[list[str]], list[str]]:
    rows, broken = [], []
    with tempfile.TemporaryDirectory(prefix="keguan-denied-") as folder:
        async with at_work(Path(folder), rulebook_text()) as trial:
            for who, cells in groupby(every(), key=lambda each: each.who):
                began = time.monotonic()
                found = list(cells)
                wrong = await _wrong(trial, found)
                counts = [len(found), sum(map(denied, found)), len(wrong), round(time.monotonic() - began)]
                rows.append([_called(who), *map(str, counts)])
                print(" · ".join(rows[-1]), flush=True)
                broken += wrong
    return rows, broken


async def _wrong(trial: Trial, cells: Sequence[Cell]) -> list[str]:
    return [wrong for cell in cells for wrong in await trial.wrong(cell)]


def _called(who: str) -> str:
    """By the posts that they hold."""
    if who in STANDS_FOR:
        return f"substitute of {', '.join(sorted({role for role, _ in seats(STANDS_FOR[who])}))}"
    held = sorted({role for role, _ in seats(who)})
    return f"{', '.join(held)} ({EVERYBODY[who][0]})" if held else {"left": "who left"}.get(who, "no post")
