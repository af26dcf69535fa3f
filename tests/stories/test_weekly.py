"""On Monday those who lead read the week that is over in their one message of the morning; what comes by itself can be silenced."""

from __future__ import annotations

from tests.complaining import complain
from tests.office import Office
from tests.stories.test_duties import log

MONDAY = "2026-11-30 08:31"


async def test_who_leads_reads_the_week_that_is_over_once(office: Office) -> None:
    ann, bob, head, east, gm = office.people("ann", "bob", "head", "east", "gm")
    await log(ann, "远大密封 电话 刚才 交期")
    await log(head, "华航橡胶 电话 刚才 配方")
    await complain(bob, "申江液压 发运晚到")
    await office.until("2026-11-27 20:00")
    assert head.count("上周") == 0
    await office.until(MONDAY)
    head.reads("上周（11/23–11/29）", "应联系 12 次，完成 2 次（17%）；最低：每日沟通 10%")
    head.reads_nothing_of("申江液压", "投诉：", "未回访")
    east.reads("投诉：新增 1 · 关闭 0 · 在办 1（超时 1）", "投诉后未回访 1 家")
    gm.reads("应联系 17 次，完成 3 次（18%）；最低：西北销售一部 17%")
    assert [each.count("☀️ 11月30日") for each in (head, east, gm)] == [1, 1, 1]
    ann.reads_nothing_of("上周")
    await gm.presses("图表")
    gm.reads("点一张")
    await office.until("2026-12-04 20:00")
    assert head.count("📊 上周") == 1
    await office.until("2026-12-07 08:31")
    assert head.count("📊 上周") == 2


async def test_without_anything_owed_there_is_no_page(office: Office) -> None:
    (chair,) = office.people("chair")
    await office.until("2026-11-24 09:00")
    assert chair.count("上周") == 0


async def test_what_comes_by_itself_can_be_silenced_but_not_what_climbs(office: Office) -> None:
    head, gm, ann = office.people("head", "gm", "ann")
    await head.says("/me")
    await head.presses("提醒设置")
    head.reads("✅ 早间待办", "✅ 上周情况", "照常送达")
    await head.presses("关闭早间待办")
    head.reads("🔕 早间待办")
    await head.presses("关闭上周情况")
    await gm.says("提醒设置")
    await gm.presses("关闭早间待办")
    await ann.says("/notify")
    ann.reads_nothing_of("上周情况")
    before = head.count("☀️")
    await office.until(MONDAY)
    assert head.count("今天要办") == 0 and head.count("📊 上周") == 0
    assert head.count("☀️") > before, "what others owe has climbed to them"
    assert gm.count("📊 上周") == 1
    await head.says("/notify")
    await head.presses("开启早间待办")
    head.reads("✅ 早间待办")
    await office.until("2026-12-01 08:31")
    head.reads("今天要办")
