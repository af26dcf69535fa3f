"""Every deed asks the gate for its own subject: a button of one's own about a record that one may not reach does nothing.

Whoever presses may do such a thing in general, to records of their own: that the deed is theirs at all is not what refuses here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, func, select

from dialogue import engine
from dialogue.forms import Answers, Form, notice
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Incoming, Reply
from handlers import DESK
from models import tasks
from models.audit import Audit
from models.clocks import Clock, Event
from models.customers import Customer
from models.filings import Filing
from models.messages import Card, Draft
from models.people import Assignment, Staff, key, unit_named
from models.proxies import Proxy
from models.records import Entry, Matter
from models.store import Store
from models.tasks import ANNOTATION, Given, Task
from models.transfers import Transfer, Transferred
from rules.gate import Action
from rules.house import House
from tests.company import PEOPLE
from tests.office import START, Office
from tests.planted import presses_planted, staff_id
from words import say

embedded = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
NOT_THERE = "没有找到，或不在您的权限内。"
WEST = "西北销售一部"
HUAHANG = "西安华航橡胶有限公司"
LOG = "/log 华航橡胶 电话 刚才 甲密谈"

Args = Callable[[dict[str, int]], dict[str, Any]]


def about(name: str, /, **more: Any) -> Args:
    return lambda those: {name: those[name], **more}


OTHERS: dict[str, tuple[str, Args]] = {
    # deed: who presses, and what of Ann's the button speaks of
    "customer.card": ("bob", about("customer")),
    "contact.open": ("bob", about("customer")),
    "callback.open": ("bob", about("customer")),
    "briefing.open": ("bob", about("customer")),
    "newcomer.same": ("bob", about("customer")),
    "person.keep": ("bob", about("customer", name="甲密谈", phone="13911110001")),
    "complaint.show": ("bob", about("matter")),
    "history.show": ("bob", about("matter")),
    "history.turn": ("bob", about("matter", page=0)),
    "complaint.note": ("bob", about("matter")),
    "complaint.arrive": ("bob", about("matter")),
    "complaint.resolve": ("bob", about("matter")),
    "complaint.assign": ("east", about("matter")),
    "complaint.confirm": ("east", about("matter")),
    "complaint.close": ("east", about("matter")),
    "form.card": ("bob", about("draft")),
    "form.edit": ("bob", about("draft")),
    "form.save": ("bob", about("draft")),
    "form.discard": ("bob", about("draft")),
    "batch.open": ("bob", about("draft")),
    "batch.save": ("bob", lambda those: {"drafts": [those["draft"]]}),
    "undo.do": ("bob", about("entry")),
    "correct.open": ("bob", about("entry")),
    "alert.ack": ("bob", lambda those: {"events": [those["event"]]}),
    "task.ack": ("bob", lambda those: {"ids": [those["task"]]}),
    "task.answer": ("bob", lambda those: {"ids": [those["task"]]}),
    "duty.snooze": ("bob", about("clock")),
    "annotate.choose": ("east", about("customer")),
    "annotate.open": ("east", about("entry")),
    "unit.open": ("east", about("unit")),
    "unit.urge": ("east", lambda those: {"unit": those["unit"], "staff": those["ann"]}),
    "reporting.urge": ("east", lambda those: {"unit": those["unit"], "staff": those["ann"]}),
    "unsubmitted.remind": ("east", lambda those: {"draft": those["left"]}),
    "anomaly.show": ("logistics", about("entry")),
    "anomaly.report": ("logistics", about("entry")),
    "anomaly.not": ("logistics", about("entry")),
    "filing.show": ("logistics", about("filing")),
    "filing.decide": ("logistics", about("filing", decision="filed")),
    "filing.page": ("logistics", lambda those: {"ids": [those["filing"]]}),
    "filing.return": ("logistics", about("filing")),
    "filings.mend": ("bob", about("filing")),
    "filings.again": ("bob", about("filing")),
    "file.rename": ("bob", about("customer")),
    "file.move": ("bob", about("customer")),
    "transfer.open": ("bob", about("customer")),
    "transfer.show": ("bob", about("transfer")),
    "transfer.sign": ("bob", about("transfer")),
    "transfer.refuse": ("bob", about("transfer")),
    "transfer.withdraw": ("bob", about("transfer")),
    "proxy.confirm": ("gm", lambda those: {"ids": [those["proxy"]]}),
    "proxy.deny": ("gm", lambda those: {"ids": [those["proxy"]]}),
}


async def of_ann(office: Office) -> dict[str, int]:
    """Her customer and what hangs on it, by name. The logistics department's head oversees that department as vice president."""
    ann = office.person("ann")
    await ann.says("/complain 华航橡胶 甲密诉")
    await ann.presses("质量")
    await ann.presses("保存")
    await ann.says(LOG)
    with office.store.write() as session:
        return {name: key(row) for name, row in _put(session, office, staff_id(office, "ann")).items()}


def _put(session: Session, office: Office, ann: int) -> dict[str, Any]:
    unit, depot = unit_named(session, WEST), unit_named(session, "储运公司")
    customer = session.exec(select(Customer).where(Customer.name == HUAHANG)).one()
    matter = session.exec(select(Matter)).one()
    clock = session.exec(select(Clock).where(Clock.subject_kind == "complaint")).first()
    head = session.exec(select(Staff).where(Staff.number == PEOPLE["head"][0])).one()
    assert unit and depot and clock and customer.id
    oversees = {"role": "vice_president", "unit_id": key(depot), "starts": START - timedelta(days=1)}
    session.add(Assignment(staff_id=staff_id(office, "logistics"), **oversees))
    spoken = {"anomaly": True, "summary": "甲密谈"}
    at = {"at": START, "written_at": START, "by_id": ann}
    rows: dict[str, Any] = {
        "entry": Entry(kind="contact", number="LX-2026-000009", customer_id=customer.id, answers=spoken, **at),
        "event": Event(clock_id=key(clock), cycle="9", step=0, nth=0, staff_id=ann, at=START),
        "left": Draft(staff_id=ann, form="complaint", answers={"customer": customer.id}, state="kept", **BEGUN),
        "filing": Filing(customer_id=customer.id, facts={"name": HUAHANG}, unit_id=key(unit), by_id=ann, made_at=START),
    }
    session.add_all(rows.values())
    session.flush()
    rows["proxy"] = Proxy(entry_id=key(rows["entry"]), staff_id=staff_id(office, "vp"), asked_at=START)
    session.add(rows["proxy"])
    due = START + timedelta(days=2)
    given = Given(ANNOTATION, key(unit), "甲密谈", f"staff@{ann}", due, customer.id, key(rows["entry"]))
    rows["task"] = tasks.give(session, office.house, head, given, START)
    amy = staff_id(office, "amy")
    rows["transfer"] = Transfer(to_id=amy, unit_id=key(unit), by_id=ann, at=START, released_by=ann)
    session.add(rows["transfer"])
    session.flush()
    of = {"transfer_id": key(rows["transfer"]), "customer_id": customer.id, "owner_id": ann, "unit_id": key(unit)}
    session.add(Transferred(**of))
    draft = session.exec(select(Draft).where(Draft.state == "open")).one()
    session.flush()
    found = {"customer": customer, "matter": matter, "clock": clock, "unit": unit, "draft": draft}
    return {**rows, **found, "ann": session.get_one(Staff, ann)}


BEGUN = {"started_at": START, "touched_at": START}


def marks(office: Office) -> list[object]:
    """What a press may have changed."""
    with office.read() as session:
        counts = [session.exec(select(func.count()).select_from(each)).one() for each in (Entry, Audit, Assignment)]
        columns = (Filing.decision, Proxy.confirmed, Event.acked_at, Task.seen_at)
        decided = [session.exec(select(each)).all() for each in columns]  # type: ignore[call-overload]
        drafts = session.exec(select(Draft.id, Draft.state, Draft.asking).order_by(Draft.id)).all()  # type: ignore[arg-type]
        snoozed = session.exec(select(func.sum(Clock.snoozes))).one()
        return [counts, decided, drafts, snoozed]


@embedded
@pytest.mark.parametrize("deed", OTHERS)
async def test_a_button_of_ones_own_about_somebody_elses_record_does_nothing(office: Office, deed: str) -> None:
    those = await of_ann(office)
    who, args = OTHERS[deed]
    before = marks(office)
    person = await presses_planted(office, who, deed, **args(those))
    assert marks(office) == before
    with office.read() as session:
        shown = str([each.text for each in session.exec(select(Card).where(Card.staff_id == staff_id(office, who)))])
    assert not [word for word in ("华航", "甲密", "安然", WEST) if word in shown]
    answers = ("", NOT_THERE, f"{NOT_THERE}\n———\n{NOT_THERE}")
    drafts = deed.startswith(("form.", "batch."))
    assert drafts or person.news() in answers, person.news()


@embedded
async def test_the_list_of_complaints_holds_what_one_may_see(office: Office) -> None:
    await of_ann(office)
    for who, sees in (("head", True), ("bob", False)):
        person = office.person(who)
        await person.says("/case")
        assert ("TS-2026-0001" in " ".join([person.news(), *person.buttons()])) is sees


@embedded
async def test_a_correction_of_somebody_elses_entry_is_refused(office: Office) -> None:
    """Her head may write about the customer, and not in the place of what she wrote."""
    those = await of_ann(office)
    head = office.person("head")
    await head.says(LOG)
    with office.store.write() as session:
        draft = session.exec(select(Draft).where(Draft.staff_id == staff_id(office, "head"))).one()
        draft.answers = {**draft.answers, "corrects": those["entry"]}
    before = marks(office)[0]
    await head.presses("保存")
    head.reads(NOT_THERE)
    assert marks(office)[0] == before


@embedded
async def test_an_order_to_a_unit_that_is_not_overseen_is_refused(office: Office) -> None:
    """It was when the order was begun."""
    vp = office.person("vp")
    await vp.says("督办 西北销售一部 下周五前把华航的配方问题解决")
    with office.store.write() as session:
        unit = unit_named(session, WEST)
        seats = select(Assignment).where(Assignment.staff_id == staff_id(office, "vp"), Assignment.unit_id == unit.id)  # type: ignore[union-attr]
        for seat in session.exec(seats):
            session.delete(seat)
    await vp.presses("保存")
    vp.reads(NOT_THERE)
    with office.read() as session:
        assert session.exec(select(Task)).all() == []


@embedded
async def test_words_of_a_command_ask_the_gate_while_a_form_is_open(office: Office) -> None:
    await of_ann(office)
    bob = office.person("bob")
    await bob.says("/log")
    await bob.says("审计 安然")
    bob.reads("沟通记录")
    bob.reads_nothing_of("TS-2026-0001", "审计记录", "受理")


# The engine of the forms


@pytest.fixture
def turn(tmp_path: Path, house: House) -> Iterator[Turn]:
    """Somebody without any post, at the desk."""
    store = Store(f"sqlite:///{tmp_path / 'keguan.db'}")
    store.upgrade()
    with store.write() as session:
        session.add(staff := Staff(number="S00", name="无职", telegram_id=1))
        session.flush()
        yield Turn(session, START, house, staff, Incoming(1, 1), DESK, "test")
    store.close()


def test_a_form_asks_the_gate_when_it_begins(turn: Turn) -> None:
    with pytest.raises(NotAllowedError):
        engine.begin(turn, DESK.forms["contact"], {})
    assert turn.session.exec(select(Draft)).all() == []


def test_a_form_asks_the_gate_again_when_it_is_saved(turn: Turn) -> None:
    saved: list[Answers] = []

    def submit(_: Turn, answers: Answers) -> Reply:
        saved.append(answers)
        return notice(say("text", text="saved"))

    turn.desk = type(turn.desk)(
        **{**vars(DESK), "forms": {"x": Form("x", Action.LOG_CONTACT, (), submit, lambda turn, text: {})}}
    )
    turn.session.add(draft := Draft(staff_id=turn.me, form="x", **BEGUN))
    turn.session.flush()
    with pytest.raises(NotAllowedError):
        engine.save(turn, key(draft))
    assert saved == []


def test_a_cards_key_can_not_be_guessed() -> None:
    keys = {Card(staff_id=1, chat_id=1).key for _ in range(500)}
    assert len(keys) == 500
    assert min(map(len, keys)) >= 12
