"""封存: one asks, another agrees, and nothing tells any more who it was; what happened, when, and how it ended stays."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import String, cast, event, func, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, SQLModel, col, select

from models import chain, sealings
from models.clocks import Clock
from models.people import SINCE_EVER, Assignment, Staff, key
from models.records import Complaint, Entry, Matter
from models.sealings import Sealing
from models.store import Store
from reading.names import pinyin_full
from scheduler.verifying import Flaw, verify
from tests.company import PEOPLE
from tests.office import Office

KEY = b"k" * 32
NAME, PHONE, MAIL = "欧阳秋实", "13711112222", "ouyang@example.com"
FOUR_YEARS = timedelta(days=4 * 366)


async def a_settled_complaint(office: Office, name: str = NAME, phone: str = PHONE) -> None:
    """Of somebody who is named in everything: form, pictures, talk, story, search, shared card, annotation, half a draft."""
    ann, head, sales = office.people("ann", "head", "sales")
    await ann.says("/complain 华航橡胶 胶管开裂，欧阳 秋实说要赔")
    for step in ("修改", "投诉人", name, "修改", "电话", f"+86 {phone[:3]}-{phone[3:7]} {phone[7:]}"):
        await (ann.presses if step in ("修改", "投诉人", "电话") else ann.says)(step)
    office.telegram.sends_photo(ann.user)
    await office.service.settle()
    await ann.presses("保存")
    await ann.says(f"/find {name}")
    await ann.says(f"/find {pinyin_full(name, person=True)}")
    await ann.says(f"/log 华航橡胶 电话 刚才 {name} 谈了赔付，{phone}")
    await ann.presses("保存")
    office.telegram.sends_contact(ann.user, name, f"+86 {phone}")
    await office.service.settle()
    await ann.says("华航橡胶")
    await ann.presses("保存")
    ann.reads(name)
    await ann.says("/case 1")
    for step in ("已解决", f"{name}保管不当", "换货", "保存"):
        await (ann.presses if step in ("已解决", "保存") else ann.says)(step)
    for step in ("客户确认", "是", "无", "保存"):
        await sales.presses(step)
    await ann.does("效果评价", ".有效", f"{name}说没有再漏")
    for step in ("结案", f"{name}已签字", "保存"):
        await (sales.presses if step in ("结案", "保存") else sales.says)(step)
    await head.says("/case 1")
    await head.presses("批示")
    await head.presses("批示 1")
    await head.says(f"给{name}回个电话")
    await head.says("明天")
    await head.presses("保存")
    await ann.says(f"/inquiry 华航橡胶 {name} 问{name}的赔付 {phone}")
    await ann.presses("保存")
    await ann.does("答复", f"请{name}等通知")
    await ann.says("/tiers 华航橡胶")
    await ann.does("拟调层级", ".战略合作", f"{name}（{phone}）推荐")
    await ann.says(f"/log 华航橡胶 电话 {name}")


async def a_complaint_long_ago(office: Office, number: int = 1) -> None:
    """The same in a few steps, and years later."""
    await closed_complaint(office, number)
    office.clock.move(FOUR_YEARS)


async def closed_complaint(office: Office, number: int = 1) -> None:
    ann, sales = office.people("ann", "sales")
    await ann.says("/complain 华航橡胶 又开裂")
    for step in ("修改", "投诉人", NAME, "修改", "电话", PHONE, "保存", "已解决", "原因", "措施", "保存"):
        await (ann.says if step in (NAME, PHONE, "原因", "措施") else ann.presses)(step)
    await sales.says(f"/case {number}")
    await sales.does("客户确认", ".是", ".无")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.does("结案", f"{NAME}已签字")


async def sealed(office: Office, line: str = "/seal TS-2026-0001 期满") -> None:
    sales, auditor = office.people("sales", "auditor")
    await sales.says(line)
    await sales.presses("保存")
    await auditor.presses("同意封存")
    auditor.reads("已执行")


def traces(word: str) -> list[bytes]:
    """A word in every way in which a file may hold it."""
    escaped = word.encode("ascii", "backslashreplace")
    return [word.encode(), word.encode("utf-16-le"), escaped, escaped.upper().replace(b"\\U", b"\\u")]


def left_in_files(url: str, *words: str) -> list[str]:
    """The words that some file of a SQLite database holds."""
    database = Path(url.removeprefix("sqlite:///"))
    everything = b"".join(each.read_bytes() for each in database.parent.glob(f"{database.name}*"))
    return [word for word in words if any(each in everything for each in traces(word))]


def left_in_tables(store: Store, *words: str) -> list[str]:
    """The columns of any table that hold one of the words."""
    found = []
    with store.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                for word in words:
                    escaped = word.encode("ascii", "backslashreplace").decode()
                    for each in {word, escaped}:
                        held = cast(column, String).icontains(each, autoescape=True)
                        if connection.execute(select(func.count()).select_from(table).where(held)).scalar_one():
                            found.append(f"{table.name}.{column.name}: {each}")
    return found


def flaws(office: Office) -> tuple[Flaw, ...]:
    office.store.run_here(chain.append, KEY, office.clock.now())
    with office.store.look() as connection:
        return verify(connection, KEY, office.clock.now()).flaws


EVERYWHERE = {
    "audit_body",
    "card",
    "complaint",
    "draft",
    "entry",
    "filing",
    "inbox",
    "inquiry",
    "outbox",
    "person",
    "proposal",
    "search_key",
    "task",
}
SECRETS = (NAME, PHONE, "欧阳 秋实", PHONE[3:], pinyin_full(NAME, person=True))


def keeps_what_was_deleted(store: Store) -> None:
    """Some builds of SQLite overwrite with noughts whatever is deleted. Not all do, and what is meant to be gone must be gone."""

    def tell(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute("PRAGMA secure_delete = OFF")

    if store.is_sqlite:
        event.listen(store.engine, "checkout", tell)


async def test_nothing_in_the_database_tells_who_it_was(office: Office, database: str) -> None:
    keeps_what_was_deleted(office.store)
    await a_settled_complaint(office)
    assert {each.partition(".")[0] for each in left_in_tables(office.store, *SECRETS)} == EVERYWHERE
    if office.store.is_sqlite:
        assert left_in_files(database, *SECRETS) == list(SECRETS)
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    await office.service.tick()
    assert left_in_tables(office.store, *SECRETS) == []
    if office.store.is_sqlite:
        assert left_in_files(database, *SECRETS) == []


async def test_what_is_no_secret_stays_and_the_audit_is_whole(office: Office) -> None:
    await a_settled_complaint(office)
    with office.read() as records:
        before = _record(records)
    assert flaws(office) == ()
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    assert flaws(office) == ()
    with office.read() as records:
        assert _record(records) == before
        complaint = records.exec(select(Complaint)).one()
        assert (complaint.complainant, complaint.complainant_phone) == ("「已封存·A3F」", None)
        assert complaint.what == "胶管开裂，「已封存·A3F」说要赔"
        assert complaint.evidence == [{"kind": "photo"}]


def _record(records: Session) -> object:
    """Number, dates, state, figures and department of the complaint, its clocks, and who wrote what when."""
    complaint = records.exec(select(Complaint)).one()
    matter = records.get_one(Matter, complaint.matter_id)
    said = {"complainant", "complainant_phone", "what", "evidence"}
    clocks = [each.model_dump() for each in records.exec(select(Clock).order_by(col(Clock.id)))]
    entries = records.exec(select(Entry).order_by(col(Entry.id)))
    return (
        matter.model_dump(),
        complaint.model_dump(exclude=said),
        [each for each in clocks if each["subject_kind"] == "complaint" and each["rule"] != "R17.1"],
        [each.model_dump(exclude={"answers", "attachments"}) for each in entries],
    )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_lists_and_cards_say_the_code_in_place_of_the_name(office: Office) -> None:
    await a_settled_complaint(office)
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    sales, auditor, ann = office.people("sales", "auditor", "ann")
    await sales.says("/case TS-2026-0001")
    sales.reads("TS-2026-0001", "「已封存·A3F」", "华航橡胶", "「已封存·A3F」已签字")
    sales.reads_nothing_of(NAME, PHONE)
    await ann.says("/find 华航橡胶")
    ann.reads("「已封存·A3F」", "张工", "13800138001")
    await ann.says(f"/find {NAME}")
    ann.reads("没有找到")
    await auditor.says("审计 肖红")
    auditor.reads("申请封存个人信息")
    await auditor.says("审计 TS-2026-0001")
    await auditor.presses("2")
    auditor.reads("正文已封存")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_both_see_beforehand_what_will_be_sealed_and_that_there_is_no_way_back(office: Office) -> None:
    await a_settled_complaint(office)
    office.clock.move(FOUR_YEARS)
    sales, auditor, gm = office.people("sales", "auditor", "gm")
    await sales.says(f"/seal TS-2026-0001 {NAME}本人书面要求")
    told = ("华航橡胶 欧阳秋实 TS-2026-0001", "姓名 3 处", "照片、文件、语音、位置 2 个", "收到的原始消息", "审计正文")
    sales.reads("封存个人信息", *told, "谁也不能恢复", "保留 14 天", "保留 12 个月", "另一人同意")
    await sales.presses("保存")
    sales.reads("封存申请 1 已提交", "沈明", "高远")
    auditor.reads("封存申请 1", "肖红", "理由：当事人本人书面要求", *told, "谁也不能恢复", "保留 14 天")
    await auditor.presses("不同意")
    sales.reads("沈明 没有同意，什么都没有改")
    await gm.says("/seal")
    gm.reads("未同意")
    with office.read() as records:
        assert records.exec(select(Complaint)).one().complainant == NAME


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_nobody_agrees_to_what_they_asked_for_themselves(office: Office) -> None:
    """Not even with both posts, in the chat or past it."""
    await a_complaint_long_ago(office)
    (sales,) = office.people("sales")
    with office.store.write() as session:
        me = session.exec(select(Staff).where(Staff.number == PEOPLE["sales"][0])).one()
        session.add(Assignment(staff_id=key(me), role="audit", unit_id=1, starts=SINCE_EVER))
    await sales.says("/seal TS-2026-0001 期满封存")
    await sales.presses("保存")
    await sales.says("/seal")
    await sales.presses("看申请 1")
    assert "同意封存" not in sales.buttons()
    with office.store.write() as session, pytest.raises(ValueError, match="does not decide"):
        sealing = session.get_one(Sealing, 1)
        sealings.approve(session, office.house, sealing, me, office.clock.now())
    with pytest.raises(IntegrityError), office.store.write() as session:
        session.execute(text("UPDATE sealing SET state = 'sealing', decided_by = by_id WHERE id = 1"))


@pytest.mark.parametrize("who", ["ann", "head", "vp", "quality", "admin", "chair"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_others_do_not_even_hear_of_it(office: Office, who: str) -> None:
    person = office.person(who)
    for line in ("/seal", "封存 TS-2026-0001 期满"):
        await person.says(line)
        person.reads("没有找到，或不在您的权限内。")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_it_is_refused_while_something_is_open_or_the_period_is_not_over(office: Office) -> None:
    ann, sales, auditor = office.people("ann", "sales", "auditor")
    await auditor.says("/seal TS-2026-0001 期满")
    auditor.reads("没有找到，或不在您的权限内。")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await sales.says("/seal TS-2026-0001 期满")
    sales.reads("投诉 TS-2026-0001 还没有办结。办结后满 3 年可以")
    await closed_complaint(office, 2)
    office.clock.move(timedelta(days=2 * 365))
    await sales.says(f"/seal 华航橡胶 {NAME} 期满")
    sales.reads("期限还没有到，2029年11月23日")
    await sales.says("封存 全部")
    sales.reads("没有满 3 年")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_something_new_before_the_other_agrees_stops_it(office: Office) -> None:
    await a_complaint_long_ago(office)
    ann, sales, auditor = office.people("ann", "sales", "auditor")
    await sales.says("/seal 全部 期满封存")
    await sales.presses("保存")
    await ann.says(f"/log 华航橡胶 电话 刚才 {NAME} 又来电话")
    await ann.presses("保存")
    await auditor.presses("同意封存")
    auditor.reads("期限还没有到")
    assert not left_in_tables(office.store, "已封存")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_somebody_else_of_the_same_name_is_left_alone(office: Office) -> None:
    """At another customer, with another number: in the file, the talks, and what was said of them."""
    await closed_complaint(office)
    bob, sales = office.people("bob", "sales")
    await bob.says(f"/log 申江液压 电话 刚才 {NAME} 谈了新订单")
    await bob.presses("保存")
    await bob.presses("存为联系人")
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    await bob.says("/find 申江液压")
    bob.reads(NAME, "谈了新订单")
    bob.reads_nothing_of("已封存")
    await bob.says(f"/find {NAME}")
    bob.reads("申江液压")
    await sales.says("/case 1")
    sales.reads_nothing_of(NAME)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_the_cards_of_all_who_could_agree_say_what_became_of_it(office: Office) -> None:
    await a_complaint_long_ago(office)
    sales, auditor, gm = office.people("sales", "auditor", "gm")
    await sales.says("/seal TS-2026-0001 期满封存")
    await sales.presses("保存")
    assert NAME in gm.last().text
    await auditor.presses("同意封存")
    assert "已执行" in gm.last().text
    assert NAME not in gm.last().text
    assert not gm.last().buttons
    sales.reads("已执行", "沈明 同意")
    await sales.says("/seal TS-2026-0001 再来一次")
    sales.reads("已经封存过了")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_name_that_the_person_also_goes_by_is_sealed_too(office: Office) -> None:
    await closed_complaint(office)
    (ann,) = office.people("ann")
    await ann.says(f"/log 华航橡胶 电话 刚才 {NAME} 老欧头说还要")
    await ann.presses("保存")
    office.clock.move(FOUR_YEARS)
    sales, auditor = office.people("sales", "auditor")
    await sales.says("/seal TS-2026-0001 期满封存")
    for step in ("修改", "其他称呼", "老欧头", "保存"):
        await (sales.says if step == "老欧头" else sales.presses)(step)
    await auditor.presses("同意封存")
    assert left_in_tables(office.store, *SECRETS, "老欧头") == []
