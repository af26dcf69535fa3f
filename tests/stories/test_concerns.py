"""举报: to audit and supervision only, by name or without, and nothing of it lies open in the database, nor in the log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import pytest
from sqlalchemy import String, cast, select
from sqlmodel import SQLModel

from models.store import Store
from tests.office import Office, Person
from tests.stories.test_sealing_people import left_in_files

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBER = "JB-2026-0001"
TEXT, CHANGED, ASTRAY, MORE = "陈总收回扣金丝雀", "仓库账实不符黄鹂", "改成三号库百灵", "夜里出库画眉"
ANSWER, CONCLUSION, QUOTING = "已查实并追责云雀", "办结意见相思鸟", "还有一事杜鹃"
WORDS = (TEXT, CHANGED, ASTRAY, MORE, ANSWER, CONCLUSION, QUOTING)


def clear(store: Store, words: Iterable[str]) -> list[str]:
    """Every column of every table that holds one of the words as it is or as JSON escapes it."""
    found = []
    with store.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                text = "\n".join(str(each) for each in connection.execute(select(cast(column, String))).scalars())
                for word in words:
                    if word in text or word.encode("ascii", "backslashreplace").decode() in text:
                        found.append(f"{table.name}.{column.name}: {word}")
    return found


async def reports(person: Person, words: str, signed: str = "匿名") -> None:
    await person.says(f"/report_concern {words}")
    for button in ("举报", signed, "保存"):
        await person.presses(button)


def quotes(person: Person, bubble: int, text: str) -> None:
    person.phone.replies(bubble, text)


async def a_whole_conversation(office: Office) -> None:
    """Typed, changed, taken wrongly, interrupted, resumed, added to, submitted, opened, quoted, answered, closed, asked about."""
    ann, auditor = office.people("ann", "auditor")
    await ann.says(f"/report_concern {TEXT}")
    await ann.edits(f"/report_concern {TEXT}、{CHANGED}")
    await ann.says(ASTRAY)
    await ann.presses("举报")
    for line in ("取消", "/menu"):
        await ann.says(line)
    await ann.presses("继续")
    ann.reads(TEXT, CHANGED)
    await ann.presses("匿名")
    await ann.says(MORE)
    await ann.presses("补充到")
    await ann.presses("保存")
    ann.reads("已收到", NUMBER)
    auditor.reads("收到举报", NUMBER)
    await auditor.presses("打开（留痕）")
    auditor.reads(TEXT, CHANGED, MORE, "匿名")


@SQLITE
async def test_x(office: Office) -> None:
    try:
        await a_whole_conversation(office)
    finally:
        for n in ("ann", "auditor"):
            print("=====", n)
            for b in office.telegram.chat(office.person(n).user):
                print("--", "BOT" if b.by_bot else "ME", b.text, [[x.text for x in r] for r in b.buttons])
        print(clear(office.store, WORDS), left_in_files(str(office.store.url), *WORDS))
