"""Any line whatever, typed in any state of a conversation: every piece of it was understood, or stands where it can be seen.

Seen is: an answer of the form that is being filled in, a card, or what one of its buttons will put down. The hidden copy that a
draft keeps of its line does not count.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session, col, select

from bot.incoming import clean
from dialogue.kinds import PersonName, Text
from dialogue.taking import fits
from dialogue.turn import Turn
from dialogue.values import Incoming
from handlers import DESK
from handlers.reading import read
from models.messages import Card, Draft, open_draft
from models.people import Staff
from rules.gate import Action
from rules.house import House
from tests.company import PEOPLE
from tests.poison import ALPHABETS, Poisoner
from tests.post import Post

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINES = 40
USER = PEOPLE["ann"][2]
PIECES = (
    "华航橡胶", "飞翼制造", "远大", "华杭橡胶", "星辰航空", "hhxj", "张工", "王总", "电话", "微信", "走访", "刚才", "前天",
    "昨天下午3点", "下周三再联系", "月底前报价", "谈了三季度配方", "要追加两吨", "胶管开裂", "投诉", "回访", "咨询", "催了交期",
    "没有投诉", "他很着急", "是", "无", "3万", "简报", "查", "ok", "the hose cracked", "called", "2026年2月30日", "13800138009",
)  # fmt: skip
STATES = (
    (),
    ("/log",),
    ("/log 华航橡胶",),
    ("/log 华航橡胶 电话",),
    ("/log 华航橡胶 电话 昨天",),
    ("/log 华航橡胶 电话 昨天 谈了配方",),
    ("/complain 华航橡胶",),
    ("/complain 华航橡胶 胶管开裂",),
    ("/callback 华航橡胶 电话 昨天",),
    ("/newcustomer",),
    ("/newcustomer 陕西星辰航空",),
    ("星辰航空 昨天 电话 谈了报价",),
    ("今天天气不错",),
    ("photo",),
    ("/log 华航橡胶", "photo"),
)  # fmt: skip
LOOK_UPS, BUTTONS = ("查", "简报"), ("ok",)
"""What is only asked about is not recorded, and a word that presses a button is none."""
BETWEEN = re.compile(r"[\s，、。,.;；:：!！?？]+")


@dataclass
class Chat:
    post: Post
    poisoner: Poisoner
    house: House

    async def says(self, text: str) -> None:
        if text == "photo":
            photo = {"file_id": "F", "file_unique_id": "u", "file_size": 9, "width": 1, "height": 1}
            await self.post.take(self.poisoner.message(USER, photo=[photo]))
        else:
            await self.post.take(self.poisoner.message(USER, text=text))

    def understood(self, text: str) -> list[str]:
        """The stretches that become answers; all of it where it is the answer that was asked for and no free words."""
        with self.post.store.read() as session:
            turn = self.turn(session)
            draft = open_draft(session, turn.me)
            if draft is not None and draft.asking:
                kind = DESK.forms[draft.form].field(draft.asking).kind
                if not isinstance(kind, (Text, PersonName)) and fits(turn, draft, text):
                    return [text]
            head = [text.split(maxsplit=1)[0]] if text.split(maxsplit=1)[0] in DESK.words else []
            lines = [text, *text.splitlines()]
            return head + [part for line in lines for part in read(turn, line, Action.LOG_CONTACT).understood]

    def turn(self, session: Session) -> Turn:
        staff = session.exec(select(Staff).where(Staff.telegram_id == USER)).one()
        return Turn(session, self.post.now, self.house, staff, Incoming(USER, USER), DESK, "looks")

    def seen(self) -> str:
        with self.post.store.read() as session:
            cards = session.exec(select(Card).where(Card.chat_id == USER).order_by(col(Card.id).desc()).limit(3)).all()
            drafts = session.exec(select(Draft).where(col(Draft.state).in_(("open", "kept")))).all()
            return "\n".join(strings([[each.text, each.buttons] for each in cards] + [each.answers for each in drafts]))


def strings(value: Any) -> Iterator[str]:
    """Every text in it, but what lies under a hidden name."""
    match value:
        case str():
            yield value
        case dict():
            yield from (text for name, each in value.items() if not name.startswith("_") for text in strings(each))
        case list():
            yield from (text for each in value for text in strings(each))


def a_line(dice: random.Random) -> str:
    pieces = dice.sample(PIECES, dice.randint(1, 6))
    if dice.random() < 0.4:
        noise = "".join(dice.choices(dice.choice(ALPHABETS), k=dice.randint(1, 12)))
        pieces.insert(dice.randrange(len(pieces) + 1), noise)
    return clean(dice.choice((" ", "，", "", " ", "\n")).join(pieces))


def left_over(text: str, understood: list[str]) -> list[str]:
    """The pieces of a line that nobody understood."""
    for stretch in sorted(understood, key=len, reverse=True):
        text = text.replace(stretch, " ", 1)
    return [each for each in BETWEEN.split(text) if each]


@pytest.mark.parametrize("seed", [1, 2])
async def test_nothing_that_was_typed_is_lost(database: str, house: House, seed: int) -> None:
    dice, post = random.Random(seed), Post(database, house)
    chat = Chat(post, Poisoner(seed, post.store), house)
    for _ in range(LINES):
        for step in ("/cancel", *dice.choice(STATES)):
            await chat.says(step)
        line = a_line(dice)
        if not line or line.startswith("/") or line.split(maxsplit=1)[0] in (*LOOK_UPS, *BUTTONS) or line in DESK.words:
            continue
        understood = chat.understood(line)
        await chat.says(line)
        seen = chat.seen()
        lost = [each for each in left_over(line, understood) if each not in seen]
        assert not lost, f"{lost} of {line!r}:\n{seen[:1500]}"
    post.store.close()
