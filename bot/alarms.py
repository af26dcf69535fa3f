"""Crying for help where Telegram itself may be what fails: apprise addresses (mail, WeCom, DingTalk, Feishu, a web hook …).

Each kind at most once an hour, restarts included. An alarm says what is the matter and what to do, never whom it concerns.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from apprise import Apprise

from bot.config import Config
from bot.logs import Redactor, secrets_of
from words import Say, Voice, say

log = logging.getLogger(__name__)
AGAIN = 3600.0
"""Seconds between two alarms of a kind."""
TRY_AGAIN = 60.0
"""Seconds until one that nobody took is tried again, if the matter goes on."""
KEPT = 50


class Alarm(StrEnum):
    TOKEN = "token"  # noqa: S105
    RECEIVER = "receiver"
    SENDER = "sender"
    ENDED = "ended"
    DATABASE = "database"
    SET_ASIDE = "set_aside"
    CLOCK = "clock"


def readable(address: str) -> bool:
    """Whether apprise can make something of it."""
    return bool(Apprise().add(address))


class Stamps:
    """When each kind was last cried: files, which outlive the process and need no database. Without a folder, memory alone."""

    def __init__(self, folder: Path | None = None, name: str = "") -> None:
        self.folder = folder
        self.name = name

    def age(self, alarm: Alarm) -> float:
        """Wall-clock seconds; infinite when there is none, or when it lies in the future."""
        try:
            age = time.time() - self._file(alarm).stat().st_mtime
        except OSError:
            return float("inf")
        return age if age >= 0 else float("inf")

    def press(self, alarm: Alarm) -> None:
        try:
            self._file(alarm).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file(alarm).touch(mode=0o600)
            os.utime(self._file(alarm))
        except OSError as error:
            log.warning("that an alarm was sent could not be noted: %s", error.strerror or error)

    def _file(self, alarm: Alarm) -> Path:
        if self.folder is None:
            raise FileNotFoundError
        return self.folder / f"{self.name}{alarm}.alarm"


def stamps_of(config: Config) -> Stamps:
    """In the folder that the supervisor gave, otherwise in a temporary one of this user; by the database, so that two companies on
    one machine do not silence each other."""
    given = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    folder = Path(given) if given else Path(tempfile.gettempdir()) / f"keguan-{os.getuid()}"
    return Stamps(folder, hashlib.sha256(config.database.url.encode()).hexdigest()[:8] + "-")


@dataclass(frozen=True)
class Cried:
    alarm: Alarm
    text: Say
    at: float
    """Monotonic seconds."""


class Alarms:
    """`cry` may be called from any thread and blocks for as long as the addresses take (seconds)."""

    def __init__(
        self,
        addresses: Sequence[str] = (),
        title: str = "",
        voice: Callable[[], Voice] = lambda: Voice("zh_CN", ZoneInfo("UTC"), datetime.now(UTC)),
        redact: Redactor | None = None,
        stamps: Stamps | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.outlets = [_outlet(each) for each in addresses]
        self.title = title
        self.voice = voice
        self.redact = redact or Redactor()
        self.stamps = stamps or Stamps()
        self.monotonic = monotonic
        self.cried: deque[Cried] = deque(maxlen=KEPT)
        """For the records: whoever writes them down takes them out."""
        self._next: dict[Alarm, float] = {}
        self._lock = threading.Lock()

    @classmethod
    def of(cls, config: Config) -> Alarms:
        zone = ZoneInfo(config.company.timezone)
        return cls(
            [each.get_secret_value() for each in config.alarm.urls],
            config.company.name,
            lambda: Voice(config.company.language, zone, datetime.now(UTC)),
            Redactor(secrets_of(config)),
            stamps_of(config) if config.alarm.urls else None,
        )

    def cry(self, alarm: Alarm, **values: str | int) -> bool:
        """Whether somebody was told; not within an hour of the last time."""
        with self._lock:
            now = self.monotonic()
            if now < self._next.get(alarm, now) or self.stamps.age(alarm) < AGAIN:
                return False
            self._next[alarm] = now + AGAIN
        clean = {name: self.redact(each) if isinstance(each, str) else each for name, each in values.items()}
        text = say(f"alarm.{alarm}", **clean)
        said = self.redact(self.voice().plain(text))
        log.error("alarm: %s", said)
        self.cried.append(Cried(alarm, text, now))
        if not self.outlets:
            return False
        taken = self._tell(said)
        if taken:
            self.stamps.press(alarm)
        else:
            self._next[alarm] = now + TRY_AGAIN
        return taken

    def _tell(self, text: str) -> bool:
        """To all addresses at once; one that hangs holds up no other. Whether any took it."""
        with ThreadPoolExecutor(len(self.outlets), thread_name_prefix="alarm") as line:
            taken = list(line.map(lambda outlet: outlet.notify(body=text, title=self.title), self.outlets))
        for number, each in enumerate(taken, 1):
            if not each:
                log.warning("alarm address %d did not take it", number)
        return any(taken)


def _outlet(address: str) -> Apprise:
    """An address that can't be read is an outlet that takes nothing; `keguan check` tells which."""
    outlet = Apprise()
    outlet.add(address)
    return outlet
