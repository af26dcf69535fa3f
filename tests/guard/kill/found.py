"""What a sweep found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Found:
    """`points`: how often somebody died once or more; `deaths`: how many died in all."""

    points: int = 0
    deaths: int = 0
    broken: list[str] = field(default_factory=list)

    def tries(self, what: str, outcome: Callable[[], tuple[int, list[str]]]) -> None:
        """`outcome` gives how many died and what is wrong then."""
        try:
            deaths, wrong = outcome()
        except EOFError:
            self.broken.append(f"{what}: the next did not live through it (the traceback is above)")
            return
        self.points += deaths > 0
        self.deaths += deaths
        self.broken += [f"{what}: {each}" for each in wrong]
