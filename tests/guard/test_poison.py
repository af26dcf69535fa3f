"""Hostile updates: whatever comes, the bot answers, keeps its records whole, and one bad update holds up no other."""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import func, select

from dialogue.forms import Command
from handlers import DESK
from models.messages import Draft, Inbox, Outbox
from rules.gate import Action
from rules.house import House
from tests.company import PEOPLE
from tests.fuzz import SECRETS, Round, endure, logged
from tests.garden import STEPS, Growing
from tests.office import START
from tests.poison import Poisoner, Update
from tests.post import Post
from tests.servers import a_house
from words import Voice, unpack

HOW_MANY = 2000
SEEDS = (20261123, 31, 4, 5, 6)
"""Ten thousand updates in all."""
ROW_16 = {
    "well_formed": 25, "button": 25, "stranger": 15, "text": 10, "big_number": 5, "odd_date": 5, "misshapen": 5, "repeated": 5,
    "file": 5,
}  # fmt: skip
"""The weights that `WEIGHTS` must be; it is counted, not believed."""
sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def post(database: str, house: House) -> Iterator[Post]:
    post = Post(database, house)
    yield post
    post.store.close()


def errors(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.levelno >= logging.ERROR]


@pytest.fixture(scope="module")
def rounds(growing: Growing, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> list[Round]:
    """All the hostile updates, once for this file."""
    folder = tmp_path_factory.mktemp("poison")
    house = a_house(rulebook_text)
    return [_round(growing, house, folder / f"{seed}.db", seed) for seed in SEEDS]


def _round(growing: Growing, house: House, database: Path, seed: int) -> Round:
    shutil.copy(growing.path, database)
    return asyncio.run(endure(growing, house, f"sqlite:///{database}", seed, HOW_MANY))


@pytest.mark.timeout(600)
def test_ten_thousand_hostile_updates_break_nothing(rounds: list[Round]) -> None:
    assert sum(each.updates for each in rounds) == 10_000
    assert [what for each in rounds for what in (*each.unhandled, *each.broken, *each.leaked)] == []


@pytest.mark.timeout(600)
def test_the_poison_has_the_weights_it_must_have(rounds: list[Round]) -> None:
    drawn = sum((each.drawn for each in rounds), Counter())
    assert {kind: pytest.approx(100 * count / drawn.total(), abs=1.5) for kind, count in drawn.items()} == ROW_16


@pytest.mark.timeout(600)
def test_every_command_and_deed_was_tried(rounds: list[Round]) -> None:
    """What is never met in the month of `tests.walk` is never tried: a new flow gets its lines there."""
    registered = DESK.deeds.keys() | {f"/{name}" for name in DESK.commands}
    assert registered - {name for each in rounds for name in each.touched} == set()


@pytest.mark.timeout(600)
def test_every_step_of_every_form_was_answered_with_something(rounds: list[Round]) -> None:
    assert STEPS - {step for each in rounds for step in each.answered} == set()


def test_a_secret_in_the_log_is_found() -> None:
    with logged() as log:
        logging.getLogger("a.part").debug("called %s with %s", SECRETS[1], SECRETS[0])
    assert [each for each in SECRETS if each in log.getvalue()] == [SECRETS[1]], "the token is redacted"


UNREADABLE: list[Update] = [
    {"update_id": 1, "message": "x"},
    {"update_id": 1, "message": {"message_id": "x", "chat": 7}},
    {"update_id": 1, "callback_query": {"id": 1}},
    {"update_id": 1, "message": {"message_id": 1, "date": 10**400, "chat": {"id": 1, "type": "private"}}},
]


@sqlite
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


@sqlite
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


@sqlite
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


@sqlite
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


@sqlite
async def test_the_same_update_twice_is_answered_once(post: Post) -> None:
    update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text="/menu")
    await post.take(update, update)
    await post.take(update)
    with post.store.read() as session:
        assert session.exec(select(func.count()).select_from(Outbox)).one() == 1


@sqlite
async def test_a_smaller_number_than_before_is_an_update_like_any_other(post: Post) -> None:
    """Telegram may begin its numbers anew after a week without updates."""
    for number in (5000, 3, 2**40, 4999):
        update = Poisoner(1, post.store).message(PEOPLE["ann"][2], text="/menu") | {"update_id": number}
        await post.take(update)
        assert post.answered(number)


@sqlite
async def test_strangers_who_flood_get_one_line_and_staff_are_answered_with_their_batch(post: Post) -> None:
    """A hundred of them come with each look at Telegram; whoever of the staff writes meanwhile waits for those and no more. Ten
    thousand of them: `make bench-trust`, part flood."""
    poisoner = Poisoner(1, post.store)
    for batch in range(10):
        flood = [poisoner.message(999, text=f"hello {batch} {number}") for number in range(99)]
        staff = poisoner.message(PEOPLE["ann"][2], text="/menu")
        await post.take(*flood, staff)
        assert post.answered(staff["update_id"])
    with post.store.read() as session:
        assert session.exec(select(func.count()).select_from(Outbox).where(Outbox.chat_id == 999)).one() == 1


@sqlite
def test_the_poison_is_the_same_every_time(post: Post) -> None:
    one, other = (Poisoner(SEEDS[0], post.store) for _ in range(2))
    assert [json.dumps(one.next()) for _ in range(200)] == [json.dumps(other.next()) for _ in range(200)]
