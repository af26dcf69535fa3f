"""The table, generated: each trouble × class × act × once, twice, for ever, one after another."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from tests.guard.faults.promise import NETWORK, SCRIPTED, STANDING, STRONG, TROUBLES, WEAK, Act, Case, Means

HOW_OFTEN = ((1, False), (2, False), (1, True))
"""Once, twice, for ever."""
ACTS = (
    *((kind, Act.MESSAGE) for kind in (*STRONG, *WEAK)),
    *((kind, Act.EDIT) for kind in ("escalation", "reply")),
    ("reply", Act.FILE),
)
"""Every class has messages; the card drawn anew may have been of any class; files are replies."""


def table() -> list[Case]:
    return [*_scripted(), *_middle(), *_network(), *_standing()]


def brief() -> list[Case]:
    """The table without what teaches little more: twice where it is given up after once, a network that is away for ever, and an
    answer that is too slow, which is as good as none."""
    return [case for case in table() if not _dull(case)]


def _dull(case: Case) -> bool:
    twice = len(case.troubles) == 2
    return (
        "too_slow" in case.troubles
        or (twice and case.kind not in STRONG)
        or (case.lasting and case.troubles[0] in NETWORK)
    )


def in_a_row() -> list[Case]:
    """Two different troubles, one after the other, for the classes that must not be lost; also such as go on for ever."""
    troubles = [name for name in SCRIPTED if name not in ("slow", "migrate")]
    pairs = [pair for pair in product(troubles, troubles) if pair[0] != pair[1] and _survives(pair[0])]
    return [
        *(Case(kind, Act.MESSAGE, pair) for kind in STRONG for pair in pairs),
        *(Case("escalation", Act.MESSAGE, pair, lasting=True) for pair in pairs),
    ]


def examples(cases: list[Case]) -> list[Case]:
    """Of the troubles that mean the same, one."""
    first = {(each.means, each.arrives): name for name, each in reversed(TROUBLES.items()) if name in SCRIPTED}
    return [case for case in cases if all(name in first.values() for name in case.troubles)]


def _survives(trouble: str) -> bool:
    return TROUBLES[trouble].means in (Means.DOUBT, Means.LATER, Means.REVOKED)


def _scripted() -> Iterator[Case]:
    for trouble, (kind, act), (count, lasting) in product(SCRIPTED, ACTS, HOW_OFTEN):
        if trouble == "migrate" and (count > 1 or act is Act.EDIT):
            continue  # a chat moves once; and cards stand in private chats, which never move
        yield Case(kind, act, (trouble,) * count, lasting)


def _middle() -> Iterator[Case]:
    yield from (Case(kind, Act.MIDDLE, (trouble,)) for trouble in SCRIPTED for kind in (*STRONG, *WEAK))


def _network() -> Iterator[Case]:
    for trouble, (kind, act), (count, lasting) in product(NETWORK, ACTS, HOW_OFTEN):
        yield Case(kind, act, (trouble,) * count, lasting)


def _standing() -> Iterator[Case]:
    yield from (Case(kind, act, (trouble,), lasting=True) for trouble, (kind, act) in product(STANDING, ACTS))
