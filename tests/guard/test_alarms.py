"""Alarms outside Telegram, over a real wire: each kind at most once an hour, restarts included, and never a secret in one."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from bot.alarms import AGAIN, TRY_AGAIN, Alarm, Alarms, Stamps, readable
from bot.config import AlarmSection, Config, DatabaseSection, TelegramSection
from bot.logs import Redactor, secrets_of
from models.messages import Inbox, Outbox
from tests.conftest import TOKEN
from tests.listener import SECRET, Listener, listening
from tests.office import Office, Person

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    async with listening() as made:
        yield made


class Hand:
    """Monotonic seconds that are moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def alarms(listener: Listener, hand: Hand, stamps: Stamps | None = None, **more: Redactor) -> Alarms:
    return Alarms([listener.address], "凯航公司", stamps=stamps, monotonic=hand, **more)


async def cries(alarms: Alarms, alarm: Alarm, **values: str | int) -> bool:
    return await asyncio.to_thread(alarms.cry, alarm, **values)


async def test_each_kind_is_heard_at_most_once_an_hour(listener: Listener) -> None:
    hand = Hand()
    crying = alarms(listener, hand)
    assert await cries(crying, Alarm.RECEIVER, seconds=90)
    assert not await cries(crying, Alarm.RECEIVER, seconds=92)
    assert await cries(crying, Alarm.SENDER, seconds=90)
    hand.now += AGAIN - 1
    assert not await cries(crying, Alarm.RECEIVER, seconds=3689)
    hand.now += 2
    assert await cries(crying, Alarm.RECEIVER, seconds=3691)
    assert [text.partition("：")[0] for text in listener.heard]
    assert len(listener.heard) == 3
    assert listener.heard[0].startswith("凯航公司: 已有 90 秒收不到")


async def test_a_process_that_is_started_again_and_again_does_not_cry_each_time(
    listener: Listener, tmp_path: Path
) -> None:
    for _ in range(3):
        await cries(alarms(listener, Hand(), Stamps(tmp_path / "run", "a-")), Alarm.TOKEN)
    assert len(listener.heard) == 1
    await cries(alarms(listener, Hand(), Stamps(tmp_path / "run", "b-")), Alarm.TOKEN)
    assert len(listener.heard) == 2, "another company on the same machine is heard"
    an_hour_ago = time.time() - AGAIN - 1
    os.utime(tmp_path / "run" / "a-token.alarm", (an_hour_ago, an_hour_ago))
    await cries(alarms(listener, Hand(), Stamps(tmp_path / "run", "a-")), Alarm.TOKEN)
    assert len(listener.heard) == 3


async def test_an_alarm_that_nobody_took_is_tried_again_after_a_minute(listener: Listener, tmp_path: Path) -> None:
    hand = Hand()
    crying = alarms(listener, hand, Stamps(tmp_path))
    listener.refuses = True
    assert not await cries(crying, Alarm.ENDED, part="tick", seconds=90)
    listener.refuses = False
    assert not await cries(crying, Alarm.ENDED, part="tick", seconds=90)
    hand.now += TRY_AGAIN + 1
    assert await cries(crying, Alarm.ENDED, part="tick", seconds=151)


async def test_no_secret_leaves_in_an_alarm(listener: Listener) -> None:
    config = Config(
        telegram=TelegramSection(token=TOKEN, secret_token="a-webhook-secret"),
        database=DatabaseSection(url="postgresql://keguan:a-database-password@db/keguan"),
        alarm=AlarmSection(urls=[listener.address]),
    )
    secrets = (TOKEN, "a-webhook-secret", "a-database-password", SECRET, "987654321:AAF-somebody-elses-0123")
    crying = alarms(listener, Hand(), redact=Redactor(secrets_of(config)))
    assert await cries(crying, Alarm.DATABASE, reason=f"can't reach {' '.join(secrets)} at {listener.address}")
    (heard,) = listener.heard
    assert "can't reach" in heard
    for said in (heard, str(crying.cried[0].text)):
        assert [secret for secret in (*secrets, listener.address) if secret in said] == []
    assert SECRET not in repr(config)


async def test_every_kind_of_alarm_is_a_sentence(listener: Listener) -> None:
    crying = alarms(listener, Hand())
    for alarm in Alarm:
        assert await cries(crying, alarm, seconds=90, part="tick", reason="disk full", count=2, minutes=360)
    assert len(set(listener.heard)) == len(Alarm)
    assert not [each for each in listener.heard if "{" in each or "<" in each or "None" in each]


def test_addresses_are_read_as_apprise_reads_them() -> None:
    for good in (
        "json://localhost:80/x",
        "mailto://someone:word@example.com",
        "wecombot://a1b2c3d4",
        "feishu://abcdef123",
    ):
        assert readable(good), good
    for bad in ("", "nonsense://x", "just a word"):
        assert not readable(bad), bad


# What administrators hear in Telegram


def _goes_wrong(session: Session, office: Office, kind: str, count: int) -> None:
    now = office.clock.now()
    for number in range(count):
        unique = f"{kind}:{count}:{number}"
        if kind == "set_aside":
            session.add(Inbox(update_id=count * 100 + number, body="{}", received_at=now, state=kind, tries=3))
        else:
            session.add(
                Outbox(unique_key=unique, chat_id=1, message_class="reply", priority=2, created_at=now, state=kind)
            )


async def _happens(office: Office, kind: str, count: int) -> None:
    office.store.run_here(_goes_wrong, office, kind, count)
    await office.service.tick()
    await office.service.settle()


@embedded
@pytest.mark.parametrize("kind", ["set_aside", "uncertain", "failed"])
async def test_administrators_hear_how_many_more_went_wrong_at_most_once_an_hour(office: Office, kind: str) -> None:
    ann, admin = office.people("ann", "admin")
    await _happens(office, kind, 2)
    assert warned(admin) == ["⚠️ 新增 2 条"]
    await _happens(office, kind, 3)
    assert warned(admin) == ["⚠️ 新增 2 条"]
    office.clock.move(timedelta(hours=1))
    await _happens(office, kind, 1)
    assert warned(admin) == ["⚠️ 新增 2 条", "⚠️ 新增 4 条"]
    assert warned(ann) == []
    await office.service.watch.quiet()
    cried = [each.alarm for each in office.service.watch.alarms.cried]
    assert cried == ([Alarm.SET_ASIDE] if kind == "set_aside" else []), "outside Telegram too, and once an hour there"


def warned(person: Person) -> list[str]:
    return [bubble.text[:9] for bubble in person.bubbles() if bubble.text.startswith("⚠️ 新增")]


@embedded
async def test_an_alarm_of_the_process_is_told_to_administrators_and_stands_in_the_status(office: Office) -> None:
    ann, admin = office.people("ann", "admin")
    await cries(office.service.watch.alarms, Alarm.CLOCK, minutes=360)
    await office.service.signs.note()
    await office.service.signs.note()
    await office.service.settle()
    assert admin.count("系统时间跳变了 360 分钟") == 1
    assert ann.count("系统时间") == 0
    await admin.presses("运行状态")
    admin.reads("系统时间跳变")
