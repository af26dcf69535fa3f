"""One leads, on SQLite by a lock file; and the loops of the product go on, or end, as they must."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.leader import lead
from bot.sentences import RefusedError
from bot.service import Service, _either
from models.store import NotLeadingError, Store
from tests.office import Office, quick_limiter

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


async def test_on_sqlite_the_second_is_refused_with_a_sentence(tmp_path: Path) -> None:
    one, other = (Store(f"sqlite:///{tmp_path / 'keguan.db'}") for _ in range(2))
    async with lead(one, "zh_CN"):
        with pytest.raises(RefusedError) as refused:
            async with lead(other, "zh_CN"):
                pass
    assert refused.value.key == "second_process"
    for each in (one, other):
        each.close()


@embedded
async def test_a_lost_lead_ends_the_running_product(office: Office) -> None:
    async def lost() -> None:
        raise NotLeadingError("no longer there")

    with pytest.raises(NotLeadingError):
        await asyncio.wait_for(office.service._steadily(lost), 0.5)


@embedded
async def test_a_loop_outlives_an_error(office: Office) -> None:
    went: list[int] = []

    async def stumbles() -> None:
        went.append(1)
        if len(went) == 2:
            raise NotLeadingError("enough")
        raise ValueError

    with pytest.raises(NotLeadingError):
        await asyncio.wait_for(office.service._steadily(stumbles), 10)


@embedded
async def test_starting_without_a_network_tries_on(office: Office) -> None:
    office.telegram.faults.add(kind="server_error_html", method="getMe", times=1)
    service = Service(office.service.config, office.store, office.house, office.clock, quick_limiter())
    await asyncio.wait_for(service._until_told(service.start), 20)
    assert len(office.telegram.calls_of("getMe")) > 2
    await service.stop()


@pytest.mark.parametrize("steps", range(4))
async def test_a_stop_in_the_moment_of_news_is_not_forgotten(steps: int) -> None:
    """However many steps of the loop lie between the two."""
    news = asyncio.Event()
    waiting = asyncio.create_task(_either(news, 10))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    news.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    if waiting.cancel():
        with pytest.raises(asyncio.CancelledError):
            await waiting
