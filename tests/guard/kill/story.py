"""What happens outside the house while it dies and comes back: people type and press, time goes by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from bot.clock import Clock
from simulator.people import Bubble, Button
from simulator.telegram import Telegram
from tests.company import PEOPLE
from tests.office import START

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


Act = Says | Presses | Waits | Together


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

CHAPTERS = {
    "contact": Chapter(LOG, "LX-2026-000001"),
    "complaint": Chapter(COMPLAIN, COMPLAINT),
    "escalation": Chapter(CLIMB, COMPLAINT, before=COMPLAIN),
    "morning": Chapter(MORNING, "华航橡胶"),
    "busy": Chapter(BUSY, COMPLAINT),
}


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
