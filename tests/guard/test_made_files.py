"""A file that is made when it is sent takes its time: no other message waits for it."""

from __future__ import annotations

from sqlmodel import Session, select

from dialogue.telling import MessageClass, hand_over, tell
from dialogue.values import Screen
from models.messages import Outbox
from models.people import Staff
from tests.office import START, Office
from tests.papers import content, formulas
from tests.workbooks import opened
from words import say


def asks_and_is_told(session: Session) -> None:
    """A chart for the head, and an escalation after it."""
    head = session.exec(select(Staff).where(Staff.number == "U01")).one()
    hand_over(session, head, "chart", {"kind": "coverage"}, say("chart.nothing"), "the chart", START)
    tell(session, head, Screen(say("menu")), MessageClass.ESCALATION, "the escalation", START)


def states(office: Office) -> dict[str, str]:
    with office.read() as records:
        keys = ("the chart", "the escalation")
        found = records.exec(select(Outbox).where(Outbox.unique_key.in_(keys)))  # type: ignore[attr-defined]
        return {each.unique_key: each.state for each in found}


async def test_nothing_waits_for_a_file_that_is_being_made(office: Office) -> None:
    await office.service.store.run(asks_and_is_told)
    await office.service.sender.step(START)
    assert states(office) == {"the chart": "sending", "the escalation": "sent"}
    await office.service.settle()
    assert states(office) == {"the chart": "sent", "the escalation": "sent"}
    assert office.person("head").last().attachment is not None


def asks_for_a_report(session: Session) -> None:
    head = session.exec(select(Staff).where(Staff.number == "U01")).one()
    args = {"period": "2026-11", "unit": None, "form": "xlsx"}
    hand_over(session, head, "period_report", args, say("chart.nothing"), "the report", START, followed={"stages": []})


async def test_a_report_is_made_by_a_process_of_its_own_from_either_database(office: Office) -> None:
    await office.service.store.run(asks_for_a_report)
    await office.service.settle()
    head = office.person("head")
    assert formulas(content(office, head)) == []
    assert opened(content(office, head)).rows("投诉明细") == []
