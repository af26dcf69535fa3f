"""Whoever reads the log, the alarms and what commands print learns no secret and no name, at DEBUG and in trouble."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from bot.commands import main
from models.store import Store, libpq_address
from tests.guard.eavesdropping import (
    AUTHOR,
    CAPTION,
    CONTACT,
    FILE,
    NAME,
    NEWCOMER,
    PATIENCE,
    PHONE,
    POISON,
    WORDS,
    WRONG_CODE,
    Site,
    site_on,
    until,
)

ANN, BOB = 1001, 1003
OTHERS = (1002, 1003, 1011, 1012, 1021, 1031, 1041, 1042)
FAULTS = (
    *("server_error_html", "garbage", "accept_then_reset", "bad_gateway_after_accept"),
    *("refuse", "bad_request", "forbidden", "flood"),
)
REFUSES = {
    "sqlite": (
        f"CREATE TRIGGER poison_{deed} AFTER {deed} ON draft WHEN NEW.answers LIKE '%{POISON}%'"
        " BEGIN SELECT RAISE(ABORT, 'refused'); END"
        for deed in ("INSERT", "UPDATE")
    ),
    "postgresql": (f"ALTER TABLE draft ADD CONSTRAINT poison CHECK (CAST(answers AS text) NOT LIKE '%{POISON}%')",),
}

CUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
async def site(empty_database: str, tmp_path: Path) -> AsyncIterator[Site]:
    async with site_on(empty_database, tmp_path) as made:
        yield made


async def talk(site: Site) -> None:
    """Everything in which people send something of their own."""
    telegram = site.telegram
    telegram.says(NEWCOMER, f"/start {WRONG_CODE}")
    telegram.says(NEWCOMER, f"/start {site.code}")
    await site.sees("新人", NEWCOMER)
    told = telegram.says(ANN, f"/complain 华航橡胶 胶管开裂，{WORDS}，{NAME} {PHONE}")
    await site.sees(WORDS)
    telegram.sends_photo(ANN, caption=CAPTION)
    telegram.sends_document(ANN, f"{FILE}.pdf")
    telegram.sends_voice(ANN, caption=CAPTION)
    telegram.sends_contact(ANN, CONTACT, "13622223333")
    telegram.forwards(ANN, WORDS, AUTHOR)
    telegram.edits(ANN, int(told["message_id"]), f"/complain 华航橡胶 {WORDS} {NAME}")
    telegram.says(BOB, "/find 申江液压")
    await site.sees("申江液压", BOB)  # what came before is handled


async def trouble(site: Site) -> None:
    """Telegram fails in each of its ways, for another person each, while something is said to them."""
    struck = []
    for kind, user in zip(FAULTS, OTHERS, strict=True):
        faults = site.telegram.faults
        struck.append(faults.add(kind=kind, method="sendMessage", times=1, chat_id=user, retry_after=1))
        site.telegram.says(user, f"/find {WORDS}")
    await until(lambda: all(each.struck for each in struck))


async def poison(site: Site) -> None:
    """What the database refuses, quoting the row, and what can't be read at all."""
    store = Store(site.url)
    with store.write() as session:
        for statement in REFUSES[session.get_bind().dialect.name]:
            session.execute(text(statement))
    store.close()
    site.telegram.says(ANN, f"/complain 飞翼制造 {POISON} {NAME}")
    await site.sees("没有保存")
    updates = site.telegram.world().updates
    updates.inject({"update_id": updates.next_id, "message": {"text": WORDS, "from": {"id": ANN, "first_name": NAME}}})
    updates.next_id += 1
    await site.logs("can't be read at all")


async def the_disk_is_full(site: Site, process: asyncio.subprocess.Process) -> None:
    before = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (4096, before[1]))
    site.telegram.says(BOB, f"/complain 申江液压 {WORDS * 300}")
    await site.listener.hears("数据库写不进去", PATIENCE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, before)
    await site.sees(WORDS, BOB)


def the_connections_are_cut(site: Site) -> None:
    address = libpq_address(make_url(site.url))
    with psycopg.connect(address) as other:
        other.execute(CUT)


async def commands(site: Site, capture: pytest.CaptureFixture[str]) -> str:
    """What an administrator types afterwards, with the token refused, and with nobody there."""
    typed = [("check",), ("audit",), ("backup", f"{site.folder / 'again.bak'}"), ("rules",)]
    for words in typed:
        await asyncio.to_thread(main, [*words, "--config", f"{site.config}"])
    await site.server.close()
    await asyncio.to_thread(main, ["check", "--config", f"{site.config}"])
    said = capture.readouterr()
    return said.out + said.err


async def test_nobody_who_reads_along_learns_anything(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    embedded = site.url.startswith("sqlite")
    async with site.running() as process:
        await until(lambda: bool(site.telegram.calls_of("setMyCommands")))
        await talk(site)
        await trouble(site)
        await poison(site)
        if embedded:
            await the_disk_is_full(site, process)
            site.telegram.revoke()
        else:
            await site.listener.hears("已搁置", PATIENCE)
            the_connections_are_cut(site)
        assert await asyncio.wait_for(process.wait(), PATIENCE) == 2
    if embedded:
        await site.listener.hears("拒绝了机器人的令牌")
    typed = await commands(site, capsys)
    assert "could not be handled" in site.said()
    assert "IntegrityError: […]" in site.said()
    assert typed.count("✓ 制度簿") == 2
    assert site.leaks(typed) == []
