"""What is let in is such that it can be kept, read and sent on; what is too much is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select
from telegram import Bot

from bot.config import TelegramSection
from bot.incoming import clean, known, understood
from bot.sender import fitting
from bot.sentences import RefusedError
from bot.tables import MOST_BYTES, read_table
from bot.wire import connect
from models.messages import Draft
from tests.conftest import TOKEN
from tests.office import Office

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

TEXTS = [
    # what came, what is kept
    ("甲\ud800乙", "甲\ufffd乙"),
    ("甲\x00乙\x07", "甲乙"),
    ("\ud83d\ude00", "😀"),
    ("甲\n乙\t丙", "甲\n乙\t丙"),
]


def test_text_is_such_that_every_database_can_keep_it() -> None:
    for came, kept in TEXTS:
        assert clean(came) == kept
        assert kept.encode()


@pytest.mark.parametrize("number", [2**63, -(2**63), 10**400])
def test_a_number_that_no_database_can_keep_is_nobodys(number: int) -> None:
    assert known(2**63 - 1)
    with pytest.raises(ValueError, match="not an id"):
        known(number)


@pytest.fixture
def bot() -> Iterator[Bot]:
    yield connect(TelegramSection(token=TOKEN, base_url="http://127.0.0.1:9/bot"))


@pytest.mark.parametrize("is_bot", [True, False])
def test_another_bot_is_not_listened_to(bot: Bot, is_bot: bool) -> None:
    somebody = {"id": 1001, "is_bot": is_bot, "first_name": "安然"}
    message = {"message_id": 1, "date": 1, "chat": {"id": 1001, "type": "private"}, "from": somebody, "text": "/menu"}
    incoming, _ = understood({"update_id": 1, "message": message}, bot)
    assert (incoming is None) is is_bot


@embedded
async def test_an_answer_in_a_form_is_bounded(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶")
    await ann.says("裂" * 2500)
    ann.reads("2500 字")
    with office.read() as session:
        assert "what" not in session.exec(select(Draft)).one().answers


@embedded
async def test_a_form_takes_ten_attachments_at_most(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 刚才 问候")
    for _ in range(12):
        await ann.sends("photo")
    with office.read() as session:
        assert len(session.exec(select(Draft)).one().answers["attachments"]) == 10


@pytest.mark.parametrize("line", ["一行字\n", "😀" * 40 + "\n"])
def test_a_text_fits_into_one_message(line: str) -> None:
    assert 3800 < len(fitting(line * 3000).encode("utf-16-le")) // 2 <= 4096
    assert fitting("一行字") == "一行字"


def test_a_file_that_is_too_large_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    file = tmp_path / "customers.xlsx"
    with file.open("wb") as out:
        out.truncate(MOST_BYTES + 1)
    with pytest.raises(RefusedError) as refused:
        read_table(file)
    assert refused.value.key == "file_large"
