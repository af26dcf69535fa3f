"""Which column of a list is which: by its heading, by what is like it, by what stands under it. A guess, shown to be corrected."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Final

from models import import_customers, import_staff
from models.importing import Column, Layout, clean, code, plain_heading
from models.provinces import read_province
from rules.roles import read_role, read_tier

COLUMNS: Final[Mapping[str, Sequence[Column]]] = {
    "staff": import_staff.COLUMNS,
    "customers": import_customers.COLUMNS,
}
ALIKE: Final = 0.75
"""From which likeness two headings mean the same."""
MOSTLY: Final = 0.8
"""Of the filled cells under a heading, how many must look so."""
LOOKED_AT: Final = 50
NOWHERE: Final = -1
"""In place of a column's number: somebody said that the list has none."""
Rows = Sequence[Sequence[str]]


def kind_of(headings: Sequence[str], rows: Rows) -> str:
    """A list of staff or of customers, by which of the two more columns are known."""
    known = {kind: len(places(headings, rows, kind)) / len(columns) for kind, columns in COLUMNS.items()}
    needed = {kind: len(missing(kind, places(headings, rows, kind))) for kind in COLUMNS}
    return min(COLUMNS, key=lambda kind: (needed[kind], -known[kind]))


def places(headings: Sequence[str], rows: Rows, kind: str) -> dict[str, int]:
    """Where each of our columns seems to be: exact headings first, then the likest, then what stands under them."""
    found: dict[str, int] = {}
    free = {at: heading for at, heading in enumerate(headings) if heading.strip()}
    for fits in (_same, _contains, _alike):
        for column in COLUMNS[kind]:
            if column.key not in found:
                at = next((at for at, heading in free.items() if fits(heading, column)), None)
                if at is not None:
                    found[column.key] = at
                    del free[at]
    for name, looks in LOOKS[kind].items():
        if name not in found:
            at = next((at for at in _without_heading(headings, free, rows) if _mostly(rows, at, looks)), None)
            if at is not None:
                found[name] = at
                free.pop(at, None)
    return found


def missing(kind: str, found: Mapping[str, int]) -> list[Column]:
    """Required columns that are nowhere."""
    return [each for each in COLUMNS[kind] if each.required and found.get(each.key, NOWHERE) == NOWHERE]


def layout(headings: Sequence[str], found: Mapping[str, int]) -> Layout:
    used = {name: at for name, at in found.items() if 0 <= at < max(len(headings), 1)}
    unused = (clean(each) for at, each in enumerate(headings) if at not in used.values() and each.strip())
    return Layout(used, tuple(unused))


def _names(column: Column) -> list[str]:
    return [plain_heading(each) for each in (column.key, column.title, *column.names)]


def _same(heading: str, column: Column) -> bool:
    return plain_heading(heading) in _names(column)


def _contains(heading: str, column: Column) -> bool:
    """客户名称（全称）, 责任业务员工号: a name of ours of two characters or more begins or ends it."""
    plain = plain_heading(re.sub(r"[（(].*?[)）]", "", heading))
    return plain in _names(column) or any(
        len(each) > 2 and (plain.startswith(each) or plain.endswith(each)) for each in _names(column)
    )


def _alike(heading: str, column: Column) -> bool:
    plain = plain_heading(heading)
    return len(plain) > 2 and any(SequenceMatcher(None, plain, each).ratio() >= ALIKE for each in _names(column))


def _without_heading(headings: Sequence[str], free: Mapping[int, str], rows: Rows) -> list[int]:
    """Columns that are still to be had, those without any heading too."""
    width = max((len(each) for each in rows[:LOOKED_AT]), default=0)
    blank = [at for at in range(max(width, len(headings))) if at >= len(headings) or not headings[at].strip()]
    return [*free, *blank]


def _mostly(rows: Rows, at: int, looks: object) -> bool:
    cells = [clean(each[at]) for each in rows[:LOOKED_AT] if at < len(each) and each[at].strip()]
    if not cells or not callable(looks):
        return False
    return sum(bool(looks(each)) for each in cells) >= MOSTLY * len(cells)


LOOKS: Final[Mapping[str, Mapping[str, object]]] = {
    "staff": {"role": read_role},
    "customers": {
        "credit_code": lambda cell: re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{18}", code(cell).upper()),
        "province": read_province,
        "tier": read_tier,
        "name": lambda cell: re.search(r"(?:公司|厂|集团|研究院|研究所|学院|大学)$", cell),
    },
}
"""How the cells of a column look whose heading says nothing."""
