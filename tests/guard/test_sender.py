"""What becomes of a message when sending goes wrong, by the class of the message (the table of trust.md).

The faults are played by the simulated Telegram; the sender's bot loses patience after a fraction of a second.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from httpx_aiohttp import AiohttpTransport
from sqlmodel import select
from telegram import Bot
from telegram.error import InvalidToken
from telegram.request import HTTPXRequest

from bot.sender import Sender
from dialogue.telling import MessageClass, stranger, tell
from dialogue.values import Screen
from models.messages import Outbox
from models.people import Staff
from simulator.faults import Kind
from tests.company import PEOPLE
from tests.office import Office, Person, quick_limiter
from words import say

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NO_TLS = ssl.create_default_context()
AGAIN = "⚠️ 重发，可能重复（编号 {}）"
STRONG = ("escalation", "receipt")
READERS = {"escalation": "head", "receipt": "sales", "reply": "ann", "reminder": "amy", "digest": "bob"}
"""Who is told the message of each class."""

UNCERTAIN: list[tuple[Kind, int]] = [
    # fault, how many arrived all the same
    ("accept_then_hang", 1),
    ("accept_then_reset", 1),
    ("bad_gateway_after_accept", 1),
    ("garbage", 1),
    ("never_answer", 0),
    ("refuse", 0),
    ("server_error_html", 0),
]


class Unreadable(HTTPXRequest):
    """Telegram sends what it is asked to send, and the answer is well-formed nonsense."""

    async def do_request(self, url: str, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        answer = await super().do_request(url, *args, **kwargs)
        return (200, b'{"ok":true,"result":true}') if url.endswith("sendMessage") else answer


@dataclass
class Hands:
    """An office whose sender is impatient, and whose seconds are moved by hand."""

    office: Office
    seconds: float = 0.0
    told: dict[int, str] = field(default_factory=dict)

    @property
    def sender(self) -> Sender:
        return self.office.service.sender

    def tells(self, who: str, kind: str = "escalation", text: str = "请看") -> int:
        """Put a message into the outbox. Returns its number."""
        with self.office.store.write() as session:
            staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
            key = f"test:{len(self.told)}"
            tell(session, staff, Screen(say("text", text=text)), MessageClass(kind), key, self.office.clock.now())
            row = session.exec(select(Outbox).where(Outbox.unique_key == key)).one()
            self.told[row.id or 0] = who
            return row.id or 0

    def strikes(
        self, kind: Kind, who: str | None = None, *, times: int = 1, method: str = "sendMessage", to: int = 0
    ) -> None:
        chat = PEOPLE[who][2] if who else None
        self.office.telegram.faults.add(
            kind=kind, method=method, chat_id=chat, times=times, retry_after=7, new_chat_id=to
        )

    async def sends(self) -> None:
        while await self.sender.step(self.office.clock.now()) or await self.sender.finish():
            pass

    async def passes(self, seconds: int) -> None:
        """Time goes by, and what may be sent by then is."""
        self.seconds += seconds
        self.office.clock.move(timedelta(seconds=seconds))
        await self.sends()

    def row(self, number: int) -> Outbox:
        with self.office.read() as records:
            return records.get_one(Outbox, number)

    def staff(self, who: str) -> Staff:
        with self.office.read() as records:
            return records.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()

    def texts(self, who: str) -> list[str]:
        return [bubble.text for bubble in Person(self.office, who, PEOPLE[who][2]).bubbles()]

    @property
    def asked(self) -> int:
        """How often Telegram was asked to send something."""
        return len(self.office.telegram.calls_of("sendMessage"))


def impatient(office: Office, kind: type[HTTPXRequest] = HTTPXRequest) -> Bot:
    def request() -> HTTPXRequest:
        return kind(read_timeout=0.2, httpx_kwargs={"transport": AiohttpTransport(verify=NO_TLS)})

    token = office.telegram.token
    return Bot(token, base_url=office.server.base_url, request=request(), get_updates_request=request())


@pytest.fixture
async def hands(office: Office) -> AsyncIterator[Hands]:
    hands = Hands(office)
    async with impatient(office) as bot:
        office.service.sender = Sender(bot, office.store, office.house, quick_limiter(), lambda: hands.seconds)
        yield hands


# The answer is uncertain


@pytest.mark.parametrize(("fault", "arrived"), UNCERTAIN)
async def test_an_uncertain_message_is_said_again_only_where_silence_would_be_worse(
    hands: Hands, fault: Kind, arrived: int
) -> None:
    numbers = {kind: hands.tells(who, kind) for kind, who in READERS.items()}
    hands.strikes(fault, times=len(READERS))
    await hands.sends()
    await hands.passes(59)
    assert {kind: len(hands.texts(who)) for kind, who in READERS.items()} == dict.fromkeys(READERS, arrived)
    await hands.passes(1)
    await hands.passes(3600)
    for kind, who in READERS.items():
        row = hands.row(numbers[kind])
        again = [f"{AGAIN.format(row.id)}\n请看"] if kind in STRONG else []
        assert hands.texts(who) == ["请看"] * arrived + again
        assert (row.state, row.tries) == (("sent", 2) if kind in STRONG else ("uncertain", 1))


async def test_after_two_repeats_it_goes_to_the_next_in_line(hands: Hands) -> None:
    number = hands.tells("head")
    hands.strikes("accept_then_reset", "head", times=3)
    await hands.sends()
    await hands.passes(60)
    assert hands.texts("vp") == []
    await hands.passes(60)
    again = f"{AGAIN.format(number)}\n请看"
    assert hands.texts("head") == ["请看", again, again]
    assert hands.texts("vp") == ["↪️ 联系不上何建国，转给您：\n请看"]
    await hands.passes(3600)
    assert len(hands.texts("head")) == 3 and len(hands.texts("vp")) == 1 and hands.row(number).state == "uncertain"


async def test_a_well_formed_answer_without_a_message_is_uncertain_too(hands: Hands) -> None:
    number, weak = hands.tells("head"), hands.tells("ann", "reply")
    async with impatient(hands.office, Unreadable) as bot:
        hands.sender.bot = bot
        await hands.sends()
    assert (hands.row(number).state, hands.row(number).repeats) == ("waiting", 1)
    assert hands.row(weak).state == "uncertain"


@pytest.mark.parametrize("fault", [fault for fault, _ in UNCERTAIN])
async def test_an_edit_is_done_again_until_it_is_certain(hands: Hands, fault: Kind) -> None:
    """Where the first one had arrived, the second is answered "message is not modified", which counts as delivered."""
    (ann,) = hands.office.people("ann")
    await ann.says("/log 华航橡胶 电话 今天 张工 谈了配方 周三再联系")
    hands.strikes(fault, "ann", method="editMessageText")
    await ann.presses("保存")
    await hands.passes(4)
    assert len(hands.office.telegram.calls_of("editMessageText")) == 1
    await hands.passes(1)
    await hands.passes(3600)
    ann.reads("LX-2026-000001")
    assert len(hands.office.telegram.calls_of("editMessageText")) == 2
    with hands.office.read() as records:
        assert {row.state for row in records.exec(select(Outbox))} == {"sent"}


# Surely not sent


async def test_a_refused_connection_is_tried_freely_and_every_message_arrives_once(hands: Hands) -> None:
    numbers = [hands.tells(who, kind) for kind, who in READERS.items()]
    async with hands.office.server.unreachable():
        await hands.sends()
        for _ in range(10):
            await hands.passes(5)
    assert [(hands.row(number).state, hands.row(number).tries) for number in numbers] == [("waiting", 11)] * 5
    await hands.passes(5)
    assert [hands.texts(who) for who in READERS.values()] == [["请看"]] * 5
    assert {hands.row(number).state for number in numbers} == {"sent"}


async def test_told_to_wait_nobody_is_written_to_until_then(hands: Hands) -> None:
    first = hands.tells("head")
    hands.strikes("flood", "head")
    await hands.sends()
    second = hands.tells("vp")
    await hands.passes(6)
    assert hands.asked == 1 and hands.texts("vp") == []
    await hands.passes(1)
    assert hands.texts("head") == hands.texts("vp") == ["请看"]
    assert (hands.row(first).state, hands.row(second).state, hands.asked) == ("sent", "sent", 3)


async def test_a_file_that_was_refused_for_now_comes_when_it_may(hands: Hands) -> None:
    sales = hands.office.person("sales")
    hands.strikes("flood", method="sendDocument")
    await sales.says("/log 华航橡胶 电话 刚才 谈了三季度配方")
    await sales.presses("保存")
    await sales.says("沟通台账")
    await sales.presses("导出 Excel")
    assert not any(bubble.attachment for bubble in sales.bubbles())
    await hands.passes(7)
    assert [bubble.attachment is not None for bubble in sales.bubbles()].count(True) == 1


async def test_a_group_that_moved_is_written_to_at_its_new_place(hands: Hands) -> None:
    old, new = (hands.office.telegram.group(title, [PEOPLE["ann"][2]]) for title in ("旧群", "新群"))
    with hands.office.store.write() as session:
        stranger(session, old, say("text", text="请看"), "test", hands.office.clock.now())
    hands.office.telegram.faults.add(kind="migrate", method="sendMessage", new_chat_id=new)
    await hands.sends()
    assert [bubble.text for bubble in hands.office.telegram.chat(PEOPLE["ann"][2], chat=new)] == ["请看"]
    assert hands.row(1).chat_id == new


# Refused for good


async def test_whoever_blocked_the_bot_is_unreachable_and_the_next_in_line_hears_it(hands: Hands) -> None:
    hands.office.telegram.blocks_bot(PEOPLE["head"][2])
    number = hands.tells("head")
    await hands.sender.step(hands.office.clock.now())
    assert hands.row(number).state == "failed" and hands.staff("head").unreachable_since == hands.office.clock.now()
    assert hands.row(number + 1).unique_key.startswith(hands.row(number).unique_key), (
        "passed on in the same transaction"
    )
    await hands.sends()
    assert hands.texts("vp") == ["↪️ 联系不上何建国，转给您：\n请看"]
    hands.office.telegram.unblocks_bot(PEOPLE["head"][2])
    hands.tells("head", text="又来")
    await hands.sends()
    assert hands.texts("head") == ["又来"] and hands.staff("head").unreachable_since is None


async def test_up_the_line_until_somebody_can_be_reached(hands: Hands) -> None:
    for who in ("ann", "head", "vp"):
        hands.office.telegram.blocks_bot(PEOPLE[who][2])
    hands.tells("ann")
    await hands.sends()
    assert hands.texts("gm") == ["↪️ 联系不上魏立，转给您：\n↪️ 联系不上何建国，转给您：\n↪️ 联系不上安然，转给您：\n请看"]


async def test_two_who_name_each_other_as_superior_are_not_asked_for_ever(hands: Hands) -> None:
    with hands.office.store.write() as session:
        ann, amy = (session.exec(select(Staff).where(Staff.number == number)).one() for number in ("S01", "S02"))
        ann.superior_id, amy.superior_id = amy.id, ann.id
    for who in ("ann", "amy"):
        hands.office.telegram.blocks_bot(PEOPLE[who][2])
    hands.tells("ann")
    await hands.sends()
    assert hands.asked == 3


@pytest.mark.parametrize("kind", ["reply", "reminder", "digest"])
async def test_what_is_no_escalation_is_not_passed_on(hands: Hands, kind: str) -> None:
    hands.office.telegram.blocks_bot(PEOPLE["head"][2])
    number = hands.tells("head", kind)
    await hands.passes(3600)
    assert hands.row(number).state == "failed" and hands.asked == 1
    assert hands.staff("head").unreachable_since is not None


async def test_a_chat_that_is_not_there_counts_as_unreachable(hands: Hands) -> None:
    with hands.office.store.write() as session:
        session.exec(select(Staff).where(Staff.number == "U01")).one().telegram_id = 999
    number = hands.tells("head")
    await hands.sends()
    assert hands.row(number).state == "failed" and hands.staff("head").unreachable_since is not None
    assert len(hands.texts("vp")) == 1


@pytest.mark.parametrize("kind", READERS)
async def test_a_bad_request_is_never_tried_again(hands: Hands, kind: str) -> None:
    hands.strikes("bad_request")
    number = hands.tells(READERS[kind], kind)
    await hands.sends()
    await hands.passes(3600)
    row = hands.row(number)
    assert (row.state, row.tries, hands.asked) == ("failed", 1, 1) and row.error == "Simulated refusal"
    assert hands.staff(READERS[kind]).unreachable_since is None


async def test_words_that_cannot_be_said_hold_up_nobody_else(hands: Hands) -> None:
    with hands.office.store.write() as session:
        stranger(session, PEOPLE["ann"][2], say("no.such.words"), "test", hands.office.clock.now())
    hands.tells("head")
    await hands.sends()
    assert hands.texts("head") == ["请看"]
    assert hands.row(1).state == "failed" and "no.such.words" in (hands.row(1).error or "")


# The token


async def test_a_revoked_token_ends_the_sending_and_loses_nothing(hands: Hands) -> None:
    first, second = hands.tells("head"), hands.tells("vp")
    hands.strikes("unauthorized", "head")
    with pytest.raises(InvalidToken):
        await hands.sends()
    assert (hands.row(first).state, hands.row(second).state) == ("waiting", "sent")
    await hands.sends()
    assert hands.texts("head") == ["请看"]


async def test_a_revoked_token_ends_the_running_product(hands: Hands) -> None:
    hands.strikes("unauthorized")
    hands.tells("head")
    with pytest.raises(ExceptionGroup) as ended:
        await hands.office.service.run()
    assert ended.group_contains(InvalidToken) and hands.asked == 1


# Our own death


async def test_what_was_under_way_when_we_died_is_uncertain(hands: Hands) -> None:
    numbers = {kind: hands.tells(who, kind) for kind, who in READERS.items()}
    with hands.office.store.write() as session:
        for number in numbers.values():
            session.get_one(Outbox, number).state = "sending"
    await hands.sender.recover(hands.office.clock.now())
    await hands.sends()
    for kind, who in READERS.items():
        again = [f"{AGAIN.format(numbers[kind])}\n请看"] if kind in STRONG else []
        assert hands.texts(who) == again
        assert hands.row(numbers[kind]).state == ("sent" if again else "uncertain")


async def test_a_press_shows_that_its_card_arrived_and_where_it_stands(hands: Hands) -> None:
    """The answer to the sending was lost, and with it the number of the message, without which no card can be drawn anew."""
    (ann,) = hands.office.people("ann")
    hands.strikes("accept_then_reset", "ann")
    await ann.says("/log 华航橡胶 电话 今天 张工 谈了配方 周三再联系")
    assert hands.row(1).state == "uncertain"
    await ann.presses("保存")
    ann.reads("LX-2026-000001")
    assert hands.row(1).state == "sent" and len(ann.bubbles()) == 1


async def test_what_was_pressed_is_not_said_again(hands: Hands) -> None:
    ann, head = hands.office.people("ann", "head")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    hands.strikes("accept_then_reset", "head")
    await hands.office.passes("19h 12min")
    await head.presses("确认收到")
    await hands.passes(3600)
    assert len(head.bubbles()) == 1
    head.reads("已确认收到")


async def test_the_next_in_line_may_acknowledge_what_was_passed_on(hands: Hands) -> None:
    ann, vp = hands.office.people("ann", "vp")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    hands.office.telegram.blocks_bot(PEOPLE["head"][2])
    await hands.office.passes("20h")
    vp.reads("联系不上何建国")
    await vp.presses("确认收到")
    vp.reads("已确认收到")
