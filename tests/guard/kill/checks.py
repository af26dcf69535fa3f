"""What must hold after a day with a death in it, against the same day without one. Each check is a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from bot.sender import STRONG
from models.store import Store
from scheduler.concerns import TOLD
from scheduler.verifying import Flaw, verify
from simulator.telegram import Call
from tests.company import PEOPLE
from tests.guard.kill.story import CHAIN_KEY, Chapter, Outside
from words import Voice, unpack

TRAFFIC = {"inbox", "outbox", "card", "vital"}
"""Tables that carry messages or count them; all the others must be as on an undisturbed day, row by row."""
BY_CHANCE = {
    *(("audit", "digest"), ("audit_body", "salt"), ("draft", "card_id")),
    *(("chain", "seal"), ("chain", "mac"), ("posted_head", "mac"), ("invitation", "code_hash")),
}
AGAIN = "⚠️ 重发，可能重复"

Row = dict[str, Any]
Tables = dict[str, list[Row]]
Text = tuple[int, str]
"""Chat and words."""
LATER = datetime(2100, 1, 1, tzinfo=UTC)
"""When nothing may wait for its link any more."""


@dataclass
class Day:
    """What a day left behind: the tables, and what reached the phones."""

    tables: Tables
    sent: Counter[Text]
    drawn: Counter[Text]
    """What was sent or drawn over an older message."""
    strong: set[Text]
    concerns: set[Text]
    """What administrators were told of messages whose end is uncertain."""
    readers: set[str]
    """Who sees the number of the chapter on their phone."""
    updates: int
    deaths: int
    flaws: tuple[Flaw, ...]
    """What is wrong with the audit chain."""


def look(outside: Outside, url: str, chapter: Chapter, deaths: int) -> Day:
    tables, flaws = _rows(url)
    calls = [call for call in outside.telegram.calls if call.ok]
    sent = [call for call in calls if call.method == "sendMessage"]
    edits = [call for call in calls if call.method == "editMessageText"]
    strong = _places(tables, lambda row: row["message_class"] in STRONG and not row["edits"])
    return Day(
        tables=tables,
        sent=Counter(map(_text, sent)),
        drawn=Counter(map(_text, sent + edits)),
        strong={_text(call) for call in sent if _place(call) in strong},
        concerns=_concerns(tables),
        readers={who for who in PEOPLE if any(chapter.number in each.text for each in outside.bubbles(who))},
        updates=outside.telegram.world().updates.next_id - 1001,
        deaths=deaths,
        flaws=flaws,
    )


def _rows(url: str) -> tuple[Tables, tuple[Flaw, ...]]:
    store = Store(url)
    with store.engine.connect() as connection:
        found = {
            table.name: [
                dict(row) for row in connection.execute(table.select().order_by(*table.primary_key)).mappings()
            ]
            for table in SQLModel.metadata.sorted_tables
        }
        flaws = tuple(verify(connection, CHAIN_KEY, LATER).flaws)
    store.close()
    return found, flaws


def _text(call: Call) -> Text:
    return int(call.params["chat_id"]), call.params["text"]


def _place(call: Call) -> tuple[int, int]:
    assert call.answer is not None
    return _text(call)[0], call.answer["result"]["message_id"]


def _places(tables: Tables, which: Callable[[Row], bool]) -> set[tuple[int, int]]:
    cards = {row["card_id"] for row in tables["outbox"] if which(row)}
    return {(row["chat_id"], row["message_id"]) for row in tables["card"] if row["id"] in cards}


def _concerns(tables: Tables) -> set[Text]:
    """By their words: the end of such a message may be uncertain itself, and then nobody knows where it stands."""
    voice = Voice("zh_CN", ZoneInfo("Asia/Shanghai"), LATER)
    told = [row for row in tables["outbox"] if row["unique_key"].startswith(TOLD)]
    return {(row["chat_id"], voice(unpack(row["text"]))) for row in told}


# The checks: each yields what is wrong.

Check = Callable[[Day, Day], Iterator[str]]


def every_record_is_as_on_an_undisturbed_day(calm: Day, day: Day) -> Iterator[str]:
    for name in calm.tables.keys() - TRAFFIC:
        ours, theirs = _plain(name, day), _plain(name, calm)
        if ours != theirs:
            yield f"{name}: {[row for row in ours if row not in theirs]} instead of {[row for row in theirs if row not in ours]}"


def _plain(name: str, day: Day) -> list[Row]:
    return [{col: value for col, value in row.items() if (name, col) not in BY_CHANCE} for row in day.tables[name]]


def every_update_is_stored_once_and_handled_at_the_first_try(_: Day, day: Day) -> Iterator[str]:
    rows = day.tables["inbox"]
    if sorted(row["update_id"] for row in rows) != list(range(1001, 1001 + day.updates)):
        yield f"stored: {[row['update_id'] for row in rows]} of {day.updates}"
    yield from (f"{row}" for row in rows if (row["state"], row["tries"]) != ("handled", 0))


def no_step_of_a_clock_is_told_twice(_: Day, day: Day) -> Iterator[str]:
    names = ("clock_id", "cycle", "step", "nth", "staff_id")
    told = Counter(tuple(row[name] for name in names) for row in day.tables["event"])
    yield from (f"{event}: {count} times" for event, count in told.items() if count > 1)


def the_numbers_stand_on_the_phones(calm: Day, day: Day) -> Iterator[str]:
    for who in calm.readers - day.readers:
        yield f"{who} does not read it"


def escalations_and_receipts_arrive_and_what_is_said_again_is_marked(calm: Day, day: Day) -> Iterator[str]:
    for chat, text in calm.strong:
        once = day.sent[chat, text]
        again = sum(count for (to, said), count in day.sent.items() if to == chat and _repeats(said, text))
        if once > 1 or again > day.deaths or not once + again:
            yield f"to {chat} {once} times and {again} times marked: {text}"


def nothing_else_is_said_twice(calm: Day, day: Day) -> Iterator[str]:
    """An answer that would have been drawn on a card comes as a message of its own where people had to type."""
    for (chat, text), count in day.sent.items():
        marked = any(to == chat and _repeats(text, original) for to, original in calm.strong)
        if not marked and (chat, text) not in day.concerns and count > calm.drawn[chat, text]:
            yield f"to {chat} {count} times: {text}"


def what_was_lost_is_a_reply_and_known_to_be_uncertain(calm: Day, day: Day) -> Iterator[str]:
    lost = {each for each in calm.drawn if each not in day.drawn} - calm.strong
    uncertain = [row for row in day.tables["outbox"] if row["state"] == "uncertain"]
    if len(lost) > len(uncertain):
        yield f"{lost} are lost, uncertain only {uncertain}"


def administrators_hear_of_uncertain_messages_only_where_there_are_some(_: Day, day: Day) -> Iterator[str]:
    if day.concerns and all(row["state"] != "uncertain" for row in day.tables["outbox"]):
        yield f"{day.concerns}"


def nothing_is_left_to_send(_: Day, day: Day) -> Iterator[str]:
    ends = {"sent", "superseded", "uncertain"}
    yield from (f"{row}" for row in day.tables["outbox"] if row["state"] not in ends)


def the_audit_chain_is_whole(_: Day, day: Day) -> Iterator[str]:
    yield from map(str, day.flaws)


def _repeats(said: str, text: str) -> bool:
    return said.startswith(AGAIN) and said.endswith(text)


CHECKS: tuple[Check, ...] = (
    every_record_is_as_on_an_undisturbed_day,
    every_update_is_stored_once_and_handled_at_the_first_try,
    no_step_of_a_clock_is_told_twice,
    the_numbers_stand_on_the_phones,
    escalations_and_receipts_arrive_and_what_is_said_again_is_marked,
    nothing_else_is_said_twice,
    what_was_lost_is_a_reply_and_known_to_be_uncertain,
    administrators_hear_of_uncertain_messages_only_where_there_are_some,
    nothing_is_left_to_send,
    the_audit_chain_is_whole,
)


def broken(calm: Day, day: Day) -> list[str]:
    return [f"{check.__name__}: {wrong}" for check in CHECKS for wrong in check(calm, day)]
