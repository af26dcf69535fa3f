"""A button on somebody's own card that they should not have: as if they had it from before, or another guard had failed."""

from __future__ import annotations

from typing import Any

from sqlmodel import select

from models.messages import Card
from models.people import Staff, key
from tests.company import PEOPLE
from tests.office import Office, Person


def staff_id(office: Office, who: str) -> int:
    with office.read() as session:
        return key(session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one())


async def presses_planted(office: Office, who: str, do: str, **args: Any) -> Person:
    person = office.person(who)
    with office.store.write() as session:
        card = Card(staff_id=staff_id(office, who), chat_id=person.user, buttons=[{"do": do, "args": args}])
        session.add(card)
        session.flush()
        data = f"{card.key}.{card.version}.0"
    await person.presses_again(1, data)
    return person
