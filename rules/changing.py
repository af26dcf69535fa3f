"""One number of the rulebook changed: which numbers there are, how a new one is written, and the text with nothing else changed.

Comments, order and spacing stay as the company wrote them: a value is replaced where it stands, and the text is taken only when
it says what the old one said but for that value.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from rules.cadence import QUARTER, Every, Unit, cycle_containing
from rules.calendar import ONE_DAY
from rules.entries import Article, Duty
from rules.fields import write_span
from rules.lines import Path, lines_of
from rules.rulebook import Rulebook, load

NUMBERS: Final = (
    *("every", "count", "in_province", "out_of_province", "times", "within", "at_most", "after_closing", "amount"),
    *("work_hours", "work_days", "workdays", "within_workdays", "hours", "shown_minutes", "before", "after"),
    *("percent", "appeal_workdays", "link_days", "fewest"),
)
"""The keys of the rulebook whose number may be changed in the chat. Who, whom and how stay with whoever edits the file."""
FIXED: Final = frozenset((rule, "every") for rule in ("R22.1", "R14.6", "R14.7", "R14.8b", "R17.7", "R17.10", "R7.6"))
"""Where the product itself goes by the month, the quarter or the year."""
CADENCE: Final = frozenset({"every", "count"})
"""Numbers of a duty, which change from one period to the next and never within one."""


class CanNotEditError(ValueError):
    """The value stands in the file in a way that only a person can edit."""


@dataclass(frozen=True)
class Number:
    """One number of one row, as it is written in the rulebook."""

    rule: str
    key: str
    written: str


def numbers(entry: Article) -> list[Number]:
    """Those of a row that may be changed, in the order in which people think of them."""
    known = (key for key in NUMBERS if key in type(entry).model_fields and (entry.id, key) not in FIXED)
    return [Number(entry.id, key, written(getattr(entry, key))) for key in known]


def number(book: Rulebook, rule: str, key: str) -> Number | None:
    """None where the company has no such row, or the row no such number."""
    found = (each for entry in book.entries if entry.id == rule for each in numbers(entry))
    return next((each for each in found if each.key == key), None)


def written(value: Any) -> str:
    """As people read it and type it: 2, 36h, 7 days, 1 week."""
    return write_span(value) if isinstance(value, timedelta) else str(value)


_UNITS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("小时", "个小时", "h", "hour", "hours"), "h"),
    **dict.fromkeys(("天", "日", "day", "days"), " day"),
    **dict.fromkeys(("周", "个周", "星期", "个星期", "week", "weeks"), " week"),
    **dict.fromkeys(("月", "个月", "month", "months"), " month"),
    **dict.fromkeys(("季", "季度", "个季度", "quarter", "quarters"), "quarter"),
    **dict.fromkeys(("年", "year", "years"), " year"),
    **dict.fromkeys(("", "次", "个", "元"), ""),
}
_TYPED: Final = re.compile(r"(?:每)?\s*(\d{1,12})?\s*([^\d\s]*)")


def normalised(text: str) -> str:
    """What was typed, in the words of the rulebook where it is understood: 36小时 → 36h, 每周 → 1 week; else as it is."""
    plain = unicodedata.normalize("NFKC", text).strip().lower().replace("两", "2").replace("一", "1")
    found = _TYPED.fullmatch(plain)
    unit = _UNITS.get(found[2]) if found else None
    if found is None or unit is None or not (found[1] or unit):
        return plain
    count = int(found[1] or 1)
    if unit == "quarter":
        return f"{QUARTER * count} months"
    return f"{count}{unit}{'s' if unit.startswith(' ') and count > 1 else ''}"


def edited(text: str, rule: str, key: str, value: str) -> str:
    """The rulebook with that number, and checked as `keguan check` does. Raises `RulebookError`, `CanNotEditError`."""
    path = _path(tomllib.loads(text), rule)
    if path is None:
        raise CanNotEditError(rule)
    line = _toml(text, path, key, value)
    new = _with_line(text, path, key, line)
    load(new)
    if tomllib.loads(new) != _with_value(tomllib.loads(text), (*path, key), tomllib.loads(f"v = {line}")["v"]):
        raise CanNotEditError(rule)
    return new


def _toml(text: str, path: Path, key: str, value: str) -> str:
    """A number bare, words in quotes. What stands there already says which; else what was typed."""
    before = _at(tomllib.loads(text), (*path, key))
    bare = value.isascii() and value.isdecimal() and not isinstance(before, str)
    return value if bare else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _with_line(text: str, path: Path, key: str, value: str) -> str:
    places, rows = lines_of(text), text.splitlines(keepends=True)
    at = places.get((*path, key))
    if at is None:
        return _inserted(rows, places[*path, "id"], key, value)
    row = re.fullmatch(rf'(\s*{key}\s*=\s*)("(?:\\.|[^"\\])*"|\'[^\']*\'|\d[\d_]*)(\s*(?:#.*)?\r?\n?)', rows[at - 1])
    if row is None:
        raise CanNotEditError(key)
    rows[at - 1] = f"{row[1]}{value}{row[3]}"
    return "".join(rows)


def _inserted(rows: list[str], at: int, key: str, value: str) -> str:
    """Not written yet, because it was as the product takes it: right below the row's name."""
    end = "\r\n" if rows[at - 1].endswith("\r\n") else "\n"
    if not re.match(r"\s*id\s*=", rows[at - 1]) or not rows[at - 1].endswith("\n"):
        raise CanNotEditError(key)
    return "".join([*rows[:at], f"{key} = {value}{end}", *rows[at:]])


def _path(data: Any, rule: str, path: Path = ()) -> Path | None:
    """Where the row of that name stands."""
    if isinstance(data, dict):
        if data.get("id") == rule and "article" in data:
            return path
        inner: Iterator[tuple[str | int, Any]] = iter(data.items())
    elif isinstance(data, list):
        inner = iter(enumerate(data))
    else:
        return None
    found = (_path(value, rule, (*path, name)) for name, value in inner)
    return next((each for each in found if each is not None), None)


def _at(data: Any, path: Path) -> Any:
    for part in path:
        if isinstance(data, dict) and part not in data:
            return None
        data = data[part]
    return data


def _with_value(data: Any, path: Path, value: Any) -> Any:
    new = deepcopy(data)
    _at(new, path[:-1])[path[-1]] = value
    return new


def line_of(text: str, rule: str, key: str) -> int:
    """Where the number stands, or its row."""
    path, places = _path(tomllib.loads(text), rule) or (), lines_of(text)
    return places.get((*path, key)) or places[path]


def first_days(entry: Article, key: str, today: date, count: int = 3) -> list[date]:
    """From when a new number may hold: a duty's from the first day of a period to come, others from any day to come."""
    if isinstance(entry, Duty) and key in CADENCE:
        found, day = [], today
        every = Every(1, Unit.YEAR) if entry.every.unit is Unit.YEAR else entry.every
        for _ in range(count):
            day = cycle_containing(every, day, day).last + ONE_DAY
            found.append(day)
        return found
    month = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return sorted({today + ONE_DAY, month})


def first_day_from(entry: Article, key: str, day: date, today: date) -> date:
    """The first day on which it may begin that is not before that one."""
    day = max(day, today + ONE_DAY)
    return first_days(entry, key, day - ONE_DAY, 1)[0] if isinstance(entry, Duty) and key in CADENCE else day
