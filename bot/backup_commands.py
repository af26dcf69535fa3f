"""`keguan backup FILE`, `keguan restore FILE`, `keguan restore --release`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from bot import secret_key
from bot.backups import back_up
from bot.clock import Clock
from bot.config import Config
from bot.opening import open_store
from bot.restoring import restore, waiting
from bot.sentences import RefusedError, sentence
from models import restores

DONE: Final = 0
MEGABYTE: Final = 1_000_000


def backup_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="备份写到哪里 / where to write the backup")


def restore_options(parser: argparse.ArgumentParser) -> None:
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("file", type=Path, nargs="?", metavar="FILE", help="从哪个备份恢复 / the backup to restore")
    which.add_argument("--release", action="store_true", help="确认恢复无误，恢复发送 / confirm: sending goes on")
    replace = "数据库里已有数据时，旧库改名保留 / where there is data already, keep the old database aside"
    parser.add_argument("--replace", action="store_true", help=replace)


def backup(config: Config, asked: argparse.Namespace) -> int:
    with open_store(config) as store:
        store.upgrade()
        facts = back_up(store, secret_key.of_company(config.secrets.key_file, store), asked.file, Clock().now())
    size = f"{asked.file.stat().st_size / MEGABYTE:.1f} MB"
    values = {"path": asked.file, "size": size, "tables": len(facts.rows), "rows": sum(facts.rows.values())}
    print(sentence("backup_done", config.company.language, **values, key_file=config.secrets.key_file))
    return DONE


def put_back(config: Config, asked: argparse.Namespace) -> int:
    if asked.release:
        return _release(config)
    language = config.company.language
    with open_store(config) as store:
        done = restore(config, store, asked.file, Clock().now(), replace=asked.replace)
    made_at = f"{done.label.made_at.astimezone():%Y-%m-%d %H:%M}"
    print(sentence("restored", language, path=asked.file, made_at=made_at, rows=sum(done.label.facts.rows.values())))
    if done.aside:
        print(sentence("restore_aside", language, aside=done.aside))
    print(sentence("restore_held", language))
    return DONE


def _release(config: Config) -> int:
    now, language = Clock().now(), config.company.language
    with open_store(config) as store:
        store.upgrade()
        with store.write() as session:
            will = waiting(session, now)
            if not restores.release(session, now):
                raise RefusedError("restore_not_held", url=store.url)
    print(sentence("restore_released", language, messages=will.messages, updates=will.updates, clocks=will.clocks))
    return DONE
