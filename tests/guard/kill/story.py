"""What happens outside the house while it dies and comes back: people type and press, time goes by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from simulator.people import Bubble, Button
from simulator.telegram import Telegram
from tests.company import PEOPLE
from tests.office import START

LINK = re.compile(r"\?start=([\w-]+)")
NEWCOMER = 2001
TOKEN = "1000000001:AAE-the-token-of-the-kill-sweep-0123456789"
CHAIN_KEY = b"the key of the audit chain, 32 b"


@dataclass(frozen=True)
class Says:
    who: str
    text: str


@dataclass(frozen=True)
class Presses:
    """The newest button of this name; where none came, because the card was lost on its way, people type the word."""

    who: str
    label: str
    word: str


@dataclass(frozen=True)
class Waits:
    hours: float


@dataclass(frozen=True)
class Together:
    """All before the product looks up: it has a hundred things to do at once."""

    acts: tuple[Says | Presses, ...]


@dataclass(frozen=True)
class Sends:
    """A list as a file."""

    who: str
    rows: str


@dataclass(frozen=True)
class Follows:
    """Somebody new follows the newest link on this person's phone."""

    who: str


Act = Says | Presses | Waits | Together | Sends | Follows


@dataclass(frozen=True)
class Chapter:
    """`before` happens in peace; the process dies in `acts`. The number is the one that the record gets."""

    acts: tuple[Act, ...]
    number: str
    before: tuple[Act, ...] = ()


LOG = (
    Says("ann", "/log 华航橡胶 电话 昨天下午3点 张工"),
    Says("ann", "谈了三季度配方"),
    Presses("ann", "保存", "保存"),
)
COMPLAIN = (Says("ann", "/complain 华航橡胶 胶管开裂"), Presses("ann", "保存", "保存"))
CLIMB = (Waits(20), Presses("head", "确认收到", "收到"), Waits(4), Presses("vp", "确认收到", "收到"))
COMPLAINT = "TS-2026-0001"
LINES = {
    "ann": "/complain 华航橡胶 胶管开裂",
    "amy": "/log 远大机械 电话 昨天下午3点 谈了配方",
    "bob": "/log 申江液压 电话 昨天下午3点 谈了交货",
    "head": "/log 飞翼制造 电话 昨天下午3点 谈了价格",
    "east": "/log 海润轮胎 电话 昨天下午3点 谈了合同",
}
BUSY = (
    Together(tuple(Says(who, line) for who, line in LINES.items())),
    Together(tuple(Presses(who, "保存", "保存") for who in LINES)),
)
MORNING = (Waits(23.5),)

# Who comes, goes and is away; what is opened, taken in and joined

AWAY = (Says("head", "/away 今天到周五 代理人 S02"), Presses("head", "保存", "保存"))
HAND_OVER = (Says("head", "/hand_over 安然 艾梅"), Presses("head", "保存", "保存"))
INVITE = (Says("admin", "/invite 艾梅"), Presses("admin", "保存", "保存"))
CREDIT = (
    Says("ann", "/file 华航橡胶"),
    Presses("ann", "＋ 资信情况", ""),
    Says("ann", "AA级"),
    Presses("ann", "保存", "保存"),
)
LIST = Sends(
    "admin",
    "客户名称,层级,省份,城市,所属业务单位,责任业务员\n甘肃金川镍业有限公司,一般,甘肃,金昌,西北销售一部,S01\n"
    "兰州黄河机床有限公司,一般,甘肃,兰州,华东销售部,S03\n",
)
MERGE = (Says("sales", "/merge 远大密封 远大机械 重复建档"), Presses("sales", "保存", "保存"))

CHAPTERS = {
    "contact": Chapter(LOG, "LX-2026-000001"),
    "complaint": Chapter(COMPLAIN, COMPLAINT),
    "escalation": Chapter(CLIMB, COMPLAINT, before=COMPLAIN),
    "morning": Chapter(MORNING, "华航橡胶"),
    "busy": Chapter(BUSY, COMPLAINT),
    "hand-over": Chapter((*HAND_OVER, Waits(20)), COMPLAINT, before=COMPLAIN),
    "leave": Chapter((*AWAY, Waits(20)), COMPLAINT, before=COMPLAIN),
    "return": Chapter((Waits(118.6),), "欢迎回来", before=AWAY),
    "invitation": Chapter(INVITE, "艾梅"),
    "joining": Chapter((Follows("admin"),), "艾梅", before=INVITE),
    "opening": Chapter((Presses("ann", "🔒 资信情况", ""), Waits(1.1)), "华航橡胶", before=CREDIT),
    "import": Chapter((Presses("admin", "✅ 导入 2", ""),), "2", before=(LIST,)),
    "preview": Chapter((LIST,), "2"),
    "merge": Chapter(MERGE, "远大密封"),
}
CHANGES = {
    "changes": Chapter(
        (
            Presses("ann", "🔒 资信情况", ""),
            Waits(1.1),
            Presses("head", "保存", "保存"),
            Presses("admin", "✅ 导入 2", ""),
        ),
        "华航橡胶",
        before=(*CREDIT, HAND_OVER[0], LIST),
    )
}
"""The heart of several chapters in one, for those who have less time."""


class Outside:
    """The simulated Telegram, everybody's phone, and the time of day."""

    def __init__(self) -> None:
        self.clock = Clock(START, still=True)
        self.telegram = Telegram(self.clock.now, token=TOKEN)
        for number, name, user, _ in PEOPLE.values():
            self.telegram.person(user, name, role=number)
            self.telegram.world().private(self.telegram.people[user]).silent = None

    def happens(self, act: Act) -> None:
        match act:
            case Waits(hours):
                self.clock.move(timedelta(hours=hours))
            case Together(acts):
                for each in acts:
                    self.happens(each)
            case Says(who, text):
                self.telegram.says(PEOPLE[who][2], text)
            case Sends(who, rows):
                phone = self.telegram.phone(PEOPLE[who][2])
                phone.sends_document("清单.csv", rows.encode(), mime="text/csv")
            case Follows(who):
                self.telegram.person(NEWCOMER, "新人")
                found = [LINK.search(each.text) for each in self.bubbles(who)]
                self.telegram.says(NEWCOMER, f"/start {[each for each in found if each][-1][1]}")
            case Presses(who, label, word):
                self._presses(who, label, word)

    def _presses(self, who: str, label: str, word: str) -> None:
        user = PEOPLE[who][2]
        for bubble in reversed(self.bubbles(who)):
            for button in _buttons(bubble):
                if button.text == label and button.data:
                    self.telegram.presses(user, bubble.id, button.data)
                    return
        self.telegram.says(user, word)

    def bubbles(self, who: str) -> list[Bubble]:
        """What the bot wrote on this person's phone."""
        return [bubble for bubble in self.telegram.chat(PEOPLE[who][2]) if bubble.by_bot]


def _buttons(bubble: Bubble) -> list[Button]:
    return [button for row in bubble.buttons for button in row]
