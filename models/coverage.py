"""Duty coverage (articles 14 and 17): for every clock of a duty and every cycle that ends in the span one slot, what became of it,
and what is said apart of it. Counted and listed from the same slots, so that a figure is as many as its rows.

A slot is `done`; or waived, shown apart: `relieved` (another duty did it), `ended` (no longer owed before it was due), `away` (on
leave, nobody's to do); or `open` while its cycle runs; or `missed`. What stands in the record counts, as in `models.duties`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from models.figures import View
from models.marks import Marks
from models.slots import Asked, Reckoning, Slot

ALL = Asked()
__all__ = ["ALL", "Asked", "Coverage", "Group", "Slot", "Tally"]


@dataclass(frozen=True)
class Tally:
    """How many slots, by what became of them. `wanted` and `made` are contacts: five visits a year are one slot of five."""

    done: int = 0
    missed: int = 0
    open: int = 0
    relieved: int = 0
    ended: int = 0
    away: int = 0
    late: int = 0
    bare: int = 0
    same: int = 0
    unconfirmed: int = 0
    silent: int = 0
    wanted: int = 0
    made: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(Tally)))

    @property
    def waived(self) -> int:
        return self.relieved + self.ended + self.away

    @property
    def share(self) -> float | None:
        """Of what was owed, how much was done; None where nothing was owed yet. What is open or waived is in neither."""
        return self.made / self.wanted if self.wanted else None


@dataclass(frozen=True)
class Group:
    """A tally with what it is of; what it was not grouped by is None."""

    tally: Tally
    rule: str | None = None
    unit: int | None = None
    tier: str | None = None
    cycle: str | None = None


@dataclass(frozen=True)
class Coverage:
    """Asks of one view. What was asked for whole is kept, so that a report is worked out once."""

    view: View
    _whole: list[list[Slot]] = field(default_factory=list)
    _reckoned: list[Reckoning] = field(default_factory=list)

    def grouped(self, *by: str, asked: Asked = ALL) -> list[Group]:
        """Tallies by some of rule, unit, tier and cycle."""
        found: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
        for each in self.slots(asked):
            count = found[tuple(getattr(each, name) for name in by)]
            count[each.state] += 1
            count.update(each.apart)
            if each.state in ("done", "missed"):
                count["wanted"] += each.owed
                count["made"] += min(each.done, each.owed)
        ordered = sorted(found.items(), key=lambda each: [(part is None, part) for part in each[0]])
        return [Group(Tally(**count), **dict(zip(by, names, strict=True))) for names, count in ordered]

    def total(self, asked: Asked = ALL) -> Tally:
        return next((each.tally for each in self.grouped(asked=asked)), Tally())

    def count(self, asked: Asked) -> int:
        return sum(1 for _ in self.slots(asked))

    def rows(self, asked: Asked, skip: int = 0, most: int = 8) -> list[Slot]:
        """What the figure counts, the oldest first."""
        ordered = sorted(self.slots(asked), key=lambda each: (each.due, each.clock))
        return list(islice(ordered, skip, skip + most))

    def of_rules(self, *rules: str, marked: bool = False) -> list[Slot]:
        """The slots of these rules, worked out together; what is said apart of what was done only where that is asked for."""
        found = self._whole[0] if self._whole else Reckoning(self.view, ALL, rules, marked=marked).slots()
        return [each for each in found if each.rule in rules]

    def marks(self) -> Marks | None:
        """Of what was done in the whole span and around it, where it was looked at already."""
        since, until = self.view.moments
        fits = [each for each in self._reckoned if each.looked_at(since, until)]
        return fits[0].marks if fits else None

    def slots(self, asked: Asked = ALL) -> Iterator[Slot]:
        if asked == ALL and not self._whole:
            self._reckoned.append(Reckoning(self.view, asked))
            self._whole.append(list(self._reckoned[0].slots()))
        if asked == ALL:
            return iter(self._whole[0])
        return _fitting(self._whole[0] if self._whole else Reckoning(self.view, asked).slots(), asked)


def _fitting(slots: Iterable[Slot], asked: Asked) -> Iterator[Slot]:
    wanted = {each.name: value for each in fields(asked) if (value := getattr(asked, each.name)) is not None}
    mark = wanted.pop("mark", None)
    for slot in slots:
        if all(getattr(slot, name) == value for name, value in wanted.items()) and (mark is None or mark in slot.apart):
            yield slot
