"""`python -m bench` runs every part, or those that are named, and prints what it measured; exit code 1 when a limit was passed."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from bench import figures, reading, search
from bench.trust.figures import Figures, machine

PARTS: dict[str, Callable[[], Figures]] = {
    "reading": reading.measure,
    "search": search.measure,
    "figures": figures.measure,
}
SIZED = {"search": search.measure}
"""Parts whose number of customers can be chosen."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}")
    parser.add_argument("--size", type=int, help=f"customers, in {', '.join(SIZED)}: a million takes half an hour")
    given = parser.parse_args(arguments)
    wanted: list[str] = given.parts or list(PARTS)
    if strange := set(wanted) - PARTS.keys():
        parser.error(f"no part is called {', '.join(sorted(strange))}")
    print(machine(), flush=True)
    found = [SIZED[name](given.size) if given.size and name in SIZED else PARTS[name]() for name in wanted]
    for each in found:
        print(f"\n{each.title}\n{each.text()}")
    for wrong in (wrong for each in found for wrong in each.broken):
        print(f"BROKEN {wrong}", file=sys.stderr)
    return 1 if any(each.broken for each in found) else 0


if __name__ == "__main__":
    sys.exit(main())
