"""What is said apart of entries, as ids: 补录 (written down late), 无佐证 (on site without proof), bursts of the same, and
抽查未证实 (the customer, asked by phone, did not confirm it). What is late or unproven is for `rules.evidence` to say, here as in
every list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from models.figures import WITHIN, View, moment, stored
from rules.evidence import delay, unproven

BURST = 3
"""So many of the same are a burst."""
STANDS = "NOT EXISTS (SELECT 1 FROM entry w WHERE w.withdraws = e.id)"
"""The condition `models.records.standing`, of a talk `e`."""
TALKS = f"e.kind IN ('contact', 'callback') AND {STANDS}"


@dataclass(frozen=True)
class Marks:
    late: frozenset[int] = frozenset()
    bare: frozenset[int] = frozenset()
    bursts: Sequence[Sequence[int]] = ()
    """Each with its entries; one entry may belong to two."""
    unconfirmed: frozenset[int] = frozenset()

    @cached_property
    def same(self) -> frozenset[int]:
        return frozenset(each for burst in self.bursts for each in burst)


def marks(view: View, since: datetime, until: datetime) -> Marks:
    """Of what was done between these moments."""
    return Marks(
        frozenset(_late(view, since, until)),
        frozenset(_bare(view, since, until)),
        _bursts(view, since, until),
        frozenset(_unconfirmed(view)),
    )


LATER = (
    "SELECT e.id, e.at, e.written_at, TOLD(e.answers, when) AS said FROM entry e"  # noqa: S608
    f" JOIN customer u ON u.id = e.customer_id WHERE {WITHIN.format(unit='u.unit_id')}"
    " AND e.kind IN ('contact', 'callback', 'arrival') AND e.at >= :begin AND e.at < :end"
    " AND UTC_DAY(e.at) <> UTC_DAY(e.written_at)"
)


def _late(view: View, since: datetime, until: datetime) -> Iterator[int]:
    """What was written on another day than that on which it was, and looked at more closely."""
    for row in view.ask(LATER, begin=since, end=until):
        if delay(row.said, moment(row.at), moment(row.written_at), view.house.calendar) is not None:
            yield row.id


VISITS = (
    "SELECT e.id, e.attachments FROM entry e"  # noqa: S608
    f" JOIN customer u ON u.id = e.customer_id WHERE {WITHIN.format(unit='u.unit_id')} AND e.channel = 'visit'"
    " AND e.kind IN ('contact', 'callback', 'arrival') AND e.at >= :begin AND e.at < :end"
)


def _bare(view: View, since: datetime, until: datetime) -> Iterator[int]:
    for row in view.ask(VISITS, begin=since, end=until):
        if unproven("visit", (each.get("kind", "") for each in stored(row.attachments))):
            yield row.id


HERE = f"{TALKS} AND e.at >= :begin AND e.at < :end"
MINUTES = (
    f"SELECT e.id, e.by_id, e.at FROM entry e JOIN (SELECT e.by_id, e.at FROM entry e WHERE {HERE}"  # noqa: S608
    f" GROUP BY e.by_id, e.at HAVING count(*) >= {BURST}) b"
    f" ON b.by_id = e.by_id AND b.at = e.at WHERE {TALKS} AND TOLD(e.answers, when) LIKE '%T%'"
)
"""Several at the same minute by one person. A bare day is no minute."""
TEXT = "coalesce(TOLD(e.answers, summary), TOLD(e.answers, opinions))"
WORDS = (
    f"WITH q AS MATERIALIZED (SELECT e.id, e.by_id, e.written_at, {TEXT} AS words FROM entry e WHERE {HERE})"  # noqa: S608
    " SELECT q.id, q.by_id, q.written_at, q.words FROM q JOIN (SELECT by_id, words FROM q GROUP BY by_id, words"
    f" HAVING count(*) >= {BURST}) b ON b.by_id = q.by_id AND b.words = q.words"
)
"""The same words by one person, several times; whether on one day is looked at afterwards."""


def _bursts(view: View, since: datetime, until: datetime) -> list[list[int]]:
    """One person, the same minute; or one person, the same words, written down on the same day."""
    local = view.house.calendar.local
    groups: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for row in view.ask(MINUTES, begin=since, end=until):
        groups["minute", row.by_id, row.at].append(row.id)
    for row in view.ask(WORDS, begin=since, end=until):
        groups["words", row.by_id, row.words, local(moment(row.written_at)).date()].append(row.id)
    return [ids for ids in groups.values() if len(ids) >= BURST]


CHECKED = (
    "SELECT r.entry_id AS id FROM spot_result r WHERE r.result = 'unconfirmed' AND NOT EXISTS (SELECT 1 FROM spot_result l"
    " WHERE l.draw_id = r.draw_id AND l.entry_id = r.entry_id AND l.id > r.id)"
)
CORRECTED = (
    "SELECT e.id, e.withdraws FROM entry e WHERE e.withdraws IS NOT NULL AND e.kind <> 'withdrawal' ORDER BY e.id"
)


def _unconfirmed(view: View) -> Iterator[int]:
    """Those that were not confirmed, and what was put in their place since: a correction is no way out."""
    found = {row.id for row in view.ask(CHECKED)}
    yield from found
    for row in view.ask(CORRECTED) if found else ():
        if row.withdraws in found:
            found.add(row.id)
            yield row.id
