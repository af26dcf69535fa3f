"""Who may do what to a survey, and what becomes of the words when somebody is sealed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import func, select

from models.audit import Audit
from models.customers import Customer
from models.messages import Draft
from models.people import Assignment, key, unit_named
from models.surveys import Surveyed, SurveyReply
from tests.office import START, Office
from tests.planted import presses_planted, staff_id
from tests.stories.test_sealing_people import FOUR_YEARS, NAME, closed_complaint, flaws, left_in_tables, sealed
from tests.stories.test_surveys import PAGE, asked, handed_in, missed, opened

# Whose it is not, and who is gone


async def _of_others(office: Office) -> dict[str, int]:
    """A running survey with a measure; and somebody who oversees another department alone."""
    sales = await opened(office)
    await asked(office.person("ann"), 5, 4, 3, words="密评")
    await sales.says("/survey")
    await sales.presses("改进方案")
    await sales.does("加一条措施", ".西北销售一部", "密措", "12月20日")
    with office.store.write() as session:
        depot, west = (unit_named(session, each) for each in ("储运公司", "西北销售一部"))
        asked_one = session.exec(select(Surveyed).join(Customer).where(Customer.short_name == "远大密封")).one()
        assert depot and west
        seat = {"role": "vice_president", "unit_id": key(depot), "starts": START}
        session.add(Assignment(staff_id=staff_id(office, "logistics"), **seat))
        survey = asked_one.matter_id
        return {"survey": survey, "surveyed": key(asked_one), "unit": key(west), "measure": 1}


OTHERS = [
    # who presses what, about the survey and …
    ("bob", "survey.ask", "surveyed"),
    ("bob", "survey.outcome", "surveyed what"),
    ("bob", "survey.link", "surveyed"),
    ("east", "survey.list", "survey unit"),
    ("east", "survey.results", "survey unit"),
    ("east", "survey.words", "survey unit"),
    ("east", "survey.of_tier", "survey unit"),
    ("east", "survey.hand_in", "survey unit"),
    ("east", "survey.plan", "survey"),
    ("east", "survey.measure", "survey"),
    ("logistics", "survey.measure", "survey"),
    ("logistics", "survey.strike", "measure"),
    ("logistics", "survey.propose", "survey"),
    ("logistics", "survey.finish", "survey"),
]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_button_about_somebody_elses_part_of_a_survey_does_nothing(office: Office) -> None:
    those: dict[str, object] = {**await _of_others(office), "what": "declined"}
    office.lives_by(replace(office.house, survey_address=PAGE))
    for who, deed, args in OTHERS:
        before = written(office)
        person = await presses_planted(office, who, deed, **{each: those[each] for each in args.split()})
        assert "没有找到，或不在您的权限内。" in person.news(), (who, deed, person.news())
        person.reads_nothing_of("密", "华航", "远大密封")
        assert written(office) == before, (who, deed)


def written(office: Office) -> tuple[int, int]:
    with office.read() as session:
        return (
            session.exec(select(func.count()).select_from(Audit)).one(),
            session.exec(select(func.count()).select_from(Draft)).one(),
        )


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
async def test_a_sealing_takes_a_person_out_of_what_customers_and_units_wrote(office: Office) -> None:
    await closed_complaint(office)
    sales, ann, amy, head = await opened(office), *office.people("ann", "amy", "head")
    await asked(ann, 5, 4, 3, words=f"{NAME}说交货慢")
    for who, count in ((ann, 2), (amy, 1)):
        for _ in range(count):
            await missed(who, "没联系上")
    await handed_in(head, f"{NAME}的意见要重视")
    await sales.says("/survey")
    await sales.presses("改进方案")
    await sales.does("加一条措施", ".西北销售一部", f"给{NAME}回话", "12月20日")
    await sales.does("报领导审批", f"{NAME}说得对")
    office.clock.move(FOUR_YEARS)
    await sealed(office)
    assert left_in_tables(office.store, NAME) == []
    assert flaws(office) == ()
    with office.read() as session:
        (words,) = [each.texts["words"] for each in session.exec(select(SurveyReply)) if each.texts]
        assert words.endswith("说交货慢")
