"""What a change of the working days moves, kind by kind, and what it leaves where it is."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import select

from models.moving import arrange
from models.people import Staff, key
from models.store import Store
from models.working_days import Arrangement, Change, WorkingDay
from rules.house import House
from tests.office import START, Office
from tests.stories.test_working_days import due, enterprise, on_sqlite, set_days


def test_written_twice_it_stands_once(database: str, house: House) -> None:
    store = Store(database)
    changes = {date(2026, 12, 31): Change(False)}
    for moved in (4, 0):
        with store.write() as session:
            now, by = START, session.exec(select(Staff).where(Staff.number == "G01")).one()
            what = Arrangement(year=2026, text="盘点", by_id=key(by), at=now)
            house, moves = arrange(session, house, by, what, changes, now)
            assert len(moves) == moved
            assert len(session.exec(select(WorkingDay)).all()) == 1
    store.close()


MOVED = [
    # the day that changes, whose duty, what is due before and after
    ("11月27日 休 检修", "R14.2", "华航橡胶", "2026-11-27", "2026-11-26"),
    ("11月28日 班 赶工", "R14.2", "华航橡胶", "2026-11-27", "2026-11-28"),
    ("11月29日 班 赶工", "R14.2", "飞翼制造", "2026-11-27", "2026-11-29"),
    ("11月23日至29日 休 停产", "R14.2", "华航橡胶", "2026-11-27", "2026-12-04"),
    ("11月24日 休 检修", "R14.2", "华航橡胶", "2026-11-27", "2026-11-27"),
    ("12月31日 休 盘点", "R14.3", "申江液压", "2026-12-03", "2026-12-02"),
    ("12月31日 休 盘点", "R14.3", "远大密封", "2026-12-28", "2026-12-25"),
    ("12月31日 休 盘点", "R16.1", "complaint", "2026-11-24", "2026-11-24"),
    ("11月24日 休 检修", "R16.1", "complaint", "2026-11-24", "2026-11-24"),
    ("11月30日 休 检修", "R16.2", "complaint", "2026-11-30", "2026-11-30"),
]


@pytest.mark.parametrize(("line", "rule", "whose", "before", "after"), MOVED)
@on_sqlite
async def test_a_deadline_moves_only_by_its_rule(
    office: Office, line: str, rule: str, whose: str, before: str, after: str
) -> None:
    """Cadences rest on working days; the limits of a complaint run by the wall clock."""
    qi, ann = enterprise(office), office.person("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    assert due(office, rule, whose) == before
    await set_days(qi, line)
    assert due(office, rule, whose) == after
