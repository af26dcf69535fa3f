"""首问负责 (article 26（三）): whoever is asked first owns it, until it is answered, a colleague accepts it, or the customer was
told whom to call."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlmodel import col, select

from models.clocks import Clock, Event
from models.inquiries import Inquiry
from models.people import Staff
from models.records import Complaint, Entry, Matter
from models.steps import Step
from tests.office import Office, Person
from tests.stories.test_sealing_people import FOUR_YEARS, NAME, closed_complaint

LINE = "/inquiry 华航橡胶 张工 问耐油胶管能不能耐120度"


async def inquire(who: Person, line: str = LINE) -> None:
    await who.says(line)
    await who.presses("保存")


async def hand_over(who: Person, to: str, text: str | None = None) -> None:
    await who.presses("转交")
    await who.says(to)
    if text:
        await who.presses("修改")
        await who.presses("内容")
        await who.says(text)
    await who.presses("保存")


async def promise(who: Person, plan: str, due: str, reason: str | None = None) -> None:
    await who.presses("约定日期")
    await who.says(plan)
    await who.says(due)
    if reason:
        await who.says(reason)
    await who.presses("保存")


def owner(office: Office) -> str:
    with office.read() as records:
        return records.get_one(Staff, records.exec(select(Inquiry)).one().owner_id).name


def state(office: Office) -> str:
    with office.read() as records:
        return records.exec(select(Matter.state).where(Matter.kind == "inquiry")).one()


def kinds(office: Office) -> list[str]:
    with office.read() as records:
        return [each.kind for each in records.exec(select(Entry).order_by(Entry.id))]  # type: ignore[arg-type]


def running(office: Office) -> list[tuple[str, str]]:
    """Rule and due time, in Shanghai, of what is still owed about the inquiry."""
    with office.read() as records:
        found = records.exec(select(Clock).where(Clock.subject_kind == "inquiry")).all()
        zone = office.house.calendar.tz
        return [(each.rule, f"{each.due_at.astimezone(zone):%m-%d %H:%M}") for each in found if not each.closed_at]


def told(office: Office, rule: str) -> set[str]:
    """Who was told of any step of that rule's clock."""
    with office.read() as records:
        heard = select(Staff.name).join(Event, col(Event.staff_id) == col(Staff.id))
        return set(records.exec(heard.join(Clock, col(Clock.id) == Event.clock_id).where(Clock.rule == rule)))


# Entered and answered


async def test_what_is_asked_is_entered_and_answered_at_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says(LINE)
    ann.reads("咨询登记", "咨询问题", "张工", "13800138001", "由您首问负责")
    await ann.presses("保存")
    ann.reads("咨询已登记", "ZX-2026-0001", "待答复", "首问负责人：安然")
    await ann.presses("答复")
    await ann.says("短时可到120度，长期100度")
    await ann.presses("保存")
    ann.reads("已答复", "短时可到120度")
    assert kinds(office) == ["inquiry", "reply"]
    assert running(office) == []


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("问密封圈的价格", "供货需求"),
        ("想对账", "对账"),
        ("问胶管耐多少度", "咨询问题"),
    ],
)
async def test_the_words_tell_what_kind_it_is(office: Office, line: str, kind: str) -> None:
    (ann,) = office.people("ann")
    await ann.says(f"/inquiry 华航橡胶 张工 {line}")
    ann.reads(f"类别：{kind}")


async def test_a_free_line_opens_it_and_can_be_made_a_contact_or_a_complaint(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华航橡胶 今天8点 电话 询价耐油胶管")
    ann.reads("咨询登记", "电话", "供货需求")
    await ann.presses("只是沟通，改记沟通")
    ann.reads("沟通记录", "询价耐油胶管")
    await ann.presses("改记咨询")
    ann.reads("咨询登记")
    await ann.presses("还是报投诉")
    ann.reads("投诉受理单", "属于哪一类")
    await ann.presses("其他")
    ann.reads("询价耐油胶管")


async def test_alone_it_lists_what_is_open_and_a_number_looks_it_up(office: Office) -> None:
    ann, amy, head = office.people("ann", "amy", "head")
    await inquire(ann)
    await ann.says("/inquiry")
    ann.reads("我负责的未结咨询 1 件")
    await ann.presses("ZX-2026-0001")
    ann.reads("经过", "登记咨询：")
    await head.says("ZX1")
    head.reads("ZX-2026-0001", "首问负责人：安然")
    await amy.says("咨询单 1")
    amy.reads("没有咨询单“1”，或不在您的权限内")
    await amy.says("咨询")
    amy.reads("没有未结的咨询")


async def test_a_customer_who_is_not_on_file_goes_the_usual_way(office: Office) -> None:
    ann, logistics = office.people("ann", "logistics")
    await ann.says("/inquiry 北斗仪表 问胶管价格")
    assert "＋ 新客户 北斗仪表" in ann.buttons()
    await ann.presses("＋ 新客户 北斗仪表")
    await ann.says("上海")
    await ann.presses("保存")
    await ann.says("王工")
    ann.reads("咨询登记", "北斗仪表", "王工")
    await ann.presses("保存")
    ann.reads("ZX-2026-0001")
    await logistics.says("/inquiry 泰坦锅炉 问胶管价格")
    assert "改一下" in logistics.buttons()


# Reminders


async def test_without_an_answer_or_a_promise_the_owner_is_reminded_then_the_superior(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await inquire(ann)
    assert running(office) == [("R26.4", "11-24 18:00")]
    await ann.says("待办")
    ann.reads("咨询答复", "第二十六条（三）", "ZX-2026-0001 华航橡胶")
    await office.until("2026-11-24 08:31")
    ann.reads("ZX-2026-0001 华航橡胶")
    assert told(office, "R26.4") == {"安然"}
    await office.until("2026-11-25 08:31")
    assert told(office, "R26.4") == {"安然", "何建国"}
    head.reads("下属逾期", "安然")


async def test_a_promise_is_a_clock_that_climbs_until_it_is_kept(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await inquire(ann)
    await promise(ann, "请技术中心试验后答复", "后天17点")
    ann.reads("已约定", "约定 11月25日 周三 17:00", "请技术中心试验后答复")
    assert running(office) == [("R26.2", "11-25 17:00")]
    await office.until("2026-11-25 08:31")
    ann.reads("约定事项", "ZX-2026-0001 华航橡胶")
    await office.until("2026-11-27 08:31")
    ann.reads("ZX-2026-0001 华航橡胶")
    assert told(office, "R26.2") == {"安然"}
    await office.until("2026-11-30 08:31")
    assert told(office, "R26.2") == {"安然", "何建国"}
    head.reads("下属逾期", "安然")
    await ann.says("ZX1")
    await ann.presses("答复")
    await ann.says("试验通过，可用")
    await ann.presses("保存")
    assert running(office) == []


async def test_another_date_moves_the_same_clock_and_says_why(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await promise(ann, "试验后答复", "后天17点")
    await office.passes("1h")
    await promise(ann, "等第二批试样", "下周三17点", "试样开裂，客户同意")
    ann.reads("约定 12月2日 周三 17:00")
    assert running(office) == [("R26.2", "12-02 17:00")]
    await ann.presses("详情")
    ann.reads("约定 11月25日 周三 17:00：试验后答复", "试样开裂，客户同意")
    await office.until("2026-11-26 08:31")
    ann.reads_nothing_of("约定事项")


async def test_a_date_said_with_the_question_is_promised_at_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann, "/inquiry 华航橡胶 张工 询价DN80胶管200米 周五前报价")
    ann.reads("已约定", "11月27日")
    assert [rule for rule, _ in running(office)] == ["R26.2"]


# Handed over


async def test_it_stays_the_owners_until_the_colleague_accepts(office: Office) -> None:
    ann, amy = office.people("ann", "amy")
    await inquire(ann)
    await hand_over(ann, "艾梅", "您熟悉耐温数据")
    ann.reads("已请 艾梅 接收", "11月23日 周一 11:00", "接收前仍由您负责")
    amy.reads("请接收", "您熟悉耐温数据", "问耐油胶管能不能耐120度", "接收前仍由原负责人负责")
    assert owner(office) == "安然"
    assert running(office) == [("R26.4", "11-24 18:00")]
    await amy.says("待办")
    amy.reads("ZX-2026-0001 待接收（安然 转交）")
    amy.reads_nothing_of("ZX-2026-0001 华航橡胶")
    await amy.presses("接收")
    assert owner(office) == "艾梅"
    ann.reads("艾梅 已接收 ZX-2026-0001")
    amy.reads("首问负责人：艾梅")
    await amy.says("待办")
    amy.reads("ZX-2026-0001 华航橡胶")
    await amy.presses("详情")
    amy.reads("安然 请 艾梅 接收", "艾梅 接收，原负责人 安然")
    await ann.says("待办")
    ann.reads_nothing_of("ZX-2026-0001 华航橡胶")


async def test_a_promise_goes_with_it_by_its_date(office: Office) -> None:
    ann, amy = office.people("ann", "amy")
    await inquire(ann)
    await promise(ann, "试验后答复", "后天17点")
    await hand_over(ann, "艾梅")
    await amy.presses("接收")
    await office.until("2026-11-25 08:31")
    amy.reads("ZX-2026-0001 华航橡胶")
    ann.reads_nothing_of("ZX-2026-0001 华航橡胶")


async def test_sent_back_it_is_still_the_owners(office: Office) -> None:
    ann, finance = office.people("ann", "finance")
    await inquire(ann, "/inquiry 华航橡胶 张工 想对账")
    await hand_over(ann, "方圆")
    finance.reads("请接收")
    await finance.presses("退回")
    await finance.says("这是销售的账")
    await finance.presses("保存")
    ann.reads("方圆 没有接收 ZX-2026-0001，仍由原负责人负责", "这是销售的账")
    assert (owner(office), state(office)) == ("安然", "open")
    await finance.says("ZX1")
    finance.reads("没有咨询单")
    await ann.says("ZX1")
    ann.reads("方圆 退回转交", "首问负责人：安然")


@pytest.mark.parametrize(
    ("handed_over", "goes_up"),
    [
        ("2026-11-23 09:00", "2026-11-23 11:00"),
        ("2026-11-23 17:00", "2026-11-24 10:00"),
        ("2026-11-27 17:30", "2026-11-30 10:30"),
    ],
    ids=["in the morning", "over the night", "over the weekend"],
)
async def test_not_accepted_in_two_working_hours_it_goes_back_and_up(
    office: Office, handed_over: str, goes_up: str
) -> None:
    ann, head, bob, east = office.people("ann", "head", "bob", "east")
    if handed_over != "2026-11-23 09:00":
        await office.until(handed_over)
    await inquire(ann)
    await hand_over(ann, "鲍博")
    minutes = datetime.fromisoformat(goes_up).replace(tzinfo=office.house.calendar.tz) - office.clock.now()
    await office.passes(f"{int(minutes.total_seconds() // 60) - 1}min")
    assert ann.count("还没有接收") == 0
    await office.passes("2min")
    for each in (ann, head, east):
        each.reads("ZX-2026-0001 转交 鲍博 还没有接收，仍由 安然 负责", "第二十六条（三）")
    assert owner(office) == "安然"
    await bob.presses("接收")
    assert owner(office) == "鲍博"


async def test_handed_to_another_the_first_can_no_longer_accept(office: Office) -> None:
    ann, amy, head = office.people("ann", "amy", "head")
    await inquire(ann)
    await hand_over(ann, "艾梅")
    bubble, data = amy._button("接收")
    await hand_over(ann, "何建国")
    amy.reads("已撤销")
    await amy.presses_again(bubble.id, data)
    assert owner(office) == "安然"
    await head.presses("接收")
    assert owner(office) == "何建国"


@pytest.mark.parametrize("nobody", ["沈明", "管理员"])
async def test_it_goes_to_nobody_who_can_not_own_it(office: Office, nobody: str) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await hand_over(ann, nobody)
    ann.reads("请换一位")
    with office.read() as records:
        assert records.exec(select(Step)).all() == []


async def test_it_is_not_handed_to_the_one_who_has_it(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await ann.presses("转交")
    assert "安然" not in ann.buttons()
    await ann.says("我")
    ann.reads("安然 现在就在办，请写另一位同事。", "转交给谁")


async def test_accepting_is_for_the_one_who_was_asked_and_once(office: Office) -> None:
    ann, amy, bob = office.people("ann", "amy", "bob")
    await inquire(ann)
    await hand_over(ann, "艾梅")
    bubble, data = amy._button("接收")
    await bob.presses_again(bubble.id, data)
    bob.reads("没有找到，或不在您的权限内。")
    assert owner(office) == "安然"
    await amy.presses("接收")
    await amy.presses_again(bubble.id, data)
    assert kinds(office).count("takeover") == 1
    with office.read() as records:
        assert [each.state for each in records.exec(select(Step))] == ["approved"]


async def test_answered_meanwhile_there_is_nothing_left_to_accept(office: Office) -> None:
    ann, amy = office.people("ann", "amy")
    await inquire(ann)
    await hand_over(ann, "艾梅")
    bubble, data = amy._button("接收")
    await ann.presses("答复")
    await ann.says("可以")
    await ann.presses("保存")
    amy.reads("已撤销")
    await amy.presses_again(bubble.id, data)
    assert (owner(office), state(office)) == ("安然", "answered")


# The other ends


async def test_told_whom_to_call_the_ownership_ends(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await ann.presses("转告姓名电话")
    await ann.says("方圆")
    await ann.says("029-88880000")
    await ann.presses("保存")
    ann.reads("已转告", "方圆", "02988880000")
    assert running(office) == []
    await ann.says("/inquiry")
    ann.reads("没有未结的咨询")


async def test_it_becomes_a_complaint_that_knows_its_history(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await inquire(ann, "/inquiry 华航橡胶 张工 今天8点 电话 问胶管怎么开裂")
    await office.passes("2h")
    await ann.presses("转为投诉")
    ann.reads("投诉受理单", "华航橡胶", "张工", "问胶管怎么开裂", "受理时间：11月23日 周一 08:00")
    await ann.presses("保存")
    ann.reads("投诉已登记", "TS-2026-0001")
    sales.reads("新投诉 TS-2026-0001")
    with office.read() as records:
        complaint, inquiry = records.exec(select(Complaint)).one(), records.exec(select(Inquiry)).one()
        assert complaint.received_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
        assert inquiry.became_id == complaint.matter_id
    assert (state(office), running(office)) == ("became", [])
    await ann.says("投诉单 1")
    ann.reads("登记咨询：问胶管怎么开裂", "转为投诉 TS-2026-0001")
    await ann.presses("看咨询单")
    ann.reads("ZX-2026-0001", "已转投诉")
    await ann.presses("看投诉单")
    ann.reads("TS-2026-0001")


async def test_pressed_twice_it_is_one_complaint(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await inquire(ann, "/inquiry 华航橡胶 张工 问胶管怎么开裂")
    await ann.presses("转为投诉")
    await ann.presses("转为投诉")
    await head.says("ZX1")
    await head.presses("转为投诉")
    await head.presses("保存")
    head.reads("投诉已登记")
    await ann.presses("保存")
    ann.reads("已转为投诉 TS-2026-0001")
    with office.read() as records:
        assert len(records.exec(select(Complaint)).all()) == 1


async def test_an_answer_that_did_not_content_the_customer_still_becomes_a_complaint(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await ann.presses("答复")
    await ann.says("短时可以")
    await ann.presses("保存")
    assert "答复" not in ann.buttons()
    await ann.presses("转为投诉")
    await ann.presses("质量")
    await ann.presses("保存")
    assert state(office) == "became"


async def test_late_presses_show_how_it_stands(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await inquire(ann)
    await head.says("ZX1")
    await head.presses("答复")
    await head.says("主任答复了")
    await ann.presses("转交")
    await head.presses("保存")
    ann.reads("ZX-2026-0001 已答复客户（何建国）")
    await ann.says("艾梅")
    await ann.presses("保存")
    ann.reads("ZX-2026-0001 现在是“已答复”")
    assert kinds(office) == ["inquiry", "reply"]


async def test_neither_taken_back_nor_voided(office: Office) -> None:
    (ann,) = office.people("ann")
    await inquire(ann)
    await ann.presses("详情")
    assert not {"作废", "撤回", "更正"} & set(ann.buttons())
    await ann.says("/undo")
    assert state(office) == "open"


async def test_a_department_that_was_asked_first_owns_it(office: Office) -> None:
    logistics, ann, sales, auditor = office.people("logistics", "ann", "sales", "auditor")
    await logistics.says("/inquiry 华航橡胶 问什么时候发货")
    await logistics.says("张工")
    await logistics.presses("保存")
    logistics.reads("首问负责人：陆运")
    for each in (sales, auditor):
        await each.says("咨询单 1")
        each.reads("首问负责人：陆运")
    assert "答复" not in auditor.buttons()
    await auditor.says(LINE)
    auditor.reads("没有找到，或不在您的权限内。")
    await ann.says("ZX1")
    ann.reads("没有咨询单")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_who_asks_something_is_not_sealed(office: Office) -> None:
    await closed_complaint(office)
    ann, sales = office.people("ann", "sales")
    office.clock.move(FOUR_YEARS)
    await inquire(ann, f"/inquiry 华航橡胶 {NAME} 问密封条价格")
    office.clock.move(FOUR_YEARS)
    await sales.says("/seal TS-2026-0001 期满")
    sales.reads("ZX-2030-0001")


async def test_in_english(office: Office) -> None:
    ann, amy = office.people("ann", "amy")
    for each in (ann, amy):
        await each.says("/lang en")
    await ann.says("/inquiry 华航橡胶 张工 inquiry price of oil hose")
    await ann.presses("Save")
    ann.reads("Inquiry saved", "Supply need", "Owner: 安然")
    await ann.presses("Hand over")
    await ann.says("艾梅")
    await ann.presses("Save")
    amy.reads("to be accepted")
    await amy.presses("Accept")
    ann.reads("艾梅 has accepted ZX-2026-0001")
    await amy.presses("Promise a date")
    await amy.says("quotation follows")
    await amy.says("Friday")
    await amy.presses("Save")
    amy.reads("Promised for", "quotation follows")


async def test_each_inquiry_takes_one_number(office: Office) -> None:
    (ann,) = office.people("ann")
    for number in (1, 2):
        await ann.says("/inquiry 华航橡胶 张工 问几号能发货")
        await ann.presses("保存")
        ann.reads(f"ZX-2026-000{number}")


async def test_an_inquiry_is_not_undone_and_one_tap_away(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/inquiry 华航橡胶 张工 问几号能发货")
    await ann.presses("保存")
    await ann.says("/undo")
    ann.reads("ZX-2026-0001")
    await ann.presses("ZX-2026-0001")
    ann.reads("几号能发货")
