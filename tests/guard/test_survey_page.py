"""The page of a survey at its wire: a link works once, tells nothing, and what was sent is stored before anybody is thanked."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import aiohttp
import pytest
from sqlalchemy import text
from sqlmodel import SQLModel, func, select

from bot.config import SurveyPageSection
from bot.survey_page import LARGEST, SurveyPage, Throttle
from models.survey_links import SurveyLink, digest_of
from models.surveys import Surveyed, SurveyReply
from papers.survey_page import LONGEST
from tests.office import Office, Person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
GOOD = {"quality": "5", "price": "3", "service": "4", "words": "交货快一点"}
CUSTOMERS = ("华航", "飞翼", "远大", "申江", "张工", "138", "安然", "西北")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Came:
    status: int
    text: str
    headers: dict[str, str]


class Visitor:
    """Somebody at a customer's, with a browser."""

    def __init__(self, office: Office, page: SurveyPage, address: str) -> None:
        self.office, self.page, self.address = office, page, address

    async def asks(self, method: str, path: str, **more: object) -> Came:
        async with (
            aiohttp.ClientSession() as session,
            session.request(method, f"{self.address}{path}", **more) as answer,  # type: ignore[arg-type]
        ):
            return Came(answer.status, await answer.text(), dict(answer.headers))

    async def opens(self, link: str, language: str = "zh") -> Came:
        return await self.asks("GET", f"{link}?lang={language}")

    async def sends(self, link: str, **answers: str) -> Came:
        return await self.asks("POST", link, data=answers)

    def replies(self) -> int:
        with self.office.read() as session:
            return session.exec(select(func.count()).select_from(SurveyReply)).one()

    async def gets(self, person: Person, number: int = 1) -> str:
        """The link that a colleague makes for one of their customers, as a path."""
        await person.says("/survey")
        await person.presses("📋")
        await person.presses(f"☎ 问 {number}")
        await person.presses("发链接给客户")
        found = re.search(r"/s/[\w-]+", person.last().text)
        assert found is not None
        return found[0]


@pytest.fixture
async def visitor(office: Office) -> AsyncIterator[Visitor]:
    address = f"127.0.0.1:{_free_port()}"
    office.lives_by(replace(office.house, survey_address=f"http://{address}"))
    config = SurveyPageSection(url=f"http://{address}", listen=address)
    page = SurveyPage(config, office.store, lambda: office.house, office.clock, lambda: None)
    await page.open()
    (sales,) = office.people("sales")
    await sales.says("/survey")
    await sales.does("发起", ".全部客户")
    yield Visitor(office, page, f"http://{address}")
    await page.close()


async def test_a_customer_answers_once_and_whoever_gave_the_link_hears_of_it(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    shown = await visitor.opens(link)
    assert shown.status == 200
    assert all(each in shown.text for each in ("凯航公司", "2026年下半年", "产品质量", "意见和建议", "5 很满意"))
    assert not [each for each in CUSTOMERS if each in shown.text], "the page says nothing about the customer"
    assert "Quality of our products" in (await visitor.opens(link, "en")).text
    sent = await visitor.sends(link, **GOOD, price2="9", customer_id="1")
    assert (sent.status, "已收到，谢谢您" in sent.text) == (200, True)
    await visitor.office.service.settle()
    ann.reads("📩 华航橡胶 在网页上填了满意度调查：产品质量 5、价格 3")
    for again in (await visitor.opens(link), await visitor.sends(link, **GOOD)):
        assert (again.status, "已经用过" in again.text) == (410, True)
    with visitor.office.read() as session:
        reply = session.exec(select(SurveyReply)).one()
        assert (reply.scores, reply.texts) == ({"quality": 5, "price": 3, "service": 4}, {"words": "交货快一点"})
        assert reply.by_id is None
    await ann.presses("满意度调查")
    ann.reads("应问 3，已答 1")


async def test_a_form_sent_ten_times_at_once_counts_once(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    came = await asyncio.gather(*(visitor.sends(link, **GOOD) for _ in range(10)))
    assert sorted(each.status for each in came) == [200, *[410] * 9]
    assert visitor.replies() == 1


async def test_a_link_that_is_old_replaced_or_wrong_says_so_in_one_sentence(visitor: Visitor) -> None:
    ann, amy = visitor.office.people("ann", "amy")
    first = await visitor.gets(ann)
    second = await visitor.gets(ann)
    late = await visitor.gets(amy)
    assert [(await visitor.opens(each)).status for each in (first, second)] == [410, 200]
    await ann.says("/survey")
    await ann.presses("📋")
    await ann.presses("☎ 问 1")
    await ann.presses("没联系上")
    refused = [
        # what is opened, status, words
        (first, 410, "已停用"),
        (second, 410, "已停用"),
        ("/s/" + "x" * 32, 404, "不对"),
        ("/s/short", 404, "不对"),
        ("/s/" + "%27" * 32, 404, "不对"),
        ("/elsewhere", 404, "不对"),
        ("/", 404, "不对"),
    ]
    for path, status, words in refused:
        for came in (await visitor.opens(path), await visitor.sends(path, **GOOD)):
            assert (came.status, words in came.text) == (status, True), path
    visitor.office.clock.move(timedelta(days=15))
    for came in (await visitor.opens(late), await visitor.sends(late, **GOOD)):
        assert (came.status, "已过期" in came.text) == (410, True)
    assert visitor.replies() == 1


async def test_what_is_not_whole_comes_back_as_it_was_filled_in(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    came = await visitor.sends(link, quality="5", price="6", words='<script>"&')
    assert (came.status, "还有没打分的题" in came.text) == (422, True)
    assert '&lt;script&gt;"&amp;</textarea>' in came.text.replace("&quot;", '"')
    assert re.search(r'name="quality" value="5" required checked', came.text)
    assert not re.search(r'name="price" value="\d" required checked', came.text)
    long = await visitor.sends(link, **{**GOOD, "words": "长" * (LONGEST + 1)})
    assert (long.status, "不超过 1000 字" in long.text) == (422, True)
    huge = await visitor.sends(link, **{**GOOD, "words": "x" * LARGEST})
    assert (huge.status, "太大" in huge.text) == (413, True)
    odd = await visitor.asks("PUT", link, data="x")
    assert (odd.status, "不能这样打开" in odd.text) == (405, True)
    form = "application/x-www-form-urlencoded"
    for kind in (f"{form}; charset=klingon", "multipart/form-data", "multipart/form-data; boundary=x"):
        strange = await visitor.asks("POST", link, data=b"quality=\xff\xfe&price=%zz", headers={"Content-Type": kind})
        assert strange.status in (400, 422), kind
        assert "Content-Security-Policy" in strange.headers
    assert visitor.replies() == 0
    assert (await visitor.sends(link, **{**GOOD, "words": "长" * LONGEST})).status == 200


async def test_nothing_is_thanked_for_before_it_is_stored(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    for statement, status, words in (
        ("survey_reply RENAME TO away", 503, "还没有保存"),
        ("away RENAME TO survey_reply", 200, "已收到"),
    ):
        with visitor.office.store.write() as session:
            session.execute(text(f"ALTER TABLE {statement}"))
        came = await visitor.sends(link, **GOOD)
        assert (came.status, words in came.text) == (status, True)
        assert status == 200 or "交货快一点</textarea>" in came.text
    assert visitor.replies() == 1


async def test_every_answer_forbids_scripts_frames_caches_and_referrers(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    for came in (
        await visitor.opens(link),
        await visitor.sends(link),
        await visitor.opens("/x"),
        await visitor.opens("/s/y"),
    ):
        policy = came.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert (came.headers["Cache-Control"], came.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert "<script" not in came.text
        assert "Set-Cookie" not in came.headers


async def test_nobody_asks_too_often(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    visitor.page.throttle = Throttle(each=3, all=5)
    statuses = [(await visitor.asks("GET", link, headers={"X-Forwarded-For": who})).status for who in "aaaabbb"]
    assert statuses == [200, 200, 200, 429, 200, 200, 429]
    assert "一分钟后" in (await visitor.opens(link)).text


async def test_the_secret_stands_nowhere_but_on_the_phone(visitor: Visitor) -> None:
    (ann,) = visitor.office.people("ann")
    link = await visitor.gets(ann)
    token = link.removeprefix("/s/")
    assert token in ann.last().text
    with visitor.office.store.engine.connect() as connection:
        for table in SQLModel.metadata.sorted_tables:
            for row in connection.execute(text(f'SELECT * FROM "{table.name}"')):
                assert token not in str(tuple(row)), table.name
    with visitor.office.read() as session:
        assert session.exec(select(SurveyLink.digest)).all() == [digest_of(token)]
        assert session.exec(select(Surveyed.id)).all()
