"""The periods that reports are about: a month, a quarter, a half-year, a year. Each has a name that says which it is: 2026-11,
2026-Q3, 2026-H1, 2026."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from dateutil.relativedelta import relativedelta

from rules.calendar import ONE_DAY
from rules.spans import Span

MONTHS: Final = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""How long each is."""
KINDS: Final = tuple(MONTHS)
LETTER: Final = {"quarter": "Q", "half": "H"}
_NAME: Final = re.compile(r"(2\d{3})(?:-(?:(Q)([1-4])|(H)([12])|()(0[1-9]|1[0-2])))?")


@dataclass(frozen=True)
class Period:
    """`number`: which of its year, from 1."""

    kind: str
    year: int
    number: int = 1

    @classmethod
    def of(cls, kind: str, day: date) -> Self:
        """The one in which that day lies."""
        return cls(kind, day.year, (day.month - 1) // MONTHS[kind] + 1)

    @classmethod
    def named(cls, name: str) -> Self | None:
        """None for what is no such name."""
        match = _NAME.fullmatch(name)
        if match is None:
            return None
        year, quarter, half, month = int(match[1]), match[3], match[5], match[7]
        if quarter or half:
            return cls("quarter" if quarter else "half", year, int(quarter or half))
        return cls("month", year, int(month)) if month else cls("year", year)

    @property
    def name(self) -> str:
        if self.kind == "year":
            return str(self.year)
        return (
            f"{self.year}-{LETTER[self.kind]}{self.number}" if self.kind in LETTER else f"{self.year}-{self.number:02}"
        )

    @property
    def span(self) -> Span:
        first = date(self.year, (self.number - 1) * MONTHS[self.kind] + 1, 1)
        return Span(first, first + relativedelta(months=MONTHS[self.kind]) - ONE_DAY)

    @property
    def before(self) -> Period:
        return Period.of(self.kind, self.span.first - ONE_DAY)
