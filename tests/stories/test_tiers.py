"""层级 (article 12（一）（二）): a tier is proposed, the departments say what they think, it is decided; duties change at once."""

from __future__ import annotations

from sqlmodel import col, select

from models.audit import Audit, AuditBody
from models.clocks import Clock, running
from models.people import key
from models.records import Entry, Matter
from tests.office import Office
from tests.planted import presses_planted
from tests.tiering import ASKED, benefit, called, departments, granted, meeting, proposed, proposes, sits

NOT_THERE = "没有找到，或不在您的权限内。"


def tier(office: Office, name: str = "华航橡胶") -> str:
    with office.read() as session:
        return called(session, name).tier


def owed(office: Office, name: str = "华航橡胶") -> set[str]:
    """The rules by which something is owed to the customer now."""
    with office.read() as session:
        number = key(called(session, name))
        return {each.rule for kind in ("customer", "file") for each in running(session, kind, number)} - {"R31.3"}


def state(office: Office, number: str = "TY-2026-0001") -> str:
    with office.read() as session:
        return session.exec(select(Matter.state).where(Matter.number == number)).one()


def done(office: Office) -> list[str]:
    """What the audit says of proposals and tiers."""
    with office.read() as session:
        rows = session.exec(select(Audit.action).order_by(col(Audit.id))).all()
    return [each for each in rows if each.startswith(("proposal.", "customer.tier", "preference."))]


# Proposed, with what is on record


async def test_whoever_proposes_sees_the_criteria_and_what_is_really_on_record(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 走访 昨天 张工 谈了三季度配方")
    await ann.presses("保存")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("保存")
    await ann.presses("更多操作")
    await ann.does("提出索赔", "3万", "张工来函")
    await ann.says("/find 华航橡胶")
    await ann.presses("层级与优惠")
    ann.reads("重点客户", "部队、航空主机厂", "（第十二条（一））", "沟通 1 次、回访 0 次，其中走访 1 次")
    ann.reads("投诉 1 件，未结 1 件；索赔 30,000 元，已结算 0 元", "档案完整度 1/9", "合同、订单、回款：系统里没有记录")
    await ann.presses("拟调层级")
    await ann.says("重点")
    ann.reads("现在就是重点，请选别的层级")
    await ann.says("战略")
    await ann.says("三年合同")
    ann.reads("技术提升、产品升级、新品研制", "＋ 主管副总：副总每月电话（第十四条（三）3）")
    ann.reads("＝ 业务单位负责人：年度走访，照旧（改依第十七条（三）2）")
    await ann.presses("保存")
    ann.reads("已提出 TY-2026-0001", "征求意见 0/", "⏳ 财务部（方圆），最晚 11月24日 周二 16:00")
    await ann.presses("层级与优惠")
    await ann.presses("拟调层级")
    ann.reads("TY-2026-0001 还在办，不用再提")
    assert tier(office) == "key"


async def test_the_tier_changes_by_the_meetings_minutes_and_the_duties_with_it(office: Office) -> None:
    them = departments(office)
    ann, vp, gm = office.people("ann", "vp", "gm")
    before = owed(office)
    await proposes(ann, "战略合作")
    for name in ASKED:
        them[name].reads("TY-2026-0001 请答复：评定意见", "重点 → 战略合作", "三年合同", "同意后")
    await them["finance"].does("不同意", "回款慢")
    await them["technical"].does("同意并写意见", "共同研制两项")
    for name in ("sales", "enterprise"):
        await them[name].presses("同意")
    assert state(office) == "opinions"
    assert them["office"].count("TY-2026-0001") == 0, "the meeting is asked when every opinion is in"
    await them["head"].presses("同意")
    them["office"].reads(
        "请录入：办公会决定", "❌ 财务部（方圆）：不同意\n回款慢", "✅ 技术中心（秦工）：同意\n共同研制两项"
    )
    assert tier(office) == "key"
    await them["office"].presses("录入办公会决定")
    for answer in (".同意", "〔2026〕12号", ".今天", "自下月起执行"):
        await (them["office"].presses(answer[1:]) if answer[0] == "." else them["office"].says(answer))
    await them["office"].sends("photo")
    await them["office"].presses("保存")
    told = ("华航橡胶 层级调整：重点 → 战略合作", "总经理办公会同意（纪要 〔2026〕12号", "自下月起执行", "附件 1 份")
    for person in (ann, vp, *them.values()):
        person.reads(*told, "＋ 主管副总：副总每月电话")
    assert gm.count("TY-2026-0001") == 0
    assert tier(office) == "strategic"
    assert owed(office) - before == {"R14.4", "R17.2a", "R17.2b"}
    assert before - owed(office) == {"R17.4"}
    assert done(office) == ["proposal.make", "proposal.decide", "customer.tier"]
    with office.read() as session:
        entry = session.exec(select(Entry).where(Entry.kind == "decided")).one()
        body = session.exec(select(AuditBody.body).join(Audit).where(Audit.action == "customer.tier")).one()
    assert (entry.answers["minutes"], entry.answers["on"], len(entry.attachments)) == ("〔2026〕12号", "2026-11-23", 1)
    assert (body["before"], body["after"], body["fallen"]) == ("key", "strategic", ["R17.4"])


async def test_everybody_who_was_asked_hears_why_it_was_not_approved(office: Office) -> None:
    them = departments(office)
    (ann,) = office.people("ann")
    before = owed(office)
    proposed(office)
    await meeting(them["office"], "不同意", "业务量不足")
    for person in (ann, *(them[name] for name in ASKED)):
        person.reads("华航橡胶：重点 → 战略合作，未同意", "总经理办公会不同意", "业务量不足")
    assert (tier(office), state(office), owed(office)) == ("key", "refused", before)
    await them["office"].says("/approve")
    them["office"].reads("没有待审批的事项")


async def test_between_ordinary_and_reserve_the_sales_department_decides(office: Office) -> None:
    them = departments(office)
    (bob,) = office.people("bob")
    (east,) = office.people("east")
    await proposes(bob, "一般", "海润轮胎")
    bob.reads("＋ 业务单位负责人：每月电话（第十四条（三）2）", "＋ 业务员：两年走访（第十七条（三）4）")
    for person in (*(them[name] for name in ASKED if name != "head"), east):
        await person.presses("同意")
    them["sales"].reads("请审批：层级调整")
    assert them["office"].count("TY-2026-0001") == 0
    await them["sales"].presses("同意")
    bob.reads("海润轮胎 层级调整：储备 → 一般", "📋 销售部（肖红）：同意", "即日起")
    assert owed(office, "海润轮胎") == {"R14.3", "R17.6"}


# Who is asked, and when


async def test_the_department_of_whoever_proposes_is_not_asked_and_an_empty_post_goes_up_the_line(
    office: Office,
) -> None:
    head, vp, ann = office.people("head", "vp", "ann")
    await proposes(head, "战略合作")
    head.reads("⏳ 技术中心（魏立）", "⏳ 企管部（魏立）")
    head.reads_nothing_of("西北销售一部（")
    vp.reads("评定意见")
    ann.reads("何建国 对您的客户提出：", "TY-2026-0001 拟调层级")


async def test_an_opinion_that_is_late_is_reminded_of_and_climbs(office: Office) -> None:
    them = departments(office)
    vp, gm = office.people("vp", "gm")
    proposed(office, but="sales_dept")
    await office.until("2026-11-24 15:00")
    them["sales"].reads("TY-2026-0001 等待审批：评定意见", "第十二条（二）")
    assert vp.count("等待审批") == 0
    await office.until("2026-11-24 16:05")
    vp.reads("等待审批：评定意见，时限已到")
    assert gm.count("等待审批") == 0
    await office.until("2026-11-25 09:00")
    gm.reads("等待审批：评定意见")
    await vp.presses("同意")
    them["office"].reads("请录入：办公会决定", "✅ 销售部（魏立）：同意")
    await office.sleeps("7d")
    them["office"].reads("TY-2026-0001 等待审批：办公会决定")


async def test_only_the_office_and_those_above_record_the_meeting_and_never_without_minutes(office: Office) -> None:
    """Not those who have no such post, not whoever proposed it, though a clerk of the office, and nobody before all opinions."""
    them = departments(office)
    sits(office, "ann", "office")
    early = proposed(office, all_opinions=False, **benefit(office))
    (await presses_planted(office, "amy", "tiers.meet", matter=early)).reads(NOT_THERE)
    matter = proposed(office)
    with office.read() as session:
        step = session.exec(select(Clock.subject_id).where(Clock.rule == "R12.2b")).one()
    for who in ("ann", "bob", "finance", "auditor"):
        (await presses_planted(office, who, "tiers.meet", matter=matter)).reads(NOT_THERE)
    for deed in ("step.approve", "step.return", "step.answer", "step.pass_on"):
        (await presses_planted(office, "amy", deed, step=step)).reads(NOT_THERE)
    (bob,) = office.people("bob")
    await bob.says("/tiers TY-2026-0002")
    bob.reads("没有找到")
    assert (tier(office), state(office, "TY-2026-0002")) == ("key", "decision")
    await meeting(them["office"])
    assert tier(office) == "strategic"
    (await presses_planted(office, "amy", "tiers.meet", matter=matter)).reads("TY-2026-0002 已经办结")


async def test_it_can_be_taken_back_before_it_is_decided(office: Office) -> None:
    them = departments(office)
    ann, bob = office.people("ann", "bob")
    matter = proposed(office, but="finance")
    (await presses_planted(office, "bob", "tiers.withdraw", matter=matter)).reads(NOT_THERE)
    (await presses_planted(office, "head", "tiers.withdraw", matter=matter)).reads(NOT_THERE)
    await ann.says("/tiers TY-2026-0001")
    await ann.does("撤回提议", "数字填错")
    for name in ASKED:
        them[name].reads("安然 撤回 TY-2026-0001：数字填错", "▫️ 财务部：没有提")
    assert bob.count("TY-2026-0001") == 0
    assert (state(office), tier(office)) == ("withdrawn", "key")
    with office.read() as session:
        assert not session.exec(select(Clock).where(Clock.rule == "R12.2", col(Clock.closed_at).is_(None))).all()


# What falls with the tier


async def test_below_key_preferences_end_at_once_and_those_proposed_lapse(office: Office) -> None:
    them = departments(office)
    (ann,) = office.people("ann")
    granted(office)
    proposed(office, all_opinions=False, **benefit(office, kind="supply"))
    await ann.says("/tiers 华航橡胶")
    await ann.presses("拟调层级")
    await ann.presses("一般")
    await ann.says("业务量下降")
    ann.reads(
        "优惠条件同时终止", "价格优惠", "－ 业务单位负责人：每周电话（第十四条（三）2）", "－ 业务员：补齐客户档案"
    )
    await ann.says("取消")
    proposed(office, after="ordinary")
    await meeting(them["office"])
    for person in (ann, them["finance"], them["sales"]):
        person.reads("华航橡胶 层级调整：重点 → 一般", "优惠条件同时终止", "TY-2026-0002 不再办理")
    assert [state(office, f"TY-2026-000{n}") for n in (1, 2, 3)] == ["approved", "lapsed", "approved"]
    assert owed(office) == {"R14.3", "R17.6"}
    await ann.says("/tiers 华航橡胶")
    ann.reads("优惠条件只给战略合作、重点客户（第十二条（三））")
    assert "提优惠条件" not in ann.buttons()
    assert done(office)[-4:] == ["proposal.decide", "preference.end", "customer.tier", "proposal.lapse"]


async def test_a_customer_that_becomes_key_needs_a_custodian_and_a_key_file(office: Office) -> None:
    them = departments(office)
    ann, head = office.people("ann", "head")
    proposed(office, name="远大密封", after="key")
    await meeting(them["office"])
    ann.reads("远大密封 层级调整：一般 → 重点", "＋ 业务员：补齐客户档案（第三十一条 1）", "－ 业务员：两年走访")
    assert owed(office, "远大密封") == {"R14.2", "R17.4", "R31.1"}
    assert "＋ 专管员" not in ann.buttons()
    await head.does("＋ 专管员", "艾梅")
    head.reads("专管员：艾梅")


# Lists


async def test_the_list_shows_what_is_under_way_decided_and_in_force_within_reach(office: Office) -> None:
    ann, bob, sales = office.people("ann", "bob", "sales")
    granted(office)
    proposed(office, all_opinions=False)
    await ann.says("层级与优惠")
    ann.reads("在办", "TY-2026-0002 华航橡胶：重点 → 战略合作　征求意见 0/5")
    await ann.presses("已办结")
    ann.reads("TY-2026-0001 华航橡胶：价格优惠，11月23日 周一 至 2027年6月30日 周三　已同意")
    await ann.presses("享受中的优惠")
    ann.reads("华航橡胶：价格优惠")
    await bob.says("层级与优惠")
    bob.reads_nothing_of("华航橡胶", "TY-")
    await sales.says("台账")
    await sales.presses("层级与优惠")
    await sales.presses("TY-2026-0002")
    sales.reads("征求意见 0/5")
    assert "提意见：销售部" in sales.buttons()


async def test_a_long_list_has_pages(office: Office) -> None:
    (sales,) = office.people("sales")
    for _ in range(9):
        proposed(office, all_opinions=False)
    await sales.says("/tiers")
    sales.reads("TY-2026-0008")
    sales.reads_nothing_of("TY-2026-0009")
    await sales.presses("更多")
    sales.reads("TY-2026-0009")
    assert "更多" not in sales.buttons()
