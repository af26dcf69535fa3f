"""Where a process may die: before each transaction, each statement and each commit, before and after each request.

Nothing in the product knows of this: the points hang on SQLAlchemy's events and on python-telegram-bot's request class.
What lies between two of them touches memory only, which dies with the process.
"""

from __future__ import annotations

import os
import signal
import ssl
import sys
from functools import partial
from typing import Any

from httpx_aiohttp import AiohttpTransport
from sqlalchemy import Engine, event
from telegram import Bot
from telegram.request import HTTPXRequest

from bot.wire import files_at

NO_TLS = ssl.create_default_context()
"""Made once, before the forks: each new one costs 15 ms."""
EDGE, INSIDE = "edge", "inside"
"""Between two transactions or around a request, where what is stored or said differs from the point before; and inside a
transaction, where every death ends in the same rollback."""


DEEDS = {
    *("open", "os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "os.truncate"),
    *("shutil.copyfile", "sqlite3.connect", "subprocess.Popen"),
}
"""What Python tells an audit hook before it is done."""


class Points:
    """Notes the points that were passed and kills this process at the `last` of them, the first being 1; None lets it live."""

    def __init__(self, last: int | None) -> None:
        self.last = last
        self.passed: list[str] = []

    def passes(self, kind: str) -> None:
        self.passed.append(kind)
        if len(self.passed) == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, engine: Engine) -> None:
        for name, kind in (
            ("begin", EDGE),
            ("before_cursor_execute", INSIDE),
            ("commit", INSIDE),
            ("rollback", INSIDE),
        ):
            event.listen(engine, name, partial(self._on, kind))

    def watch_everything(self) -> None:
        """Every engine of this process, and what it does to files and other programs. It can't be taken back."""
        event.listen(Engine, "begin", partial(self._on, EDGE))
        event.listen(Engine, "before_cursor_execute", partial(self._on, INSIDE))
        event.listen(Engine, "commit", partial(self._on, INSIDE))
        sys.addaudithook(self._heard)

    def _heard(self, name: str, _: tuple[Any, ...]) -> None:
        if name in DEEDS:
            self.passes(EDGE)

    def _on(self, kind: str, *_: Any) -> None:
        self.passes(kind)

    def bot(self, token: str, base_url: str) -> Bot:
        files, watched = files_at(base_url), (Watched(self), Watched(self))
        return Bot(token, base_url, files, request=watched[0], get_updates_request=watched[1])


class Watched(HTTPXRequest):
    def __init__(self, points: Points) -> None:
        super().__init__(httpx_kwargs={"transport": AiohttpTransport(verify=NO_TLS)})
        self.points = points

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        self.points.passes(EDGE)
        answer = await super().do_request(*args, **kwargs)
        self.points.passes(EDGE)
        return answer
