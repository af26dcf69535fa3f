"""The month of `tests.walk`, lived through once for all the guards that start from it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from tests.garden import Growing, grow


@pytest.fixture(scope="session")
def growing(furnished: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Growing:
    month = tmp_path_factory.mktemp("month") / "company.db"
    return asyncio.run(grow(Path(shutil.copy(furnished, month)), rulebook_text))
