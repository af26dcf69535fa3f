"""What lies in the database encrypted: reports to audit and supervision (举报), their authors, and every trace of writing them.

A value for a JSON column that carries the mark, at whatever depth, is stored as ciphertext as a whole and is read as it was; text
is locked by hand. Whoever has the database or a backup of it without the key file can't read any of it; the process that has the
key file can. Where there is no key nothing that is marked can be stored at all.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlmodel import Session

MARK: Final = "_locked"
"""Among the values of a message, the answers of a draft, the arguments of a button: this is for those whom it concerns only."""
_MARKED: Final = json.dumps({MARK: True})[1:-1]
LOCKED: Final = "locked"
"""The only name in what stands in the database instead."""
VERSION: Final = "1."
NONCE_SIZE: Final = 12
VAULT: Final = "vault"


class NoKeyError(Exception):
    """Something is marked, and there is no key to lock it with."""


class Vault:
    def __init__(self) -> None:
        self._cipher: AESGCM | None = None
        self._marks = b""

    @property
    def ready(self) -> bool:
        return self._cipher is not None

    def take_key(self, secret: bytes) -> None:
        """The secret of the key file, from which the keys are derived that are used here and nowhere else."""
        self._cipher = AESGCM(HKDF(SHA256(), 32, None, b"keguan concerns 1").derive(secret))
        self._marks = HKDF(SHA256(), 32, None, b"keguan concerns marks 1").derive(secret)

    def forget(self) -> None:
        """From here on as without a key."""
        self._cipher, self._marks = None, b""

    def lock(self, text: str) -> str:
        """Raises `NoKeyError`."""
        if self._cipher is None:
            raise NoKeyError
        nonce = secrets.token_bytes(NONCE_SIZE)
        return VERSION + base64.b64encode(nonce + self._cipher.encrypt(nonce, text.encode(), None)).decode()

    def unlock(self, token: str) -> str:
        """Raises `NoKeyError`, also for what was locked with another key."""
        if self._cipher is None:
            raise NoKeyError
        try:
            raw = base64.b64decode(token.removeprefix(VERSION), validate=True)
            return self._cipher.decrypt(raw[:NONCE_SIZE], raw[NONCE_SIZE:], None).decode()
        except (ValueError, InvalidTag):
            raise NoKeyError from None

    def known_by(self, *what: object) -> str:
        """A keyed digest: who has the key can tell whether it is of this, nobody can tell of what it is."""
        if not self.ready:
            raise NoKeyError
        return hmac.new(self._marks, json.dumps(what).encode(), hashlib.sha256).hexdigest()

    # How the database's JSON columns are written and read

    def dumps(self, value: Any) -> str:
        text = json.dumps(value)
        if _MARKED not in text:
            return text
        locked = {LOCKED: self.lock(text)}
        return json.dumps([locked] if isinstance(value, list) else locked)

    def loads(self, stored: str | bytes) -> Any:
        """What can't be read here is empty."""
        value = json.loads(stored)
        match value:
            case {"locked": str(token)} | [{"locked": str(token)}] if len(_first(value)) == 1:
                try:
                    return json.loads(self.unlock(token))
                except NoKeyError:
                    return type(value)()
        return value


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


def vault_of(session: Session) -> Vault:
    """That of the database to which the session speaks."""
    found = session.info.get(VAULT)
    return found if isinstance(found, Vault) else Vault()


def is_marked(value: Any) -> bool:
    """Whether it would be locked: a message, answers, or rows of buttons as they are stored."""
    return _MARKED in json.dumps(value)
