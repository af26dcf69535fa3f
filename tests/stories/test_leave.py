"""请假 (articles 13 and 14): who is away names a substitute; what is due goes there for that time, counts for the post, is marked
代, and comes back by itself."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from models.absences import Absence, StoodIn
from models.clocks import Clock, Event
from models.people import Staff
from models.records import Entry
from tests.company import PEOPLE
from tests.complaining import complain
from tests.office import Office, Person

NUMBERS = {name: number for name, (number, *_) in PEOPLE.items()}


async def leaves(who: Person, substitute: str | None, when: str = "明天到周五") -> None:
    await who.says(f"/away {when} " + (f"代理人 {NUMBERS[substitute]}" if substitute else "不设代理人"))
    await who.presses("保存")
    who.reads("请假已登记")


def due(office: Office, rule: str, subject: int) -> str:
    with office.read() as records:
        found = records.exec(select(Clock).where(Clock.rule == rule, Clock.subject_id == subject)).one()
        return f"{office.house.calendar.local(found.due_at):%m-%d}"


async def test_a_salesperson_is_away_and_a_colleague_does_their_work(office: Office) -> None:
    ann, amy, head = office.people("ann", "amy", "head")
    await ann.says("/away 明天到周五 代理人 S02")
    ann.reads("请假", "艾梅", "共 4 天，其中工作日 4 天", "保存后告知：何建国")
    await ann.presses("保存")
    ann.reads("请假已登记", "代理人：艾梅", "已告知：何建国")
    head.reads("安然 请假", "代理人：艾梅")
    amy.reads("安然 请假", "请您代理", "业务员")
    await amy.says("/log 华航橡胶 电话 刚才 谈了配方")
    amy.reads("不在您名下")
    await amy.says("/cancel")
    await office.until("2026-11-24 07:31")
    amy.reads("您现在代理 安然", "客户 3 家")
    await amy.says("/log 华航橡胶 电话 刚才 谈了配方")
    await amy.presses("保存")
    amy.reads("LX-2026-000001")
    await head.says("/find 华航橡胶")
    head.reads("业务员 安然（休假中 · 代理人 艾梅）", "艾梅（代安然）：谈了配方")
    await amy.says("/away")
    await amy.says("/cancel")
    await office.until("2026-11-24 10:00")
    assert ann.count("☀️") == 0
    await ann.says("/log 飞翼制造 微信 刚才 报价已发")
    await ann.presses("保存")
    ann.reads("LX-2026-000002")
    await office.until("2026-11-27 23:59")
    await amy.says("/find 华航橡胶")
    amy.reads("谈了配方")
    await office.passes("1min")
    await amy.says("/find 华航橡胶")
    amy.reads_nothing_of("谈了配方")
    await office.until("2026-11-28 07:31")
    ann.reads("欢迎回来", "代您沟通、回访 1 次", "艾梅 华航橡胶：谈了配方")
    amy.reads("安然 回来了")
    with office.read() as records:
        [marked] = records.exec(select(StoodIn)).all()
        names = [records.get_one(Staff, each).name for each in (marked.by_id, marked.for_id)]
        assert (records.get_one(Entry, marked.entry_id).number, names) == ("LX-2026-000001", ["艾梅", "安然"])


async def test_a_complaint_near_its_limit_reaches_the_substitute_of_the_head_who_does_the_step(office: Office) -> None:
    ann, amy, head, vp = office.people("ann", "amy", "head", "vp")
    await leaves(head, "amy", "今天到周五")
    amy.reads("您现在代理 何建国", "业务单位负责人：西北销售一部")
    await complain(ann)
    await office.passes("19h 20min")
    amy.reads("TS-2026-0001", "第十六条")
    told = [bubble.text for bubble in head.bubbles()]
    assert not [each for each in told if "TS-2026-0001" in each]
    vp.reads_nothing_of("超时")
    await amy.says("/case 1")
    await amy.does("到场处理", "刚才")
    amy.reads("到场处理")
    await ann.says("/case 1")
    ann.reads("艾梅（代何建国）")
    await head.says("/case 1")
    head.reads("TS-2026-0001", "处理中")
    await head.does("写进展", "我已与客户通话", ".部门和客户")
    with office.read() as records:
        by, for_ = (records.exec(select(Staff).where(Staff.name == each)).one().id for each in ("艾梅", "何建国"))
        assert [(each.by_id, each.for_id) for each in records.exec(select(StoodIn))] == [(by, for_)]
        assert for_ not in set(
            records.exec(select(Event.staff_id).where(Event.at > office.clock.now() - timedelta(hours=20)))
        )


async def test_what_the_substitute_does_counts_for_the_duties_of_both(office: Office) -> None:
    amy, head, ann = office.people("amy", "head", "ann")
    weekly, daily = due(office, "R14.2", 1), due(office, "R14.1", staff(office, "安然"))
    await leaves(head, "amy", "今天到周五")
    await leaves(ann, "amy", "今天到周五")
    await amy.says("/due")
    amy.reads("本人（代 安然）", "华航橡胶（代 何建国）", "4. 本人　今天")
    await amy.says("/log 华航橡胶 电话 刚才 张工 谈了配方")
    await amy.presses("保存")
    amy.reads("LX-2026-000001", "第十四条（三）2")
    assert (weekly, daily) < (due(office, "R14.2", 1), due(office, "R14.1", staff(office, "安然")))
    await amy.says("/undo")
    await amy.presses("撤回这条")
    assert (weekly, daily) == (due(office, "R14.2", 1), due(office, "R14.1", staff(office, "安然")))


def staff(office: Office, name: str) -> int:
    with office.read() as records:
        return records.exec(select(Staff.id).where(Staff.name == name)).one() or 0


async def test_a_decision_is_made_in_the_place_of_the_department_and_told_on_return(office: Office) -> None:
    ann, sales, logistics, finance = office.people("ann", "sales", "logistics", "finance")
    await leaves(sales, "logistics", "今天到周五")
    await office.passes("1min")
    await complain(ann)
    logistics.reads("TS-2026-0001")
    for each in ("客户停产检修", "再停一次"):
        await ann.says("/case 1")
        await ann.presses("更多操作")
        await ann.does("中止计时", ".客户要求改期", "后天", each)
        logistics.reads("请审批", each)
        if each == "客户停产检修":
            await logistics.presses("同意")
            ann.reads("陆运（代肖红）")
            await ann.says("/case 1")
            await ann.does("恢复计时", "无")
    await sales.says("/case 1")
    await sales.presses("审批")
    await sales.presses("同意")
    sales.reads("肖红")
    await sales.says("/away")
    sales.reads("我的请假", "代理人：陆运")
    await office.passes("1min")
    await sales.presses("提前结束")
    sales.reads("欢迎回来", "代您审批 1 件", "陆运（代肖红） 同意")
    logistics.reads("肖红 回来了")
    await logistics.says("/case 1")
    logistics.reads("没有投诉单")
    await finance.says("/away")
    finance.reads("从哪天到哪天")


async def test_a_leave_is_changed_called_off_and_never_goes_in_circles(office: Office) -> None:
    ann, amy, head, bob = office.people("ann", "amy", "head", "bob")
    await amy.says("/away 1 Dec to 5 Dec substitute S01")
    await amy.presses("保存")
    ann.reads("艾梅 请假", "12月1日", "12月5日")
    await ann.says("/away 12月3日到12月4日 代理人 S02")
    ann.reads("绕回您自己：安然→艾梅→安然", "谁来代理")
    await ann.says("安然")
    ann.reads("代理人不能是本人")
    await ann.says("没有这个人")
    ann.reads("没有找到同事")
    await ann.presses("何建国")
    await ann.presses("保存")
    await ann.says("请假 12月4日 代理人 鲍博")
    await ann.presses("保存")
    ann.reads("时间有重叠")
    await ann.presses("改时间、代理人")
    await ann.presses("修改")
    await ann.presses("代理人")
    await ann.says("鲍博")
    await ann.presses("保存")
    head.reads("安然 请假", "代理人：鲍博", "您不用代了")
    bob.reads("请您代理")
    await office.until("2026-12-03 09:00")
    bob.reads("您现在代理 安然", "您现在代理 安然")
    await amy.says("/away")
    amy.reads("休假中", "代理人：安然")
    with office.read() as records:
        away = records.exec(select(Absence).where(Absence.staff_id == staff(office, "安然"))).all()
        assert [each.ends > each.starts for each in away] == [False, True]
    await bob.says("/find 远大机械")
    bob.reads("艾梅（休假中 · 代理人 鲍博）")
    await ann.says("/away")
    await ann.presses("改时间、代理人")
    await ann.presses("修改")
    await ann.presses("时间")
    await ann.says("今天到12月8日")
    await ann.presses("保存")
    ann.reads("请假已登记", "12月8日")
    bob.reads("由您代理", "12月8日")
    await office.until("2026-12-08 23:59")
    assert bob.count("安然 回来了") == 0
    await office.until("2026-12-09 07:31")
    assert bob.count("安然 回来了") == 1
    await ann.says("/away 明天 不设代理人")
    ann.reads("没有代理人", "转给您的上级")
    await ann.presses("保存")
    await ann.presses("取消请假")
    ann.reads("请假已取消")
    await ann.presses_again(ann.last().id, "x")
