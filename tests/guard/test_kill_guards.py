"""The guards behind the kill sweep, one by one: what refuses a second time, and what is confirmed only when it is stored."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import SQLModel, select

from models.audit import Audit
from models.chain import Link
from models.clocks import Clock, Event
from models.messages import Card, Inbox, Outbox
from models.people import Staff
from models.records import Entry, Matter
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


ON_RECORD = {"customer_id": 1, "written_at": START, "at": START, "by_id": 1}
UNIQUE: dict[str, Callable[[int], SQLModel]] = {
    "update": lambda _: Inbox(update_id=7, body="{}", received_at=START),
    "event": lambda clock: Event(clock_id=clock, cycle="", step=2, nth=1, staff_id=1, at=START),
    "message": lambda _: Outbox(unique_key="a", chat_id=1, message_class="reply", priority=2, created_at=START),
    "clock": lambda _: Clock(rule="x", subject_kind="x", subject_id=1, post="x@1", **A_CLOCK),
    "complaint": lambda _: Matter(kind="x", number="TS-1", customer_id=1, unit_id=1, state="x", **OPENED),
    "entry": lambda _: Entry(kind="note", number="LX-1", **ON_RECORD),
    "withdrawal": lambda entry: Entry(kind="withdrawal", withdraws=entry, **ON_RECORD),
    "account": lambda _: Staff(number=secrets.token_hex(4), name="安然", telegram_id=7),
    "card": lambda _: Card(key="a", staff_id=1, chat_id=1),
    "link": lambda row: Link(seq=secrets.randbelow(10**9), audit_id=row, key_id="x", seal="x", mac="x", at=START),
}
A_CLOCK = {"rulebook_version": 1, "cycle": "1", "anchor": START, "due_at": START}
OPENED = {"opened_at": START, "opened_by": 1}
POINTS_AT: dict[str, Callable[[], SQLModel]] = {
    "withdrawal": lambda: Entry(kind="note", **ON_RECORD),
    "link": lambda: Audit(at=START, action="x", subject="x", digest="x"),
}


@pytest.mark.parametrize("kind", UNIQUE)
async def test_the_database_itself_refuses_a_second_one(office: Office, kind: str) -> None:
    with office.store.write() as session:
        number = session.exec(select(Clock.id)).first() or 0
        if kind in POINTS_AT:
            session.add(there := POINTS_AT[kind]())
            session.flush()
            number = there.id  # type: ignore[attr-defined]
        session.add(UNIQUE[kind](number))
    with pytest.raises(IntegrityError), office.store.write() as session:
        session.add(UNIQUE[kind](number))
