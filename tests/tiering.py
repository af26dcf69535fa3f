"""The people who give opinions on tiers and preferences, and what they do."""

from __future__ import annotations

from sqlmodel import Session, select

from models.customers import Customer
from models.people import SINCE_EVER, Assignment, Staff, company, key
from tests.company import PEOPLE
from tests.office import Office, Person

SEATS = {"technical": "quality", "enterprise": "logistics", "office": "amy"}
"""Who sits in the posts that the test company leaves empty."""
ASKED = ("sales", "finance", "technical", "enterprise", "head")


def called(session: Session, name: str = "华航橡胶") -> Customer:
    return session.exec(select(Customer).where(Customer.short_name == name)).one()


def member(session: Session, who: str) -> Staff:
    return session.exec(select(Staff).where(Staff.number == PEOPLE[who][0])).one()


def sits(office: Office, who: str, role: str) -> Person:
    with office.store.write() as session:
        unit = key(company(session))
        session.add(Assignment(staff_id=key(member(session, who)), role=role, unit_id=unit, starts=SINCE_EVER))
    return office.person(who)


def departments(office: Office) -> dict[str, Person]:
    """Everybody who is asked for an opinion, and the office that records the decision."""
    found = {role: sits(office, who, role) for role, who in SEATS.items()}
    return {**found, **{who: office.person(who) for who in ("sales", "finance", "head")}}


async def proposes(who: Person, tier: str, name: str = "华航橡胶") -> None:
    await who.says(f"/tiers {name}")
    await who.does("拟调层级", f".{tier}", "三年合同，合作研制胎面胶")


async def favours(who: Person, *days: str, kind: str = "价格优惠", name: str = "华航橡胶") -> None:
    await who.says(f"/tiers {name}")
    await who.does("提优惠条件", f".{kind}", "按出厂价下浮百分之三", *days, "年采购量翻番")


async def all_agree(them: dict[str, Person]) -> None:
    for name in ASKED:
        await them[name].presses("同意")


async def meeting(desk: Person, outcome: str = "同意", text: str = "按提议执行") -> None:
    await desk.does("录入办公会决定", f".{outcome}", "〔2026〕12号", ".刚才", text)
