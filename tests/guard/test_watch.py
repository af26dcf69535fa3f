"""The watch: what gets nowhere is begun anew, what stays so ends the process, and what is owed is said in time all the same.

Seconds are scaled down by `SCALE`; only the part at hand is watched impatiently, so that a busy machine proves nothing.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property

import pytest
from sqlalchemy import Connection, event

from bot.alarms import Alarm, Alarms
from bot.clock import Clock
from bot.config import Config, TelegramSection
from bot.service import Rhythm, Service
from bot.watch import LIMITS, NEVER, EndedError, Limit, Part, Patience, Watch
from simulator.people import Bubble
from tests.conftest import TOKEN
from tests.guard.standby.cluster import until
from tests.listener import SECRET, Listener, listening
from tests.office import Office, Person, quick_limiter

SCALE = 1 / 30
IN_TIME = 90 * SCALE
embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
RHYTHM = Rhythm(poll=1, tick=10 * SCALE, note=10 * SCALE, retire=1.0)


def impatient(**limits: Limit) -> Patience:
    """With these parts only."""
    calm = {part: Limit(NEVER, NEVER) for part in Part}
    return Patience(0.04, 5.0, 60.0, calm | {Part(name): limit for name, limit in limits.items()})


def scaled(*parts: Part) -> Patience:
    real = Patience().times(SCALE)
    return impatient(**{part.value: real.limits[part] for part in parts})


class Counting(Service):
    """Tells when the tick came to its end."""

    async def tick(self) -> None:
        await super().tick()
        self.rested.set()

    @cached_property
    def rested(self) -> asyncio.Event:
        return asyncio.Event()

    async def at_rest(self) -> None:
        """Between two runs of the tick."""
        self.rested.clear()
        await asyncio.wait_for(self.rested.wait(), 10)


class HangsOnce(Counting):
    """The first run of the tick never comes back."""

    hung = False

    async def tick(self) -> None:
        if not self.hung:
            self.hung = True
            self.rested.set()
            await asyncio.Event().wait()
        await super().tick()

    async def at_rest(self) -> None:
        await asyncio.wait_for(self.rested.wait(), 10)


class LosesItsDatabase(Counting):
    """After the start, before any sign of life was written down."""

    let_go: threading.Event
    held: asyncio.Task[None]

    async def start(self) -> None:
        await super().start()
        self.let_go = threading.Event()
        self.held = asyncio.create_task(self.store.run(lambda _: holds(self.let_go)))


def holds(let_go: threading.Event) -> None:
    let_go.wait(40)


@dataclass
class Running:
    """The service at work, its watch beside it."""

    service: Counting
    watch: asyncio.Task[None]


@asynccontextmanager
async def at_work(
    office: Office, patience: Patience, kind: type[Counting] = Counting, listener: Listener | None = None
) -> AsyncIterator[Running]:
    telegram = TelegramSection(token=TOKEN, base_url=office.server.base_url)
    watch = Watch(Alarms([listener.address] if listener else [], "凯航公司"), patience=patience)
    service = kind(
        Config(telegram=telegram),
        office.store,
        office.house,
        office.clock,
        quick_limiter(),
        watch=watch,
        rhythm=RHYTHM,
    )
    running, watching = asyncio.create_task(service.run()), asyncio.create_task(watch.run())
    await office.telegram.bell.until(lambda: bool(office.telegram.calls_of("setMyCommands")), 10)
    try:
        yield Running(service, watching)
    finally:
        for task in (running, watching):
            task.cancel()
        await asyncio.gather(running, watching, return_exceptions=True)


async def ended(running: Running) -> EndedError:
    with pytest.raises(EndedError) as raised:
        await asyncio.wait_for(running.watch, 20)
    return raised.value


async def answered(office: Office, person: Person) -> None:
    before = len(person.bubbles())
    office.telegram.says(person.user, "/help")
    await office.telegram.bell.until(lambda: len(person.bubbles()) > before, 10)
    assert len(person.bubbles()) > before


# What gets somewhere


@embedded
async def test_every_part_that_gets_somewhere_tells_the_watch(office: Office) -> None:
    async with at_work(office, impatient()) as running:
        await running.service.at_rest()
        pulse = running.service.watch.pulse
        pulse.end()
        with suppress(TimeoutError):
            await until(lambda: len(pulse.silences()) == len(Part), 10)
        assert set(pulse.silences()) == set(Part)


# What is owed is said in time


def steps(by: timedelta) -> Callable[[Counting], None]:
    """What a stepped wall clock does to APScheduler: its next run lies in the past, or that much further off."""

    def step(service: Counting) -> None:
        service.timer.scheduler.modify_job("tick", next_run_time=datetime.now(UTC) - by)

    return step


def blocks(_: Counting) -> None:
    asyncio.get_running_loop().call_soon(time.sleep, 10 * SCALE)


def nothing(_: Counting) -> None:
    """The tick hangs by itself."""


DISTURBED = {
    "set forward 6 h": (Counting, steps(timedelta(hours=6))),
    "set back 6 h": (Counting, steps(timedelta(hours=-6))),
    "set back a day": (Counting, steps(timedelta(days=-1))),
    "a hung run": (HangsOnce, nothing),
    "blocked 10 s": (Counting, blocks),
}


@embedded
@pytest.mark.parametrize("how", DISTURBED)
async def test_what_is_owed_is_said_within_90_seconds_of_its_time(office: Office, how: str) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    kind, disturb = DISTURBED[how]
    before = len(ann.bubbles())
    async with at_work(office, scaled(Part.TICK), kind) as running:
        await running.service.at_rest()
        disturb(running.service)
        office.clock.move(timedelta(hours=19, minutes=20))
        due = time.monotonic()
        await office.telegram.bell.until(lambda: asked_to_confirm(ann.bubbles()[before:]) > 0, 20)
        assert time.monotonic() - due < IN_TIME
    assert asked_to_confirm(ann.bubbles()[before:]) == 1


def asked_to_confirm(bubbles: list[Bubble]) -> int:
    """How many of these are escalations."""
    return sum(button.text == "确认收到" for each in bubbles for row in each.buttons for button in row)


# The receiver and the sender


@embedded
async def test_a_poll_that_is_never_answered_gets_a_fresh_client(office: Office) -> None:
    (ann,) = office.people("ann")
    async with at_work(office, impatient(receiver=Limit(1.5, NEVER))) as running:
        first = running.service.bot
        office.telegram.faults.add(kind="never_answer", method="getUpdates", times=1)
        await office.telegram.bell.until(lambda: running.service.bot is not first, 10)
        assert running.service.bot is not first
        await answered(office, ann)
        assert running.service.sender.bot is running.service.receiver.bot is running.service.bot


@embedded
async def test_a_receiver_that_stays_silent_ends_the_process_and_is_heard_outside(office: Office) -> None:
    async with (
        listening() as listener,
        at_work(office, impatient(receiver=Limit(0.5, 4.0)), listener=listener) as running,
    ):
        office.telegram.faults.add(kind="never_answer", method="getUpdates", times=None)
        office.telegram.faults.add(kind="never_answer", method="getMe", times=None)
        assert (await ended(running)).values["part"] == "receiver"
        await listener.hears("收不到 Telegram 的消息")
        await listener.hears("进程已退出")
    assert SECRET not in "".join(listener.heard)


@embedded
async def test_messages_that_get_no_answer_are_heard_outside_and_a_fresh_client_is_tried(office: Office) -> None:
    (ann,) = office.people("ann")
    async with (
        listening() as listener,
        at_work(office, impatient(delivery=Limit(1.0, NEVER)), listener=listener) as running,
    ):
        first = running.service.bot
        for method in ("sendMessage", "getMe"):
            office.telegram.faults.add(kind="server_error_html", method=method, times=None)
        office.telegram.says(ann.user, "/help")
        await listener.hears("发不出消息")
        assert running.service.bot is not first
        office.telegram.faults.clear()
        await answered(office, ann)


# The database


@embedded
async def test_a_database_that_never_answers_ends_the_process(office: Office) -> None:
    let_go = threading.Event()
    async with at_work(office, impatient(database=Limit(0.5, 1.0))) as running:
        held = asyncio.create_task(office.store.run(lambda _: holds(let_go)))
        try:
            assert (await ended(running)).values["part"] == "database"
        finally:
            let_go.set()
            await held


@embedded
async def test_a_database_that_is_gone_before_its_first_sign_of_life_ends_the_process_too(office: Office) -> None:
    async with at_work(office, impatient(database=Limit(0.5, 1.0)), LosesItsDatabase) as running:
        assert isinstance(running.service, LosesItsDatabase)
        try:
            assert (await ended(running)).values["part"] == "database"
        finally:
            running.service.let_go.set()
            await running.service.held


@embedded
async def test_a_full_disk_is_heard_outside_and_the_update_waits_until_there_is_room(office: Office) -> None:
    (ann,) = office.people("ann")
    most = {"pages": 1_000_000}

    @event.listens_for(office.store.engine, "begin")
    def bounded(connection: Connection) -> None:
        connection.exec_driver_sql(f"PRAGMA max_page_count={most['pages']}")

    async with listening() as listener, at_work(office, impatient(), listener=listener):
        most["pages"] = 1
        office.telegram.says(ann.user, "/complain 华航橡胶 " + "胶管开裂" * 900)
        assert "full" in await listener.hears("数据库写不进去")
        await office.telegram.bell.until(lambda: ann.bubbles() != [], 10)
        (unsaved,) = ann.bubbles()
        assert unsaved.text.startswith("未保存")
        most["pages"] = 1_000_000
        await office.telegram.bell.until(lambda: len(ann.bubbles()) > 1, 10)
        ann.reads("胶管开裂")
        assert len([each for each in listener.heard if "数据库" in each]) == 1


# The loop


async def test_a_blocked_loop_is_noticed_with_the_place_where_it_stands(caplog: pytest.LogCaptureFixture) -> None:
    watch = Watch(patience=Patience(look=0.04, blocked=0.1, stuck=60))
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.05)
    with caplog.at_level(logging.WARNING):
        time.sleep(0.5)  # noqa: ASYNC251
    watching.cancel()
    assert "the event loop stands still" in caplog.text
    assert "time.sleep(0.5)" in caplog.text


async def test_a_loop_that_stays_blocked_ends_the_process_from_the_thread() -> None:
    left: list[int] = []
    watch = Watch(patience=Patience(look=0.04, blocked=0.1, stuck=0.3), leave=left.append)
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.05)
    time.sleep(0.7)  # noqa: ASYNC251
    watching.cancel()
    assert left
    assert set(left) == {1}
    assert watch.alarms.cried[0].alarm is Alarm.ENDED


async def test_time_in_which_nobody_could_do_anything_counts_for_no_part() -> None:
    """A process that was stopped for a while and goes on has not hung."""
    watch = Watch(patience=impatient(tick=Limit(0.2, 0.4)))
    watch.patience = Patience(0.04, 0.1, 60, watch.patience.limits)
    watch.pulse.beat(Part.TICK)
    watching = asyncio.create_task(watch.run())
    await asyncio.sleep(0.05)
    time.sleep(0.6)  # noqa: ASYNC251
    await asyncio.sleep(0.01)
    assert not watching.done()
    assert watch.pulse.silences()[Part.TICK] < 0.4
    watching.cancel()


# The wall clock


async def test_a_step_of_the_wall_clock_moves_no_limit_and_is_told() -> None:
    wall = {"step": timedelta()}
    clock = Clock(wall=lambda: datetime.now(UTC) + wall["step"])
    watch = Watch()
    watch.follow(clock)
    began = clock.now()
    for step in (timedelta(hours=6), timedelta(hours=-6), timedelta(days=-1)):
        wall["step"] = step
        await watch.look()
        assert abs(clock.now() - began) < timedelta(seconds=10)
    await watch.quiet()
    assert [each.alarm for each in watch.alarms.cried] == [Alarm.CLOCK]
    assert watch.alarms.cried[0].text.values["minutes"] == 360


def test_the_limits_keep_the_promise() -> None:
    """The tick is begun anew early enough for what it owes, and ends are what trust.md says."""
    assert LIMITS[Part.TICK].ails + Rhythm().tick < 90
    assert LIMITS[Part.RECEIVER] == Limit(90, 180)
    assert all(part in LIMITS for part in Part)
