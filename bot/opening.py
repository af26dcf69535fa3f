"""What every command does first: the configuration, the rulebook, the database. What is wrong is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import httpx
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError

from bot.backups import before_upgrade
from bot.config import Config, SurveyPageSection, TelegramSection
from bot.config import load as load_config
from bot.leader import first_line
from bot.sentences import RefusedError
from bot.settling import open_house
from bot.token import with_token
from models.store import NewerSchemaError, Store
from rules.house import House
from rules.rulebook import Rulebook
from rules.rulebook import load as load_rulebook

DEFAULT = Path("config.toml")


def read_config(path: Path | None) -> Config:
    """From the file named, which must be there, or from config.toml if it is. Raises `RefusedError`, `ConfigError`."""
    if path is not None and not path.is_file():
        raise RefusedError("config_missing", path=path)
    config = with_token(load_config(path or DEFAULT), path or DEFAULT)
    _check_addresses(config.telegram)
    _check_page(config.survey_page)
    return config


def _is_listening(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return bool(host and port.isdecimal() and int(port) < 65_536)


def _check_page(page: SurveyPageSection) -> None:
    """A link is a secret: in the clear it goes no further than this machine."""
    if not _is_listening(page.listen):
        raise RefusedError("survey_listen", value=page.listen)
    if page.url and not page.url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise RefusedError("survey_url", value=page.url)


def _check_addresses(telegram: TelegramSection) -> None:
    if not _is_listening(telegram.webhook_listen):
        raise RefusedError("webhook_listen", value=telegram.webhook_listen)
    if telegram.mode == "webhook" and not (telegram.webhook_url or "").startswith(("https://", "http://")):
        raise RefusedError("webhook_url")
    if not telegram.base_url.startswith(("http://", "https://")):
        raise RefusedError("base_url", value=telegram.base_url)
    try:
        httpx.Proxy(telegram.proxy_url or "http://localhost")
    except ValueError:
        raise RefusedError("proxy_url") from None


def read_rulebook(config: Config) -> Rulebook:
    """Raises `RefusedError` for a file that is not there, `RulebookError` for what is wrong in it."""
    path = config.rulebook.path
    try:
        return load_rulebook(path.read_text(encoding="utf-8"), str(path))
    except OSError:
        raise RefusedError("rulebook_missing", path=path) from None
    except UnicodeDecodeError:
        raise RefusedError("not_text", path=path) from None


@contextmanager
def open_store(config: Config) -> Iterator[Store]:
    """The database, not yet upgraded; its refusals come as `RefusedError`."""
    try:
        store = Store(config.database.url, partial(before_upgrade, config))
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise RefusedError("database_url") from None
    try:
        with _database_errors(store):
            yield store
    finally:
        store.close()


@contextmanager
def _database_errors(store: Store) -> Iterator[None]:
    try:
        yield
    except NewerSchemaError as newer:
        raise RefusedError("newer_schema", url=store.url, revision=newer) from None
    except OperationalError as error:
        if "locked" in str(error.orig):
            raise RefusedError("database_busy", url=store.url) from None
        raise RefusedError("database", url=store.url, reason=first_line(error.orig or error)) from None
    except DatabaseError as error:
        if "not a database" not in str(error.orig):
            raise
        raise RefusedError("database", url=store.url, reason=first_line(error.orig or error)) from None


@contextmanager
def open_company(config: Config, now: datetime) -> Iterator[tuple[Store, House]]:
    """The database upgraded, the rulebook in force, the clocks in step."""
    read_rulebook(config)
    with open_store(config) as store:
        yield store, open_house(config, store, now)
