"""What takes long is made in a process of its own: `python -m papers.press` reads a job, reads the database beside everybody else,
says how far it is, and writes the file. Nothing waits for it but the one who asked.

A line of JSON for every step that begins; the last one says name and size, and the file follows it. Nothing is put on disk.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from sqlmodel import Session

from models import secrecy
from models.people import Staff, key
from models.store import Store
from papers import period_report
from papers.book import Paper
from reading.veil import Veil
from rules.house import House

MAKERS = {"period_report": period_report.make}
COMMAND = (sys.executable, "-m", "papers.press")


@dataclass(frozen=True)
class Job:
    """All that the other process needs to know. `veil`: what is not to be said, found here, where the key of the vault is."""

    url: str
    report: str
    house: House
    staff: int
    args: Mapping[str, Any]
    asked_at: datetime
    veil: Veil | None

    @classmethod
    def of(cls, session: Session, house: House, staff: Staff, document: Mapping[str, Any], asked_at: datetime) -> Job:
        url = session.get_bind().engine.url.render_as_string(hide_password=False)
        veil = secrecy.veil(session)
        return cls(url, document["report"], house, key(staff), document["args"], asked_at, veil)

    @property
    def packed(self) -> bytes:
        return pickle.dumps(self)


def print_job(job: Job, out: BinaryIO) -> None:
    store = Store(job.url)
    try:
        paper = _printed(store, job, lambda stage: _say(out, stage=stage))
    finally:
        store.close()
    _say(out, name=paper.name, size=len(paper.content))
    out.write(paper.content)
    out.flush()


def _printed(store: Store, job: Job, stage: period_report.Stage) -> Paper:
    """From one moment of the database: a figure is as many as its rows, whatever is entered meanwhile."""
    level = {} if store.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with Session(store.engine.execution_options(reading=True, **level), expire_on_commit=False) as session:
        staff = session.get_one(Staff, job.staff)
        return MAKERS[job.report](session, job.house, staff, job.args, job.asked_at, job.veil, stage)


def _say(out: BinaryIO, **what: Any) -> None:
    out.write(json.dumps(what).encode() + b"\n")
    out.flush()


def main() -> None:
    os.nice(10)
    out = sys.stdout.buffer
    try:
        print_job(pickle.load(sys.stdin.buffer), out)  # noqa: S301 it comes from the process that started this one
    except Exception:
        _say(out, failed=traceback.format_exc()[-2000:])


if __name__ == "__main__":
    main()
