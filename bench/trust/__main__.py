"""`python -m bench.trust` runs every part, or those that are named; exit code 1 when anything did not hold."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import datetime

from bench.trust import denied, faults, flood, fuzz, guards, kills, standby
from bench.trust.figures import Figures, keep, machine
from tests.servers import live_in_memory

PARTS: dict[str, Callable[[], Figures]] = {
    "denied": denied.measure,
    "faults": faults.measure,
    "kills": kills.measure,
    "standby": standby.measure,
    "fuzz": fuzz.measure,
    "flood": flood.measure,
    "guards": guards.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.trust", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    wanted: list[str] = parser.parse_args(arguments).parts or list(PARTS)
    if strange := set(wanted) - PARTS.keys():
        parser.error(f"no part is called {', '.join(sorted(strange))}")
    live_in_memory()
    found = [_measured(name) for name in wanted]
    for each in found:
        print(f"\n{each.title}\n{each.text()}")
    return 1 if any(each.broken for each in found) else 0


def _measured(name: str) -> Figures:
    print(f"{name}: {machine()}", flush=True)
    figures = PARTS[name]()
    for each in figures.broken:
        print(f"BROKEN {each}", file=sys.stderr, flush=True)
    keep(figures, datetime.now().astimezone())
    return figures


if __name__ == "__main__":
    sys.exit(main())
