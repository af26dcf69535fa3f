"""The key file: one secret of 32 random bytes, from which the keys of backups and of the audit chain are derived."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Final

from bot.sentences import RefusedError

SIZE: Final = 32


def load_or_make(path: Path) -> bytes:
    """The secret in the file; made on the first start, for nobody else to read. Raises `RefusedError`."""
    try:
        if not path.exists():
            _make(path)
    except OSError as error:
        raise RefusedError("key_file", path=path, reason=error.strerror or error) from None
    return load(path)


def load(path: Path) -> bytes:
    """Raises `RefusedError` for a file that is not there or holds no key."""
    try:
        secret = base64.b64decode(path.read_bytes().strip(), validate=True)
    except OSError as error:
        raise RefusedError("key_file", path=path, reason=error.strerror or error) from None
    except binascii.Error as error:
        raise RefusedError("key_file", path=path, reason=error) from None
    if len(secret) != SIZE:
        raise RefusedError("key_file", path=path, reason=f"{len(secret)} bytes")
    return secret


def _make(path: Path) -> None:
    """Whole or not at all, and never over another: two first starts at once end with one key."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(base64.b64encode(secrets.token_bytes(SIZE)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
