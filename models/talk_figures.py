"""Talks in figures (R14.8): how many, what they were about, and the anomalies among them with what became of each. A figure and the
list behind it are the same talks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from models.figures import WITHIN, View
from models.findings import Decision
from models.marks import STANDS
from rules.topics import topics_of


@dataclass(frozen=True)
class Talk:
    """`anomaly`: what became of it, None where it is none: `reported` to company leaders by the sales department, `by_itself` when
    the time was over, `not_reported` with a reason, or `waiting`."""

    entry: int
    unit: int
    tier: str
    channel: str
    topics: tuple[str, ...]
    anomaly: str | None


TALKS = (
    "SELECT e.id, u.unit_id, u.tier, e.channel, TOLD(e.answers, anomaly) AS anomaly,"  # noqa: S608
    " coalesce(TOLD(e.answers, summary), TOLD(e.answers, opinions), '') AS words"
    " FROM entry e JOIN customer u ON u.id = e.customer_id WHERE e.kind IN ('contact', 'callback')"
    f" AND e.at >= :since AND e.at < :until AND {STANDS} AND {WITHIN.format(unit='u.unit_id')} ORDER BY e.at, e.id"
)
DECIDED = "SELECT entry_id, decision, by_id FROM finding WHERE decision IN (:reported, :not_reported) ORDER BY id"


@dataclass(frozen=True)
class Talks:
    view: View

    @cached_property
    def all(self) -> list[Talk]:
        return [
            Talk(
                number,
                unit,
                tier,
                way,
                topics_of(words),
                self._became(number) if anomaly in (True, 1, "true") else None,
            )
            for number, unit, tier, way, anomaly, words in self.view.ask(TALKS)
        ]

    @property
    def anomalies(self) -> list[Talk]:
        return [each for each in self.all if each.anomaly is not None]

    def topics(self) -> Counter[str]:
        """How many talks speak of each; one may speak of several."""
        return Counter(name for each in self.all for name in each.topics)

    def _became(self, entry: int) -> str:
        return self._decided.get(entry, "waiting")

    @cached_property
    def _decided(self) -> Mapping[int, str]:
        """The last decision of each."""
        asked = {"reported": Decision.REPORTED.value, "not_reported": Decision.NOT_REPORTED.value}
        rows = self.view.ask(DECIDED, **asked)
        alone = {Decision.REPORTED.value: "by_itself"}
        return {
            row.entry_id: alone.get(row.decision, row.decision) if row.by_id is None else row.decision for row in rows
        }
