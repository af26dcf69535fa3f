"""`keguan …` in a process of its own, in which somebody turns every logger to DEBUG: `python -m tests.guard.loud run`."""

from __future__ import annotations

import logging
import sys
import threading
import time

from bot.commands import main


def shout() -> None:
    while True:
        for name in ("", *list(logging.root.manager.loggerDict)):
            logging.getLogger(name).setLevel(logging.DEBUG)
        time.sleep(0.02)


if __name__ == "__main__":
    threading.Thread(target=shout, daemon=True).start()
    sys.exit(main())
