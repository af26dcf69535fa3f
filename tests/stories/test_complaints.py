"""Complaints (article 16): the limit is named, nears, passes; people acknowledge and act; it ends with a satisfied customer."""

from __future__ import annotations

from sqlmodel import select

from models.clocks import Clock, Event
from models.people import Staff
from models.records import Complaint
from tests.office import Office, Person


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def test_the_card_names_the_limit_as_a_clock_time_in_the_province(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂")
    ann.reads("省内 24 小时：11月24日 周二 09:00 前", "产品质量", "张工", "第十六条（三）3")


async def test_the_card_names_the_limit_as_a_clock_time_outside_the_province(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 飞翼制造 密封圈漏油")
    ann.reads("省外 48 小时：11月25日 周三 09:00 前")


async def test_sales_department_and_the_department_of_its_type_are_told_at_once(office: Office) -> None:
    ann, sales, quality, logistics = office.people("ann", "sales", "quality", "logistics")
    await complain(ann)
    ann.reads("TS-2026-0001", "肖红、秦工")
    for each in (sales, quality):
        each.reads("新投诉 TS-2026-0001", "胶管开裂", "安然", "时限 11月24日 周二 09:00")
    logistics.reads_nothing_of("TS-2026-0001")


async def test_the_type_is_asked_when_the_words_do_not_tell(office: Office) -> None:
    ann, logistics = office.people("ann", "logistics")
    await ann.says("/complain 华航橡胶 客户非常不满意")
    ann.reads("属于哪一类")
    await ann.presses("发运")
    await ann.presses("保存")
    logistics.reads("新投诉 TS-2026-0001")


async def test_an_unanswered_complaint_climbs_to_the_general_manager(office: Office) -> None:
    ann, head, vp, sales, gm = office.people("ann", "head", "vp", "sales", "gm")
    await complain(ann, "华航橡胶 今天8点 胶管开裂")
    await office.passes("11h")
    ann.reads("TS-2026-0001 还剩 12 小时", "第十六条（三）3", "处理人：安然")
    head.reads_nothing_of("TS-2026-0001")
    await office.passes("7h 30min")
    head.reads("TS-2026-0001 还剩 4 小时 48 分")
    vp.reads_nothing_of("TS-2026-0001")
    await office.passes("4h 30min")
    for each in (ann, head, vp, sales):
        each.reads("TS-2026-0001 时限已到")
    gm.reads_nothing_of("TS-2026-0001")
    await office.passes("4h")
    gm.reads("TS-2026-0001 超时 4 小时")
    await gm.presses("确认收到")
    gm.reads("已确认收到 11月24日 周二 12:00")


async def test_acknowledging_stops_the_repeats_of_that_step(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await complain(ann)
    await office.passes("32h")
    assert gm.count("超时") == 2
    await gm.says("收到")
    gm.reads("已确认收到")
    await office.passes("7h 30min")
    assert gm.count("🚨") == 2
    await office.passes("24h")
    assert gm.count("🚨") > 2, "acknowledged, but nothing was noted for eight hours"


async def test_acknowledging_an_early_step_does_not_stop_a_later_one(office: Office) -> None:
    ann, head, vp = office.people("ann", "head", "vp")
    await complain(ann)
    await office.passes("20h")
    await head.presses("确认收到")
    await office.passes("4h")
    vp.reads("时限已到")
    head.reads("时限已到")


async def test_repeats_rest_at_night_unless_the_case_is_major(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await complain(ann)
    await office.until("2026-11-24 20:59")
    before = gm.count("🚨")
    await office.until("2026-11-25 07:00")
    assert gm.count("🚨") == before
    await office.until("2026-11-25 09:00")
    assert gm.count("🚨") == before + 1


async def test_a_major_case_repeats_at_night_too(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("修改")
    await ann.presses("索赔金额")
    await ann.says("12万")
    await ann.presses("保存")
    await office.until("2026-11-24 20:59")
    before = gm.count("🚨")
    await office.until("2026-11-25 06:59")
    assert gm.count("🚨") == before + 3
    gm.reads("重大投诉")


async def test_nobody_is_woken_by_the_first_step(office: Office) -> None:
    (ann,) = office.people("ann")
    await office.until("2026-11-23 14:00")
    await complain(ann)
    await office.until("2026-11-24 07:00")
    assert ann.count("🚨") == 0
    await office.until("2026-11-24 08:00")
    assert ann.count("🚨") == 1


async def test_arriving_on_site_stops_the_limit(office: Office) -> None:
    ann, head, quality = office.people("ann", "head", "quality")
    await complain(ann)
    await office.passes("6h")
    await ann.presses("到场处理")
    await ann.sends("photo")
    await ann.presses("刚才")
    await ann.presses("保存")
    ann.reads("已到场处理", "在时限内")
    ann.reads_nothing_of("无佐证")
    quality.reads("安然 已到场处理")
    await office.passes("40h")
    head.reads_nothing_of("🚨 <b>", "超时")
    with office.read() as records:
        limit = records.exec(select(Clock).where(Clock.rule == "R16.1")).one()
        assert limit.stopped_by == "arrived"
        assert {event.step for event in records.exec(select(Event).where(Event.clock_id == limit.id))} == set()


async def test_from_the_first_word_to_the_satisfied_customer(office: Office) -> None:
    ann, sales, head = office.people("ann", "sales", "head")
    await complain(ann)
    await ann.presses("写进展")
    await ann.says("已联系客户，样品寄回")
    await ann.presses("部门和客户")
    await ann.presses("保存")
    ann.reads("近7天 部门 1/2 客户 1/2", "秦工：确定责任单位和处理时限")
    await ann.presses("已解决")
    await ann.says("硫化时间不足")
    await ann.says("调整工艺，已换货")
    await ann.presses("保存")
    sales.reads("已处理，请确认客户是否满意")
    await sales.presses("客户确认")
    await sales.presses("是")
    await sales.presses("无")
    await sales.presses("保存")
    sales.reads("客户已满意", "待效果评价")
    await ann.presses("效果评价")
    await ann.presses("有效")
    await ann.says("换货后没有再漏")
    await ann.presses("保存")
    sales.reads("效果评价：有效（安然）：换货后没有再漏", "肖红：写结案小结")
    await sales.presses("结案")
    await sales.says("工艺问题，已整改")
    await sales.presses("保存")
    sales.reads("已结案")
    head.reads("已结案")
    await ann.says("/case 1")
    ann.reads("TS-2026-0001", "进展：已联系客户，样品寄回", "硫化时间不足；调整工艺，已换货", "结案：工艺问题，已整改")
    await ann.says("/due")


async def test_a_refusal_reopens_with_a_new_limit(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("已解决")
    await ann.says("原因")
    await ann.says("措施")
    await ann.presses("保存")
    await office.passes("30h")
    await sales.presses("客户确认")
    await sales.presses("否")
    await sales.says("还是漏")
    await sales.presses("保存")
    sales.reads("客户不满意", "新时限 11月25日 周三 15:00", "处理中")
    await office.passes("24h")
    ann.reads("TS-2026-0001 时限已到")


async def test_a_complaint_without_a_handler_goes_to_the_unit_head_at_once(office: Office) -> None:
    sales, head = office.people("sales", "head")
    with office.store.write() as session:
        owner = session.get_one(Staff, 1)
        owner.active = False
    await complain(sales)
    head.reads("新投诉 TS-2026-0001", "未指派")
    await head.presses("指派")
    await head.says("艾梅")
    await head.presses("保存")
    head.reads("由 艾梅 负责处理")
    with office.read() as records:
        assert records.exec(select(Complaint)).one().handler_id == 2


async def test_two_complaints_that_fall_due_together_are_one_message(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann)
    await complain(ann, "远大密封 密封圈破损")
    await office.sleeps("20h")
    assert head.count("🚨") == 1
    head.reads("2 件投诉需要处理", "TS-2026-0001", "TS-2026-0002")
    await head.presses("全部确认收到")
    head.reads("已确认收到")


async def test_asleep_for_fifty_hours_everything_missed_is_said_once(office: Office) -> None:
    ann, head, vp, gm = office.people("ann", "head", "vp", "gm")
    await complain(ann)
    await office.sleeps("50h")
    for each in (ann, head, vp, gm):
        assert each.count("🚨") == 1, each.name
        each.reads("TS-2026-0001 超时")
    with office.read() as records:
        steps = {event.step for event in records.exec(select(Event))}
    assert steps >= {0, 1, 2, 3}


async def test_a_complaint_keeps_the_rules_under_which_it_began(office: Office, rulebook_text: str) -> None:
    ann, amy = office.people("ann", "amy")
    await complain(ann, "华航橡胶 今天8点 胶管开裂")
    office.adopts(rulebook_text.replace('{ at = "50%", tell = ["handler"] }', '{ at = "10%", tell = ["handler"] }'))
    await amy.says("/complain 远大机械 今天8点 胶管开裂")
    await amy.says("王主任")
    await amy.presses("保存")
    await ann.presses("写进展")
    await ann.says("已联系客户，样品寄回")
    await ann.presses("部门和客户")
    await ann.presses("保存")
    await office.passes("2h")
    amy.reads("🚨", "TS-2026-0002")
    ann.reads_nothing_of("🚨")
    await office.passes("9h")
    ann.reads("🚨", "TS-2026-0001 还剩 12 小时")


async def test_progress_is_owed_to_department_and_customer_and_asked_for_in_one_message(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann)
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    await office.until("2026-11-29 09:01")
    assert ann.count("该报进展") == 1
    ann.reads("TS-2026-0001 该报进展：主管部门、客户", "第十六条（三）2")
    await office.until("2026-11-30 09:01")
    head.reads("TS-2026-0001 该报进展")


async def test_progress_that_was_missed_for_days_is_asked_for_in_one_breath(office: Office) -> None:
    ann, head = office.people("ann", "head")
    await complain(ann)
    await ann.presses("到场处理")
    await ann.presses("刚才")
    await ann.presses("保存")
    await office.sleeps("10d")
    for each in (ann, head):
        each.reads("TS-2026-0001 该报进展：主管部门、客户\n")
    with office.read() as records:
        assert {event.step for event in records.exec(select(Event))} == {0, 1, 2}


async def test_a_limit_that_has_passed_already_is_said_before_saving(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 11月20日上午9点 胶管开裂")
    ann.reads("省内 24 小时：11月21日 周六 09:00 前", "🔺已过时限")
    await ann.says("/cancel")
    await ann.says("/complain 华航橡胶 胶管开裂")
    ann.reads_nothing_of("已过时限")
