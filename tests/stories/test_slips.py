"""A slip of the thumb in a customer's name, in the chat and in what `keguan read` finds in a real database."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlmodel import Session

from bot.asking import Everyone
from models import customers
from reading.customers import Candidate
from rules.gate import Scope
from tests.office import Office

NOBODY = Scope(all=False, units=frozenset(), owner=None, self_=None)


async def test_a_slip_in_the_name_still_opens_the_card_of_that_customer(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("华行橡胶 电话 昨天下午3点 张工 谈了三季度配方")
    ann.reads("沟通记录", "华航橡胶", "张工", "未保存")


async def test_a_name_of_another_company_is_asked_about(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华天橡胶 电话 昨天下午3点 谈了三季度配方")
    ann.reads("没有找到“华天橡胶”")


async def test_of_two_that_fit_the_city_decides(office: Office) -> None:
    (head,) = office.people("head")
    await head.says("/log 宝鸡远大 电话 今天上午 问了交期")
    head.reads("远大机械", "问了交期", "未保存")


@pytest.mark.parametrize("typed", ["华行橡胶", "花航橡胶", "huahangxianjiao", "huahagnxiangjiao"])
async def test_the_database_finds_who_is_near(office: Office, typed: str) -> None:
    with office.read() as records:
        assert _names(Everyone(records).near(typed)) == ["西安华航橡胶有限公司"]
        assert not _found_by_name(records, typed)


@pytest.mark.parametrize("typed", ["华航橡胶", "华天橡胶", "abc", "", "华", "1234567"])
async def test_nobody_is_near_what_is_right_or_quite_different(office: Office, typed: str) -> None:
    with office.read() as records:
        assert _names(Everyone(records).near(typed)) == []


async def test_nobody_is_near_for_those_who_may_see_nobody(office: Office) -> None:
    with office.read() as records:
        assert customers.near(records, "华行橡胶", NOBODY) == []


async def test_a_card_tells_the_city_and_the_unit(office: Office) -> None:
    with office.read() as records:
        (card,) = Everyone(records).find("华航橡胶")
    assert card.hint == ("西安市", "西北销售一部")
    assert "张工" in card.people


def _found_by_name(records: Session, typed: str) -> Sequence[Candidate]:
    return Everyone(records).find(typed)


def _names(found: Sequence[Candidate]) -> list[str]:
    return [each.name for each in found]
