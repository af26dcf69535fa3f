"""What a survey says in figures is what the raw rows say, counted again by plain SQL: for every reach, unit and tier."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from models import survey_asked, survey_figures, surveys
from models.customers import Customer
from models.people import Staff
from models.store import Store
from models.survey_asked import Said
from models.survey_figures import change, together
from models.surveys import Campaign, Outcome, Surveyed
from rules.gate import Scope
from rules.halves import Half
from rules.house import House
from rules.roles import Tier
from tests.office import START

EVERYTHING = Scope(True, frozenset(), None, None)
CUSTOMERS = 60
SEED = 20261124


@pytest.fixture
def session(database: str, house: House) -> Iterator[Session]:
    """Two half-years in which some customers answered, some twice, some could not be asked."""
    store, chance = Store(database), random.Random(SEED)
    with store.write() as session:
        _more_customers(session, chance)
        by = session.exec(select(Staff).where(Staff.number == "D01")).one()
        for half, size in ((Half(2026, 1), 6), (Half(2026, 2), None)):
            campaign = surveys.begin(session, house, by, half, size, SEED, START)
            for asked in session.exec(select(Surveyed).where(Surveyed.matter_id == campaign.matter.id)).all():
                for turn in range(chance.choice((0, 1, 1, 2))):
                    said = _said(chance, by.id if chance.random() < 0.6 else None)
                    survey_asked.replied(session, campaign, asked, said, START + timedelta(minutes=turn))
    with store.read() as session:
        yield session
    store.close()


def _more_customers(session: Session, chance: random.Random) -> None:
    known = session.exec(select(Customer)).all()
    for number in range(CUSTOMERS):
        like = chance.choice(known)
        session.add(
            Customer(
                name=f"第{number}客户",
                tier=chance.choice(list(Tier)),
                province="陕西省",
                unit_id=like.unit_id,
                owner_id=like.owner_id,
                live_from=date(2026, 1, 1),
                created_at=START,
            )
        )
    session.flush()


def _said(chance: random.Random, by: int | None) -> Said:
    outcome = chance.choice((Outcome.ANSWERED, Outcome.ANSWERED, Outcome.UNREACHED, Outcome.DECLINED))
    if outcome is not Outcome.ANSWERED:
        return Said(outcome, by=by)
    scores = {name: chance.randint(1, 5) for name in ("quality", "price", "service") if chance.random() < 0.9}
    return Said(outcome, scores, {"words": "好"} if chance.random() < 0.3 else {}, by)


RAW = (
    "SELECT s.unit_id, s.tier, c.owner_id, r.outcome, r.scores FROM surveyed s JOIN customer c ON c.id = s.customer_id"
    " LEFT JOIN survey_reply r ON r.surveyed_id = s.id AND NOT EXISTS"
    " (SELECT 1 FROM survey_reply n WHERE n.surveyed_id = s.id AND n.id > r.id)"
    " WHERE s.matter_id = :matter"
)


def raw(session: Session, campaign: Campaign) -> list[dict[str, Any]]:
    found = session.execute(text(RAW), {"matter": campaign.matter.id}).mappings().all()
    return [{**each, "scores": _read(each["scores"])} for each in found]


def _read(value: Any) -> dict[str, int]:
    known = json.loads(value) if isinstance(value, str) else value
    return dict(known or {})


def reaches(session: Session) -> list[tuple[Scope, Any]]:
    """How far somebody sees, and which raw rows that are."""
    (head,) = session.exec(select(Customer.unit_id).where(Customer.short_name == "华航橡胶"))
    (ann,) = session.exec(select(Customer.owner_id).where(Customer.short_name == "华航橡胶"))
    return [
        (EVERYTHING, lambda _row: True),
        (Scope(False, frozenset({head}), None, None), lambda row: row["unit_id"] == head),
        (Scope(False, frozenset(), ann, None), lambda row: row["owner_id"] == ann),
        (Scope(False, frozenset(), None, None), lambda _row: False),
    ]


def test_progress_is_what_the_raw_rows_say(session: Session) -> None:
    for campaign in surveys.latest(session):
        for scope, sees in reaches(session):
            rows = [each for each in raw(session, campaign) if sees(each)]
            found = survey_asked.progress(session, campaign, scope)
            assert found.keys() == {each["unit_id"] for each in rows}
            for unit, each in found.items():
                theirs = Counter(row["outcome"] or "open" for row in rows if row["unit_id"] == unit)
                said = (each.answered, each.unreached, each.declined, each.open)
                assert said == tuple(theirs[name] for name in ("answered", "unreached", "declined", "open"))
                assert each.asked == theirs.total()
            open_ = sum(each.open for each in found.values())
            listed = survey_asked.rows(session, campaign, scope, unit=None, is_open=True, skip=0, most=10_000)
            assert len(listed) == open_


def test_marks_are_what_the_raw_rows_say(session: Session) -> None:
    counted = 0
    for campaign in surveys.latest(session):
        for scope, sees in reaches(session):
            for unit in (None, *survey_asked.progress(session, campaign, scope)):
                for tier in (None, *Tier):
                    rows = [
                        each
                        for each in raw(session, campaign)
                        if sees(each) and unit in (None, each["unit_id"]) and tier in (None, each["tier"])
                    ]
                    found = survey_figures.answers(session, campaign, scope, unit, tier)
                    tallies = survey_figures.by_question(found, campaign.survey.scores)
                    for name, tally in tallies.items():
                        marks = [each["scores"][name] for each in rows if name in each["scores"]]
                        assert tally.marks == Counter(marks)
                        assert tally.mean == (round(sum(marks) / len(marks), 2) if marks else None)
                        assert tally.share == (sum(mark >= 4 for mark in marks) / len(marks) if marks else None)
                        counted += len(marks)
                    assert together(tallies).count == sum(len(each["scores"]) for each in rows)
    assert counted > 500


def test_few_marks_are_never_compared(session: Session) -> None:
    now, before = (
        survey_figures.by_question(survey_figures.answers(session, each, EVERYTHING), each.survey.scores)["quality"]
        for each in surveys.latest(session)
    )
    fewer = min(now.count, before.count)
    assert now.mean is not None and before.mean is not None
    assert change(now, before, fewer) == round(now.mean - before.mean, 2)
    assert change(now, before, fewer + 1) is None
    assert change(now, None, 1) is None
