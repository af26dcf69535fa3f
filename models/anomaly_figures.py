"""Anomalies (R14.8) one by one: what became of each, how long that took, and whether the time allowed was kept. Which there are is
for `models.talk_figures` to say; a figure and the list behind it are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.climbing import ANOMALY
from models.figures import Row, View, moment
from models.findings import Decision
from models.talk_figures import Talks

AT_ONCE = 500
OPEN = "waiting"
ROWS = (
    "SELECT e.id, e.number, e.customer_id AS customer, u.unit_id AS unit, e.by_id AS staff, e.at, e.written_at, c.due_at,"
    " coalesce(TOLD(e.answers, summary), TOLD(e.answers, opinions), '') AS words"
    " FROM entry e JOIN customer u ON u.id = e.customer_id"
    " LEFT JOIN clock c ON c.subject_kind = 'entry' AND c.subject_id = e.id AND c.rule = :anomaly"
    " WHERE e.id IN :ids ORDER BY e.at, e.id"
)
DECIDED = (
    "SELECT entry_id, at, by_id, text FROM finding WHERE entry_id IN :ids AND decision IN (:reported, :not_reported)"
    " ORDER BY id"
)


@dataclass(frozen=True)
class Anomaly:
    """`state` as in `models.talk_figures`. `hours`: from the moment it was written down until the decision, or until now."""

    entry: int
    number: str
    customer: int
    unit: int
    staff: int
    at: datetime
    words: str
    state: str
    decided: datetime | None
    by: int | None
    why: str
    hours: float
    due: datetime | None
    kept: bool | None
    """Decided by somebody in time; None while there is time left, or where nothing says how much there is."""

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


def anomalies(view: View, talks: Talks) -> list[Anomaly]:
    """The oldest first."""
    states = {each.entry: each.anomaly or OPEN for each in talks.anomalies}
    ids = list(states)
    found: list[Anomaly] = []
    for start in range(0, len(ids), AT_ONCE):
        found += _some(view, ids[start : start + AT_ONCE], states)
    return sorted(found, key=lambda each: (each.at, each.entry))


def _some(view: View, ids: Sequence[int], states: dict[int, str]) -> list[Anomaly]:
    asked = {"reported": Decision.REPORTED.value, "not_reported": Decision.NOT_REPORTED.value}
    decided = {row.entry_id: row for row in view.ask(DECIDED, ids=list(ids), **asked)}
    rows = {row.id: row for row in view.ask(ROWS, ids=list(ids), anomaly=ANOMALY)}
    return [_anomaly(view, row, states[number], decided.get(number)) for number, row in rows.items()]


def _anomaly(view: View, row: Row, state: str, found: Row | None) -> Anomaly:
    ended = moment(found.at) if found else None
    due = moment(row.due_at) if row.due_at else None
    hours = ((ended or view.now) - moment(row.written_at)) / timedelta(hours=1)
    return Anomaly(
        row.id, row.number, row.customer, row.unit, row.staff, moment(row.at), row.words, state, ended,
        found.by_id if found else None, found.text if found and found.by_id else "", max(0.0, hours), due,
        _kept(view.now, state, ended, due),
    )  # fmt: skip


def _kept(now: datetime, state: str, ended: datetime | None, due: datetime | None) -> bool | None:
    if due is None:
        return None
    if ended is None:
        return False if now > due else None
    return state != "by_itself" and ended <= due
