"""What a part of the measurement has to say: a table of figures, and what did not hold."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from docs.markdown import table

PAGE = Path(__file__).parents[2] / "docs" / "trust.md"
TOP = (
    "# Trust: the figures\n\n"
    "<!-- Written by `make bench-trust` part by part; change bench/trust, not this page. -->\n\n"
    "What must hold stands beside the sweeps that try to break it, in `bench/trust/` and `tests/guard/`.\n"
    "Each part below is as its last run printed it.\n"
)


@dataclass(frozen=True)
class Figures:
    """`says` is what must hold, in one sentence; each of `broken` one case in which it did not."""

    title: str
    says: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    broken: Sequence[str] = field(default_factory=list)

    def text(self) -> str:
        verdict = f"{len(self.broken)} broken" if self.broken else "Nothing broken."
        return f"{self.says}\n\n{table(self.heads, self.rows)}\n\n{verdict}\n"


def machine() -> str:
    """How many processors, which system."""
    return f"{os.cpu_count()} × {platform.machine()}, {platform.system()}, Python {platform.python_version()}"


def keep(figures: Figures, now: datetime, page: Path = PAGE) -> None:
    """Put this part on the page, in place of its last run."""
    parts = _parts(page.read_text(encoding="utf-8")) if page.exists() else {}
    parts[figures.title] = f"{now:%Y-%m-%d} · {machine()}\n\n{figures.text()}"
    page.write_text("\n".join([TOP, *_sections(parts.items())]), encoding="utf-8")


def _parts(text: str) -> dict[str, str]:
    sections = text.split("\n## ")[1:]
    return {title: body for title, _, body in (each.partition("\n\n") for each in sections)}


def _sections(parts: Iterable[tuple[str, str]]) -> Iterable[str]:
    return (f"## {title}\n\n{body.rstrip()}\n" for title, body in sorted(parts))
