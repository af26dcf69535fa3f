"""Nothing half done stays, and nobody has two forms open: what was begun is finished, taken back, or laid aside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from dialogue import engine
from dialogue.forms import Answers, Command, Form, WrongAnswerError
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Reply
from handlers import DESK
from models.messages import Draft
from models.people import key
from models.records import Counter
from models.store import Store
from rules.gate import Action
from rules.house import House
from tests.company import PEOPLE
from tests.office import START, Office
from tests.planted import presses_planted
from tests.poison import Poisoner
from tests.post import Post
from words import say

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
ANN = PEOPLE["ann"][2]


def counters(store: Store) -> list[str]:
    with store.read() as session:
        return list(session.exec(select(Counter.series)))


def counts(turn: Turn) -> None:
    turn.session.add(Counter(series="XX", year=2026))
    turn.session.flush()


async def test_what_was_done_before_the_gate_said_no_is_taken_back(database: str, house: House) -> None:
    def too_late(turn: Turn, _: str) -> Reply:
        counts(turn)
        raise NotAllowedError(Action.ENROL)

    late = Command("late", (), too_late, Action.SEE_RULES)
    post = Post(database, house, replace(DESK, commands={**DESK.commands, "late": late}))
    update = Poisoner(1, post.store).message(ANN, text="/late")
    await post.take(update)
    assert post.answered(update["update_id"])
    assert counters(post.store) == []
    post.store.close()


async def test_what_a_refused_form_had_written_is_taken_back(database: str, house: House) -> None:
    def refuses(turn: Turn, _: Answers) -> Reply:
        counts(turn)
        raise WrongAnswerError(say("text", text="not like this"))

    def saves(turn: Turn, _: str) -> Reply:
        draft = Draft(staff_id=turn.me, form="refusing", started_at=START, touched_at=START)
        turn.session.add(draft)
        turn.session.flush()
        return engine.save(turn, key(draft))

    form = Form("refusing", Action.SEE_RULES, (), refuses, lambda turn, text: {})
    saving = Command("saving", (), saves, Action.SEE_RULES)
    desk = replace(DESK, forms={**DESK.forms, "refusing": form}, commands={**DESK.commands, "saving": saving})
    post = Post(database, house, desk)
    update = Poisoner(1, post.store).message(ANN, text="/saving")
    await post.take(update)
    assert post.answered(update["update_id"])
    assert counters(post.store) == []
    post.store.close()


def states(office: Office) -> list[tuple[str, str]]:
    with office.read() as session:
        return list(session.exec(select(Draft.form, Draft.state).order_by(Draft.id)))  # type: ignore[arg-type]


async def test_one_form_is_open_at_a_time(office: Office) -> None:
    (ann,) = office.people("ann")
    await ann.says("/log 华航橡胶 电话 刚才 问候")
    await ann.says("/complain 远大密封 胶管开裂")
    assert states(office) == [("contact", "kept"), ("complaint", "open")]


async def test_one_form_is_open_when_another_is_taken_up_again(office: Office) -> None:
    await test_one_form_is_open_at_a_time(office)
    await presses_planted(office, "ann", "form.card", draft=1)
    assert states(office) == [("contact", "open"), ("complaint", "kept")]


async def test_a_complaint_left_half_filled_in_can_not_be_given_up(office: Office) -> None:
    await test_one_form_is_open_at_a_time(office)
    for draft in (1, 2):
        await presses_planted(office, "ann", "form.discard", draft=draft)
    assert states(office) == [("contact", "dropped"), ("complaint", "open")]
