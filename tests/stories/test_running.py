"""The product as it runs for real: its own loops, by polling and by webhook."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from bot.config import Config, SurveyPageSection, TelegramSection
from bot.service import Service
from tests.conftest import TOKEN, a_house
from tests.office import Office, quick_limiter


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_line_is_answered_by_the_running_service(office: Office, rulebook_text: str, mode: str) -> None:
    port = _free_port()
    telegram = TelegramSection(
        token=TOKEN,
        base_url=office.server.base_url,
        mode=mode,
        webhook_url=f"http://127.0.0.1:{port}/hook",
        webhook_listen=f"127.0.0.1:{port}",
        secret_token="the-secret",
    )
    page = SurveyPageSection(url="https://survey.example.com", listen=telegram.webhook_listen)
    config = Config(telegram=telegram, survey_page=page)
    service = Service(config, office.store, a_house(rulebook_text), office.clock, quick_limiter())
    running = asyncio.create_task(service.run())
    (ann,) = office.people("ann")
    office.telegram.says(ann.user, "/log 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方")
    await office.telegram.bell.until(lambda: ann.count("未保存") == 1, 10)
    office.telegram.taps(ann.user, "保存")
    await office.telegram.bell.until(lambda: ann.count("LX-2026-000001") == 1, 10)
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/s/x") as answer:
        # where the webhook has the address already, the bot works on without the page
        assert ("客户满意度调查" in await answer.text()) is (mode == "polling")
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_webhook_without_the_secret_is_refused(office: Office, rulebook_text: str) -> None:
    port = _free_port()
    telegram = TelegramSection(
        token=TOKEN,
        base_url=office.server.base_url,
        mode="webhook",
        webhook_url=f"http://127.0.0.1:{port}/hook",
        webhook_listen=f"127.0.0.1:{port}",
        secret_token="the-secret",
    )
    service = Service(Config(telegram=telegram), office.store, a_house(rulebook_text), office.clock, quick_limiter())
    running = asyncio.create_task(service.run())
    await office.telegram.bell.until(lambda: bool(office.telegram.calls_of("setWebhook")), 10)
    answers = []
    for secret in ("wrong", "the-secret"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /hook HTTP/1.1\r\nHost: x\r\nX-Telegram-Bot-Api-Secret-Token: {secret}\r\nContent-Length: 4\r\n\r\nnull"
        writer.write(head.encode())
        answers.append((await reader.readline()).split()[1])
        writer.close()
        await writer.wait_closed()
    assert answers == [b"403", b"400"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
