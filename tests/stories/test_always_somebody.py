"""An open complaint near its limit while people are handed over, are away, leave: its clock never stops, and each time that it is
told it reaches somebody who works here, is not away, and can be written to."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from models.absences import absence_of
from models.clocks import Clock, Event
from models.people import Staff
from tests.company import PEOPLE
from tests.complaining import complain
from tests.office import Office

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HAPPENS = {
    # what happens, and who hears of the limit from then on, in that order
    "handed over while it climbs": (
        "passes 25h · head /hand_over 安然 艾梅",
        "艾梅 何建国 肖红 魏立 高远",
    ),
    "handed over, and the receiver goes away": (
        "passes 22h · head /hand_over 安然 艾梅 · amy /away 今天到周五 代理人 U01",
        "何建国 肖红 魏立 高远",
    ),
    "the handler is away, and so is the substitute": (
        "ann /away 今天到周五 代理人 S02 · amy /away 今天到周五 不设代理人 · passes 22h",
        "何建国 肖红 魏立 高远",
    ),
    "the head is away, and the substitute leaves the company": (
        "head /away 今天到周五 代理人 S02 · passes 20h · admin /leave_company 艾梅",
        "安然 魏立 肖红 高远",
    ),
    "the head is away, the substitute leaves, the head leaves": (
        "head /away 今天到周五 代理人 S02 · admin /leave_company 艾梅 · passes 20h · admin /leave_company 何建国",
        "安然 魏立 肖红 高远",
    ),
    "everybody up to the vice president is away": (
        "ann /away 今天到周五 不设代理人 · head /away 今天到周五 不设代理人 · vp /away 今天到周五 不设代理人 · passes 22h",
        "高远 肖红",
    ),
    "the handler leaves while the head is away": (
        "head /away 今天到周五 代理人 S02 · passes 22h · admin /leave_company 安然",
        "艾梅 肖红 魏立 高远",
    ),
    "back before the limit": (
        "ann /away 今天 代理人 S02 · passes 22h",
        "安然 何建国 肖红 魏立 高远",
    ),
}


@pytest.mark.parametrize("what", HAPPENS)
async def test_the_clock_goes_on_and_reaches_somebody_who_is_there(office: Office, what: str) -> None:
    steps, heard = HAPPENS[what]
    (ann,) = office.people("ann")
    await complain(ann)
    due = limit(office).due_at
    for step in steps.split(" · "):
        await happens(office, step)
    since = office.clock.now()
    await office.passes("26h")
    running = limit(office)
    assert (running.due_at, running.closed_at, running.paused_until) == (due, None, None)
    told = events(office, since)
    assert " ".join(told) == heard
    phones = {name: office.person(who) for who, (_, name, _, _) in PEOPLE.items()}
    assert [name for name in told if not phones[name].count("TS-2026-0001")] == []


async def happens(office: Office, step: str) -> None:
    who, _, line = step.partition(" ")
    if who == "passes":
        await office.passes(line)
        return
    person = office.person(who)
    await person.says(line)
    await person.presses("保存")
    person.reads("已")


def limit(office: Office) -> Clock:
    with office.read() as records:
        return records.exec(select(Clock).where(Clock.rule == "R16.1")).one()


def events(office: Office, since: datetime) -> dict[str, None]:
    """Who was told of the limit, each of them there at that moment."""
    with office.read() as records:
        rows = records.exec(
            select(Event).where(Event.clock_id == limit(office).id, Event.at > since).order_by(col(Event.at))
        )
        return {there(records, each): None for each in rows}


def there(records: Session, event: Event) -> str:
    found = records.get_one(Staff, event.staff_id)
    assert absence_of(records, event.staff_id, event.at) is None, f"{found.name} is away"
    assert found.active and found.telegram_id, f"{found.name} has left"
    return found.name
