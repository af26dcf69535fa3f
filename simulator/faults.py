"""Failures played by script: what a network, a proxy or Telegram itself does to a bot on a bad day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from simulator.errors import ApiError, bad_request, conflict, forbidden, migrated, too_many, unauthorized

Kind: TypeAlias = Literal[
    "accept_then_hang",  # done, never answered
    "accept_then_reset",  # done, the connection reset instead of an answer
    "bad_gateway_after_accept",  # done, answered by a proxy's 502 page
    "garbage",  # done, answered 200 with something that is no JSON
    "slow",  # done and answered, after `seconds`
    "never_answer",  # not done, never answered
    "refuse",  # not done, the connection reset
    "server_error_html",  # not done, 500 with a page
    "flood",  # not done, 429 with `retry_after`
    "forbidden",  # not done, 403 bot was blocked by the user
    "bad_request",  # not done, 400
    "unauthorized",  # not done, 401
    "conflict",  # not done, 409
    "migrate",  # not done, 400 with migrate_to_chat_id = `new_chat_id`
]
KINDS: tuple[str, ...] = get_args(Kind)
DONE_FIRST = frozenset({"accept_then_hang", "accept_then_reset", "bad_gateway_after_accept", "garbage"})


@dataclass
class Fault:
    """Strikes calls of `method` to `chat_id` (None: any): lets `after` of them pass, then hits `times` (None: all)."""

    kind: Kind
    method: str | None = None
    times: int | None = 1
    chat_id: int | None = None
    after: int = 0
    retry_after: int = 5
    seconds: float = 1.0
    new_chat_id: int = 0
    struck: int = 0

    def matches(self, method: str, params: Mapping[str, Any]) -> bool:
        wanted = self.method is None or self.method.lower() == method.lower()
        return wanted and (self.chat_id is None or str(params.get("chat_id")) == str(self.chat_id))

    def strikes(self) -> bool:
        """Ask once for every matching call."""
        if self.after:
            self.after -= 1
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        self.struck += 1
        return True

    def refusal(self) -> ApiError | None:
        """The well-formed refusal that this fault answers with, if it is one."""
        return {
            "flood": too_many(self.retry_after),
            "forbidden": forbidden("bot was blocked by the user"),
            "bad_request": bad_request("simulated refusal"),
            "unauthorized": unauthorized(),
            "conflict": conflict(
                "terminated by other getUpdates request; make sure that only one bot instance is running"
            ),
            "migrate": migrated(self.new_chat_id),
        }.get(self.kind)


class Faults:
    def __init__(self) -> None:
        self.all: list[Fault] = []

    def add(
        self,
        *,
        kind: Kind,
        method: str | None = None,
        times: int | None = 1,
        chat_id: int | None = None,
        after: int = 0,
        retry_after: int = 5,
        seconds: float = 1.0,
        new_chat_id: int = 0,
    ) -> Fault:
        """Plan a fault; the answer's `struck` tells how often it has hit so far."""
        if kind not in KINDS:
            raise ValueError(f"no fault is called {kind!r}; known: {', '.join(KINDS)}")
        fault = Fault(kind, method, times, chat_id, after, retry_after, seconds, new_chat_id)
        self.all.append(fault)
        return fault

    def clear(self) -> None:
        self.all.clear()

    def take(self, method: str, params: Mapping[str, Any]) -> Fault | None:
        """The fault that strikes this call, the oldest first."""
        return next((fault for fault in self.all if fault.matches(method, params) and fault.strikes()), None)
