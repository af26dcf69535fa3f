"""The font of what is printed: which characters it has, and how one that it lacks is written, so that nothing becomes a blank."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
FONT = FONTS / "NotoSansCJKsc-Regular.otf"
JOINERS = re.compile("[\u200b-\u200d\u2060\ufe00-\ufe0f\ufeff]")
"""Invisible by themselves: they only join, part or dress the characters beside them."""
HIDDEN = ("Cc", "Cf", "Zl", "Zp")
LONG_WORD = re.compile(r"[!-~]{24}(?=[!-~])")
BREAK = "\u200b"


def printable(text: str) -> str:
    """The text as it can be printed: every character is seen, and a long row of letters or digits may be broken."""
    plain = JOINERS.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " ")))
    shown = "".join(each if each == "\n" or _has(each) else f"〔U+{ord(each):04X}〕" for each in plain)
    return LONG_WORD.sub(rf"\g<0>{BREAK}", shown)


def _has(each: str) -> bool:
    return ord(each) in characters() and unicodedata.category(each) not in HIDDEN


@lru_cache(maxsize=1)
def characters() -> frozenset[int]:
    """What the font has a picture of."""
    return frozenset(_read(FONT.read_bytes()))


def _read(font: bytes) -> Iterator[int]:
    """The groups of the font's own table of characters (cmap, format 12): first and last of each."""
    cmap = _table(font, b"cmap")
    for record in range(struct.unpack_from(">H", font, cmap + 2)[0]):
        (offset,) = struct.unpack_from(">I", font, cmap + 8 + 8 * record)
        kind, _, _, _, groups = struct.unpack_from(">HHIII", font, cmap + offset)
        if kind == 12:
            for group in range(groups):
                first, last, _ = struct.unpack_from(">III", font, cmap + offset + 16 + 12 * group)
                yield from range(first, last + 1)


def _table(font: bytes, name: bytes) -> int:
    for record in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, 12 + 16 * record)
        if tag == name:
            return int(offset)
    raise ValueError(f"{FONT.name} has no table {name!r}")
