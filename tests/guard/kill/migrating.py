"""Death while the database is brought to this release: it is whole, of the old release or of the new; the next try ends it."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from models.store import Store, alembic_config
from tests.guard.kill.databases import Database
from tests.guard.kill.found import Found
from tests.guard.kill.points import Points
from tests.guard.kill.product import Child

Snapshot = dict[str, Any]
T = TypeVar("T")


def revisions() -> list[str]:
    """From the first to this release's."""
    return [script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()][::-1]


def migrate(database: Database, start: str, stride: int) -> Found:
    """From the revision `start` ("base" for an empty database) to this release, killed at each `stride`-th point on the way."""
    url = database.url
    found = Found()
    in_a_fork(partial(_down, url, start))
    old = in_a_fork(partial(_snapshot, url))
    points = in_a_fork(partial(_up, url, None))
    new = in_a_fork(partial(_snapshot, url))
    for point in range(1, points + 1, stride):
        in_a_fork(partial(_down, url, start))
        found.tries(f"killed at point {point} of {points} from {start}", partial(_outcome, database, point, old, new))
    return found


def _outcome(database: Database, point: int, old: Snapshot, new: Snapshot) -> tuple[int, list[str]]:
    died = Child(lambda pipe: pipe.send(_up(database.url, point))).ended() == -signal.SIGKILL
    database.bury()
    wrong = []
    left = in_a_fork(partial(_snapshot, database.url))
    if left not in (old, new):
        wrong.append(f"left half-way: {left.keys()}")
    in_a_fork(partial(_up, database.url, None))
    if in_a_fork(partial(_snapshot, database.url)) != new:
        wrong.append("the next try did not end it")
    return died, wrong


def in_a_fork(work: Callable[[], T]) -> T:
    """What `work` gives. The parent of all keeps neither threads nor connections. Raises EOFError when it failed."""
    child = Child(lambda pipe: pipe.send(work()))
    try:
        found: T = child.pipe.recv()
    finally:
        child.ended()
    return found


def _up(url: str, last: int | None) -> int:
    """Returns how many points were passed."""
    store, points = Store(url), Points(last)
    points.watch(store.engine)
    store.upgrade()
    store.close()
    return len(points.passed)


def _down(url: str, start: str) -> None:
    store = Store(url)
    config = alembic_config()
    with store.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, start)
    store.close()


def _snapshot(url: str) -> Snapshot:
    """Tables with their columns, indexes and rows."""
    store, tables = Store(url), MetaData()
    tables.reflect(store.engine)
    with store.engine.connect() as connection:
        found = {
            table.name: (
                sorted((each.name, str(each.type), each.nullable) for each in table.columns),
                sorted(str(index.name) for index in table.indexes),
                sorted(repr(tuple(row)) for row in connection.execute(table.select())),
            )
            for table in tables.sorted_tables
        }
    store.close()
    return found
