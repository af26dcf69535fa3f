"""The Bot API over HTTP: reads requests, lets faults strike, answers as Telegram does and logs every call."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from aiogram import methods as m
from aiogram.types import BufferedInputFile
from aiohttp import web

from simulator.errors import JSON, ApiError, bad_request, not_found
from simulator.faults import DONE_FIRST, Fault
from simulator.methods import Scene, perform
from simulator.requests import METHODS, checked, decoded
from simulator.telegram import Call, Telegram
from simulator.webhooks import Couriers
from simulator.world import World, dump

GATEWAY_PAGE = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
ERROR_PAGE = "<html><body><h1>500 Internal Server Error</h1></body></html>"
MOST_POLLED = 100
LONGEST_POLL = 50.0
"""Seconds that Telegram holds a getUpdates at most."""


@dataclass
class Asking:
    """A request as it came in; `params` are decoded values."""

    token: str
    method: str
    params: JSON = field(default_factory=dict)
    files: dict[str, BufferedInputFile] = field(default_factory=dict)


class BotApi:
    def __init__(self, telegram: Telegram, couriers: Couriers) -> None:
        self.telegram = telegram
        self.couriers = couriers

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/bot{token}/{method}", self.handle),
            web.post("/bot{token}/{method}", self.handle),
            web.get("/file/bot{token}/{path:.+}", self.file),
        ]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        asking = Asking(request.match_info["token"], request.match_info["method"])
        try:
            await _read(request, asking)
        except ApiError as error:
            return _respond(error.code, self._note(asking, error.body()))
        fault = self.telegram.faults.take(asking.method, asking.params)
        if fault:
            return await self._play(fault, request, asking)
        return _respond(*await self._answer(asking))

    async def file(self, request: web.Request) -> web.Response:
        try:
            stored = self.telegram.called_by(request.match_info["token"]).files.at(request.match_info["path"])
            if stored is None:
                raise not_found()
        except ApiError as error:
            return _respond(error.code, error.body())
        return web.Response(body=stored.content, content_type=stored.mime)

    async def _answer(self, asking: Asking) -> tuple[int, JSON]:
        try:
            result = await self._result(asking)
        except ApiError as error:
            return error.code, self._note(asking, error.body())
        return 200, self._note(asking, {"ok": True, "result": dump(result)})

    async def _result(self, asking: Asking) -> Any:
        world = self.telegram.called_by(asking.token)
        method = METHODS.get(asking.method.lower())
        if method is None:
            raise not_found()
        asked = checked(method, asking.params, asking.files)
        if isinstance(asked, m.GetUpdates):
            return await _poll(world, asked)
        result = perform(Scene(self.telegram, world), asked)
        if isinstance(asked, m.SetWebhook):
            self.couriers.serve(world)
        return result

    async def _play(self, fault: Fault, request: web.Request, asking: Asking) -> web.StreamResponse:
        refusal = fault.refusal()
        if refusal:
            return _respond(refusal.code, self._note(asking, refusal.body()))
        if fault.kind in DONE_FIRST:
            code, answer = await self._answer(asking)
            if fault.kind == "garbage":
                return web.Response(status=code, text=_cut_off(answer), content_type="application/json")
            return await _lose_answer(fault, request)
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return _respond(*await self._answer(asking))
        self._note(asking, None)
        return await _lose_answer(fault, request)

    def _note(self, asking: Asking, answer: JSON | None) -> JSON:
        self.telegram.calls.append(Call(asking.token, asking.method, asking.params, answer))
        return answer or {}


async def _poll(world: World, asked: m.GetUpdates) -> list[JSON]:
    world.updates.allow(asked.allowed_updates)
    limit = asked.limit or MOST_POLLED
    if not 1 <= limit <= MOST_POLLED:
        limit = MOST_POLLED
    return await world.updates.poll(asked.offset or 0, limit, min(float(asked.timeout or 0), LONGEST_POLL))


async def _read(request: web.Request, asking: Asking) -> None:
    raw: Mapping[str, Any] = request.query
    if request.method == "POST" and request.content_type == "application/json":
        raw = await _json(request)
    elif request.method == "POST":
        raw = {**request.query, **await request.post()}
    method = METHODS.get(asking.method.lower())
    for name, value in raw.items():
        if isinstance(value, web.FileField):
            with value.file as file:
                asking.files[name] = BufferedInputFile(file.read(), filename=value.filename)
        else:
            asking.params[name] = value
    if method:
        asking.method = method.__api_method__
        asking.params = decoded(method, asking.params)


async def _json(request: web.Request) -> JSON:
    try:
        body = await request.json()
    except ValueError as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("object expected as request body")
    return body


def _respond(code: int, body: JSON) -> web.Response:
    return web.Response(status=code, text=json.dumps(body, ensure_ascii=True), content_type="application/json")


def _cut_off(answer: JSON) -> str:
    """An answer that ends before its last signs, as one does whose connection broke: what it quotes is still in it."""
    return json.dumps(answer, ensure_ascii=False)[:-2]


async def _lose_answer(fault: Fault, request: web.Request) -> web.StreamResponse:
    """What reaches the bot instead of an answer."""
    if fault.kind == "bad_gateway_after_accept":
        return web.Response(status=502, text=GATEWAY_PAGE, content_type="text/html")
    if fault.kind == "server_error_html":
        return web.Response(status=500, text=ERROR_PAGE, content_type="text/html")
    if fault.kind in ("accept_then_hang", "never_answer"):
        await asyncio.Event().wait()  # until the bot gives up or the server closes: both cancel this handler
    _reset(request)
    return web.Response()


def _reset(request: web.Request) -> None:
    """Cut the connection with a TCP reset."""
    if request.transport is not None:
        link = request.transport.get_extra_info("socket")
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
