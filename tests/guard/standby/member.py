"""`keguan run` at a quicker pace: `python -m tests.guard.standby.member CONFIG`, for tests that can't wait for the real one."""

from __future__ import annotations

import sys
from pathlib import Path

from bot import logs
from bot.config import load
from bot.leader import Pace
from bot.running import Tempo, run
from bot.sentences import RefusedError, sentence

QUICK = Tempo(pace=Pace(ask=0.3, beat=0.5, cut=2))


def main() -> None:
    path = Path(sys.argv[1])
    config = load(path)
    logs.set_up(config)
    try:
        run(config, path, QUICK)
    except RefusedError as refused:
        print(sentence(refused.key, config.company.language, **refused.values), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
