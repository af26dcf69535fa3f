"""专管员 (R31.1): whoever keeps a file finds the customer everywhere, hears of it, and hands it over like all that is theirs."""

from __future__ import annotations

from sqlmodel import col, select

from models import files
from models.customers import Customer
from models.mergers import Merge, merge
from models.messages import Draft
from models.people import Staff, key
from tests.company import PEOPLE
from tests.office import Office

PAIR = ("飞翼制造", "华航橡胶")


async def keeps(office: Office, who: str, name: str = "华航橡胶") -> None:
    """The sales department names somebody custodian."""
    (sales,) = office.people("sales")
    await sales.says(f"/file {name}")
    await sales.does("＋ 专管员", PEOPLE[who][0])


def keeper(office: Office, name: str = "华航橡胶") -> str:
    with office.read() as session:
        here = session.exec(select(Customer).where(Customer.short_name == name)).one()
        found = files.custodian_of(session, key(here))
        return session.get_one(Staff, found).number if found else ""


async def test_a_custodian_from_another_unit_finds_the_customer_everywhere(office: Office) -> None:
    bob, ann = office.people("bob", "ann")
    await bob.says("/find 华航橡胶")
    bob.reads("没有找到")
    await keeps(office, "bob")
    bob.reads("肖红 指定您为 华航橡胶 的专管员")
    await bob.presses("档案")
    bob.reads("专管员：鲍博")
    await bob.says("/find 张工")
    bob.reads("西安华航橡胶有限公司", "13800138001")
    assert "记沟通" not in bob.buttons(), "the talks are Ann's"
    await bob.says("/customers")
    bob.reads("共 3 家", "华航橡胶", "申江液压")
    await bob.says("/customers 重点")
    bob.reads("共 1 家")
    await bob.says("/find 远大")
    bob.reads("没有找到")
    await ann.says("/customers")
    ann.reads("共 3 家")


async def test_what_somebody_kept_goes_over_when_they_leave(office: Office) -> None:
    await keeps(office, "ann", "飞翼制造")
    (head,) = office.people("head")
    await head.says("交接 S01 给 S02")
    head.reads("专管档案 1 份：飞翼制造")
    await head.presses("保存")
    assert keeper(office, "飞翼制造") == "S02"
    await head.presses("交回")
    assert keeper(office, "飞翼制造") == "S01"


async def test_what_was_confidential_in_a_form_lies_in_no_draft_afterwards(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/file 华航橡胶")
    await ann.does("＋ 资信情况", "AA级")
    for each in ("修改档案", "联系人", "第 1 人", "记生日"):
        await ann.presses(each)
    ann.reads("张工 联系人生日")
    await ann.says("1975-03-02")
    ann.reads("生日：1975年3月2日")
    await ann.presses("保存")
    ann.reads("张工 总工")
    assert "联系人" in ann.buttons()
    with office.read() as session:
        left = session.exec(select(Draft).where(col(Draft.form).in_(("file_credit", "person_birthday"))))
        assert [set(each.answers) for each in left] == [{"customer"}, {"contact"}]


async def test_what_was_assumed_from_an_answer_follows_when_that_is_another(office: Office) -> None:
    (ann, admin) = office.people("ann", "admin")
    await ann.says("/complain 华航橡胶 胶管开裂")
    ann.reads("投诉人：张工", "13800138001", "省内 24 小时")
    await ann.presses("修改")
    await ann.presses("客户")
    await ann.says("飞翼制造")
    ann.reads("投诉人：刘主任", "13900139002", "省外 48 小时")
    await admin.says("/leave_company S01")
    admin.reads("交给：何建国")
    await admin.presses("修改")
    await admin.presses("人员")
    await admin.says("S03")
    admin.reads("交给：东方明")


async def test_what_is_not_found_is_offered_by_its_nearest_name_or_as_new(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/find 华杭橡胶")
    ann.reads("没有找到“华杭橡胶”", "是不是")
    await ann.presses("华航橡胶（西安市，西北销售一部）")
    ann.reads("西安华航橡胶有限公司")
    await ann.says("/find 华航 张工")
    ann.reads("西安华航橡胶有限公司", "13800138001")
    await ann.says("/file 华杭橡胶")
    await ann.presses("华航橡胶（西安市，西北销售一部）")
    ann.reads("完整度")
    await ann.says("/find 海闰轮胎")
    assert not any("海润" in each for each in ann.buttons())
    await ann.presses("＋ 新客户 海闰轮胎")
    ann.reads("新客户", "在哪个省")


async def test_a_merger_takes_over_no_custodian_who_has_left(office: Office) -> None:
    await keeps(office, "bob", "飞翼制造")
    with office.store.write() as session:
        gone, stays = (session.exec(select(Customer).where(Customer.short_name == each)).one() for each in PAIR)
        bob, sales = (session.exec(select(Staff).where(Staff.number == each)).one() for each in ("S03", "D01"))
        bob.active, gone.tier = False, stays.tier
        merge(session, office.house, Merge(gone, stays, sales, "重复建档", office.clock.now()))
    assert keeper(office, PAIR[1]) == ""
