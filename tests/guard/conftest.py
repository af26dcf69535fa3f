"""The month of `tests.walk`, lived through once for all the guards that start from it."""

from __future__ import annotations

import asyncio
import os
import pickle
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from tests.garden import Growing, grow


@pytest.fixture(scope="session")
def growing(furnished: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Growing:
    """Made by the first process that asks; the others read it."""
    alone = "PYTEST_XDIST_WORKER" not in os.environ
    shared = tmp_path_factory.getbasetemp() if alone else tmp_path_factory.getbasetemp().parent
    made = shared / "month.pickle"
    with FileLock(shared / "month.lock"):
        if not made.exists():
            month = Path(shutil.copy(furnished, shared / "month.db"))
            made.write_bytes(pickle.dumps(asyncio.run(grow(month, rulebook_text))))
    found: Growing = pickle.loads(made.read_bytes())
    return found
