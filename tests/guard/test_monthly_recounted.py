"""Monthly reports, counted again from the raw rows of a year: everybody's log, and the company's figures of a month."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bench.year import Year, write
from models.month_figures import counted
from models.report_lines import talked
from models.store import Store
from rules.cadence import Every, cycle_containing
from rules.spans import month_of
from rules.topics import OTHER, topics_of
from tests.guard.test_figures_recounted import NOW, SMALL, Raw
from tests.servers import a_house

MARCH = date(2026, 3, 9)


@pytest.fixture(scope="module")
def year(released: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Raw]:
    """On one engine: `talked` is no SQL of its own, and the figures are recounted on both beside this."""
    path = tmp_path_factory.mktemp("months") / "year.db"
    shutil.copy(released, path)
    store, house = Store(f"sqlite:///{path}"), a_house(rulebook_text)
    store.run_here(write, Year(house, 2026, NOW, SMALL))
    with store.read() as session:
        yield Raw(session, house)
    store.close()


def test_a_log_is_what_somebody_took_part_in_and_what_was_written_late(year: Raw) -> None:
    since, until = month_of(MARCH).moments(year.house.calendar)
    people = {row["id"] for row in year.rows("staff")}
    found = {staff: {each.id for each in talked(year.session, staff, since, until)} for staff in people}
    expected: dict[int, set[int]] = {staff: set() for staff in people}
    for each in year.talks:
        here = since <= each["at"] < until or (each["at"] < since <= each["written_at"] < until)
        for staff in {each["by_id"], *year.acted[each["id"]]} if here else ():
            expected[staff].add(each["id"])
    assert found == expected
    assert sum(map(len, expected.values())) > 200
    assert any(each["at"] < since for talks in expected.values() for each in map(year.entries.__getitem__, talks))


def test_the_companys_figures_are_those_of_its_talks(year: Raw) -> None:
    found = counted(year.session, year.house, cycle_containing(Every.parse("1 month"), MARCH, MARCH), NOW)
    since, until = month_of(MARCH).moments(year.house.calendar)
    talks = [each for each in year.talks if since <= each["at"] < until]
    words = [each["answers"].get("summary") or each["answers"].get("opinions") or "" for each in talks]
    topics = Counter(name for each in words for name in topics_of(each) if name != OTHER)
    assert found["talks"] == len(talks)
    assert dict(found["topics"]) == {name: topics[name] for name, _ in found["topics"]}
    assert sum(found["anomalies"].values()) == sum(bool(each["answers"].get("anomaly")) for each in talks)
    units = [sum(column) for column in zip(*found["units"].values(), strict=True)]
    assert all(part <= whole for part, whole in zip(units, found["all"], strict=True))
