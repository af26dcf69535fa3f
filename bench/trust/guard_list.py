"""What protects the product, piece by piece, with the test that notices when the piece is gone: tests/guard/guards/*.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
LISTS: Final = ROOT / "tests" / "guard" / "guards"


@dataclass(frozen=True)
class Guard:
    """`text` stands once in `file`; with `instead` in its place the guard is gone, and `test` has to fail."""

    name: str
    row: int
    """Of the twenty failures."""
    file: str
    text: str
    instead: str
    test: str
    """As pytest names it."""

    def removed_from(self, source: str) -> str:
        """Raises ValueError when the text is not there, or more than once."""
        if (times := source.count(self.text)) != 1:
            raise ValueError(f"{self.name}: the text stands {times} times in {self.file}")
        return source.replace(self.text, self.instead)


def guards() -> list[Guard]:
    """All of them, list by list."""
    return [
        Guard(**each)
        for file in sorted(LISTS.glob("*.toml"))
        for each in tomllib.loads(file.read_text(encoding="utf-8"))["guard"]
    ]
