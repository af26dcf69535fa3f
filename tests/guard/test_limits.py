"""Telegram's limits on sending: the limiter by itself, with hand-moved seconds, and over the wire against a strict server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.limits import Limiter, Limits
from bot.sender import Sender
from dialogue.telling import stranger
from simulator import limits as telegrams
from tests.office import Office
from words import say

GROUP = -100
CHATS = [1, 2, GROUP]

Sent = tuple[float, int, bool]
"""When, to which chat, whether it was an edit."""

bursts = st.lists(
    st.tuples(st.sampled_from([0.0, 0.3, 1.0]), st.sampled_from(CHATS), st.booleans(), st.integers(1, 40)),
    min_size=40,
    max_size=80,
)
"""Seconds since the last one, chat, whether they are edits, how many are asked for in a row, ten milliseconds apart."""
QUIETLY = settings(max_examples=25, deadline=None, derandomize=True, database=None, phases=[Phase.generate])


def let_through(wanted: list[tuple[float, int, bool, int]], limiter: Limiter) -> Iterator[Sent]:
    """Ask for each at its time; what may not go is dropped."""
    now = 1000.0
    for pause, chat, edit, many in wanted:
        now += pause
        for _ in range(many):
            now += 0.01
            if not limiter.wait(chat, now, edit=edit):
                limiter.sent(chat, now, edit=edit)
                yield now, chat, edit


def most_within(times: list[float], seconds: float) -> int:
    """The largest number in any stretch of so many seconds, its end not included."""
    return max((sum(start <= each < start + seconds for each in times) for start in times), default=0)


@QUIETLY
@given(bursts)
def test_never_more_than_telegram_allows_in_any_second_chat_or_group(
    wanted: list[tuple[float, int, bool, int]],
) -> None:
    sent = list(let_through(wanted, Limiter()))
    assert most_within([at for at, _, _ in sent], 0.999) <= 30
    for chat in CHATS:
        assert most_within([at for at, to, edit in sent if to == chat and not edit], 0.999) <= 1
    assert most_within([at for at, to, edit in sent if to == GROUP and not edit], 59.999) <= 20


@given(bursts, st.sampled_from(CHATS), st.booleans())
@QUIETLY
def test_whoever_waits_as_long_as_told_may_go(
    wanted: list[tuple[float, int, bool, int]], chat: int, edit: bool
) -> None:
    limiter = Limiter()
    *_, (now, _, _) = let_through(wanted, limiter)
    wait = limiter.wait(chat, now, edit=edit)
    assert wait <= 60 and limiter.wait(chat, now + wait + 1e-6, edit=edit) == 0


def test_thirty_go_at_once_and_the_next_a_second_later() -> None:
    limiter = Limiter()
    for chat in range(1, 31):
        assert limiter.wait(chat, 5.0) == 0
        limiter.sent(chat, 5.0)
    assert limiter.wait(99, 5.5) == pytest.approx(0.5)
    assert limiter.wait(99, 6.0) == 0


def test_a_second_apart_in_a_chat_but_edits_are_free() -> None:
    limiter = Limiter()
    limiter.sent(1, 5.0)
    assert limiter.wait(1, 5.25) == pytest.approx(0.75)
    assert limiter.wait(1, 5.25, edit=True) == 0
    assert limiter.wait(2, 5.25) == 0


def test_twenty_a_minute_in_a_group() -> None:
    limiter = Limiter()
    for second in range(20):
        assert limiter.wait(GROUP, float(second)) == 0
        limiter.sent(GROUP, float(second))
    assert limiter.wait(GROUP, 20.0) == pytest.approx(40)
    assert limiter.wait(7, 20.0) == 0


def test_edits_count_with_all_the_others() -> None:
    limiter = Limiter()
    for _ in range(30):
        limiter.sent(1, 5.0, edit=True)
    assert limiter.wait(2, 5.0) == 1


def test_what_was_answered_late_counts_from_its_answer() -> None:
    """Telegram counts a message when it arrives, which we know only afterwards."""
    limiter = Limiter()
    limiter.sent(1, 5.0)
    limiter.arrived(5.0, 5.3)
    assert limiter.wait(1, 6.0) == pytest.approx(0.3)


def test_told_to_wait_nobody_hears_anything() -> None:
    for limiter in (Limiter(), Limiter(limits=None)):
        limiter.halt(7, 100.0)
        assert limiter.wait(1, 101.0) == limiter.wait(2, 101.0, edit=True) == pytest.approx(6)
        assert limiter.wait(1, 107.0) == 0


def test_it_forgets_what_no_longer_counts() -> None:
    limiter = Limiter()
    for second in range(1000):
        limiter.sent(second % 7, float(second))
    limiter.sent(1, 5000.0)
    assert len(limiter._overall) == 1 and list(limiter._chats) == [1]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_sixty_messages_to_forty_chats_break_no_limit(office: Office) -> None:
    telegram = office.telegram
    telegram.limits = telegrams.Limits(enforced=True, burst=1)
    for user in range(5000, 5040):
        telegram.person(user, f"客户{user}")
        telegram.phone(user).starts()
    with office.store.write() as session:
        for number in range(60):
            stranger(
                session, 5000 + number % 40, say("text", text=f"第 {number} 条"), f"flood:{number}", office.clock.now()
            )
    sender = Sender(office.service.bot, office.store, office.house, Limiter(Limits()))
    while len(telegram.calls_of("sendMessage")) < 60:
        await sender.step(office.clock.now())
    assert all(call.ok for call in telegram.calls_of("sendMessage"))
    assert not telegram.limits.breaches
    assert sum(len(telegram.chat(user)) - 1 for user in range(5000, 5040)) == 60
