"""Every button ever shown, pressed late, twice and by somebody else: answered, and nothing done twice.

The buttons are those of more than a month at the office (`tests.walk`). Each stands once more on two old messages, as on a phone
whose owner did not look; what its presses did is taken back before the next, so that none hides behind another.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count

import pytest
import sqlalchemy
from sqlmodel import Session, SQLModel, col, func, select

from dialogue.desk import handle
from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Incoming, Screen
from handlers import DESK
from models.customers import Customer
from models.customers import Person as Contact
from models.filings import Filing
from models.findings import Finding
from models.messages import Outbox
from models.people import Staff
from models.records import Entry, Matter
from models.tasks import Task
from tests.conftest import EVERY_STORY
from tests.office import Office
from tests.walk import Shown, Walk
from words import LANGUAGES, Say, Voice, say, unpack

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
RECORDS: tuple[type[SQLModel], ...] = (Entry, Matter, Task, Filing, Finding, Customer, Contact)
COUNTED = [select(func.count()).select_from(table).scalar_subquery() for table in RECORDS]
ENOUGH = 2


async def test_every_button_late_twice_and_by_somebody_else(office: Office) -> None:
    walk = Walk(office)
    await walk.goes()
    assert {each.deed for each in walk.shown} == DESK.deeds.keys(), "every registered button is met on the walk"
    with office.store.write() as session:
        late = Late(session, office)
        for shown in few_of_a_kind(walk.shown):
            with taken_back(session):
                late.presses(
                    shown, walk.people[shown.who].user, walk.people["amy" if shown.who != "amy" else "bob"].user
                )


def few_of_a_kind(buttons: Iterable[Shown]) -> Iterator[Shown]:
    """Pages of a list, filters and the like differ in a number only: some are as good as all; with `make test-all` some of each
    person's."""
    met: Counter[tuple[object, ...]] = Counter()
    for each in buttons:
        kind = each.who if EVERY_STORY in os.environ else "", each.deed, tuple(json.loads(each.args))
        met[kind] += 1
        if met[kind] <= ENOUGH:
            yield each


@contextmanager
def taken_back(session: Session) -> Iterator[None]:
    savepoint = session.begin_nested()
    yield
    savepoint.rollback()


class Late:
    """Somebody who presses on old messages."""

    def __init__(self, session: Session, office: Office) -> None:
        self.session, self.house, self.now = session, office.house, office.clock.now()
        self.numbers = count(1)

    def presses(self, shown: Shown, reader: int, other: int) -> None:
        one, same = self.old_message(shown, reader), self.old_message(shown, reader)
        before = self.records(), self.told()
        assert self.answer(other, one) == ["not_here"], shown
        assert (self.records(), self.told()) == before, f"done for somebody else: {shown}"
        assert self.answer(reader, one), f"no answer: {shown}"
        after = self.records(), self.told(but=reader)
        for again in (same, one):
            assert self.answer(reader, again), f"no answer to the second press: {shown}"
            assert (self.records(), self.told(but=reader)) == after, f"done twice: {shown}"

    def old_message(self, shown: Shown, reader: int) -> str:
        """With that one button; what the button carries."""
        staff = self.session.exec(select(Staff).where(Staff.telegram_id == reader)).one()
        button = Button(say("button.more"), shown.deed, json.loads(shown.args))
        card = tell(self.session, staff, Screen(say("menu"), ((button,),)), MessageClass.REPLY, self.unique(), self.now)
        assert card is not None
        return f"{card.key}.{card.version}.0"

    def answer(self, presser: int, data: str) -> list[str]:
        """What flashes up, comes or changes on their phone, as it is said in each language."""
        last = self.session.exec(select(func.max(Outbox.id))).one()
        press = Incoming(speaker=presser, chat=presser, press=data)
        toast = handle(self.session, self.house, DESK, press, self.unique(), self.now)
        came = select(Outbox).where(col(Outbox.id) > last, Outbox.chat_id == presser)
        said = [toast, *(unpack(each.text) for each in self.session.exec(came))]
        return [self.spoken(each) for each in said if isinstance(each, Say)]

    def spoken(self, what: Say) -> str:
        for language in LANGUAGES:
            assert Voice(language, self.house.calendar.tz, self.now)(what).strip(), what
        return what.id

    def unique(self) -> str:
        return f"late:{next(self.numbers)}"

    def records(self) -> tuple[int, ...]:
        return tuple(self.session.execute(sqlalchemy.select(*COUNTED)).one())

    def told(self, but: int = 0) -> int:
        """How many messages there are to others."""
        return self.session.exec(select(func.count()).select_from(Outbox).where(Outbox.chat_id != but)).one()
