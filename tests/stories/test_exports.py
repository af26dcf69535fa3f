"""导出: everybody takes out what they may see and nothing else; the file says whose copy it is, and works nothing out."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import select

from models import audit, customers, secrecy
from models.audit import Audit
from models.customers import Customer, Person
from models.people import Staff, key
from tests.office import Office
from tests.office import Person as Colleague
from tests.papers import content, formulas

SEEN = {
    # who: the customers that stand in their file
    "ann": {"西安华航橡胶有限公司", "沈阳飞翼制造股份有限公司", "咸阳远大密封件厂"},
    "head": {"西安华航橡胶有限公司", "沈阳飞翼制造股份有限公司", "咸阳远大密封件厂", "宝鸡远大机械有限公司"},
    "east": {"上海申江液压有限公司", "青岛海润轮胎有限公司"},
    "auditor": {
        *("西安华航橡胶有限公司", "沈阳飞翼制造股份有限公司", "咸阳远大密封件厂"),
        *("宝鸡远大机械有限公司", "上海申江液压有限公司", "青岛海润轮胎有限公司"),
    },
}
EVIL = ("=1+1", "+86 138", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=2+2", '=HYPERLINK("http://x")', "{=1}", "http://x.cn")


def book(office: Office, who: Colleague) -> tuple[list[list[str]], list[list[str]]]:
    read = CalamineWorkbook.from_filelike(io.BytesIO(content(office, who)))
    first, second = (read.get_sheet_by_index(at).to_python() for at in (0, 1))
    return first, second


@pytest.mark.parametrize("name", SEEN)
async def test_the_file_holds_what_somebody_may_see(office: Office, name: str) -> None:
    person = office.person(name)
    await person.says("导出 全部")
    person.reads(f"共 {len(SEEN[name])} 家客户", "不能转发")
    await person.presses("保存")
    rows, people = book(office, person)
    assert {row[0] for row in rows[3:-1] if row[0]} == SEEN[name]
    assert {row[0] for row in people[3:-1] if row[0]} <= SEEN[name]
    assert formulas(content(office, person)) == []


@pytest.mark.parametrize("name", ["quality", "admin", "logistics"])
async def test_others_take_nothing_out(office: Office, name: str) -> None:
    person = office.person(name)
    await person.says("/export")
    person.reads("没有找到，或不在您的权限内")


async def test_every_page_says_whose_copy_it_is_and_the_export_is_on_record(office: Office) -> None:
    (head,) = office.people("head")
    office.lives_by(replace(office.house, export_reason_above=3))
    await head.says("导出 全部")
    head.reads("为什么要导出")
    await head.says("季度拜访计划")
    await head.presses("保存")
    with zipfile.ZipFile(io.BytesIO(content(office, head))) as archive:
        for name in ("xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"):
            sheet = archive.read(name).decode()
            assert sheet.count("何建国（工号 U01）2026-11-23 09:00 导出") == 2, "over and under each page"
    rows, people = book(office, head)
    assert rows[-1][0] == people[-1][0] == "何建国（工号 U01）2026-11-23 09:00 导出，仅供本人工作使用，不得外传"
    sent = [each for each in office.telegram.calls if each.method.lower() == "senddocument"]
    assert str(sent[-1].params.get("protect_content")).lower() == "true"
    with office.read() as records:
        row = records.exec(select(Audit).where(Audit.action == "customer.export")).one()
        staff = records.get_one(Staff, row.staff_id)
        body = audit.body_of(records, row)
        assert (staff.number, body["customers"], body["reason"]) == ("U01", 4, "季度拜访计划")


async def test_few_customers_need_no_reason(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("导出 重点")
    ann.reads("共 1 家客户，1 位联系人")
    await ann.presses("保存")
    ann.reads("已记录：导出 1 家客户、1 位联系人")


async def test_whatever_somebody_typed_is_text_and_never_a_formula(office: Office) -> None:
    (ann,) = office.people("ann")
    with office.store.write() as session:
        customer = session.exec(select(Customer).where(Customer.short_name == "华航橡胶")).one()
        customer.name, customer.city = EVIL[0], EVIL[5]
        session.add_all(Person(customer_id=key(customer), name=each, title=each, phone=each) for each in EVIL)
    await ann.says("导出 重点")
    await ann.presses("保存")
    rows, people = book(office, ann)
    assert rows[3][0] == EVIL[0]
    assert {row[1] for row in people[4:-1] if row[1]} == set(EVIL)
    assert formulas(content(office, ann)) == []


async def test_a_customer_with_a_code_name_goes_by_it_alone(office: Office) -> None:
    (ann,) = office.people("ann")
    with office.store.write() as session:
        customer = session.exec(select(Customer).where(Customer.short_name == "飞翼制造")).one()
        customer.credit_code = "91210100123456789X"
        secrecy.give(session, customer, "甲二")
        assert customers.people(session, key(customer))
    await ann.says("导出 战略")
    await ann.presses("保存")
    rows, people = book(office, ann)
    assert [cell for cell in rows[3] if cell] == ["甲二", "战略合作", "西北销售一部", "安然", "S01"]
    with zipfile.ZipFile(io.BytesIO(content(office, ann))) as archive:
        whole = "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    for word in ("飞翼", "沈阳", "辽宁", "刘主任", "13900139002", "91210100123456789X"):
        assert word not in whole
    assert not [row for row in people[3:-1] if row[0]]
