"""A stranger sends ten thousand messages, a hundred with each look at Telegram; somebody of the staff writes with each."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import func, select

from bench.trust.figures import Figures
from models.messages import Outbox
from tests.company import PEOPLE
from tests.poison import Poisoner
from tests.post import Post
from tests.servers import a_house, furnish, rulebook_text

HOW_MANY, AT_ONCE, STRANGER = 10_000, 100, 999
LONGEST = 10.0
"""Seconds within which a batch must be done: the next look brings as many again."""


@dataclass(frozen=True)
class Batch:
    answered: bool
    seconds: float


def measure() -> Figures:
    with tempfile.TemporaryDirectory(prefix="keguan-flood-") as folder:
        url, rulebook = f"sqlite:///{Path(folder) / 'keguan.db'}", rulebook_text()
        furnish(url, rulebook)
        post = Post(url, a_house(rulebook))
        batches = list(_batches(post))
        with post.store.read() as session:
            lines = session.exec(select(func.count()).select_from(Outbox).where(Outbox.chat_id == STRANGER)).one()
        post.store.close()
    return _figures(batches, lines)


def _batches(post: Post) -> Iterator[Batch]:
    poisoner = Poisoner(1, post.store)
    for number in range(HOW_MANY // AT_ONCE):
        flood = [poisoner.message(STRANGER, text=f"hello {number} {each}") for each in range(AT_ONCE)]
        staff = poisoner.message(PEOPLE["ann"][2], text="/menu")
        begun = time.monotonic()
        asyncio.run(post.take(*flood, staff))
        yield Batch(post.answered(staff["update_id"]), time.monotonic() - begun)


def _figures(batches: list[Batch], lines: int) -> Figures:
    slowest, seconds = max(each.seconds for each in batches), sum(each.seconds for each in batches)
    answered = sum(each.answered for each in batches)
    rows = {
        "messages of the stranger": f"{HOW_MANY:,}",
        "answers to them": f"{lines}",
        "messages of the staff meanwhile": f"{len(batches)}",
        "answered with their batch": f"{answered}",
        "the longest batch": f"{slowest:.2f} s",
        "messages a second": f"{HOW_MANY / seconds:,.0f}",
    }
    wrong = {
        f"the stranger got {lines} answers": lines != 1,
        f"{len(batches) - answered} of the staff waited for more than their batch": answered != len(batches),
        f"a batch took {slowest:.1f} s": slowest > LONGEST,
    }
    return Figures(
        title="A flood from a stranger",
        says="Ten thousand messages of somebody unknown get one line; whoever of the staff writes meanwhile is answered.",
        heads=("", "count"),
        rows=list(rows.items()),
        broken=[what for what, holds in wrong.items() if holds],
    )
