"""`keguan check`: is everything there that the bot needs? One line each, and what to do about it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from telegram.error import InvalidToken, TelegramError

from bot.alarms import readable
from bot.backups import taken
from bot.config import Config
from bot.leader import first_line
from bot.opening import open_store, read_rulebook
from bot.sentences import RefusedError, sentence
from bot.token import origin
from bot.wire import connect
from models.rulebook_file import compare
from rules.rulebook import RulebookError

GOOD, BAD, OPEN = "✓", "✗", "–"
PATIENCE = 15.0
"""Seconds that Telegram is given to answer."""


@dataclass(frozen=True)
class Finding:
    mark: str
    text: str

    def __str__(self) -> str:
        return f"{self.mark} {self.text}"


def findings(config: Config, path: Path) -> Iterator[Finding]:
    """Of the configuration (read already), the rulebook, the token, the database."""
    language = config.company.language
    yield Finding(GOOD, sentence("check_config" if path.is_file() else "check_no_config", language, path=path))
    yield from _rulebook(config)
    yield from _origin(config, path)
    yield asyncio.run(_token(config, path))
    yield from _alarms(config)
    yield _database(config)
    yield from _in_step(config)
    yield _backups(config)
    yield _survey_page(config)


def _rulebook(config: Config) -> Iterator[Finding]:
    language = config.company.language
    try:
        count = len(read_rulebook(config).entries)
    except RefusedError as refused:
        yield Finding(BAD, sentence("check_wrong", language, problem=sentence(refused.key, language, **refused.values)))
    except RulebookError as wrong:
        for problem in wrong.problems:
            yield Finding(BAD, sentence("check_wrong", language, problem=problem))
    else:
        yield Finding(GOOD, sentence("check_rulebook", language, path=config.rulebook.path, count=count))


def _in_step(config: Config) -> Iterator[Finding]:
    """What was approved in the chat, against the file; what is wrong with either alone was said before."""
    language, path = config.company.language, config.rulebook.path
    try:
        with open_store(config) as store, store.read() as session:
            found = compare(session, path.read_text(encoding="utf-8"), str(path))
    except (RefusedError, RulebookError, OSError, UnicodeDecodeError):
        return
    for problem in found.problems:
        yield Finding(BAD, sentence("check_wrong", language, problem=problem))
    if found.kept:
        numbers = ", ".join(each.number for each in found.kept)
        yield Finding(OPEN, sentence("check_rules_kept", language, numbers=numbers, path=path))


def _alarms(config: Config) -> Iterator[Finding]:
    """The addresses are secrets: each goes by its number."""
    language, addresses = config.company.language, [each.get_secret_value() for each in config.alarm.urls]
    wrong = [number for number, address in enumerate(addresses, 1) if not readable(address)]
    for number in wrong:
        yield Finding(BAD, sentence("check_bad_alarm", language, number=number))
    if not wrong:
        key = "check_alarms" if addresses else "check_no_alarms"
        yield Finding(GOOD if addresses else OPEN, sentence(key, language, count=len(addresses)))


def _origin(config: Config, path: Path) -> Iterator[Finding]:
    """Where the token comes from; a warning where others may read it."""
    language, found = config.company.language, origin(config, path)
    if found is None:
        return
    where = sentence(found.kind, language, path=found.file)
    if found.exposed:
        yield Finding(OPEN, sentence("token_exposed", language, where=where, path=found.file))
    else:
        yield Finding(GOOD, where)


async def _token(config: Config, path: Path) -> Finding:
    language, base_url = config.company.language, config.telegram.base_url
    if not config.telegram.token.get_secret_value():
        why = sentence("no_token", language, path=path)
        return Finding(OPEN, sentence("check_no_token", language, why=why))
    try:
        name = await bot_name(config, PATIENCE)
    except InvalidToken:
        why = sentence("token_refused", language, base_url=base_url)
        return Finding(BAD, sentence("check_bad_token", language, why=why))
    except (TelegramError, TimeoutError) as error:
        return Finding(BAD, sentence("check_unreachable", language, base_url=base_url, reason=first_line(error)))
    return Finding(GOOD, sentence("check_token", language, name=name, base_url=base_url))


async def bot_name(config: Config, patience: float) -> str:
    """The bot's user name by getMe. Raises `TelegramError`; `TimeoutError` after so many seconds."""
    bot = connect(config.telegram)
    try:
        async with asyncio.timeout(patience):
            await bot.initialize()
            return bot.username
    finally:
        with contextlib.suppress(TelegramError):
            await bot.shutdown()


def _backups(config: Config) -> Finding:
    language, folder = config.company.language, config.backup.folder
    if not folder:
        return Finding(OPEN, sentence("check_backups_off", language))
    made = taken(Path(folder))
    if not made:
        return Finding(OPEN, sentence("check_no_backup", language, folder=folder))
    newest = f"{max(made).astimezone(ZoneInfo(config.company.timezone)):%Y-%m-%d %H:%M}"
    return Finding(GOOD, sentence("check_backup", language, folder=folder, newest=newest))


def _survey_page(config: Config) -> Finding:
    language, page = config.company.language, config.survey_page
    if not page.url:
        return Finding(OPEN, sentence("check_no_survey_page", language))
    return Finding(GOOD, sentence("check_survey_page", language, url=page.url, listen=page.listen))


def _database(config: Config) -> Finding:
    language = config.company.language
    try:
        with open_store(config) as store:
            store.upgrade()
            return Finding(GOOD, sentence("check_database", language, url=store.url))
    except RefusedError as refused:
        why = sentence(refused.key, language, **refused.values)
        return Finding(BAD, sentence("check_bad_database", language, why=why))
