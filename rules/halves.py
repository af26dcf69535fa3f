"""Half-years, by their names (2026-H2), and the days of each on which a survey is opened and finished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Self

JULY = 7


@dataclass(frozen=True, order=True)
class Half:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        return cls(day.year, 1 if day.month < JULY else 2)

    @classmethod
    def named(cls, name: str) -> Self:
        """Raises ValueError for what is no such name."""
        year, number = name.split("-H")
        return cls(int(year), int(number))

    @property
    def name(self) -> str:
        return f"{self.year}-H{self.number}"

    @property
    def before(self) -> Half:
        return Half(self.year, 1) if self.number > 1 else Half(self.year - 1, 2)

    @property
    def after(self) -> Half:
        return Half(self.year + 1, 1) if self.number > 1 else Half(self.year, 2)

    @property
    def first(self) -> date:
        return date(self.year, 1 if self.number == 1 else JULY, 1)

    def day(self, month: int, day: int) -> date:
        """The first such day on or after the beginning of the half: 10 January of the second half lies in the next year."""
        found = date(self.year, month, day)
        return found if found >= self.first else date(self.year + 1, month, day)
