"""/spot 抽查 (R17.11) and /assessment 季度考核 (R17.10): drawn by itself with its seed on record, asked by phone, never by oneself;
the quarter's four contents, published and kept."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from sqlalchemy import text
from sqlmodel import select

from models.assessments import CallbackAssessment
from models.clocks import Clock
from models.spot_checks import SpotDraw
from rules.house import Keeping
from tests.complaining import resolve, satisfied
from tests.office import Office, Person
from tests.servers import rulebook_text


async def visits(office: Office, *those: tuple[str, str]) -> None:
    for who, whom in those:
        (person,) = office.people(who)
        await person.says(f"/log {whom} 走访 刚才 谈了计划")
        await person.presses("保存")


async def asked(who: Person, number: int, result: str, note: str) -> None:
    await who.says("抽查")
    await who.presses(f"核实 {number}")
    await who.presses(result)
    await who.says(note)
    await who.presses("保存")


def all_of_them(office: Office) -> None:
    """Every on-site entry is drawn."""
    office.adopts(rulebook_text().replace("percent         = 5", "percent         = 100"))


async def test_a_share_is_drawn_by_itself_with_its_seed_and_anybody_can_draw_again(office: Office) -> None:
    (sales,) = office.people("sales")
    await sales.says("/spot")
    sales.reads("还没有抽查", "5%")
    await visits(office, ("ann", "华航橡胶"), ("ann", "远大密封"), ("bob", "申江液压"))
    await office.sleeps("42d")  # Monday 4 January
    sales.reads("现场回访抽查", "2026年第4季度")
    await sales.says("抽查")
    sales.reads("现场记录 3 条，抽取 5%：1 条", "随机种子")
    with office.read() as records:
        row = records.exec(select(SpotDraw)).one()
        found = [
            each
            for (each,) in records.execute(
                text("SELECT id FROM entry WHERE channel = 'visit' AND kind IN ('contact', 'callback') ORDER BY id")
            )
        ]
    assert row.entries["from"] == found
    assert row.entries["drawn"] == Random(row.seed).sample(found, 1)


async def test_an_unconfirmed_visit_is_known_to_the_head_stands_apart_and_nobody_checks_their_own(
    office: Office,
) -> None:
    sales, head, ann, gm = office.people("sales", "head", "ann", "gm")
    all_of_them(office)
    await visits(office, ("head", "飞翼制造"), ("ann", "远大密封"), ("sales", "华航橡胶"))
    await office.sleeps("42d")
    await sales.says("抽查")
    sales.reads("现场记录 3 条，抽取 100%：3 条", "已核实 0")
    await sales.presses("核实 3")
    sales.reads("请由其他同事核实")
    await asked(sales, 1, "未证实", "刘主任说没有来过")
    head.reads("抽查未证实", "飞翼制造", "肖红 电话核实", "刘主任说没有来过")
    await asked(sales, 2, "未联系上", "无人接听")
    await asked(sales, 2, "属实", "孙厂长证实")
    await sales.says("抽查")
    assert [each for each in sales.buttons() if each.startswith("核实")] == ["核实 3"]
    sales.reads("已核实 2：属实 1，未证实 1，未联系上 0")
    with office.read() as records:
        owed = records.exec(select(Clock.cycle).where(Clock.rule == "R17.11")).one()
    assert owed == "2026-Q4"
    await asked(gm, 3, "属实", "张工证实")
    with office.read() as records:
        assert records.exec(select(Clock.cycle).where(Clock.rule == "R17.11")).one() == "2027-Q1"
    await head.says("沟通台账")
    await head.presses("全部")
    head.reads("抽查未证实")
    assert head.last().text.count("抽查未证实") == 1
    await ann.says("/spot")
    ann.reads("没有找到，或不在您的权限内")


async def test_a_quarter_without_visits_asks_for_no_checks(office: Office) -> None:
    (sales,) = office.people("sales")
    await office.sleeps("42d")
    sales.reads_nothing_of("现场回访抽查")
    with office.read() as records:
        assert records.exec(select(Clock.cycle).where(Clock.rule == "R17.11")).one() == "2027-Q1"


async def test_the_quarterly_assessment_has_its_four_contents_and_stays_as_it_was_published(office: Office) -> None:
    sales, head, vp = office.people("sales", "head", "vp")
    all_of_them(office)
    await sales.says("季度考核")
    sales.reads("2026年第4季度", "未发布")
    await office.sleeps("100d")  # 3 March
    await visits(office, ("head", "飞翼制造"), ("head", "远大密封"))
    await office.until("2027-04-01 12:00")
    await asked(sales, 1, "未证实", "没有来过")
    await asked(sales, 2, "属实", "来过")
    await sales.says("/assessment")
    sales.reads(
        "2027年第1季度", "未发布", "西北销售一部：到季末应走访", "抽查未证实 1", "抽查属实 1、未证实 1、未联系上 0"
    )
    await sales.does("写考核并发布", "走访了战略客户", "申江液压未走访", "加强抽查")
    head.reads("回访季度考核", "肖红", "主要成绩", "走访了战略客户", "申江液压未走访", "加强抽查", "西北销售一部")
    head.reads_nothing_of("华东销售部")
    vp.reads("西北销售一部", "华东销售部")
    with office.read() as records:
        row = records.exec(select(CallbackAssessment)).one()
        assert records.exec(select(Clock.cycle).where(Clock.rule == "R17.10")).one() == "2026-Q4"
    before = row.figures["units"]
    await visits(office, ("head", "华航橡胶"))
    await head.says("季度考核")
    with office.read() as records:
        assert records.exec(select(CallbackAssessment)).one().figures["units"] == before
    done = next(each["done"] for each in before if each["planned"])
    head.reads(f"已完成 {done} 次", "西北销售一部")
    # the quarter before is still owed; with it the one after this is
    await sales.says("季度考核")
    await sales.presses("2026年第4季度")
    await sales.does("写考核并发布", "无", "无", "补报")
    with office.read() as records:
        assert records.exec(select(Clock.cycle).where(Clock.rule == "R17.10")).one() == "2027-Q2"


async def test_a_correction_is_no_way_out_of_what_was_not_confirmed(office: Office) -> None:
    sales, head = office.people("sales", "head")
    all_of_them(office)
    await office.sleeps("37d")  # Wednesday 30 December
    await visits(office, ("head", "飞翼制造"))
    await office.sleeps("5d")
    await asked(sales, 1, "未证实", "没有来过")
    await head.says("更正 1")
    for each in ("修改", "内容"):
        await head.presses(each)
    await head.says("谈了明年的计划")
    await head.presses("保存")
    head.reads("更正了 LX-2026-000001")
    await head.says("沟通台账")
    await head.presses("全部")
    head.reads("LX-2027-000001", "抽查未证实")


async def test_names_among_the_words_of_checks_and_assessments_go_when_that_person_is_sealed(office: Office) -> None:
    bob, east, sales, vp, auditor = office.people("bob", "east", "sales", "vp", "auditor")
    all_of_them(office)
    await bob.says("/complain 申江液压 发运晚到")
    await bob.presses("保存")
    await closed(bob, sales)
    await visits(office, ("bob", "申江液压"))
    await east.says("/plan")
    await east.presses("临时回访")
    await east.does("➕ 临时回访", "申江液压", "我", ".电话", "明天", "钱经理要求回电")
    await vp.presses("同意")
    await office.sleeps("42d")
    await asked(sales, 1, "属实", "钱经理证实")
    await sales.says("季度考核")
    await sales.does("写考核并发布", "钱经理表示满意", "钱经理催货", "给钱经理定期回电")
    await sales.says("考核评分")
    for each in ("华东销售部", "✅ 发布", "确认发布"):
        await sales.presses(each)
    await east.does("申诉", "钱经理可以证明按时到场")
    await vp.does("作决定", ".维持原评分", "问过钱经理")
    office.lives_by(replace(office.house, keeping=Keeping(seal_after_years=0)))
    await sales.says("/seal TS-2026-0001 期满")
    await sales.presses("保存")
    await auditor.presses("同意封存")
    with office.read() as records:
        words = [
            cell
            for table in ("spot_result", "callback_assessment", "score_appeal", "planned_visit", "step")
            for row in records.execute(text(f"SELECT * FROM {table}"))
            for cell in row
        ]
    assert not [each for each in words if "钱经理" in str(each)]
    assert [each for each in words if str(each).endswith("表示满意")]


async def closed(who: Person, sales: Person) -> None:
    """The complaint, to its end."""
    await who.says("/case 1")
    await resolve(who)
    await sales.says("/case 1")
    await satisfied(sales, True, "好了")
    await who.does("效果评价", ".有效", "没有再晚")
    await sales.does("结案", "已改")
