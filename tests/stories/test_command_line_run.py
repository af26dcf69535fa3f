"""`keguan run` as processes: it works, it stops when told, there is one of it, and its log holds no secret."""

from __future__ import annotations

import asyncio
import io
import logging
import signal
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from bot import logs
from bot.config import Config, TelegramSection
from bot.leader import Pace, lead
from models.store import NotLeadingError, Store
from simulator.server import Server, serve
from simulator.telegram import Telegram
from tests.conftest import ROOT, TOKEN

QUICK = Pace(ask=0.1, beat=0.2, cut=1)
PATIENCE = 40


@dataclass
class Site:
    """A folder with a configuration for the database at hand, and a Telegram to talk to."""

    folder: Path
    telegram: Telegram
    server: Server

    async def keguan(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *words),
            cwd=self.folder,
            env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )

    async def typed(self, *words: str) -> tuple[int | None, str, str]:
        process = await self.keguan(*words)
        out, err = await process.communicate()
        return process.returncode, out.decode(), err.decode()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await self.keguan("run")
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
            await process.communicate()

    async def greeted(self) -> None:
        """Wait until a bot that has just begun to work says which commands it knows."""
        before = len(self.telegram.calls_of("setMyCommands"))
        await self.telegram.bell.until(lambda: len(self.telegram.calls_of("setMyCommands")) > before, PATIENCE)
        assert len(self.telegram.calls_of("setMyCommands")) > before


@asynccontextmanager
async def site_with(database: str, folder: Path) -> AsyncIterator[Site]:
    telegram = Telegram(lambda: datetime.now(UTC), token=TOKEN)
    server = await serve(telegram)
    (folder / "config.toml").write_text(
        f'[telegram]\ntoken = "{TOKEN}"\nbase_url = "{server.base_url}"\n'
        f'[database]\nurl = "{database}"\n[rulebook]\npath = "{ROOT / "rulebook.toml"}"\n',
        encoding="utf-8",
    )
    yield Site(folder, telegram, server)
    await server.close()


@pytest.fixture
async def site(empty_database: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_with(empty_database, tmp_path) as made:
        yield made


@pytest.fixture
async def small_site(tmp_path: Path) -> AsyncIterator[Site]:
    """On the embedded database: for what has nothing to do with databases."""
    async with site_with("sqlite:///keguan.db", tmp_path) as made:
        yield made


async def reads(process: asyncio.subprocess.Process, text: str) -> str:
    """What the process says on stderr, up to the line that holds the text."""
    assert process.stderr is not None
    said = ""
    async with asyncio.timeout(PATIENCE):
        while text not in said:
            line = await process.stderr.readline()
            assert line, f"ended without {text!r}:\n{said}"
            said += line.decode()
    return said


async def test_it_works_until_told_to_stop_and_starts_again_and_never_logs_the_token(site: Site) -> None:
    for how in (signal.SIGTERM, signal.SIGINT):
        async with site.running() as process:
            await site.greeted()
            process.send_signal(how)
            _, err = await asyncio.wait_for(process.communicate(), PATIENCE)
        assert process.returncode == 0
        assert "本公司" in err.decode()
        assert TOKEN.partition(":")[2] not in err.decode()
    assert stat.S_IMODE((site.folder / "keguan.key").stat().st_mode) == 0o600


async def test_a_second_process_refuses_or_waits_and_takes_over(site: Site) -> None:
    async with site.running() as first:
        await site.greeted()
        async with site.running() as second:
            if (site.folder / "keguan.db").exists():
                said = await reads(second, "另一个 keguan 正在用")
                assert "keguan.db.lock" in said
                assert await second.wait() == 2
                return
            await reads(second, "本进程待命")
            first.kill()
            await reads(second, "本进程接班")
            await site.greeted()


async def test_a_refused_token_ends_it_with_a_sentence(small_site: Site) -> None:
    text = (small_site.folder / "config.toml").read_text(encoding="utf-8")
    (small_site.folder / "config.toml").write_text(text.replace(TOKEN, "not-a-token"), encoding="utf-8")
    code, _, err = await small_site.typed("run")
    assert code == 2
    assert f"{small_site.server.base_url} 不接受这个令牌" in err
    assert "Traceback" not in err


async def test_check_and_invite_know_the_bots_name(small_site: Site) -> None:
    (small_site.folder / "staff.csv").write_text("工号,姓名,单位,角色\nS01,安然,一部,业务员\n", encoding="utf-8")
    name = f"{small_site.telegram.world().me.username}"
    code, out, _ = await small_site.typed("check")
    assert (code, f"✓ 令牌：@{name}（{small_site.server.base_url}）" in out) == (0, True)
    assert (await small_site.typed("import", "staff", "staff.csv"))[0] == 0
    _, out, _ = await small_site.typed("invite", "S01")
    assert f"或打开：https://t.me/{name}?start=" in out


async def test_check_says_what_is_wrong_with_the_token(small_site: Site) -> None:
    await small_site.server.close()
    code, out, _ = await small_site.typed("check")
    assert code == 1
    assert f"✗ 令牌：连不上 {small_site.server.base_url}" in out
    assert TOKEN.partition(":")[2] not in out


# The lead on PostgreSQL


@pytest.fixture
def cluster(store: Store) -> Store:
    if store.is_sqlite:
        pytest.skip("an embedded database has a lock file instead")
    return store


async def test_who_leads_keeps_the_lead_while_it_is_alive(cluster: Store) -> None:
    async with lead(cluster, "zh_CN", QUICK) as ours:
        beating = asyncio.create_task(ours.watch())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(3 * QUICK.cut), lead(cluster, "zh_CN", QUICK):
                pass
        assert not beating.done()
        beating.cancel()


async def test_a_leader_that_falls_silent_is_replaced_and_ends_when_it_wakes(cluster: Store) -> None:
    """Stopped or asleep, it would otherwise keep the lock for ever."""
    async with lead(cluster, "zh_CN", QUICK) as ours:
        async with asyncio.timeout(PATIENCE), lead(cluster, "zh_CN", QUICK):
            pass
        with pytest.raises(NotLeadingError):
            await ours.watch()


async def test_a_leader_whose_connection_is_cut_ends(cluster: Store) -> None:
    async with lead(cluster, "zh_CN", Pace(ask=0.1, beat=0.1, cut=30)) as ours:
        beating = asyncio.create_task(ours.watch())
        address = cluster.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = "
                "(SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        with pytest.raises(NotLeadingError):
            await asyncio.wait_for(beating, PATIENCE)


# The log


def test_the_log_holds_no_secret_in_messages_arguments_or_tracebacks() -> None:
    logger = logging.getLogger("tests.canary")
    telegram = TelegramSection(token=TOKEN, secret_token="a-webhook-secret")
    stream = io.StringIO()
    before = logging.getLogger().handlers[:], logging.getLogger().level
    logs.set_up(Config(telegram=telegram), stream)
    try:
        logger.warning("asked %s", f"https://api.telegram.org/bot{TOKEN}/getMe")
        logger.warning("a header: a-webhook-secret; another bot: 987654321:AAF-somebody-elses-token-012345")
        try:
            raise ValueError(TOKEN.replace(":", "%3A"))
        except ValueError:
            logger.exception("failed")
        assert logging.getLogger("httpx").getEffectiveLevel() == logging.WARNING
    finally:
        logging.basicConfig(handlers=before[0], level=before[1], force=True)
    text = stream.getvalue()
    assert "https://api.telegram.org/bot[…]/getMe" in text
    assert "ValueError: […]" in text
    for secret in (TOKEN, TOKEN.partition(":")[2], "a-webhook-secret", "AAF-somebody-elses"):
        assert secret not in text


async def test_a_running_bot_backs_up_and_holds_its_tongue_after_a_restore(small_site: Site) -> None:
    async with small_site.running() as process:
        assert "Traceback" not in await reads(process, "backup backups/keguan-")
        (made,) = (small_site.folder / "backups").iterdir()
        _, _, err = await small_site.typed("restore", f"backups/{made.name}", "--replace")
        assert "另一个 keguan 正在用" in err
    assert (await small_site.typed("restore", f"backups/{made.name}", "--replace"))[0] == 0
    async with small_site.running() as process:
        await reads(process, "发送暂停中")
