"""Which deaths a sweep tries in one act, from what the act passes when nobody dies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from tests.guard.kill.points import EDGE
from tests.guard.kill.product import Death

Deaths = tuple[Death, ...]
"""One after the other in the same act, the later ones while the former's work is being recovered."""


@dataclass(frozen=True)
class Rehearsal:
    """The points that the act passes, and how many seconds it takes."""

    passed: list[str]
    seconds: float


Plan = Callable[[Rehearsal], list[Deaths]]


def at_points(edges: int, inside: int, act: Rehearsal) -> list[Deaths]:
    """At each `edges`-th edge, and at each `inside`-th point within a transaction."""
    edge = [number for number, kind in enumerate(act.passed, 1) if kind == EDGE]
    within = [number for number, kind in enumerate(act.passed, 1) if kind != EDGE]
    return [(Death(point),) for point in sorted([*edge[::edges], *within[::inside]])]


def at_random(count: int, seed: int, act: Rehearsal) -> list[Deaths]:
    """`count` times at any moment."""
    chance = Random(seed)
    return [(Death(seconds=chance.uniform(0, act.seconds)),) for _ in range(count)]


def in_recovery(stride: int, seed: int, act: Rehearsal) -> list[Deaths]:
    """At each `stride`-th edge, and again at any point of what comes after the restart."""
    chance = Random(seed)
    again = partial(chance.randint, 1, len(act.passed))
    return [(*first, Death(again())) for first in at_points(stride, len(act.passed), act)]


PLANS: dict[str, Callable[[int, int, Rehearsal], list[Deaths]]] = {
    "points": at_points,
    "random": at_random,
    "recovery": in_recovery,
}
