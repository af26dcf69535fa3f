"""转交: selected customers go to a colleague; between units when both sides agree; nothing owed to them stops or is lost."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from models.clocks import Clock
from models.customers import Customer
from models.files import CustomerFile
from models.filings import Filing
from models.people import Assignment, Staff
from models.records import Complaint, Entry
from models.transfers import Transfer
from tests.complaining import complain
from tests.office import Office
from tests.planted import presses_planted
from tests.stories.test_hand_overs import busy, limits, number_of


def owners(office: Office) -> dict[str, tuple[str, int]]:
    """By short name: whose each customer is, and in which unit."""
    with office.read() as records:
        rows = records.exec(select(Customer, Staff.name).join(Staff, col(Staff.id) == Customer.owner_id))
        return {str(each.short_name): (name, each.unit_id) for each, name in rows}


WEST, EAST = 2, 3


async def test_inside_a_unit_it_is_done_at_once_and_everything_about_it_goes_along(office: Office) -> None:
    ann, amy, head, sales = office.people("ann", "amy", "head", "sales")
    await busy(office)
    with office.store.write() as session:
        me = number_of(session, "ann")
        session.add(CustomerFile(customer_id=1, custodian_id=me, touched_at=office.clock.now()))
    before = limits(office)
    await ann.says("/transfer 华航橡胶、飞翼制造 给 艾梅")
    ann.reads(
        "客户：2 家：华航橡胶、飞翼制造",
        "交给：艾梅（S02）",
        "· 客户 2 家\n· 未结投诉 1 件\n· 未答复咨询 1 件\n· 批示、督办 1 件\n· 答应客户的下一步 1 件",
        "· 没填完的单 1 张\n· 专管员 1 家",
        "期限照走；以前的记录署名不变",
    )
    await ann.presses("保存")
    ann.reads("客户转交　✅ 已转交", "安然（西北销售一部） → 艾梅（西北销售一部）", "已报销售部备案")
    amy.reads("客户转交　✅ 已转交", "客户 2 家：华航橡胶、飞翼制造")
    assert amy.buttons()[:2] == ["TS-2026-0001", "ZX-2026-0001"]
    head.reads("客户转交　✅ 已转交")
    sales.reads("转交备案　安然 办理", "客户 2 家：华航橡胶、飞翼制造")
    reviewed = ("R31.3", "file", 1)  # the new custodian stands in the file, which was looked at by that
    assert {each: due for each, due in before.items() if limits(office)[each] != due}.keys() == {reviewed}
    names = {name: owner for name, (owner, _) in owners(office).items()}
    assert (names["华航橡胶"], names["飞翼制造"], names["远大密封"]) == ("艾梅", "艾梅", "安然")
    with office.read() as records:
        assert records.exec(select(Complaint.handler_id)).one() == number_of(records, "amy")
        assert records.exec(select(CustomerFile.custodian_id)).one() == number_of(records, "amy")
        assert {each.by_id for each in records.exec(select(Entry).where(Entry.kind == "contact"))} == {me}
    await sales.presses("备案")
    ann.reads("备案回执", "BA-2026-0001　转交：2 家给 艾梅")
    await ann.says("/log 华航橡胶 电话 刚才 谈了价格")
    ann.reads("没有找到“华航橡胶")
    await amy.says("/transfer 华航橡胶、飞翼制造 给 安然")
    await amy.presses("保存")
    assert {name: owner for name, (owner, _) in owners(office).items()}["飞翼制造"] == "安然"


async def test_between_units_both_heads_agree_and_complaints_stay_where_they_are_handled(office: Office) -> None:
    ann, bob, head, east, sales = office.people("ann", "bob", "head", "east", "sales")
    await complain(ann)
    await ann.says("/find 华航")
    await ann.presses("转交")
    ann.reads("交给谁？")
    await ann.presses("鲍博（S03）")
    ann.reads("以上随客户转到 华东销售部", "西北销售一部 负责人", "华东销售部 负责人", "保存后等")
    await ann.presses("修改")
    await ann.presses("理由")
    await ann.says("客户总部迁到上海")
    await ann.presses("保存")
    ann.reads("⏳ 待同意", "等 西北销售一部 负责人同意转出", "原业务员照常负责")
    bob.reads_nothing_of("转交")
    head.reads("安然（西北销售一部） → 鲍博（华东销售部）", "理由：客户总部迁到上海")
    card = head.last()
    await head.presses("同意转出")
    head.reads("等 鲍博 或 华东销售部 负责人接收")
    bob.reads("⏳ 待同意")
    east.reads("⏳ 待同意")
    for who in ("ann", "head", "amy"):  # neither who asked nor who gives can accept it
        await presses_planted(office, who, "transfer.sign", transfer=1)
    assert owners(office)["华航橡胶"] == ("安然", WEST)
    await east.presses("接收")
    for each in (ann, bob, head, east):
        each.reads("✅ 已转交", "理由：客户总部迁到上海")
    sales.reads("转交备案")
    assert owners(office)["华航橡胶"] == ("鲍博", EAST)
    bob_card = next(each for each in bob.bubbles() if "客户转交" in each.text)
    assert not [each for line in bob_card.buttons for each in line if each.text == "接收"]
    await head.presses_again(card.id, card.buttons[0][0].data or "")
    head.reads("按钮已过期")
    with office.read() as records:
        assert records.exec(select(Complaint.handler_id)).one() in (None, number_of(records, "ann"))
        theirs = (Clock.subject_kind == "customer", Clock.subject_id == 1, col(Clock.closed_at).is_(None))
        assert set(records.exec(select(Clock.post).where(*theirs))) == {f"unit_head@{EAST}"}
        assert len(records.exec(select(Filing)).all()) == 1


WHO = """
ann    华航橡胶      艾梅   已转交
ann    远大机械      安然   没有找到
ann    申江液压      艾梅   没有找到
head   远大机械      安然   已转交
head   远大密封      鲍博   等 鲍博 或 华东销售部 负责人接收
east   远大密封      鲍博   没有找到
vp     飞翼制造      鲍博   已转交
sales  申江液压      安然   已转交
gm     海润轮胎      艾梅   已转交
quality 远大密封     艾梅   没有找到，或不在您的权限内
auditor 远大密封     艾梅   没有找到，或不在您的权限内
admin  远大密封      艾梅   没有找到，或不在您的权限内
sales  海润轮胎      秦工   没有找到“秦工”
"""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_may_transfer_what_to_whom(office: Office) -> None:
    for who, customer, to, reads in (line.split(maxsplit=3) for line in WHO.strip().split("\n")):
        person = office.person(who)
        await person.says(f"/transfer {customer} 给 {to}")
        if "保存" in person.buttons():
            await person.presses("保存")
        person.reads(reads)
        await person.says("/cancel")
    assert {name: owner for name, (owner, _) in owners(office).items()} == {
        "华航橡胶": "艾梅",
        "飞翼制造": "鲍博",
        "远大密封": "安然",
        "远大机械": "安然",
        "申江液压": "安然",
        "海润轮胎": "艾梅",
    }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_many_are_ticked_on_pages_by_filter_or_by_a_word(office: Office) -> None:
    ann, head, amy = office.people("ann", "head", "amy")
    await head.says("转交")
    head.reads("转交哪些客户？")
    assert "☐ 远大机械" in head.buttons()
    await head.presses("☐ 远大机械")
    await head.presses("☑ 远大机械")
    assert not [each for each in head.buttons() if "选好了" in each]
    await head.presses("省份")
    await head.presses("陕西省")
    await head.presses("全选")
    assert "✅ 选好了（3）" in head.buttons()
    await head.presses("☑ 华航橡胶")
    await head.presses("✅ 选好了（2）")
    await head.presses("返回")
    assert "✅ 选好了（2）" in head.buttons()
    await head.says("陕西 一般")
    head.reads("“陕西 一般”有 2 家")
    await head.presses("这 2 家都选")
    await head.says("远大")
    head.reads("没有找到“远大”，或不在您的权限内")
    await head.says("艾梅")
    head.reads("· 客户 2 家")
    await head.presses("保存")
    head.reads("已转交")
    assert {name for name, (owner, _) in owners(office).items() if owner == "艾梅"} == {"远大密封", "远大机械"}
    await ann.says("/transfer 远大 给 艾梅")
    ann.reads("没有找到“远大”")
    await amy.says("/transfer 远大")
    amy.reads("“远大”有 2 家")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_changed_meanwhile_is_left_out_or_ends_it(office: Office) -> None:
    ann, bob, head, east, sales = office.people("ann", "bob", "head", "east", "sales")
    await ann.says("/transfer 华航橡胶 飞翼制造 给 鲍博")
    await ann.presses("保存")
    await ann.says("/transfer 华航橡胶 给 艾梅")
    await ann.presses("保存")
    ann.reads("华航橡胶 已有转交在等同意")
    await ann.says("/cancel")
    await sales.says("/merge 飞翼制造 华航橡胶 同一家")
    await sales.presses("保存")
    await head.presses("同意转出")
    head.reads("有 1 家期间已换业务员或并入别的档案，不再转交", "· 客户 1 家")
    with office.store.write() as session:
        mine = select(Assignment).where(Assignment.staff_id == number_of(session, "bob"))
        session.exec(mine).one().ends = office.clock.now()
    await east.presses("接收")
    east.reads("已作罢")
    ann.reads("已作罢", "请重新转交")
    bob.reads_nothing_of("✅ 已转交")
    assert owners(office)["飞翼制造"] == ("安然", WEST)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_what_is_no_longer_theirs_when_it_is_saved_is_not_given_away(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/transfer 华航橡胶 飞翼制造 给 艾梅")
    with office.store.write() as session:
        session.get_one(Customer, 1).owner_id = number_of(session, "bob")
    await ann.presses("保存")
    ann.reads("有 1 家已不在您的权限内，请重新选客户")
    await ann.says("/cancel")
    assert owners(office)["华航橡胶"] == ("鲍博", WEST)
    assert owners(office)["飞翼制造"] == ("安然", WEST)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_it_can_be_refused_or_withdrawn_and_does_not_wait_for_ever(office: Office) -> None:
    ann, bob, head, vp = office.people("ann", "bob", "head", "vp")
    await ann.says("/transfer 华航橡胶 给 鲍博")
    await ann.presses("保存")
    await head.does("不同意", "总部没有迁")
    head.reads("❌ 未同意")
    ann.reads("❌ 未同意", "不同意的理由：总部没有迁")
    await ann.says("/transfer 华航橡胶 给 鲍博")
    await ann.presses("保存")
    await office.until("2026-11-25 09:00")
    await head.says("/due")
    head.reads("客户转交", "安然 转交客户给 鲍博，等您同意")
    await office.until("2026-11-26 09:00")
    vp.reads("何建国：逾期 1 项")
    await ann.presses("撤回")
    ann.reads("↩️ 已撤回")
    bob.reads_nothing_of("转交")
    with office.read() as records:
        assert [each.state for each in records.exec(select(Transfer))] == ["refused", "withdrawn"]
        assert not records.exec(
            select(Clock).where(Clock.subject_kind == "transfer", col(Clock.closed_at).is_(None))
        ).all()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_stands_in_accepts_for_a_head_and_gives_nothing_away(office: Office) -> None:
    ann, amy, east = office.people("ann", "amy", "east")
    await east.says("/away 今天 到 12月5日 代理人 艾梅")
    await east.presses("保存")
    await ann.says("/away 今天 到 12月5日 代理人 艾梅")
    await ann.presses("保存")
    await office.passes("1min")
    await amy.says("/transfer 华航橡胶 给 艾梅")
    amy.reads("没有找到")
    await amy.says("/cancel")
    (head,) = office.people("head")
    await head.says("/transfer 远大密封 给 鲍博")
    await head.presses("保存")
    amy.reads("⏳ 待同意")
    await amy.presses("接收")
    amy.reads("✅ 已转交")
    assert owners(office)["远大密封"] == ("鲍博", EAST)
