"""/score 考核评分 (R3.1, R7.6): a sheet per unit and quarter from the record, a draft until it is published, then frozen; appealed
with a reason, decided by a leader who did not score."""

from __future__ import annotations

from sqlmodel import col, select

from models.clocks import Clock
from models.messages import Card
from models.people import SINCE_EVER, Assignment, Staff, key
from models.scores import ScoreAppeal, ScoreSheet
from tests.complaining import complain
from tests.office import Office, Person


async def opens(who: Person, quarter: str = "") -> None:
    await who.says("/score")
    if "西北销售一部" in who.buttons():
        await who.presses("西北销售一部")
    if quarter:
        await who.presses(quarter)


async def a_quarter(office: Office) -> None:
    """A complaint that was late, a talk that was entered late, and most calls not made."""
    ann, head = office.people("ann", "head")
    await complain(ann, "华航橡胶 胶管开裂")
    await head.says("/log 飞翼制造 电话 11月20日 问候")
    await head.presses("保存")
    await office.sleeps("42d")  # Monday 4 January


async def test_a_draft_follows_the_record_and_each_figure_has_its_rows(office: Office) -> None:
    head, ann = office.people("head", "ann")
    await a_quarter(office)
    await opens(head)
    head.reads(
        "西北销售一部", "2026年第4季度", "草稿", "投诉按时限处理　0/20 分（0/1）", "记录及时（非补录）　0/5 分（0/1）"
    )
    head.reads("抽查属实　本季无，不计", "投诉客户回访　0/10 分（0/1）")
    await head.presses("明细 3")
    head.reads("TS-2026-0001 华航橡胶")
    await head.presses("返回")
    await head.presses("明细 1")
    head.reads("每周电话", "华航橡胶", "到期")
    await ann.says("考核评分")
    ann.reads("没有找到，或不在您的权限内")
    assert "✅ 发布" not in head.buttons()


async def test_what_is_published_stays_an_appeal_is_decided_by_who_did_not_score(office: Office) -> None:
    head, sales, vp, east = office.people("head", "sales", "vp", "east")
    await a_quarter(office)
    await opens(sales)
    await sales.presses("发布")
    sales.reads("发布后不再变动", "5 个工作日内申诉")
    await sales.presses("确认发布")
    head.reads("肖红 发布了考核评分", "投诉按时限处理　0/20 分", "单位负责人可在 1月11日")
    with office.read() as records:
        before = records.exec(select(ScoreSheet)).one()
        owed = records.exec(select(Clock.cycle).where(Clock.rule == "R7.6", Clock.subject_id == before.unit_id)).one()
    assert owed == "2027-Q1"
    await east.says("/score")
    east.reads("华东销售部", "草稿")
    # later entries of that quarter change nothing
    await head.says("/log 华航橡胶 电话 12月30日 问候")
    await head.presses("保存")
    await opens(head)
    head.reads("记录及时（非补录）　0/5 分（0/1）")
    await head.does("申诉", "胶管投诉的到场时间登记有误")
    vp.reads("何建国 提出了申诉", "胶管投诉的到场时间登记有误")
    assert "作决定" not in "".join(head.buttons())
    await opens(sales)
    assert "作决定" not in "".join(sales.buttons())
    await vp.does("作决定", ".更正", "66", "到场照片齐全，按时限计")
    head.reads("魏立 对申诉作了决定", f"由 {before.total:g} 更正为 66。到场照片齐全", "总分 66")
    sales.reads("更正为 66")
    await opens(head)
    head.reads("总分 66", "已定")
    assert not {"⚖️ 申诉", "⚖️ 作决定", "✅ 发布"} & set(head.buttons())
    with office.read() as records:
        after, row = records.exec(select(ScoreSheet)).one(), records.exec(select(ScoreAppeal)).one()
        clock = records.exec(select(Clock).where(Clock.rule == "R7.6b")).one()
    assert after == before
    assert (row.decision, row.total, clock.stopped_by) == ("changed", 66.0, "changed")


async def test_an_appeal_has_its_days_and_its_decision_its_clock(office: Office) -> None:
    head, sales, vp, gm, east = office.people("head", "sales", "vp", "gm", "east")
    await a_quarter(office)
    for unit in ("西北销售一部", "华东销售部"):
        await sales.says("考核评分")
        for each in (unit, "✅ 发布", "确认发布"):
            await sales.presses(each)
    await head.does("申诉", "数据有误")
    head.reads("申诉待决定")
    await office.until("2027-01-12 12:00")
    vp.reads("评分申诉", "西北销售一部")
    assert "⚖️ 申诉" in [each.text for bubble in east.bubbles() for row in bubble.buttons for each in row]
    await east.presses("⚖️ 申诉")
    east.reads("申诉期已过")
    await vp.does("作决定", ".维持原评分", "已核对记录")
    head.reads("维持原评分", "已核对记录")
    await vp.says("/score")
    vp.reads("西北销售一部", "申诉已决定：维持")
    await gm.says("考核评分")
    gm.reads("华东销售部", "已定")


async def test_who_scored_does_not_decide_even_where_they_lead_the_unit(office: Office) -> None:
    head, vp, gm = office.people("head", "vp", "gm")
    with office.store.write() as session:
        leader = session.exec(select(Staff).where(Staff.name == "魏立")).one()
        session.add(Assignment(staff_id=key(leader), role="enterprise", unit_id=1, starts=SINCE_EVER))
    await a_quarter(office)
    await opens(vp)
    for each in ("✅ 发布", "确认发布"):
        await vp.presses(each)
    await head.does("申诉", "数据有误")
    await opens(vp)
    assert "⚖️ 作决定" not in vp.buttons()
    await opens(gm)
    await gm.presses("作决定")
    await gm.says("取消")
    # an old button, as it was told to whoever leads the unit
    with office.store.write() as session:
        card = session.exec(select(Card).where(Card.staff_id == key(leader)).order_by(col(Card.id).desc())).first()
        assert card is not None
        card.buttons = [{"do": "score.decide", "args": {"unit": 2, "quarter": "2026-Q4"}}, *card.buttons[1:]]
    await vp.presses(vp.buttons()[0])
    vp.reads("请由其他领导决定")
    await opens(gm)
    await gm.does("作决定", ".维持原评分", "已核对")
    head.reads("高远 对申诉作了决定", "维持原评分")
