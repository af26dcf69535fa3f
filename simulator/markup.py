"""Telegram's HTML, read as strictly as its own server does, and a little more: an unescaped & is refused too.

Offsets in entities count UTF-16 units; offsets in complaints count bytes, as Telegram's do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from aiogram.types import MessageEntity

from simulator.errors import ApiError, bad_request

KINDS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "span": "spoiler",
    "tg-spoiler": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
ATTRIBUTES = re.compile(r"""\s+([a-z-]+)(?:=("[^"]*"|'[^']*'|[^\s"'>]+))?""", re.IGNORECASE)
TAG = re.compile(r"""<(/?)([a-z][a-z0-9-]*)((?:\s+[a-z-]+(?:=(?:"[^"]*"|'[^']*'|[^\s"'>]+))?)*)\s*>""", re.IGNORECASE)
ESCAPE = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));", re.IGNORECASE)
LINK = re.compile(r"(?:(?:https?|tg|ton)://\S+|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?:[/?#]\S*)?)$", re.IGNORECASE)
FOUND = (
    ("bot_command", re.compile(r"(?<![\w/<>@])/[a-zA-Z0-9_]{1,32}(?:@[a-zA-Z0-9_]{3,32})?(?![\w/])")),
    ("url", re.compile(r"https?://[^\s，。；）」]+")),
    ("mention", re.compile(r"(?<![\w@])@[a-zA-Z][a-zA-Z0-9_]{3,31}\b")),
    ("phone_number", re.compile(r"(?<![\w+-])(?:\+\d{1,3}[ -]?)?(?:1[3-9]\d{9}|0\d{2,3}-\d{7,8})(?![\w-])")),
)


@dataclass(frozen=True)
class Formatted:
    text: str
    entities: list[MessageEntity] = field(default_factory=list)


@dataclass(frozen=True)
class _Open:
    """A start tag that waits for its end."""

    tag: str
    kind: str | None
    offset: int
    url: str | None = None
    language: str | None = None


def units(text: str) -> int:
    """The length of a text as Telegram counts it: UTF-16 units."""
    return len(text) + sum(1 for char in text if ord(char) > 0xFFFF)


def read_html(source: str) -> Formatted:
    """The text and entities of Telegram HTML; raises 400 "can't parse entities: …" for anything else."""
    return trimmed(_Reader(source).read())


def trimmed(formatted: Formatted) -> Formatted:
    """Telegram cuts white space at both ends of a message; entities move along and empty ones go."""
    lead = units(formatted.text) - units(formatted.text.lstrip())
    text = formatted.text.strip()
    end = units(text)
    kept = []
    for entity in formatted.entities:
        start = min(max(entity.offset - lead, 0), end)
        stop = min(max(entity.offset + entity.length - lead, 0), end)
        if stop > start:
            kept.append(entity.model_copy(update={"offset": start, "length": stop - start}))
    return Formatted(text, sorted(kept, key=lambda each: (each.offset, -each.length)))


def with_found(formatted: Formatted) -> Formatted:
    """Add what Telegram finds by itself: commands, links, mentions and phone numbers outside other entities."""
    taken = [(each.offset, each.offset + each.length) for each in formatted.entities if each.type != "blockquote"]
    found = list(formatted.entities)
    for kind, pattern in FOUND:
        for match in pattern.finditer(formatted.text):
            start = units(formatted.text[: match.start()])
            stop = start + units(match[0])
            if all(stop <= left or start >= right for left, right in taken):
                taken.append((start, stop))
                found.append(MessageEntity(type=kind, offset=start, length=stop - start))
    return Formatted(formatted.text, sorted(found, key=lambda each: (each.offset, -each.length)))


def _cannot(why: str) -> ApiError:
    return bad_request(f"can't parse entities: {why}")


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.parts: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[MessageEntity] = []

    def read(self) -> Formatted:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "<":
                self._tag()
            elif char == "&":
                self._escape()
            else:
                self._plain()
        if self.open:
            raise _cannot(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return Formatted("".join(self.parts), self.entities)

    def _bytes(self) -> int:
        return len(self.source[: self.at].encode("utf-8", "surrogatepass"))

    def _add(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def _plain(self) -> None:
        stops = [place for place in (self.source.find("<", self.at), self.source.find("&", self.at)) if place >= 0]
        end = min(stops, default=len(self.source))
        self._add(self.source[self.at : end])
        self.at = end

    def _escape(self) -> None:
        match = ESCAPE.match(self.source, self.at)
        char = _character(match) if match else None
        if match is None or char is None:
            raise _cannot(f"Unexpected & at byte offset {self._bytes()}, write &amp;")
        self._add(char)
        self.at = match.end()

    def _tag(self) -> None:
        match = TAG.match(self.source, self.at)
        if match is None:
            raise _cannot(self._what_is_wrong())
        tag = match[2].lower()
        if match[1]:
            self._end(tag)
        else:
            self._start(tag, _attributes(match[3]))
        self.at = match.end()

    def _what_is_wrong(self) -> str:
        name = re.compile(r"</?([^\s>]*)").match(self.source, self.at)
        if name and name[1].lower() not in KINDS:
            return f'Unsupported start tag "{name[1]}" at byte offset {self._bytes()}'
        return f"Unclosed start tag at byte offset {self._bytes()}"

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag not in KINDS:
            raise _cannot(f'Unsupported start tag "{tag}" at byte offset {self._bytes()}')
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise _cannot(f'Tag "span" must have class "tg-spoiler" at byte offset {self._bytes()}')
        kind: str | None = KINDS[tag]
        if tag == "blockquote" and "expandable" in attributes:
            kind = "expandable_blockquote"
        url = attributes.get("href", "")
        if tag == "a" and not LINK.match(url):
            kind = None  # as the real one: text without a link, whatever the address was
        language = attributes.get("class", "").removeprefix("language-") if tag == "code" else None
        self.open.append(_Open(tag, kind, self.length, url or None, language or None))

    def _end(self, tag: str) -> None:
        if not self.open:
            raise _cannot(f"Unexpected end tag at byte offset {self._bytes()}")
        start = self.open.pop()
        if start.tag != tag:
            raise _cannot(
                f'Unmatched end tag at byte offset {self._bytes()}, expected "</{start.tag}>", found "</{tag}>"'
            )
        if start.kind and self.length > start.offset:
            self.entities.append(self._entity(start, start.kind))

    def _entity(self, start: _Open, kind: str) -> MessageEntity:
        length = self.length - start.offset
        if kind == "text_link":
            return MessageEntity(type=kind, offset=start.offset, length=length, url=start.url)
        return MessageEntity(type=kind, offset=start.offset, length=length, language=start.language)


def _character(escape: re.Match[str]) -> str | None:
    decimal, hexadecimal, name = escape.groups()
    if name:
        return NAMED.get(name)
    code = int(decimal) if decimal else int(hexadecimal, 16)
    return chr(code) if 0 < code < 0xD800 or 0xE000 <= code < 0x110000 else None


def _attributes(source: str) -> dict[str, str]:
    return {match[1].lower(): (match[2] or "").strip("\"'") for match in ATTRIBUTES.finditer(source)}
