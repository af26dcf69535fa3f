"""Backups: made while the bot works, sealed with the key file, and done only when they have been restored once into a scratch
database and hold what the database held.

The folder is the record: which backups there are, how old they are and what may go is read from the names of the files.
"""

from __future__ import annotations

import contextlib
import gzip
import os
import re
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, cast

from sqlalchemy.exc import DatabaseError

from bot import secret_key
from bot.clock import Clock
from bot.config import BackupSection, Config
from bot.copies import BrokenCopyError, Copies, Facts, Label, Loaded
from bot.leader import first_line
from bot.postgres_copies import PostgresCopies
from bot.sealing import SealError, Sealing, unsealed
from bot.sentences import ProblemError, RefusedError, sentence
from bot.sqlite_copies import SqliteCopies, sync_folder
from models.store import Store

STAMP: Final = "%Y%m%dT%H%M%SZ"
PART: Final = ".part"
NAME: Final = re.compile(r"keguan-(\d{8}T\d{6}Z)(-before-upgrade)?\.backup")


def copies_of(store: Store) -> Copies:
    return SqliteCopies(store) if store.is_sqlite else PostgresCopies(store)


def back_up(store: Store, secret: bytes, file: Path, now: datetime) -> Facts:
    """An online backup into a file that must not be there yet. Returns what it holds. Raises `RefusedError`, and `ProblemError`
    when it could not be made or did not stand the test; then there is no file."""
    if file.exists():
        raise RefusedError("backup_exists", path=file)
    copies = copies_of(store)
    draft = file.with_name(f"{file.name}{PART}")
    try:
        with copies.one_at_a_time():
            _clear_away(file.parent)
            facts = _write(copies, secret, draft, now)
            with opened(copies, secret, draft) as (_, loaded):
                _compare(facts, loaded.facts())
            draft.replace(file)
            sync_folder(file.parent)
    except (OSError, DatabaseError, BrokenCopyError, subprocess.CalledProcessError, SealError) as error:
        raise ProblemError("backup_failed", path=file, reason=_reason(error)) from error
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
    return facts


@contextmanager
def opened(copies: Copies, secret: bytes, file: Path) -> Iterator[tuple[Label, Loaded]]:
    """A backup loaded into a scratch database, read to its end and so known to be whole. Raises `SealError`, `BrokenCopyError`,
    and `RefusedError` for the backup of another engine."""
    with file.open("rb") as sealed, unsealed(sealed, secret) as plain:
        label = Label.read(plain.readline())
        if label.engine != copies.engine:
            raise RefusedError("backup_engine", path=file, theirs=label.engine, ours=copies.engine)
        with gzip.GzipFile(fileobj=plain) as dump, copies.load(cast(BinaryIO, dump)) as loaded:
            yield label, loaded


def _write(copies: Copies, secret: bytes, draft: Path, now: datetime) -> Facts:
    """For nobody else to read."""
    found: list[Facts] = []
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        sealing = Sealing(file, secret)
        with contextlib.ExitStack() as ending:

            def begin(facts: Facts) -> BinaryIO:
                found.append(facts)
                sealing.write(Label(copies.engine, now, facts).line())
                packed = gzip.GzipFile(fileobj=cast(BinaryIO, sealing), mode="wb", compresslevel=1, mtime=0)
                return cast(BinaryIO, ending.enter_context(packed))

            copies.dump(begin)
        sealing.finish()
        file.flush()
        os.fsync(file.fileno())
    return found[0]


def _clear_away(folder: Path) -> None:
    """What one that died left."""
    for each in folder.glob(f"*{PART}"):
        if NAME.fullmatch(each.name.removesuffix(PART)):
            each.unlink()


def _compare(was: Facts, restored: Facts) -> None:
    if restored != was:
        wrong = [each for each in was.rows if restored.rows.get(each) != was.rows[each]]
        raise BrokenCopyError(f"restored otherwise: {', '.join(wrong) or 'schema'}")


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return str(error.stderr).partition("\n")[0] or str(error)
    return first_line(error)


# The folder


def into_folder(config: Config, store: Store, now: datetime, mark: str = "") -> Path:
    """A backup into the configured folder; what has had its time there goes."""
    folder = Path(config.backup.folder)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"keguan-{now.astimezone(UTC):{STAMP}}{mark}.backup"
    back_up(store, secret_key.of_company(config.secrets.key_file, store), file, now)
    for each in outlived(taken(folder), config.backup, now):
        each.unlink(missing_ok=True)
    return file


def before_upgrade(config: Config, store: Store) -> None:
    """What `Store.upgrade` calls before a migration. Without a folder nothing is saved: somebody else does the backups."""
    if not config.backup.folder:
        return
    try:
        into_folder(config, store, Clock().now(), "-before-upgrade")
    except (RefusedError, OSError) as why:
        reason = sentence(why.key, config.company.language, **why.values) if isinstance(why, RefusedError) else why
        raise ProblemError("backup_upgrade", url=store.url, reason=reason) from why


def taken(folder: Path) -> dict[datetime, Path]:
    """The backups in the folder by the time at which they were made, the oldest first; other files are not ours."""
    found = {match[1]: each for each in folder.glob("*.backup") if (match := NAME.fullmatch(each.name))}
    return {datetime.strptime(stamp, STAMP).replace(tzinfo=UTC): found[stamp] for stamp in sorted(found)}


def outlived(made: dict[datetime, Path], wanted: BackupSection, now: datetime) -> list[Path]:
    """What may go: kept are all of the last days, the first of each of the last months, and the newest in any case."""
    recent = {each for each in made if each > now - timedelta(days=wanted.keep_days)}
    firsts = list(_first_of_each_month(made))
    months = firsts[max(0, len(firsts) - wanted.keep_monthly) :]
    kept = recent.union(months, [max(made)] if made else [])
    return [path for at, path in made.items() if at not in kept]


def _first_of_each_month(times: Iterable[datetime]) -> Iterator[datetime]:
    seen = set()
    for each in sorted(times):
        if (each.year, each.month) not in seen:
            seen.add((each.year, each.month))
            yield each
