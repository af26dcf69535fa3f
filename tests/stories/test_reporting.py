"""报送情况: who has entered how much this month and who is behind; 催办, one message a day."""

from __future__ import annotations

from sqlmodel import select

from models.audit import Audit
from tests.office import Office, Person


async def logs(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


async def thursday(office: Office) -> None:
    """Ann wrote on Monday, Tuesday and Wednesday, Amy on Monday, Bob never; the duty began on Monday."""
    ann, amy = office.people("ann", "amy")
    await logs(ann, "华航橡胶 走访 刚才 张工 谈了配方")
    await logs(amy, "远大机械 电话 刚才 问了交期")
    for day in ("24", "25"):
        await office.until(f"2026-11-{day} 10:00")
        await logs(ann, "华航橡胶 电话 刚才 张工 谈了配方")
    await office.until("2026-11-26 10:00")


async def test_the_sales_department_sees_every_unit_and_within_it_every_person(office: Office) -> None:
    await thursday(office)
    (sales,) = office.people("sales")
    await sales.says("报送情况")
    sales.reads(
        "2026年11月　各单位",
        "西北销售一部：沟通 4 回访 0，无佐证 1 条　🔺 1 人落后",
        "华东销售部：沟通 0 回访 0　🔺 1 人落后",
        "第十四条（三）1",
    )
    await sales.presses("西北销售一部")
    sales.reads("🔺 艾梅：沟通 1 回访 0，缺 2 天", "▫️ 安然：沟通 3 回访 0，无佐证 1 条", "▫️ 何建国：沟通 0 回访 0")
    await sales.presses("全部单位")
    await sales.presses("华东销售部")
    sales.reads("🔺 鲍博：沟通 0 回访 0，缺 3 天")


async def test_a_unit_head_sees_the_own_unit_only(office: Office) -> None:
    await thursday(office)
    head, vp, ann = office.people("head", "vp", "ann")
    await head.says("报送情况")
    head.reads("西北销售一部", "艾梅", "安然")
    head.reads_nothing_of("鲍博", "华东销售部")
    await vp.says("报送情况")
    vp.reads("西北销售一部", "华东销售部")
    await ann.says("报送情况")
    ann.reads("没有找到，或不在您的权限内")


async def test_urging_is_one_message_a_day_on_record(office: Office) -> None:
    await thursday(office)
    head, sales, amy, ann = office.people("head", "sales", "amy", "ann")
    await head.says("报送情况")
    assert [each for each in head.buttons() if "催办" in each] == ["催办 艾梅"]
    await head.presses("催办 艾梅")
    head.reads("已催 艾梅")
    amy.reads("何建国催办", "2 天没有记录（11/24、11/25）", "第十四条（三）1")
    assert "记沟通" in amy.buttons()
    await sales.says("报送情况")
    await sales.presses("西北销售一部")
    await sales.presses("催办 艾梅")
    sales.reads("今天已经催过 艾梅")
    assert amy.count("催办") == 1
    ann.reads_nothing_of("催办")
    await office.until("2026-11-27 10:00")
    await sales.presses("催办 艾梅")
    assert amy.count("催办") == 2
    with office.read() as records:
        rows = records.exec(select(Audit).where(Audit.action == "staff.urge")).all()
    assert len(rows) == 2


async def test_urging_at_night_waits_for_the_morning(office: Office) -> None:
    await thursday(office)
    head, amy = office.people("head", "amy")
    await office.until("2026-11-26 22:00")
    await head.says("报送情况")
    await head.presses("催办 艾梅")
    assert amy.count("催办") == 0
    await office.until("2026-11-27 07:31")
    assert amy.count("催办") == 1


async def test_last_month_shows_no_one_behind_before_the_duty_began(office: Office) -> None:
    await thursday(office)
    (sales,) = office.people("sales")
    await sales.says("报送情况")
    await sales.presses("上月")
    sales.reads("2026年10月", "西北销售一部：沟通 0 回访 0")
    sales.reads_nothing_of("落后")


async def test_the_auditor_looks_and_urges_nobody(office: Office) -> None:
    await thursday(office)
    (auditor,) = office.people("auditor")
    await auditor.says("报送情况")
    await auditor.presses("西北销售一部")
    auditor.reads("艾梅")
    assert not any("催办" in each for each in auditor.buttons())
