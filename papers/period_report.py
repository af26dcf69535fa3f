"""统计报表: the figures of a period as a workbook or, on a few pages, as a PDF; as far as the one who asks may see and hand out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session

from models.people import Staff
from models.period_figures import PeriodFigures
from papers.book import Paper
from papers.discretion import discretion
from papers.period_book import PeriodBook
from papers.period_words import Names, covers, named, reach_of
from reading.veil import Veil
from rules.house import House
from rules.periods import Period
from words import Voice, say

Stage = Callable[[str], None]
FORMS: Final = {"xlsx": ("duties", "complaints", "callbacks", "talks", "writing")}
"""What there is, and the steps of making it, in their order."""


class NoSuchPeriodError(Exception):
    """The name of a period that is none."""


def make(
    session: Session,
    house: House,
    staff: Staff,
    args: Mapping[str, Any],
    now: datetime,
    veil: Veil | None,
    stage: Stage,
) -> Paper:
    """Asked again here: how far the one who asked may see, and hand out."""
    period, unit = Period.named(args["period"]), args.get("unit")
    if period is None:
        raise NoSuchPeriodError(args["period"])
    voice = Voice(staff.language, house.calendar.tz, now)
    figures = PeriodFigures(session, house, period, reach_of(session, staff, now, unit), now)
    names = Names(figures, voice, discretion(session, voice, staff, now, veil))
    content = PeriodBook(figures, names, staff, unit).made(stage)
    of = voice.plain(covers(session, figures.reach, unit))
    name = f"{voice.plain(say('period_report.name'))} {voice.plain(named(period)).replace('/', '-')} {of}"
    return Paper(f"{name}.{args['form']}", content)
