"""A real `keguan run` with a secret wherever one can be, and somebody who reads along all that it writes outside its database."""

from __future__ import annotations

import asyncio
import base64
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

from sqlalchemy import make_url
from sqlmodel import Session

from models import rulebooks
from models.invitations import invite
from models.people import SINCE_EVER, Assignment, Staff, company, key
from models.store import Store
from rules.roles import Role
from simulator.server import Server, serve
from simulator.telegram import Telegram
from tests.company import PEOPLE, move_in
from tests.conftest import ROOT, TOKEN
from tests.listener import SECRET, Listener, listening
from tests.servers import a_house

PATIENCE = 20
PASSWORD, PROXY, HOOK = "the p@ssw:rd/of+the database", "the-p@ss:word/of the proxy", "the-secret-word-of-the-hook"
HOOK_PATH, DEAD = "the-secret-path-of-the-hook", "the-secret-path-of-the-dead-man"
WRONG_CODE = "a-code-that-was-never-given"
NEWCOMER = 5001
NAME, PHONE, WORDS = "欧阳秋实", "13711112222", "胶管甲密诉"
FILE, CAPTION, AUTHOR, CONTACT = "慕容家书", "照片乙密注", "上官转述", "司徒名片"
POISON = "poison-of-the-customer-7781"
PERSONAL: Final = (
    *(NAME, PHONE, WORDS, FILE, CAPTION, AUTHOR, CONTACT, POISON, "13622223333"),
    *("华航橡胶", "张工", "13800138001", "安然", "飞翼制造", "刘主任"),
)
OWN: Final = ("keguan.db", "keguan.db-wal", "keguan.db-shm", "keguan.key", "config.toml")
"""Where secrets and what was said are meant to be."""


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def _free_port() -> int:
    server = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with server:
        return int(server.sockets[0].getsockname()[1])


@dataclass
class Site:
    folder: Path
    telegram: Telegram
    server: Server
    listener: Listener
    url: str
    code: str
    """An invitation that somebody may use."""

    @property
    def config(self) -> Path:
        return self.folder / "config.toml"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        with (self.folder / "said.txt").open("wb") as said:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tests.guard.loud", "run"),
                cwd=self.folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), "RUNTIME_DIRECTORY": str(self.folder)},
                stdout=said,
                stderr=said,
            )
            try:
                yield process
            finally:
                if process.returncode is None:
                    process.kill()
                await process.wait()

    def said(self) -> str:
        return (self.folder / "said.txt").read_text(encoding="utf-8")

    async def sees(self, text: str, user: int = 1001) -> None:
        """Wait until this person's phone shows the words."""
        await until(lambda: any(text in each.text for each in self.telegram.chat(user) if each.by_bot))

    async def logs(self, text: str) -> None:
        await until(lambda: text in self.said())

    def heard(self, *more: str) -> Iterator[tuple[str, bytes]]:
        """All that left the house but by Telegram, by where it was found."""
        yield "alarms", "\n".join(self.listener.heard).encode()
        yield "commands", "\n".join(more).encode()
        for path in self.folder.rglob("*"):
            if path.is_file() and path.name not in OWN:
                yield path.name, path.read_bytes()

    def secrets(self) -> Iterator[tuple[str, bytes]]:
        """Every secret, and each form in which it may be written."""
        key = (self.folder / "keguan.key").read_bytes().strip()
        raw = base64.b64decode(key)
        yield from (("key", form) for form in (key, raw, raw.hex().encode(), base64.urlsafe_b64encode(raw)))
        texts = {"token": TOKEN, "half the token": TOKEN.partition(":")[2], "proxy": PROXY, "hook": HOOK}
        texts |= {
            "hook's path": HOOK_PATH,
            "dead man": DEAD,
            "alarm": SECRET,
            "code": self.code,
            "wrong code": WRONG_CODE,
        }
        texts |= {"database": make_url(self.url).password or PASSWORD}
        for name, text in (*texts.items(), *((each, each) for each in PERSONAL)):
            for form in {text, quote(text), quote(text, safe=""), text.encode("ascii", "backslashreplace").decode()}:
                yield name, form.encode()

    def leaks(self, *more: str) -> list[str]:
        return sorted(
            {f"{name} in {where}" for where, what in self.heard(*more) for name, form in self.secrets() if form in what}
        )


@asynccontextmanager
async def site_on(database: str, folder: Path) -> AsyncIterator[Site]:
    """The company of the tests moves in today; on PostgreSQL the database has a password, on SQLite Telegram calls a webhook."""
    url = make_url(database)
    if url.get_backend_name() == "postgresql":
        url = url.set(password=PASSWORD)
    address = url.render_as_string(hide_password=False)
    telegram = Telegram(lambda: datetime.now(UTC), token=TOKEN)
    for number, name, user, _ in PEOPLE.values():
        telegram.person(user, name, role=number)
        telegram.world().private(telegram.people[user]).silent = None
    telegram.person(NEWCOMER, "路人")
    server = await serve(telegram)
    code = moved_in(address)
    async with listening() as listener:
        port = await _free_port()
        (folder / "config.toml").write_text(written(folder, address, server, listener, port), encoding="utf-8")
        yield Site(folder, telegram, server, listener, address, code)
    await server.close()


def moved_in(address: str) -> str:
    text, now = (ROOT / "rulebook.toml").read_text(encoding="utf-8"), datetime.now(UTC)
    store = Store(address)
    store.upgrade()
    version = store.run_here(rulebooks.remember, text, now)
    store.run_here(move_in, a_house(text, version), now)
    code = store.run_here(_invited, now)
    store.close()
    return code


def _invited(session: Session, now: datetime) -> str:
    staff = Staff(number="N01", name="新人")
    session.add(staff)
    session.flush()
    session.add(
        Assignment(staff_id=key(staff), role=Role.SALESPERSON, unit_id=key(company(session)), starts=SINCE_EVER)
    )
    return invite(session, staff, now)


def written(folder: Path, address: str, server: Server, listener: Listener, port: int) -> str:
    """The simulator is its own proxy: one that is asked for an address of its own answers it."""
    host = server.base_url.removeprefix("http://").partition("/")[0]
    mode = "polling" if address.startswith("postgresql") else "webhook"
    return f"""
[telegram]
token = "{TOKEN}"
base_url = "{server.base_url}"
proxy_url = "http://clerk:{quote(PROXY, safe="")}@{host}"
mode = "{mode}"
webhook_url = "http://127.0.0.1:{port}/{HOOK_PATH}"
webhook_listen = "127.0.0.1:{port}"
secret_token = "{HOOK}"
[database]
url = "{address}"
[alarm]
urls = ["{listener.address}"]
dead_man_url = "http://127.0.0.1:{listener.port}/{DEAD}"
[secrets]
key_file = "{folder / "keguan.key"}"
[backup]
folder = "{folder / "backups"}"
[rulebook]
path = "{ROOT / "rulebook.toml"}"
"""
