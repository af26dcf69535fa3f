"""An administrator sends a list as a file: it is looked through first, and written only when told; nobody has to wait for it."""

from __future__ import annotations

import io
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import Session, col, func, select

from bot.list_imports import Importer
from models import customers, import_batches
from models.audit import Audit
from models.clocks import Clock
from models.customers import Customer, FormerName
from models.list_imports import ListImport, State
from models.messages import Outbox
from models.people import SINCE_EVER, Assignment, Staff, Unit, key
from tests.office import Office, Person
from tests.papers import content, formulas

HEAD = "客户名称,层级,省份,城市,所属业务单位,责任业务员,联系人,电话,统一社会信用代码\n"
NEW = "甘肃金川镍业有限公司,一般,甘肃,金昌,西北销售一部,S01,马工,13512340001,\n"
KNOWN = "西安华航橡胶有限公司,重点,陕西,西安市,西北销售一部,S01,张工,13800138001,\n"
CHANGED = "青岛海润轮胎有限公司,储备,山东,青岛,华东销售部,S03,李工,13512340002,\n"
WRONG = "兰州黄河机床厂,特级,甘肃,兰州,西北销售一部,S01,,,\n"
NOBODY = "兰州西部轴承厂,一般,甘肃,兰州,西北销售一部,S99,,,\n"
ALIKE = "咸阳远大密封件有限公司,一般,陕西,咸阳,西北销售一部,S01,钱工,13512340003,\n"


async def sends(person: Person, text: str | bytes, name: str = "客户.csv") -> None:
    data = text if isinstance(text, bytes) else text.encode("gb18030")
    await person.sends("document", name, data, mime="text/csv")


def count(office: Office, table: Any = Customer) -> int:
    with office.read() as records:
        return records.exec(select(func.count()).select_from(table)).one()


def named(session: Session, name: str) -> Customer:
    return session.exec(select(Customer).where(Customer.name == name)).one()


def last_file(office: Office, who: Person) -> list[list[Any]]:
    """The rows of the last workbook that came to this phone."""
    return CalamineWorkbook.from_filelike(io.BytesIO(content(office, who))).get_sheet_by_index(0).to_python()


def restarts(office: Office) -> None:
    """Nothing is in memory any more."""
    service = office.service
    service.lists = Importer(service.bot, service.store, office.house, news=lambda: service.worker.handled)


async def test_nothing_is_written_before_the_preview_was_answered(office: Office) -> None:
    (admin,) = office.people("admin")
    before = count(office)
    await sends(admin, HEAD + NEW + KNOWN + CHANGED + WRONG + NOBODY)
    admin.reads(
        "客户清单", "5 行：新增 1　变更 1　不变 1　有错 2 行", "层级 ← 层级", "第 5 行，层级：没有「特级」这个层级"
    )
    admin.reads("第 6 行，责任业务员：没有工号为「S99」的在职人员")
    assert count(office) == before
    await admin.presses("导入 2")
    admin.reads("✅ 已导入 客户.csv：新增 1　变更 1　不变 1", "2 行没有导入")
    assert count(office) == before + 1
    with office.read() as records:
        made = named(records, "甘肃金川镍业有限公司")
        assert [each.name for each in customers.people(records, made.id or 0)] == ["马工"]
        assert records.exec(select(Clock).where(Clock.subject_kind == "customer", Clock.subject_id == made.id)).all()
        assert records.exec(select(Audit).where(Audit.action == "import")).one().staff_id is not None


async def test_the_wrong_rows_come_back_with_reasons_and_mended_are_sent_again(office: Office) -> None:
    (admin,) = office.people("admin")
    await sends(admin, HEAD + NEW + WRONG + "=1+1,一般,甘肃,,西北销售一部,S99,@cmd,-12,\n")
    await admin.presses("错行文件 2")
    rows = last_file(office, admin)
    assert rows[0] == [*HEAD.strip().split(","), "原因"]
    assert [row[0] for row in rows[1:]] == ["兰州黄河机床厂", "=1+1"]
    assert "没有「特级」这个层级" in str(rows[1][-1])
    assert formulas(content(office, admin)) == []
    await admin.presses("导入 1")
    mended = "\n".join(",".join(map(str, row)) for row in rows[:2]).replace("特级", "一般") + "\n"
    await sends(admin, mended, "错行.csv")
    admin.reads("1 行：新增 1", "没有用到的列：原因")
    await admin.presses("导入 1")
    admin.reads("已导入")


async def test_the_same_list_twice_doubles_nothing(office: Office) -> None:
    (admin,) = office.people("admin")
    await sends(admin, HEAD + NEW + KNOWN)
    await admin.presses("导入 1")
    before = count(office)
    await sends(admin, HEAD + NEW + KNOWN)
    admin.reads("新增 0　变更 0　不变 2", "没有需要写入的内容")
    assert "导入" not in " ".join(admin.buttons())
    assert count(office) == before


async def test_a_wrong_column_is_put_right_with_two_taps(office: Office) -> None:
    (admin,) = office.people("admin")
    head = HEAD.replace("客户名称", "对方").replace("层级", "甲乙丙")
    await sends(admin, head + "甘肃金川镍业,贵宾,甘肃,金昌,西北销售一部,S01,马工,13512340001,一般\n")
    admin.reads("还缺必填的列：客户名称、层级")
    await admin.presses("改列")
    await admin.presses("客户名称 ← （没有）")
    await admin.presses("对方")
    await admin.presses("改列")
    await admin.presses("层级 ← （没有）")
    await admin.presses("统一社会信用代码")
    admin.reads("新增 1", "没有用到的列：甲乙丙")
    await admin.presses("导入 1")
    with office.read() as records:
        assert named(records, "甘肃金川镍业").tier == "ordinary"


async def test_columns_are_guessed_by_likeness_and_by_what_stands_under_them(office: Office) -> None:
    (admin,) = office.people("admin")
    head = "单位全称,客户名称（全称）,等级,所在省,业务单位名称,业务员工号,编码\n"
    row = "x,甘肃金川镍业有限公司,一般,甘肃,西北销售一部,S01,91620300224692432K\n"
    await sends(admin, head + row)
    admin.reads(
        "客户名称 ← 客户名称（全称）",
        "层级 ← 等级",
        "省份 ← 所在省",
        "责任业务员 ← 业务员工号",
        "统一社会信用代码 ← 编码",
        "新增 1",
    )


async def test_who_is_nearly_on_file_is_asked_about_and_never_doubled_by_itself(office: Office) -> None:
    (admin,) = office.people("admin")
    before = count(office)
    other = NEW.replace("金川镍业有限公司", "金川镍业厂")
    await sends(admin, HEAD + ALIKE + NEW + other)
    admin.reads("有 2 行与已有客户或前面的行名称相近，2 行还没有决定")
    await admin.presses("名称相近 2")
    admin.reads(
        "第 2 行“咸阳远大密封件有限公司”很像 西北销售一部 已有的一个客户", "第 4 行“甘肃金川镍业厂”与第 3 行名称相近"
    )
    admin.reads_nothing_of("咸阳远大密封件厂")
    await admin.presses("2 并入")
    await admin.presses("返回")
    await admin.presses("导入 2")
    admin.reads("新增 1　变更 1", "1 行没有导入")
    assert count(office) == before + 1
    with office.read() as records:
        same = named(records, "咸阳远大密封件厂")
        assert [each.name for each in customers.people(records, same.id or 0)] == ["孙厂长", "钱工"]
        assert records.get(FormerName, (same.id, "咸阳远大密封件有限公司"))
    await sends(admin, HEAD + ALIKE)
    admin.reads("新增 0　变更 0　不变 1")


async def test_a_long_list_goes_in_by_parts_in_one_message_and_an_escalation_does_not_wait(office: Office) -> None:
    admin, ann = office.people("admin", "ann")
    await sends(
        admin,
        HEAD
        + "".join(NEW.replace("金川", f"金川{number}号").replace("0001,", f"{number:04},") for number in range(120)),
    )
    await admin.presses("名称相近")
    await admin.presses("其余全部新建")
    messages = len(admin.bubbles())
    admin._look()
    start = next(each.data for row in admin.last().buttons for each in row if each.text.startswith("✅ 导入 120"))
    office.telegram.presses(admin.user, admin.last().id, str(start))
    importer, now = office.service.lists, office.clock.now()
    await office.service.receiver.poll(now, 0)
    await office.service.worker.step(now)
    for _ in range(3):
        await importer.step(now)
    assert count(office) == 6 + 3 * import_batches.A_PART
    office.telegram.says(ann.user, "/complain 华航橡胶 胶管开裂")
    await office.service.receiver.poll(now, 0)
    await office.service.worker.step(now)
    await office.service.sender.step(now)
    assert "投诉受理单" in ann.last().text
    assert "正在导入" in admin.last().text
    await office.service.settle()
    admin.reads("✅ 已导入", "新增 120")
    assert len(admin.bubbles()) == messages
    assert count(office) == 126


async def test_after_a_restart_it_goes_on_where_it_was(office: Office) -> None:
    (admin,) = office.people("admin")
    lines = [NEW.replace("金川", f"{chr(0x5000 + number * 7)}{chr(0x6000 + number * 11)}业") for number in range(50)]
    await sends(admin, HEAD + "".join(lines))
    if "名称相近" in " ".join(admin.buttons()):
        await admin.presses("名称相近")
        await admin.presses("其余全部新建")
    start = next(each.data for row in admin.last().buttons for each in row if each.text.startswith("✅ 导入"))
    office.telegram.presses(admin.user, admin.last().id, str(start))
    now = office.clock.now()
    await office.service.receiver.poll(now, 0)
    await office.service.worker.step(now)
    await office.service.lists.step(now)
    with office.read() as records:
        assert records.exec(select(ListImport)).one().done == 1
    restarts(office)
    await office.service.settle()
    admin.reads("✅ 已导入", "新增 50")
    assert count(office) == 56


async def test_a_list_that_was_stopped_says_where_it_stands(office: Office) -> None:
    (admin,) = office.people("admin")
    lines = [NEW.replace("金川", f"{chr(0x5000 + number * 7)}{chr(0x6000 + number * 11)}业") for number in range(50)]
    await sends(admin, HEAD + "".join(lines))
    start = next(each.data for row in admin.last().buttons for each in row if each.text.startswith("✅ 导入"))
    office.telegram.presses(admin.user, admin.last().id, str(start))
    now = office.clock.now()
    await office.service.receiver.poll(now, 0)
    await office.service.worker.step(now)
    await office.service.lists.step(now)
    await office.service.sender.step(now)
    stop = next(each.data for row in admin.last().buttons for each in row if each.text == "停止")
    office.telegram.presses(admin.user, admin.last().id, str(stop))
    await office.service.receiver.poll(now, 0)
    await office.service.worker.step(now)
    await office.service.settle()
    admin.reads("停在第 1 批，共 3 批", "把同一个文件再发一次")
    await sends(admin, HEAD + "".join(lines))
    admin.reads("新增 30", "不变 20")


async def test_wrong_rows_are_not_kept_for_ever(office: Office) -> None:
    (admin,) = office.people("admin")
    await sends(admin, HEAD + NEW + WRONG)
    await admin.presses("导入 1")
    await office.passes("3d")
    await admin.says("/me")
    with office.read() as records:
        row = records.exec(select(ListImport)).one()
        assert (row.rejects, row.found) == ([], {"rows": 2})


@pytest.mark.parametrize("name", ["ann", "head", "sales", "auditor", "gm"])
async def test_others_import_nothing(office: Office, name: str) -> None:
    person = office.person(name)
    await sends(person, HEAD + NEW)
    person.reads_nothing_of("客户清单", "新增 1")
    assert count(office, ListImport) == 0


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("a.xlsm", b"PK\x03\x04", "不是 .xlsx 或 .csv"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0", "有密码"),
        ("a.csv", b"\x89PNG\r\n\x1a\n", "不是 .xlsx 或 .csv"),
        ("a.csv", b" \n", "是空的"),
        ("a.csv", b"x" * 20_000_001, "太大（超过 20 MB）"),
    ],
)
async def test_what_can_not_be_taken_is_refused_in_one_sentence(
    office: Office, name: str, data: bytes, said: str
) -> None:
    (admin,) = office.people("admin")
    await sends(admin, data, name)
    admin.reads(f"❌ {name} 没有导入", said)
    assert admin.buttons() == []


async def test_a_list_of_staff_comes_in_superiors_first(office: Office) -> None:
    (admin,) = office.people("admin")
    head = "工号,姓名,单位,角色,上级\n"
    rows = [f"N{number:03},新人{number},西北销售一部,业务员,N{number + 1:03}\n" for number in range(39)]
    await sends(
        admin,
        head + "".join(rows) + "N039,新主管,西北销售一部,单位负责人,V01\nS01,安然,西北销售一部,业务员,N039\n",
        "员工.csv",
    )
    admin.reads("员工清单", "新增 40　变更 1　不变 0　有错 0")
    await admin.presses("导入 41")
    admin.reads("✅ 已导入", "新增 40　变更 1")
    with office.read() as records:
        staff = {each.number: each for each in records.exec(select(Staff))}
        assert staff["N000"].superior_id == staff["N001"].id
        assert staff["S01"].superior_id == staff["N039"].id


async def test_a_file_that_changed_meanwhile_or_is_gone_is_not_imported(office: Office) -> None:
    (admin,) = office.people("admin")
    await sends(admin, HEAD + NEW)
    with office.store.write() as session:
        session.exec(select(ListImport)).one().digest = "of another file"
    restarts(office)
    await admin.presses("导入 1")
    admin.reads("文件和核对时的不一样了")
    await sends(admin, HEAD + NEW)
    with office.store.write() as session:
        row = session.exec(select(ListImport).order_by(col(ListImport.id).desc())).first()
        assert row is not None
        row.file = {**row.file, "ref": "gone"}
    restarts(office)
    await admin.presses("导入 1")
    admin.reads("Telegram 上已经没有这个文件")
    assert count(office) == 6
    with office.read() as records:
        assert {each.state for each in records.exec(select(ListImport))} == {State.REFUSED}
        assert not records.exec(select(Outbox).where(Outbox.state == "failed")).all()


async def test_a_list_is_no_answer_to_an_open_form(office: Office) -> None:
    (admin,) = office.people("admin")
    await admin.says("/invite")
    await sends(admin, HEAD + NEW)
    admin.reads("1 行：新增 1")
    await admin.says("取消")
    with office.store.write() as session:
        admin_ = session.exec(select(Staff).where(Staff.number == "X01")).one()
        unit = session.exec(select(Unit).where(Unit.name == "销售部")).one()
        session.add(Assignment(staff_id=key(admin_), role="sales_dept", unit_id=key(unit), starts=SINCE_EVER))
    await admin.says("/log 华航橡胶 电话 刚才")
    await sends(admin, HEAD + NEW)
    admin.reads("客户.csv", "是要导入的清单，还是“沟通记录”的附件？")
    await admin.presses("按清单导入")
    admin.reads("1 行：新增 1")
