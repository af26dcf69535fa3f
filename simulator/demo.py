"""`make demo`: the whole product on a simulated Telegram with a sample company. Its first line is the address of the page."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from pydantic import SecretStr
from sqlmodel import Session, select

from bot.clock import Clock
from bot.config import CompanySection, Config, DatabaseSection, RulebookSection, SurveyPageSection, TelegramSection
from bot.limits import Limiter
from bot.service import Service
from bot.settling import open_house
from models.people import Staff, Unit, active_staff, key, seats
from models.store import Store
from rules.calendar import Calendar
from rules.roles import Role
from simulator import sample
from simulator.server import serve
from simulator.telegram import Telegram
from simulator.works import Works
from words import Voice

RULEBOOK = Path(__file__).parents[1] / "rulebook.toml"
COMPANY = CompanySection(name="凯航橡胶", province="陕西省")
PORT = 8765
PINNED = ("S01", "U01", "V01", "D01")
"""A salesperson, their unit head, the vice president over both, the sales department."""
COMPLAINT = "/complain 秦岳减振 冯志刚 减振垫装车三天就开裂，整批停用"
HINT = """\
试一句 / try on 李雪's phone：/log 华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系
Ctrl-C 结束 / ends it"""
BUSY = "端口 {port} 用不了（{why}），请换一个：PORT=8766 make demo / port {port} can't be used, take another: PORT=8766 make demo"
SAVE = "保存"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m simulator", description=__doc__)
    parser.add_argument("--port", type=_port, default=PORT, help=f"of the page, {PORT} by default; 0 takes a free one")
    port: int = parser.parse_args(arguments).port
    with contextlib.suppress(KeyboardInterrupt, asyncio.CancelledError), TemporaryDirectory(prefix="keguan-") as folder:
        return asyncio.run(_demo(port, Path(folder)))
    return 0


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 2**16:
        raise ValueError(text)
    return number


async def _demo(port: int, folder: Path) -> int:
    """Until Ctrl-C. Returns 2 when the port can't be had."""
    _end_on(signal.SIGTERM, asyncio.current_task())
    calendar = Calendar(ZoneInfo(COMPANY.timezone))
    opens = sample.opening(datetime.now(calendar.tz).date(), calendar)
    clock = Clock((opens - sample.COMPLAINT_AGE).astimezone(UTC))
    config = Config(
        company=COMPANY,
        database=DatabaseSection(url=f"sqlite:///{folder / 'demo.db'}"),
        rulebook=RulebookSection(path=RULEBOOK),
        survey_page=_survey_page(port),
    )
    store = Store(config.database.url)
    house = open_house(config, store, sample.went_live(opens, calendar))
    telegram = Telegram(clock.now)
    demo = Demo(telegram, config, Works(store, house, clock, telegram.bell), opens)
    try:
        return await demo.run(port)
    finally:
        store.close()


def _survey_page(port: int) -> SurveyPageSection:
    """Beside the page of the demo; none, where that takes whatever port is free."""
    beside = f"127.0.0.1:{port + 1}"
    return SurveyPageSection(url=f"http://{beside}", listen=beside) if 0 < port < 2**16 - 1 else SurveyPageSection()


def _end_on(number: signal.Signals, task: asyncio.Task[int] | None) -> None:
    if task is not None:
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


class Demo:
    """The sample company at work."""

    def __init__(self, telegram: Telegram, config: Config, works: Works, opens: datetime) -> None:
        self.telegram = telegram
        self.config = config
        self.works = works
        self.opens = opens
        self.store, self.house, self.clock = works.store, works.house, works.clock

    async def run(self, port: int) -> int:
        try:
            server = await serve(self.telegram, port=port, clockwork=self.works)
        except OSError as error:
            print(BUSY.format(port=port, why=error.strerror), file=sys.stderr)
            return 2
        telegram = TelegramSection(token=SecretStr(self.telegram.token), base_url=server.base_url)
        config = self.config.model_copy(update={"telegram": telegram})
        try:
            await asyncio.to_thread(self._past)
            await self._last_day(Service(config, self.store, self.house, self.clock, Limiter(limits=None)))
            print(f"{server.page_url}\n{HINT}", flush=True)
            key = secrets.token_bytes(32)
            await Service(config, self.store, self.house, self.clock, chain_key=key).run()
        finally:
            await server.close()
        return 0

    def _past(self) -> None:
        """The company as it was when the complaint came in."""
        sample.move_in(self.store, self.house, sample.went_live(self.opens, self.house.calendar))
        self.store.run_here(sample.live, self.house, self.opens)
        self.store.run_here(self._hand_out_phones)

    def _hand_out_phones(self, session: Session) -> None:
        """The four first. Everybody has talked with the bot before, so it may write to them."""
        for staff in sorted(active_staff(session), key=_place):
            if staff.telegram_id:
                label, english = _label(session, staff, self.clock.now())
                pinned = staff.number in PINNED
                person = self.telegram.person(staff.telegram_id, staff.name, role=label, role_en=english, pinned=pinned)
                self.telegram.world().private(person).silent = None

    async def _last_day(self, service: Service) -> None:
        """From the complaint to the opening, played on the phones: what is seen there was really said."""
        await service.start()
        self.works.spread = service.settle
        salesperson = self.store.run_here(_telegram_id, PINNED[0])
        for step in (partial(self.telegram.says, text=COMPLAINT), partial(self.telegram.taps, label=SAVE)):
            step(salesperson)
            await service.settle()
        await self.works.advance((self.opens - self.clock.now()).total_seconds())
        self.works.spread = self.works.sent
        await service.stop()


def _place(staff: Staff) -> int:
    return PINNED.index(staff.number) if staff.number in PINNED else len(PINNED)


def _telegram_id(session: Session, number: str) -> int:
    found = session.exec(select(Staff.telegram_id).where(Staff.number == number)).one()
    return found or 0


def _label(session: Session, staff: Staff, now: datetime) -> tuple[str, str]:
    """What stands under the name on the page, in Chinese and English: the post, with the unit where several have such a post."""
    seat = seats(session, key(staff), now)[0]
    role = Role(seat.role)
    english = Voice("en", ZoneInfo(COMPANY.timezone), now).word(f"role.{role}")
    if role in (Role.SALESPERSON, Role.UNIT_HEAD):
        unit = session.get_one(Unit, seat.unit_id).name
        return f"{unit} {role.chinese}", f"{english}, {unit}"
    return role.chinese, english
