"""A sealed file: encrypted and authenticated in chunks, so that it can be written and read as a stream of any length.

    KEGUAN-BACKUP | version, 1 byte | key id, 8 bytes | salt, 16 bytes | chunk | chunk | … | last chunk

A chunk is 1 MiB of plain text under AES-256-GCM with a key of the file's own (HKDF-SHA256 of the secret and the salt). Its nonce is
its number and whether it is the last, and the header is authenticated with it: chunks can't be changed, swapped, dropped or cut off
unnoticed. The key id, derived from the secret, tells a wrong key from a damaged file.
"""

from __future__ import annotations

import io
import secrets
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC: Final = b"KEGUAN-BACKUP"
VERSION: Final = 1
ID_SIZE, SALT_SIZE, TAG_SIZE = 8, 16, 16
HEADER_SIZE: Final = len(MAGIC) + 1 + ID_SIZE + SALT_SIZE
CHUNK: Final = 1 << 20


class SealError(Exception):
    """The file can't be opened: `not_ours`, `newer` (a later format), `other_key` or `damaged`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Sealing:
    """Takes plain bytes and writes sealed ones. Without `finish` what was written does not count as a whole file."""

    def __init__(self, out: BinaryIO, secret: bytes) -> None:
        salt = secrets.token_bytes(SALT_SIZE)
        self._out = out
        self._header = MAGIC + bytes([VERSION]) + _key_id(secret) + salt
        self._cipher = _cipher(secret, salt)
        self._waiting = bytearray()
        self._number = 0
        out.write(self._header)

    def write(self, plain: bytes) -> int:
        self._waiting += plain
        while len(self._waiting) > CHUNK:
            self._chunk(bytes(self._waiting[:CHUNK]), last=False)
            del self._waiting[:CHUNK]
        return len(plain)

    def finish(self) -> None:
        self._chunk(bytes(self._waiting), last=True)

    def _chunk(self, plain: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last=last), plain, self._header))
        self._number += 1


def unsealed(sealed: BinaryIO, secret: bytes) -> io.BufferedReader:
    """What was sealed, to be read. Raises `SealError`, here or at any read: only what was read to its end is known to be whole."""
    return io.BufferedReader(_Unsealing(sealed, secret))


class _Unsealing(io.RawIOBase):
    def __init__(self, sealed: BinaryIO, secret: bytes) -> None:
        self._sealed = sealed
        self._header = sealed.read(HEADER_SIZE)
        _check(self._header, secret)
        self._cipher = _cipher(secret, self._header[-SALT_SIZE:])
        self._next = sealed.read(CHUNK + TAG_SIZE)
        self._plain = memoryview(b"")
        self._number = 0
        self._over = False

    def readable(self) -> bool:
        return True

    def readinto(self, into: memoryview) -> int:  # type: ignore[override]
        while not self._plain and not self._over:
            self._plain = memoryview(self._chunk())
        size = min(len(into), len(self._plain))
        into[:size] = self._plain[:size]
        self._plain = self._plain[size:]
        return size

    def _chunk(self) -> bytes:
        sealed, self._next = self._next, self._sealed.read(CHUNK + TAG_SIZE)
        self._over = not self._next
        try:
            plain = self._cipher.decrypt(_nonce(self._number, last=self._over), sealed, self._header)
        except (InvalidTag, ValueError):
            raise SealError("damaged") from None
        self._number += 1
        return plain


def _check(header: bytes, secret: bytes) -> None:
    if not header.startswith(MAGIC):
        raise SealError("not_ours")
    if len(header) < HEADER_SIZE:
        raise SealError("damaged")
    if header[len(MAGIC)] != VERSION:
        raise SealError("newer")
    if header[len(MAGIC) + 1 : -SALT_SIZE] != _key_id(secret):
        raise SealError("other_key")


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _cipher(secret: bytes, salt: bytes) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, salt, b"keguan backup 1").derive(secret))


def _key_id(secret: bytes) -> bytes:
    return HKDF(SHA256(), ID_SIZE, None, b"keguan backup key id").derive(secret)
