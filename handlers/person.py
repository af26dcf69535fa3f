"""People at a customer's: somebody who was named in a form and is not on file is kept by one tap, from a shared contact too."""

from __future__ import annotations

from dialogue import engine
from dialogue.code_names import SHARED
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import CustomerKind, PersonName, Phone, Text, subject_of
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen, Shared
from handlers.mending import file_changes
from models import audit, customers
from models.customers import Customer
from models.files import Keeper
from models.messages import open_draft
from models.people import key
from reading.names import normalise
from rules.gate import Action
from words import say

flow = Flow()
NEEDS = Action.KEEP_PERSON


def offer(turn: Turn, customer: Customer, answers: Answers) -> Rows:
    """＋ 存为联系人, where the answers name somebody (`person`, `person_phone`) who is not on the customer's file."""
    name, phone = answers.get("person"), answers.get("person_phone")
    if not name or not turn.may(NEEDS, subject_of(customer)):
        return ()
    known = {normalise(each.name): each.phone for each in customers.people(turn.session, key(customer))}
    if normalise(name) in known and (known[normalise(name)] or not phone):
        return ()
    those = {"customer": key(customer), "name": name, "phone": phone}
    return ((Button(say("button.keep_person", name=name), "person.keep", those),),)


def shared(turn: Turn, contact: Shared) -> Reply:
    """A contact that was shared while no form is open."""
    return engine.begin(turn, FORM, {"name": contact.name, "phone": contact.phone, SHARED: ["name", "phone"]})


def _keep(turn: Turn, customer: int, name: str, phone: str | None, title: str | None = None) -> Reply:
    found = turn.session.get(Customer, customer)
    if found is None:
        raise NotAllowedError(NEEDS)
    turn.need(NEEDS, subject_of(found))
    before = _on_file(turn, customer, name)
    person = customers.meet(turn.session, found, name, phone, title)
    subject, body = f"customer:{found.id}", {"name": name, "phone": phone, "title": title, "before": before}
    audit.record(turn.session, turn.now, turn.me, "customer.person", subject, **body)
    text = say("person.kept", name=person.name, title=person.title, phone=person.phone, customer=found.called)
    keeper = Keeper(turn.session, turn.house, found, turn.staff, turn.now)
    keeper.met(person, before)
    file_changes(turn, keeper)
    look = Button(say("button.customer"), "customer.card", {"customer": customer})
    more = Button(say("button.add_phone"), "person.phone", {"customer": customer, "name": name})
    return Reply(Screen(text, ((look,) if person.phone else (more, look),)))


def _on_file(turn: Turn, customer: int, name: str) -> dict[str, str | None]:
    """What was known of somebody before; nothing, where they are new."""
    known = [each for each in customers.people(turn.session, customer) if normalise(each.name) == normalise(name)]
    return {"phone": known[0].phone, "title": known[0].title} if known else {}


@flow.deed("person.keep", needs=NEEDS)
def keep(turn: Turn, customer: int, name: str, phone: str | None = None) -> Reply:
    """One tap on the card of what was saved, which stays."""
    return Reply(_keep(turn, customer, name, phone).screen, new=True)


@flow.deed("person.phone", needs=NEEDS)
def add_phone(turn: Turn, customer: int, name: str) -> Reply:
    engine.begin(turn, FORM, {"customer": customer, "name": name})
    draft = open_draft(turn.session, turn.me)
    return engine.ask(turn, key(draft), "phone") if draft else Reply()


def submit(turn: Turn, answers: Answers) -> Reply:
    if turn.session.get(Customer, answers["customer"]) is None:
        raise WrongAnswerError(say("wrong.customer", text=""))
    return _keep(turn, answers["customer"], answers["name"], answers.get("phone"), answers.get("title"))


FORM = Form(
    "person",
    NEEDS,
    (
        Field("customer", CustomerKind(NEEDS)),
        Field("name", PersonName()),
        Field("phone", Phone(), required=False),
        Field("title", Text(), required=False),
    ),
    submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)
