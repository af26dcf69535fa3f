"""A backup that holds less than the database did is none."""

from __future__ import annotations

import pytest

from bot.backups import _compare
from bot.copies import BrokenCopyError, Facts


@pytest.mark.parametrize("restored", [Facts("5", {"entry": 6}), Facts("5", {}), Facts("4", {"entry": 7})])
def test_one_that_holds_less_than_the_database_does_not_count(restored: Facts) -> None:
    _compare(Facts("5", {"entry": 7}), Facts("5", {"entry": 7}))
    with pytest.raises(BrokenCopyError, match="restored otherwise"):
        _compare(Facts("5", {"entry": 7}), restored)
