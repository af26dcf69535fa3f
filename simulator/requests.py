"""A bot's request, read and checked: aiogram's model of the method, and no parameter that Telegram doesn't know."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, get_args, get_origin

from aiogram import methods
from aiogram.types import BufferedInputFile
from pydantic import BaseModel, ValidationError

from simulator.errors import JSON, ApiError, bad_request
from simulator.keyboard import check_markup

Method: TypeAlias = type[methods.TelegramMethod[Any]]
Asked: TypeAlias = methods.TelegramMethod[Any]

METHODS: dict[str, Method] = {
    each.__api_method__.lower(): each
    for each in vars(methods).values()
    if isinstance(each, type) and issubclass(each, methods.TelegramMethod) and each is not methods.TelegramMethod
}
MISSING = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "message_id": "message identifier is not specified",
    "callback_query_id": "query is too old and response timeout expired or query ID is invalid",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "voice": "there is no voice in the request",
    "file_id": "file_id not specified",
}


def decoded(method: Method, params: Mapping[str, Any]) -> JSON:
    """Parameters as values: those that Telegram wants as JSON inside a form are parsed; empty ones are left out."""
    return {name: _value(method, name, value) for name, value in params.items() if value != ""}


def checked(method: Method, params: JSON, files: Mapping[str, BufferedInputFile]) -> Asked:
    """The request as aiogram's model; raises 400 for what Telegram would refuse, and for unknown parameters."""
    unknown = set(params) - set(method.model_fields)
    if unknown:
        raise bad_request(f"unknown parameter {min(unknown)}")
    for name in ("text", "caption"):
        _check_utf8(params.get(name, ""))
    if "reply_markup" in params:
        check_markup(params["reply_markup"], inline_only=method.__api_method__.startswith("edit"))
    try:
        return method.model_validate(params | _attached(params, files))
    except ValidationError as error:
        raise _explained(error) from error


def _value(method: Method, name: str, value: Any) -> Any:
    if not (isinstance(value, str) and name in method.model_fields and _is_json(method, name)):
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {name} JSON object") from error


@functools.cache
def _is_json(method: Method, name: str) -> bool:
    """Whether a field takes an object or a list, and no plain string."""
    kinds = set(_kinds(method.model_fields[name].annotation))
    return str not in kinds and any(kind is list or issubclass(kind, BaseModel) for kind in kinds)


def _kinds(annotation: Any) -> Iterator[type]:
    if get_origin(annotation) is list:
        yield list
    elif get_args(annotation):
        for part in get_args(annotation):
            yield from _kinds(part)
    elif isinstance(annotation, type):
        yield annotation


def _attached(params: JSON, files: Mapping[str, BufferedInputFile]) -> JSON:
    """Uploads under their own names, and those that a parameter, or the medium within it, names as attach://part."""
    named = {name: upload for name, value in params.items() if (upload := _upload(value, files))}
    media = params.get("media")
    if isinstance(media, dict) and (upload := _upload(media.get("media"), files)):
        return {"media": {**media, "media": upload}}
    return {**files, **named}


def _upload(value: object, files: Mapping[str, BufferedInputFile]) -> BufferedInputFile | None:
    return files.get(value.removeprefix("attach://")) if isinstance(value, str) and "://" in value else None


def _check_utf8(text: Any) -> None:
    try:
        str(text).encode()
    except UnicodeEncodeError as error:
        raise bad_request("strings must be encoded in UTF-8") from error


def _explained(error: ValidationError) -> ApiError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else "request"
    if first["type"] == "missing":
        return bad_request(MISSING.get(name, f"{name} is empty"))
    return bad_request(f"can't parse {name}: {first['msg']}")
