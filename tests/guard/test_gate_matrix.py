"""Nobody is believed: every person × their own, their unit's, another unit's customer × every way in, over the real chat.

What is allowed is what `rules.gate` says. Each customer's file, talks and complaint carry canaries, words that stand nowhere
else: who is refused sees none of them, and reads the same as if the customer were not there.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import func, select

from models.audit import Audit
from models.customers import Customer
from models.customers import Person as Contact
from models.messages import Card, Draft
from models.people import Staff, key
from models.records import Complaint, Entry, Matter
from models.store import Store
from rules.gate import Action
from tests.canaries import TARGETS, Target, allowed, called, file, reaches
from tests.company import PEOPLE
from tests.conftest import a_house
from tests.office import Office, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

NOT_THERE = "没有找到，或不在您的权限内。"
OLD_BUTTON = "这个按钮已过期，请看最新的消息。"
IN_PRIVATE = "客户资料只在私聊中处理，请点我的头像私聊。"


NOBODY = Target("无极机械", "ann", "TS-2026-0009", "", "", "", "")
EVERYBODY = tuple(PEOPLE)


@pytest.fixture(scope="module")
def furnished(furnished: Path, rulebook_text: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company of the tests, each customer with a person, a talk and a complaint that carry its canaries."""
    path = tmp_path_factory.mktemp("matrix") / "company.db"
    shutil.copy(furnished, path)
    store = Store(f"sqlite:///{path}")
    for target in TARGETS:
        store.run_here(file, a_house(rulebook_text), target)
    store.close()
    return path


def canaries() -> Iterator[str]:
    return (canary for each in TARGETS for canary in each.canaries)


def sees_only(person: Person, *shown: str) -> None:
    """These canaries stand in what came, and no other."""
    person.reads(*shown)
    person.reads_nothing_of(*(canary for canary in canaries() if canary not in shown))


def without_name(text: str, *targets: Target) -> str:
    for each in targets:
        text = text.replace(each.name, "某").replace(each.number, "某")
    return text


async def same_as_nobody(person: Person, line: str, target: Target) -> None:
    """The answer to a line about this customer is, word for word, the answer about one that does not exist."""
    await person.says(line.format(name=target.name, number=target.number))
    said, buttons = person.news(), person.buttons()
    sees_only(person)
    await person.says("/cancel")
    await person.says(line.format(name=NOBODY.name, number=NOBODY.number))
    assert without_name(said, target) == without_name(person.news(), NOBODY)
    assert [without_name(each, target) for each in buttons] == [without_name(each, NOBODY) for each in person.buttons()]
    await person.says("/cancel")


# Commands


@pytest.mark.parametrize("who", EVERYBODY)
async def test_looking_up_a_customer_and_a_complaint(office: Office, who: str) -> None:
    person = office.person(who)
    for target in TARGETS:
        if not allowed(office, who, Action.FIND_CUSTOMER, target):
            await same_as_nobody(person, "/find {name}", target)
        else:
            await person.says(f"/find {target.name}")
            person.reads(target.name)
            sees_only(person, *(target.canaries if allowed(office, who, Action.SEE_CUSTOMER, target) else ()))
        await opens_the_file(office, person, target)
        if not allowed(office, who, Action.SEE_COMPLAINT, target):
            await same_as_nobody(person, "/case {number}", target)
        else:
            await person.says(f"/case {target.number}")
            sees_only(person, target.contact, target.phone, target.trouble)


async def opens_the_file(office: Office, person: Person, target: Target) -> None:
    """Whoever may find the name learns how to ask; the people on file are for those whose post gives the right."""
    if not allowed(office, person.name, Action.FIND_CUSTOMER, target):
        await same_as_nobody(person, "/file {name}", target)
        return
    await person.says(f"/file {target.name}")
    right = allowed(office, person.name, Action.OPEN_FILE, target)
    sees_only(person, *((target.contact, target.phone) if right else ()))
    assert any(each.startswith("🔒") for each in person.buttons()) is right
    asks = allowed(office, person.name, Action.ASK_FILE, target) and not right
    assert ("申请查阅档案" in person.buttons()) is asks


@pytest.mark.parametrize("who", EVERYBODY)
async def test_writing_about_a_customer(office: Office, who: str) -> None:
    person = office.person(who)
    for target in TARGETS:
        for line, action, title in (
            ("/log {name} 电话 刚才 问候", Action.LOG_CONTACT, "沟通记录"),
            ("/callback {name} 电话 刚才 问候", Action.RECORD_CALLBACK, "回访记录"),
            ("{name} 电话 刚才 问候", Action.LOG_CONTACT, "沟通记录"),
        ):
            if allowed(office, who, action, target):
                await person.says(line.format(name=target.name))
                person.reads(title)
                person.reads_nothing_of("没有找到")
                await person.says("/cancel")
            elif line.startswith("/"):
                await same_as_nobody(person, line, target)
            else:
                await person.says(line.format(name=target.name))
                sees_only(person)
                person.reads_nothing_of(f"客户：{target.name}")
                await person.says("/cancel")


@pytest.mark.parametrize("who", EVERYBODY)
async def test_opening_a_complaint_tells_nothing_of_the_file(office: Office, who: str) -> None:
    """Whoever is told first accepts, for any customer whose name they may find; the people on file are for those who may see it."""
    person = office.person(who)
    for target in TARGETS:
        may_open = reaches(office, who, Action.OPEN_COMPLAINT) and allowed(office, who, Action.FIND_CUSTOMER, target)
        if not may_open:
            await same_as_nobody(person, "/complain {name} 胶管开裂", target)
            continue
        await person.says(f"/complain {target.name} 胶管开裂")
        person.reads("投诉受理单")
        if not allowed(office, who, Action.SEE_CUSTOMER, target):
            sees_only(person)
            await person.says(target.contact)
            person.reads_nothing_of(target.phone)
        await person.says("/cancel")


# Buttons


async def a_full_card(person: Person) -> tuple[int, str, str]:
    """A contact of theirs that waits to be saved: the message, the data of 保存 and of 修改."""
    await person.says("/log 华航橡胶 电话 刚才 问候")
    buttons = {button.text: button.data for row in person.last().buttons for button in row}
    return person.last().id, str(buttons["保存"]), str(buttons["修改"])


def marks(office: Office) -> tuple[object, ...]:
    """What a press may have changed: entries, the audit, and how far every draft and card is."""
    with office.read() as session:
        return (
            session.exec(select(func.count()).select_from(Entry)).one(),
            session.exec(select(func.count()).select_from(Audit)).one(),
            session.exec(select(Draft.id, Draft.state, Draft.asking).order_by(Draft.id)).all(),  # type: ignore[arg-type]
            session.exec(select(Card.id, Card.version).order_by(Card.id)).all(),  # type: ignore[arg-type]
        )


async def test_a_button_of_somebody_else_is_not_there(office: Office) -> None:
    message, save, edit = await a_full_card(office.person("ann"))
    before = marks(office)
    for who in EVERYBODY:
        if who != "ann":
            person = office.person(who)
            for data in (save, edit, "AAAAAAAAAAAA.1.0"):
                await person.presses_again(message, data)
                assert person.news() == NOT_THERE, who
    assert marks(office) == before


def forged(data: str) -> list[tuple[str, str]]:
    """Data that no button ever carried, made from data that one does, and the answer."""
    card, version, number = data.split(".")
    old = [
        f"{card}.{int(version) + 1}.{number}",
        f"{card}.{version}.99",
        f"{card}.{version}.-1",
        f"{card}.{version}.²",
        f"{card}.{version}.٣",
        f"{card}.{version}.",
        f"{card}.{version}",
        f"{card}.{version}.{number}.0",
        f"{card}.0{version}.{number}",
        f"{card}",
        f"{card}.{version}.{9 * 10**18}",
    ]
    missing = [
        "",
        ".",
        "..",
        f"{card[:-1]}.{version}.{number}",
        f"{card}' OR 1=1 --.1.0",
        f"{card.swapcase()}.1.0",
        "x" * 64,
    ]
    return [(each, OLD_BUTTON) for each in old] + [(each, NOT_THERE) for each in missing]


async def test_forged_data_does_nothing(office: Office) -> None:
    ann = office.person("ann")
    message, save, _ = await a_full_card(ann)
    before = marks(office)
    for data, answer in forged(save):
        await ann.presses_again(message, data)
        assert ann.news() == answer, data
    assert marks(office) == before
    await ann.presses("保存")
    ann.reads("已记录")


async def test_an_old_button_pressed_again_does_nothing(office: Office) -> None:
    ann = office.person("ann")
    message, save, edit = await a_full_card(ann)
    await ann.presses("保存")
    ann.reads("已记录")
    before = marks(office)
    for data in (save, edit, save):
        await ann.presses_again(message, data)
        assert ann.news() == OLD_BUTTON
    assert marks(office) == before


def hand_over(office: Office, target: Target, to: str) -> None:
    """The customer and its complaint go to somebody in another unit."""
    with office.store.write() as session:
        customer = called(session, target)
        heir = session.exec(select(Customer).where(Customer.owner_id == _staff(office, to))).first()
        matter = session.exec(select(Matter).where(Matter.number == target.number)).one()
        complaint = session.get_one(Complaint, key(matter))
        assert heir is not None
        customer.owner_id, customer.unit_id = heir.owner_id, heir.unit_id
        complaint.handler_id, matter.unit_id, matter.opened_by = heir.owner_id, heir.unit_id, heir.owner_id


def _staff(office: Office, who: str) -> int:
    with office.read() as session:
        return key(session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one())


def buttons_of(person: Person) -> list[tuple[int, str, str]]:
    return [
        (bubble.id, button.text, button.data)
        for bubble in person.bubbles()
        for row in bubble.buttons
        for button in row
        if button.data
    ]


async def test_a_button_asks_again_after_the_customer_was_handed_over(office: Office) -> None:
    """Every button that still stands on Ann's phone, pressed after her customer became Bob's, tells her nothing of it."""
    ann, target = office.person("ann"), TARGETS[0]
    await ann.says("/find 华航橡胶")
    await ann.says(f"/case {target.number}")
    await ann.says("/due")
    hand_over(office, target, "bob")
    fresh = f"新{target.contact}"
    with office.store.write() as session:
        customer = called(session, target)
        session.add(Contact(customer_id=key(customer), name=fresh, phone="13911119999"))
    assert not allowed(office, "ann", Action.SEE_CUSTOMER, target)
    assert not allowed(office, "ann", Action.SEE_COMPLAINT, target)
    pressed = buttons_of(ann)
    assert {"记沟通", "记回访", "报投诉", "写进展", "详情"} <= {label for _, label, _ in pressed}
    for message, label, data in pressed:
        await ann.presses_again(message, data)
        ann.reads_nothing_of(fresh, "13911119999")
        if label in ("记沟通", "记回访", "报投诉", "写进展", "详情", "到场处理", "已解决", target.number):
            assert ann.news() in (NOT_THERE, f"{NOT_THERE}\n———\n{NOT_THERE}", OLD_BUTTON), label
            sees_only(ann)


async def test_a_draft_kept_from_before_the_hand_over_tells_nothing_and_can_not_be_saved(office: Office) -> None:
    ann, target = office.person("ann"), TARGETS[0]
    await a_full_card(ann)
    hand_over(office, target, "bob")
    await ann.presses("修改")
    await ann.presses("对方")
    sees_only(ann)
    await ann.presses("留空")
    before = marks(office)[:2]
    await ann.presses("保存")
    ann.reads(NOT_THERE)
    assert marks(office)[:2] == before


# Groups


async def test_nothing_of_a_customer_is_said_in_a_group(office: Office) -> None:
    group = office.telegram.group("西北销售一部", [PEOPLE[who][2] for who in EVERYBODY])
    await office.service.settle()
    lines = (
        "/find {name}",
        "/log {name} 电话 刚才 问候",
        "/case {number}",
        "/due",
        "查 {name}",
        "{name} 电话 刚才 问候",
    )
    for who in EVERYBODY:
        for line in lines:
            text = line.format(name=TARGETS[0].name, number=TARGETS[0].number)
            office.telegram.says(PEOPLE[who][2], text, chat=group)
    await office.service.settle()
    said = {bubble.text for bubble in office.telegram.chat(PEOPLE["ann"][2], chat=group) if bubble.by_bot}
    assert said == {IN_PRIVATE}


async def test_a_private_button_pressed_in_a_group_does_nothing(office: Office) -> None:
    ann = office.person("ann")
    _, save, _ = await a_full_card(ann)
    group = office.telegram.group("西北销售一部", [PEOPLE["ann"][2], PEOPLE["amy"][2]])
    await office.service.settle()
    before = marks(office)
    office.telegram.presses(PEOPLE["ann"][2], 1, save, chat=group)
    await office.service.settle()
    assert marks(office) == before
    assert office.telegram.phone(PEOPLE["ann"][2]).toasts()[-1] == IN_PRIVATE
    assert not [bubble for bubble in office.telegram.chat(PEOPLE["ann"][2], chat=group) if bubble.by_bot]


# The matrix has teeth


@pytest.mark.parametrize(
    ("action", "sales", "unit_head", "quality", "audit"),
    [
        (Action.FIND_CUSTOMER, "110", "110", "111", "111"),
        (Action.SEE_CUSTOMER, "100", "110", "000", "111"),
        (Action.LOG_CONTACT, "100", "110", "000", "000"),
        (Action.SEE_COMPLAINT, "100", "110", "111", "111"),
    ],
)
async def test_the_matrix_holds_both_yes_and_no(
    office: Office, action: Action, sales: str, unit_head: str, quality: str, audit: str
) -> None:
    """By hand, for Ann, her head, the quality department and the auditor: own, the unit's, another unit's."""
    for who, row in zip(("ann", "head", "quality", "auditor"), (sales, unit_head, quality, audit), strict=True):
        assert "".join(str(int(allowed(office, who, action, each))) for each in TARGETS) == row, who


def test_every_role_of_the_small_company_is_in_the_matrix(database: str) -> None:
    assert database.startswith("sqlite")
    roles = {role for _, _, _, posts in PEOPLE.values() for role, _ in posts}
    assert roles >= {
        "salesperson",
        "unit_head",
        "vice_president",
        "general_manager",
        "sales_dept",
        "quality",
        "audit",
        "admin",
    }
