"""What stands on the screens of a complaint: the whole story, the next step after a decision, the card for those who may see it."""

from __future__ import annotations

import pytest
from sqlmodel import select

from dialogue.forms import WrongAnswerError
from dialogue.kinds import Money
from models.complaints import Case
from models.people import Staff
from models.records import Complaint, Matter
from models.steps import Step
from tests.complaining import asks, complain, entrust
from tests.office import Office
from tests.planted import presses_planted

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PHONE = "13800138001"


def reported(office: Office, times: int) -> None:
    """So many reports to the customer, as if they were written one after another."""
    with office.store.write() as session:
        matter, complaint = session.exec(select(Matter)).one(), session.exec(select(Complaint)).one()
        ann = session.exec(select(Staff).where(Staff.name == "安然")).one()
        case = Case(session, office.house, matter, complaint, ann, office.clock.now())
        for number in range(1, times + 1):
            case.report(f"第 {number} 次去电", ["customer"])


# The story


async def test_the_story_says_what_stands_before_it_and_leads_there_from_the_first_word(office: Office) -> None:
    ann, bob = office.people("ann", "bob")
    await complain(ann)
    reported(office, 13)
    await ann.says("ts-2026-0001")
    ann.reads("（前面还有 2 条）", "第 2 次去电", "第 13 次去电")
    ann.reads_nothing_of("第 1 次去电")
    await ann.presses("从头看经过")
    ann.reads("TS-2026-0001 经过　1/2 页", "受理：胶管开裂", "第 1 次去电", "第 11 次去电")
    await ann.presses("下一页")
    ann.reads("2/2 页", "第 12 次去电", "第 13 次去电")
    await ann.presses("上一页")
    ann.reads("1/2 页", "受理：胶管开裂")
    await bob.says("TS-2026-0001")
    bob.reads("没有投诉单")


async def test_a_complainant_without_a_phone_leaves_no_blank_behind_the_name(office: Office) -> None:
    ann, quality = office.people("ann", "quality")
    await complain(ann)
    with office.store.write() as session:
        session.exec(select(Complaint)).one().complainant_phone = None
    await quality.says("/case 1")
    quality.reads("华航橡胶　张工\n类型：产品质量")


# After a decision


async def test_whoever_asked_hears_of_the_decision_once_with_the_next_step_on_it(office: Office) -> None:
    ann, quality, vp, sales = office.people("ann", "quality", "vp", "sales")
    await complain(ann)
    await entrust(quality)
    await vp.presses("退回")
    await vp.says("请写清原因")
    before = len(quality.bubbles())
    await vp.presses("保存")
    assert len(quality.bubbles()) == before + 1 and "请写清原因" in quality.last().text
    assert "定责任单位" in [button.text for row in quality.last().buttons for button in row]
    await asks(ann, "作废", "重复登记")
    before = len(ann.bubbles())
    await sales.presses("同意并写意见")
    await sales.says("以一号单为准")
    await sales.presses("保存")
    assert len(ann.bubbles()) == before + 1
    assert "已作废" in ann.last().text and "以一号单为准" in ann.last().text
    assert "恢复办理" in [button.text for row in sales.last().buttons for button in row]


async def test_what_waits_for_me_says_who_asks_and_until_when(office: Office) -> None:
    ann, quality, vp = office.people("ann", "quality", "vp")
    await complain(ann)
    await entrust(quality)
    await vp.says("/approve")
    vp.reads("TS-2026-0001 责任单位和处理时限（秦工 提出，限 11月23日 周一 11:00）")


async def test_a_decision_is_passed_on_to_somebody_else_than_oneself(office: Office) -> None:
    ann, quality, vp = office.people("ann", "quality", "vp")
    await complain(ann)
    await entrust(quality)
    await vp.presses("转办")
    assert "魏立" not in vp.buttons()
    await vp.says("魏立")
    vp.reads("魏立 现在就在办，请写另一位同事。", "转给谁办")


async def test_what_was_asked_already_waits_and_the_card_stays(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await complain(ann)
    await ann.presses("更多操作")
    old = ann._button("中止计时")
    await asks(ann, "中止计时", ".客户要求改期", "后天10点", "设备停不下来")
    await ann.presses_again(old[0].id, old[1])
    ann.reads("“中止计时”已在审批中", "中止计时：待 肖红 决定")
    assert ann._button("写进展")
    await sales.presses("同意")
    ann.reads("⏸ 省内时限中止计时到")


# Who sees and decides


async def test_news_reach_finance_without_the_customers_card(office: Office) -> None:
    ann, gm, finance = office.people("ann", "gm", "finance")
    await complain(ann)
    await asks(ann, "初估", "二十万", "整批报废")
    await gm.does("办公会决定", "〔2026〕12号", ".今天", "同意赔付")
    finance.reads("办公会决定", "同意赔付", "TS-2026-0001")
    finance.reads_nothing_of("张工", PHONE, "华航")


async def test_the_unit_that_is_responsible_does_not_name_another(office: Office) -> None:
    ann, quality, logistics = office.people("ann", "quality", "logistics")
    await complain(ann)
    await entrust(quality, "储运公司")
    assert "到场处理" in logistics.buttons() and "定责任单位" not in logistics.buttons()
    await presses_planted(office, "logistics", "complaint.entrust", matter=1)
    logistics.reads_nothing_of("由哪个单位负责处理")
    assert "定责任单位" in quality.buttons()


@pytest.mark.parametrize("deed", ["show", "approve", "answer", "return", "pass_on"])
async def test_a_decision_is_made_by_those_who_were_asked(office: Office, deed: str) -> None:
    ann, quality, amy = office.people("ann", "quality", "amy")
    await complain(ann)
    await entrust(quality)
    await presses_planted(office, "amy", f"step.{deed}", step=1)
    amy.reads("没有找到，或不在您的权限内。")
    amy.reads_nothing_of("请审批", "为什么退回", "转给谁办")
    with office.read() as records:
        assert [each.state for each in records.exec(select(Step))] == ["waiting"]


# What is typed


@pytest.mark.parametrize(
    ("typed", "yuan"),
    [
        ("二十万", 2e5),
        ("十万元", 1e5),
        ("三百五十万", 3.5e6),
        ("两千万", 2e7),
        ("5千", 5e3),
        ("3.5万", 35000),
        ("¥1,200", 1200),
    ],
)
def test_an_amount_in_words_is_an_amount(database: str, typed: str, yuan: float) -> None:
    assert Money().read(None, {}, typed) == yuan  # type: ignore[arg-type]


@pytest.mark.parametrize("typed", ["万", "一二三万", "百", "-3万", "9" * 20, "三千五"])
def test_what_is_no_amount_is_not_guessed(database: str, typed: str) -> None:
    with pytest.raises(WrongAnswerError):
        Money().read(None, {}, typed)  # type: ignore[arg-type]


async def test_an_unknown_line_offers_each_thing_once(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("何川")
    shown = [button.text for row in ann.last().buttons for button in row]
    assert "记沟通" in shown and len(shown) == len(set(shown))
