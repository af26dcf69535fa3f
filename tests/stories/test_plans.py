"""/plan 回访计划 (R17.7): the year's visits drawn from the duties, spread over the months, adjusted and handed in; met by what is
logged as usual. Callbacks beside it go before the leader in charge."""

from __future__ import annotations

from sqlmodel import select

from models.clocks import Clock
from models.plans import HandedPlan
from tests.office import Office, Person


async def opens(who: Person) -> None:
    await who.says("/plan")
    if "西北销售一部" in who.buttons():
        await who.presses("西北销售一部")


def months(who: Person) -> list[str]:
    return [each for each in who.buttons() if "月 " in each]


async def to_the_month_of(who: Person, text: str) -> int:
    """Through the months until the words stand there."""
    for number in range(1, 13):
        await who.presses(f"{number}月 ")
        if text in who.last().text:
            return number
        await who.presses("返回")
    raise AssertionError(f"{text} stands in no month")


async def test_the_plan_of_a_year_is_drawn_from_the_duties_moved_chosen_and_handed_in(office: Office) -> None:
    head, sales, ann = office.people("head", "sales", "ann")
    await head.says("回访计划")
    # the strategic one by the head and by the VP, the key one, 5 ordinary of own choice, 2 within two years by the salespersons
    # this year nothing is owed any more: the next one is shown
    head.reads("西北销售一部", "2027年", "计划走访 10 次，已完成 0 次", "还有 5 次未选定客户", "1月14日")
    assert sum(int(each.partition("/")[2]) for each in months(head)) == 10
    await to_the_month_of(head, "华航橡胶")
    head.reads("华航橡胶", "何建国")
    place = next(each for each in head.last().text.splitlines() if "华航橡胶" in each).partition(".")[0]
    await head.presses(f"移 {place}")
    await head.presses("6月")
    head.reads("2027年6月", "华航橡胶")
    await head.presses("返回")
    await to_the_month_of(head, "未选定客户")
    await head.presses("选 ")
    head.reads("走访哪家")
    await head.presses("远大机械")
    head.reads("远大机械", "一般客户走访")
    await head.presses("返回")
    head.reads("还有 4 次未选定客户")
    await head.presses("报送销售部")
    head.reads("何建国 报送了西北销售一部2027年回访计划，共 10 次", "11月23日", "已报送（10 次）")
    sales.reads("报送了西北销售一部2027年回访计划")
    await head.presses("报送销售部")
    head.reads("之后没有变动")
    await to_the_month_of(head, "飞翼制造")
    await ann.says("/plan")
    ann.reads("没有找到，或不在您的权限内")
    await sales.says("/plan")
    sales.reads("2027年", "华东销售部", "西北销售一部：计划 10 次，已完成 0 次", "11月23日 周一 已报送", "未报送")
    with office.read() as records:
        row = records.exec(select(HandedPlan)).one()
        cycle = records.exec(select(Clock.cycle).where(Clock.rule == "R17.7", Clock.subject_id == row.unit_id)).one()
    assert (row.planned, len(row.lines["lines"]), cycle) == (10, 10, "2028")


async def test_the_sales_department_sets_the_number_and_a_logged_visit_meets_its_line(office: Office) -> None:
    head, sales, vp = office.people("head", "sales", "vp")
    await opens(sales)
    await sales.presses("核定次数")
    sales.reads("现在核定 5 次")
    await sales.says("2")
    await sales.presses("保存")
    head.reads("肖红 核定西北销售一部自 2027年起每年走访一般客户 2 次")
    await opens(head)
    head.reads("计划走访 7 次", "还有 2 次未选定客户")
    assert "📐 核定次数" not in head.buttons()
    await office.sleeps("100d")  # Wednesday 3 March 2027
    for whom in ("远大机械", "远大密封", "飞翼制造"):
        await head.says(f"/log {whom} 走访 刚才 谈了计划")
        await head.presses("保存")
    await head.says("/plan")
    # the head's two of own choice, the strategic one; what the head visited is no longer owed by the salespersons
    head.reads("计划走访 5 次，已完成 3 次", "按此进度，到 12月31日 周五 完成 5 次")
    await to_the_month_of(head, "（未列入计划）")
    head.reads("远大机械", "3月3日 周三 完成")
    await vp.says("回访计划")
    vp.reads("西北销售一部：计划 5 次，已完成 3 次")


async def test_a_callback_beside_the_plan_is_approved_and_met_by_the_talk_that_is_logged(office: Office) -> None:
    head, vp, ann = office.people("head", "vp", "ann")
    await head.says("/plan")
    await head.presses("临时回访")
    head.reads("临时回访计划", "0 项")
    await head.does("➕ 临时回访", "华航橡胶", "鲍博", ".走访", "下周五", "新产品试用出现问题")
    head.reads("鲍博", "请换一位")
    for each in ("修改", "人员"):
        await head.presses(each)
    await head.says("安然")
    await head.presses("保存")
    head.reads("JH-2026-0001", "魏立")
    vp.reads("临时回访计划", "华航橡胶：走访，由 安然 在 12月4日", "新产品试用出现问题")
    await vp.presses("同意")
    head.reads("魏立")
    ann.reads("JH-2026-0001", "请在 12月4日", "新产品试用出现问题")
    await head.says("/plan")
    await head.presses("2026年")
    head.reads("计划走访 0 次", "临时回访 1 项，已完成 0 项")
    await head.presses("临时回访")
    head.reads("已批准，待完成")
    assert "登记 JH-2026-0001" in head.buttons()
    await office.sleeps("3d")
    await ann.says("/log 华航橡胶 电话 刚才 约时间")
    await ann.presses("保存")
    await head.says("/plan")
    await head.presses("2026年")
    head.reads("临时回访 1 项，已完成 0 项")
    await ann.says("/log 华航橡胶 走访 刚才 看了试用情况")
    await ann.presses("保存")
    await head.says("/plan")
    await head.presses("2026年")
    head.reads("临时回访 1 项，已完成 1 项")
    await head.presses("临时回访")
    head.reads("✅ 11月26日 周四 完成")
