"""涉密 (article 12): whatever is registered is said, pressed and sent, and no request that leaves for Telegram tells who is meant.

Generated from the desk: the working week in which every button is shown, every command by several people with the real name,
every button once more. What a request holds is compared in plain characters, files opened.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import select

from dialogue.telling import MessageClass, tell
from dialogue.values import Button, Reply, Screen
from handlers import DESK
from models import customers, secrecy
from models.customers import Customer
from models.customers import Person as Contact
from models.ledgers import Wanted
from models.people import Staff, key
from models.store import Store
from papers.ledger import make, packed
from reading.names import normalise
from tests.company import PEOPLE
from tests.office import Office
from tests.papers import pages
from tests.walk import WEEK, Shown, Walk
from words import pack, say

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

CODES = {"华航橡胶": "甲一", "飞翼制造": "甲二", "申江液压": "甲三"}
PERSON, PHONE, MAIL = "密不言{}", "1391111000{}", "mi{}@hidden.cn"
TELLS = (
    *("西安华航橡胶有限公司", "华航橡胶", "西安华航", "韩师傅", "王工", "13800138001", "西安"),
    *("沈阳飞翼制造股份有限公司", "飞翼", "feiyizhizao", "刘主任", "13900139002", "沈阳"),
    *("上海申江液压有限公司", "申江", "shenjiangyeya", "钱经理", "13600136004"),
    *("密不言", "mibuyan", "1391111000", "hidden.cn", "老华胶厂"),
)
"""Names, sounds, people, numbers and places; 上海 is left out, since somebody enters a new customer there."""
ASKING = {"ann": "华航橡胶", "bob": "密不言1"}
SHIFT = "飞翼制造的刘主任和密不言2在沈阳说 139 0013 9002 老华胶厂1"

LISTS = """
sales says    沟通台账
sales presses 全部
sales presses 导出
sales says    投诉台账
sales presses 全部
sales presses 导出
"""


@pytest.fixture(scope="module")
def furnished(furnished: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("codes") / "company.db"
    shutil.copy(furnished, path)
    store = Store(f"sqlite:///{path}")
    with store.write() as session:
        for number, (name, code) in enumerate(CODES.items(), 1):
            customer = session.exec(select(Customer).where(Customer.short_name == name)).one()
            who, phone, mail = (each.format(number) for each in (PERSON, PHONE, MAIL))
            session.add(Contact(customer_id=key(customer), name=who, phone=phone, email=mail))
            for known in customers.people(session, key(customer)):
                known.name = known.name.replace("张工", "韩师傅")
            secrecy.renamed(session, customer, [f"老华胶厂{number}"])
            secrecy.give(session, customer, code)
    store.close()
    return path


def requests(office: Office) -> Iterator[str]:
    """Everything that left, in plain characters: the parameters of every call, the cells and names of every file."""
    for call in office.telegram.calls:
        yield normalise(json.dumps(call.params, ensure_ascii=False, default=str))
    for stored in office.telegram.world().files.all():
        yield normalise(stored.name or "")
        if (stored.name or "").endswith(".xlsx"):
            sheet = CalamineWorkbook.from_filelike(BytesIO(stored.content)).get_sheet_by_index(0)
            yield normalise(json.dumps(sheet.to_python(), ensure_ascii=False, default=str))
        if (stored.name or "").endswith(".pdf"):
            yield normalise("".join(pages(stored.content)))


def tells_nobody(office: Office) -> int:
    """How many requests were looked at."""
    seen = list(dict.fromkeys(requests(office)))
    found = {(canary, each[:400]) for each in seen for canary in map(normalise, TELLS) if canary in each}
    assert not found, sorted(found)[:5]
    return len(seen)


async def test_no_request_tells_a_secret_customer(office: Office) -> None:
    week = WEEK.replace("张工", "韩师傅").replace("谈了配方⏎", f"{SHIFT}⏎")
    for label in ("＋ 存为联系人", "＋ 新客户"):
        week = re.sub(f"{label} .*", label, week)
    walk = Walk(office, week.rstrip() + LISTS)
    await walk.goes()
    assert {each.deed for each in walk.shown} == DESK.deeds.keys(), "every registered button is met on the walk"
    tells_nobody(office)
    assert any("甲一" in each for each in requests(office)), "the code name is said"
    await every_button_again(office, walk)
    assert tells_nobody(office) > 500


async def every_button_again(office: Office, walk: Walk) -> None:
    of_a_kind = {each.deed: each for each in walk.shown}
    for number, shown in enumerate(of_a_kind.values()):
        data = standing(office, shown, walk.people[shown.who].user, f"again:{number}")
        office.telegram.presses(walk.people[shown.who].user, 1, data)
        await office.service.settle()


def standing(office: Office, shown: Shown, reader: int, unique: str) -> str:
    """What the one button of a message carries."""
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.telegram_id == reader)).one()
        button = Button(say("button.more"), shown.deed, json.loads(shown.args))
        now = office.clock.now()
        card = tell(session, staff, Screen(say("menu"), ((button,),)), MessageClass.REPLY, unique, now)
        assert card is not None
        return f"{card.key}.{card.version}.0"


async def test_no_answer_to_a_command_tells_a_secret_customer(office: Office) -> None:
    """The real name, its sound, a person, a number: typed after every command, by those who may find it and those who may not."""
    for who, asked in ASKING.items():
        person = office.person(who)
        for command in DESK.commands:
            await person.says(f"/{command} {asked} 电话 刚才 {SHIFT}")
        await person.says("密不言1")
        await person.says("/find shenjiangyeya")
        await person.says("13911110001")
        await person.says("/cancel")
    assert tells_nobody(office) > 80


async def test_who_may_not_find_the_customer_does_not_learn_its_code_name(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await bob.says("/find 华航橡胶")
    bob.reads_nothing_of("甲一", "华航")
    await bob.says("/log 华航橡胶 电话 刚才 问候")
    bob.reads_nothing_of("甲一", "华航")
    await ann.says("/find 华航橡胶")
    ann.reads("甲一", "请用代号")


async def test_a_passing_word_goes_by_the_code_name(office: Office) -> None:
    """No flow names a customer in passing today. One that will is covered already."""

    def passing(*_: object, **__: object) -> Reply:
        return Reply(toast=say("paper.caption", name="飞翼制造", what="刘主任"))

    deeds = {name: replace(each, run=passing) for name, each in DESK.deeds.items()}
    office.service.worker.desk = replace(DESK, deeds=deeds)
    ann, bob = office.people("ann", "bob")
    for person, told in ((ann, ("甲二", "〔联系人〕")), (bob, ("…",))):
        await person.says("/menu")
        await person.presses(person.buttons()[0])
        person.reads(*told)
        person.reads_nothing_of("飞翼", "刘主任")


def test_the_title_of_a_list_goes_by_the_code_name(office: Office) -> None:
    args = {"wanted": packed(Wanted(kind="contact")), "title": pack(say("text", text="飞翼制造"))}
    with office.read() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE["sales"][0])).one()
        paper = make(session, office.house, staff, args, office.clock.now())
    (title, *_), *_ = CalamineWorkbook.from_filelike(BytesIO(paper.content)).get_sheet_by_index(0).to_python()
    assert title == "沟通台账　甲二"
