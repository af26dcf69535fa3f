"""What the company promises a message that meets trouble on its way. Written from the promise; the sender is not asked.

`fate` works out what must have come of a case in the end. It knows two tables: what each trouble means, and which messages
are too important to be left in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import repeat

STRONG = ("escalation", "receipt")
WEAK = ("reply", "reminder", "digest")
MOST_REPEATS = 2
"""An important message that may have arrived is said again so often; then the next in line hears it."""


class Means(StrEnum):
    """What a trouble tells about the message it struck."""

    LATE = "answered late"
    DOUBT = "may have arrived"
    LATER = "surely not sent"
    NOBODY = "nobody there"
    REFUSED = "refused for good"
    REVOKED = "token revoked"
    MOVED = "the chat moved"


@dataclass(frozen=True)
class Trouble:
    """`arrives`: the person sees the message all the same."""

    means: Means
    arrives: bool = False


TROUBLES = {
    "slow": Trouble(Means.LATE, arrives=True),
    "accept_then_hang": Trouble(Means.DOUBT, arrives=True),
    "accept_then_reset": Trouble(Means.DOUBT, arrives=True),
    "bad_gateway_after_accept": Trouble(Means.DOUBT, arrives=True),
    "garbage": Trouble(Means.DOUBT, arrives=True),
    "too_slow": Trouble(Means.DOUBT),
    "never_answer": Trouble(Means.DOUBT),
    "refuse": Trouble(Means.DOUBT),
    "server_error_html": Trouble(Means.DOUBT),
    "flood": Trouble(Means.LATER),
    "connection_refused": Trouble(Means.LATER),
    "connect_timeout": Trouble(Means.LATER),
    "no_such_host": Trouble(Means.LATER),
    "proxy_refuses": Trouble(Means.LATER),
    "forbidden": Trouble(Means.NOBODY),
    "blocked": Trouble(Means.NOBODY),
    "account_closed": Trouble(Means.NOBODY),
    "chat_not_found": Trouble(Means.NOBODY),
    "bad_request": Trouble(Means.REFUSED),
    "unauthorized": Trouble(Means.REVOKED),
    "migrate": Trouble(Means.MOVED),
}
NETWORK = ("connection_refused", "connect_timeout", "no_such_host", "proxy_refuses")
"""Nothing at all gets through."""
STANDING = ("blocked", "account_closed", "chat_not_found")
"""Not an accident of one request: it lasts until people change it."""
SCRIPTED = tuple(name for name in TROUBLES if name not in (*NETWORK, *STANDING))


class Act(StrEnum):
    MESSAGE = "a message"
    MIDDLE = "the second of three messages"
    EDIT = "an edit of a card"
    FILE = "a file"


@dataclass(frozen=True)
class Case:
    """The troubles strike one after the other, the last for ever if `lasting`; then the way is free."""

    kind: str
    act: Act
    troubles: tuple[str, ...]
    lasting: bool = False

    def __str__(self) -> str:
        once = " then ".join(self.troubles) + (" for ever" if self.lasting else "")
        return f"{self.act} ({self.kind}): {once}"

    def strikes(self) -> Iterator[str]:
        yield from self.troubles
        if self.lasting:
            yield from repeat(self.troubles[-1], MOST_REPEATS + 1)


@dataclass(frozen=True)
class Fate:
    """`plain` and `marked`: how often the person sees it as it is, and marked 「重发，可能重复」 with its number; `next`: how often
    the next in line does; `tries`: how often Telegram was asked, None where there is no end to it."""

    state: str
    plain: int = 0
    marked: int = 0
    next: int = 0
    tries: int | None = None


def fate(case: Case) -> Fate:
    strong = case.kind in STRONG and case.act in (Act.MESSAGE, Act.MIDDLE)
    copies: list[bool] = []
    doubts, tries = 0, 0

    def ends(state: str, heard: bool = False) -> Fate:
        counts = (len(copies) - sum(copies), sum(copies))
        if case.act is Act.EDIT:
            counts = (min(len(copies), 1), 0)  # drawn over the same message, however often
        return Fate(state, *counts, next=int(heard and strong), tries=tries or None)

    for name in case.strikes():
        trouble = TROUBLES[name]
        tries += 1  # noqa: SIM113 - one more after the last strike
        if trouble.arrives:
            copies.append(doubts > 0)
        match trouble.means:
            case Means.LATE:
                return ends("sent")
            case Means.NOBODY:
                return ends("failed", heard=True)
            case Means.REFUSED:
                return ends("failed")
            case Means.DOUBT if case.act is not Act.EDIT:
                doubts += 1
                if not strong or doubts > MOST_REPEATS:
                    return ends("uncertain", heard=True)
            case Means.MOVED:
                break  # the new place has no trouble of its own
    moved = TROUBLES[name].means is Means.MOVED
    if case.lasting and not moved:
        tries = 0
        return ends("waiting")
    tries += 1
    copies.append(doubts > 0)
    return ends("sent")
