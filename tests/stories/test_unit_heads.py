"""What a unit head lives with: whom to phone, who is behind, 催办, 批示 as dated tasks that are answered."""

from __future__ import annotations

from sqlmodel import select

from models.audit import Audit
from models.clocks import Clock
from models.customers import Customer, Person
from models.duties import sync
from models.people import Staff
from models.tasks import Task
from tests.office import Office
from tests.office import Person as Phone


async def log(who: Phone, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


def more_customers(office: Office, count: int) -> None:
    """So many more key customers of the unit, each with somebody to phone."""
    with office.store.write() as session:
        for number in range(count):
            customer = Customer(
                name=f"渭南第{number}橡胶厂",
                tier="key",
                province="陕西省",
                unit_id=2,
                owner_id=1,
                live_from=office.clock.now().date(),
                created_at=office.clock.now(),
            )
            session.add(customer)
            session.flush()
            session.add(Person(customer_id=customer.id or 0, name="周工", phone=f"1350000{number:04}"))
        sync(session, office.house, office.clock.now())


async def test_the_call_sheet_says_whom_to_phone_with_number_and_last_talk(office: Office) -> None:
    head, ann = office.people("head", "ann")
    await log(ann, "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方")
    await head.says("通话表")
    head.reads("还有 2 家", "华航橡胶", "张工 13800138001", "11月22日 周日 电话 安然：谈了三季度配方")
    head.reads("飞翼制造", "刘主任 13900139002", "还没有记录", "每周电话", "11月27日 周五前")


async def test_the_menu_leads_to_the_call_sheet_and_to_the_own_unit(office: Office) -> None:
    head, ann = office.people("head", "ann")
    await head.says("/menu")
    await head.presses("本周通话表")
    head.reads("还有 2 家")
    await head.presses("本单位")
    head.reads("西北销售一部")
    await ann.says("/menu")
    assert not {"本周通话表", "本单位"} & set(ann.buttons())


async def test_one_tap_on_the_sheet_logs_the_call_and_it_is_ticked(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/due")
    await head.presses("本周通话表")
    first = head.last().text.split("1. ")[1][:4]
    await head.presses("1 记通话")
    head.reads("沟通记录", "什么时候")
    await head.presses("刚才")
    await head.says("问了交期")
    head.reads("方式：电话", first, "未保存")
    await head.presses("保存")
    await head.presses("刷新")
    head.reads("已通 1 家", first)
    assert f"1. {first}" not in head.news()


async def test_more_than_five_calls_are_one_line_of_the_digest(office: Office) -> None:
    (head,) = office.people("head")
    more_customers(office, 8)
    await office.until("2026-11-27 08:31")
    head.reads("☀️", "本周还要通话 10 家")
    head.reads_nothing_of("每周电话", "渭南第3橡胶厂")
    await head.presses("本周通话表")
    head.reads("渭南第3橡胶厂", "周工 13500000003")


async def test_up_to_five_calls_are_reminded_of_one_by_one(office: Office) -> None:
    (head,) = office.people("head")
    await office.until("2026-11-27 08:31")
    head.reads("每周电话", "华航橡胶")
    head.reads_nothing_of("本周还要通话")


async def test_the_unit_page_names_who_is_behind_and_urging_is_once_a_day(office: Office) -> None:
    head, ann, amy = office.people("head", "ann", "amy")
    await log(ann, "华航橡胶 电话 今天 谈了配方 后天再联系")
    await office.until("2026-11-27 10:00")
    await head.says("本单位")
    await head.says("本单位")
    head.reads("西北销售一部", "安然", "最急：", "超时")
    number = head.last().text.split("安然")[0].rsplit("\n", 1)[-1].strip(" .")
    await head.presses(f"{number} 催办")
    head.reads("已催 安然", "今天已催")
    ann.reads("何建国 催办", "华航橡胶")
    amy.reads_nothing_of("催办")
    assert f"{number} 催办" not in head.buttons()
    before = ann.count("何建国 催办")
    await head.presses(f"{number} 催办")
    head.reads("今天已经催过 安然")
    assert ann.count("何建国 催办") == before, "the page above still had the button"
    await head.says("本单位")
    assert f"{number} 催办" not in head.buttons()
    await office.passes("24h")
    await head.says("本单位")
    await head.presses("催办")
    assert ann.count("何建国 催办") + amy.count("何建国 催办") == before + 1
    with office.read() as records:
        assert len(records.exec(select(Audit).where(Audit.action == "staff.urge")).all()) == 2


async def test_the_unit_page_is_for_those_who_lead_the_unit(office: Office) -> None:
    ann, east = office.people("ann", "east")
    await ann.says("本单位")
    ann.reads("不在您的权限内")
    await east.says("本单位")
    east.reads("华东销售部")
    east.reads_nothing_of("西北")


async def test_an_annotation_is_a_dated_task_that_its_author_answers(office: Office) -> None:
    head, ann = office.people("head", "ann")
    await log(ann, "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方")
    await head.says("/find 华航")
    await head.presses("批示")
    head.reads("批示哪一条", "谈了三季度配方")
    await head.presses("批示 1")
    head.reads("批示内容", "谈了三季度配方")
    await head.says("请把配方样品寄给张工")
    head.reads("什么时候前答复")
    await head.says("后天")
    head.reads("交给：安然", "11月25日 周三", "未保存")
    await head.presses("保存")
    head.reads("PS-2026-0001", "已通知：安然")
    ann.reads("批示 PS-2026-0001", "何建国", "请把配方样品寄给张工", "谈了三季度配方", "11月25日 周三前")
    await ann.says("/due")
    ann.reads("批示（何建国）：请把配方样品寄给张工")
    await ann.presses("1 答复")
    ann.reads("办得怎么样")
    await ann.says("样品已寄，单号 123")
    await ann.presses("保存")
    ann.reads("已答复 PS-2026-0001", "已告知 何建国")
    head.reads("已办结", "答复（安然", "样品已寄，单号 123")
    await ann.says("/due")
    ann.reads_nothing_of("批示")
    with office.read() as records:
        clock = records.exec(select(Clock).where(Clock.subject_kind == "task")).one()
        assert clock.stopped_by == "answered"


async def test_an_annotation_on_a_complaint_stands_in_its_story(office: Office) -> None:
    ann, vp, head = office.people("ann", "vp", "head")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await vp.says("投诉单 1")
    await vp.presses("批示")
    await vp.presses("批示 1")
    await vp.says("明天到现场")
    await vp.presses("11月24日")
    await vp.presses("修改")
    await vp.presses("交给")
    await vp.says("何建国")
    await vp.presses("保存")
    head.reads("魏立 → 何建国", "明天到现场", "胶管开裂")
    await vp.says("投诉单 1")
    vp.reads("PS-2026-0001 魏立 → 何建国：明天到现场")


async def test_a_head_cannot_order_another_unit_and_nobody_else_can_answer(office: Office) -> None:
    head, ann, bob = office.people("head", "ann", "bob")
    await log(ann, "华航橡胶 电话 昨天下午3点 谈了配方")
    await head.says("/find 华航")
    await head.presses("批示")
    await head.presses("批示 1")
    await head.says("请跟进")
    await head.says("后天")
    await head.presses("修改")
    await head.presses("交给")
    await head.says("鲍博")
    await head.presses("保存")
    head.reads("只能交给您管的人")
    bob.reads_nothing_of("批示")
    await head.presses("修改")
    await head.presses("交给")
    await head.says("安然")
    await head.presses("保存")
    ann.reads("PS-2026-0001")
    await head.says("/menu")
    await ann.presses("答复")
    with office.store.write() as session:
        session.exec(select(Task)).one().post = "staff@3"
    await ann.says("办好了")
    await ann.presses("保存")
    ann.reads("不在您的权限内")


async def test_a_late_annotation_climbs_to_the_one_who_gave_it(office: Office) -> None:
    ann, vp, head = office.people("ann", "vp", "head")
    await log(ann, "华航橡胶 电话 昨天下午3点 谈了配方")
    await vp.says("/find 华航")
    await vp.presses("批示")
    await vp.presses("批示 1")
    await vp.says("请报方案")
    await vp.presses("11月24日")
    await vp.presses("保存")
    await office.until("2026-11-27 08:31")
    vp.reads("下属逾期", "安然")
    head.reads_nothing_of("请报方案")
    await vp.says("督办")
    vp.reads("PS-2026-0001 🔺逾期", "安然")


async def test_several_tasks_are_received_and_answered_at_once(office: Office) -> None:
    head, ann = office.people("head", "ann")
    await log(ann, "华航橡胶 电话 昨天下午3点 谈了配方")
    await log(ann, "飞翼制造 电话 昨天下午4点 谈了价格")
    for customer, words in (("华航", "寄样品"), ("飞翼", "报新价")):
        await head.says(f"/find {customer}")
        await head.presses("批示")
        await head.presses("批示 1")
        await head.says(words)
        await head.says("后天")
        await head.presses("保存")
    await ann.says("批示")
    ann.reads("待答复的批示和督办 2 项", "寄样品", "报新价", "待确认收到")
    await ann.presses("全部确认收到")
    ann.reads("已收到", "已确认收到")
    await ann.presses("一并答复")
    await ann.presses("已办结")
    await ann.presses("保存")
    ann.reads("已答复 PS-2026-0001、PS-2026-0002")
    assert head.count("答复（安然") == 2
    await ann.says("批示")
    ann.reads("没有待答复")


async def test_somebody_who_cannot_see_the_file_reads_only_the_name(office: Office) -> None:
    head, ann, amy = office.people("head", "ann", "amy")
    await log(ann, "华航橡胶 电话 昨天下午3点 谈了机密配方")
    await head.says("/find 华航")
    await head.presses("批示")
    await head.presses("批示 1")
    await head.says("请送样品")
    await head.says("后天")
    await head.presses("修改")
    await head.presses("交给")
    await head.says("艾梅")
    await head.presses("保存")
    amy.reads("请送样品", "华航橡胶")
    amy.reads_nothing_of("机密配方")
    with office.read() as records:
        assert records.exec(select(Staff).where(Staff.name == "艾梅")).one().id == 2
