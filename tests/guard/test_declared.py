"""What can be said and pressed is declared: it has a name, the gate is asked for it, and something leads to it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from bot.service import COMMANDS
from dialogue.cases import STEPS
from dialogue.desk import handle, perform
from dialogue.forms import Flow, desk
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Incoming, Reply
from handlers import DESK
from models.messages import Outbox
from models.people import Staff
from models.store import Store
from rules.gate import NEEDS, Action
from rules.house import House
from rules.roles import Role
from words import pack, say

ROOT = Path(__file__).parents[2]
DEED = re.compile(r"[a-z]+\.[a-z_]+")


def modules() -> Iterator[ast.Module]:
    files = (file for room in ("dialogue", "handlers", "scheduler", "bot") for file in (ROOT / room).glob("*.py"))
    return (ast.parse(file.read_text(encoding="utf-8")) for file in files)


def calls(name: str) -> list[ast.Call]:
    nodes = (node for module in modules() for node in ast.walk(module))
    return [
        node
        for node in nodes
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == name
    ]


def written_out() -> set[str]:
    """The deeds that the code names in Button("…", "deed"), and in what is offered behind /report."""
    given = [node.args[1] for node in (*calls("Button"), *calls("behind_report")) if len(node.args) > 1]
    return {str(each.value) for each in given if isinstance(each, ast.Constant)}


def in_tables() -> set[str]:
    """The deeds that stand in a tuple of the code, from which a button is made later, and those that a typed word performs."""
    tuples = (node for module in modules() for node in ast.walk(module) if isinstance(node, ast.Tuple | ast.Return))
    values = (each.value for node in tuples for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {str(value) for value in values if value in DESK.deeds}


STEP_DEEDS = {f"complaint.{step}" for step in STEPS}
"""Put together in `dialogue.cases.case_buttons`."""

AT_ONE_TAP = {"lawsuit", "litigation"}

# Every command, deed and form asks the gate


@pytest.mark.parametrize("name", DESK.commands)
def test_every_command_declares_what_the_gate_asks(name: str) -> None:
    assert DESK.commands[name].needs in NEEDS


@pytest.mark.parametrize("name", DESK.deeds)
def test_every_deed_declares_what_the_gate_asks(name: str) -> None:
    assert DESK.deeds[name].needs in NEEDS


@pytest.mark.parametrize("name", DESK.forms)
def test_every_form_declares_what_the_gate_asks(name: str) -> None:
    assert DESK.forms[name].needs in NEEDS


def test_every_action_says_how_far_each_role_reaches() -> None:
    assert NEEDS.keys() == set(Action)
    assert all(row.keys() == set(Role) for row in NEEDS.values())


def test_a_deed_without_needs_can_not_be_declared() -> None:
    with pytest.raises(TypeError, match="needs"):
        Flow().deed("a.deed")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="needs"):
        Flow().command("a_command")  # type: ignore[call-arg]


def test_two_flows_can_not_claim_one_name() -> None:
    flows = Flow(), Flow()
    for each in flows:
        each.command("twice", needs=Action.SEE_RULES)(lambda _turn, _text: Reply())
    with pytest.raises(ValueError, match="declared twice: twice"):
        desk(flows, DESK.home, DESK.free, DESK.between, DESK.edited, DESK.enrol)


# Every button does something, everything that can be done has a button


def test_every_button_in_the_code_does_a_declared_deed() -> None:
    assert written_out()
    assert written_out() - DESK.deeds.keys() == set()


def test_every_declared_deed_has_a_button() -> None:
    assert DESK.deeds.keys() - written_out() - in_tables() - STEP_DEEDS == set()


def test_every_step_of_a_complaint_has_a_deed_and_a_form() -> None:
    assert not STEP_DEEDS - DESK.deeds.keys()
    assert set(STEPS) - DESK.forms.keys() == AT_ONE_TAP
    assert all(DESK.deeds[f"complaint.{name}"].needs is doing.action for name, doing in STEPS.items())
    forms = {name: doing for name, doing in STEPS.items() if name not in AT_ONE_TAP}
    assert all(DESK.forms[name].needs is doing.action for name, doing in forms.items())


def test_deeds_are_named_alike() -> None:
    assert [name for name in DESK.deeds if not DEED.fullmatch(name)] == []


def test_a_form_that_a_line_opens_is_declared() -> None:
    assert all(DESK.forms[form.name] is form for form in DESK.lines.values())


def test_a_form_asks_every_field_once() -> None:
    for form in DESK.forms.values():
        names = [each.name for each in form.fields]
        assert len(set(names)) == len(names), form.name


# The outside of the product: names that stay


def test_the_menu_offers_only_commands_that_there_are() -> None:
    assert set(COMMANDS) - DESK.commands.keys() == set()


PROMISED = [
    # command, the words that do the same
    ("start", []),
    ("menu", ["菜单"]),
    ("help", ["帮助"]),
    ("me", ["我的"]),
    ("log", ["记沟通", "写跟进", "跟进", "记"]),
    ("complain", ["报投诉", "登记投诉", "投诉"]),
    ("callback", ["记回访", "登记回访", "回访"]),
    ("find", ["查"]),
    ("due", ["待办"]),
    ("case", ["投诉单"]),
    ("rules", ["制度"]),
    ("cancel", ["取消"]),
    ("lang", ["语言"]),
    ("ack", ["收到"]),
]


@pytest.mark.parametrize(("command", "words"), PROMISED)
def test_every_promised_word_does_what_its_command_does(command: str, words: list[str]) -> None:
    assert command in DESK.commands
    assert [word for word in words if DESK.words[word] is not DESK.commands[command]] == []


# What is not declared is not done


@pytest.fixture
def turn(tmp_path: Path, house: House) -> Iterator[Turn]:
    """Somebody without any post, at the desk."""
    store = Store(f"sqlite:///{tmp_path / 'keguan.db'}")
    store.upgrade()
    with store.write() as session:
        session.add(staff := Staff(number="S00", name="无职", telegram_id=1))
        session.flush()
        yield Turn(session, datetime(2026, 11, 23, tzinfo=UTC), house, staff, Incoming(1, 1), DESK, "test")
    store.close()


def test_an_undeclared_deed_can_not_be_performed(turn: Turn) -> None:
    for name in ("", "engine.save", "customer.card ", "__class__", "handlers.case.opened"):
        with pytest.raises(KeyError):
            perform(turn, name, {})


def test_no_deed_is_done_for_somebody_without_a_post(turn: Turn) -> None:
    for name in DESK.deeds:
        with pytest.raises(NotAllowedError):
            perform(turn, name, {})


def test_no_command_is_followed_for_somebody_without_a_post(turn: Turn) -> None:
    assert [each.name for each in DESK.commands.values() if turn.reaches(each.needs)] == []
    here = turn.incoming.speaker
    for name in DESK.commands:
        handle(turn.session, turn.house, DESK, Incoming(speaker=here, chat=here, text=f"/{name}"), name, turn.now)
        said = turn.session.exec(select(Outbox.text).where(Outbox.unique_key == name)).one()
        assert said == pack(say("not_here")), name
