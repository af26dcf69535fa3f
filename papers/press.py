"""What takes long is made in a process of its own (`papers.jobs`): it reads a job, reads the database beside everybody else, says
how far it is, and writes the file. Nothing waits for it but the one who asked.

A line of JSON for every step that begins; the last one says name and size, and the file follows it. Nothing is put on disk.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import sys
import traceback
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, BinaryIO

from sqlalchemy import text
from sqlmodel import Session

from models.people import Staff
from models.store import Store
from papers.book import Paper
from papers.jobs import Job
from reading.veil import Veil
from rules.house import House

ROOMY = "PRAGMA cache_size = -200000"
"""Kilobytes: a year is read over and over, and 2 MB are soon full."""
Make = Callable[[Session, House, Staff, Mapping[str, Any], datetime, Veil | None, Callable[[str], None]], Paper]


def print_job(job: Job, out: BinaryIO, make: Make) -> None:
    store = Store(job.url)
    try:
        paper = _printed(store, job, make, lambda stage: _say(out, stage=stage))
    finally:
        store.close()
    _say(out, name=paper.name, size=len(paper.content))
    out.write(paper.content)
    out.flush()


def _printed(store: Store, job: Job, make: Make, stage: Callable[[str], None]) -> Paper:
    """From one moment of the database: a figure is as many as its rows, whatever is entered meanwhile."""
    level = {} if store.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with Session(store.engine.execution_options(reading=True, **level), expire_on_commit=False) as session:
        if store.is_sqlite:
            session.execute(text(ROOMY))
        staff = session.get_one(Staff, job.staff)
        return make(session, job.house, staff, job.args, job.asked_at, job.veil, stage)


def _say(out: BinaryIO, **what: Any) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()


def run(make: Make) -> None:
    os.nice(10)
    gc.disable()  # it ends with its file: to look for garbage among so many rows took a fifth of the time
    out = sys.stdout.buffer
    try:
        print_job(pickle.load(sys.stdin.buffer), out, make)  # noqa: S301 it comes from the process that started this one
    except Exception:
        _say(out, failed=traceback.format_exc()[-2000:])
