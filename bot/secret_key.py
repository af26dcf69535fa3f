"""The company's secret key: 32 bytes in a file of their own, apart from the database, as one line of hexadecimal digits.

Whoever holds the database alone can neither forge the audit chain nor read a backup.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

LENGTH = 32


class KeyFileError(Exception):
    """The file is there and holds no key."""


def load_or_make(path: Path) -> bytes:
    """The key in `path`; made, readable for its owner only (0600), when there is none. Whole or not at all, and never twice: of
    two that make it at once, one wins. Raises `KeyFileError`, `OSError`."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _make(path)
    try:
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except ValueError:
        raise KeyFileError(path) from None
    if len(key) != LENGTH:
        raise KeyFileError(path)
    return key


def _make(path: Path) -> None:
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
        file.write(f"{secrets.token_hex(LENGTH)}\n")
        file.flush()
        os.fsync(file.fileno())
    with contextlib.suppress(FileExistsError):
        path.hardlink_to(made)
    made.unlink()
