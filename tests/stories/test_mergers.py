"""合并客户: two files of one company become one, and nothing of either is lost."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, col, select

from models import audit, customers, files, mergers, openings, secrecy
from models.audit import Audit
from models.clocks import Clock
from models.customers import Customer
from models.files import Keeper
from models.mergers import Merge, NotMergeableError
from models.messages import open_draft
from models.people import Staff, key
from models.records import Entry, Matter
from rules.file_parts import FilePart, Section
from rules.gate import Scope
from tests.office import START, Office

EVERYBODY = Scope(all=True, units=frozenset(), owner=None, self_=None)


def named(session: Session, name: str) -> Customer | None:
    return session.exec(select(Customer).where(Customer.short_name == name)).first()


async def of_two_halves(office: Office) -> tuple[int, int]:
    """One company twice on file: 远大密封 of Ann with a talk, a promise and a complaint, 远大机械 of Amy with a talk."""
    ann, amy = office.people("ann", "amy")
    await ann.says("/log 远大密封 电话 昨天 孙厂长 谈了交期 后天再联系")
    await ann.presses("保存")
    await ann.says("/complain 远大密封 密封圈开裂")
    if "谁" in ann.news():
        await ann.says("孙厂长")
    await ann.presses("保存")
    await amy.says("/log 远大机械 电话 昨天 孙厂长 谈了价格")
    await amy.presses("保存")
    with office.read() as records:
        gone, stays = named(records, "远大密封"), named(records, "远大机械")
        assert gone is not None
        assert stays is not None
        return key(gone), key(stays)


async def test_the_file_with_the_higher_tier_stays(office: Office) -> None:
    """A tier is given up by a decision, not by a merger (article 12)."""
    (sales,) = office.people("sales")
    await sales.says("合并客户 远大密封 华航橡胶 重复建档")
    sales.reads("要并入的客户层级更高", "请按“互换”")
    await sales.presses("保存")
    sales.reads("要并入的客户层级更高")
    await sales.presses("互换")
    await sales.presses("保存")
    sales.reads("“咸阳远大密封件厂”已并入“西安华航橡胶有限公司”")


async def test_both_histories_are_on_one_card_and_every_old_way_leads_there(office: Office) -> None:
    ann, amy, sales, auditor = office.people("ann", "amy", "sales", "auditor")
    gone, stays = await of_two_halves(office)
    await ann.says("/find 远大密封")
    old_card = ann.last()
    await ann.presses("记沟通")
    await sales.says("合并客户 远大机械 远大密封 同一家公司重复建档")
    sales.reads("保留", "宝鸡远大机械有限公司", "咸阳远大密封件厂", "沟通和进展 1 条", "投诉和咨询 1 件", "联系人 1 位")
    await sales.presses("互换")
    await sales.presses("互换")
    await sales.presses("保存")
    sales.reads("“咸阳远大密封件厂”已并入“宝鸡远大机械有限公司”", "投诉和咨询 1 件")
    for each in (ann, amy):
        each.reads("肖红 把“咸阳远大密封件厂”并入了“宝鸡远大机械有限公司”")
    await sales.presses("客户卡")
    sales.reads("宝鸡远大机械有限公司", "谈了交期", "谈了价格", "TS-2026-0001", "孙厂长")
    await sales.presses("合并记录")
    sales.reads("咸阳远大密封件厂，肖红 合并：同一家公司重复建档")
    for asked in ("/find 咸阳远大密封件厂", "/find 密封件", "/find yuandamifeng"):
        await sales.says(asked)
        sales.reads("宝鸡远大机械有限公司")
    await sales.says("/case TS-2026-0001")
    sales.reads("TS-2026-0001", "远大机械")
    complain = next(each.data for row in old_card.buttons for each in row if "投诉" in each.text)
    await ann.says("取消")
    await ann.presses_again(old_card.id, str(complain))
    with office.read() as records:
        draft = open_draft(records, key(records.exec(select(Staff).where(Staff.number == "S01")).one()))
        assert draft is not None
        assert draft.answers["customer"] == stays
    await auditor.says("审计 远大机械")
    auditor.reads("合并客户", "安然 看客户档案 远大机械")
    with office.read() as records:
        assert records.get(Customer, gone) is None
        assert mergers.resolved(records, gone) == stays
        assert {each.customer_id for each in records.exec(select(Entry))} == {stays}
        assert {each.customer_id for each in records.exec(select(Matter))} == {stays}
        assert [each.action for each in records.exec(select(Audit).where(Audit.action == "customer.merge"))]


async def test_no_clock_stops_and_everything_reaches_a_living_person(office: Office) -> None:
    _, amy, sales, head = office.people("ann", "amy", "sales", "head")
    gone, stays = await of_two_halves(office)
    with office.read() as records:
        before = {each.id: each.due_at for each in records.exec(select(Clock).where(Clock.subject_kind == "complaint"))}
    await sales.says("/merge 远大密封 并入 远大机械 重复建档")
    await sales.presses("保存")
    with office.read() as records:
        running = records.exec(select(Clock).where(col(Clock.closed_at).is_(None))).all()
        assert {each.id: each.due_at for each in running if each.subject_kind == "complaint"} == before
        assert not [each for each in running if each.post.endswith(f"@{gone}") and each.post.startswith("owner")]
        assert not [each for each in running if each.subject_kind == "customer" and each.subject_id == gone]
        promise = next(each for each in running if each.subject_kind == "entry")
        assert promise.post == f"owner@{stays}" or promise.post.startswith("staff@")
    await office.passes("30h")
    head.reads("TS-2026-0001")
    await office.passes("9d")
    assert amy.count("远大机械")


async def test_what_can_not_be_merged_says_why_and_what_to_do(office: Office) -> None:
    sales, gm = office.people("sales", "gm")
    with office.store.write() as session:
        marked, one, other = (named(session, each) for each in ("申江液压", "远大机械", "远大密封"))
        assert marked is not None
        assert one is not None
        assert other is not None
        secrecy.give(session, marked, "甲三")
        one.credit_code, other.credit_code = "91610000123456789X", "91610000123456780X"
    await sales.says("/merge 远大机械 甲三")
    await sales.says("甲三")
    sales.reads("涉密客户不能合并：先由领导解除代号")
    await sales.says("取消")
    await gm.says("/merge 远大机械 远大密封 重复")
    gm.reads("两个客户的统一社会信用代码不同，是两家公司")
    await gm.presses("保存")
    gm.reads("信用代码不同")
    await gm.says("取消")
    await gm.says("/merge 远大机械 远大机械 重复")
    gm.reads("同一个客户")
    with office.read() as records:
        assert records.exec(select(mergers.Merger)).all() == []


@pytest.mark.parametrize("name", ["ann", "head", "quality", "auditor", "admin"])
async def test_others_merge_nothing(office: Office, name: str) -> None:
    person = office.person(name)
    await person.says("/merge 远大机械 远大密封 重复")
    person.reads("没有找到，或不在您的权限内")


def test_a_file_made_of_two_lacks_nothing_that_either_had(office: Office) -> None:
    with office.store.write() as session:
        stays, gone = named(session, "远大机械"), named(session, "远大密封")
        by = session.exec(select(Staff).where(Staff.number == "D01")).one()
        assert stays is not None
        assert gone is not None
        gone.credit_code, stays.city = "91610000123456789X", None
        customers.meet(session, stays, "孙厂长", None, None)
        customers.meet(session, stays, "赵工", "13500000001")
        customers.meet(session, gone, "赵工", "13500000002")
        merger = mergers.merge(session, office.house, Merge(gone, stays, by, "重复", START))
        assert stays.credit_code == "91610000123456789X"
        assert stays.city == "咸阳市"
        known = [(each.name, each.phone) for each in customers.people(session, key(stays))]
        assert sorted(known) == sorted([("孙厂长", "13700137003"), ("赵工", "13500000001"), ("赵工", "13500000002")])
        assert merger.facts["name"] == "咸阳远大密封件厂"
        assert [each.id for each in customers.find(session, "远大密封", EVERYBODY)] == [stays.id]
        other = named(session, "华航橡胶")
        assert other is not None
        first = merger.from_id
        mergers.merge(session, office.house, Merge(stays, other, by, "又一次", START))
        assert mergers.resolved(session, first) == other.id
        assert [each.facts["name"] for each in mergers.into(session, key(other))]
        with pytest.raises(NotMergeableError):
            mergers.merge(session, office.house, Merge(other, other, by, "自己", START))


def a_file(session: Session, office: Office, customer: Customer, credit: str | None) -> Keeper:
    """With an account, a line of the development log, and somebody there whose birthday is known."""
    by = session.exec(select(Staff).where(Staff.number == "S01")).one()
    keeper = Keeper(session, office.house, customer, by, START)
    keeper.set(FilePart.PRODUCTION, f"{customer.short_name}的密炼机")
    if credit:
        keeper.set(FilePart.CREDIT, credit)
        keeper.name_custodian(by)
    keeper.add_paper(files.Paper(customer_id=key(customer), kind="account", expires_on=date(2027, 5, 1)))
    keeper.add_note(f"{customer.short_name}的进展")
    return keeper


@pytest.mark.parametrize("both", [True, False])
def test_the_customer_file_goes_along(office: Office, both: bool) -> None:
    with office.store.write() as session:
        stays, gone = named(session, "远大机械"), named(session, "远大密封")
        assert stays is not None
        assert gone is not None
        before = a_file(session, office, gone, "AA级")
        customers.meet(session, stays, "孙厂长")
        sun = next(each for each in customers.people(session, key(gone)) if each.name == "孙厂长")
        before.set_person(sun, "birthday", "1971-03-02")
        before.leaves(sun, gone=True)
        asked = openings.request(session, office.house, before.by, gone, Section.CREDIT, "年审", START)
        if both:
            a_file(session, office, stays, None)
        there = {each.id for each in files.papers(session, key(stays)) + files.papers(session, key(gone))}
        mergers.merge(session, office.house, Merge(gone, stays, before.by, "重复", START))
        found = files.of(session, key(stays))
        assert found is not None
        assert found.production == f"{'远大机械' if both else '远大密封'}的密炼机"
        assert (found.credit, found.custodian_id) == ("AA级", before.by.id)
        assert session.exec(select(files.CustomerFile)).all() == [found]
        papers = session.exec(select(files.Paper).where(files.Paper.customer_id == stays.id)).all()
        assert {each.id for each in papers} == there
        notes = [each.answers["text"] for each in files.notes(session, key(stays))]
        assert sorted(notes) == sorted(["远大密封的进展", *(["远大机械的进展"] if both else [])])
        known = [each for each in customers.people(session, key(stays)) if each.name == "孙厂长"]
        assert [(each.birthday, each.left_on) for each in known] == [
            ("1971-03-02", before.house.calendar.local(START).date())
        ]
        assert [each.facts["customer"] for each in asked] == [stays.id]
        running = session.exec(select(Clock).where(col(Clock.closed_at).is_(None), Clock.subject_kind == "paper")).all()
        assert [(each.subject_id, each.post) for each in running] == [
            (max(each.id or 0 for each in papers), f"owner@{stays.id}")
        ]
        changed = [audit.body_of(session, each)["after"] for each in openings.changes(session, key(stays), 0, 99)]
        assert "远大密封的密炼机" in changed, "what both had stays readable in the history of both"


async def test_the_days_quiet_count_the_talks_of_both(office: Office) -> None:
    gone, stays = await of_two_halves(office)
    (sales,) = office.people("sales")
    with office.store.write() as session:
        session.get_one(Customer, stays).quiet_since = START - timedelta(days=300)
        last = session.get_one(Customer, gone).quiet_since
    await sales.says("/merge 远大机械 远大密封 重复建档")
    await sales.presses("保存")
    with office.read() as session:
        assert session.get_one(Customer, stays).quiet_since == last
        found = customers.search_rows(session.get_one(Customer, stays), (), ["咸阳远大密封件厂"])
        assert {(each["unit_id"], each["kind"]) for each in found if "密封" in each["text"]} == {
            (session.get_one(Customer, stays).unit_id, customers.FORMER)
        }


async def test_the_database_lets_an_entry_move_along_a_merger_alone(office: Office) -> None:
    gone, stays = await of_two_halves(office)
    refused = [
        f"UPDATE entry SET customer_id = {stays}",
        f"DELETE FROM customer WHERE id = {gone}",
        "DELETE FROM merger",
    ]
    with office.store.write() as session:
        customer = session.get_one(Customer, gone)
        a_file(session, office, customer, "AA级")
    refused += [f"UPDATE paper SET customer_id = {stays}", "DELETE FROM customer_file"]
    for each in (*refused[:2], *refused[3:]):
        with pytest.raises(Exception, match="what is on record stays"), office.store.engine.begin() as connection:
            connection.execute(text(each))
    (sales,) = office.people("sales")
    await sales.says("/merge 远大机械 远大密封 重复建档")
    await sales.presses("保存")
    with office.read() as records:
        elsewhere = named(records, "华航橡胶")
        assert elsewhere is not None
    for each in (
        refused[2],
        f"UPDATE merger SET into_id = {elsewhere.id}",
        f"UPDATE entry SET customer_id = {elsewhere.id}",
    ):
        with pytest.raises(Exception, match="what is on record stays"), office.store.engine.begin() as connection:
            connection.execute(text(each))


def test_every_table_that_names_a_customer_takes_part() -> None:
    """Whoever adds one is found here: its rows move with the others, unless they are joined by hand."""
    found = {(table.name, column) for table, column in mergers.tables()}
    assert {
        ("entry", "customer_id"),
        ("matter", "customer_id"),
        ("filing", "clash_id"),
        ("suspect", "customer_id"),
    } <= found
    assert {name for name, _ in found} >= mergers.BY_HAND
