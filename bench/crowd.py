"""Customers by the hundred thousand, each with somebody there: the same ones for the same number, whatever the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random
from typing import Any, TypeVar

from sqlalchemy import insert
from sqlmodel import Session

from models.customers import Customer, Person
from models.people import Staff, Unit
from rules.roles import Tier

T = TypeVar("T")
UNITS = 20
STAFF_A_UNIT = 50
SINCE = datetime.fromisoformat("2026-01-05T09:00+08:00")
CITIES = (
    ("山东省", "青岛"), ("山东省", "烟台"), ("山东省", "临沂"), ("山东省", "济南"), ("山东省", "潍坊"),
    ("陕西省", "西安"), ("陕西省", "宝鸡"), ("陕西省", "咸阳"), ("江苏省", "南京"), ("江苏省", "无锡"),
    ("江苏省", "苏州"), ("浙江省", "杭州"), ("浙江省", "宁波"), ("浙江省", "温州"), ("广东省", "广州"),
    ("广东省", "东莞"), ("河南省", "郑州"), ("河南省", "洛阳"), ("湖北省", "武汉"), ("湖北省", "十堰"),
    ("河北省", "衡水"), ("四川省", "成都"), ("上海市", "上海"), ("天津市", "天津"), ("重庆市", "重庆"),
)  # fmt: skip
FIRST = "恒华远长金宏鑫瑞泰盛海天东方新中大安永德嘉凯申江博搏龙凤云山川宇辰星润"
SECOND = "达丰信源昌隆通安兴和航大润泽茂利成业联创邦胜辉腾宁顺宝岳峰岭河湖"
TRADES = (
    "橡胶", "轮胎", "机械", "密封件", "汽配", "化工", "胶管", "胶带", "电子", "液压", "重工", "新材料", "制品", "科技",
    "贸易", "橡胶制品", "密封科技", "工程机械",
)  # fmt: skip
FORMS = ("有限公司", "有限公司", "有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "厂")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程苏魏吕丁任沈姚卢姜崔钟谭单解仇"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文玉兰志海波斌辉鹏宇浩凯琳雪梅"
TITLES = ("厂长", "采购经理", "技术员", None)


@dataclass(frozen=True)
class Crowd:
    """Who is written, as rows of the two tables."""

    customer: dict[str, Any]
    person: dict[str, Any]


def crowd(size: int, first: int, units: Sequence[int], staff: Sequence[int], seed: int = 7) -> Iterator[Crowd]:
    """So many; numbered from `first` on, spread over units, whose staff own them."""
    dice, tiers = Random(seed), [each.value for each in Tier]
    for number in range(first, first + size):
        province, city = dice.choice(CITIES)
        brand, trade = dice.choice(FIRST) + dice.choice(SECOND), dice.choice(TRADES)
        place = dice.randrange(len(units))
        customer = {
            "id": number, "name": f"{city}{brand}{trade}{dice.choice(FORMS)}", "short_name": f"{brand}{trade}",
            "code_name": None, "tier": dice.choice(tiers), "province": province, "city": city, "unit_id": units[place],
            "owner_id": staff[place * STAFF_A_UNIT + dice.randrange(STAFF_A_UNIT)], "credit_code": None,
            "live_from": SINCE.date(), "created_at": SINCE + timedelta(minutes=number % 400_000),
        }  # fmt: skip
        name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
        phone = f"1{dice.choice('3578')}{dice.randrange(10**9):09}"
        yield Crowd(customer, {"customer_id": number, "name": name, "title": dice.choice(TITLES), "phone": phone})


def places(session: Session) -> tuple[list[int], list[int]]:
    """Units and their staff, made here."""
    units = [Unit(name=f"第{number}销售部") for number in range(1, UNITS + 1)]
    session.add_all(units)
    session.flush()
    staff = [Staff(number=f"G{number:05}", name=f"员工{number}") for number in range(UNITS * STAFF_A_UNIT)]
    session.add_all(staff)
    session.flush()
    return [each.id or 0 for each in units], [each.id or 0 for each in staff]


def enter(session: Session, those: Sequence[Crowd]) -> None:
    session.execute(insert(Customer), [each.customer for each in those])
    session.execute(insert(Person), [each.person for each in those])


def portions(those: Iterable[T], most: int) -> Iterator[list[T]]:
    rest = iter(those)
    while portion := list(islice(rest, most)):
        yield portion
