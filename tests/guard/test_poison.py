"""Hostile updates: whatever comes, the bot answers, keeps its records whole, and one bad update holds up no other."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, col, func, select

from bot.sender import fitting
from dialogue.forms import Command
from handlers import DESK
from models.messages import Draft, Inbox, Outbox
from models.people import Staff
from models.records import Counter, Entry, Matter
from rules.gate import Action
from rules.house import House
from simulator.errors import ApiError
from simulator.markup import read_html
from tests.company import PEOPLE
from tests.office import START
from tests.poison import STAFF, Poisoner, Update
from tests.post import Post
from words import LANGUAGES, Voice, unpack

HOW_MANY = 1000
RESTART_EVERY = 250
SEEDS = (20261123, 31, 4, 1415)
"""Four thousand updates in all."""
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def post(database: str, house: House) -> Iterator[Post]:
    post = Post(database, house)
    yield post
    post.store.close()


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", SEEDS)
async def test_hostile_updates_break_nothing(post: Post, caplog: pytest.LogCaptureFixture, seed: int) -> None:
    poisoner = Poisoner(seed, post.store)
    for number in range(1, HOW_MANY + 1):
        await post.take(poisoner.next())
        if number % 50 == 0:
            healthy = poisoner.message(PEOPLE["ann"][2], text="/menu")
            await post.take(healthy)
            assert post.answered(healthy["update_id"]), number
            await a_talk_is_saved(post, poisoner)
        if number % RESTART_EVERY == 0:
            post.restart()
            poisoner.store = post.store
    with post.store.read() as session:
        nothing_waits_and_only_the_unreadable_was_set_aside(session, post, errors(caplog))
        records_are_whole(session, post.now)
        everything_can_be_said(session, post)


async def a_talk_is_saved(post: Post, poisoner: Poisoner) -> None:
    user = PEOPLE["ann"][2]
    await post.take(poisoner.message(user, text="/log 华航橡胶 电话 刚才 谈了三季度配方"))
    button = poisoner.newest(user, "form.save")
    assert button, "the card of a complete line can be saved"
    await post.take(poisoner.press(user, button))


def nothing_waits_and_only_the_unreadable_was_set_aside(
    session: Session, post: Post, logged: list[logging.LogRecord]
) -> None:
    rows = session.exec(select(Inbox)).all()
    aside = {row.id for row in rows if row.state == "set_aside"}
    assert {row.state for row in rows} == {"handled", "set_aside"}
    assert aside == {row.id for row in rows if post.unreadable(row.body)}, [
        (row.error, row.body[:300]) for row in rows if row.id in aside and not post.unreadable(row.body)
    ]
    assert {int(re.findall(r"\d+", record.getMessage())[0]) for record in logged} == aside


def records_are_whole(session: Session, now: datetime) -> None:
    staff = session.exec(select(Staff)).all()
    assert {each.telegram_id for each in staff} == set(STAFF), "nobody was enrolled, nobody lost"
    opened = select(Draft.staff_id, func.count()).where(Draft.state == "open").group_by(col(Draft.staff_id))
    assert all(count == 1 for _, count in session.exec(opened)), "one open form a person"
    given = {counter.series: counter.last for counter in session.exec(select(Counter))}
    for series, kind in (("LX", "contact"), ("HF", "callback")):
        entries = session.exec(select(Entry).where(Entry.kind == kind)).all()
        assert len(entries) == given.get(series, 0), "numbers without a gap"
        assert all(entry.at <= now + timedelta(minutes=5) for entry in entries)
    assert session.exec(select(func.count()).select_from(Matter)).one() == given.get("TS", 0)
    assert given.keys() >= {"LX", "TS"}, "something was saved, or nothing was tested"


def everything_can_be_said(session: Session, post: Post) -> None:
    for row in session.exec(select(Outbox)):
        for language in LANGUAGES:
            voice = Voice(language, post.house.calendar.tz, post.now)
            text = fitting(voice(unpack(row.text)))
            try:
                assert 0 < len(read_html(text).text.encode("utf-16-le")) // 2 <= 4096
            except ApiError as refused:
                raise AssertionError(f"{refused}: {text[:300]}") from refused
            labels = [voice.plain(unpack(face["label"])) for line in row.rows for face in line]
            assert all(labels)
            assert all(len(face["data"].encode()) <= 64 for line in row.rows for face in line)


UNREADABLE: list[Update] = [
    {"update_id": 1, "message": "x"},
    {"update_id": 1, "message": {"message_id": "x", "chat": 7}},
    {"update_id": 1, "callback_query": {"id": 1}},
    {"update_id": 1, "message": {"message_id": 1, "date": 10**400, "chat": {"id": 1, "type": "private"}}},
]


@pytest.mark.parametrize("bad", UNREADABLE)
async def test_an_unreadable_update_holds_up_no_other(
    post: Post, caplog: pytest.LogCaptureFixture, bad: Update
) -> None:
    good = Poisoner(1, post.store).message(PEOPLE["ann"][2], text="/menu")
    await post.take(bad, good)
    assert post.answered(good["update_id"])
    with post.store.read() as session:
        row = session.exec(select(Inbox).where(Inbox.update_id == 1)).one()
        assert (row.state, row.tries) == ("set_aside", 3)
        assert row.error
    assert len(errors(caplog)) >= 3, "an alarm is a log line, at the least"


async def test_an_update_that_can_not_be_handled_is_set_aside_and_its_sender_is_told(
    database: str, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(_turn: object, _text: str) -> Any:
        raise ZeroDivisionError

    broken = Command("broken", (), breaks, Action.SEE_RULES)
    post = Post(database, house, replace(DESK, commands={**DESK.commands, "broken": broken}))
    poisoner = Poisoner(1, post.store)
    bad, good = (poisoner.message(PEOPLE["ann"][2], text=text) for text in ("/broken", "/menu"))
    await post.take(bad, good)
    assert post.answered(good["update_id"])
    assert not post.answered(bad["update_id"])
    with post.store.read() as session:
        row = session.exec(select(Inbox).where(Inbox.update_id == bad["update_id"])).one()
        assert (row.state, row.tries, row.error) == ("set_aside", 3, "ZeroDivisionError")
        told = session.exec(
            select(Outbox).where(Outbox.chat_id == PEOPLE["ann"][2], Outbox.unique_key == f"failed:{row.id}")
        ).one()
    assert "没有保存" in Voice("zh_CN", house.calendar.tz, START)(unpack(told.text))
    assert len(errors(caplog)) == 3
    post.store.close()


ONCE_TROUBLE = (
    "/case ½",
    "/case ²³",
    "投诉单 ①",
    "/case Ⅳ",
    "/case 99999999999999999999",
    "/case " + "9" * 3000,
    "/case ٣",
    "/lang \x00",
)


@pytest.mark.parametrize(
    "line", ONCE_TROUBLE, ids=[line[:12].encode("unicode_escape").decode() for line in ONCE_TROUBLE]
)
async def test_a_line_that_once_gave_trouble_is_answered(
    post: Post, caplog: pytest.LogCaptureFixture, line: str
) -> None:
    update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text=line)
    await post.take(update)
    assert post.answered(update["update_id"])
    assert errors(caplog) == []


@pytest.mark.parametrize("start", ["", "/log 华航橡胶 电话 刚才 ", "/complain 华航橡胶 "])
async def test_a_text_that_is_too_long_is_refused_whole(post: Post, start: str) -> None:
    update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text=start + "谈" * 5000)
    await post.take(update)
    with post.store.read() as session:
        said = session.exec(select(Outbox)).one()
        assert session.exec(select(Draft)).all() == []
    text = Voice("zh_CN", post.house.calendar.tz, post.now)(unpack(said.text))
    assert f"{len((start + '谈' * 5000).strip())} 字" in text
    assert "没有记下" in text


async def test_the_same_update_twice_is_answered_once(post: Post) -> None:
    update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text="/menu")
    await post.take(update, update)
    await post.take(update)
    with post.store.read() as session:
        assert session.exec(select(func.count()).select_from(Outbox)).one() == 1


async def test_a_smaller_number_than_before_is_an_update_like_any_other(post: Post) -> None:
    """Telegram may begin its numbers anew after a week without updates."""
    for number in (5000, 3, 2**40, 4999):
        update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text="/menu") | {"update_id": number}
        await post.take(update)
        assert post.answered(number)


async def test_a_stranger_who_floods_gets_one_line(post: Post) -> None:
    poisoner = Poisoner(1, post.store)
    await post.take(*(poisoner.message(999, text=f"hello {number}") for number in range(100)))
    with post.store.read() as session:
        assert session.exec(select(func.count()).select_from(Outbox)).one() == 1


def test_the_poison_is_the_same_every_time(post: Post, tmp_path: Path) -> None:
    del tmp_path
    one, other = (Poisoner(SEEDS[0], post.store) for _ in range(2))
    assert [json.dumps(one.next()) for _ in range(200)] == [json.dumps(other.next()) for _ in range(200)]
