"""`keguan run` in a process of its own, its seconds made shorter: `python -m tests.guard.watched FACTOR`."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import logs
from bot.config import load
from bot.running import Tempo, run
from bot.sentences import RefusedError
from bot.service import Rhythm
from bot.watch import Patience


def main(factor: float) -> int:
    config = load(Path("config.toml"))
    logs.set_up(config)
    try:
        rhythm = Rhythm(poll=1, tick=10 * factor, note=10 * factor)
        run(config, "config.toml", Tempo(rhythm=rhythm, patience=Patience().times(factor)))
    except RefusedError as refused:
        print(refused, file=sys.stderr)
        return refused.code
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
