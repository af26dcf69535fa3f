"""The control API under /sim: the page's own, and the hand of tests that run in another process.

Every body is a JSON object; `token` in it (or in the query) names a bot other than this server's own.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, TypeAlias

from aiohttp import web

from simulator.clockwork import Clockwork
from simulator.errors import JSON, ApiError, bad_request, not_found
from simulator.people import Person
from simulator.phone import Phone
from simulator.telegram import Call, Telegram
from simulator.world import Chat, Kept, World, dump

LONGEST_WAIT = 30.0
UPCOMING = 12
Verb: TypeAlias = Callable[[Phone, JSON], Any]


def _document(phone: Phone, body: JSON) -> JSON:
    """A file of one's own, its `content` in base64; without one a sample."""
    if "content" not in body:
        return phone.sends_document()
    content = b64decode(body["content"], validate=True)
    return phone.sends_document(body["name"], content, mime=body.get("mime") or "application/octet-stream")


VERBS: dict[str, Verb] = {
    "say": lambda phone, body: phone.says(body["text"]),
    "press": lambda phone, body: {"query": phone.presses(int(body["message_id"]), body["data"])},
    "tap": lambda phone, body: {"query": phone.taps(body["label"])},
    "photo": lambda phone, body: phone.sends_photo(caption=body.get("caption")),
    "document": _document,
    "voice": lambda phone, body: phone.sends_voice(int(body.get("seconds", 4))),
    "location": lambda phone, body: phone.sends_location(
        float(body.get("latitude", 36.0671)), float(body.get("longitude", 120.3826))
    ),
    "contact": lambda phone, body: phone.sends_contact(
        body.get("name", "张工"), body.get("phone", "13800138000"), body.get("contact_id")
    ),
    "forward": lambda phone, body: phone.forwards(body["text"]),
    "edit": lambda phone, body: phone.edits(int(body["message_id"]), body["text"]),
    "block": lambda phone, body: phone.blocks_bot(),
    "unblock": lambda phone, body: phone.unblocks_bot(),
}


class Control:
    def __init__(self, telegram: Telegram, clockwork: Clockwork | None) -> None:
        self.telegram = telegram
        self.clockwork = clockwork

    def routes(self) -> list[web.RouteDef]:
        verbs = [web.post(f"/sim/{name}", self._doing(verb)) for name, verb in VERBS.items()]
        return [
            *verbs,
            web.get("/sim/state", self.state),
            web.get("/sim/file/{file_id}", self.file),
            web.get("/sim/calls", self.calls),
            web.get("/sim/clock", self.clock),
            web.post("/sim/clock", self.move_clock),
            web.post("/sim/person", self.person),
            web.post("/sim/group", self.group),
            web.post("/sim/fault", self.fault),
            web.delete("/sim/fault", self.clear_faults),
            web.post("/sim/inject", self.inject),
            web.post("/sim/revoke", self.revoke),
        ]

    # What the phones show

    async def state(self, request: web.Request) -> web.Response:
        """Everything that changed after version `since`; waits up to `wait` seconds for a change."""
        since = int(request.query.get("since", "0"))
        wait = min(float(request.query.get("wait", "0")), LONGEST_WAIT)
        bell = self.telegram.bell
        if since <= bell.rings:
            await bell.until(lambda: bell.rings > since, wait)
        return web.json_response(self._state(self._world(request.query.get("token")), since))

    def _state(self, world: World, since: int) -> JSON:
        return {
            "boot": self.telegram.boot,
            "version": self.telegram.bell.rings,
            "bot": dump(world.me),
            "now": self.clockwork.now().isoformat() if self.clockwork else None,
            "people": [_person(world, each) for each in self.telegram.people.values()],
            "chats": [_chat(each) for each in world.chats.values()],
            "messages": [
                _message(kept, chat.id)
                for chat in world.chats.values()
                for kept in chat.kept.values()
                if kept.version > since
            ],
            "toasts": [asdict(toast) for toast in world.toasts if toast.version > since],
        }

    async def file(self, request: web.Request) -> web.Response:
        stored = self._world(request.query.get("token")).files.find(request.match_info["file_id"])
        if stored is None:
            raise web.HTTPNotFound
        return web.Response(body=stored.content, content_type=stored.mime, headers={"Cache-Control": "max-age=3600"})

    # What people do

    def _doing(self, verb: Verb) -> Callable[[web.Request], Awaitable[web.Response]]:
        async def act(request: web.Request) -> web.Response:
            body = await _body(request)
            phone = self.telegram.phone(int(body["user"]), chat=body.get("chat"), token=body.get("token"))
            return _done(verb(phone, body))

        return act

    async def person(self, request: web.Request) -> web.Response:
        body = await _body(request)
        known = {key: body[key] for key in ("username", "language", "role", "role_en", "pinned") if key in body}
        return _done(asdict(self.telegram.person(int(body["id"]), body["name"], **known)))

    async def group(self, request: web.Request) -> web.Response:
        body = await _body(request)
        return _done({"chat": self.telegram.group(body["title"], body["members"], token=body.get("token"))})

    # What tests in another process want

    async def calls(self, request: web.Request) -> web.Response:
        """The log of requests, from the `since`-th on; `method` picks one kind."""
        since, method = int(request.query.get("since", "0")), request.query.get("method", "").lower()
        chosen = [call for call in list(self.telegram.calls)[since:] if method in ("", call.method.lower())]
        breaches = dict(self.telegram.limits.breaches)
        calls = [_call(each) for each in chosen]
        return _done({"calls": calls, "next": len(self.telegram.calls), "breaches": breaches})

    async def fault(self, request: web.Request) -> web.Response:
        return _done(asdict(self.telegram.faults.add(**await _body(request))))

    async def clear_faults(self, request: web.Request) -> web.Response:
        self.telegram.faults.clear()
        return _done(None)

    async def inject(self, request: web.Request) -> web.Response:
        """Queue the raw `update`, however wrong it is."""
        body = await _body(request)
        self._world(body.get("token")).updates.inject(body["update"])
        return _done(None)

    async def revoke(self, request: web.Request) -> web.Response:
        self.telegram.revoke((await _body(request)).get("token"))
        return _done(None)

    # The clock

    async def clock(self, request: web.Request) -> web.Response:
        return _done(await self._clock(request.query))

    async def move_clock(self, request: web.Request) -> web.Response:
        """Move by `seconds`, or with "to": "next" to the moment when something falls due."""
        works, body = self._works(), await _body(request)
        await works.advance(await _way_to_next(works) if body.get("to") == "next" else float(body["seconds"]))
        return _done(await self._clock(body))

    async def _clock(self, asked: Mapping[str, Any]) -> JSON:
        works = self._works()
        coming = await works.upcoming(UPCOMING, asked.get("language", "zh"))
        return {
            "now": works.now().isoformat(),
            "upcoming": [{"at": each.at.isoformat(), "text": each.text, "who": each.who} for each in coming],
        }

    def _works(self) -> Clockwork:
        if self.clockwork is None:
            raise not_found()
        return self.clockwork

    def _world(self, token: str | None) -> World:
        return self.telegram.world(token)


@web.middleware
async def errors_as_json(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """A wrong control request is answered with one sentence, never with a stack."""
    if not request.path.startswith("/sim/"):
        return await handler(request)
    try:
        return await handler(request)
    except ApiError as error:
        return web.json_response(error.body(), status=error.code)
    except (LookupError, ValueError, TypeError) as error:
        return web.json_response(bad_request(f"{type(error).__name__}: {error}").body(), status=400)


async def _body(request: web.Request) -> JSON:
    """Only JSON, so that a page of another origin can't post here without being asked first."""
    if request.content_type != "application/json":
        raise bad_request("application/json expected")
    body = await request.json()
    if not isinstance(body, dict):
        raise bad_request("object expected")
    return body


def _done(result: Any) -> web.Response:
    return web.json_response({"ok": True, "result": result})


async def _way_to_next(works: Clockwork) -> float:
    due: datetime | None = await works.next_due()
    return max((due - works.now()).total_seconds(), 0.0) if due else 0.0


def _person(world: World, person: Person) -> JSON:
    commands = [[each.command, each.description] for each in world.commands_for(person)]
    return {**asdict(person), "commands": commands}


def _chat(chat: Chat) -> JSON:
    return {
        "id": chat.id,
        "title": chat.face.title,
        "group": chat.is_group,
        "members": sorted(chat.members),
        "keys": chat.keys,
    }


def _message(kept: Kept, chat_id: int) -> JSON:
    if kept.deleted:
        return {"chat": chat_id, "id": kept.message.message_id, "deleted": True}
    bubble = kept.bubble()
    return {
        "chat": chat_id,
        "id": bubble.id,
        "at": bubble.at.isoformat(),
        "sender": bubble.sender,
        "name": bubble.name,
        "by_bot": bubble.by_bot,
        "text": bubble.text,
        "entities": dump(list(bubble.entities)),
        "buttons": [[asdict(button) for button in row] for row in bubble.buttons],
        "edits": bubble.edits,
        "attachment": asdict(bubble.attachment) if bubble.attachment else None,
    }


def _call(call: Call) -> JSON:
    return {"method": call.method, "params": call.params, "answer": call.answer}
