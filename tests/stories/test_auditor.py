"""The auditor: 疑似未报投诉, late entries, and the search of the audit, which is on record itself."""

from __future__ import annotations

import re

import pytest
from sqlmodel import select

from models.audit import Audit
from models.findings import Finding
from tests.office import Office, Person


async def logs(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


# 疑似未报投诉


async def test_complaint_words_without_a_complaint_are_listed_until_somebody_finds_otherwise(office: Office) -> None:
    ann, auditor, sales = office.people("ann", "auditor", "sales")
    await logs(ann, "华航橡胶 电话 刚才 张工 说上批胶管开裂，很不满意")
    await logs(ann, "飞翼制造 电话 刚才 刘主任 没有投诉，一切正常")
    await auditor.says("疑似未报投诉")
    auditor.reads("疑似未报投诉 1 条", "LX-2026-000001", "华航橡胶 安然：说上批胶管开裂，很不满意")
    assert not any("报投诉" in each for each in auditor.buttons())
    await auditor.presses("1 非投诉")
    auditor.reads("怎么核实的")
    await auditor.says("电话核实：是另一家的货")
    await auditor.presses("保存")
    auditor.reads("LX-2026-000001 已核实：非投诉", "电话核实：是另一家的货")
    await auditor.presses("疑似未报投诉")
    auditor.reads("没有疑似未报投诉")
    await sales.says("疑似未报投诉")
    sales.reads("没有疑似未报投诉")
    with office.read() as records:
        finding = records.exec(select(Finding)).one()
    assert (finding.decision, finding.text) == ("no_complaint", "电话核实：是另一家的货")


async def test_a_complaint_opened_within_seven_days_clears_it(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await logs(ann, "华航橡胶 电话 刚才 张工 说胶管开裂")
    await office.passes("7d")
    await sales.says("疑似未报投诉")
    await sales.presses("1 报投诉")
    sales.reads("投诉受理单")
    await sales.says("胶管开裂")
    await sales.presses("保存")
    sales.reads("TS-2026-0001")
    await sales.says("疑似未报投诉")
    sales.reads("没有疑似未报投诉")
    await office.passes("8d")
    await logs(ann, "华航橡胶 电话 刚才 张工 又有裂纹")
    await sales.says("疑似未报投诉")
    sales.reads("疑似未报投诉 1 条", "又有裂纹")  # a complaint of eight days ago clears nothing


async def test_callbacks_count_and_ordinary_words_do_not(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await ann.says("/callback 华航橡胶 电话 刚才")
    for answer in ("要求退货", "无", "无", "无", "2"):
        await ann.says(answer)
    await ann.presses("保存")
    await auditor.says("疑似未报投诉")
    auditor.reads("HF-2026-0001", "要求退货")


async def test_the_list_is_not_for_those_whom_it_is_about(office: Office) -> None:
    ann, head, gm = office.people("ann", "head", "gm")
    await logs(ann, "华航橡胶 电话 刚才 张工 说胶管开裂")
    for each in (ann, head, gm):
        await each.says("疑似未报投诉")
        each.reads_nothing_of("胶管开裂", "疑似未报投诉 1 条")


# 补录, 无佐证


async def test_an_entry_written_more_than_a_day_later_is_marked_with_the_delay(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await logs(ann, "华航橡胶 电话 前天下午3点 张工 谈了配方")
    await logs(ann, "飞翼制造 电话 昨天 刘主任 问了交期")
    await auditor.says("沟通台账")
    auditor.reads("谈了配方　补录（迟 42 小时）")
    auditor.reads_nothing_of("问了交期　补录")
    await auditor.says("/find 华航橡胶")
    auditor.reads("谈了配方　补录（迟 42 小时）")


async def test_a_visit_without_proof_is_marked_on_the_customer_card_and_with_it_is_not(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await logs(ann, "华航橡胶 走访 今天8点 张工 看了产线")
    await ann.says("/log 飞翼制造 走访 今天8点 刘主任 看了仓库")
    await ann.sends("location")
    await ann.presses("保存")
    await auditor.says("/find 华航橡胶")
    auditor.reads("看了产线　⚠️ 无佐证")
    await auditor.says("/find 飞翼制造")
    auditor.reads("看了仓库")
    auditor.reads_nothing_of("无佐证")


# 审计


async def some_days(office: Office) -> None:
    ann, amy, head = office.people("ann", "amy", "head")
    await logs(ann, "华航橡胶 电话 刚才 张工 谈了配方")
    await logs(amy, "远大机械 电话 刚才 问了交期")
    await office.until("2026-11-24 10:00")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await head.says("/case 1")
    await head.presses("指派")
    await head.says("艾梅")
    await head.presses("保存")


async def test_who_did_what_when_by_person_customer_complaint_and_date(office: Office) -> None:
    await some_days(office)
    (auditor,) = office.people("auditor")
    await auditor.says("审计")
    auditor.reads("审计", "11月24日 周二 10:00 何建国 指派处理人 TS-2026-0001", "安然 记沟通 华航橡胶")
    await auditor.says("审计 艾梅")
    auditor.reads("共 1 条", "艾梅 记沟通 远大机械")
    await auditor.says("审计 华航")
    auditor.reads("安然 记沟通 华航橡胶", "安然 受理投诉 TS-2026-0001", "何建国 指派处理人")
    auditor.reads_nothing_of("远大机械")
    await auditor.says("审计 昨天")
    auditor.reads("11月23日 周一", "记沟通")
    auditor.reads_nothing_of("指派处理人")
    await auditor.says("审计 安然 今天")
    auditor.reads("受理投诉")
    auditor.reads_nothing_of("记沟通", "艾梅")
    await auditor.says("审计 11月23日到11月24日 TS-2026-0001")
    auditor.reads("指派处理人", "受理投诉")
    auditor.reads_nothing_of("记沟通")
    await auditor.says("审计 没有这个人")
    auditor.reads("没看懂“没有这个人”")


async def test_a_row_opens_with_before_and_after(office: Office) -> None:
    await some_days(office)
    (auditor,) = office.people("auditor")
    await auditor.says("审计 何建国")
    await auditor.presses("1")
    auditor.reads("指派处理人", "TS-2026-0001", "原来：安然", "改为：艾梅")
    await auditor.says("审计 艾梅")
    await auditor.presses("1")
    auditor.reads("客户：远大机械", "内容：问了交期", "我方参加：艾梅")


async def test_every_row_opens_in_words_without_an_id_or_a_code(office: Office) -> None:
    await some_days(office)
    vp, head, auditor = office.people("vp", "head", "auditor")
    await vp.says("督办 西北销售一部 下周五前把华航的配方问题解决")
    await vp.presses("保存")
    await head.presses("确认收到")
    await auditor.says("沟通台账 华航")
    await auditor.presses("导出 Excel")
    await auditor.says("审计 华航")
    auditor.reads("魏立 督办 DB-2026-0001", "何建国 收到督办 DB-2026-0001")
    await auditor.says("审计")
    auditor.reads("沈明 导出台账 沟通台账")
    assert not re.search(r"[a-z]+:\d", auditor.last().text)
    for search in ("审计 安然", "审计 何建国", "审计 魏立", "审计 沈明"):
        await auditor.says(search)
        for number in [each for each in auditor.buttons() if each.isdecimal()]:
            await auditor.says(search)
            await auditor.presses(number)
            codes = [line for line in auditor.last().text.splitlines() if re.search(r"[a-z]{2,}(_|：|:|$)", line)]
            assert not codes, auditor.last().text
    await auditor.says("审计 沈明")
    await auditor.presses("1")
    auditor.reads("看审计明细", "看的是：")


async def test_a_whole_day_is_said_as_a_day(office: Office) -> None:
    await some_days(office)
    (auditor,) = office.people("auditor")
    await auditor.says("审计 昨天")
    auditor.reads("审计　11月23日 周一\n")
    await auditor.says("审计 11月23日到11月24日")
    auditor.reads("审计　11月23日 周一 – 11月24日 周二\n")


async def test_the_pages_stay_while_looking_adds_rows(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    for number in range(10):
        await logs(ann, f"华航橡胶 电话 今天8点0{number}分 张工 谈{number}")
    await auditor.says("审计 安然")
    auditor.reads("共 10 条　1/2 页", "\n8. ")
    await auditor.presses("更多")
    auditor.reads("2/2 页", "\n9. ", "\n10. ")
    auditor.reads_nothing_of("\n8. ")


async def test_ones_own_openings_are_on_record_too(office: Office) -> None:
    await some_days(office)
    (auditor,) = office.people("auditor")
    await auditor.says("/find 华航橡胶")
    await auditor.says("沟通台账")
    await auditor.presses("导出 Excel")
    await auditor.says("审计 艾梅")
    await auditor.presses("1")
    await auditor.says("审计 沈明")
    auditor.reads("沈明 看客户档案 华航橡胶", "沈明 导出台账", "沈明 查审计", "沈明 看审计明细")


@pytest.mark.parametrize("who", ["ann", "head", "vp", "gm", "sales", "admin", "quality"])
async def test_the_audit_is_for_auditors_only(office: Office, who: str) -> None:
    (person,) = office.people(who)
    await person.says("审计 安然")
    person.reads("没有找到，或不在您的权限内")


async def test_what_was_done_is_always_said_in_words(office: Office) -> None:
    await some_days(office)
    (auditor,) = office.people("auditor")
    await auditor.says("审计")
    with office.read() as records:
        actions = set(records.exec(select(Audit.action)))
    text = auditor.last().text
    assert not [each for each in actions if each in text]
