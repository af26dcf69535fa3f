"""备案 (R9.2): what changes in a file is filed with the sales department, with a receipt; wrong ones come back, late ones climb."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineSheet, CalamineWorkbook
from sqlmodel import col, select

from models.clocks import Clock
from models.customers import Customer, FormerName
from models.filings import Filing
from tests.office import Office
from tests.papers import content


def _sheets(file: bytes) -> list[CalamineSheet]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(file))
    return [read.get_sheet_by_index(at) for at in range(len(read.sheet_names))]


async def renames(office: Office, who: str, customer: str, name: str) -> None:
    person = office.person(who)
    await person.says(f"/file {customer}")
    await person.presses("修改档案")
    await person.does("改名称", name)


async def test_what_one_person_changes_is_one_filing_with_one_receipt(office: Office) -> None:
    ann, sales, bob = office.people("ann", "sales", "bob")
    await renames(office, "ann", "远大密封", "咸阳远大密封科技有限公司")
    ann.reads("已更新：客户名称", "已报销售部备案，登记后给您回执")
    await ann.presses("修改档案")
    await ann.does("改所在地", "四川", "成都市")
    await ann.says("/file 远大密封")
    await ann.does("＋ 资信情况", "AA级")
    await ann.says("/find 远大密封件厂")
    ann.reads("咸阳远大密封科技有限公司", "四川省成都市")
    sales.reads_nothing_of("备案")
    await sales.says("/menu")
    await sales.presses("待备案 1")
    lines = (
        "· 客户名称：咸阳远大密封件厂 → 咸阳远大密封科技有限公司",
        "· 所在地：陕西省咸阳市 → 四川省成都市",
        "· 资信情况：已变更（保密，见客户档案）",
    )
    sales.reads("待备案 1 件", "变更：远大密封　西北销售一部 安然", *lines)
    sales.reads_nothing_of("AA级")
    await sales.presses("变更：远大密封")
    sales.reads("变更备案", *lines)
    await sales.presses("备案")
    sales.reads("已备案 BA-2026-0001")
    ann.reads("备案回执　11月23日 周一 肖红", "BA-2026-0001　变更：远大密封", *lines)
    bob.reads_nothing_of("远大")
    await renames(office, "ann", "远大密封", "咸阳远大密封件厂")
    with office.read() as records:
        first, second = records.exec(select(Filing).order_by(col(Filing.id))).all()
        assert {"part": "credit"} in first.facts["changes"]
        assert (first.number, second.state, second.customer_id) == ("BA-2026-0001", "waiting", first.customer_id)
        assert {each.name for each in records.exec(select(FormerName))} == {
            "咸阳远大密封件厂",
            "咸阳远大密封科技有限公司",
        }


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_page_is_filed_in_one_tap_and_each_person_has_one_receipt(office: Office) -> None:
    ann, amy, sales, vp = office.people("ann", "amy", "sales", "vp")
    await renames(office, "ann", "远大密封", "咸阳远大密封科技有限公司")
    await renames(office, "ann", "飞翼制造", "沈阳飞翼航空制造有限公司")
    await renames(office, "amy", "远大机械", "宝鸡远大重工有限公司")
    await ann.says("新客户 上海申江液压")
    await ann.presses("保存")
    await sales.says("备案")
    await vp.says("备案")
    sales.reads("待备案 4 件")
    await sales.presses("本页全部备案（3）")
    sales.reads("已备案 3 件：BA-2026-0001、BA-2026-0002、BA-2026-0003", "待备案 1 件", "撞单：上海申江液压")
    ann.reads("BA-2026-0001　变更：远大密封", "BA-2026-0002　变更：飞翼制造")
    assert ann.count("备案回执") == amy.count("备案回执") == 1
    await vp.presses("本页全部备案（3）")
    vp.reads("这一页的都已处理")
    assert ann.count("备案回执") == 1


async def test_what_is_returned_is_mended_and_filed_again(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await renames(office, "ann", "远大密封", "咸阳远大密封科技有限公可")
    await sales.says("备案")
    await sales.presses("变更：远大密封")
    await sales.does("退回", "名称有错字，请按营业执照填")
    sales.reads("销售部退回，请改正后重报", "理由：名称有错字")
    ann.reads("销售部退回", "理由：名称有错字", "咸阳远大密封件厂 → 咸阳远大密封科技有限公可")
    await office.until("2026-11-25 09:00")
    ann.reads("客户备案", "变更：远大密封（退回待改）")
    await ann.says("/menu")
    await ann.presses("退回的备案（1）")
    await ann.presses("变更：远大密封")
    await ann.presses("改档案")
    await ann.does("改名称", "咸阳远大密封科技有限公司")
    sales.reads("变更备案", "上次退回：名称有错字", "· 客户名称：咸阳远大密封件厂 → 咸阳远大密封科技有限公司")
    await sales.presses("退回")
    await sales.says("变更了吗")
    await sales.presses("保存")
    await ann.does("说明后重报", "执照已换，见附件")
    ann.reads("已重报：变更：远大密封")
    await sales.presses("备案")
    ann.reads("备案回执", "BA-2026-0001")
    with office.read() as records:
        running = select(Clock).where(Clock.subject_kind == "filing", col(Clock.closed_at).is_(None))
        assert not records.exec(running).all()


async def test_what_is_not_filed_in_time_is_reminded_and_climbs(office: Office) -> None:
    ann, sales, vp, head = office.people("ann", "sales", "vp", "head")
    await ann.says("新客户 甘肃金川镍业")
    await ann.presses("保存")
    await office.until("2026-11-25 09:00")
    sales.reads("客户备案（第九条（二））", "新客户：金川镍业")
    await sales.says("/due")
    sales.reads("客户备案")
    await office.until("2026-11-26 09:00")
    vp.reads("肖红：逾期 1 项")
    head.reads_nothing_of("金川")
    await sales.presses("备案 1")
    sales.reads("新客户备案", "金川镍业")
    await sales.does("退回", "请写全称")
    await office.until("2026-11-30 09:00")
    ann.reads("新客户：金川镍业（退回待改）")
    await renames(office, "ann", "金川", "甘肃金川镍业集团有限公司")
    sales.reads("新客户备案　甘肃金川镍业集团有限公司", "上次退回：请写全称")
    await sales.presses("备案")
    ann.reads("备案回执", "BA-2026-0001　新客户：")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_new_name_must_be_nobody_elses_and_of_a_secret_customer_nothing_is_typed(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    for name in ("咸阳远大密封件厂", "上海申江液压有限公司"):
        await renames(office, "ann", "华航橡胶", name)
        ann.reads("已有一家客户叫这个名称")
        await ann.presses("取消")
    await sales.says("/codename 华航橡胶 长城一号 军工")
    await sales.presses("保存")
    await ann.says("/file 长城一号")
    await ann.presses("修改档案")
    await ann.presses("改名称")
    ann.reads("涉密客户的名称、地址不在聊天里改")
    await ann.says("/file 长城一号")
    await ann.does("＋ 生产情况", "两条线")
    await sales.says("备案")
    sales.reads("变更：长城一号", "生产情况")
    sales.reads_nothing_of("华航")


async def test_a_clash_once_is_enough_and_the_substitute_of_the_owner_hears_of_it(office: Office) -> None:
    ann, amy, bob, east, sales = office.people("ann", "amy", "bob", "east", "sales")
    await bob.says("/away 今天 到 12月5日 代理人 东方明")
    await bob.presses("保存")
    await office.passes("1min")
    await ann.says("新客户 上海申江液压")
    await ann.presses("保存")
    await amy.says("新客户 申江液压")
    await amy.says("上海")
    await amy.presses("保存")
    amy.reads("已报销售部裁定", "不用再报")
    await amy.presses("取消")
    await sales.does("归新单位", "西北先签约")
    ann.reads("归您负责", "理由：西北先签约")
    east.reads("申江液压 改由 西北销售一部 安然 负责")
    bob.reads_nothing_of("撞单裁定")
    with office.read() as records:
        assert records.exec(select(Filing.decision)).all() == ["ours"]
        assert records.exec(select(Customer.unit_id).where(Customer.short_name == "申江液压")).one() == 2


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_secret_customer_is_not_told_by_a_clash(office: Office) -> None:
    bob, sales = office.people("bob", "sales")
    await sales.says("/codename 华航橡胶 长城一号 军工")
    await sales.presses("保存")
    await bob.says("新客户 西安华航橡胶有限公司")
    await bob.says("陕西")
    await bob.presses("保存")
    bob.reads_nothing_of("长城", "安然")
    sales.reads("撞单，请裁定", "原有：长城一号（重点），西北销售一部 安然")
    assert "华航" not in sales.last().text


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_only_the_sales_department_files_and_returns(office: Office) -> None:
    ann, sales, head, auditor = office.people("ann", "sales", "head", "auditor")
    await ann.says("新客户 甘肃金川镍业")
    await ann.presses("保存")
    card = sales.last()
    file, back = (each.data or "" for each in card.buttons[0][:2])
    for other in (ann, head, auditor):
        for data in (file, back):
            await other.presses_again(other.last().id if other.bubbles() else card.id, data)
            other.reads_nothing_of("已备案", "为什么退回")
    with office.read() as records:
        assert records.exec(select(Filing)).one().state == "waiting"


async def test_the_register_shows_what_one_may_see_by_period_unit_kind_and_state(office: Office) -> None:
    ann, bob, head, sales, auditor = office.people("ann", "bob", "head", "sales", "auditor")
    await renames(office, "ann", "远大密封", "咸阳远大密封科技有限公司")
    await renames(office, "bob", "海润轮胎", "青岛海润橡胶有限公司")
    await ann.says("/transfer 华航橡胶 给 艾梅")
    await ann.presses("保存")
    await sales.says("备案")
    await sales.presses("本页全部备案（3）")
    await ann.says("新客户 甘肃金川镍业")
    await ann.presses("保存")
    await sales.says("备案台账")
    sales.reads(
        "4 件", "变更：海润轮胎", "BA-2026-0002", "咸阳远大密封件厂 → 咸阳远大密封科技有限公司", "转交：1 家给 艾梅"
    )
    await sales.presses("状态")
    await sales.presses("待备案")
    sales.reads("、待备案", "1 件", "新客户：金川镍业")
    await sales.presses("类别")
    await sales.presses("变更")
    sales.reads("0 件")
    await sales.says("备案台账")
    await sales.presses("单位")
    await sales.presses("华东销售部")
    sales.reads("1 件", "变更：海润轮胎")
    await sales.says("备案台账")
    await sales.presses("导出 Excel")
    (rows,) = [sheet.to_python() for sheet in _sheets(content(office, sales))]
    assert [(row[0], row[1], row[2], row[5]) for row in rows[3:]] == [
        ("", "新客户", "金川镍业", "安然"),
        ("BA-2026-0003", "转交", "1 家给 艾梅", "安然"),
        ("BA-2026-0002", "变更", "海润轮胎", "鲍博"),
        ("BA-2026-0001", "变更", "远大密封", "安然"),
    ]
    for who, number, hidden in ((ann, 3, "海润"), (bob, 1, "远大"), (head, 3, "海润"), (auditor, 4, "。。")):
        await who.says("备案台账")
        who.reads(f"{number} 件")
        who.reads_nothing_of(hidden)
    (quality,) = office.people("quality")
    await quality.says("备案台账")
    quality.reads("没有找到，或不在您的权限内")
