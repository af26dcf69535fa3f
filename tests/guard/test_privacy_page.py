"""docs/privacy.md says of every column whether it is personal; a new one fails until somebody has said it."""

from __future__ import annotations

import pytest
from sqlmodel import SQLModel

from docs.privacy import NEUTRAL, PERSONAL, UnclassifiedError, check, page


def columns() -> dict[str, set[str]]:
    return {each.name: {column.name for column in each.columns} for each in SQLModel.metadata.sorted_tables}


def test_every_column_is_classified() -> None:
    check(columns())


@pytest.mark.parametrize(("table", "column"), [("person", "hobby"), ("dossier", "text"), ("unit", "phone")])
def test_a_new_column_is_named(table: str, column: str) -> None:
    stored = columns()
    stored.setdefault(table, set()).add(column)
    with pytest.raises(UnclassifiedError, match=f"{table}.{column}"):
        check(stored)


def test_a_column_that_is_gone_is_named() -> None:
    stored = columns()
    stored["person"].discard("email")
    with pytest.raises(UnclassifiedError, match=r"person\.email"):
        check(stored)


def test_every_table_with_personal_data_stands_on_the_page() -> None:
    text = page()
    assert PERSONAL.keys() | NEUTRAL.keys() == columns().keys()
    assert [name for name in PERSONAL if f"| `{name}` |" not in text] == []
