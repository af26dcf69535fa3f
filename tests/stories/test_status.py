"""状态: one screen for administrators, in both languages, and for nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session

from bot.watch import Part
from models.messages import Outbox
from tests.company import PEOPLE
from tests.office import Office


async def _at_work(office: Office) -> None:
    for part in Part:
        office.service.watch.pulse.beat(part)
    await office.service.signs.note()


async def test_an_administrator_reads_on_one_screen_how_the_bot_is(office: Office) -> None:
    ann, admin = office.people("ann", "admin")
    await ann.says("/help")
    await _at_work(office)
    office.clock.move(timedelta(hours=2))
    await admin.says("状态")
    admin.reads("运行状态", "版本 0.1.0 · 轮询 · 已运行 2 小时", "启动于 11月23日 周一 09:00")
    admin.reads("⚠️ 09:00:00", "发送 09:00:00", "待发送 0", "结果不明 0 · 发送失败 0", "搁置的更新 0")
    admin.reads("PostgreSQL" if not office.store.is_sqlite else "SQLite", " MB", "近 7 天的警报\n没有")
    assert len(admin.last().text.splitlines()) <= 12
    assert max(len(line) for line in admin.last().text.splitlines()) <= 40


async def test_the_screen_is_refreshed_in_place_and_counts_what_went_wrong(office: Office) -> None:
    (admin,) = office.people("admin")
    await _at_work(office)
    await admin.says("/status")
    bubbles = len(admin.bubbles())
    office.clock.move(timedelta(minutes=1))
    await _at_work(office)
    office.store.run_here(_goes_wrong, office)
    await admin.presses("刷新")
    admin.reads("巡检 09:01:00 · 接收 09:01:00", "结果不明 1 · 发送失败 0")
    assert len(admin.bubbles()) == bubbles


def _goes_wrong(session: Session, office: Office) -> None:
    now = office.clock.now()
    session.add(Outbox(unique_key="x", chat_id=1, message_class="reply", priority=2, created_at=now, state="uncertain"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_it_is_said_in_english_too(office: Office) -> None:
    (admin,) = office.people("admin")
    await _at_work(office)
    await admin.says("/lang en")
    await admin.says("/status")
    admin.reads("Bot status", "Version 0.1.0 · polling", "Last 7 days: uncertain 0 · failed 0")
    assert not [letter for letter in admin.last().text if "一" <= letter <= "鿿"]
    assert max(len(line) for line in admin.last().text.splitlines()) <= 60


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", [name for name in PEOPLE if name != "admin"])
async def test_nobody_else_sees_it(office: Office, who: str) -> None:
    person = office.person(who)
    for words in ("/status", "状态"):
        await person.says(words)
        person.reads("没有找到，或不在您的权限内。")
        person.reads_nothing_of("版本", "SQLite")
