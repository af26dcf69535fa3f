"""`keguan run`: take the lead, open the house, work until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from typing import Any

from sqlmodel import Session
from telegram.error import InvalidToken

from bot import secret_key
from bot.alarms import Alarm, Alarms
from bot.backup_job import BackupJob
from bot.clock import Clock
from bot.config import Config
from bot.leader import STEADY, Lead, Pace, lead
from bot.opening import open_store, read_rulebook
from bot.sentences import RefusedError, sentence
from bot.service import Rhythm, Service
from bot.settling import open_house
from bot.watch import LAST_WORDS, Patience, Watch, leave_in
from bot.wire import connect
from models.restores import held
from models.store import NotLeadingError, Store

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tempo:
    """All that is counted in seconds: of leading, of the work, of the watch over it."""

    pace: Pace = STEADY
    rhythm: Rhythm = field(default_factory=Rhythm)
    patience: Patience = field(default_factory=Patience)


def run(config: Config, config_path: object, tempo: Tempo | None = None) -> None:
    """Until SIGINT or SIGTERM. Raises `RefusedError` when it can't start or may not go on, `EndedError` when it gets nowhere."""
    if not config.telegram.token.get_secret_value():
        raise RefusedError("no_token", path=config_path)
    read_rulebook(config)
    tempo = tempo or Tempo()
    watch = Watch(Alarms.of(config), patience=tempo.patience, dying=partial(leave_in, 2 * LAST_WORDS))
    try:
        with open_store(config) as store:
            asyncio.run(_until_told(config, store, watch, tempo))
    except (BaseExceptionGroup, InvalidToken, NotLeadingError) as error:
        match _first(error):
            case InvalidToken():
                watch.alarms.cry(Alarm.TOKEN)
                raise RefusedError("token_refused", base_url=config.telegram.base_url) from None
            case NotLeadingError() as lost:
                raise RefusedError("lost_lead", reason=lost) from None
            case other:
                raise other from error
    except RefusedError as refused:
        if refused.key == "database":
            watch.alarms.cry(Alarm.DATABASE, reason=str(refused.values["reason"]))
        raise


async def _until_told(config: Config, store: Store, watch: Watch, tempo: Tempo) -> None:
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await _first_of(told.wait(), watch.run(), _lead_and_work(config, store, watch, tempo))


async def _lead_and_work(config: Config, store: Store, watch: Watch, tempo: Tempo) -> None:
    watch.keeper.says(sentence("starting", config.company.language))
    async with lead(store, config.company.language, tempo.pace) as ours:
        await _first_of(ours.watch(), _work(config, store, ours, watch, tempo.rhythm))


async def _work(config: Config, store: Store, ours: Lead, watch: Watch, rhythm: Rhythm) -> None:
    """In a thread while the house is opened: with many customers that takes longer than a heartbeat."""
    clock = Clock()
    house = await asyncio.to_thread(open_house, config, store, clock.now())
    log.info("keguan %s: %s, %s", version("keguan"), config.company.name, store.url)
    key = await asyncio.to_thread(secret_key.of_company, config.secrets.key_file, store)
    backups = BackupJob(config, store, house.calendar)
    await store.run(_say_if_held, config.company.language)
    watch.keeper.says(sentence("at_work", config.company.language))
    wire = partial(connect, config.telegram, ours.hold)
    await Service(
        config, store, house, clock, wire=wire, chain_key=key, backups=backups, watch=watch, rhythm=rhythm
    ).run()


def _say_if_held(session: Session, language: str) -> None:
    restore = held(session)
    if restore is not None:
        log.warning(sentence("running_held", language, made_at=f"{restore.made_at.astimezone():%Y-%m-%d %H:%M}"))


async def _first_of(*works: Coroutine[Any, Any, Any]) -> None:
    """Until the first of them ends; the others are called off and waited for."""
    tasks = [asyncio.create_task(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in done:
        task.result()


def _first(several: BaseException) -> BaseException:
    """The error at the bottom of a group of them."""
    while isinstance(several, BaseExceptionGroup):
        several = several.exceptions[0]
    return several
