"""`keguan run`: take the lead, open the house, work until told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Coroutine
from functools import partial
from importlib.metadata import version
from typing import Any

from telegram.error import InvalidToken

from bot.alarms import Alarm, Alarms
from bot.clock import Clock
from bot.config import Config
from bot.leader import lead
from bot.opening import open_store, read_rulebook
from bot.sentences import RefusedError, sentence
from bot.service import Rhythm, Service, open_house
from bot.watch import LAST_WORDS, Patience, Watch, leave_in
from models.store import Store

log = logging.getLogger(__name__)


def run(config: Config, config_path: object, patience: Patience | None = None, rhythm: Rhythm | None = None) -> None:
    """Until SIGINT or SIGTERM. Raises `RefusedError` when it can't start or may not go on, `EndedError` when it gets nowhere."""
    if not config.telegram.token.get_secret_value():
        raise RefusedError("no_token", path=config_path)
    read_rulebook(config)
    watch = Watch(Alarms.of(config), patience=patience, dying=partial(leave_in, 2 * LAST_WORDS))
    try:
        with open_store(config) as store:
            asyncio.run(_until_told(config, store, watch, rhythm))
    except (BaseExceptionGroup, InvalidToken) as error:
        if isinstance(_first(error), InvalidToken):
            watch.alarms.cry(Alarm.TOKEN)
            raise RefusedError("token_refused", base_url=config.telegram.base_url) from None
        raise _first(error) from error
    except RefusedError as refused:
        if refused.key == "database":
            watch.alarms.cry(Alarm.DATABASE, reason=str(refused.values["reason"]))
        raise


async def _until_told(config: Config, store: Store, watch: Watch, rhythm: Rhythm | None) -> None:
    told = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, told.set)
    await _first_of(told.wait(), watch.run(), _lead_and_work(config, store, watch, rhythm))


async def _lead_and_work(config: Config, store: Store, watch: Watch, rhythm: Rhythm | None) -> None:
    watch.keeper.says(sentence("starting", config.company.language))
    async with lead(store, config.company.language) as holds:
        await _first_of(holds(), _work(config, store, watch, rhythm))


async def _work(config: Config, store: Store, watch: Watch, rhythm: Rhythm | None) -> None:
    """In a thread while the house is opened: with many customers that takes longer than a heartbeat."""
    clock = Clock()
    house = await asyncio.to_thread(open_house, config, store, clock.now())
    log.info("keguan %s: %s, %s", version("keguan"), config.company.name, store.url)
    watch.keeper.says(sentence("at_work", config.company.language))
    await Service(config, store, house, clock, watch=watch, rhythm=rhythm).run()


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
