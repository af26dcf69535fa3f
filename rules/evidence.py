"""How well an entry is attested: proof of a visit, and how long after the event it was written down."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Final

from rules.calendar import ONE_DAY, Calendar

PROOF: Final = frozenset({"photo", "location"})
LATE: Final = timedelta(hours=24)


def unproven(channel: str | None, attachments: Iterable[str]) -> bool:
    """无佐证: on site, but neither photo nor location is attached (article 14). `attachments` are their kinds."""
    return channel == "visit" and PROOF.isdisjoint(attachments)


def delay(when: str | None, at: datetime, written_at: datetime, calendar: Calendar) -> timedelta | None:
    """补录: how long after the event it was written, where that is more than 24 hours; otherwise None.

    `when` is the time as it was answered, in ISO (a moment, a day, an interval): a bare day counts to its end.
    """
    gap = written_at - max(at, _end(when, calendar)) if when else written_at - at
    return gap if gap > LATE else None


def _end(when: str, calendar: Calendar) -> datetime:
    first, _, last = when.partition("/")
    if "T" in (last or first):
        return datetime.fromisoformat(last or first).replace(tzinfo=calendar.tz)
    return calendar.at(date.fromisoformat(last) if last else date.fromisoformat(first) + ONE_DAY, time())
