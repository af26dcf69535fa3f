"""What a long part has found so far: stopped, it goes on where it was, as long as nothing of the project was changed."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from bench.trust.guard_list import ROOT

FOLDER: Final = ROOT / ".bench"


def tracked() -> Iterator[str]:
    """The files that git keeps and that are there."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return (name for name in filter(None, listed.split("\0")) if (ROOT / name).is_file())


def version() -> str:
    """Of everything that is measured; the pages that tell of it don't count."""
    whole = sha256()
    for name in sorted(each for each in tracked() if not each.startswith("docs/")):
        whole.update(f"{name}\0".encode() + (ROOT / name).read_bytes() + b"\0")
    return whole.hexdigest()[:16]


class Kept:
    """What each piece of a part came to, by its name."""

    def __init__(self, part: str, of: str | None = None, folder: Path = FOLDER) -> None:
        self._file = folder / f"{part}-{of or version()}.jsonl"
        lines = self._file.read_text(encoding="utf-8").splitlines() if self._file.exists() else []
        self._found: dict[str, Any] = dict(json.loads(line) for line in lines)
        if lines:
            print(f"{part}: {len(lines)} found before the last stop", flush=True)

    def get(self, piece: str) -> Any:
        """None: not found yet."""
        return self._found.get(piece)

    def put(self, piece: str, found: Any) -> None:
        self._found[piece] = found
        self._file.parent.mkdir(exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            print(json.dumps([piece, found], ensure_ascii=False), file=file)

    def forget(self) -> None:
        """The part is whole: the next run begins anew."""
        self._file.unlink(missing_ok=True)
