"""交接: everything that somebody holds goes to a colleague at once; no clock stops, and everything finds a living person."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlmodel import Session, col, select

from models.audit import Audit, body_of
from models.clocks import Clock
from models.customers import Customer
from models.hand_overs import HandOver
from models.messages import Draft
from models.people import Assignment, Staff
from models.records import Complaint, Entry
from models.steps import Step
from models.tasks import Task
from tests.company import PEOPLE
from tests.complaining import complain, entrust
from tests.office import Office
from tests.stories.test_inquiries import hand_over as offer
from tests.stories.test_inquiries import inquire


def number_of(session: Session, who: str) -> int:
    return session.exec(select(Staff.id).where(Staff.number == PEOPLE[who][0])).one() or 0


def limits(office: Office) -> dict[tuple[str, str, int], tuple[datetime, bool]]:
    """Every clock about a customer or matter: when it is due, and whether it runs."""
    with office.read() as records:
        return {
            (each.rule, each.subject_kind, each.subject_id): (each.due_at, each.closed_at is None)
            for each in records.exec(select(Clock).where(col(Clock.subject_kind) != "staff").order_by(col(Clock.id)))
        }


def still_with(office: Office, who: str) -> dict[str, int]:
    """What names somebody in the open records, counted place by place."""
    with office.read() as records:
        me = number_of(records, who)
        places = {
            "customers": select(Customer.id).where(Customer.owner_id == me),
            "complaints": select(Complaint.matter_id).where(Complaint.handler_id == me),
            "clocks": select(Clock.id).where(
                Clock.post == f"staff@{me}", col(Clock.closed_at).is_(None), Clock.subject_kind != "staff"
            ),
            "tasks": select(Task.id).where(Task.post == f"staff@{me}", col(Task.answered_at).is_(None)),
            "steps": select(Step.id).where(Step.post == f"staff@{me}", Step.state == "waiting"),
            "drafts": select(Draft.id).where(
                Draft.staff_id == me, Draft.form == "contact", col(Draft.state).in_(("open", "kept"))
            ),
        }
        return {place: len(found) for place, query in places.items() if (found := records.exec(query).all())}


async def busy(office: Office) -> None:
    """Ann's desk: three customers, a complaint near its limit, an inquiry, one that is offered to her, an order, a promise, a
    half-filled form."""
    (ann, amy, head, sales, quality) = office.people("ann", "amy", "head", "sales", "quality")
    await ann.says("/log 华航橡胶 电话 刚才 张工 谈了配方 后天再联系")
    await ann.presses("保存")
    await head.says("/find 华航")
    await head.presses("批示")
    await head.does("批示 1", "请把样品寄给张工", "后天")
    await complain(sales)
    await ann.says("/case 1")
    await ann.does("转主管部门", ".无")
    await entrust(quality)
    await head.does("指派", "安然")
    await inquire(ann)
    await inquire(amy, "/inquiry 远大机械 李工 问交货期")
    await offer(amy, "安然")
    await ann.says("/log 飞翼制造 电话")


def held_by_ann() -> str:
    return (
        "· 客户 3 家：华航橡胶、飞翼制造、远大密封\n· 未结投诉 1 件：TS-2026-0001\n· 未答复咨询 1 件：ZX-2026-0001\n"
        "· 批示、督办 1 件\n· 待审批、待接收 1 件\n· 答应客户的下一步 1 件\n· 没填完的单 1 张"
    )


async def test_everything_goes_over_at_once_and_comes_back(office: Office) -> None:
    (ann, amy, head) = office.people("ann", "amy", "head")
    await busy(office)
    before, was = limits(office), still_with(office, "ann")
    await head.says("/hand_over")
    assert {"安然（S01）", "艾梅（S02）"} <= set(head.buttons())
    await head.presses("安然（S01）")
    head.reads("交给谁？")
    await head.presses("艾梅（S02）")
    head.reads("交出人：安然（S01）", "交给：艾梅（S02）", held_by_ann(), "期限照走不停")
    assert limits(office) == before
    await head.presses("保存")
    head.reads("已交接：安然（S01） → 艾梅（S02）", held_by_ann())
    amy.reads("何建国 把 安然（S01） 的工作交接给您", "客户 3 家")
    assert amy.buttons()[:2] == ["TS-2026-0001", "ZX-2026-0001"]
    assert (limits(office), still_with(office, "ann")) == (before, {})
    await amy.presses("TS-2026-0001")
    amy.reads("何建国 交接：安然 → 艾梅")
    await amy.does("写进展", "样品已寄回", ".部门和客户")
    amy.reads("已")
    await ann.says("/find 华航")
    ann.reads("业务员 艾梅")
    with office.read() as records:
        assert {each.by_id for each in records.exec(select(Entry).where(Entry.kind == "contact"))} == {
            number_of(records, "ann")
        }
        row = records.exec(select(Audit).where(Audit.action == "staff.hand_over")).one()
        assert row.staff_id == number_of(records, "head")
        assert body_of(records, row)["customer"] == [1, 2, 3]
    await head.presses("交回")
    head.reads("已交接：艾梅（S02） → 安然（S01）", "客户 3 家：华航橡胶、飞翼制造、远大密封")
    assert still_with(office, "ann") | {"steps": 1, "clocks": 4} == was
    ann.reads("的工作交接给您")
    with office.read() as records:
        first, second = records.exec(select(HandOver).order_by(col(HandOver.id))).all()
        assert second.returns == first.id
        mine = records.exec(select(Customer.name).where(Customer.owner_id == number_of(records, "amy"))).all()
        assert mine == ["宝鸡远大机械有限公司"]


async def test_what_was_offered_to_the_receiver_by_the_receiver_is_decided_above(office: Office) -> None:
    """Amy offered an inquiry to Ann; Ann's work goes to Amy: she does not take it from herself."""
    (amy, head) = office.people("amy", "head")
    await inquire(amy, "/inquiry 远大机械 李工 问交货期")
    await offer(amy, "安然")
    await head.says("交接 安然 给 艾梅")
    await head.presses("保存")
    with office.read() as records:
        assert records.exec(select(Step)).one().post == f"staff@{number_of(records, 'head')}"
        clock = records.exec(select(Clock).where(Clock.subject_kind == "step")).one()
        assert (clock.post, clock.closed_at) == (f"staff@{number_of(records, 'head')}", None)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_somebody_was_asked_to_take_of_the_one_who_goes_is_theirs(office: Office) -> None:
    """Ann offered an inquiry to Amy; with Ann's work it is Amy's, and need not be accepted any more."""
    (ann, amy, head) = office.people("ann", "amy", "head")
    await inquire(ann)
    await offer(ann, "艾梅")
    await head.says("交接 安然 艾梅")
    await head.presses("保存")
    with office.read() as records:
        assert records.exec(select(Step.state)).one() == "dropped"
        running = records.exec(
            select(Clock).where(Clock.subject_kind == "inquiry", col(Clock.closed_at).is_(None))
        ).one()
        assert running.post == f"staff@{number_of(records, 'amy')}"
    await amy.presses("ZX-2026-0001")
    await amy.does("答复", "能耐125度")
    amy.reads("已")


WHO_TO_WHOM = """
head   安然 艾梅   客户 3 家：华航橡胶、飞翼制造、远大密封
head   安然 何建国 客户 3 家
head   安然 鲍博   没有找到“鲍博”，或不在您的权限内
head   鲍博 安然   没有找到“鲍博”，或不在您的权限内
head   魏立 安然   没有找到“魏立”，或不在您的权限内
sales  安然 艾梅   客户 3 家：华航橡胶、飞翼制造、远大密封
sales  安然 没有   没有找到“没有”，或不在您的权限内
admin  安然 艾梅   · 客户 3 家
admin  安然 安然   没有找到“安然”，或不在您的权限内
ann    安然 艾梅   没有找到，或不在您的权限内
vp     安然 艾梅   没有找到，或不在您的权限内
auditor 安然 艾梅  没有找到，或不在您的权限内
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_may_hand_over_whose_work(office: Office) -> None:
    for who, before, after, reads in (line.split(maxsplit=3) for line in WHO_TO_WHOM.strip().split("\n")):
        person = office.person(who)
        await person.says(f"/hand_over {before} {after}")
        person.reads(reads)
        await person.says("/cancel")
    assert still_with(office, "ann") == {"customers": 3}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_was_moved_meanwhile_is_not_handed_over(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/hand_over 安然 艾梅")
    with office.store.write() as session:
        mine = select(Assignment).where(Assignment.staff_id == number_of(session, "ann"))
        session.exec(mine).one().unit_id = 3
    await head.presses("保存")
    head.reads("没有找到“安然”，或不在您的权限内")
    assert still_with(office, "ann") == {"customers": 3}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_can_not_hold_it_does_not_get_it(office: Office) -> None:
    """Customers stay in their unit; administrators and auditors keep none."""
    (sales,) = office.people("sales")
    for receiver in ("鲍博", "管理员", "沈明", "秦工"):
        await sales.says(f"/hand_over 安然 {receiver}")
        await sales.presses("保存")
        sales.reads(f"{receiver} 接不了")
        await sales.says("/cancel")
    await sales.says("/hand_over 秦工 艾梅")
    sales.reads("手上没有要交接的")
    await sales.presses("保存")
    sales.reads("手上没有要交接的")
    assert still_with(office, "ann") == {"customers": 3}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_mistake_is_mended_once_and_takes_only_what_is_still_there(office: Office) -> None:
    (head, amy) = office.people("head", "amy")
    await head.says("/hand_over 安然 艾梅")
    await head.presses("保存")
    with office.store.write() as session:
        session.get_one(Customer, 1).owner_id = number_of(session, "head")
    back = head.last()
    await head.presses("交回")
    head.reads("客户 2 家：飞翼制造、远大密封")
    await head.presses_again(back.id, next(b.data for row in back.buttons for b in row if b.text == "交回") or "")
    assert still_with(office, "amy") == {"customers": 1}
    assert amy.count("的工作交接给您") == 1
    with office.read() as records:
        assert len(records.exec(select(HandOver)).all()) == 2


async def test_a_complaint_near_its_limit_escalates_to_the_new_person(office: Office) -> None:
    (amy, ann, head) = office.people("amy", "ann", "head")
    await complain(ann)
    await office.passes("22h")
    await head.says("/hand_over 安然 艾梅")
    await head.presses("保存")
    with office.read() as records:
        due = records.exec(select(Clock.due_at).where(Clock.rule == "R16.1")).one()
        assert due == records.exec(select(Complaint.limit_at)).one()
    told = ann.count("TS-2026-0001")
    await office.passes("3h")
    amy.reads("投诉 TS-2026-0001 时限已到", "处理人：艾梅")
    assert ann.count("TS-2026-0001") == told
