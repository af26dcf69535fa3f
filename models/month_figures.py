"""What the company's monthly report counts (R14.8): duties done by tier and unit, topics, anomalies, doubtful entries.

The figures are those of `models.coverage`, `talk_figures` and `marks`; here they are only put together, as plain JSON."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from sqlmodel import Session

from models.coverage import Coverage, Tally
from models.figures import Reach, View
from models.marks import marks
from models.talk_figures import Talks
from rules.cadence import Cycle
from rules.house import House
from rules.spans import Span
from rules.topics import OTHER

TOPICS = 5
"""So many are named."""


def counted(session: Session, house: House, cycle: Cycle, now: datetime) -> dict[str, Any]:
    """Of the whole company. A tally is [made, wanted, missed]; units by their ids, tiers by their names."""
    view = View(session, house, Span(cycle.first, cycle.last), Reach(), now)
    coverage, talks, doubtful = Coverage(view), Talks(view), marks(view, *view.moments)
    topics = Counter({name: count for name, count in talks.topics().items() if name != OTHER})
    return {
        "all": _tally(coverage.total()),
        "tiers": {each.tier: _tally(each.tally) for each in coverage.grouped("tier") if each.tier},
        "units": {str(each.unit): _tally(each.tally) for each in coverage.grouped("unit") if each.unit},
        "talks": len(talks.all),
        "topics": [[name, count] for name, count in topics.most_common(TOPICS)],
        "anomalies": dict(Counter(each.anomaly for each in talks.anomalies)),
        "doubtful": {"late": len(doubtful.late), "bare": len(doubtful.bare), "same": len(doubtful.same)},
    }


def _tally(tally: Tally) -> list[int]:
    return [tally.made, tally.wanted, tally.missed]
