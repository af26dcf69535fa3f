"""`keguan restore`: a backup becomes the database, in one step, with sending held until somebody confirms it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func
from sqlmodel import Session, col, select

from bot import secret_key
from bot.backups import STAMP, copies_of, opened
from bot.config import Config
from bot.copies import BrokenCopyError, Copies, Label, Loaded
from bot.sealing import SealError
from bot.sentences import ProblemError, RefusedError
from models import restores
from models.clocks import Clock
from models.messages import Inbox, Outbox
from models.store import NewerSchemaError, Store


@dataclass(frozen=True)
class Restored:
    label: Label
    aside: str | None
    """Under which name the database that was there is kept; None when there was nothing in it."""


@dataclass(frozen=True)
class Waiting:
    """What a release lets go: messages, updates and clocks whose time has come."""

    messages: int
    updates: int
    clocks: int


def restore(config: Config, store: Store, file: Path, now: datetime, *, replace: bool) -> Restored:
    """Raises `RefusedError` for what must be otherwise first, `ProblemError` for a backup that can't be used. Then nothing has
    changed."""
    if not file.is_file():
        raise RefusedError("file_missing", path=file)
    secret = secret_key.load(config.secrets.key_file)
    copies = copies_of(store)
    with copies.one_at_a_time(), copies.unused():
        aside = _aside(copies, store, now, replace=replace)
        try:
            with opened(copies, secret, file) as (label, loaded):
                _prepare(label, loaded, now)
                return Restored(label, loaded.move_in(aside))
        except SealError as error:
            raise ProblemError(f"backup_{error.why}", path=file, key_file=config.secrets.key_file) from None
        except (BrokenCopyError, EOFError, ValueError, KeyError) as error:
            raise ProblemError("backup_broken", path=file, reason=error) from None
        except NewerSchemaError as newer:
            raise RefusedError("backup_schema", path=file, revision=newer) from None


def _aside(copies: Copies, store: Store, now: datetime, *, replace: bool) -> str | None:
    there = copies.target()
    if there is not None and there.empty:
        return None
    if not replace:
        raise RefusedError("restore_not_empty", url=store.url)
    return f"before-{now.astimezone(UTC):{STAMP}}"


def _prepare(label: Label, loaded: Loaded, now: datetime) -> None:
    """In the scratch database, so that there is never a restored one that is not held."""
    if loaded.facts() != label.facts:
        raise BrokenCopyError("rows are missing")
    store = Store(loaded.url)
    try:
        store.upgrade()
        store.run_here(restores.hold, label.made_at, now)
    finally:
        store.close()


def waiting(session: Session, now: datetime) -> Waiting:
    """Before a release: what will happen."""

    def count(query: object) -> int:
        return int(session.exec(query).one())  # type: ignore[call-overload]

    mail = (
        select(func.count())
        .select_from(Outbox)
        .where(Outbox.state == "waiting", col(Outbox.edits).is_(False), col(Outbox.deletes).is_(None))
    )
    inbox = select(func.count()).select_from(Inbox).where(Inbox.state == "waiting")
    due = select(func.count()).select_from(Clock).where(col(Clock.next_at) <= now)
    return Waiting(count(mail), count(inbox), count(due))
