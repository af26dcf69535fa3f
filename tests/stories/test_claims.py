"""A claim from 提出索赔 to 已结算, and a complaint that becomes major: who hears of it, who decides, what it keeps open."""

from __future__ import annotations

import pytest
from sqlmodel import Session, select

from models.claims import Claim
from models.clocks import Clock
from models.complaints import Case, NotNowError
from models.people import SINCE_EVER, Assignment, Staff, company, key
from models.records import Complaint, Entry, Matter
from models.steps import Step
from papers.complaint_form import content
from tests.company import PEOPLE
from tests.office import Office, Person
from words import Voice

LARGE, SMALL = "12万", "2万"


async def complain(who: Person, line: str = "华航橡胶 胶管开裂") -> None:
    await who.says(f"/complain {line}")
    await who.presses("保存")


async def fills(who: Person, button: str, *answers: str) -> None:
    """Open a step of the complaint, under 更多操作 where it stands there, and answer its questions."""
    if not any(button == each.text for bubble in who.bubbles() for row in bubble.buttons for each in row):
        await who.presses("更多操作")
    await who.presses(button)
    for each in answers:
        shown = [label for row in who.last().buttons for label in [b.text for b in row]]
        await (who.presses(each) if each in shown else who.says(each))
    await who.presses("保存")


async def claims(who: Person, amount: str) -> None:
    await fills(who, "提出索赔", amount, "张工来函")


async def estimates(who: Person, amount: str) -> None:
    await fills(who, "初估", amount, "整批报废")


async def assesses(who: Person, amount: str, way: str = "退款") -> None:
    await fills(who, "核定索赔", way, amount, "按合同第八条")


async def settles(who: Person, amount: str) -> None:
    await fills(who, "结算", amount, "今天", "记字 0815")


async def decides(who: Person) -> None:
    await fills(who, "办公会决定", "〔2026〕12号", "今天", "由质监部牵头，三天内换货")


def sits(office: Office, who: str, role: str) -> Person:
    """The post, which the test company leaves empty, is taken."""
    with office.store.write() as session:
        staff = session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()
        seat = Assignment(staff_id=key(staff), role=role, unit_id=key(company(session)), starts=SINCE_EVER)
        session.add(seat)
    return office.person(who)


def claim(office: Office) -> Claim:
    with office.read() as records:
        return records.exec(select(Claim)).one()


def kinds(office: Office) -> list[str]:
    with office.read() as records:
        return [each.kind for each in records.exec(select(Entry).order_by(Entry.id))]  # type: ignore[arg-type]


def printed(office: Office) -> set[tuple[str, str]]:
    """The facts of the complaint form."""
    voice = Voice("zh_CN", office.house.calendar.tz, office.clock.now())
    with office.read() as records:
        matter, complaint = records.exec(select(Matter)).one(), records.exec(select(Complaint)).one()
        said = content(records, office.house, matter, complaint, office.clock.now())
        return {(voice.plain(heading), voice.plain(value)) for heading, value in said.facts}


def meeting(office: Office) -> Clock:
    with office.read() as records:
        return records.exec(select(Clock).where(Clock.rule == "R16.3b")).one()


async def to_the_end(office: Office) -> None:
    """Handled, confirmed and judged: only the closing is left."""
    ann, sales = office.people("ann", "sales")
    await fills(ann, "已解决", "硫化时间不足", "已换货")
    await fills(sales, "客户确认", "是", "满意")
    await fills(ann, "效果评价", "有效", "没有再漏")


# Major: told at once, decided by the meeting


async def test_a_large_first_estimate_goes_to_the_leaders_at_once_and_the_office_records_the_decision(
    office: Office,
) -> None:
    ann, gm, chair, vp, sales = office.people("ann", "gm", "chair", "vp", "sales")
    desk = sits(office, "amy", "office")
    await complain(ann)
    for each in (gm, chair, desk):
        assert each.count("TS-2026-0001") == 0, each.name
    await office.sleeps("14h 30min")
    await estimates(ann, LARGE)
    for each in (gm, chair, vp, desk):
        each.reads("重大投诉 TS-2026-0001：大额索赔", "第十六条（四）", "初估：120,000 元")
    sales.reads("待办公会决定（艾梅 录入），11月26日 周四 18:00 前")
    await decides(desk)
    for each in (ann, sales, gm, chair, vp):
        each.reads("办公会决定（纪要 〔2026〕12号，11月23日 周一", "由质监部牵头，三天内换货")
    assert "待办公会决定" not in sales.last().text
    assert meeting(office).stopped_by == "decided"


async def test_a_large_claim_at_acceptance_is_major_from_the_start(office: Office) -> None:
    ann, gm, vp = office.people("ann", "gm", "vp")
    await ann.says("/complain 华航橡胶 胶管开裂")
    await ann.presses("修改")
    await ann.presses("索赔金额")
    await ann.says(LARGE)
    await ann.presses("保存")
    gm.reads("重大投诉 TS-2026-0001：大额索赔", "索赔：120,000 元")
    vp.reads("待办公会决定（魏立 录入）")
    assert kinds(office) == ["acceptance", "major"]


async def test_leaders_are_told_once_however_many_grounds_follow(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await complain(ann)
    await claims(ann, LARGE)
    gm.reads("重大投诉")
    seen = len(gm.bubbles())
    await estimates(ann, "20万")
    await fills(ann, "社会影响重大", "已上电视")
    assert len(gm.bubbles()) == seen
    gm.reads("大额索赔、社会影响重大")
    assert kinds(office).count("major") == 1


async def test_below_the_threshold_nobody_is_woken(office: Office) -> None:
    ann, gm, sales = office.people("ann", "gm", "sales")
    await complain(ann)
    await claims(ann, "99999")
    await estimates(ann, "99999.99")
    sales.reads("索赔：99,999 元", "初估：99,999.99 元")
    assert gm.count("TS-2026-0001") == 0
    with office.read() as records:
        assert not records.exec(select(Complaint)).one().major


async def test_a_major_social_effect_is_flagged_with_its_reason(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await complain(ann)
    await fills(ann, "社会影响重大", "省报记者已到现场")
    gm.reads("重大投诉 TS-2026-0001：社会影响重大")
    await ann.says("/case 1")
    ann.reads("社会影响重大：省报记者已到现场", "列为重大投诉：社会影响重大")


async def test_a_decision_that_is_not_recorded_in_three_working_days_goes_to_the_general_manager(
    office: Office,
) -> None:
    ann, gm = office.people("ann", "gm")
    desk = sits(office, "amy", "office")
    await complain(ann)
    await fills(ann, "到场处理", "刚才")
    await claims(ann, LARGE)
    await office.sleeps("71h 31min")
    desk.reads("办公会决定还没录入", "第十六条（四）")
    assert gm.count("办公会决定还没录入") == 0
    await office.sleeps("24h")
    gm.reads("办公会决定还没录入，超时")


# A lawsuit


async def test_words_of_a_lawsuit_in_a_complaint_are_told_to_legal_affairs_and_one_tap_confirms_them(
    office: Office,
) -> None:
    ann, gm, sales = office.people("ann", "gm", "sales")
    legal = sits(office, "amy", "legal")
    await complain(ann, "华航橡胶 胶管开裂，要到法院起诉")
    legal.reads("TS-2026-0001 疑似诉讼", "⚖️ 疑似诉讼，请确认")
    assert gm.count("TS-2026-0001") == 0
    await legal.presses("确认诉讼")
    legal.reads("涉及诉讼（艾梅）", "❗ 重大投诉：诉讼")
    gm.reads("重大投诉 TS-2026-0001：诉讼")
    sales.reads_nothing_of("请确认")


async def test_so_are_words_of_a_lawsuit_in_a_report_of_progress_once(office: Office) -> None:
    ann, vp = office.people("ann", "vp")
    await complain(ann)
    await fills(ann, "写进展", "客户在等答复", "客户")
    assert vp.count("疑似诉讼") == 0
    await fills(ann, "写进展", "收到律师函", "客户")
    vp.reads("TS-2026-0001 疑似诉讼")
    told = len(vp.bubbles())
    await fills(ann, "写进展", "又收到律师函", "客户")
    assert len(vp.bubbles()) == told


async def test_words_of_the_public_are_put_before_those_who_may_make_it_major(office: Office) -> None:
    ann, head, sales, gm = office.people("ann", "head", "sales", "gm")
    await complain(ann)
    await fills(ann, "写进展", "对方说要找记者曝光", "客户")
    for each in (head, sales):
        each.reads("TS-2026-0001 疑似有社会影响", "提到“记者”")
    assert gm.count("TS-2026-0001") == 0
    told = len(head.bubbles())
    await fills(ann, "写进展", "又说要发微博", "客户")
    assert len(head.bubbles()) == told, "once"
    await sales.says("/case 1")
    sales.reads("❗ 疑似社会影响（提到“记者”），请确认")
    await sales.presses("更多操作")
    await sales.does("取消重大", "只是气话")
    await sales.says("/case 1")
    sales.reads_nothing_of("疑似社会影响（提到")


# Claimed, assessed, approved, settled


async def test_a_small_claim_goes_from_the_sales_department_to_the_vice_president_and_finance(office: Office) -> None:
    ann, sales, vp, finance, gm = office.people("ann", "sales", "vp", "finance", "gm")
    await complain(ann)
    await claims(ann, SMALL)
    sales.reads("客户索赔 20,000 元（安然）：张工来函")
    await assesses(sales, "1.5万")
    vp.reads("请审批：索赔核定", "核定 15,000 元，退款", "按合同第八条")
    await vp.presses("同意")
    assert gm.count("TS-2026-0001") == 0
    finance.reads("索赔核定已批准（魏立）：15,000 元，退款")
    await settles(finance, "1.5万")
    sales.reads("核定：15,000 元，退款（已批准）", "结算：15,000 元，11月23日 周一，凭证 记字 0815")
    await to_the_end(office)
    await fills(sales, "结案", "已赔付")
    sales.reads("已结案")
    await sales.says("/case 1")
    sales.reads("提出索赔 无 → 20,000 元", "索赔核定已批准（魏立）：15,000 元，退款", "索赔已结算：15,000 元")
    assert printed(office) >= {("索赔金额", "20,000.00 元"), ("核定金额", "15,000.00 元"), ("结算金额", "15,000.00 元")}


async def test_a_large_claim_is_approved_by_the_vice_president_and_then_by_the_general_manager(office: Office) -> None:
    ann, sales, vp, finance, gm = office.people("ann", "sales", "vp", "finance", "gm")
    await complain(ann)
    await claims(ann, LARGE)
    await assesses(sales, "3万")
    vp.reads("请审批：索赔核定")
    assert gm.count("请审批") == 0
    await vp.presses("同意")
    gm.reads("请审批：索赔核定", "核定 30,000 元，退款")
    finance.reads_nothing_of("TS-2026-0001")
    await gm.presses("同意")
    finance.reads("索赔核定已批准（高远）：30,000 元，退款")


async def test_returned_with_an_opinion_it_is_assessed_anew(office: Office) -> None:
    ann, sales, vp = office.people("ann", "sales", "vp")
    await complain(ann)
    await claims(ann, SMALL)
    await assesses(sales, SMALL)
    await vp.presses("退回")
    await vp.says("样品未检")
    await vp.presses("保存")
    sales.reads("退回", "样品未检")
    ann.reads("核定：20,000 元，退款（已退回，待重新核定）")
    await assesses(sales, "5000", "折让")
    vp.reads("请审批：索赔核定", "核定 5,000 元，折让")
    with office.read() as records:
        assert [each.state for each in records.exec(select(Step))] == ["returned", "waiting"]


async def test_nothing_granted_is_approved_as_well_and_leaves_nothing_to_settle(office: Office) -> None:
    ann, sales, vp, finance = office.people("ann", "sales", "vp", "finance")
    await complain(ann)
    await claims(ann, SMALL)
    await fills(sales, "核定索赔", "不予赔付", "客户保管不当")
    await vp.presses("同意")
    assert finance.count("TS-2026-0001") == 0
    await to_the_end(office)
    await fills(sales, "结案", "已说明")
    sales.reads("已结案")


# What it keeps open


async def test_a_complaint_stays_open_until_its_claim_is_settled_and_says_who_has_the_ball(office: Office) -> None:
    ann, sales, vp, finance = office.people("ann", "sales", "vp", "finance")
    await complain(ann)
    await claims(ann, SMALL)
    await to_the_end(office)
    await sales.presses("结案")
    sales.reads("TS-2026-0001 的索赔还没有核定完，不能结案：请 肖红 核定索赔")
    await assesses(sales, SMALL)
    await sales.presses("结案")
    sales.reads("的索赔核定还在审批，不能结案：请 魏立 审批")
    await vp.presses("同意")
    await sales.presses("结案")
    sales.reads("的索赔已批准、未结算，不能结案：请 方圆 结算")
    await settles(finance, SMALL)
    await fills(sales, "结案", "已赔付")
    sales.reads("已结案")


async def test_a_major_complaint_stays_open_until_the_meeting_has_decided(office: Office) -> None:
    ann, sales, gm = office.people("ann", "sales", "gm")
    await complain(ann)
    await fills(sales, "社会影响重大", "上了热搜")
    await to_the_end(office)
    await sales.presses("结案")
    sales.reads("TS-2026-0001 是重大投诉，办公会决定还没有录入，不能结案：请 魏立 录入")
    with pytest.raises(NotNowError), office.store.write() as session:
        in_hand(office, session).close("已整改")
    await fills(gm, "办公会决定", "纪要〔2026〕8号", "今天", "公开致歉")
    await fills(sales, "结案", "已整改")
    sales.reads("已结案")


async def test_even_without_the_form_it_can_not_be_closed(office: Office) -> None:
    ann, sales, vp = office.people("ann", "sales", "vp")
    await complain(ann)
    await claims(ann, SMALL)
    await assesses(sales, SMALL)
    await vp.presses("同意")
    await to_the_end(office)
    with office.store.write() as session, pytest.raises(NotNowError):
        in_hand(office, session).close("已赔付")


def in_hand(office: Office, session: Session) -> Case:
    matter, complaint = session.exec(select(Matter)).one(), session.exec(select(Complaint)).one()
    return Case(session, office.house, matter, complaint, session.get_one(Staff, 1), office.clock.now())


async def test_after_closing_nothing_is_claimed(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    late = ann._button("提出索赔")
    await ann.presses("返回")
    await to_the_end(office)
    await fills(sales, "结案", "已整改")
    await ann.presses_again(late[0].id, late[1])
    assert "claim" not in kinds(office)


# Twice, too much, by the wrong people


async def test_a_claim_is_settled_once_and_for_no_more_than_was_granted(office: Office) -> None:
    ann, sales, vp, finance = office.people("ann", "sales", "vp", "finance")
    await complain(ann)
    await claims(ann, SMALL)
    await assesses(sales, "1万")
    await vp.presses("同意")
    again = finance._button("结算")
    await finance.presses("结算")
    await finance.says("1.2万")
    finance.reads("不超过核定的 10,000 元")
    await finance.presses("10,000 元")
    await finance.presses("今天")
    await finance.says("记字 0815")
    await finance.presses("保存")
    await finance.presses_again(again[0].id, again[1])
    assert kinds(office).count("settlement") == 1


async def test_each_step_is_for_those_whose_it_is(office: Office) -> None:
    ann, sales, vp, finance, quality = office.people("ann", "sales", "vp", "finance", "quality")
    await complain(ann)
    await claims(ann, SMALL)
    for each in (ann, quality, finance):
        assert not offers(each, "核定索赔"), each.name
    await assesses(sales, SMALL)
    for each in (ann, quality, finance, sales):
        assert not offers(each, "同意"), each.name
    await vp.presses("同意")
    for each in (ann, quality, sales, vp):
        await each.says("/case 1")
        assert not offers(each, "结算"), each.name
    assert not offers(finance, "已解决"), "finance looks at it, and works on its settlement only"
    assert offers(finance, "结算")


def offers(who: Person, label: str) -> bool:
    return any(label == each.text for bubble in who.bubbles() for row in bubble.buttons for each in row)


# 取消重大


async def test_it_is_made_no_longer_major_only_with_a_reason_that_the_auditor_finds(office: Office) -> None:
    ann, sales, gm, auditor = office.people("ann", "sales", "gm", "auditor")
    await complain(ann)
    await claims(ann, LARGE)
    await ann.presses("更多操作")
    assert not offers(ann, "取消重大")
    await fills(sales, "取消重大", "金额少打了小数点")
    gm.reads("不再是重大投诉（肖红）：金额少打了小数点")
    assert meeting(office).stopped_by == "unmajor"
    with office.read() as records:
        assert not records.exec(select(Complaint)).one().major
    await auditor.says("/audit TS-2026-0001")
    auditor.reads("肖红 取消重大")
    await auditor.says("/case 1")
    auditor.reads("取消重大（原为 大额索赔）：金额少打了小数点")


async def test_a_new_ground_makes_it_major_again(office: Office) -> None:
    ann, sales, gm = office.people("ann", "sales", "gm")
    await complain(ann)
    await claims(ann, LARGE)
    await fills(sales, "取消重大", "金额有误")
    await office.passes("2h")
    await claims(ann, "15万")
    gm.reads("重大投诉 TS-2026-0001：大额索赔", "索赔：150,000 元")
    assert claim(office).major_at == office.clock.now()
    assert meeting(office).closed_at is None


async def test_in_english(office: Office) -> None:
    ann, gm = office.people("ann", "gm")
    await gm.says("/lang en")
    await complain(ann)
    await claims(ann, LARGE)
    gm.reads("Major complaint TS-2026-0001: large claim", "Claimed: CNY 120,000", "Awaits the meeting's decision")
