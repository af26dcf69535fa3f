"""涉密: marked by the sales department, called by its code name from then on; photos and contacts are refused, the rest stays."""

from __future__ import annotations

import pytest
from sqlmodel import select

from bot.imports import Import, run_import
from models.audit import Audit, AuditBody
from models.customers import Customer, FormerName
from models.people import key
from models.records import Entry
from tests.office import Office
from tests.stories.test_import_customers import table

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

HEAD = "客户名称|简称|代号|层级|省份|所属业务单位|责任业务员\n"
ROW = "{}|{}|{}|重点|陕西|西北销售一部|S01\n"


async def marked(office: Office) -> None:
    (sales,) = office.people("sales")
    await sales.says("/codename 华航橡胶 甲一 保密协议2026-3")
    await sales.presses("保存")
    sales.reads("已标为涉密客户", "甲一")


def of_customer(office: Office, action: str) -> list[dict[str, object]]:
    with office.read() as session:
        rows = session.exec(select(AuditBody).join(Audit).where(Audit.action == action)).all()  # type: ignore[arg-type]
        return [each.body for each in rows]


async def test_marking_is_on_record_and_those_concerned_hear_it(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await marked(office)
    for each in (ann, head):
        each.reads("肖红 把您负责的一个客户标为涉密", "甲一")
    assert of_customer(office, "customer.codename") == [{"code": "甲一", "before": None, "reason": "保密协议2026-3"}]


async def test_it_is_found_by_either_name_and_called_by_one(office: Office) -> None:
    (ann,) = office.people("ann")
    await marked(office)
    for asked in ("华航橡胶", "hhxj", "张工", "甲一"):
        await ann.says(f"/find {asked}")
        ann.reads("甲一（重点客户）", "涉密", "〔联系人〕")
        ann.reads_nothing_of("华航", "张工", "13800138001", "西安")
    ann.reads_nothing_of("请用代号")
    await ann.says("/log 甲一 电话 刚才 谈了配方")
    ann.reads("客户：甲一")
    await ann.presses("保存")
    ann.reads("已记录")


async def test_who_types_the_real_name_is_asked_for_the_code_name(office: Office) -> None:
    (ann,) = office.people("ann")
    await marked(office)
    await ann.says("/log 华航橡胶 电话 刚才 谈了配方")
    ann.reads("请用代号“甲一”", "客户：甲一")


async def test_a_photo_is_refused_and_the_rest_is_kept(office: Office) -> None:
    (ann,) = office.people("ann")
    await marked(office)
    await ann.says("/log 甲一 走访 刚才 看了新产线")
    for what in ("photo", "document", "voice", "location"):
        await ann.sends(what)
        ann.reads("照片、文件、语音、位置一律不收", "看了新产线")
        ann.reads_nothing_of("附件：", "已附上")
    await ann.presses("保存")
    ann.reads("已记录")
    with office.read() as session:
        entry = session.exec(select(Entry).where(Entry.kind == "contact")).one()
        assert (entry.attachments, entry.answers["summary"]) == ([], "看了新产线")


async def test_a_photo_sent_before_the_customer_was_named_is_let_go_too(office: Office) -> None:
    (ann,) = office.people("ann")
    await marked(office)
    await ann.says("/log")
    await ann.sends("photo")
    await ann.says("甲一")
    ann.reads("一律不收")


async def test_a_shared_contact_is_refused(office: Office) -> None:
    (ann,) = office.people("ann")
    await marked(office)
    await ann.says("/log 甲一 电话 刚才 谈了配方")
    await ann.sends("contact")
    ann.reads("名片不收", "谈了配方")
    await ann.presses("保存")
    with office.read() as session:
        assert "person" not in session.exec(select(Entry).where(Entry.kind == "contact")).one().answers


async def test_a_code_name_that_tells_or_is_taken_is_refused(office: Office) -> None:
    (sales,) = office.people("sales")
    await marked(office)
    for code, why in (("甲一", "已有客户在用"), ("飞翼", "看出是谁"), ("刘主任", "看出是谁"), ("申江液压", "同名")):
        await sales.says(f"/codename 飞翼制造 {code} 保密协议")
        await sales.presses("保存")
        sales.reads(why)
        await sales.says("/cancel")


async def test_only_leaders_lift_it(office: Office) -> None:
    sales, vp, ann = office.people("sales", "vp", "ann")
    await marked(office)
    assert "解除涉密" not in sales.buttons()
    await ann.says("/codename 甲一")
    ann.reads_nothing_of("改代号")
    await vp.says("/codename 甲一")
    vp.reads("涉密客户")
    await vp.presses("解除涉密")
    await vp.says("协议到期")
    await vp.presses("保存")
    vp.reads("已解除涉密")
    assert of_customer(office, "customer.uncode") == [{"code": "甲一", "reason": "协议到期"}]
    await ann.says("/find 华航")
    ann.reads("西安华航橡胶有限公司", "张工")


def test_a_list_marks_customers_and_keeps_their_former_names(office: Office) -> None:
    def bring(*rows: str) -> list[str]:
        asked = Import("customers", table(HEAD + "".join(rows)), "customers.csv", office.clock.now())
        outcome = run_import(office.store, office.house, asked, lambda _done, _total: None)
        return [str(each) for each in outcome.review.problems]

    assert not bring(ROW.format("西安华航橡胶有限公司", "华航橡塑", "甲一"))
    with office.read() as session:
        customer = session.exec(select(Customer).where(Customer.code_name == "甲一")).one()
        assert [each.name for each in session.exec(select(FormerName))] == ["华航橡胶"]
        assert customer.id == key(customer)
    assert of_customer(office, "customer.codename")[0]["code"] == "甲一"
    for wrong in ("华航", "是", "甲"):
        assert bring(ROW.format("西安华航橡胶有限公司", "", wrong)), wrong
    assert bring(ROW.format("宝鸡新厂", "", "甲一"))
