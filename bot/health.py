"""`python -m bot.health`, the health check of a container: exit 0 while the running bot was well within the last minute."""

from __future__ import annotations

import os
import sys

from bot.keeper import age

MOST = 60.0

if __name__ == "__main__":
    sys.exit(0 if age(os.environ.get("RUNTIME_DIRECTORY", "")) < MOST else 1)
