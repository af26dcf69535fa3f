"""A small company for the tests: people whose posts teach the rules, customers of every tier."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Session

from bot.settling import settle_in
from models import customers
from models.customers import Customer, Person
from models.people import SINCE_EVER, Assignment, Staff, Unit, company, key
from rules.house import House

UNITS = ("西北销售一部", "华东销售部", "销售部", "质监部", "储运公司", "财务部", "审计室")

PEOPLE = {
    # name in the tests: (staff number, name, Telegram id, [(role, units)])
    "ann": ("S01", "安然", 1001, [("salesperson", ["西北销售一部"])]),
    "amy": ("S02", "艾梅", 1002, [("salesperson", ["西北销售一部"])]),
    "bob": ("S03", "鲍博", 1003, [("salesperson", ["华东销售部"])]),
    "head": ("U01", "何建国", 1011, [("unit_head", ["西北销售一部"])]),
    "east": ("U02", "东方明", 1012, [("unit_head", ["华东销售部"])]),
    "vp": ("V01", "魏立", 1021, [("vice_president", ["西北销售一部", "华东销售部", "销售部", "质监部"])]),
    "gm": ("G01", "高远", 1031, [("general_manager", ["公司"])]),
    "chair": ("C01", "常青", 1032, [("chairman", ["公司"])]),
    "sales": ("D01", "肖红", 1041, [("sales_dept", ["销售部"])]),
    "quality": ("D02", "秦工", 1042, [("quality", ["质监部"])]),
    "logistics": ("D03", "陆运", 1043, [("logistics", ["储运公司"])]),
    "finance": ("D04", "方圆", 1044, [("finance", ["财务部"])]),
    "auditor": ("A01", "沈明", 1051, [("audit", ["审计室"])]),
    "admin": ("X01", "管理员", 1061, [("admin", ["公司"])]),
}

CUSTOMERS = (
    # legal name, short name, tier, province, city, unit, owner, people
    (
        "西安华航橡胶有限公司",
        "华航橡胶",
        "key",
        "陕西省",
        "西安市",
        "西北销售一部",
        "ann",
        [("张工", "总工", "13800138001")],
    ),
    (
        "沈阳飞翼制造股份有限公司",
        "飞翼制造",
        "strategic",
        "辽宁省",
        "沈阳市",
        "西北销售一部",
        "ann",
        [("刘主任", "采购", "13900139002")],
    ),
    (
        "咸阳远大密封件厂",
        "远大密封",
        "ordinary",
        "陕西省",
        "咸阳市",
        "西北销售一部",
        "ann",
        [("孙厂长", "厂长", "13700137003")],
    ),
    ("宝鸡远大机械有限公司", "远大机械", "ordinary", "陕西省", "宝鸡市", "西北销售一部", "amy", []),
    (
        "上海申江液压有限公司",
        "申江液压",
        "ordinary",
        "上海市",
        "上海市",
        "华东销售部",
        "bob",
        [("钱经理", "经理", "13600136004")],
    ),
    ("青岛海润轮胎有限公司", "海润轮胎", "reserve", "山东省", "青岛市", "华东销售部", "bob", []),
)


def move_in(session: Session, house: House, now: datetime) -> None:
    """Everybody takes their post, every customer is on file, and the clocks are wound."""
    units = {"公司": company(session)} | {name: Unit(name=name) for name in UNITS}
    session.add_all(units.values())
    session.flush()
    staff = {
        name: Staff(number=number, name=called, telegram_id=chat) for name, (number, called, chat, _) in PEOPLE.items()
    }
    session.add_all(staff.values())
    session.flush()
    for name, (_, _, _, posts) in PEOPLE.items():
        for role, places in posts:
            for place in places:
                seat = Assignment(staff_id=key(staff[name]), role=role, unit_id=key(units[place]), starts=SINCE_EVER)
                session.add(seat)
    for legal, short, tier, province, city, unit, owner, known in CUSTOMERS:
        customer = Customer(
            name=legal,
            short_name=short,
            tier=tier,
            province=province,
            city=city,
            unit_id=key(units[unit]),
            owner_id=key(staff[owner]),
            live_from=date(2026, 11, 23),
            created_at=now,
        )
        session.add(customer)
        session.flush()
        session.add_all(Person(customer_id=key(customer), name=n, title=t, phone=p) for n, t, p in known)
        session.flush()
        customers.index(session, customer)
    session.flush()
    settle_in(session, house, [], now)
