"""How long a line and its dates take to read: medians a line, beside dateparser's own search of the same texts in the same run."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from itertools import product
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from zoneinfo import ZoneInfo

from dateparser.search import search_dates
from sqlmodel import Session, select

from bench.trust.figures import Figures
from bot.asking import Everyone
from models import customers
from models.customers import Customer
from models.people import Staff, Unit, key
from models.store import Store
from reading.dates import Direction, find_dates
from reading.line import read_line
from rules.calendar import Calendar
from tests.cards import OFFICE
from tests.servers import furnish, rulebook_text

NOW = datetime.fromisoformat("2026-11-25T10:00+08:00")
CALENDAR = Calendar(ZoneInfo("Asia/Shanghai"))
TABLE = Path(__file__).parents[1] / "tests" / "rules" / "reading_lines.tsv"
LINE, DATES = 1.0, 0.1
"""Milliseconds: the most that the median line, and its dates alone, may take."""
ROUNDS = 5
BESIDE = 40
"""Lines that dateparser searches."""
CUSTOMERS = 2000


def measure() -> Figures:
    lines = [row.split("\t")[0].replace("⏎", "\n") for row in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    beside = _times(lambda line: search_dates(line, languages=["zh", "en"]), lines[:: len(lines) // BESIDE], rounds=1)
    dates = _times(lambda line: find_dates(line, NOW, Direction.PAST, CALENDAR), lines)
    cards = _times(lambda line: read_line(line, NOW, CALENDAR, OFFICE), lines)
    stored = _stored(lines)
    return Figures(
        title="Reading",
        says=f"A line is read within {LINE:g} ms, its dates within {DATES:g} ms, as medians over {len(lines)} lines.",
        heads=("what", "median, ms", "95 %, ms", "of dateparser's search"),
        rows=[
            _row("dates of a line", dates, beside),
            _row("a line, customers in memory", cards, beside),
            _row(f"a line, {CUSTOMERS} customers in SQLite", stored, beside),
            _row("dateparser's search of the same lines", beside, beside),
        ],
        broken=[
            f"{what}: {median(times):.3f} ms"
            for what, times, most in (("dates", dates, DATES), ("a line", cards, LINE), ("a stored line", stored, LINE))
            if median(times) > most
        ],
    )


def _row(what: str, times: Sequence[float], beside: Sequence[float]) -> list[str]:
    share = median(times) / median(beside)
    return [what, f"{median(times):.3f}", f"{quantiles(times, n=20)[-1]:.3f}", f"{share:.4f}"]


def _times(do: Callable[[str], object], lines: Sequence[str], rounds: int = ROUNDS) -> list[float]:
    """Milliseconds for each line, the best of so many rounds after one to warm up."""
    for line in lines[: len(lines) if rounds > 1 else 1]:
        do(line)
    return [min(_once(do, line) for _ in range(rounds)) for line in lines]


def _once(do: Callable[[str], object], line: str) -> float:
    start = perf_counter()
    with suppress(OverflowError):  # dateparser's search raises it on some numbers
        do(line)
    return (perf_counter() - start) * 1000


def _stored(lines: Sequence[str]) -> list[float]:
    with tempfile.TemporaryDirectory(prefix="keguan-reading-") as folder:
        url = f"sqlite:///{folder}/keguan.db"
        furnish(url, rulebook_text())
        store = Store(url)
        store.run_here(_settle)
        times = store.run_here(_read_stored, lines)
        store.close()
    return times


def _read_stored(session: Session, lines: Sequence[str]) -> list[float]:
    everyone = Everyone(session)
    return _times(lambda line: read_line(line, NOW, CALENDAR, everyone), lines)


def _settle(session: Session) -> None:
    """Customers such as there are, those of the lines among them."""
    owner, unit = session.exec(select(Staff)).first(), session.exec(select(Unit)).first()
    if owner is None or unit is None:
        raise LookupError("the company of the tests has no staff or no unit")
    named = [(card.name, card.short_name) for card in OFFICE.cards]
    made = product(
        "恒华远长金宏鑫瑞泰盛",
        "达丰信源昌隆通安兴和",
        ("橡胶", "轮胎", "机械", "密封", "汽配"),
        ("青岛", "烟台", "临沂", "济南"),
    )
    named += [(f"{city}{one}{other}{trade}有限公司", f"{one}{other}{trade}") for one, other, trade, city in made]
    for name, short_name in named[:CUSTOMERS]:
        session.add(customer := _customer(key(unit), key(owner), name, short_name))
        session.flush()
        customers.index(session, customer)


def _customer(unit: int, owner: int, name: str, short_name: str | None) -> Customer:
    return Customer(
        name=name, short_name=short_name, tier="ordinary", province="山东", unit_id=unit, owner_id=owner,
        live_from=NOW.date(), created_at=NOW,
    )  # fmt: skip
