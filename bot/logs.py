"""The log: one line an event on stderr, and never a secret in it."""

from __future__ import annotations

import contextlib
import logging
import re
import sys
import threading
import traceback
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final, TextIO
from urllib.parse import quote, unquote

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, InternalError, OperationalError
from telegram.error import TelegramError

from bot.config import Config

log = logging.getLogger(__name__)
LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
NOISY: Final = (
    *("httpx", "httpcore", "telegram", "apscheduler", "aiohttp", "alembic", "apprise", "urllib3", "requests"),
    *("sqlalchemy", "psycopg", "asyncio", "concurrent", "charset_normalizer", "markdown"),
)
"""httpx says every address that it asks at INFO, the token in it; at DEBUG the others say what is sent, stored and received."""
QUOTING: Final = "telegram.request"
"""Says at ERROR the whole of an answer that it can't read. We log that there was one."""
TELLS: Final = (OSError, TelegramError, OperationalError, InternalError)
"""Errors whose first line says what the matter is, and quotes nobody."""
HIDDEN: Final = "[…]"
DEEPEST: Final = 10
SHORTEST: Final = 6
"""Characters from which a part of an address is kept out by itself."""
LONGEST_NAME: Final = 16
"""Characters from which what stands for a host, without a dot, is no machine's name."""
_TOKEN: Final = re.compile(r"\d{5,}(?::|%3A)[\w-]{20,}", re.IGNORECASE)


class Redactor:
    """Takes the given secrets, and whatever looks like a bot's token, out of a text."""

    def __init__(self, secrets: Collection[str] = ()) -> None:
        forms = {form for secret in secrets if secret for form in _forms(secret)}
        self._secrets = sorted(forms, key=len, reverse=True)

    def __call__(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, HIDDEN)
        return _TOKEN.sub(HIDDEN, text)


def _forms(secret: str) -> Iterator[str]:
    """As it is, and as it stands in an address: which signs are written as %XX there, each library decides for itself."""
    yield secret
    yield from (quote(secret, safe=plain) for plain in ("", "/", " +"))


def is_ours_or_serious(record: logging.LogRecord) -> bool:
    """Whatever level somebody gave to a library, what it says below WARNING is not written: it quotes tokens and people's words."""
    if record.name.startswith(QUOTING):
        return False
    return record.levelno >= logging.WARNING or record.name.partition(".")[0] not in NOISY


def told(error: BaseException) -> str:
    """An error without what it quotes: a value that was refused may be somebody's name or words."""
    name = type(error).__qualname__
    if not isinstance(error, TELLS):
        return f"{name}: {HIDDEN}" if str(error) else name
    text = error.strerror if isinstance(error, OSError) else str(getattr(error, "orig", None) or error)
    return f"{name}: {(text or '').partition(chr(10))[0]}"


def traced(error: BaseException, depth: int = 0) -> str:
    """Where it happened, line by line, with the errors that led to it and those of a group."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    parts = [traced(before, depth + 1)] if before is not None and depth < DEEPEST else []
    parts.append(
        f"Traceback (most recent call last):\n{''.join(traceback.format_tb(error.__traceback__))}{told(error)}"
    )
    if isinstance(error, BaseExceptionGroup) and depth < DEEPEST:
        parts += [traced(each, depth + 1) for each in error.exceptions]
    return "\n\n".join(parts)


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, so that arguments and tracebacks are covered too."""

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return traced(ei[1]) if ei[1] is not None else ""

    def __init__(self, redact: Redactor) -> None:
        super().__init__(LINE)
        self.redact = redact

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Of what a library says the first line: asyncio puts the errors of forgotten tasks below it."""
        if record.name.partition(".")[0] in NOISY:
            record.message = record.message.partition("\n")[0]
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        return self.redact(super().format(record))


class Handler(logging.StreamHandler[TextIO]):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802
        """For a line that can't be put together; Python's own way would show what should have been in it."""
        with contextlib.suppress(OSError, ValueError):
            self.stream.write(f"a line of the log could not be written: {record.pathname}:{record.lineno}\n")


@contextmanager
def of_threads() -> Iterator[None]:
    """What ends a thread is logged like everything else."""

    def told_by(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None:
            log.error("a thread ended", exc_info=ended.exc_value)

    before, threading.excepthook = threading.excepthook, told_by
    try:
        yield
    finally:
        threading.excepthook = before


def secrets_of(config: Config) -> list[str]:
    """The token, what follows its colon, the webhook's secret, the passwords of database, proxy and Bot API server, the addresses
    that are called or cried to: whole, and the paths and passwords in them."""
    token = config.telegram.token.get_secret_value()
    others = (config.telegram.secret_token, config.alarm.dead_man_url, *config.alarm.urls)
    known = [token, token.partition(":")[2], _password(config.database.url)]
    known += [secret for each in (config.telegram.proxy_url, config.telegram.base_url) for secret in _login(each or "")]
    addresses = [each.get_secret_value() for each in others if each]
    return [*known, *addresses, *(part for each in addresses for part in _parts(each))]


def _parts(address: str) -> list[str]:
    """What is secret in an address even alone: libraries turn json:// into http:// and log that."""
    host, _, path = address.partition("://")[2].rpartition("@")[2].partition("/")
    named = host if len(host) >= LONGEST_NAME and "." not in host else ""  # wecombot://KEY, feishu://TOKEN
    return [each for each in (*_login(address), path, named) if len(each) >= SHORTEST]


def _login(address: str) -> list[str]:
    """What stands before the @ and is no user's name, as it is written and as it is meant."""
    login = address.partition("://")[2].rpartition("@")[0]
    name, *others = login.split(":")
    written = others or ([name] if len(name) >= LONGEST_NAME else [])
    return [form for each in written if each for form in (each, unquote(each))]


def _password(url: str) -> str:
    try:
        return make_url(url).password or ""
    except (ArgumentError, ValueError):
        return url


def set_up(config: Config, stream: TextIO | None = None) -> None:
    """Log at INFO to stderr (or `stream`), in place of whatever logging there was."""
    handler = Handler(stream or sys.stderr)
    handler.addFilter(is_ours_or_serious)
    handler.setFormatter(RedactingFormatter(Redactor(secrets_of(config))))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
