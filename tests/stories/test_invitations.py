"""Inviting a colleague in the chat: one link for one person, once, for ten minutes; and what they see first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import select

from models.audit import Audit
from models.messages import Outbox
from models.people import Assignment, Staff, Unit, key
from tests.company import PEOPLE
from tests.office import Office, Person

LINK = re.compile(r"https://t\.me/(\w+)\?start=([\w-]+)")
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass
class Newcomers:
    office: Office

    def on_file(self, number: str, name: str, unit: str, role: str = "salesperson") -> None:
        with self.office.store.write() as session:
            there = session.exec(select(Unit).where(Unit.name == unit)).one()
            session.add(staff := Staff(number=number, name=name))
            session.flush()
            seat = Assignment(staff_id=key(staff), role=role, unit_id=key(there), starts=self.office.clock.now())
            session.add(seat)

    def phone(self, user: int) -> Person:
        self.office.telegram.person(user, f"新人{user}")
        return Person(self.office, f"new {user}", user)

    def account_of(self, number: str) -> int | None:
        with self.office.read() as session:
            return session.exec(select(Staff).where(Staff.number == number)).one().telegram_id


@pytest.fixture
def newcomers(office: Office) -> Newcomers:
    found = Newcomers(office)
    found.on_file("S98", "辛仁", "西北销售一部")
    found.on_file("S99", "章程", "华东销售部")
    return found


def code_on(phone: Person) -> str:
    """The code of the newest link that came."""
    return next(found[2] for each in reversed(phone.bubbles()) if (found := LINK.search(each.text)))


async def invited(by: Person, name: str) -> str:
    await by.says(f"/invite {name}")
    await by.presses("保存")
    return code_on(by)


async def test_a_unit_head_invites_one_of_theirs(office: Office, newcomers: Newcomers) -> None:
    (head,) = office.people("head")
    await head.says("/menu")
    await head.presses("邀请同事（1 人未开通）")
    head.reads("邀请谁？")
    assert "辛仁（S98）" in head.buttons()
    assert "章程（S99）" not in head.buttons()
    await head.presses("辛仁（S98）")
    head.reads("业务员：西北销售一部", "10 分钟内有效")
    await head.presses("保存")
    head.reads("邀请 辛仁（S98）开通，仅限本人，", "09:10", "已为 辛仁（S98）生成邀请")
    picture = next(each for each in head.bubbles() if each.attachment)
    assert picture.attachment
    assert picture.attachment.kind == "photo"
    assert office.telegram.world().files.to_fetch(picture.attachment.file_id).content.startswith(PNG)
    phone = newcomers.phone(77)
    await phone.says(f"/start {code_on(head)}")
    phone.reads("您是 辛仁（工号 S98）", "业务员：西北销售一部", "直接写一句就能记", "先按“记沟通”")
    head.reads("辛仁（S98）已用您的邀请开通")
    await phone.presses("记沟通")
    phone.reads("沟通记录")


WHOM = """
head    /invite 章程      没有找到“章程”，或不在您的权限内
head    /invite S99       没有找到“S99”，或不在您的权限内
head    邀请 艾梅         没有找到“艾梅”，或不在您的权限内
head    /invite 魏立      没有找到“魏立”，或不在您的权限内
head    /invite 卫兵      没有找到“卫兵”，或不在您的权限内
head    /invite 何建国    没有找到“何建国”，或不在您的权限内
head    /invite 没有这人  没有找到“没有这人”，或不在您的权限内
east    /invite 章程      业务员：华东销售部
admin   /invite 章程      业务员：华东销售部
admin   /invite s98       业务员：西北销售一部
admin   /invite 艾梅      已开通：新链接一用，原来的 Telegram 账号就停用
admin   /invite X01       没有找到“X01”，或不在您的权限内
ann     /invite 辛仁      没有找到，或不在您的权限内
auditor /invite 辛仁      没有找到，或不在您的权限内
vp      /invite 辛仁      没有找到，或不在您的权限内
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_whom_somebody_may_invite(office: Office, newcomers: Newcomers) -> None:
    newcomers.on_file("V99", "卫兵", "西北销售一部", "vice_president")
    for who, command, name, reads in (line.split(maxsplit=3) for line in WHOM.strip().splitlines()):
        person = office.person(who)
        await person.says(f"{command} {name}")
        person.reads(reads)
    assert newcomers.account_of("S98") is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_was_moved_meanwhile_is_not_invited(office: Office, newcomers: Newcomers) -> None:
    (head,) = office.people("head")
    await head.says("/invite 辛仁")
    with office.store.write() as session:
        there = session.exec(select(Unit).where(Unit.name == "华东销售部")).one()
        new = session.exec(select(Staff).where(Staff.number == "S98")).one()
        session.exec(select(Assignment).where(Assignment.staff_id == new.id)).one().unit_id = key(there)
    await head.presses("保存")
    head.reads("没有找到“辛仁”，或不在您的权限内")
    assert newcomers.account_of("S98") is None


async def test_what_does_not_let_anybody_in_says_why(office: Office, newcomers: Newcomers) -> None:
    (head, amy) = office.people("head", "amy")
    first, second = await invited(head, "辛仁"), await invited(head, "辛仁")
    phone = newcomers.phone(77)
    await phone.says(f"/start {first}")
    phone.reads("这个邀请链接无效，可能已换成新的")
    await amy.says(f"/start {second}")
    amy.reads("您已开通：艾梅（工号 S02）", "别人的链接请转给本人")
    office.clock.move(timedelta(minutes=10, seconds=1))
    await phone.says(f"/start {second}")
    phone.reads("已过期，有效期只有 10 分钟")
    third = await invited(head, "辛仁")
    await phone.says(f"/start {third}")
    phone.reads("您是 辛仁")
    other = newcomers.phone(78)
    await other.says(f"/start {third}")
    other.reads("已经用过，每个只能用一次")
    for _ in range(5):
        await other.says("/start guess")
    other.reads("试的次数太多了")
    assert newcomers.account_of("S98") == 77
    other.reads_nothing_of("辛仁")


async def test_another_account_ends_the_old_one_and_is_told_there(office: Office, newcomers: Newcomers) -> None:
    (admin, amy) = office.people("admin", "amy")
    code = await invited(admin, "艾梅")
    amy.reads("管理员 为您的工号生成了新的开通邀请")
    phone = newcomers.phone(77)
    await phone.says(f"/start {code}")
    phone.reads("您是 艾梅（工号 S02）")
    await amy.says("/due")
    amy.reads("请联系管理员开通")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_comes_back_has_a_new_record_and_the_same_account(office: Office, newcomers: Newcomers) -> None:
    with office.store.write() as session:
        session.exec(select(Staff).where(Staff.number == "S02")).one().active = False
    (admin,) = office.people("admin")
    code = await invited(admin, "辛仁")
    amy = office.person("amy")
    await amy.says(f"/start {code}")
    amy.reads("您是 辛仁（工号 S98）")
    assert newcomers.account_of("S02") is None
    with office.read() as session:
        made = session.exec(select(Audit).where(Audit.action == "staff.invite")).one()
        assert made.staff_id == session.exec(select(Staff.id).where(Staff.number == PEOPLE["admin"][0])).one()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_link_lies_open_nowhere(office: Office, newcomers: Newcomers) -> None:
    (head,) = office.people("head")
    code = await invited(head, "辛仁")
    with office.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT text, document FROM outbox").all()
        assert rows
        assert not any(code in str(each) for each in rows)
        connection.rollback()
    with office.read() as session:
        assert any(each.document and code in each.document["args"]["link"] for each in session.exec(select(Outbox)))
    assert newcomers.account_of("S98") is None


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_without_a_key_no_link_is_made(office: Office, newcomers: Newcomers) -> None:
    office.store.vault.forget()
    (head,) = office.people("head")
    await head.says("/invite 辛仁")
    await head.presses("保存")
    head.reads("在服务器上运行 keguan invite S98")
    assert newcomers.account_of("S98") is None


FIRST = """
head    邀请本单位同事  本单位
vp      下达督办        各单位
gm      看各单位情况    各单位
sales   受理备案和投诉  待办
quality 办理转来的投诉  待办
auditor 查审计记录      审计
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_first_screen_is_for_the_role(office: Office) -> None:
    for who, says, begins in (line.split() for line in FIRST.strip().splitlines()):
        person = office.person(who)
        await person.says("/start")
        person.reads(f"您是 {PEOPLE[who][1]}（工号 {PEOPLE[who][0]}）", says, f"先按“{begins}”")
        assert begins in person.buttons()
        assert person.last().text.count("\n") < 10
