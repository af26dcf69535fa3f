"""优惠条件 (article 12（三）): for strategic and key customers, by the meeting's minutes, until their last day."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlmodel import select

from models.audit import Audit
from models.preferences import Preference
from tests.office import Office
from tests.planted import presses_planted
from tests.tiering import TERMS, benefit, called, departments, granted, meeting, proposed


def on_file(office: Office) -> Preference:
    with office.read() as session:
        return session.exec(select(Preference)).one()


async def test_a_preference_is_asked_for_in_a_form_that_answers_wrong_days(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await ann.says("/tiers 华航橡胶")
    await ann.presses("提优惠条件")
    await ann.presses("承兑汇票不贴息")
    await ann.says("半年以内的票")
    for wrong, answer in (
        ("等通知", "没看懂日期"),
        ("2020-01-01", "请写今天（11月23日 周一）或以后的日期"),
        ("2099-01-01", "最远到"),
    ):
        await ann.says(wrong)
        ann.reads(answer)
    await ann.says("2026-12-01")
    for wrong, answer in (("2026-11-30", "最后一天不能早于 12月1日 周二"), ("长期", "没看懂日期")):
        await ann.says(wrong)
        ann.reads(answer)
    await ann.presses("12月31日 周四")
    await ann.says("竞争对手已给")
    ann.reads("优惠种类：承兑汇票不贴息", "从：12月1日 周二", "至：12月31日 周四")
    await ann.presses("保存")
    ann.reads("已提出 TY-2026-0001", "承兑汇票不贴息，12月1日 周二 至 12月31日 周四", "条件：半年以内的票")
    await ann.presses("层级与优惠")
    await ann.does("提优惠条件", ".承兑汇票不贴息", "一样的条件", "今天", "明天", "再提一次")
    ann.reads("TY-2026-0001 还在办，不用再提")
    await ann.says("取消")
    await bob.says("/tiers 申江液压")
    bob.reads("优惠条件只给战略合作、重点客户（第十二条（三））")
    with office.read() as session:
        number = called(session, "申江液压").id
    person = await presses_planted(office, "bob", "tiers.favour", customer=number)
    person.reads("优惠条件只给战略合作、重点客户")


async def test_the_meeting_grants_it_and_its_terms_stand_in_the_confidential_part_of_the_file(office: Office) -> None:
    ann, bob, gm = office.people("ann", "bob", "gm")
    them = departments(office)
    proposed(office, **benefit(office))
    await meeting(them["office"])
    for who in ("ann", "head", "sales", "finance"):
        office.person(who).reads("华航橡胶 享受优惠：价格优惠", "纪要 〔2026〕12号")
    await gm.says("/find 华航橡胶")
    gm.reads("价格优惠，11月23日 周一 至 2027年6月30日 周三")
    gm.reads_nothing_of(TERMS)
    await gm.says("/tiers 华航橡胶")
    gm.reads("价格优惠，11月23日 周一 至 2027年6月30日 周三")
    gm.reads_nothing_of(TERMS)
    await gm.says("/file 华航橡胶")
    gm.reads_nothing_of(TERMS)
    await gm.presses("🔒 优惠条件")
    gm.reads(TERMS, "TY-2026-0001")
    await ann.says("/file 华航橡胶")
    await ann.presses("谁看过")
    ann.reads("高远", "优惠条件")
    await bob.says("/tiers 华航橡胶")
    bob.reads("没有找到")


async def test_it_is_reminded_of_a_month_before_and_ends_by_itself(office: Office) -> None:
    ann, head, finance, sales = office.people("ann", "head", "finance", "sales")
    granted(office, "2027-01-15")
    await office.sleeps("23d 22h")
    assert ann.count("到期") == 0
    await office.sleeps("2h")
    for person in (ann, head):
        person.reads("华航橡胶：价格优惠 将于 2027年1月15日 周五 到期", "第十二条（三）")
    assert finance.count("到期") == 0
    await office.sleeps("29d 22h")
    await sales.says("/tiers 华航橡胶")
    sales.reads("优惠条件\n没有")
    assert on_file(office).ended_at is None, "it is said when nobody sleeps"
    await office.sleeps("1h")
    finance.reads("华航橡胶：价格优惠 已于 1月15日 周五 到期，自动终止")
    for person in (ann, head, sales):
        person.reads("华航橡胶：价格优惠", "1月15日 周五 到期")
    assert on_file(office).ended_why == "expired"
    await office.sleeps("10d")
    assert finance.count("自动终止") == 1
    with office.read() as session:
        assert session.exec(select(Audit.staff_id).where(Audit.action == "preference.end")).one() is None


async def test_the_meeting_can_not_grant_what_the_tier_no_longer_allows_or_what_is_over(office: Office) -> None:
    them = departments(office)
    (ann,) = office.people("ann")
    proposed(office, **benefit(office, "2026-12-31"))
    office.clock.move(timedelta(days=42))
    desk = them["office"]
    await meeting(desk)
    desk.reads("这项优惠的期限 2026年12月31日 周四 已过")
    with office.store.write() as session:
        session.execute(text("UPDATE customer SET tier = 'ordinary' WHERE short_name = '华航橡胶'"))
    await desk.presses("保存")
    desk.reads("优惠条件只给战略合作、重点客户")
    await desk.presses("修改")
    await desk.presses("结果")
    await desk.presses("不同意")
    await desk.presses("保存")
    ann.reads("未同意")
    with office.read() as session:
        assert not session.exec(select(Preference)).all()


async def test_of_a_customer_that_goes_by_a_code_name_no_minutes_are_kept_as_a_picture(office: Office) -> None:
    them = departments(office)
    (vp,) = office.people("vp")
    await vp.says("/codename 华航橡胶 甲一 保密协议")
    await vp.presses("保存")
    proposed(office, **benefit(office))
    desk = them["office"]
    await desk.says("/approve")
    await desk.presses("第 1 件")
    desk.reads("甲一")
    desk.reads_nothing_of("华航")
    await desk.presses("录入办公会决定")
    await desk.sends("photo")
    desk.reads("甲一")
    for answer in (".同意", "〔2026〕12号", ".今天", "按提议执行"):
        await (desk.presses(answer[1:]) if answer[0] == "." else desk.says(answer))
    await desk.presses("保存")
    desk.reads_nothing_of("附件")
    assert on_file(office).benefit == "price"


async def test_what_was_proposed_and_granted_stays_on_record(office: Office) -> None:
    granted(office)
    with office.store.write() as session:
        session.execute(text("UPDATE preference SET ended_at = '2026-12-01 00:00:00', ended_why = 'tier'"))
    for each in (
        "UPDATE proposal SET after = 'strategic'",
        "UPDATE proposal SET reason = '没有的事'",
        "UPDATE proposal SET terms = '半价'",
        "UPDATE proposal SET ends = '2030-01-01'",
        "DELETE FROM proposal",
        "UPDATE preference SET ends = '2030-01-01'",
        "UPDATE preference SET customer_id = 2",
        "UPDATE preference SET ended_at = NULL",
        "DELETE FROM preference",
    ):
        with pytest.raises(DBAPIError, match="what is on record stays"), office.store.write() as session:
            session.execute(text(each))
