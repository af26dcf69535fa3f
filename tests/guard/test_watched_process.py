"""The watch around a whole process: `keguan run` with shorter seconds, a supervisor's socket, a listener outside Telegram."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.keeper import Keeper, age
from simulator.server import Server, serve
from simulator.telegram import Telegram
from tests.conftest import ROOT, TOKEN
from tests.listener import SECRET, Listener, listening

PATIENCE = 40


@dataclass
class Site:
    folder: Path
    telegram: Telegram
    server: Server
    listener: Listener
    supervisor: socket.socket

    @asynccontextmanager
    async def running(self, factor: float) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.guard.watched", str(factor)),
            cwd=self.folder,
            env={
                "PYTHONPATH": str(ROOT),
                "PYTHONIOENCODING": "utf-8",
                "NOTIFY_SOCKET": self.supervisor.getsockname(),
                "RUNTIME_DIRECTORY": str(self.folder),
            },
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def said(self, process: asyncio.subprocess.Process) -> str:
        _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
        return err.decode()

    async def hears(self, text: str) -> None:
        """The supervisor is told this."""
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(PATIENCE):
            while text not in (await loop.sock_recv(self.supervisor, 4096)).decode():
                pass

    def heard(self) -> list[str]:
        """What the supervisor was told since it last listened."""
        told = []
        with contextlib.suppress(BlockingIOError):
            while True:
                told.append(self.supervisor.recv(4096).decode())
        return told


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    telegram = Telegram(lambda: datetime.now(UTC), token=TOKEN)
    server = await serve(telegram)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        supervisor.setblocking(False)
        async with listening() as listener:
            (tmp_path / "config.toml").write_text(
                f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "{server.base_url}"\n'
                f'[alarm]\nurls = ["{listener.address}"]\n[rulebook]\npath = "{ROOT / "rulebook.toml"}"\n',
                encoding="utf-8",
            )
            yield Site(tmp_path, telegram, server, listener, supervisor)
    await server.close()


async def test_a_process_that_hears_nothing_any_more_ends_so_that_it_is_started_again(site: Site) -> None:
    """Pings as long as all is well; then none, an alarm, a line in the log, exit 1."""
    async with site.running(1 / 45) as process:
        await site.hears("READY=1")
        await site.telegram.bell.until(lambda: bool(site.telegram.calls_of("setMyCommands")), PATIENCE)
        await site.hears("WATCHDOG=1")
        assert age(str(site.folder)) < PATIENCE
        for method in ("getUpdates", "getMe"):
            site.telegram.faults.add(kind="never_answer", method=method, times=None)
        await site.listener.hears("收不到 Telegram 的消息")
        site.heard()
        said = await site.said(process)
        assert "WATCHDOG=1" not in site.heard()
    assert process.returncode == 1
    assert "receiver: no success for" in said
    assert "the process ends, to be started again" in said
    assert "进程已退出" in await site.listener.hears("receiver")
    for secret in (TOKEN.partition(":")[2], SECRET):
        assert secret not in said + "".join(site.listener.heard)


async def test_a_token_that_is_taken_back_is_heard_once_however_often_it_is_started_again(site: Site) -> None:
    async with site.running(1) as process:
        await site.telegram.bell.until(lambda: bool(site.telegram.calls_of("setMyCommands")), PATIENCE)
        site.telegram.revoke()
        await site.said(process)
    assert process.returncode == 2
    await site.listener.hears("拒绝了机器人的令牌")
    async with site.running(1) as process:
        await site.said(process)
    assert process.returncode == 2
    assert len(site.listener.heard) == 1


async def test_a_database_that_can_not_be_opened_is_heard_outside(site: Site) -> None:
    with (site.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[database]\nurl = "sqlite:///{site.folder}"\n')
    async with site.running(1) as process:
        await site.said(process)
    assert process.returncode == 2
    await site.listener.hears("数据库写不进去")


def test_a_supervisor_that_does_not_read_holds_nobody_up(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        keeper = Keeper({"NOTIFY_SOCKET": str(tmp_path / "notify")})
        for _ in range(2000):
            keeper.alive()
        assert supervisor.recv(4096) == b"WATCHDOG=1"


def test_without_a_supervisor_nothing_is_said_and_nothing_fails(tmp_path: Path) -> None:
    Keeper({}).alive()
    Keeper({"NOTIFY_SOCKET": str(tmp_path / "nobody"), "RUNTIME_DIRECTORY": str(tmp_path / "nowhere")}).alive()
    assert age(str(tmp_path)) == float("inf")


async def test_the_health_check_is_good_while_the_bot_is(tmp_path: Path) -> None:
    async def health() -> int | None:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot.health"),
            env=os.environ | {"PYTHONPATH": str(ROOT), "RUNTIME_DIRECTORY": str(tmp_path)},
        )
        return await process.wait()

    assert await health() == 1
    Keeper({"RUNTIME_DIRECTORY": str(tmp_path)}).alive()
    assert await health() == 0
    (tmp_path / "alive").write_text("1.0", encoding="ascii")
    assert await health() == 1
