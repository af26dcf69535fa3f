"""Updates as a hostile or a broken world may send them, the same for the same seed."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from sqlmodel import col, select

from handlers import DESK
from models.messages import Card
from models.store import Store
from tests.canaries import TARGETS
from tests.company import PEOPLE
from tests.garden import Garden, Growing
from tests.office import START

Update = dict[str, Any]
WEIGHTS = {
    "well_formed": 25, "button": 25, "stranger": 15, "text": 10, "big_number": 5, "odd_date": 5, "misshapen": 5, "repeated": 5,
    "file": 5,
}  # fmt: skip
"""Of a hundred updates, how many are of each class: the names of the methods that make them."""
STAFF = [user for _, _, user, _ in PEOPLE.values()]
NAMES = ("华航橡胶", "飞翼制造", "远大", "远大机械", "申江液压", "海润轮胎", "无极机械", "hhxj", "张工", "8001")
COMMANDS = [f"/{name}" for name in DESK.commands] + list(DESK.words) + ["/", "/nothing", "/log@bot", "/LOG", "/start x"]
ANSWERS = (
    "电话", "走访", "刚才", "昨天下午3点", "下周三", "张工", "谈了三季度配方", "是", "否", "5", "3.5万", "无", "保存", "修改",
    "取消", "质量", "发运", "何建国", "我", "我、何建国", "ok", "1", "投诉单 1", "TS-2026-0001", "收到",
    *(canary for target in TARGETS for canary in target.canaries),
)  # fmt: skip
DATES = (
    "2月30日", "30 February", "9999年12月31日", "10000年1月1日", "0000-00-00", "0001-01-01", "24:00", "25:61", "昨天24点",
    "星期八", "99999天后", "一亿年前", "1e9天后", "-3天后", "2026-02-29", "31 June 2026", "明年2月29日", "初三十一", "the 32nd",
    "tomorrow " * 50, "9999-12-31T23:59", "10^9 days ago", "周三周三周三", "上上上上上上下周一", "十二月三十二号", "2026/13/45",
    "00:00-00:00", "今天下午25点",
)  # fmt: skip
ALPHABETS = (
    "华航橡胶谈配方", "abc XYZ 123", "\u202e\u202d\u200f\u200e", "👨\u200d👩\u200d👧\u200d👦", "e\u0301\u0300\u0316",
    "\x00\x01\x1b\x7f\u0085", "\ud800\udfff\udc00", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩", "²³½Ⅳ①", "<b>&\"'</b>", "\n\r\t \u3000",
    "%s{x}{0}\\", "；，。、/", "\ufeff\ufffe\uffff",
)  # fmt: skip


class Poisoner:
    """Makes one update at a time; buttons are read from the cards that stand at that moment."""

    def __init__(self, seed: int, store: Store, growing: Growing | None = None) -> None:
        self.random = random.Random(seed)
        self.store = store
        self.garden, self.weeds = (Garden(self.random, growing) if growing else None for _ in range(2))
        self.next_id = 1_000_000
        self.made: list[Update] = []
        self.drawn: Counter[str] = Counter()
        self.last_presser = STAFF[0]

    def any_text(self, longest: int) -> str:
        alphabet = self.random.choice(ALPHABETS)
        length = int(longest ** self.random.random())
        return "".join(self.random.choices(alphabet, k=length))

    def message(self, user: int, **content: Any) -> Update:
        chat = {"id": user, "type": "private", "first_name": "某"}
        sender = {"id": user, "is_bot": False, "first_name": "某"}
        body = {
            "message_id": self.random.randrange(1, 2**31),
            "date": int(START.timestamp()),
            "chat": chat,
            "from": sender,
        }
        return {"update_id": self.number(), "message": body | content}

    def press(self, user: int, data: str | None, message: bool = True) -> Update:
        sender = {"id": user, "is_bot": False, "first_name": "某"}
        query: Update = {"id": str(self.random.getrandbits(60)), "from": sender, "chat_instance": "1"}
        if data is not None:
            query["data"] = data
        if message:
            query["message"] = self.message(user, text="x")["message"]
        return {"update_id": self.number(), "callback_query": query}

    def number(self) -> int:
        self.next_id += 1
        return self.next_id

    def next(self) -> Update:
        kind = self.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        update: Update = getattr(self, kind)()
        self.drawn[kind] += 1
        self.made.append(update)
        return update

    def well_formed(self) -> Update:
        roll = self.random.random()
        if roll < 0.5 and (found := self.any_button(self.garden)):
            self.last_presser, data = found
            return self.press(self.last_presser, data)
        user = self.writer()
        if roll < 0.7:
            return self.message(user, text=self.random.choice(ANSWERS))
        if roll < 0.8 and self.garden:
            user, command = self.garden.command()
            return self.message(user, text=f"/{command} {self.random.choice(NAMES)}")
        line = f"{self.random.choice(COMMANDS)} {self.random.choice(NAMES)} {' '.join(self.random.sample(ANSWERS, 3))}"
        return self.message(user, text=line if roll < 0.95 else line.partition(" ")[0])

    def writer(self) -> int:
        """Who writes next: somebody whom a form asks something, whoever pressed last, or anybody."""
        roll = self.random.random()
        if roll < 0.3 and self.garden and (asked := self.garden.asked(self.store)):
            return asked
        return self.last_presser if roll < 0.5 else self.random.choice(STAFF)

    def any_button(self, garden: Garden | None) -> tuple[int, str] | None:
        """A button with the person who could press it now; most of them of the registered deeds in turn, the rest as they stand."""
        if garden and self.random.random() < 0.8:
            return garden.button(self.store)
        user = self.random.choice(STAFF)
        standing = self.standing(user)
        return (user, standing) if standing else None

    def standing(self, user: int) -> str | None:
        """A button that this person could press now, rather on a newer card."""
        with self.store.read() as session:
            mine = select(Card.key, Card.version, Card.buttons).where(Card.chat_id == user)
            cards = [each for each in session.exec(mine.order_by(col(Card.id).desc()).limit(6)) if each[2]]
        if not cards:
            return None
        key, version, buttons = self.random.choice(cards)
        return f"{key}.{version}.{self.random.randrange(len(buttons))}"

    def newest(self, user: int, deed: str) -> str | None:
        """The button of that deed on this person's newest card."""
        with self.store.read() as session:
            card = session.exec(select(Card).where(Card.chat_id == user).order_by(col(Card.id).desc())).first()
        deeds = [each["do"] for each in card.buttons] if card else []
        return f"{card.key}.{card.version}.{deeds.index(deed)}" if card and deed in deeds else None

    def button(self) -> Update:
        owner, real = self.any_button(self.weeds) or (STAFF[0], "x.1.0")
        user = self.random.choice([owner, self.random.choice(STAFF)])
        key, version, number = real.split(".")
        data = self.random.choice(
            [
                real,
                f"{key}.{int(version) - 1}.{number}",
                f"{key}.{version}.{self.random.choice(['99', '-1', '²', '٣', '', '1e3', '9' * 40])}",
                real[: self.random.randrange(len(real))],
                real[::-1],
                self.any_text(64),
                f"{key}.{self.any_text(20)}.{number}",
                "".join(chr(self.random.randrange(0x250)) for _ in range(64)),
            ]
        )
        return self.press(user, self.random.choice([data, data, data, None]), message=self.random.random() < 0.8)

    def stranger(self) -> Update:
        user = self.random.choice([1, 5, 2**31, 2**52, self.random.randrange(10**6, 10**9)])
        text = self.random.choice([*COMMANDS, *ANSWERS, "/start " + self.any_text(200), self.any_text(1000)])
        update = self.message(user, text=text)
        if self.random.random() < 0.3:
            update["message"]["chat"] = {"id": -100_000 - user % 1000, "type": "supergroup", "title": "群"}
        return update if self.random.random() < 0.8 else self.press(user, self.standing(self.random.choice(STAFF)))

    def text(self) -> Update:
        start = self.random.choice(
            ["", "", "/log ", "/find ", "/case ", "/complain 华航橡胶 ", "/callback ", "/lang ", "查 "]
        )
        return self.message(self.writer(), text=start + self.any_text(100_000))

    def big_number(self) -> Update:
        digits = str(self.random.randrange(10 ** self.random.randrange(1, 400)))
        line = self.random.choice(
            [
                "/case {}",
                "{}",
                "投诉单 TS-{}",
                "{}万",
                "-{}",
                "/find {}",
                "{}分",
                "0.{}",
                "{}天后",
                "{}年{}月",
                "/undo {}",
            ]
        )
        return self.message(self.writer(), text=line.replace("{}", digits))

    def odd_date(self) -> Update:
        date = self.random.choice(DATES)
        line = self.random.choice(
            [
                "{}",
                "/log 华航橡胶 电话 {} 谈了配方 下周三再联系",
                "/log 申江液压 电话 谈了 {}再联系",
                "/complain 远大机械 {} 开裂",
            ]
        )
        return self.message(self.writer(), text=line.replace("{}", date))

    def misshapen(self) -> Update:
        """A real update with a part gone, one too many, or of another kind."""
        update = self.random.choice([self.well_formed, self.file, self.button])()
        roll = self.random.random()
        if roll < 0.3:
            kind = self.random.choice(
                ["edited_message", "channel_post", "poll_answer", "my_chat_member", "business_message", "x"]
            )
            return {"update_id": update["update_id"], kind: update.get("message", {})}
        inner = update.get("message") or update["callback_query"]
        name = self.random.choice(list(inner))
        if roll < 0.6:
            del inner[name]
        elif roll < 0.8:
            inner[name] = self.random.choice(
                [None, 0, -1, 2**63, 10**400, "", "x", [], {}, [[]], {"id": "x"}, True, 1.5]
            )
        else:
            inner["from"] = inner.get("from", {}) | {"id": self.random.choice([0, -5, 2**63, 10**400, "7", None])}
        return update

    def repeated(self) -> Update:
        if not self.made or self.random.random() < 0.5:
            return self.well_formed() | {
                "update_id": self.random.choice([1, 7, 2**31, 2**62, self.random.randrange(2**40)])
            }
        return self.random.choice(self.made)

    def file(self) -> Update:
        name = self.random.choice(["单.pdf", "../../etc/passwd", "=1+1.xlsx", "\ud800.doc", "a" * 5000, "", "\x00"])
        ref = {
            "file_id": "F" * self.random.choice([1, 60, 300]),
            "file_unique_id": "u",
            "file_size": self.random.choice([0, 2**40]),
        }
        content: Update = self.random.choice(
            [
                {"photo": [ref | {"width": 1, "height": 1}]},
                {"photo": []},
                {"document": ref | {"file_name": name}},
                {"voice": ref | {"duration": 10**9}},
                {"video": ref | {"duration": 1, "width": 1, "height": 1}},
                {"location": {"latitude": 36.06, "longitude": self.random.choice([120.38, 0, -180.0, 1e308])}},
                {
                    "sticker": ref
                    | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
                },
                {"contact": {"phone_number": "1" * 400, "first_name": "甲"}},
            ]
        )
        if self.random.random() < 0.5:
            content |= {"caption": self.random.choice([*ANSWERS, *DATES, self.any_text(3000)])}
        return self.message(self.writer(), **content)
