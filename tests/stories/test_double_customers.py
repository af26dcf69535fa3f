"""A customer is put on file once: by name, sound, one slip of the pen, telephone number or credit code it is known again."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.customers import Customer
from models.doubles import one_slip
from models.filings import Filing
from rules.credit_code import check_digit
from tests.office import Office

CODE = "91350100M000100Y43"
SEEN = [
    # typed by somebody of the same unit, why it may be the same
    ("陕西华航橡胶股份公司", "名称相同或同音"),
    ("甘肃华航橡胶集团", "名称相同或同音"),
    ("陕西华杭橡胶有限公司", "名称相同或同音"),
    ("陕西飞冀制造", "名称只差一字"),
    ("陕西飞鹰制造", "名称只差一字"),
    ("陕西远大密风", "名称相同或同音"),
    ("陕西远太密封", "名称只差一字"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("name", "why"), SEEN)
async def test_nearly_the_same_name_is_known_again(office: Office, name: str, why: str) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"新客户 {name}")
    await ann.presses("保存")
    ann.reads("可能已有这家", "业务员 安然", why)
    assert any(each.startswith("就是 ") for each in ann.buttons())


SLIPS = [
    ("华航橡胶", "华航橡胶", True),
    ("华航橡胶", "华行橡胶", True),
    ("华航橡胶", "华橡胶", True),
    ("华航橡胶", "华航大橡胶", True),
    ("华航橡胶", "航华橡胶", True),
    ("华航橡胶", "华行象胶", False),
    ("华航橡胶", "橡胶", False),
    ("华航橡胶", "远大机械", False),
]


@pytest.mark.parametrize(("one", "other", "same"), SLIPS)
def test_one_slip_of_the_pen(one: str, other: str, same: bool) -> None:
    assert one_slip(one, other) is same
    assert one_slip(other, one) is same


async def test_a_quite_different_name_is_new_at_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("新客户 陕西星辰航空")
    await ann.presses("保存")
    ann.reads("已建档：陕西星辰航空")


async def test_a_reason_that_is_written_goes_to_the_sales_department(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("新客户 陕西飞鹰制造")
    await ann.presses("保存")
    await ann.presses("仍新建：写明理由")
    ann.reads("为什么不是同一家")
    await ann.says("老板是两兄弟，各开各的")
    await ann.presses("保存")
    ann.reads("已建档")
    sales.reads("新建理由：老板是两兄弟，各开各的", "名称相近：飞翼制造")


async def test_a_slip_alone_decides_nothing_against_another_unit_and_shows_nothing_of_it(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("新客户 陕西中江液压")
    await ann.presses("保存")
    ann.reads("已建档")
    ann.reads_nothing_of("申江", "鲍博", "华东")
    sales.reads("新客户备案", "名称相近：申江液压")


async def test_a_credit_code_is_checked_and_belongs_to_one_company(office: Office) -> None:
    (ann,) = office.people("ann")
    with office.store.write() as session:
        huahang = session.exec(select(Customer).where(Customer.short_name == "华航橡胶")).one()
        huahang.credit_code = CODE
    await ann.says("新客户 陕西新材料科技")
    await ann.presses("修改")
    await ann.presses("信用代码")
    for wrong, why in (
        ("91350100M000100Y", "有 16 位"),
        (CODE.replace("M", "I"), "不用 I、O"),
        (CODE[:-1] + "4", "校验位不对"),
    ):
        await ann.says(wrong)
        ann.reads(why, wrong)
    await ann.says("9135 0100 m000 100y 43")
    ann.reads(f"信用代码：{CODE}")
    await ann.presses("保存")
    ann.reads("信用代码已有客户", "信用代码相同", "华航橡胶")
    assert not [each for each in ann.buttons() if "仍新建" in each]
    await ann.presses("就是 华航橡胶")
    ann.reads("客户：华航橡胶")


async def test_a_credit_code_typed_beside_the_name_is_taken_and_kept(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says(f"新客户 陕西星辰航空 {CODE}")
    ann.reads("名称：陕西星辰航空", f"信用代码：{CODE}")
    await ann.presses("保存")
    sales.reads(f"信用代码：{CODE}")
    with office.read() as records:
        assert records.exec(select(Customer.credit_code).where(Customer.name == "陕西星辰航空")).one() == CODE


async def test_another_units_code_is_a_clash_of_which_nothing_is_shown(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    with office.store.write() as session:
        theirs = session.exec(select(Customer).where(Customer.short_name == "申江液压")).one()
        theirs.credit_code = CODE
    await ann.says(f"新客户 陕西星辰航空 {CODE}")
    await ann.presses("保存")
    ann.reads("已转销售部裁定")
    ann.reads_nothing_of("申江", "鲍博")
    await sales.does("不是同一家", "税号不同")
    with office.read() as records:
        assert records.exec(select(Filing)).one().number == "BA-2026-0001"
        made = records.exec(select(Customer).where(Customer.name == "陕西星辰航空")).one()
    assert made.credit_code is None


def test_the_check_digit_of_the_standards_own_example() -> None:
    assert CODE[-1] == check_digit(CODE[:-1])
