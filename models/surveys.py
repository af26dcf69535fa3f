"""满意度调查 (article 15（五）): the survey of a half-year, whom it asks, what they said, and how far the units are.

Who is asked is drawn once, by a seed that stays on record. What was said is never changed; where a customer was asked again, the
newest counts.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from itertools import groupby
from typing import Final

from sqlalchemy import Index, insert
from sqlmodel import Field, Session, SQLModel, col, select

from models import audit
from models.climbing import SURVEY, SURVEY_PLAN, wind
from models.clocks import Clock, close, running
from models.customers import Customer
from models.kinds import Json, json_field, json_list
from models.people import Staff, company, key, post, split_post, unit_ids_of_role
from models.records import Matter, next_number
from rules.entries import SurveyRule
from rules.halves import Half
from rules.house import House
from rules.roles import Role

SUBJECT: Final = "survey"
OPENING: Final = "survey_opening"
"""What the clock is about that reminds the sales department to open the next one; its subject is the department's unit."""
END_OF_WORK: Final = time(18)
AT_LEAST: Final = 10
"""Working days that units have, where a survey is opened too late for its date."""


class SurveyState(StrEnum):
    ASKING = "asking"  # units ask their customers
    ANALYSIS = "analysis"  # every unit has handed in, or the leaders returned the plan
    APPROVAL = "approval"  # the plan is before the leaders
    FOLLOW_UP = "follow_up"  # what was approved is being done
    DONE = "done"


TAKING: Final = (SurveyState.ASKING, SurveyState.ANALYSIS)
"""While answers are taken: what is before the leaders, or was approved, must stay as they saw it."""


class Outcome(StrEnum):
    ANSWERED = "answered"
    UNREACHED = "unreached"  # 没联系上
    DECLINED = "declined"  # 不愿回答


class Survey(SQLModel, table=True):
    """`size`: so many customers of each tier in each unit, drawn by `seed`; None: all. The questions are those of the rulebook when
    it was opened."""

    matter_id: int = Field(primary_key=True, foreign_key="matter.id")
    half: str = Field(unique=True)
    size: int | None = None
    seed: int
    questions: list[Json] = json_list()
    due_at: datetime
    rulebook_version: int

    @property
    def scores(self) -> list[str]:
        """The questions that are answered by a mark, in their order."""
        return [each["id"] for each in self.questions if each["kind"] == "score"]


class Surveyed(SQLModel, table=True):
    """A customer who is asked; tier and unit as they were drawn. Until there is an answer the unit goes along with the customer."""

    __table_args__ = (Index("surveyed_of_unit", "matter_id", "unit_id"),)

    id: int | None = Field(default=None, primary_key=True)
    matter_id: int = Field(foreign_key="matter.id")
    customer_id: int = Field(foreign_key="customer.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    tier: str


class SurveyReply(SQLModel, table=True):
    """What came of asking. Nobody in `by_id`: the customer answered on the page."""

    __tablename__ = "survey_reply"

    id: int | None = Field(default=None, primary_key=True)
    surveyed_id: int = Field(foreign_key="surveyed.id", index=True)
    outcome: str
    scores: Json = json_field()
    texts: Json = json_field()
    by_id: int | None = Field(default=None, foreign_key="staff.id")
    at: datetime


class SurveyReport(SQLModel, table=True):
    """What a unit handed in (客户满意度调查报告); the newest counts."""

    __tablename__ = "survey_report"

    id: int | None = Field(default=None, primary_key=True)
    matter_id: int = Field(foreign_key="matter.id", index=True)
    unit_id: int = Field(foreign_key="unit.id")
    text: str
    by_id: int = Field(foreign_key="staff.id")
    at: datetime


@dataclass(frozen=True)
class Campaign:
    """A survey with its matter."""

    matter: Matter
    survey: Survey

    @property
    def subject(self) -> str:
        return f"{SUBJECT}:{self.matter.id}"

    @property
    def half(self) -> Half:
        return Half.named(self.survey.half)

    @property
    def takes_answers(self) -> bool:
        return self.matter.state in TAKING


def find(session: Session, matter_id: int) -> Campaign | None:
    matter, survey = session.get(Matter, matter_id), session.get(Survey, matter_id)
    return Campaign(matter, survey) if matter is not None and survey is not None else None


def of_half(session: Session, half: Half) -> Campaign | None:
    found = session.exec(select(Survey.matter_id).where(Survey.half == half.name)).first()
    return find(session, found) if found is not None else None


def latest(session: Session, most: int = 8) -> list[Campaign]:
    """The newest first."""
    ids = session.exec(select(Survey.matter_id).order_by(col(Survey.half).desc()).limit(most))
    return [each for number in ids if (each := find(session, number)) is not None]


# Opened


def home(session: Session, now: datetime) -> int:
    """The sales department's unit, to which surveys belong; the company, where there is none."""
    units = unit_ids_of_role(session, Role.SALES_DEPT, now)
    return units[0] if units else key(company(session))


def sync(session: Session, house: House, now: datetime) -> None:
    """The sales department is reminded to open the survey of each half-year."""
    rule, unit = house.rulebook.survey, home(session, now)
    clocks = session.exec(select(Clock).where(Clock.subject_kind == OPENING, Clock.subject_id == unit)).all()
    if rule is None or house.rulebook.survey_plan is None:
        close(clocks, now, "rule removed")
        return
    if not clocks:
        clock = _clock(house, SURVEY_PLAN, OPENING, unit, post(Role.SALES_DEPT, unit), now)
        session.add(clock)
        _await(session, house, clock, rule.half_due(house.calendar.local(now).date()), now)


def _await(session: Session, house: House, clock: Clock, half: Half, now: datetime) -> None:
    """The first half-year from that one on of which there is no survey yet."""
    rule, plan, calendar = house.rulebook.survey, house.rulebook.survey_plan, house.calendar
    assert rule is not None and plan is not None, "nothing is owed without a rule"
    while of_half(session, half) is not None:
        half = half.after
    opens = rule.opens_on(half)
    clock.cycle, clock.anchor = half.name, calendar.at(opens, time())
    clock.due_at = calendar.at(calendar.add_workdays(opens, plan.workdays), END_OF_WORK)
    session.flush()
    wind(session, house, clock, now)


def _clock(house: House, rule: str, kind: str, subject: int, address: str, now: datetime) -> Clock:
    return Clock(
        rule=rule,
        rulebook_version=house.rulebook_version,
        subject_kind=kind,
        subject_id=subject,
        post=address,
        cycle="1",
        anchor=now,
        due_at=now,
    )


def to_open(session: Session, house: House, now: datetime) -> Half | None:
    """The half-year whose survey can be opened: the first that has begun and has none. None without a rule, too."""
    rule = house.rulebook.survey
    if rule is None:
        return None
    waiting = select(Clock.cycle).where(Clock.subject_kind == OPENING, col(Clock.closed_at).is_(None))
    owed = session.exec(waiting.order_by(col(Clock.cycle))).first()
    today = house.calendar.local(now).date()
    half = Half.named(owed) if owed else rule.half_due(today)
    while of_half(session, half) is not None:
        half = half.after
    return half if half <= Half.of(today) else None


@dataclass(frozen=True)
class Drawn:
    """Somebody who could be asked."""

    customer: int
    unit: int
    tier: str


def candidates(session: Session, rule: SurveyRule) -> list[Drawn]:
    """All customers whom the rule means, by unit and tier."""
    tiers = [each.value for each in rule.tiers]
    query = select(Customer.id, Customer.unit_id, Customer.tier).where(col(Customer.tier).in_(tiers))
    ordered = query.order_by(col(Customer.unit_id), col(Customer.tier), col(Customer.id))
    return [Drawn(number, unit, tier) for number, unit, tier in session.exec(ordered) if number is not None]


def draw(found: Sequence[Drawn], size: int | None, seed: int) -> list[Drawn]:
    """So many of each tier in each unit, the same ones whenever it is drawn again by the same seed."""
    if size is None:
        return list(found)
    chance = random.Random(seed)  # noqa: S311 - fair and repeatable is what is wanted
    drawn: list[Drawn] = []
    for _, each in groupby(found, key=lambda one: (one.unit, one.tier)):
        group = list(each)
        drawn += sorted(chance.sample(group, min(size, len(group))), key=lambda one: one.customer)
    return drawn


def begin(
    session: Session, house: House, by: Staff, half: Half, size: int | None, seed: int, now: datetime
) -> Campaign:
    """Open the survey of that half-year: whom it asks, and a clock for each of their units."""
    rule = house.rulebook.survey
    assert rule is not None, "nothing is opened without a rule"
    matter = Matter(
        kind=SUBJECT,
        customer_id=None,  # type: ignore[arg-type]  # it concerns no single customer
        number=next_number(session, SUBJECT, house.calendar.local(now).year),
        unit_id=home(session, now),
        state=SurveyState.ASKING,
        opened_at=now,
        opened_by=key(by),
    )
    session.add(matter)
    session.flush()
    drawn = draw(candidates(session, rule), size, seed)
    survey = Survey(
        matter_id=key(matter),
        half=half.name,
        size=size,
        seed=seed,
        questions=[each.model_dump() for each in rule.questions],
        due_at=_due(house, rule, half, now),
        rulebook_version=house.rulebook_version,
    )
    session.add(survey)
    session.flush()
    campaign = Campaign(matter, survey)
    if drawn:
        rows = [{"matter_id": key(matter), "customer_id": d.customer, "unit_id": d.unit, "tier": d.tier} for d in drawn]
        session.execute(insert(Surveyed), rows)
    facts = {"half": half.name, "size": size, "seed": seed, "asked": len(drawn)}
    audit.record(session, now, key(by), "survey.begin", campaign.subject, **facts)
    _wind_all(session, house, campaign, {each.unit for each in drawn}, now)
    return campaign


def _due(house: House, rule: SurveyRule, half: Half, now: datetime) -> datetime:
    day = rule.done_by(half)
    today = house.calendar.local(now).date()
    if day < today:
        day = house.calendar.add_workdays(today, AT_LEAST)
    return house.calendar.at(day, END_OF_WORK)


def _wind_all(session: Session, house: House, campaign: Campaign, units: Iterable[int], now: datetime) -> None:
    for unit in sorted(units):
        _owe(session, house, campaign, unit, now)
    opening = select(Clock).where(Clock.subject_kind == OPENING, col(Clock.closed_at).is_(None))
    for clock in session.exec(opening).all():
        _await(session, house, clock, campaign.half, now)
    plan = house.rulebook.survey_plan
    if plan is not None:
        clock = _clock(house, SURVEY_PLAN, SUBJECT, key(campaign.matter), _department(campaign), now)
        local = house.calendar.local(campaign.survey.due_at).date()
        clock.anchor = campaign.survey.due_at
        clock.due_at = house.calendar.at(house.calendar.add_workdays(local, plan.workdays), END_OF_WORK)
        session.add(clock)
        session.flush()
        wind(session, house, clock, now)


def _department(campaign: Campaign) -> str:
    return post(Role.SALES_DEPT, campaign.matter.unit_id)


def _owe(session: Session, house: House, campaign: Campaign, unit: int, now: datetime) -> None:
    """The unit has customers to ask by the date; where it had handed in before, again."""
    rule = house.rulebook.survey
    if rule is None:
        return
    address = post(rule.who, unit)
    known = [each for each in _clocks(session, campaign) if each.post == address]
    clock = known[0] if known else _clock(house, SURVEY, SUBJECT, key(campaign.matter), address, now)
    clock.closed_at, clock.stopped_by, clock.due_at = None, None, campaign.survey.due_at
    session.add(clock)
    session.flush()
    wind(session, house, clock, now)


def _clocks(session: Session, campaign: Campaign) -> list[Clock]:
    return list(
        session.exec(
            select(Clock).where(
                Clock.subject_kind == SUBJECT, Clock.subject_id == key(campaign.matter), Clock.rule == SURVEY
            )
        )
    )


def moved(session: Session, house: House, customers: Collection[int], unit: int, now: datetime) -> None:
    """Customers went to another unit: those who were not asked yet are asked there."""
    for campaign in (each for each in latest(session) if each.takes_answers):
        going = select(Surveyed).where(
            Surveyed.matter_id == key(campaign.matter),
            col(Surveyed.customer_id).in_(customers),
            Surveyed.unit_id != unit,
            col(Surveyed.id).not_in(select(SurveyReply.surveyed_id)),
        )
        left = set()
        for each in session.exec(going).all():
            left.add(each.unit_id)
            each.unit_id = unit
        if left:
            session.flush()
            _owe(session, house, campaign, unit, now)
            _release(session, house, campaign, left, now)


def _release(session: Session, house: House, campaign: Campaign, units: Collection[int], now: datetime) -> None:
    """A unit that has nobody left to ask owes nothing."""
    rule = house.rulebook.survey
    asking = select(Surveyed.unit_id).where(Surveyed.matter_id == key(campaign.matter))
    still: list[int] = list(session.exec(asking.distinct()))
    empty = set(units) - set(still)
    addresses = [post(rule.who, each) for each in empty] if rule else []
    close([each for each in _clocks(session, campaign) if each.post in addresses], now, "nobody left to ask")
    session.flush()


# Handed in


def hand_in(
    session: Session, house: House, campaign: Campaign, by: Staff, unit: int, text: str, now: datetime
) -> SurveyReport:
    """A unit is done; the last one leaves it to the sales department."""
    report = SurveyReport(matter_id=key(campaign.matter), unit_id=unit, text=text, by_id=key(by), at=now)
    session.add(report)
    session.flush()
    rule = house.rulebook.survey
    theirs = [each for each in _clocks(session, campaign) if rule and each.post == post(rule.who, unit)]
    close(theirs, now, "handed in")
    audit.record(session, now, key(by), "survey.hand_in", campaign.subject, unit=unit, report=key(report))
    if campaign.matter.state == SurveyState.ASKING and not awaited(session, campaign):
        campaign.matter.state = SurveyState.ANALYSIS
    session.flush()
    return report


def awaited(session: Session, campaign: Campaign) -> list[int]:
    """The units that have still to hand in."""
    clocks = running(session, SUBJECT, key(campaign.matter))
    return sorted(split_post(each.post)[1] for each in clocks if each.rule == SURVEY)


def reports(session: Session, campaign: Campaign) -> Mapping[int, SurveyReport]:
    """The newest of each unit."""
    query = select(SurveyReport).where(SurveyReport.matter_id == key(campaign.matter)).order_by(col(SurveyReport.id))
    return {each.unit_id: each for each in session.exec(query)}
