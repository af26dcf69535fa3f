"""Names in what is pushed are masked for those who want it so; the whole is one tap away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.office import Office, Person

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NAMES = ("华航", "欧阳秋实")


async def a_complaint_climbs(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/complain 华航橡胶 胶管开裂，请联系欧阳秋实")
    for step in ("修改", "投诉人"):
        await ann.presses(step)
    await ann.says("欧阳秋实")
    await ann.presses("保存")
    await office.passes("40h")


def told(person: Person) -> list[str]:
    """What came of itself about the complaint."""
    return [each.text for each in person.bubbles() if "TS-" in each.text]


async def test_whoever_wants_it_so_reads_no_names_until_they_ask(office: Office) -> None:
    (vp,) = office.people("vp")
    await vp.says("/me")
    await vp.presses("推送打码")
    await a_complaint_climbs(office)
    pushed = told(vp)
    assert pushed
    assert all("华**" in each for each in pushed)
    assert all(name not in each for each in pushed for name in NAMES)
    await vp.presses("显示全文")
    vp.reads("华航橡胶")
    vp.reads("欧阳秋实")
    await vp.presses("确认收到")


@embedded
async def test_others_read_names_as_before(office: Office) -> None:
    (vp,) = office.people("vp")
    await a_complaint_climbs(office)
    assert all("华航橡胶" in each for each in told(vp))
    assert all(button.text != "显示全文" for each in vp.bubbles() for line in each.buttons for button in line)


@embedded
async def test_the_company_may_want_it_and_somebody_not(office: Office) -> None:
    office.lives_by(replace(office.house, masks=True))
    vp, head = office.people("vp", "head")
    await head.says("/me")
    await head.presses("推送不打码")
    await a_complaint_climbs(office)
    assert all("华航" not in each for each in told(vp))
    assert any("华航" in each for each in told(head))


@embedded
async def test_an_answer_to_ones_own_look_up_is_never_masked(office: Office) -> None:
    office.lives_by(replace(office.house, masks=True))
    (ann,) = office.people("ann")
    await ann.says("/find 华航")
    ann.reads("华航橡胶")


async def test_what_is_said_beside_a_form_that_comes_by_itself_names_nobody(office: Office) -> None:
    ann, sales = office.people("ann", "sales")
    await sales.says("/me")
    await sales.presses("推送打码")
    await ann.says("/complain 华航橡胶 胶管开裂，请联系欧阳秋实")
    for button in ("保存", "已解决"):
        await ann.presses(button)
    for words in ("硫化时间不足", "已换货"):
        await ann.says(words)
    await ann.presses("保存")
    await sales.says("/case 1")
    await sales.does("客户确认", ".是", ".无")
    await ann.does("效果评价", ".有效", "没有再漏")
    await sales.does("结案", "已整改")
    captions = [each.text for each in sales.bubbles() if each.attachment]
    assert captions == ["📎 投诉受理单 TS-2026-0001　第1版"]
