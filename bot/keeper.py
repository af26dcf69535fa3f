"""Signs of life for whoever keeps this process running: systemd by its socket, a container by a file.

systemd's protocol is one datagram (sd_notify(3)); without `NOTIFY_SOCKET` and `RUNTIME_DIRECTORY` nothing happens.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Mapping
from pathlib import Path

FILE = "alive"


class Keeper:
    """Reads its addresses from the environment that the supervisor gave."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        given = os.environ if environment is None else environment
        self._address = given.get("NOTIFY_SOCKET", "")
        folder = given.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        self._file = Path(folder) / FILE if folder else None

    def ready(self) -> None:
        self._notify("READY=1")

    def alive(self) -> None:
        """All is well. Monotonic seconds stand in the file: they are the same for every process of the machine. It is replaced as a
        whole, so that nobody reads an empty one and takes us for dead."""
        if self._file is not None:
            draft = self._file.with_name(f"{FILE}.new")
            with contextlib.suppress(OSError):
                draft.write_text(str(time.monotonic()), encoding="ascii")
                draft.replace(self._file)
        self._notify("WATCHDOG=1")

    def says(self, text: str) -> None:
        """One line for `systemctl status`."""
        self._notify(f"STATUS={text}")

    def _notify(self, text: str) -> None:
        """Never waits: a supervisor that does not read is no reason for us to stand still."""
        if not self._address:
            return
        place = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(text.encode(), place)


def age(folder: str) -> float:
    """Seconds since the process that has this `RUNTIME_DIRECTORY` was last well; infinite when it never was."""
    try:
        return time.monotonic() - float((Path(folder) / FILE).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return float("inf")
