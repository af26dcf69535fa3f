"""A working week in which every button of the product is shown to somebody, and all that were shown are remembered."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from sqlmodel import select

from handlers import DESK
from models.messages import Card
from models.people import SINCE_EVER, Assignment, Staff, company, key
from rules.entries import Question
from rules.house import House, Keeping
from tests.company import PEOPLE
from tests.office import Office, Person

NOTICE = (
    "2027年放假安排⏎元旦：1月1日至3日放假，共3天。⏎春节：2月5日至13日放假调休，共9天。1月31日、2月14日上班。"
    "⏎国庆节：10月1日至7日放假调休，共7天。9月26日、10月9日上班。"
)
LIST = (
    "客户名称,层级,省份,城市,所属业务单位,责任业务员⏎甘肃金川镍业有限公司,一般,甘肃,金昌,西北销售一部,S01"
    "⏎咸阳远大密封件有限公司,一般,陕西,咸阳,西北销售一部,S01⏎兰州黄河机床厂,特级,甘肃,兰州,西北销售一部,S01"
)
WEEK = (
    (Path(__file__).parent / "week.txt")
    .read_text(encoding="utf-8")
    .partition("\n")[2]
    .replace("{suspect}", "⏎华航橡胶 电话 今天8点 说有一批开裂" * 9)
    .replace("{notice}", NOTICE)
    .replace("{list}", LIST)
)


@dataclass(frozen=True)
class Shown:
    """A button that somebody was shown: what it does, with its arguments as JSON."""

    who: str
    deed: str
    args: str


class Walk:
    """Goes through the week and looks at every card after every step."""

    def __init__(self, office: Office, week: str = WEEK) -> None:
        self.office, self.week = office, week
        office.lives_by(
            replace(
                _asking_much(office.house),
                keeping=Keeping(seal_after_years=0),
                survey_address="https://survey.example.com",
            )
        )
        self.people = {name: office.person(name) for name in PEOPLE} | {"sec": _secretary(office)}
        _not_enrolled(office)
        self.chats = {person.user: name for name, person in self.people.items()}
        self.shown: dict[Shown, None] = {}
        self._seen: dict[int, int] = {}

    async def goes(self) -> None:
        for line in self.week.strip().splitlines():
            who, verb, *rest = line.split(maxsplit=2)
            if who in ("passes", "sleeps"):
                await getattr(self.office, who)(verb)
            elif verb == "lists":
                await self.people[who].sends(
                    "document", "清单.csv", rest[0].replace("⏎", "\n").encode(), mime="text/csv"
                )
            elif verb == "begins":
                await self._begins(self.people[who], rest[0])
            else:
                await getattr(self.people[who], verb)(rest[0].replace("⏎", "\n"))
            self._look()
        for name in ("head", "sales", "auditor", "admin"):
            for command in DESK.commands:
                await self.people[name].says(f"/{command}")
                self._look()

    async def _begins(self, who: Person, label: str) -> None:
        """A press, looked at before what goes on by itself has ended."""
        bubble, data = who._button(label)
        self.office.telegram.presses(who.user, bubble.id, data)
        await self.office.service.receiver.poll(self.office.clock.now(), 0)
        await self.office.service.worker.step(self.office.clock.now())
        self._look()
        await self.office.service.settle()

    def _look(self) -> None:
        with self.office.read() as session:
            for number, version in session.exec(select(Card.id, Card.version)).all():
                if number is not None and self._seen.get(number) != version:
                    self._seen[number] = version
                    self._remember(session.get_one(Card, number))

    def _remember(self, card: Card) -> None:
        for each in card.buttons:
            args = json.dumps(each["args"], sort_keys=True, ensure_ascii=False)
            self.shown[Shown(self.chats[card.chat_id], each["do"], args)] = None


def _asking_much(house: House) -> House:
    """With a survey of as many questions as there may be."""
    rule = house.rulebook.survey
    assert rule is not None
    more = [Question(id=f"more{n}", kind="score", says=f"第{n}问", says_en=f"number {n}") for n in range(4)]
    asked = rule.model_copy(update={"questions": (*rule.questions, *more)})
    return replace(house, rulebook=replace(house.rulebook, survey=asked))


def _not_enrolled(office: Office) -> None:
    with office.store.write() as session:
        session.add(staff := Staff(number="S97", name="辛仁"))
        session.flush()
        session.add(Assignment(staff_id=key(staff), role="salesperson", unit_id=2, starts=SINCE_EVER))


def _secretary(office: Office) -> Person:
    """In the company's office, with the vice president as superior."""
    office.telegram.person(1071, "林晓")
    with office.store.write() as session:
        leader = session.exec(select(Staff).where(Staff.number == PEOPLE["vp"][0])).one()
        staff = Staff(number="M01", name="林晓", telegram_id=1071, superior_id=leader.id)
        session.add(staff)
        session.flush()
        session.add(Assignment(staff_id=key(staff), role="secretary", unit_id=key(company(session)), starts=SINCE_EVER))
    return Person(office, "sec", 1071)
