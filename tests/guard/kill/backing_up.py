"""Death while a backup is made or put back: the database is whole, of before or of after, what counts as a backup can be restored,
and the next try ends it and clears up."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from bot import secret_key
from bot.backups import copies_of, into_folder, opened, taken
from bot.config import BackupSection, Config, DatabaseSection, SecretsSection
from bot.restoring import restore
from models.records import Counter
from models.restores import held
from models.store import Store
from tests.guard.kill.databases import Database
from tests.guard.kill.found import Found
from tests.guard.kill.migrating import in_a_fork
from tests.guard.kill.points import Points
from tests.guard.kill.product import Child

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)

Act = Callable[[datetime], None]
State = tuple[dict[str, int], bool]
"""Rows of each table, and whether sending is held."""


@dataclass(frozen=True)
class Site:
    """A database with its key and its folder of backups, one of which is there."""

    database: Database
    folder: Path

    @property
    def config(self) -> Config:
        return Config(
            database=DatabaseSection(url=self.database.url),
            secrets=SecretsSection(key_file=self.folder / "keguan.key"),
            backup=BackupSection(folder=str(self.folder / "backups")),
        )

    @property
    def first(self) -> Path:
        return min(taken(self.folder / "backups").items())[1]

    def saves(self, now: datetime) -> None:
        with closing(Store(self.database.url)) as store:
            into_folder(self.config, store, now)

    def goes_back(self, now: datetime) -> None:
        with closing(Store(self.database.url)) as store:
            restore(self.config, store, self.first, now, replace=True)

    def state(self) -> State:
        with closing(Store(self.database.url)) as store:
            facts = copies_of(store).target()
            with store.read() as session:
                return facts.rows if facts else {}, held(session) is not None

    def unreadable(self) -> list[str]:
        """What counts as a backup and can't be restored."""
        secret = secret_key.load(self.config.secrets.key_file)
        wrong = []
        with closing(Store(self.database.url)) as store:
            for file in taken(self.folder / "backups").values():
                with opened(copies_of(store), secret, file) as (label, loaded):
                    if loaded.facts() != label.facts:
                        wrong.append(f"{file.name} holds other rows than it says")
        return wrong

    def left_over(self) -> list[str]:
        near = Path(make_url(self.database.url).database or "").parent if self.is_sqlite else self.folder
        places = {near, self.folder / "backups"}
        files = [
            each.name
            for place in places
            for each in place.iterdir()
            if "scratch" in each.name or each.suffix == ".part"
        ]
        return files if self.is_sqlite else [*files, *self._databases("keguan_scratch%")]

    def begins_anew(self) -> None:
        """As it was before anybody died."""
        for file in taken(self.folder / "backups").values():
            if file != self.first:
                file.unlink()
        if self.is_sqlite:
            path = Path(make_url(self.database.url).database or "")
            for kept in path.parent.glob(f"{path.name}.before-*"):
                kept.unlink()
        else:
            self._drop_kept()
        self.database.restore()

    @property
    def is_sqlite(self) -> bool:
        return self.database.url.startswith("sqlite")

    def _drop_kept(self) -> None:
        name = make_url(self.database.url).database
        for kept in self._databases(f"{name}.%"):
            with self._server() as server:
                server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(kept)))

    def _databases(self, like: str) -> list[str]:
        with self._server() as server:
            found = server.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", (like,))
            return [name for (name,) in found.fetchall()]

    def _server(self) -> psycopg.Connection[tuple[str]]:
        address = make_url(self.database.url).set(drivername="postgresql", database="postgres")
        return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


def back_up(database: Database, act: str, stride: int) -> Found:
    """`act` is "save" or "restore", killed at each `stride`-th point."""
    folder = Path(tempfile.mkdtemp(prefix="keguan-backups-"))
    try:
        return _swept(Site(database, folder), act, stride)
    finally:
        shutil.rmtree(folder)


def _swept(site: Site, act: str, stride: int) -> Found:
    in_a_fork(partial(_settle, site))
    site.database.keep()
    does: Act = site.saves if act == "save" else site.goes_back
    before = in_a_fork(site.state)
    points = in_a_fork(partial(_passed, partial(does, LATER)))
    after = in_a_fork(site.state)
    found = Found()
    for point in range(1, points + 1, stride):
        in_a_fork(site.begins_anew)
        found.tries(
            f"killed at point {point} of {points} of {act}", partial(_outcome, site, does, point, (before, after))
        )
    in_a_fork(site.begins_anew)
    return found


def _settle(site: Site) -> None:
    """A backup, and something that came after it."""
    (site.folder / "backups").mkdir()
    with closing(Store(site.database.url)) as store:
        into_folder(site.config, store, NOW)
        with store.write() as session:
            session.add(Counter(series="later", year=2026))


def _outcome(site: Site, does: Act, point: int, whole: tuple[State, State]) -> tuple[int, list[str]]:
    died = Child(lambda pipe: pipe.send(_passed(partial(does, LATER), point))).ended() == -signal.SIGKILL
    site.database.bury()
    wrong = []
    if (state := in_a_fork(site.state)) not in whole:
        wrong.append(f"left half-way: {state}")
    wrong += in_a_fork(site.unreadable)
    in_a_fork(partial(does, LATER + timedelta(minutes=1)))
    if (state := in_a_fork(site.state)) != whole[1]:
        wrong.append(f"the next try did not end it: {state}")
    return died, wrong + in_a_fork(site.left_over)


def _passed(does: Callable[[], None], last: int | None = None) -> int:
    points = Points(last)
    points.watch_everything()
    does()
    return len(points.passed)
