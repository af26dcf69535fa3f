"""台账: lists with filters in chat, only what the gate lets one see, and the same as .xlsx, written as text."""

from __future__ import annotations

import zipfile
from io import BytesIO

from sqlmodel import col, select

from models.audit import Audit
from models.messages import Outbox
from tests.office import Office, Person
from tests.papers import content, table


async def logs(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


async def some_talks(office: Office) -> None:
    ann, amy, bob = office.people("ann", "amy", "bob")
    await logs(ann, "华航橡胶 电话 今天8点半 张工 谈了三季度配方")
    await logs(ann, "飞翼制造 走访 今天8点 刘主任 看了新产线")
    await logs(amy, "远大机械 电话 11月5日 问了交期")
    await logs(bob, "申江液压 微信 10月20日 发了报价")


async def test_the_menu_counts_this_months_records_and_the_unproven_apart(office: Office) -> None:
    await some_talks(office)
    (sales,) = office.people("sales")
    await sales.says("台账")
    sales.reads("本月", "沟通台账：3 条，无佐证 1 条", "回访台账：0 条", "投诉台账：0 条")
    await sales.presses("沟通台账")
    sales.reads("共 3 条，无佐证 1 条", "飞翼制造 走访 安然：看了新产线　⚠️ 无佐证", "远大机械")
    text = sales.last().text
    assert text.index("华航橡胶") < text.index("飞翼制造") < text.index("远大机械"), "the newest first"


async def test_filters_by_time_unit_and_tier(office: Office) -> None:
    await some_talks(office)
    (sales,) = office.people("sales")
    await sales.says("/report")
    await sales.presses("沟通台账")
    await sales.presses("上月")
    sales.reads("上月 10月1日 周四 – 10月31日 周六", "申江液压", "共 1 条", "补录（迟 33 天）")
    await sales.presses("全部")
    await sales.presses("单位")
    await sales.presses("华东销售部")
    sales.reads("华东销售部", "共 1 条", "申江液压")
    await sales.presses("单位")
    await sales.presses("全部单位")
    await sales.presses("层级")
    await sales.presses("战略合作")
    sales.reads("战略合作", "共 1 条", "飞翼制造")
    await sales.presses("本周")
    sales.reads("本周", "战略合作", "飞翼制造")


async def test_by_customer_or_person_typed_after_the_word(office: Office) -> None:
    await some_talks(office)
    (sales,) = office.people("sales")
    await sales.says("沟通台账 艾梅")
    sales.reads("本月", "艾梅", "共 1 条", "远大机械")
    await sales.says("沟通台账 hhxj")
    sales.reads("全部", "华航橡胶", "共 1 条")
    await sales.says("沟通台账 远大")
    await sales.presses("宝鸡")
    sales.reads("远大机械", "共 1 条")
    await sales.says("沟通台账 没有这家")
    sales.reads("没有找到客户或同事“没有这家”")


async def test_everybody_sees_what_the_gate_lets_them_see(office: Office) -> None:
    await some_talks(office)
    ann, head, east, quality = office.people("ann", "head", "east", "quality")
    await ann.says("沟通台账")
    ann.reads("共 2 条")
    ann.reads_nothing_of("远大机械", "申江液压")
    assert "导出 Excel" not in ann.buttons()
    await head.says("沟通台账")
    head.reads("共 3 条")
    head.reads_nothing_of("申江液压")
    assert "单位" not in head.buttons()
    await east.says("沟通台账")
    await east.presses("全部")
    east.reads("共 1 条", "申江液压")
    await quality.says("沟通台账")
    quality.reads("没有找到，或不在您的权限内")


async def test_complaints_open_and_closed_with_a_way_to_each(office: Office) -> None:
    ann, sales, quality, logistics = office.people("ann", "sales", "quality", "logistics")
    for line in ("华航橡胶 胶管开裂", "飞翼制造 发运晚到"):
        await ann.says(f"/complain {line}")
        await ann.presses("保存")
    await sales.says("投诉台账")
    sales.reads("共 2 条", "TS-2026-0001", "华航橡胶（待定责任单位）：胶管开裂")
    await sales.presses("只看未结")
    sales.reads("未结", "共 2 条")
    await sales.presses("只看已结")
    sales.reads("已结", "共 0 条")
    await quality.says("投诉台账")
    quality.reads("共 1 条", "TS-2026-0001")
    await logistics.says("投诉台账")
    logistics.reads("共 1 条", "TS-2026-0002")
    await quality.presses("TS-2026-0001")
    quality.reads("经过")


async def test_an_arrival_without_proof_is_marked_in_list_and_story(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    await sales.says("投诉台账")
    sales.reads("共 1 条，无佐证 1 条", "胶管开裂　⚠️ 无佐证")
    await sales.presses("TS-2026-0001")
    sales.reads("到场处理　⚠️ 无佐证")


async def test_eight_lines_a_page(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    for number in range(9):
        await logs(ann, f"华航橡胶 电话 今天8点0{number}分 张工 第{number}次谈")
    await sales.says("沟通台账")
    sales.reads("共 9 条　1/2 页", "第8次谈", "第1次谈")
    sales.reads_nothing_of("第0次谈")
    await sales.presses("更多")
    sales.reads("2/2 页", "第0次谈")
    await sales.presses("上一页")
    sales.reads("1/2 页", "第8次谈")


async def test_the_list_is_exported_as_text_that_can_do_nothing(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    nasty = '=HYPERLINK("http://evil.example","点我") +1 @SUM(A1)'
    await ann.says("/log 华航橡胶 电话 今天8点")
    await ann.says(nasty)
    await ann.presses("保存")
    await sales.says("沟通台账")
    await sales.presses("导出 Excel")
    sales.reads("沟通台账", "本月 11月1日 周日 – 11月30日 周一", "正在生成")
    rows = table(office, sales)
    assert rows[0][0].startswith("沟通台账　本月")
    assert rows[1][0].startswith("肖红（工号 D01）导出于 11月23日 周一 09:00，共 1 条")
    assert rows[2][:3] == ["编号", "时间", "客户"]
    assert rows[3][:3] == ["LX-2026-000001", "2026-11-23 08:00", "西安华航橡胶有限公司"]
    assert nasty in rows[3]
    with zipfile.ZipFile(BytesIO(content(office, sales))) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "hyperlink" not in sheet
    assert 'state="frozen"' in sheet
    assert "<autoFilter" in sheet
    assert 'orientation="landscape"' in sheet


async def test_every_kind_is_exported(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 今天8点 胶管开裂")
    await ann.presses("保存")
    await ann.says("/callback 华航橡胶 走访 昨天")
    for answer in ("质量不错", "无", "介绍了新品", "明年扩产", "5"):
        await ann.says(answer)
    await ann.presses("保存")
    await sales.says("投诉台账")
    await sales.presses("导出 Excel")
    assert table(office, sales)[3][:3] == ["TS-2026-0001", "待定责任单位", "西安华航橡胶有限公司"]
    await sales.says("回访台账")
    await sales.presses("导出 Excel")
    row = table(office, sales)[3]
    assert {"质量不错", "介绍了新品", "明年扩产", "5", "无佐证"} <= set(row)


async def test_an_export_is_on_record_and_holds_what_its_reader_may_hand_out(office: Office) -> None:
    await some_talks(office)
    (head,) = office.people("head")
    await head.says("沟通台账")
    await head.presses("全部")
    await head.presses("导出 Excel")
    text = str(table(office, head))
    assert "远大机械" in text
    assert "申江液压" not in text
    with office.read() as records:
        (row,) = records.exec(select(Audit).where(Audit.action == "ledger.export")).all()
    assert row.subject == "ledger:contact"


async def test_a_file_whose_arrival_is_uncertain_is_not_sent_again(office: Office) -> None:
    await some_talks(office)
    (sales,) = office.people("sales")
    await sales.says("沟通台账")
    office.telegram.faults.add(kind="accept_then_reset", method="sendDocument")
    await sales.presses("导出 Excel")
    await office.passes("10min")
    assert sum(each.attachment is not None for each in sales.bubbles()) == 1
    with office.read() as records:
        row = records.exec(select(Outbox).where(col(Outbox.document).is_not(None))).one()
    assert (row.state, row.repeats) == ("uncertain", 0)
