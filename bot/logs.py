"""The log: one line an event on stderr, and never a secret in it."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Collection
from typing import Final, TextIO
from urllib.parse import quote

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from bot.config import Config

LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
NOISY: Final = ("httpx", "httpcore", "telegram", "apscheduler", "aiohttp", "alembic", "apprise", "urllib3")
"""httpx says every address that it asks at INFO, the token in it."""
HIDDEN: Final = "[…]"
_TOKEN: Final = re.compile(r"\d{5,}(?::|%3A)[\w-]{20,}", re.IGNORECASE)


class Redactor:
    """Takes the given secrets, and whatever looks like a bot's token, out of a text."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in (secret, quote(secret, safe=""))}
        self._secrets = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, so that arguments and tracebacks are covered too."""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(LINE)
        self.redact = redact

    def format(self, record: logging.LogRecord) -> str:
        return self.redact(super().format(record))


def secrets_of(config: Config) -> list[str]:
    """The token, what follows its colon, the webhook's secret, the database's password, addresses of alarms."""
    token = config.telegram.token.get_secret_value()
    others = (config.telegram.secret_token, config.alarm.dead_man_url, *config.alarm.urls)
    known = [token, token.partition(":")[2], _password(config.database.url)]
    return [*known, *(each.get_secret_value() for each in others if each)]


def _password(url: str) -> str:
    try:
        return make_url(url).password or ""
    except (ArgumentError, ValueError):
        return url


def set_up(config: Config, stream: TextIO | None = None) -> None:
    """Log at INFO to stderr (or `stream`), in place of whatever logging there was."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(RedactingFormatter(Redactor(secrets_of(config))))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
