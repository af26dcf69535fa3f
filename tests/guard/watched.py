"""`keguan run` in a process of its own, its seconds made shorter: `python -m tests.guard.watched FACTOR`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import logs
from bot.config import load
from bot.running import run
from bot.sentences import RefusedError
from bot.service import Rhythm
from bot.watch import EndedError, Patience


def main(factor: float) -> int:
    config = load(Path("config.toml"))
    logs.set_up(config)
    try:
        run(config, "config.toml", Patience().times(factor), Rhythm(poll=1, tick=10 * factor, note=10 * factor))
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return 1 if isinstance(refused, EndedError) else 2
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
