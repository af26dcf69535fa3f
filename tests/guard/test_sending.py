"""How rows leave the outbox: marked before they leave, escalations first, within the limits, each card in its order."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import Session, select

from bot.limits import Limiter, Limits
from bot.sender import Sender
from bot.service import Service
from dialogue.telling import MessageClass, redraw, tell
from dialogue.values import Screen
from models.messages import Card, Outbox
from models.people import Staff
from tests.company import PEOPLE
from tests.office import START, Office, quick_limiter
from words import say

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def told(session: Session, who: str, kind: MessageClass, text: str) -> None:
    staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
    tell(session, staff, Screen(say("text", text=text)), kind, text, START)


def states(office: Office) -> list[str]:
    with office.read() as session:
        return list(session.exec(select(Outbox.state).order_by(Outbox.id)))  # type: ignore[arg-type]


def sender(office: Office, limiter: Limiter, *seconds: float) -> Sender:
    """Its clock gives these seconds one by one."""
    given = list(seconds)
    service = office.service
    return Sender(
        service.bot, office.store, office.house, limiter, lambda: given.pop(0) if len(given) > 1 else given[0]
    )


async def test_while_it_travels_a_message_is_marked_as_leaving(office: Office) -> None:
    office.store.run_here(told, "ann", MessageClass.ESCALATION, "请看")
    office.telegram.faults.add(kind="slow", method="sendMessage", times=1)
    sending = asyncio.create_task(office.service.sender.step(START))
    await office.telegram.bell.until(lambda: bool(office.telegram.calls_of("sendMessage")), 10)
    assert states(office) == ["sending"]
    await sending
    assert states(office) == ["sent"]


async def test_at_the_start_what_was_under_way_is_uncertain(office: Office) -> None:
    office.store.run_here(told, "ann", MessageClass.ESCALATION, "请看")
    office.store.run_here(told, "ann", MessageClass.REPLY, "好的")
    with office.store.write() as session:
        for row in session.exec(select(Outbox)):
            row.state = "sending"
    again = Service(office.service.config, office.store, office.house, office.clock, quick_limiter())
    await again.start()
    await again.stop()
    assert states(office) == ["waiting", "uncertain"]


async def test_escalations_leave_before_everything_else(office: Office) -> None:
    office.store.run_here(told, "ann", MessageClass.DIGEST, "今日")
    office.store.run_here(told, "bob", MessageClass.ESCALATION, "请看")
    assert await sender(office, Limiter(Limits(overall=1)), 5.0).step(START) == 1
    assert states(office) == ["waiting", "sent"]


async def test_the_limits_count_from_the_answer(office: Office) -> None:
    office.store.run_here(told, "ann", MessageClass.REPLY, "好的")
    limiter = Limiter()
    await sender(office, limiter, 5.0, 5.3).step(START)
    assert limiter.wait(PEOPLE["ann"][2], 6.0) == pytest.approx(0.3)


async def test_a_card_is_not_edited_before_it_arrived(office: Office) -> None:
    (ann,) = office.people("ann")
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE["ann"][0])).one()
        card = tell(session, staff, Screen(say("text", text="先")), MessageClass.REPLY, "one", START)
        assert card is not None
        redraw(session, card, Screen(say("text", text="后")), "two", START)
    while await office.service.sender.step(START):
        pass
    assert [bubble.text for bubble in ann.bubbles()] == ["后"]


async def test_what_is_drawn_on_a_card_of_which_nobody_knows_where_it_is_comes_as_a_message(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/menu")
    with office.store.write() as session:
        card = session.exec(select(Card).where(Card.chat_id == ann.user)).one()
        card.message_id = None
        session.exec(select(Outbox).where(Outbox.card_id == card.id)).one().state = "uncertain"
        redraw(session, card, Screen(say("text", text="核对完了")), "checked", office.clock.now())
    await office.service.settle()
    ann.reads("核对完了")
    with office.read() as session:
        assert session.get_one(Card, card.id).message_id == ann.last().id
