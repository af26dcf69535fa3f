"""满意度调查 (R15.5): opened, asked by phone, handed in by the units, analysed, planned for, approved, followed up."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import col, select

from models import survey_asked, surveys
from models.audit import Audit
from models.clocks import Clock, Event
from models.customers import Customer
from models.people import Staff
from models.survey_asked import Said
from models.surveys import Outcome, Surveyed, SurveyState
from papers import charts
from rules.halves import Half
from tests.office import Office, Person
from words import Voice

PAGE = "https://survey.example.com"


async def opened(office: Office, *how: str) -> Person:
    (sales,) = office.people("sales")
    await sales.says("/survey")
    await sales.does("发起2026年下半年调查", *(how or (".全部客户",)))
    return sales


async def asked(who: Person, *marks: int, words: str = ".没有意见") -> None:
    """The next one of theirs, on the phone."""
    await who.says("/survey")
    await who.presses("📋")
    await who.presses("☎ 问 1")
    for each in marks:
        await who.says(str(each))
    await (who.presses(words[1:]) if words.startswith(".") else who.says(words))
    await who.presses("保存")


async def missed(who: Person, how: str) -> None:
    await who.says("/survey")
    await who.presses("📋")
    await who.presses("☎ 问 1")
    await who.presses(how)


async def handed_in(who: Person, words: str) -> None:
    await who.says("/survey")
    await who.does("报送", words)


# From the opening to the end


async def test_a_survey_goes_from_its_opening_to_the_reports_of_the_units(office: Office) -> None:
    sales, ann, amy, head, east = office.people("sales", "ann", "amy", "head", "east")
    await sales.says("/survey")
    await sales.presses("发起")
    await sales.presses("全部客户")
    sales.reads("将问 5 家客户，2 个单位，2027年1月10日")  # nobody asks a reserve customer
    await sales.presses("保存")
    sales.reads("DC-2026-0001　调查中", "西北销售一部：应问 4", "合计：应问 5，已答 0")
    ann.reads("您有 3 家客户要问，2027年1月10日 周日前完成")
    head.reads("您有 4 家")
    await asked(ann, 5, 3, 4, words="交货再快一点")
    ann.reads("已记录 华航橡胶：产品质量 5、价格 3、服务（供货、技术支持、售后） 4")
    await ann.presses("也记一条沟通")
    ann.reads("沟通记录", "什么时候")
    await ann.says("取消")
    await ann.says("/survey")
    await ann.presses("📋")
    await ann.presses("☎ 问 1")
    ann.reads("远大密封")
    await ann.presses("没联系上")
    await missed(amy, "不愿回答")
    head.reads_nothing_of("都有结果")
    await head.says("/survey")
    assert not [each for each in head.buttons() if "报送" in each], "somebody is still to be asked"
    await asked(ann, 2, 2, 3)
    head.reads("西北销售一部的客户都有结果了")
    await head.presses("报送 西北销售一部")
    await head.says("价格偏高，交货慢")
    head.reads("价格　2.50，满意率 0%，2 个评分")
    await head.presses("保存")
    sales.reads("西北销售一部 已报送（何建国）：价格偏高，交货慢", "还有 1 个单位没报送")
    await missed(east, "没联系上")
    await handed_in(east, "没有问题")
    sales.reads("各单位都已报送")

    await sales.says("/survey")
    sales.reads("待分析", "合计：应问 5，已答 2，没联系上 2，不愿答 1，未问 0")
    await sales.presses("调查结果")
    sales.reads(
        "产品质量　3.50，满意率 50%，2 个评分", "5分×1、2分×1", "总体　3.17", "没有2026年上半年的调查，不作比较"
    )
    sales.reads("战略合作　2.33", "重点　4.00", "📄 西北销售一部")
    await sales.presses("意见和建议 1")
    sales.reads("1. 华航橡胶：交货再快一点")


def all_handed_in(office: Office) -> Person:
    """Nobody could be reached, and both units say so."""
    now = office.clock.now()
    with office.store.write() as session:
        by = session.exec(select(Staff).where(Staff.number == "D01")).one()
        campaign = surveys.begin(session, office.house, by, Half(2026, 2), None, 7, now)
        for each in session.exec(select(Surveyed)).all():
            survey_asked.replied(session, campaign, each, Said(Outcome.UNREACHED, by=by.id), now)
        for unit in surveys.awaited(session, campaign):
            surveys.hand_in(session, office.house, campaign, by, unit, "都没联系上", now)
        assert campaign.matter.state == SurveyState.ANALYSIS
    return office.person("sales")


async def test_the_plan_is_approved_and_followed_until_it_is_done(office: Office) -> None:
    sales = all_handed_in(office)
    head, vp, finance = office.people("head", "vp", "finance")
    await sales.says("/survey")
    await sales.presses("改进方案")
    await sales.does("加一条措施", ".西北销售一部", "提前一天告知交货期", "12月20日")
    await sales.does("加一条措施", ".华东销售部", "写错了的一条", "12月20日")
    await sales.presses("划掉 2")
    sales.reads_nothing_of("写错了的一条")
    await sales.does("报领导审批", "交货慢是主要问题")
    vp.reads("请审批：满意度改进方案", "分析（肖红）：交货慢是主要问题", "1. 西北销售一部：提前一天告知交货期")
    await vp.does("退回", "再核一下价格")
    sales.reads("再核一下价格")
    await sales.does("加一条措施", ".财务部", "核对今年的价格", "12月25日")
    await sales.does("报领导审批", "交货慢，价格偏高")
    await vp.presses("同意")
    head.reads("改进措施 GJ-2026-0001", "提前一天告知交货期", "12月20日")
    finance.reads("GJ-2026-0002", "核对今年的价格")
    await head.does("已落实", "每单提前一天打电话")
    await sales.says("/survey")
    await sales.presses("改进方案")
    sales.reads("GJ-2026-0001 ✅已办结", "✅ 每单提前一天打电话", "GJ-2026-0002 待确认收到")
    assert "全部落实，结束" not in sales.buttons()
    await finance.does("已落实", "已核对")
    await sales.says("/survey")
    await sales.presses("改进方案")
    await sales.presses("全部落实")
    sales.reads("已完成")
    with office.read() as session:
        done = session.exec(select(Audit.action).where(col(Audit.action).startswith("survey."))).all()
        assert {each.removeprefix("survey.") for each in done} == {
            *("begin", "reply", "hand_in", "measure", "strike", "approve", "finish"),
        }
        assert (
            session.exec(select(Clock).where(Clock.subject_kind == "survey", col(Clock.closed_at).is_(None))).all()
            == []
        )


async def test_what_is_before_the_leaders_stays_as_it_was(office: Office) -> None:
    sales = await opened(office)
    ann, amy, vp = office.people("ann", "amy", "vp")
    for each in (ann, amy):
        await each.says("/survey")
        await each.presses("📋")
    for each in ("☎ 问 1", "5 很满意", "5 很满意"):
        await amy.presses(each)
    await sales.presses("改进方案")
    await sales.does("加一条措施", ".西北销售一部", "提前告知交货期", "12月20日")
    await sales.presses("报领导审批")
    await sales.says("交货慢")
    sales.reads("还有 2 个单位没报送")
    await sales.presses("保存")
    await ann.presses("☎ 问 1")
    ann.reads("不再收回答")
    await amy.presses("5 很满意")
    await amy.does("没有意见")
    amy.reads("不再收回答")
    await sales.says("/survey")
    await sales.presses("改进方案")
    assert not [each for each in sales.buttons() if "措施" in each or "划掉" in each]
    await vp.does("退回", "等各单位报送")
    await ann.says("/survey")
    await ann.presses("📋")
    await ann.presses("☎ 问 1")
    ann.reads("1/4")


# Whom it asks


async def test_a_sample_is_drawn_by_a_seed_that_stays_on_record(office: Office) -> None:
    sales = await opened(office, ".抽样", "1")
    sales.reads("抽样：每单位每层级 1 家（抽样号")
    with office.read() as session:
        campaign = surveys.latest(session, 1)[0]
        rule = office.house.rulebook.survey
        assert rule is not None
        again = surveys.draw(surveys.candidates(session, rule), 1, campaign.survey.seed)
        chosen = session.exec(select(Surveyed.customer_id).order_by(col(Surveyed.id))).all()
        assert [each.customer for each in again] == list(chosen)
        assert len(chosen) == 4  # of two ordinary customers in one unit, one
        others = {
            tuple(each.customer for each in surveys.draw(surveys.candidates(session, rule), 1, n)) for n in range(20)
        }
        assert len(others) == 2, "each of the two has its chance"


async def test_a_customer_who_moves_before_they_were_asked_is_asked_in_the_new_unit(office: Office) -> None:
    sales = await opened(office)
    with office.store.write() as session:
        campaign = surveys.latest(session, 1)[0]
        moved = session.exec(select(Customer).where(Customer.short_name == "远大密封")).one()
        bob = session.exec(select(Staff).where(Staff.number == "S03")).one()
        east = session.exec(select(Customer.unit_id).where(Customer.short_name == "申江液压")).one()
        moved.unit_id, moved.owner_id = east, bob.id or 0
        session.flush()
        surveys.moved(session, office.house, [moved.id or 0], east, office.clock.now())
        assert survey_asked.in_unit(session, campaign, east).asked == 2
        other = session.exec(select(Customer).where(Customer.short_name == "申江液压")).one()
        west = session.exec(select(Customer.unit_id).where(Customer.short_name == "华航橡胶")).one()
        surveys.moved(session, office.house, [other.id or 0, moved.id or 0], west, office.clock.now())
        assert surveys.awaited(session, campaign) == [west], "nobody is left to be asked in the other unit"
        surveys.moved(session, office.house, [other.id or 0, moved.id or 0], east, office.clock.now())
    await sales.says("/survey")
    sales.reads("西北销售一部：应问 3", "华东销售部：应问 2")
    await asked(office.person("bob"), 5, 5, 5)
    office.person("bob").reads("远大密封")


async def test_everybody_sees_their_own_and_nobody_elses(office: Office) -> None:
    sales = await opened(office)
    ann, bob, auditor, finance, admin = office.people("ann", "bob", "auditor", "finance", "admin")
    await asked(ann, 5, 4, 3, words="价格可以")
    await bob.says("/survey")
    bob.reads("您的客户：应问 1，已答 0")
    bob.reads_nothing_of("西北")
    await auditor.says("调查")
    await auditor.presses("已有结果")
    auditor.reads("华航橡胶", "产品质量 5")
    assert not [each for each in auditor.buttons() if "改" in each]
    for stranger in (finance, admin):
        await stranger.says("/survey")
        stranger.reads("没有")
        stranger.reads_nothing_of("DC-2026")
    await ann.says("/survey")
    assert not [each for each in ann.buttons() if "改进方案" in each or "发起" in each]
    await sales.says("/survey")
    await sales.presses("已有结果")
    await sales.presses("✎ 改 1")
    for each in ("5", "5", "5"):
        await sales.says(each)
    await sales.does("没有意见")
    sales.reads("已记录 华航橡胶：产品质量 5、价格 5")
    await sales.says("/survey")
    sales.reads("已答 1")


async def test_a_marked_customer_goes_by_its_code_name(office: Office) -> None:
    (vp,) = office.people("vp")
    await vp.says("/codename 华航橡胶 甲七 涉军")
    await vp.presses("保存")
    sales = await opened(office)
    ann = office.person("ann")
    await asked(ann, 5, 5, 5, words="张工说华航橡胶满意")
    ann.reads("已记录 甲七")
    await sales.says("/survey")
    await sales.presses("调查结果")
    await sales.presses("意见和建议")
    sales.reads("甲七")
    sales.reads_nothing_of("华航", "张工")


async def test_without_a_page_no_link_is_offered_and_administrators_know_why(office: Office) -> None:
    await opened(office)
    ann, admin = office.people("ann", "admin")
    await ann.says("/survey")
    await ann.presses("📋")
    await ann.presses("☎ 问 1")
    assert "发链接给客户" not in ann.buttons()
    await admin.says("/status")
    admin.reads("满意度网页未开通：没有设置 [survey_page] url")
    office.lives_by(replace(office.house, survey_address=PAGE))
    await ann.says("/survey")
    await ann.presses("📋")
    await ann.presses("☎ 问 1")
    await ann.presses("发链接给客户")
    ann.reads("把下面这段发给 华航橡胶", f"{PAGE}/s/", "链接只能用一次，14 天内有效")
    await admin.says("/status")
    admin.reads(f"满意度网页 {PAGE}")


# Clocks


async def test_the_sales_department_is_reminded_to_open_it_and_to_plan(office: Office) -> None:
    sales, vp = office.people("sales", "vp")
    await office.sleeps("16d")
    await office.until("2026-12-10 07:00")
    assert sales.count("请发起2026年下半年的满意度调查") == 0
    await office.until("2026-12-10 12:00")
    sales.reads("请发起2026年下半年的满意度调查", "第十五条（五）", "12月24日")
    await office.sleeps("13d")
    await office.until("2026-12-29 12:00")
    sales.reads("请发起2026年下半年的满意度调查（已超期）")
    vp.reads("请发起2026年下半年的满意度调查（已超期）")
    await opened(office)
    assert sales.count("请发起") == 3
    with office.read() as session:
        clock = session.exec(select(Clock).where(Clock.subject_kind == surveys.OPENING)).one()
        assert (clock.cycle, office.house.calendar.local(clock.anchor).isoformat()[:10]) == ("2027-H1", "2027-06-10")


async def test_units_are_reminded_before_10_january_and_late_ones_go_up_once(office: Office) -> None:
    await opened(office)
    head, east, sales, vp, gm = office.people("head", "east", "sales", "vp", "gm")
    await missed(east, "没联系上")
    await handed_in(east, "都没联系上")
    await office.sleeps("40d")
    await office.until("2027-01-03 17:00")
    assert head.count("第十五条（五）：每半年") == 0, "a week before is a Sunday"
    reminded = [
        # until, who has been reminded how often by then
        ("2027-01-04 09:00", {"head": 1}),
        ("2027-01-09 09:00", {"head": 2}),
        ("2027-01-10 12:00", {"head": 2}),  # a Sunday
        ("2027-01-11 12:00", {"head": 3, "vp": 1, "sales": 1}),
        ("2027-01-13 12:00", {"head": 4, "vp": 2, "sales": 2, "gm": 1}),
        ("2027-01-20 12:00", {"head": 4, "vp": 2, "sales": 2, "gm": 1}),
    ]
    people = {"head": head, "east": east, "sales": sales, "vp": vp, "gm": gm}
    for until, expected in reminded:
        await office.until(until)
        told = {name: each.count("西北销售一部：应问 4，已答 0") for name, each in people.items()}
        assert {name: count for name, count in told.items() if count and name != "sales"} == {
            name: count for name, count in expected.items() if name != "sales"
        }, until
        with office.read() as session:
            clock = session.exec(
                select(Clock).where(
                    Clock.subject_kind == "survey", Clock.rule == "R15.5", col(Clock.closed_at).is_(None)
                )
            ).one()
            events = session.exec(select(Event).where(Event.clock_id == clock.id)).all()
            unsaid = until >= "2027-01-11"  # that it was due on the Sunday is recorded with what came on Monday
            assert len(events) == sum(expected.values()) + unsaid, until


# Compared


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_few_answers_are_not_compared_and_it_says_so(office: Office, rulebook_text: str) -> None:
    sales = office.person("sales")
    with office.store.write() as session:
        by = session.exec(select(Staff).where(Staff.number == "D01")).one()
        for half, marks in ((Half(2026, 1), (3, 3, 4, 2, 3)), (Half(2026, 2), (5, 4, 4, 5, 3))):
            campaign = surveys.begin(session, office.house, by, half, None, 7, office.clock.now())
            for mark, each in zip(
                marks, session.exec(select(Surveyed).where(Surveyed.matter_id == campaign.matter.id)), strict=True
            ):
                said = Said(Outcome.ANSWERED, {"quality": mark}, by=by.id)
                survey_asked.replied(session, campaign, each, said, office.clock.now())
    await sales.says("/survey")
    await sales.presses("调查结果")
    sales.reads("产品质量　4.20，满意率 80%，5 个评分，比上期 +1.20", "与2026年上半年比较")
    await sales.presses("单位")
    await sales.presses("西北销售一部")
    sales.reads("产品质量　4.50，满意率 100%，4 个评分\n", "不足 5 个评分的，不作比较")
    sales.reads_nothing_of("比上期 +")
    office.adopts(rulebook_text.replace("fewest    = 5", "fewest    = 4"))
    await sales.presses("返回")
    await sales.presses("调查结果")
    await sales.presses("单位")
    await sales.presses("西北销售一部")
    sales.reads("4 个评分，比上期 +1.50")
    await sales.says("/survey")
    await sales.presses("历次调查")
    await sales.presses("2026年上半年")
    sales.reads("DC-2026-0001")
    with office.read() as session:
        by = session.exec(select(Staff).where(Staff.number == "D01")).one()
        now = office.clock.now()
        view = charts.view_of(session, office.house, by, "satisfaction", None, now)
        drawn = charts.content(view, "satisfaction", Voice("zh_CN", office.house.calendar.tz, now))
    assert [each["values"] for each in drawn["lines"]] == [[None] * 12, [3.6]]
    assert drawn["lines"][1]["name"] == drawn["title"] == "满意度调查 3.6 分（10 个评分）"
