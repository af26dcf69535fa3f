"""What is put into a customer's file: every part a short form, one tap from the gap; each change keeps its before and after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlmodel import select

from dialogue import engine
from dialogue.file_kinds import Birthday, Expiry
from dialogue.files import complete, part_buttons, person_line, subject_of
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, Picks, Text
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.file import front, named
from handlers.mending import file_changes
from handlers.newcomer import CreditCode
from handlers.person import FORM as NEW_PERSON
from models import customers
from models.customers import Customer, Person
from models.files import Keeper, Paper
from models.people import Staff, actor, distinct, key, of_unit
from rules import gate
from rules.file_parts import KINDS, PAPER_KINDS, FilePart
from rules.gate import Action, Subject
from words import Say, Value, say

flow = Flow()
NEEDS = Action.KEEP_FILE
MOST_PROPOSED = 6
FORMS: dict[str, Form] = {}
"""By part: the form that fills it."""


def _mine(turn: Turn, customer: int, need: Action = NEEDS) -> Customer:
    """Raises `NotAllowedError` where this person does not keep the file."""
    found = named(turn, customer)
    turn.need(need, subject_of(turn, found))
    return found


def _keeper(turn: Turn, customer: Customer) -> Keeper:
    return Keeper(turn.session, turn.house, customer, turn.staff, turn.now)


def _saved(turn: Turn, keeper: Keeper, part: str) -> Reply:
    """Back at the file, where the next gap is one tap away; what is to be filed is filed."""
    return Reply(front(turn, keeper.customer, _kept(turn, keeper, part)))


def _kept(turn: Turn, keeper: Keeper, part: str) -> Say:
    filed = file_changes(turn, keeper)
    turn.session.flush()
    return say("file.saved", part=say(f"file_part.{part}"), filed=filed)


@flow.deed("file.edit", needs=NEEDS)
def edit(turn: Turn, customer: int) -> Reply:
    """Everything that can be changed; and 核对无误, where nothing has."""
    found, here = _mine(turn, customer), {"customer": customer}
    rows = columns(part_buttons(turn, found), 2)
    people = Button(say("button.file_people"), "file.people", here)
    review = Button(say("button.reviewed"), "file.review", here)
    names = (Button(say("button.rename_file"), "file.rename", here), Button(say("button.move_file"), "file.move", here))
    text = say("file.edit", name=found.called, complete=complete(turn, found))
    return Reply(Screen(text, (*rows, names, (people, review))), new=True)


@flow.deed("file.fill", needs=NEEDS)
def fill(turn: Turn, customer: int, part: str) -> Reply:
    need = Action.NAME_CUSTODIAN if part == FilePart.CUSTODIAN else NEEDS
    found = _mine(turn, customer, need)
    if part == FilePart.PEOPLE:
        return Reply(engine.begin(turn, NEW_PERSON, {"customer": key(found)}).screen, new=True)
    form = FORMS["paper" if part in PAPER_KINDS else part]
    known = {"paper_kind": part} if part in PAPER_KINDS else {}
    return Reply(engine.begin(turn, form, {"customer": key(found), **known}).screen, new=True)


@flow.deed("file.review", needs=NEEDS)
def review(turn: Turn, customer: int) -> Reply:
    """核对无误: it is current as it stands (R31.3)."""
    found = _mine(turn, customer)
    _keeper(turn, found).review()
    return Reply(front(turn, found, say("file.reviewed")))


# The parts

Run = Callable[[Turn, Keeper, Answers], None]


def _part(part: str, field: Field, run: Run, *more: Field, need: Action = NEEDS, attachments: bool = False) -> None:
    """A part as a form of one question; whose file it is, is a hidden answer."""

    def submit(turn: Turn, answers: Answers) -> Reply:
        customer = _mine(turn, answers["customer"], need)
        keeper = _keeper(turn, customer)
        run(turn, keeper, answers)
        return _saved(turn, keeper, answers.get("paper_kind", part))

    fields = (Field("customer", Text(), hidden=True), field, *more)
    form = Form(f"file_{part}", need, fields, submit, lambda _turn, _text: {}, takes_attachments=attachments)
    FORMS[part] = replace(form, about=_whose, fleeting=True)
    flow.forms.append(FORMS[part])


def _whose(turn: Turn, answers: Answers) -> Value:
    """Whose file it is, and which paper."""
    customer, paper = _mine(turn, answers["customer"]).called, answers.get("paper_kind")
    return say("file.paper_of", customer=customer, paper=say(f"file_part.{paper}")) if paper else customer


def _set(part: FilePart, name: str) -> Run:
    return lambda _, keeper, answers: keeper.set(part, answers[name])


def _name_custodian(turn: Turn, keeper: Keeper, answers: Answers) -> None:
    """Who keeps a file sees it by right: somebody who may keep one of their own."""
    who = turn.session.get(Staff, answers["custodian"])
    fits = who is not None and who.active
    if who is None or not fits or not gate.may(actor(turn.session, who, turn.now), NEEDS, Subject(handler=key(who))):
        raise WrongAnswerError(say("wrong.custodian"))
    keeper.name_custodian(who)
    if key(who) != turn.me:
        text = say("file.yours_to_keep", by=turn.staff.name, customer=keeper.customer.called)
        look = Button(say("button.see_file"), "file.show", {"customer": key(keeper.customer)})
        tell(turn.session, who, Screen(text, ((look,),)), MessageClass.RECEIPT, f"{turn.unique_key}:keep", turn.now)


def _set_code(turn: Turn, keeper: Keeper, answers: Answers) -> None:
    code, here = answers["credit_code"], key(keeper.customer)
    taken = select(Customer.id).where(Customer.credit_code == code, Customer.id != here)
    if turn.session.exec(taken).first() is not None:
        raise WrongAnswerError(say("wrong.code_elsewhere"))
    keeper.set_code(code)


def _add_paper(turn: Turn, keeper: Keeper, answers: Answers) -> None:
    until = answers.get("expires")
    keeper.add_paper(
        Paper(
            customer_id=key(keeper.customer),
            kind=answers["paper_kind"],
            expires_on=date.fromisoformat(until) if until else None,
            note=answers.get("note"),
            attachments=answers.get(ATTACHMENTS, []),
            by_id=turn.me,
            at=turn.now,
        )
    )


def _add_note(_: Turn, keeper: Keeper, answers: Answers) -> None:
    keeper.add_note(answers["text"])


_part("kind", Field("file_kind", Choice("file_kind", KINDS)), _set(FilePart.KIND, "file_kind"))
_part("production", Field("production", Text(shortest=2)), _set(FilePart.PRODUCTION, "production"))
_part("credit", Field("credit", Text(shortest=2)), _set(FilePart.CREDIT, "credit"))
_part("code", Field("credit_code", CreditCode()), _set_code)


@dataclass(frozen=True)
class Custodian(Colleagues):
    """专管员 / the custodian: whoever owns the customer, then their colleagues"""

    single: bool = True

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        customer = _mine(turn, answers["customer"], Action.NAME_CUSTODIAN)
        owner = turn.session.get_one(Staff, customer.owner_id)
        peers = of_unit(turn.session, customer.unit_id, turn.now)
        return [(each.name, key(each)) for each in distinct([owner, *reversed(peers)]) if each.active][:MOST_PROPOSED]


_part("custodian", Field("custodian", Custodian()), _name_custodian, need=Action.NAME_CUSTODIAN)
_part("development", Field("text", Text(shortest=2)), _add_note)
_part(
    "paper",
    Field("expires", Expiry()),
    _add_paper,
    Field("note", Text(), required=False),
    Field("paper_kind", Text(), hidden=True),
    attachments=True,
)


# People


@flow.deed("file.people", needs=NEEDS)
def people(turn: Turn, customer: int) -> Reply:
    found = _mine(turn, customer)
    known = customers.people(turn.session, key(found))
    lines = [say("file.numbered", number=n, line=person_line(turn, each)) for n, each in enumerate(known, 1)]
    buttons = [Button(_number(n), "file.person", {"contact": key(each)}) for n, each in enumerate(known, 1)]
    add = Button(
        say("button.fill", part=say("file_part.people")), "file.fill", {"customer": customer, "part": "people"}
    )
    text = say("file.people", name=found.called, lines=lines or say("file.nothing"))
    return Reply(Screen(text, (*columns(buttons, 4), (add,))), new=True)


def _number(number: int) -> Say:
    return say("button.person_number", number=number)


def _theirs(turn: Turn, contact: int) -> tuple[Person, Customer]:
    found = turn.session.get(Person, contact)
    if found is None:
        raise NotAllowedError(NEEDS)
    return found, _mine(turn, found.customer_id)


@flow.deed("file.person", needs=NEEDS)
def person(turn: Turn, contact: int) -> Reply:
    found, _ = _theirs(turn, contact)
    return Reply(_person(turn, found), new=True)


def _person(turn: Turn, found: Person, above: Say | None = None) -> Screen:
    here = {"contact": key(found)}
    changes = [Button(say(f"button.set_{each}"), "file.about", {**here, "what": each}) for each in ABOUT]
    left = Button(say("button.back_again" if found.left_on else "button.has_left"), "file.leaves", here)
    all_of_them = Button(say("button.file_people"), "file.people", {"customer": found.customer_id})
    ways = (tuple(changes), (left, all_of_them))
    return Screen(say("file.one_person", above=above, line=person_line(turn, found)), ways)


@flow.deed("file.leaves", needs=NEEDS)
def leaves(turn: Turn, contact: int) -> Reply:
    """已离职, or back again: they stay on file, and are no longer counted on."""
    found, customer = _theirs(turn, contact)
    keeper = _keeper(turn, customer)
    keeper.leaves(found, gone=found.left_on is None)
    return Reply(_person(turn, found, _kept(turn, keeper, "left_on")))


@flow.deed("file.about", needs=NEEDS)
def about(turn: Turn, contact: int, what: str) -> Reply:
    found, _ = _theirs(turn, contact)
    return Reply(engine.begin(turn, ABOUT[what], {"contact": key(found)}).screen, new=True)


def _who(turn: Turn, answers: Answers) -> Value:
    """Nobody at a customer marked 涉密 is named."""
    found, customer = _theirs(turn, answers["contact"])
    return None if customer.code_name else found.name


def _about(what: str, kind: Any) -> Form:
    def submit(turn: Turn, answers: Answers) -> Reply:
        found, customer = _theirs(turn, answers["contact"])
        keeper = _keeper(turn, customer)
        keeper.set_person(found, what, answers[what])
        return Reply(_person(turn, found, _kept(turn, keeper, what)))

    fields = (Field("contact", Text(), hidden=True), Field(what, kind))
    form = Form(f"person_{what}", NEEDS, fields, submit, lambda _turn, _text: {}, about=_who, fleeting=True)
    flow.forms.append(form)
    return form


ABOUT = {"title": _about("title", Text()), "birthday": _about("birthday", Birthday())}
