"""The guards behind the kill sweep, one by one: what refuses a second time, and what is confirmed only when it is stored."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, select

from models.clocks import Clock, Event
from models.messages import Inbox, Outbox
from models.records import Entry
from tests.office import START, Office

LOG = "/log 华航橡胶 电话 今天 张工 谈了配方 周三再联系"


async def test_what_could_not_be_stored_is_not_confirmed_and_comes_again(office: Office) -> None:
    (ann,) = office.people("ann")
    office.telegram.says(ann.user, LOG)
    with office.store.write() as session:
        session.execute(text("ALTER TABLE inbox RENAME TO away"))
    for _ in range(2):
        with pytest.raises(DBAPIError):
            await office.service.receiver.poll(START, 0)
    with office.store.write() as session:
        session.execute(text("ALTER TABLE away RENAME TO inbox"))
    await office.service.settle()
    ann.reads("谈了配方")


async def test_a_batch_that_comes_again_after_a_restart_is_handled_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LOG)
    office.telegram.says(ann.user, "保存")
    for _ in range(2):
        office.service.receiver.offset = None
        assert await office.service.receiver.poll(START, 0) == 1
    await office.service.settle()
    with office.read() as records:
        assert len(records.exec(select(Entry)).all()) == 1
        assert {row.state for row in records.exec(select(Inbox))} == {"handled"}


UNIQUE: dict[str, Callable[[int], SQLModel]] = {
    "update": lambda _: Inbox(update_id=7, body="{}", received_at=START),
    "event": lambda clock: Event(clock_id=clock, cycle="", step=2, nth=1, staff_id=1, at=START),
    "message": lambda _: Outbox(unique_key="a", chat_id=1, message_class="reply", priority=2, created_at=START),
}


@pytest.mark.parametrize("kind", UNIQUE)
async def test_the_database_itself_refuses_a_second_one(office: Office, kind: str) -> None:
    with office.store.write() as session:
        clock = session.exec(select(Clock.id)).first() or 0
        session.add(UNIQUE[kind](clock))
    with pytest.raises(IntegrityError), office.store.write() as session:
        session.add(UNIQUE[kind](clock))
