"""涉密 (article 12): a customer is marked by a code name and goes by it alone in all that is sent; leaders may lift it."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import CustomerKind, Text, subject_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, row
from models import audit, secrecy
from models.customers import Customer
from models.people import Staff, distinct, holders, key
from rules.gate import Action
from rules.roles import Role
from words import Say, say

flow = Flow()
NEEDS, LIFTS = Action.GIVE_CODE_NAME, Action.LIFT_CODE_NAME
LONGEST = 20


class CodeName(Text):
    """A name that tells nothing of whom it stands for."""

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        if not 2 <= len(text) <= LONGEST or "\n" in text:
            raise WrongAnswerError(say("wrong.code_name_length", most=LONGEST))
        return text


def _checked(turn: Turn, customer: Customer, code: str) -> str:
    other = secrecy.by_code(turn.session, code)
    if other is not None and other.id != customer.id:
        raise WrongAnswerError(say("wrong.code_taken", code=code))
    if secrecy.tells(turn.session, customer, code):
        raise WrongAnswerError(say("wrong.code_tells"))
    return code


def submit(turn: Turn, answers: Answers) -> Reply:
    customer = turn.session.get_one(Customer, answers["customer"])
    turn.need(NEEDS, subject_of(customer))
    code, before = _checked(turn, customer, answers["code"]), customer.code_name
    secrecy.give(turn.session, customer, code)
    body = {"code": code, "before": before, "reason": answers["reason"]}
    audit.record(turn.session, turn.now, turn.me, "customer.codename", f"customer:{customer.id}", **body)
    _tell(turn, customer, say("codename.told", code=code, by=turn.staff.name))
    return Reply(_card(turn, customer, say("codename.saved", code=code)))


def lift(turn: Turn, answers: Answers) -> Reply:
    customer = turn.session.get_one(Customer, answers["customer"])
    turn.need(LIFTS, subject_of(customer))
    if customer.code_name is None:
        return Reply(Screen(say("codename.is_lifted")))
    code = customer.code_name
    secrecy.give(turn.session, customer, None)
    body = {"code": code, "reason": answers["reason"]}
    audit.record(turn.session, turn.now, turn.me, "customer.uncode", f"customer:{customer.id}", **body)
    _tell(turn, customer, say("codename.told_lifted", code=code, by=turn.staff.name))
    return Reply(Screen(say("codename.lifted", code=code), (row(_look(customer)),)))


def _tell(turn: Turn, customer: Customer, news: Say) -> None:
    """Those who work with the customer, its own name unsaid: they find it by that name and read the other."""
    owner = turn.session.get_one(Staff, customer.owner_id)
    for each in distinct([owner, *holders(turn.session, Role.UNIT_HEAD, customer.unit_id, turn.now)]):
        if key(each) != turn.me:
            screen = Screen(news, (row(_look(customer)),))
            tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:code:{each.id}", turn.now)


def _look(customer: Customer) -> Button:
    return Button(say("button.customer"), "customer.card", {"customer": key(customer)})


def _card(turn: Turn, customer: Customer, text: Say) -> Screen:
    here = {"customer": key(customer)}
    buttons = [_look(customer), Button(say("button.codename_change"), "codename.open", here)]
    if turn.may(LIFTS, subject_of(customer)):
        buttons.append(Button(say("button.codename_lift"), "codename.lift", here))
    return Screen(text, (tuple(buttons),))


def fill(turn: Turn, text: str) -> Answers:
    """客户 代号 依据, as far as they were typed; what names no one customer is asked for."""
    name, code, reason = [*text.split(maxsplit=2), "", "", ""][:3]
    found = CustomerKind(NEEDS).search(turn, name)
    known: Answers = {"customer": key(found[0])} if len(found) == 1 else {}
    if code and 2 <= len(code) <= LONGEST:
        known["code"] = code
    return {**known, "reason": reason} if reason else known


FORM = Form(
    "codename",
    NEEDS,
    (Field("customer", CustomerKind(NEEDS)), Field("code", CodeName()), Field("reason", Text(shortest=2))),
    submit,
    fill,
)
LIFTING = Form(
    "uncode",
    LIFTS,
    (Field("customer", CustomerKind(LIFTS)), Field("reason", Text(shortest=2))),
    lift,
    lambda _t, _x: {},
)
flow.forms += [FORM, LIFTING]


@flow.command("codename", "涉密", "代号", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    """With a customer that is marked already and nothing more: how it stands."""
    answers = fill(turn, text)
    customer = turn.session.get(Customer, answers.get("customer", 0))
    if customer is not None and customer.code_name and "code" not in answers:
        return Reply(_card(turn, customer, say("codename.card", code=customer.code_name)))
    return engine.begin(turn, FORM, answers)


@flow.deed("codename.open", needs=NEEDS)
def change(turn: Turn, customer: int) -> Reply:
    return Reply(engine.begin(turn, FORM, {"customer": customer}).screen, new=True)


@flow.deed("codename.lift", needs=LIFTS)
def open_lifting(turn: Turn, customer: int) -> Reply:
    return Reply(engine.begin(turn, LIFTING, {"customer": customer}).screen, new=True)
