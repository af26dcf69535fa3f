"""Somebody new, or a customer who is new, from inside a form: kept by one tap, filed with the sales department (R9.2)."""

from __future__ import annotations

from sqlmodel import select

from models.clocks import Clock
from models.customers import Customer, Person
from models.filings import Filing
from models.records import Entry
from tests.office import Office

NEW = "星辰航空 电话 昨天下午3点 王工 问了交期"


def customer(office: Office, name: str) -> Customer | None:
    with office.read() as records:
        return records.exec(select(Customer).where(Customer.name == name)).first()


async def shares(office: Office, user: int, name: str, phone: str) -> None:
    office.telegram.sends_contact(user, name, phone)
    await office.service.settle()


async def test_a_person_not_on_file_is_kept_by_one_tap(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天 王工 谈了配方")
    await ann.presses("保存")
    await ann.presses("＋ 存为联系人 王工")
    ann.reads("已存：王工", "华航橡胶")
    await ann.presses("补电话")
    await ann.says("没有")
    ann.reads("没看懂电话")
    await ann.says("029-8888 1234")
    ann.reads("电话：02988881234")
    await ann.presses("保存")
    await ann.says("/find 88881234")
    ann.reads("西安华航橡胶有限公司", "王工  02988881234")
    await ann.says("/log 华航橡胶 电话 昨天 王工 谈了价格")
    await ann.presses("保存")
    assert not any("存为联系人" in each for each in ann.buttons())


async def test_a_shared_contact_is_the_person_of_the_open_form(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 昨天 谈了配方")
    await shares(office, ann.user, "王工", "+86 138 0013 8009")
    ann.reads("联系人已填上", "对方：王工", "对方电话：13800138009")
    await ann.presses("保存")
    await ann.presses("＋ 存为联系人 王工")
    ann.reads("王工  13800138009")
    with office.read() as records:
        (kept,) = records.exec(select(Person).where(Person.name == "王工"))
        assert kept.phone == "13800138009"


async def test_a_shared_contact_alone_is_put_on_a_customers_file(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await shares(office, ann.user, "王工", "8613800138009")
    ann.reads("联系人", "存到哪家客户")
    await ann.says("hhxj")
    ann.reads("王工", "13800138009", "未保存")
    await ann.presses("保存")
    ann.reads("已存：王工")
    await shares(office, auditor.user, "王工", "8613800138009")
    auditor.reads("没有记录")


async def test_a_complainant_from_a_shared_contact(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 远大机械 胶管开裂")
    ann.reads("谁投诉的")
    await shares(office, ann.user, "赵工", "13900001111")
    ann.reads("投诉人：赵工", "电话：13900001111")
    await ann.presses("保存")
    ann.reads("TS-2026-0001", "赵工 13900001111")
    assert not any("存为联系人" in each for each in ann.buttons())


async def test_a_new_customer_is_filed_and_the_open_form_goes_on(office: Office) -> None:
    ann, sales, bob = office.people("ann", "sales", "bob")
    await ann.says(f"/log {NEW}")
    ann.reads("没有找到“星辰航空”")
    await ann.presses("＋ 新客户 星辰航空")
    ann.reads("新客户", "在哪个省")
    await ann.says("火星")
    ann.reads("没有“火星”这个省份")
    await ann.says("陕西")
    ann.reads("名称：星辰航空", "层级：储备", "省份：陕西省", "对方：王工", "未保存")
    await ann.presses("保存")
    ann.reads("已建档：星辰航空，已报销售部备案", "沟通记录", "客户：星辰航空", "问了交期", "未保存")
    sales.reads("新客户备案", "星辰航空", "西北销售一部 安然 建档")
    await ann.presses("保存")
    ann.reads("LX-2026-000001")
    await ann.says("/find 星辰")
    ann.reads("待销售部备案")
    await sales.presses("备案")
    sales.reads("已备案 BA-2026-0001")
    ann.reads("备案回执　11月23日 周一 肖红", "BA-2026-0001　新客户：星辰航空")
    bob.reads_nothing_of("星辰")
    await ann.says("/find 星辰")
    ann.reads_nothing_of("待销售部备案")
    made = customer(office, "星辰航空")
    assert made is not None
    assert (made.tier, made.province) == ("reserve", "陕西省")
    with office.read() as records:
        assert records.exec(select(Entry.customer_id)).one() == made.id


async def test_a_form_that_asks_for_the_customer_offers_a_new_one_too(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("记沟通")
    await ann.says("山东金鼎橡胶有限公司")
    await ann.presses("＋ 新客户 山东金鼎橡胶有限公司")
    ann.reads("省份：山东省", "未保存")
    await ann.presses("保存")
    ann.reads("已建档", "怎么沟通的")


async def test_a_customer_of_ones_own_unit_is_not_made_twice(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says(f"/log {NEW}")
    await ann.presses("＋ 新客户")
    await ann.says("陕西")
    await ann.presses("修改")
    await ann.presses("名称")
    await ann.says("陕西华航橡胶股份公司")
    await ann.presses("保存")
    ann.reads("可能已有这家", "华航橡胶", "业务员 安然")
    await ann.presses("就是 华航橡胶")
    ann.reads("沟通记录", "客户：华航橡胶", "问了交期", "未保存")
    sales.reads_nothing_of("备案")
    await ann.says("/menu")
    assert not any("新客户" in each for each in ann.buttons())


async def test_one_that_is_only_named_alike_can_be_made_all_the_same(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("新客户 甘肃华航橡胶有限公司")
    await ann.presses("保存")
    ann.reads("可能已有这家")
    await ann.presses("仍新建：只是名称相近")
    ann.reads("已建档")
    sales.reads("名称相近：华航橡胶", "新建理由：只是名称相近")


async def test_a_customer_of_another_unit_is_decided_by_the_sales_department_and_not_shown(office: Office) -> None:
    ann, bob, east, sales = office.people("ann", "bob", "east", "sales")
    await ann.says("/log 电话 昨天 谈了配方")
    await ann.says("申江液压")
    await ann.presses("＋ 新客户 申江液压")
    await ann.says("上海")
    await ann.presses("保存")
    ann.reads("已有同名客户，已转销售部裁定")
    ann.reads_nothing_of("鲍博", "华东", "钱经理", "13600136004", "上海申江")
    sales.reads("撞单，请裁定", "申江液压", "西北销售一部 安然", "上海申江液压有限公司", "华东销售部 鲍博")
    await sales.does("归新单位", "由西北一部先开发")
    sales.reads("归新单位", "BA-2026-0001", "理由：由西北一部先开发")
    ann.reads("归您负责", "BA-2026-0001", "理由：由西北一部先开发")
    for each in (bob, east):
        each.reads("申江液压 改由 西北销售一部 安然 负责", "理由：由西北一部先开发")
    await ann.presses("继续填：沟通记录")
    ann.reads("客户：申江液压")
    moved = customer(office, "上海申江液压有限公司")
    mine = customer(office, "西安华航橡胶有限公司")
    assert moved is not None
    assert mine is not None
    assert (moved.unit_id, moved.owner_id) == (mine.unit_id, mine.owner_id)
    with office.read() as records:
        running = records.exec(
            select(Clock.post).where(
                Clock.subject_kind == "customer", Clock.subject_id == moved.id, Clock.closed_at.is_(None)
            )
        ).all()
        assert f"unit_head@{mine.unit_id}" in running
        assert len(running) == 2


async def test_a_clash_may_stay_with_the_unit_that_has_the_customer(office: Office) -> None:
    ann, bob, sales = office.people("ann", "bob", "sales")
    await ann.says("新客户 上海申江液压")
    await ann.presses("保存")
    ann.reads("已转销售部裁定")
    ann.reads_nothing_of("填到一半")
    await sales.says("备案")
    await sales.presses("撞单：上海申江液压")
    await sales.does("归原单位", "原单位在供")
    ann.reads("归原单位，不另建档", "理由：原单位在供")
    ann.reads_nothing_of("鲍博", "华东", "上海申江液压有限公司")
    bob.reads("仍归贵单位", "安然")
    assert customer(office, "上海申江液压") is None
    with office.read() as records:
        assert records.exec(select(Filing)).one().number is None


async def test_a_clash_may_be_no_clash(office: Office) -> None:
    ann, bob, sales = office.people("ann", "bob", "sales")
    await ann.says("新客户 陕西申江液压")
    await ann.presses("保存")
    await sales.does("不是同一家", "税号不同")
    ann.reads("不是同一家，已建档", "BA-2026-0001")
    bob.reads("仍归贵单位")
    assert customer(office, "陕西申江液压") is not None


async def test_the_same_telephone_number_is_a_clash_too(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("新客户 陕西新星液压")
    await ann.presses("修改")
    await ann.presses("对方")
    await shares(office, ann.user, "钱经理", "+8613600136004")
    await ann.presses("保存")
    ann.reads("已转销售部裁定")
    sales.reads("上海申江液压有限公司")


async def test_only_the_sales_department_decides_and_only_once(office: Office) -> None:
    ann, sales, head = office.people("ann", "sales", "head")
    await ann.says("新客户 陕西申江液压")
    await ann.presses("保存")
    card = sales.last()
    for other in (ann, head):
        await other.says("备案")
        other.reads("没有找到，或不在您的权限内")
        await other.presses_again(other.last().id, card.buttons[0][0].data or "")
        other.reads("没有找到，或不在您的权限内")
    await sales.does("归原单位", "原单位在供")
    await sales.presses_again(card.id, card.buttons[0][1].data or "")
    sales.reads("按钮已过期")
    assert customer(office, "陕西申江液压") is None


async def test_phones_stand_as_plain_digits(office: Office) -> None:
    (ann,) = office.people("ann")
    with office.store.write() as session:
        person = session.exec(select(Person).where(Person.name == "张工")).one()
        person.phone = "138-0013-8001/029－88881234转801"
        session.add(person)
    await ann.says("/find 华航")
    ann.reads("👤 张工 总工 13800138001 02988881234 转 801")
