"""举报: to audit and supervision only, by name or without, and nothing of it lies open in the database, nor in the log."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import String, cast
from sqlalchemy import select as columns
from sqlmodel import SQLModel, col, select

from bot.config import Config
from bot.logs import NOISY, set_up
from models.audit import Audit
from models.concerns import Concern, ConcernStep
from models.identities import of_ref
from models.messages import Draft
from models.people import Assignment, Staff, company, key
from models.store import Store
from models.traces import Traces
from tests.company import PEOPLE
from tests.office import Office, Person
from tests.stories.test_sealing_people import NAME, a_complaint_long_ago, left_in_files, sealed

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NUMBER = "JB-2026-0001"
TEXT, CHANGED, ASTRAY, MORE = "陈总收回扣金丝雀", "仓库账实不符黄鹂", "改成三号库百灵", "夜里出库画眉"
ANSWER, CONCLUSION, QUOTING = "已查实并追责云雀", "办结意见相思鸟", "还有一事杜鹃"
WORDS = (TEXT, CHANGED, ASTRAY, MORE, ANSWER, CONCLUSION, QUOTING)


def clear(store: Store, words: Iterable[str]) -> list[str]:
    """Every column of every table that holds one of the words as it is or as JSON escapes it."""
    found = []
    with store.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for column in table.columns:
                text = "\n".join(str(each) for each in connection.execute(columns(cast(column, String))).scalars())
                for word in words:
                    if word in text or word.encode("ascii", "backslashreplace").decode() in text:
                        found.append(f"{table.name}.{column.name}: {word}")
    return found


def raw(store: Store, table: str, column: str) -> str:
    """As it lies there."""
    with store.engine.connect() as connection:
        return str(connection.execute(columns(cast(SQLModel.metadata.tables[table].c[column], String))).scalars().all())


@contextmanager
def at_debug() -> Iterator[io.StringIO]:
    """What the product writes to its log meanwhile, where somebody has set everything to DEBUG."""
    root, stream = logging.getLogger(), io.StringIO()
    before, handlers = root.level, list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in NOISY}
    set_up(Config(), stream)
    for name in ("", *NOISY):
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield stream
    root.handlers[:], root.level = handlers, before
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def retire(office: Office, who: str) -> None:
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
        for seat in session.exec(select(Assignment).where(col(Assignment.staff_id) == key(staff))):
            seat.ends = office.clock.now()


def appoint(office: Office, who: str, role: str) -> None:
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
        since = office.clock.now() - timedelta(days=1)
        session.add(Assignment(staff_id=key(staff), role=role, unit_id=key(company(session)), starts=since))


async def reports(person: Person, words: str, signed: str = "匿名") -> None:
    await person.says(f"/report_concern {words}")
    for button in ("举报", signed, "保存"):
        await person.presses(button)


async def a_whole_conversation(office: Office) -> None:
    """Typed, changed, taken wrongly, interrupted, resumed, added to, submitted, opened, quoted, answered, closed, asked about."""
    ann, auditor = office.people("ann", "auditor")
    await ann.says(f"/report_concern {TEXT}")
    await ann.edits(f"/report_concern {TEXT}、{CHANGED}")
    await ann.says(ASTRAY)
    await ann.presses("举报")
    await ann.says("取消")
    await ann.presses("继续填")
    await ann.presses("匿名")
    await ann.says(MORE)
    ann.reads(TEXT, CHANGED, MORE)
    await ann.presses("加到")
    await ann.presses("保存")
    ann.reads("已收到", NUMBER)
    await ann.edits(f"{MORE}、{QUOTING}")
    ann.reads("保密")
    await auditor.presses("打开（留痕）")
    auditor.reads(TEXT, CHANGED, MORE, "匿名")
    quoted = auditor.last().id
    for text in ("/due", "华航橡胶"):
        auditor.phone.replies(quoted, text)
        await office.service.settle()
    await auditor.presses("受理")
    for button, words in (("答复", ANSWER), ("办结", CONCLUSION)):
        await auditor.presses(button)
        await auditor.says(words)
        await auditor.presses("保存")
        ann.reads(NUMBER, words)
    await ann.says("/report_concern")
    ann.reads(NUMBER, "已办结", ANSWER, CONCLUSION)
    mine = next(each.id for each in ann.phone.shows() if TEXT in each.text and not each.by_bot)
    ann.phone.replies(mine, "/due")
    await office.service.settle()


async def test_no_word_of_it_lies_open_anywhere(office: Office, database: str) -> None:
    """Neither in a table, nor in the gaps and the log of the file, nor in what is logged at DEBUG of everything."""
    with at_debug() as log:
        await a_whole_conversation(office)
    assert clear(office.store, WORDS) == []
    assert [word for word in WORDS if word in log.getvalue()] == []
    if office.store.is_sqlite:
        assert left_in_files(database, *WORDS) == []
        assert office.store.wipe_here()
        assert left_in_files(database, *WORDS) == []


async def test_nothing_that_lies_open_says_whose_it_is(office: Office) -> None:
    """The number stands with the record and in the audit, which name nobody; its author's messages and drafts are locked."""
    await a_whole_conversation(office)
    assert {each.partition(":")[0] for each in clear(office.store, [NUMBER])} == {"concern.number", "audit_body.body"}
    with office.store.read() as session:
        (concern,) = session.exec(select(Concern)).all()
        came = session.exec(select(Audit).where(Audit.action == "concern.report")).one()
        assert (came.staff_id, came.subject) == (None, f"concern:{concern.id}")
        assert session.exec(select(Draft).where(Draft.form == "concern")).all() == []
        assert "author" not in raw(office.store, "concern", "body")


async def test_what_is_not_confidential_lies_open_once_it_is_handled(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 刚才 谈了配方夜莺")
    assert {"inbox.body: 夜莺", "draft.answers: 夜莺", "card.text: 夜莺"} <= set(clear(office.store, ["夜莺"]))


async def test_nothing_lies_open_while_it_waits_to_be_handled(office: Office) -> None:
    (ann,) = office.people("ann")
    ann.phone.says(f"/report_concern {TEXT}")
    await office.service.receiver.poll(office.clock.now(), 0)
    assert clear(office.store, [TEXT]) == []


@SQLITE
async def test_by_name_the_auditors_see_who_it_is(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await reports(ann, TEXT, "实名")
    ann.reads("已收到您的举报", NUMBER, "只送审计、监察")
    ann.reads_nothing_of("匿名")
    auditor.reads_nothing_of(TEXT, "安然")
    await auditor.presses("打开（留痕）")
    auditor.reads(TEXT, "署名：安然")


@SQLITE
async def test_without_a_name_they_do_not_and_it_is_answered_all_the_same(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await reports(ann, TEXT)
    await auditor.presses("打开（留痕）")
    auditor.reads("署名：匿名")
    for button in ("受理", "答复"):
        await auditor.presses(button)
    await auditor.says(ANSWER)
    await auditor.presses("保存")
    ann.reads(NUMBER, ANSWER)
    await auditor.says("审计 安然")
    auditor.reads_nothing_of(NUMBER, "举报")
    assert "安然" not in "".join(each.text for each in auditor.bubbles() if NUMBER in each.text)


@SQLITE
async def test_its_author_asks_how_it_stands_and_nobody_else_can(office: Office) -> None:
    ann, amy, auditor = office.people("ann", "amy", "auditor")
    await reports(ann, TEXT)
    await ann.says("举报")
    ann.reads(NUMBER, "已收到")
    await auditor.presses("打开（留痕）")
    await auditor.presses("受理")
    await ann.says("举报")
    ann.reads(NUMBER, "处理中")
    await amy.says("举报")
    amy.reads("是哪一类")
    amy.reads_nothing_of(NUMBER)


@pytest.mark.parametrize("who", ["ann", "head", "vp", "gm", "chair", "sales", "quality", "admin"])
@SQLITE
async def test_nobody_else_reads_or_lists_them(office: Office, who: str) -> None:
    bob, auditor = office.people("bob", "auditor")
    person = office.person(who)
    await reports(bob, TEXT)
    await auditor.presses("打开（留痕）")
    for line in ("/concerns", "举报台账"):
        await person.says(line)
        person.reads("没有找到，或不在您的权限内。")
    assert TEXT not in "".join(each.text for each in person.bubbles())
    assert NUMBER not in "".join(each.text for each in person.bubbles())


@SQLITE
async def test_every_look_is_on_record(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await reports(ann, TEXT)
    for _ in range(2):
        await auditor.says("/concerns")
        await auditor.presses(NUMBER)
    with office.store.read() as session:
        looks = session.exec(select(Audit).where(Audit.action == "concern.open")).all()
        me = session.exec(select(Staff).where(Staff.number == PEOPLE["auditor"][0])).one()
        assert [(each.staff_id, each.subject) for each in looks] == [(me.id, "concern:1")] * 2
    await auditor.says("审计 沈明")
    auditor.reads("打开举报", NUMBER)


@SQLITE
async def test_where_nobody_audits_it_goes_to_the_general_manager_until_somebody_does(office: Office) -> None:
    ann, gm, admin = office.people("ann", "gm", "admin")
    retire(office, "auditor")
    await reports(ann, TEXT)
    ann.reads("没有人任审计、监察，只送总经理")
    admin.reads_nothing_of(NUMBER)
    await gm.presses("打开（留痕）")
    gm.reads(TEXT)
    appoint(office, "amy", "supervision")
    await gm.says("/concerns")
    gm.reads("没有找到，或不在您的权限内。")
    gm.reads_nothing_of(NUMBER)


@SQLITE
async def test_what_could_not_be_delivered_goes_to_nobody_else(office: Office) -> None:
    """Neither news of it to the auditor's superiors, nor the answer to the author's."""
    ann, auditor, gm, head, admin = office.people("ann", "auditor", "gm", "head", "admin")
    auditor.phone.blocks_bot()
    await reports(ann, TEXT)
    auditor.phone.unblocks_bot()
    ann.phone.blocks_bot()
    await auditor.says("/concerns")
    for button in (NUMBER, "受理", "办结"):
        await auditor.presses(button)
    await auditor.says(CONCLUSION)
    await auditor.presses("保存")
    await office.passes("3d")
    for person in (gm, head, admin):
        assert not [each for each in person.bubbles() if "JB-" in each.text or CONCLUSION in each.text]


@SQLITE
async def test_without_a_key_nothing_is_taken_and_that_is_said(office: Office) -> None:
    (ann,) = office.people("ann")
    office.store.vault.forget()
    for line in (f"/report_concern {TEXT}", f"举报{TEXT}", "/report_concern"):
        await ann.says(line)
        ann.reads("没有密钥文件", "什么也没有保存")
    assert clear(office.store, [TEXT]) == []


@SQLITE
async def test_the_word_alone_is_enough_also_without_a_blank(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"我要举报{TEXT}")
    ann.reads("是哪一类")
    await ann.presses("申诉")
    await ann.presses("匿名")
    ann.reads(TEXT)
    assert clear(office.store, [TEXT]) == []


@SQLITE
async def test_what_is_given_up_leaves_no_draft(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/report_concern {TEXT}")
    await ann.says("取消")
    await ann.says("/menu")
    await ann.presses("丢弃")
    with office.store.read() as session:
        assert session.exec(select(Draft)).all() == []
        assert session.exec(select(Concern)).all() == []
    assert clear(office.store, [TEXT]) == []


@SQLITE
async def test_photos_and_files_are_named_and_shown_to_who_opens_it(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await ann.says("/report_concern")
    await ann.sends("document", f"{MORE}.xlsx", caption=TEXT)
    for button in ("信访", "匿名", "保存"):
        await ann.presses(button)
    await auditor.presses("打开（留痕）")
    auditor.reads("信访", TEXT, f"{MORE}.xlsx")
    await auditor.presses("附件 1")
    assert auditor.last().attachment is not None
    auditor.reads(f"{NUMBER} 的附件")
    assert clear(office.store, [TEXT, MORE]) == []


@SQLITE
async def test_a_customer_marked_is_called_by_its_code_name(office: Office) -> None:
    ann, auditor, sales = office.people("ann", "auditor", "sales")
    await sales.says("/codename 华航橡胶 红叶 保密协议2026-3")
    await sales.presses("保存")
    await reports(ann, "有人把华航橡胶的配方卖了")
    await auditor.presses("打开（留痕）")
    auditor.reads("红叶的配方")
    auditor.reads_nothing_of("华航")


@SQLITE
async def test_its_step_is_done_once_and_in_order(office: Office) -> None:
    ann, auditor = office.people("ann", "auditor")
    await reports(ann, TEXT)
    await auditor.presses("打开（留痕）")
    message, data = (
        auditor.last().id,
        next(each.data for row in auditor.last().buttons for each in row if each.text == "受理"),
    )
    await auditor.presses("受理")
    await auditor.presses_again(message, data)
    with office.store.read() as session:
        assert [each.state for each in session.exec(select(ConcernStep))] == ["taken"]


@SQLITE
async def test_it_is_taken_up_again_from_the_menu(office: Office) -> None:
    """From a card that is not confidential, onto one that is."""
    (ann,) = office.people("ann")
    await ann.says(f"/report_concern {TEXT}")
    for button in ("举报", "匿名"):
        await ann.presses(button)
    await ann.says("/log")
    await ann.says("取消")
    await ann.says("/menu")
    await ann.presses("继续填：举报")
    ann.reads(TEXT)
    assert clear(office.store, [TEXT]) == []


@SQLITE
async def test_it_is_heard_while_another_form_is_open(office: Office) -> None:
    """Its words go into no other form, and not onto a card that asks what is meant."""
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶")
    await ann.says(f"举报 {TEXT}")
    ann.reads("是哪一类")
    await ann.presses("举报")
    await ann.says(f"举报 {MORE}")
    await ann.presses("匿名")
    ann.reads(TEXT)
    assert clear(office.store, [TEXT, MORE]) == []


@SQLITE
async def test_a_sealing_leaves_it_alone_and_does_not_count_it(office: Office) -> None:
    """Who is sealed may stand in a report; that one was written shows in no count."""
    ann, auditor = office.people("ann", "auditor")
    await a_complaint_long_ago(office)
    before = to_be_sealed(office)
    await reports(ann, f"{NAME}收了好处")
    assert to_be_sealed(office) == before
    await sealed(office)
    await auditor.says("/concerns")
    await auditor.presses("JB-2030-0001")
    auditor.reads(f"{NAME}收了好处")


def to_be_sealed(office: Office) -> list[tuple[str, object]]:
    with office.store.read() as session:
        traces = Traces(session, of_ref(session, {"matter": 1}), "X")
        return [(each.place, each.row) for each in traces.changes()]
