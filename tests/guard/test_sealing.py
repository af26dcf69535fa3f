"""A sealed file opens with its key, whole and unchanged, or not at all."""

from __future__ import annotations

import base64
import io
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.sealing import CHUNK, HEADER_SIZE, TAG_SIZE, SealError, Sealing, unsealed
from bot.secret_key import load, load_or_make
from bot.sentences import RefusedError

KEY, OTHER = bytes(range(32)), bytes(32)
OF_RELEASE_0_1 = base64.b64decode(
    "S0VHVUFOLUJBQ0tVUAH6/KPVzYR7o96Rx6ZQdwRjEtKtp/EkNKGJRgbpQVhUhAcDEkchAjWOFBVbiNaPwqOD"
)
"""「留得住」 under `KEY`: what an earlier release sealed stays readable."""


def sealed(plain: bytes, key: bytes = KEY, pieces: int = 1) -> bytes:
    out = io.BytesIO()
    sealing = Sealing(out, key)
    size = max(1, len(plain) // pieces)
    for start in range(0, len(plain), size):
        sealing.write(plain[start : start + size])
    sealing.finish()
    return out.getvalue()


def opened(file: bytes, key: bytes = KEY) -> bytes:
    return unsealed(io.BytesIO(file), key).read()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_was_sealed_comes_out_again(size: int) -> None:
    plain = bytes(number % 251 for number in range(size))
    file = sealed(plain, pieces=7)
    assert opened(file) == plain
    assert plain[:40] not in file or size < 2


def test_a_file_of_the_first_release_still_opens() -> None:
    assert opened(OF_RELEASE_0_1).decode() == "留得住"


BIG = sealed(bytes(2 * CHUNK + 500))
FULL = CHUNK + TAG_SIZE
FIRST, SECOND, LAST = BIG[HEADER_SIZE:][:FULL], BIG[HEADER_SIZE + FULL :][:FULL], BIG[HEADER_SIZE + 2 * FULL :]
HEAD = BIG[:HEADER_SIZE]

DAMAGE: list[tuple[str, bytes, str]] = [
    ("empty", b"", "not_ours"),
    ("something else", b"PK\3\4" + BIG[4:], "not_ours"),
    ("a later format", HEAD[:13] + b"\2" + BIG[14:], "newer"),
    ("cut in the header", HEAD[:20], "damaged"),
    ("nothing but the header", HEAD, "damaged"),
    ("another salt", HEAD[:-1] + bytes([HEAD[-1] ^ 1]) + BIG[HEADER_SIZE:], "damaged"),
    ("cut in a chunk", BIG[:-1], "damaged"),
    ("cut between chunks", HEAD + FIRST + SECOND, "damaged"),
    ("the first chunk alone", HEAD + FIRST, "damaged"),
    ("chunks swapped", HEAD + SECOND + FIRST + LAST, "damaged"),
    ("a chunk left out", HEAD + FIRST + LAST, "damaged"),
    ("a chunk twice", HEAD + FIRST + FIRST + SECOND + LAST, "damaged"),
    ("something after the end", BIG + b"\0", "damaged"),
    ("the end of another file", HEAD + FIRST + SECOND + sealed(bytes(2 * CHUNK + 500))[-len(LAST) :], "damaged"),
]


@pytest.mark.parametrize(("file", "why"), [row[1:] for row in DAMAGE], ids=[row[0] for row in DAMAGE])
def test_a_file_that_is_not_as_it_was_does_not_open(file: bytes, why: str) -> None:
    with pytest.raises(SealError) as refused:
        opened(file)
    assert refused.value.why == why


def test_no_byte_can_be_changed() -> None:
    file = sealed("胶管开裂".encode())
    for place in range(len(file)):
        changed = file[:place] + bytes([file[place] ^ 0x40]) + file[place + 1 :]
        with pytest.raises(SealError):
            opened(changed)


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(SealError) as refused:
        opened(sealed(b"x", OTHER))
    assert refused.value.why == "other_key"


def test_without_its_end_a_file_is_not_whole() -> None:
    out = io.BytesIO()
    Sealing(out, KEY).write(bytes(3 * CHUNK))
    with pytest.raises(SealError):
        opened(out.getvalue())


# The key file


def test_the_key_file_is_made_once_for_nobody_else_to_read(tmp_path: Path) -> None:
    path = tmp_path / "apart" / "keguan.key"
    secret = load_or_make(path)
    assert len(secret) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert load_or_make(path) == load(path) == secret
    assert [each.name for each in path.parent.iterdir()] == ["keguan.key"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_text("not a key"),
        lambda path: path.write_text(""),
        lambda path: path.write_text(base64.b64encode(bytes(31)).decode()),
        lambda path: path.unlink(),
        lambda path: (path.unlink(), path.mkdir()),
    ],
)
def test_a_key_file_without_a_key_is_refused(tmp_path: Path, spoil: Callable[[Path], object]) -> None:
    path = tmp_path / "keguan.key"
    load_or_make(path)
    spoil(path)
    with pytest.raises(RefusedError, match=r"keguan\.key can't be used"):
        load(path)
