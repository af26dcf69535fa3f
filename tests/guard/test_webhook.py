"""The webhook at its wire: what is confirmed is stored, what is no update or not from Telegram is refused."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from io import BytesIO

import aiohttp
import pytest
from sqlalchemy import text
from sqlmodel import func, select

from bot.config import TelegramSection
from bot.webhook import HEADER, Webhook
from models.messages import Inbox
from tests.conftest import TOKEN
from tests.office import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SECRET = "the-secret"
UPDATE = json.dumps({"update_id": 7}).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Hook:
    office: Office
    address: str

    async def posts(self, body: bytes, secret: str = SECRET) -> int:
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.address, data=BytesIO(body), headers={HEADER: secret}) as answer,
        ):
            return answer.status

    def stored(self) -> int:
        with self.office.read() as session:
            return session.exec(select(func.count()).select_from(Inbox)).one()


@pytest.fixture
async def hook(office: Office) -> AsyncIterator[Hook]:
    address = f"127.0.0.1:{_free_port()}"
    telegram = TelegramSection(
        token=TOKEN, mode="webhook", webhook_url=f"http://{address}/hook", webhook_listen=address, secret_token=SECRET
    )
    service = office.service
    webhook = Webhook(telegram, office.store, office.clock, lambda: None, service.shortage)
    await webhook.open()
    await webhook.register(service.bot)
    yield Hook(office, f"http://{address}/hook")
    await webhook.close()


async def test_what_could_not_be_stored_is_not_confirmed(hook: Hook) -> None:
    for statement, status in (("inbox RENAME TO away", 503), ("away RENAME TO inbox", 200)):
        with hook.office.store.write() as session:
            session.execute(text(f"ALTER TABLE {statement}"))
        assert await hook.posts(UPDATE) == status
    assert hook.stored() == 1


async def test_without_the_secret_nothing_is_stored(hook: Hook) -> None:
    assert await hook.posts(UPDATE, "wrong") == 403
    assert hook.stored() == 0


async def test_a_body_that_is_too_large_is_refused(hook: Hook) -> None:
    assert await hook.posts(json.dumps({"update_id": 7, "x": "x" * 2**21}).encode()) == 413
    assert hook.stored() == 0


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "7"}', b'{"update_id": 7.5}', b"\xff"])
async def test_what_is_no_update_is_refused(hook: Hook, body: bytes) -> None:
    assert await hook.posts(body) == 400
    assert hook.stored() == 0
