"""The talks of which a report says something apart: written down late (补录), on site without proof (无佐证), or one of a burst
of the same, each burst with its number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice

from models.figures import WITHIN, View, moment
from models.marks import Marks, marks

AT_ONCE = 5000
ROWS = (
    "SELECT e.id, e.number, e.kind, e.channel, e.at, e.written_at, e.by_id AS staff, e.customer_id AS customer, u.unit_id AS unit"  # noqa: S608
    f" FROM entry e JOIN customer u ON u.id = e.customer_id WHERE e.id IN :ids AND {WITHIN.format(unit='u.unit_id')}"
    " AND e.at >= :since AND e.at < :until"
    " ORDER BY e.at, e.id"
)


@dataclass(frozen=True)
class Flagged:
    """`burst`: the number of the burst within the report."""

    entry: int
    number: str
    kind: str
    channel: str | None
    at: datetime
    written: datetime
    staff: int
    customer: int
    unit: int
    late: bool
    bare: bool
    burst: int | None


@dataclass(frozen=True)
class Apart:
    """Of one view's span; only of units within its reach. `known`: what was looked at already, of this time and around it."""

    view: View
    known: Marks | None = None

    @cached_property
    def marks(self) -> Marks:
        return self.known or marks(self.view, *self.view.moments)

    @cached_property
    def bursts(self) -> Mapping[int, int]:
        """By entry the number of its first burst. Somebody may have entered talks of units out of reach in the same minute: those
        are left out, the burst is what it is."""
        found: dict[int, int] = {}
        for number, ids in enumerate(self.marks.bursts, 1):
            for each in ids:
                found.setdefault(each, number)
        return found

    @cached_property
    def rows(self) -> list[Flagged]:
        """The bursts together, then by time."""
        wanted = {*self.marks.late, *self.marks.bare, *self.bursts}
        found = [each for part in _parts(sorted(wanted)) for each in self._rows(part)]
        return sorted(found, key=lambda each: (each.burst is None, each.burst or 0, each.at, each.entry))

    def _rows(self, ids: Sequence[int]) -> Iterator[Flagged]:
        for row in self.view.ask(ROWS, ids=list(ids)):
            yield Flagged(
                row.id, row.number, row.kind, row.channel, moment(row.at), moment(row.written_at), row.staff, row.customer,
                row.unit, row.id in self.marks.late, row.id in self.marks.bare, self.bursts.get(row.id),
            )  # fmt: skip


def _parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    left = iter(ids)
    while part := list(islice(left, AT_ONCE)):
        yield part
