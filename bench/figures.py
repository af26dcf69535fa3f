"""How long the figures and the report of a year take, in a company of 200 people and 10,000 customers, on both databases; beside it
what the database alone needs to hand over the talks of the year, in the same run."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from time import perf_counter, process_time

from sqlalchemy import text

from bench.trust.figures import Figures
from bench.year import Size, Year, write
from models.case_figures import Cases, contentment
from models.coverage import Asked, Coverage
from models.figures import Reach, View
from models.marks import marks
from models.pace import Callbacks
from models.people import Staff
from models.store import Store
from models.talk_figures import Talks
from papers.jobs import Job
from rules.house import House
from rules.spans import year_of
from tests.servers import a_house, copy_of, release, rulebook_text, swift_postgres

NOW = datetime.fromisoformat("2026-11-23T09:00+08:00")
SECONDS = 10.0
"""The most that the report of the year may take."""
PAPERS = {
    "xlsx": ("the report of the year as a workbook", "2026"),
    "pdf": ("the report of a half-year on paper", "2026-H1"),
}
FLOOR = (
    "SELECT e.id, e.at, e.customer_id, a.staff_id FROM entry e JOIN participant a ON a.entry_id = e.id"
    " WHERE e.kind IN ('contact', 'callback') AND e.at >= '2026-01-01' AND e.at < '2027-01-01'"
)


def measure() -> Figures:
    rows, broken = [], []
    house = a_house(rulebook_text())
    year = Year(house, 2026, NOW, Size())
    for name, url in _databases():
        release(url)
        store = Store(url)
        store.run_here(write, year)
        with store.engine.begin() as connection:
            connection.execute(text("ANALYZE"))
        found = list(_measured(store, house))
        rows += [[name, what, f"{wall:.2f}", f"{cpu:.2f}"] for what, wall, cpu in found]
        whole = sum(wall for what, wall, _ in found if what.startswith("·"))
        rows.append([name, "the figures of the year together", f"{whole:.2f}", ""])
        for form, (what, period) in PAPERS.items():
            wall, cpu, most = _printed(store, house, period, form)
            rows.append(
                [name, f"{what}, from the start of its process to its end, {most} MB", f"{wall:.2f}", f"{cpu:.2f}"]
            )
            if wall > SECONDS:
                broken.append(f"{name}, {form}: {wall:.1f} s")
        store.close()
    return Figures(
        "Figures of a year",
        f"The report of a year of 10,000 customers is built within {SECONDS:.0f} s.",
        ("database", "what", "seconds", "of the processor"),
        rows,
        broken,
    )


def _databases() -> Iterator[tuple[str, str]]:
    folder = tempfile.mkdtemp(prefix="keguan-year-")
    try:
        yield "SQLite", f"sqlite:///{folder}/year.db"
    finally:
        shutil.rmtree(folder)
    with swift_postgres(rulebook_text()) as server, copy_of(server, "released") as url:
        yield "PostgreSQL", url


def _measured(store: Store, house: House) -> Iterator[tuple[str, float, float]]:
    with store.read() as session:
        view = View(session, house, year_of(NOW.date()), Reach(), NOW)
        coverage = Coverage(view)
        yield "the talks alone, by plain SQL", *_timed(lambda: session.execute(text(FLOOR)).all())
        yield "· duties by rule, unit and tier", *_timed(lambda: coverage.grouped("rule", "unit", "tier"))
        yield "· the same week by week", *_timed(lambda: coverage.grouped("rule", "unit", "cycle"))
        yield "late, unproven, bursts alone", *_timed(lambda: marks(view, *view.moments))
        yield "· complaints", *_timed(lambda: Cases(view).all)
        yield "· topics and anomalies", *_timed(lambda: Talks(view).topics())
        yield "· satisfaction", *_timed(lambda: contentment(view))
        yield "· callbacks", *_timed(lambda: Callbacks(view, coverage).visits())
        alone = Asked("R14.2", unit=3, state="missed")
        yield "rows of one figure of a unit", *_timed(lambda: Coverage(view).rows(alone))


def _printed(store: Store, house: House, period: str, form: str) -> tuple[float, float, int]:
    """Seconds, seconds of the processor, and megabytes of memory at most."""
    args = {"period": period, "unit": None, "form": form}
    with store.read() as session:
        job = Job.of(session, house, session.get_one(Staff, 1), {"report": "period_report", "args": args}, NOW)
    began = perf_counter()
    process = subprocess.Popen(job.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("no way to speak with it")
    with process.stdin, process.stdout:
        process.stdin.write(job.packed)
        process.stdin.close()
        said = process.stdout.read()
        _, _, used = os.wait4(process.pid, 0)
    process.returncode = 0
    if b'"failed"' in said[:4000]:
        raise RuntimeError(said[:4000].decode())
    return perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    wall, cpu = perf_counter(), process_time()
    work()
    return perf_counter() - wall, process_time() - cpu
