"""整改通知: what audit and supervision found goes to a unit with a date, and is answered by it or goes up."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models.audit import Audit
from models.people import split_post
from models.tasks import Task
from tests.office import Office
from tests.stories.test_concerns import ANSWER, NUMBER, TEXT, clear, reports

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LINE = "/finding 西北销售一部 周五前 补齐三季度回访记录"


async def given(office: Office, line: str = LINE) -> None:
    (auditor,) = office.people("auditor")
    await auditor.says(line)
    await auditor.presses("保存")
    auditor.reads("已下达", "整改通知 SJ-2026-0001")


async def test_it_reaches_the_head_of_the_unit_is_owed_and_is_answered(office: Office) -> None:
    head, auditor = office.people("head", "auditor")
    await given(office)
    head.reads("整改通知 SJ-2026-0001", "沈明", "补齐三季度回访记录", "限期")
    await head.says("/due")
    head.reads("整改通知（沈明）：补齐三季度回访记录")
    await head.says("/tasks")
    await head.presses("确认收到")
    await head.presses("整改回复")
    await head.says("已补齐十二条")
    await head.presses("保存")
    auditor.reads("SJ-2026-0001", "何建国", "已补齐十二条")
    await auditor.says("/finding")
    auditor.reads("SJ-2026-0001", "已补齐十二条")
    await head.says("/due")
    head.reads_nothing_of("整改通知")


async def test_a_department_answers_for_itself(office: Office) -> None:
    (quality,) = office.people("quality")
    await given(office, "/finding 质监部 周五前 检验记录补签")
    quality.reads("整改通知 SJ-2026-0001", "检验记录补签")
    with office.read() as session:
        assert split_post(session.exec(select(Task)).one().post)[0] == "quality"


async def test_what_is_late_comes_back_to_the_auditor_who_gave_it(office: Office) -> None:
    head, auditor = office.people("head", "auditor")
    await given(office)
    for person in (head, auditor):
        await person.says("/menu")
    await office.until("2026-12-03 10:00")
    head.reads("整改通知（沈明）", "补齐三季度回访记录")
    auditor.reads("何建国：逾期 1 项")
    await auditor.says("/finding")
    auditor.reads("SJ-2026-0001", "逾期")


@pytest.mark.parametrize("who", ["ann", "head", "vp", "gm", "sales", "quality", "admin"])
async def test_nobody_else_gives_any(office: Office, who: str) -> None:
    person = office.person(who)
    for line in (LINE, "审计意见"):
        await person.says(line)
        person.reads("没有找到，或不在您的权限内。")
    with office.read() as session:
        assert session.exec(select(Task)).all() == []


async def test_it_names_the_number_of_a_report_and_no_word_of_it(office: Office) -> None:
    ann, auditor, head = office.people("ann", "auditor", "head")
    await reports(ann, TEXT)
    await auditor.presses("打开（留痕）")
    await auditor.presses("下达整改通知")
    await auditor.presses("西北销售一部")
    await auditor.says("规范返利审批")
    await auditor.says("周五")
    auditor.reads(f"依据：{NUMBER}")
    await auditor.presses("保存")
    head.reads("规范返利审批", f"依据：{NUMBER}")
    head.reads_nothing_of(TEXT, "安然")
    assert clear(office.store, [TEXT, ANSWER]) == []


async def test_it_stands_beside_the_records_and_is_on_record_itself(office: Office) -> None:
    await given(office)
    with office.read() as session:
        written = [each.action for each in session.exec(select(Audit).where(Audit.subject == "task:1"))]
    assert written == ["finding.give"]
