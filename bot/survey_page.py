"""A customer's way to answer a survey: a small page of our own, opened by a private link, behind the company's reverse proxy.

What is sent goes through the one writer, and the thanks come after it is committed. Where it could not be stored, the form comes
back as it was filled in, with a sentence that says so: nothing that was written is lost, and sent again it counts once.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web
from sqlalchemy.exc import OperationalError

from bot.clock import Clock
from bot.config import SurveyPageSection
from dialogue.survey_news import taken
from models import survey_links
from models.store import NotLeadingError, Store
from models.survey_links import Opened, Refusal
from papers.survey_page import HEADERS, LANGUAGES, Asked, Filled, Page, read
from rules.house import House

log = logging.getLogger(__name__)
TOKEN: Final = re.compile(r"[\w-]{20,64}", re.ASCII)
LARGEST: Final = 96 * 1024
"""Bytes of what is sent: eight free answers of a thousand Chinese characters, each of which takes nine."""
STATUS: Final[Mapping[Refusal, int]] = {
    Refusal.UNKNOWN: 404,
    Refusal.USED: 410,
    Refusal.EXPIRED: 410,
    Refusal.ENDED: 410,
}


@dataclass
class Throttle:
    """How often one visitor, and all together, may ask in a minute."""

    each: int = 30
    all: int = 600
    seconds: float = 60.0
    _seen: dict[str, deque[float]] = field(default_factory=dict)
    _all: deque[float] = field(default_factory=deque)

    def lets(self, who: str, at: float) -> bool:
        mine = self._seen.setdefault(who, deque())
        for times in (mine, self._all):
            while times and times[0] <= at - self.seconds:
                times.popleft()
        if len(mine) >= self.each or len(self._all) >= self.all:
            return False
        mine.append(at)
        self._all.append(at)
        if len(self._seen) > self.all:
            self._seen = {name: times for name, times in self._seen.items() if times and times[-1] > at - self.seconds}
        return True


class SurveyPage:
    """A small server on `survey_page.listen`; `news` is called when something was stored."""

    def __init__(
        self,
        config: SurveyPageSection,
        store: Store,
        house: Callable[[], House],
        clock: Clock,
        news: Callable[[], None],
        throttle: Throttle | None = None,
    ) -> None:
        self.config, self.store, self.house, self.clock, self.news = config, store, house, clock, news
        self.throttle = throttle or Throttle()
        app = web.Application(client_max_size=LARGEST, middlewares=[self._guarded])
        app.router.add_get("/s/{token}", self._shows)
        app.router.add_post("/s/{token}", self._takes)
        self._runner = web.AppRunner(app, access_log=None)

    async def open(self) -> None:
        """Where the address can't be had, the bot works on without the page."""
        if not self.config.url:
            return
        host, _, port = self.config.listen.rpartition(":")
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, int(port)).start()
        except OSError as error:
            log.error("the survey page could not be opened on %s: %s", self.config.listen, error.strerror)

    async def close(self) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Whatever comes of it, it is a page of ours, with our headers, and no more often than it should be."""
        try:
            if not self.throttle.lets(_visitor(request), asyncio.get_running_loop().time()):
                return self._word(request, "too_often", 429)
            response: web.StreamResponse = await handler(request)
        except web.HTTPRequestEntityTooLarge:
            return self._word(request, "too_large", 413)
        except web.HTTPException as other:
            return self._word(request, "unknown" if other.status == 404 else "bad", other.status)
        except (OperationalError, NotLeadingError):
            return self._word(request, "away", 503)
        except Exception:
            log.exception("the survey page could not answer")  # never with the path, in which the secret stands
            return self._word(request, "away", 500)
        return response

    async def _shows(self, request: web.Request) -> web.Response:
        found = await self.store.beside(self._look, request.match_info["token"])
        if isinstance(found, Refusal):
            return self._word(request, found.value, STATUS[found])
        return self._answer(self._page(request).form(found, Filled()))

    def _look(self, token: str) -> Asked | Refusal:
        if not TOKEN.fullmatch(token):
            return Refusal.UNKNOWN
        with self.store.read() as session:
            found = survey_links.opened(session, token, self.clock.now())
            return found if isinstance(found, Refusal) else _asked(found)

    async def _takes(self, request: web.Request) -> web.Response:
        token, page = request.match_info["token"], self._page(request)
        try:
            sent = {name: value for name, value in (await request.post()).items() if isinstance(value, str)}
        except (ValueError, LookupError):  # no form, or in letters that nobody knows
            return self._word(request, "bad", 400)
        found = await self.store.beside(self._look, token)
        if isinstance(found, Refusal):
            return self._word(request, found.value, STATUS[found])
        filled = read(found, sent)
        if filled.lacks(found) or filled.is_too_long:
            return self._answer(page.form(found, filled, "too_long" if filled.is_too_long else "missing"), 422)
        try:
            refusal = await self.store.run(taken, self.house(), token, filled.scores, filled.texts, self.clock.now())
        except (OperationalError, NotLeadingError):
            return self._answer(page.form(found, filled, "busy"), 503)
        if refusal is not None:
            return self._word(request, refusal.value, STATUS[refusal])
        self.news()
        return self._word(request, "thanks", 200)

    def _page(self, request: web.Request) -> Page:
        asked = request.query.get("lang", "")
        language = asked if asked in LANGUAGES else "zh" if self.house().language == "zh_CN" else "en"
        return Page(self.house(), language, self.clock.now())

    def _word(self, request: web.Request, message: str, status: int) -> web.Response:
        return self._answer(self._page(request).word(message), status)

    def _answer(self, text: str, status: int = 200) -> web.Response:
        return web.Response(text=text, status=status, content_type="text/html", charset="utf-8", headers=HEADERS)


def _asked(found: Opened) -> Asked:
    return Asked(found.campaign.survey.half, found.campaign.survey.questions)


def _visitor(request: web.Request) -> str:
    """Who asks: the other end, or where that is our own proxy, whom the proxy names last."""
    peer = request.remote or ""
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return named if named and ipaddress.ip_address(peer).is_private else peer
    except ValueError:
        return peer
