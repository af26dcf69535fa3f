"""`python -m docs` writes the pages; with `--check` it only says which are out of step, with exit code 1."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from docs import commands, configuration, forms, glossary, privacy, rules

HERE = Path(__file__).parent
PAGES = {
    "rules.md": rules.page,
    "commands.md": commands.page,
    "forms.md": forms.page,
    "configuration.md": configuration.page,
    "glossary.md": glossary.page,
    "privacy.md": privacy.page,
}


def stale(folder: Path = HERE) -> list[str]:
    """The pages whose file is missing or says something else."""
    found = {name: folder / name for name in PAGES}
    return [
        name for name, path in found.items() if not path.exists() or path.read_text(encoding="utf-8") != PAGES[name]()
    ]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    check: bool = parser.parse_args(arguments).check
    behind = stale()
    if check:
        for name in behind:
            print(f"docs/{name} is out of step with the code: make docs", file=sys.stderr)
        return 1 if behind else 0
    for name in behind:
        (HERE / name).write_text(PAGES[name](), encoding="utf-8")
        print(f"docs/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
