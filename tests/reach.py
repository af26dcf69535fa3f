"""Who reaches how far with what, as tests/rules/reach.tsv has it: written from the company's rules, so that the gate is held to
something that it did not say itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rules.gate import Action
from rules.roles import Role

TABLE = Path(__file__).parent / "rules" / "reach.tsv"
ROLES = {
    "sal": Role.SALESPERSON, "head": Role.UNIT_HEAD, "vp": Role.VICE_PRESIDENT, "gm": Role.GENERAL_MANAGER,
    "ch": Role.CHAIRMAN, "sales": Role.SALES_DEPT, "qual": Role.QUALITY, "fin": Role.FINANCE, "tech": Role.TECHNICAL,
    "ent": Role.ENTERPRISE, "log": Role.LOGISTICS, "prod": Role.PRODUCTION, "off": Role.OFFICE, "leg": Role.LEGAL,
    "aud": Role.AUDIT, "sup": Role.SUPERVISION, "sec": Role.SECRETARY, "adm": Role.ADMIN,
}  # fmt: skip
LENT = frozenset(Role) - {Role.AUDIT, Role.SUPERVISION, Role.SECRETARY, Role.ADMIN}
"""What a substitute takes over; the others are trust in one person."""
WIDER = "-souva"
"""The letters of the table; each reaches what those before it reach."""


@dataclass(frozen=True)
class Row:
    letters: Mapping[Role, str]
    lent: bool
    """Whether a substitute does it for who is away."""

    def furthest(self, roles: Iterable[Role]) -> str:
        return max((self.letters[each] for each in roles), key=WIDER.index, default="-")


@cache
def table() -> dict[str, Row]:
    heading, *lines = (_cells(line) for line in _lines())
    names = heading[1 : len(ROLES) + 1]
    return {name.rstrip("*"): _row(names, cells, lent=not name.endswith("*")) for name, *cells in lines}


def row(action: Action) -> Row:
    return table()[action]


def _lines() -> Iterator[str]:
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _cells(line: str) -> list[str]:
    return [each for each in line.split() if each != "|"]


def _row(names: list[str], cells: list[str], *, lent: bool) -> Row:
    return Row({ROLES[name]: cell for name, cell in zip(names, cells, strict=False)}, lent)
