"""Files of one simulated bot: kept by file id, given out by path; and small samples for the page's attach menu."""

from __future__ import annotations

import hashlib
import struct
import zlib
from dataclasses import dataclass

from simulator.errors import bad_request

MOST_DOWN = 20_000_000
"""Bytes; a bot can fetch no larger file from Telegram."""


@dataclass(frozen=True)
class Stored:
    file_id: str
    unique_id: str
    path: str
    name: str
    mime: str
    content: bytes


class Files:
    def __init__(self) -> None:
        self._by_id: dict[str, Stored] = {}

    def add(self, kind: str, name: str, content: bytes, mime: str) -> Stored:
        number = len(self._by_id) + 1
        suffix = name.rpartition(".")[2] if "." in name else "bin"
        digest = hashlib.sha256(content + str(number).encode()).hexdigest()
        stored = Stored(
            file_id=f"SIM{kind[:2].upper()}{number}-{digest[:24]}",
            unique_id=f"SIM{digest[24:36]}",
            path=f"{kind}s/file_{number}.{suffix}",
            name=name,
            mime=mime,
            content=content,
        )
        self._by_id[stored.file_id] = stored
        return stored

    def find(self, file_id: str) -> Stored | None:
        return self._by_id.get(file_id)

    def all(self) -> list[Stored]:
        return list(self._by_id.values())

    def to_fetch(self, file_id: str) -> Stored:
        """The file that a bot asks for by id; raises 400 for an unknown one or more than 20 MB."""
        stored = self.find(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if len(stored.content) > MOST_DOWN:
            raise bad_request("file is too big")
        return stored

    def at(self, path: str) -> Stored | None:
        return next((each for each in self._by_id.values() if each.path == path), None)


def sample_photo(seed: int, width: int = 320, height: int = 200) -> bytes:
    """A PNG of soft diagonal bands, another colour for each seed."""
    red, green, blue = (50 + seed * step % 110 for step in (53, 97, 31))
    rows = []
    for y in range(height):
        shades = [((x + 2 * y) // 24 % 4) * 12 + y // 5 for x in range(width)]
        rows.append(b"\0" + b"".join(bytes((red + shade, green + shade, blue + shade)) for shade in shades))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def sample_voice() -> bytes:
    """The head of an Ogg Opus file: enough for a bot that keeps voice notes by their id, silent for an ear."""
    return b"OggS\0\2" + bytes(20) + b"\1\x13OpusHead\1\1\x38\1\x80\xbb\0\0\0\0\0"


def sample_document() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"
