"""The people who give opinions on tiers and preferences, and what they do."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlmodel import Session, select

from models import proposals, steps
from models.customers import Customer
from models.filings import Office as Office_
from models.people import SINCE_EVER, Assignment, Staff, company, key
from models.proposals import Proposal
from tests.company import PEOPLE
from tests.office import Office, Person

SEATS = {"technical": "quality", "enterprise": "logistics", "office": "amy"}
"""Who sits in the posts that the test company leaves empty."""
TERMS = "按出厂价下浮百分之三"
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
    await who.does("提优惠条件", f".{kind}", TERMS, *days, "年采购量翻番")


async def meeting(desk: Person, outcome: str = "同意", text: str = "按提议执行") -> None:
    """From the list of what waits for the office."""
    await desk.says("/approve")
    await desk.presses("第 1 件")
    await desk.does("录入办公会决定", f".{outcome}", "〔2026〕12号", ".今天", text)


# The same without a word in the chat, where the story is about what comes after


def proposed(office: Office, *, all_opinions: bool = True, but: str = "", name: str = "华航橡胶", **what: Any) -> int:
    """Ann's proposal for her customer, with every opinion given `but` that of one department; the id of its matter."""
    with office.store.write() as session:
        hers = Office_(session, office.house, member(session, "ann"), office.clock.now())
        known = {"kind": "tier", "after": "strategic", "reason": "三年合同", **what}
        begun = proposals.propose(hers, called(session, name), Proposal(before="", matter_id=0, **known))
        number = begun[0].matter_id
        for step in begun if all_opinions else ():
            if but and step.post.startswith(but):
                continue
            (by, *_) = steps.deciders(session, step, office.clock.now())
            steps.decide(session, office.house, step, by, True, "", office.clock.now())
        found = proposals.find(session, number)
        assert found is not None
        proposals.advance(hers, found)
        return number


def benefit(office: Office, ends: str = "2027-06-30", kind: str = "price") -> dict[str, Any]:
    starts = office.house.calendar.local(office.clock.now()).date()
    days = {"starts": starts, "ends": date.fromisoformat(ends)}
    return {"kind": "preference", "after": None, "benefit": kind, "terms": TERMS, **days}


def granted(office: Office, ends: str = "2027-06-30") -> None:
    """A preference that the meeting has approved."""
    number = proposed(office, **benefit(office, ends))
    with office.store.write() as session:
        found, now = proposals.find(session, number), office.clock.now()
        assert found is not None
        desk = Office_(session, office.house, member(session, "vp"), now)
        proposals.settle(desk, found, True, {"minutes": "〔2026〕11号", "on": "2026-11-23", "text": "同意"})
