"""How the rulebook's short texts become values, and what is said when they cannot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt

from rules.cadence import Every


class EntryError(ValueError):
    """A wrong value in the rulebook: the problem's key, the words for its message, where below the value it lies."""

    def __init__(self, key: str, *, at: tuple[str | int, ...] = (), **values: str) -> None:
        super().__init__(key)
        self.key = key
        self.at = at
        self.values = values


class Rule(BaseModel):
    """What every table of the rulebook has in common: it cannot change, and an unknown key is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Point(StrEnum):
    FRACTION = "fraction"  # of the span from anchor to due
    HOURS = "hours"  # on the clock, after due; before it when negative
    WORKDAYS = "workdays"  # the morning of that working day after the due day; 0 is the due day itself


@dataclass(frozen=True)
class Moment:
    """When a step of a ladder is due, as seen from its anchor and its due time."""

    point: Point
    amount: float

    @property
    def order(self) -> float:
        """Something that grows along a ladder: about the hours after the due time."""
        hours = {Point.FRACTION: self.amount - 1, Point.HOURS: self.amount, Point.WORKDAYS: 24 * self.amount}
        return hours[self.point]

    def __str__(self) -> str:
        if self.point is Point.FRACTION:
            return f"{self.amount * 100:g}%"
        if self.point is Point.HOURS:
            return f"{self.amount:+g}h"
        return f"+{self.amount:g} workdays" if self.amount else "due"


_PERCENT: Final = re.compile(r"(\d+)%")
_HOURS: Final = re.compile(r"([+-]\d+)h")
_WORKDAYS: Final = re.compile(r"\+(\d+) workdays?")
_SPAN: Final = re.compile(r"(\d{1,5})(h| days?)")


def read_moment(text: str) -> Moment:
    """Read "50%", "-24h", "+4h", "due" or "+2 workdays"."""
    if text == "due":
        return Moment(Point.WORKDAYS, 0)
    if match := _PERCENT.fullmatch(text):
        if 0 < int(match[1]) <= 100:
            return Moment(Point.FRACTION, int(match[1]) / 100)
    elif match := _HOURS.fullmatch(text):
        return Moment(Point.HOURS, int(match[1]))
    elif match := _WORKDAYS.fullmatch(text):
        return Moment(Point.WORKDAYS, int(match[1]))
    raise EntryError("moment", value=text)


def read_span(text: str) -> timedelta:
    """Read "4h" or "7 days", a length of time on the clock."""
    match = _SPAN.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise EntryError("span", value=text)
    return timedelta(hours=int(match[1])) if match[2] == "h" else timedelta(days=int(match[1]))


def read_month_day(text: str) -> tuple[int, int]:
    """Read "07-10", a day of every year."""
    try:
        found = date.fromisoformat(f"2001-{text}")  # no leap year: a day that every year has
    except ValueError:
        raise EntryError("month_day", value=text) from None
    return found.month, found.day


def _read_every(text: str) -> Every:
    try:
        return Every.parse(text)
    except ValueError:
        raise EntryError("period", value=text) from None


def write_span(span: timedelta) -> str:
    """The text that `read_span` reads back."""
    days = span / timedelta(days=1)
    return f"{days:g} days" if days > 2 and days.is_integer() else f"{span / timedelta(hours=1):g}h"


def _read(kind: type, key: str, reader: Callable[[str], object]) -> BeforeValidator:
    """Read a text into a value of that kind; a number or a table in its place is as wrong as an unreadable text."""

    def validate(value: object) -> object:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise EntryError(key, value=str(value))
        return reader(value)

    return BeforeValidator(validate)


At = Annotated[Moment, _read(Moment, "moment", read_moment)]
Span = Annotated[timedelta, _read(timedelta, "span", read_span)]
Period = Annotated[Every, _read(Every, "period", _read_every)]
MonthDay = Annotated[tuple[int, int], _read(tuple, "month_day", read_month_day)]
Text = Annotated[str, Field(min_length=1)]
Count = Annotated[StrictInt, Field(ge=1, le=10_000)]
YesNo = StrictBool
