"""What vice president and general manager live with: whom to choose, a briefing, 督办, 各单位, a secretary who enters for them."""

from __future__ import annotations

from sqlmodel import select

from models.audit import Audit
from models.clocks import Clock
from models.people import SINCE_EVER, Assignment, Staff, company, key
from models.proxies import Proxy
from models.records import Participant
from tests.office import Office, Person
from tests.papers import table


async def log(who: Person, line: str) -> None:
    await who.says(f"/log {line}")
    await who.presses("保存")


def secretary(office: Office, of: str) -> Person:
    """A secretary in the company's office, whose superior is that leader."""
    office.telegram.person(1071, "林晓")
    with office.store.write() as session:
        leader = session.exec(select(Staff).where(Staff.name == of)).one()
        staff = Staff(number="M01", name="林晓", telegram_id=1071, superior_id=leader.id)
        session.add(staff)
        session.flush()
        session.add(Assignment(staff_id=key(staff), role="secretary", unit_id=key(company(session)), starts=SINCE_EVER))
    return Person(office, "sec", 1071)


def cycle(office: Office, rule: str, subject: int) -> str:
    with office.read() as records:
        return records.exec(select(Clock).where(Clock.rule == rule, Clock.subject_id == subject)).one().cycle


async def test_candidates_are_those_with_complaints_then_those_longest_not_spoken_to(office: Office) -> None:
    head, amy = office.people("head", "amy")
    await office.sleeps("125d")
    await log(head, "远大密封 走访 今天上午8点 看了库存")
    await amy.says("/complain 远大机械 密封圈漏油")
    await amy.says("钱工")
    await amy.presses("保存")
    await head.says("/due")
    while not any("推荐客户" in each for each in head.buttons()):
        await head.presses("更多")
    head.reads("一般客户走访")
    await head.presses("推荐客户")
    head.reads("推荐客户", "第十七条（三）4", "1. 远大机械　🔴 投诉未结 TS-2027-0001", "2. 远大密封　0 天没走访")
    await head.presses("远大机械 简报")
    head.reads("远大机械", "简报", "密封圈漏油")
    await head.presses("记走访")
    head.reads("沟通记录")


async def test_the_general_manager_is_proposed_strategic_customers(office: Office) -> None:
    (gm,) = office.people("gm")
    await office.until("2026-12-28 09:00")
    await gm.says("/due")
    gm.reads("总经理每月电话")
    await gm.presses("推荐客户")
    gm.reads("飞翼制造　您还没有联系过")
    gm.reads_nothing_of("华航橡胶")
    await gm.presses("飞翼制造 简报")
    gm.reads("刘主任", "13900139002")
    await gm.presses("记通话")
    await gm.presses("刚才")
    await gm.says("问候")
    await gm.presses("保存")
    gm.reads("第十四条（三）4")


async def test_a_briefing_holds_what_one_must_know_before_a_call(office: Office) -> None:
    ann, head, bob = office.people("ann", "head", "bob")
    await log(ann, "华航橡胶 电话 昨天下午3点 张工 谈了三季度配方 下周三再联系")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await office.passes("25h")
    await head.says("简报 华航")
    head.reads(
        "张工", "13800138001", "谈了三季度配方", "投诉 TS-2026-0001：胶管开裂（超时 1 小时", "再联系", "每周电话"
    )
    assert len(head.last().text.splitlines()) <= 25
    with office.read() as records:
        assert records.exec(select(Audit).where(Audit.action == "customer.open")).all()
    await bob.says("简报 华航")
    bob.reads("没有找到")


async def test_one_sentence_orders_a_unit_and_is_followed_until_it_is_done(office: Office) -> None:
    vp, head = office.people("vp", "head")
    await vp.says("督办 西北销售一部 下周五前把华航的配方问题解决")
    vp.reads("督办", "单位：西北销售一部", "限期：12月4日 周五", "把华航的配方问题解决", "客户：华航橡胶")
    await vp.presses("保存")
    vp.reads("DB-2026-0001", "已通知：何建国")
    head.reads("督办 DB-2026-0001", "魏立 → 何建国", "把华航的配方问题解决", "12月4日 周五前")
    await head.presses("确认收到")
    await vp.says("督办")
    vp.reads("未办结 1 项", "DB-2026-0001 已收到", "何建国")
    await office.until("2026-12-09 08:31")
    vp.reads("下属逾期", "何建国")
    await head.says("批示")
    head.reads("🔺逾期")
    await head.presses("1 答复")
    await head.says("配方已改，客户认可")
    await head.presses("保存")
    vp.reads("已办结", "配方已改，客户认可")
    await vp.says("督办")
    vp.reads("未办结 0 项", "✅已办结")


async def test_what_the_sentence_leaves_open_is_asked(office: Office) -> None:
    vp, quality = office.people("vp", "quality")
    await vp.says("督办 查清胶管开裂原因")
    vp.reads("督办哪个单位")
    await vp.says("没有的单位")
    vp.reads("没有找到单位")
    await vp.presses("质监部")
    vp.reads("什么时候前办结")
    await vp.says("三天内")
    vp.reads("11月26日 周四", "未保存")
    await vp.presses("保存")
    quality.reads("督办 DB-2026-0001", "查清胶管开裂原因")


async def test_an_english_sentence_leaves_no_by_behind(office: Office) -> None:
    (vp,) = office.people("vp")
    await vp.says("/lang en")
    await vp.says("/order 西北销售一部 by next Friday visit the mines")
    vp.reads("Text: visit the mines", "Due: Fri 4 Dec")


async def test_a_new_sentence_while_the_last_one_is_asked_about_is_no_answer_to_it(office: Office) -> None:
    (vp,) = office.people("vp")
    await vp.says("督办 查清胶管开裂原因")
    vp.reads("督办哪个单位")
    await vp.says("督办 西北销售一部 下周五前 交整改计划")
    vp.reads("单位：西北销售一部", "交整改计划", "未保存")
    await vp.says("简报 飞翼")
    vp.reads("飞翼制造", "简报")


async def test_words_of_a_command_stay_an_answer_where_they_can_be_one(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 刚才")
    await ann.says("投诉 的事已经谈妥")
    await ann.presses("填进这张单")
    ann.reads("内容：投诉 的事已经谈妥", "未保存")


async def test_a_briefing_of_whom_is_offered(office: Office) -> None:
    (vp,) = office.people("vp")
    await office.until("2026-12-01 09:00")
    await vp.says("简报")
    vp.reads("要哪家的简报")
    await vp.presses("飞翼制造")
    vp.reads("刘主任", "最近沟通")


async def test_only_leaders_order(office: Office) -> None:
    head, ann = office.people("head", "ann")
    for each in (head, ann):
        await each.says("督办 华东销售部 明天前交计划")
        each.reads("不在您的权限内")


async def test_all_units_side_by_side_on_demand(office: Office) -> None:
    vp, ann, bob, head = office.people("vp", "ann", "bob", "head")
    await log(bob, "申江液压 电话 刚才 问了交期")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await office.until("2026-11-25 09:00")
    await vp.says("各单位")
    text = vp.last().text
    assert text.index("西北销售一部") < text.index("华东销售部"), "the worst first"
    vp.reads("投诉 1（🔺超时 1）", "逾期 1　投诉 0　本周沟通 1")
    await vp.presses("西北销售一部")
    vp.reads("谁有逾期", "安然", "TS-2026-0001")
    await vp.presses("催办")
    ann.reads("魏立 催办")
    await vp.presses("各单位")
    vp.reads("华东销售部")
    await head.says("各单位")
    head.reads("不在您的权限内")


async def test_what_a_secretary_enters_counts_after_one_tap_of_the_leader(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await sec.says("/log 飞翼制造 电话 今天上午8点 刘主任 谈了扩产 下周三再联系")
    sec.reads("我方参加：魏立（代录）", "未保存")
    await sec.presses("修改")
    await sec.presses("我方参加")
    assert "代 魏立 录入" in sec.buttons()
    await sec.presses("代 魏立 录入")
    await sec.presses("保存")
    sec.reads("LX-2026-000001", "等 魏立 确认后才算数")
    assert _taken_part(office) == []
    vp.reads("林晓 代您录入", "飞翼制造", "谈了扩产")
    await vp.says("/find 飞翼")
    vp.reads("魏立（代录，未确认）")
    await vp.says("/due")
    await vp.presses("待确认代录 1")
    await vp.presses("确认代录")
    vp.reads("已确认代录", "LX-2026-000001")
    assert _taken_part(office) == ["魏立"]
    await vp.says("/find 飞翼")
    vp.reads("魏立：谈了扩产")
    vp.reads_nothing_of("未确认")
    with office.read() as records:
        step = records.exec(select(Clock).where(Clock.subject_kind == "entry")).one()
        assert step.post == f"staff@{records.exec(select(Staff.id).where(Staff.name == '魏立')).one()}"


async def test_it_fulfils_the_leaders_duty_only_when_confirmed(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await office.until("2026-12-01 09:00")
    assert cycle(office, "R14.4", 2) == "2026-12"
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划")
    sec.reads_nothing_of("第十四条（三）3")
    assert cycle(office, "R14.4", 2) == "2026-12"
    await vp.presses("确认代录")
    vp.reads("完成：副总每月电话（第十四条（三）3）")
    assert cycle(office, "R14.4", 2) == "2027-01"


async def test_a_leader_who_says_not_me_leaves_it_to_the_secretary(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划")
    asked = vp.last()
    confirm = asked.buttons[0][0].data or ""
    await vp.presses("不是我")
    vp.reads("不是您谈的")
    sec.reads("魏立 没有确认这条代录")
    assert _taken_part(office) == []
    await vp.presses_again(asked.id, confirm)
    vp.reads("按钮已过期")
    with office.read() as records:
        assert records.exec(select(Proxy)).one().confirmed is False
        assert records.exec(select(Audit).where(Audit.action == "proxy.deny")).one()


async def test_the_exported_list_tells_the_confirmed_from_the_others(office: Office) -> None:
    vp, sales = office.people("vp", "sales")
    sec = secretary(office, "魏立")
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划")
    await vp.presses("不是我")
    await log(sec, "华航橡胶 电话 今天上午8点30分 谈了交期")
    await vp.presses("确认代录")
    await sales.says("沟通台账")
    await sales.presses("导出 Excel")
    rows = table(office, sales)
    assert {row[0]: row[rows[2].index("我方参加")] for row in rows[3:]} == {
        "LX-2026-000001": "魏立（代录，未确认）",
        "LX-2026-000002": "魏立",
    }


async def test_a_secretary_writes_only_for_their_own_leader(office: Office) -> None:
    sec = secretary(office, "魏立")
    await sec.says("/log 飞翼制造 电话 今天上午8点 谈了明年计划")
    await sec.presses("修改")
    await sec.presses("我方参加")
    assert not any("高远" in each for each in sec.buttons())
    await sec.says("/find 飞翼")
    sec.reads("不在您的权限内")
    sec.reads_nothing_of("13900139002")


async def test_several_entries_are_confirmed_at_once(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划")
    await log(sec, "华航橡胶 电话 今天上午8点30分 谈了交期")
    await vp.says("待办")
    await vp.presses("待确认代录 2")
    vp.reads("飞翼制造", "华航橡胶")
    await vp.presses("全部确认代录")
    assert _taken_part(office) == ["魏立", "魏立"]


def _taken_part(office: Office) -> list[str]:
    with office.read() as records:
        return [records.get_one(Staff, each.staff_id).name for each in records.exec(select(Participant))]


async def test_what_the_secretary_takes_back_no_longer_counts_and_the_leader_hears_it(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await office.until("2026-12-01 09:00")
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划 下周三再联系")
    await vp.presses("确认代录")
    assert cycle(office, "R14.4", 2) == "2027-01"
    await sec.says("/undo")
    sec.reads("魏立")
    await sec.presses("撤回")
    vp.reads("已撤回", "LX-2026-000001")
    assert cycle(office, "R14.4", 2) == "2026-12"
    with office.read() as records:
        assert records.exec(select(Clock).where(Clock.subject_kind == "entry")).one().closed_at is not None


async def test_what_the_secretary_corrects_the_leader_confirms_again(office: Office) -> None:
    (vp,) = office.people("vp")
    sec = secretary(office, "魏立")
    await office.until("2026-12-01 09:00")
    await log(sec, "飞翼制造 电话 今天上午8点 谈了明年计划")
    await vp.presses("确认代录")
    await sec.says("更正 1")
    await sec.presses("修改")
    await sec.presses("内容")
    await sec.says("谈了后年计划")
    await sec.presses("保存")
    vp.reads("林晓 代您录入", "谈了后年计划")
    assert cycle(office, "R14.4", 2) == "2026-12"
    await vp.presses("确认代录")
    assert cycle(office, "R14.4", 2) == "2027-01"
