"""＋ 新客户 from inside a form: a short form, checked for doubles, on file at once, filed with the sales department (R9.2).

The form from which it was opened goes on with the new customer. One whom another unit has is a 撞单: its file is not shown.
"""

from __future__ import annotations

from typing import Any

from dialogue import engine
from dialogue.forms import FITTING, HINT, UNKNOWN, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, CustomerKind, PersonName, Phone, Picks, Text, label, subject_of
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, row
from handlers import filing
from models import customers, doubles, filings
from models.customers import Customer
from models.doubles import Double, Why
from models.messages import Draft, open_draft
from models.people import key, seats
from models.provinces import read_province
from reading.names import core_name
from rules import credit_code
from rules.gate import Action
from rules.roles import Role, Tier, read_tier
from words import Say, Value, say

flow = Flow()
NEEDS = Action.REGISTER_CUSTOMER
ANYWAY = "_anyway"
REASONS = ("newcomer.only_alike", "newcomer.same_group", "newcomer.another_site")
"""Why it is a customer of its own all the same, to be tapped."""
KEPT = ("name", "tier", "province", "city", "person", "phone", "credit_code", "reason")
TIERS = (Tier.RESERVE.value, Tier.ORDINARY.value)
"""Strategic and key customers are made so by evaluation (article 12), not by whoever meets them first."""


class Province:
    """A province by any usual name."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        mine = [each.province for each in customers.of_owner(turn.session, turn.me)]
        return [(each, each) for each in dict.fromkeys([turn.house.province, *mine])]

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        found = read_province(text)
        if found is None:
            raise WrongAnswerError(say("wrong.province", text=text[:30]))
        return found

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


class CreditCode:
    """统一社会信用代码, with its check digit; kept in capitals."""

    def picks(self, turn: Turn, answers: Answers) -> Picks:
        return []

    def read(self, turn: Turn, answers: Answers, text: str) -> str:
        code = credit_code.plain(text)
        match credit_code.fault(code):
            case credit_code.Fault.LENGTH:
                raise WrongAnswerError(say("wrong.code_length", text=text[:50], count=len(code)))
            case credit_code.Fault.SIGN:
                raise WrongAnswerError(say("wrong.code_sign", text=text[:50]))
            case credit_code.Fault.CHECK:
                raise WrongAnswerError(say("wrong.code_check", text=text[:50]))
        return code

    def show(self, turn: Turn, value: Any) -> Value:
        return str(value)


def _named_province(_: Turn, answers: Answers) -> str | None:
    """The province with which the name begins: 山东金鼎橡胶有限公司."""
    name = answers.get("name", "")
    return next((found for length in (3, 2) if (found := read_province(name[:length]))), None)


@flow.deed("newcomer.open", needs=NEEDS)
def open_form(turn: Turn, draft: int) -> Reply:
    """The short form, filled in with what the waiting form knows."""
    waiting = turn.session.get(Draft, draft)
    if waiting is None or waiting.staff_id != turn.me or waiting.state not in ("open", "kept"):
        return notice(say("form.gone"))
    known = waiting.answers
    answers = {
        "name": known.get(UNKNOWN),
        "person": known.get("person") or known.get("complainant"),
        "phone": known.get("person_phone") or known.get("phone"),
        "waiting": draft,
    }
    reply = engine.begin(turn, FORM, {name: value for name, value in answers.items() if value})
    waiting.state = "kept"
    return reply


def submit(turn: Turn, answers: Answers) -> Reply:
    known = doubles.doubles(turn.session, answers["name"], answers.get("phone"), answers.get("credit_code"))
    visible = [each for each in known if turn.may(Action.FIND_CUSTOMER, subject_of(each.customer))]
    if visible and (_surely_the_same(visible) or not answers.get(ANYWAY)):
        raise WrongAnswerError(_there_is(turn, visible), rows=_ways(turn, visible, answers))
    clash = next((each.customer for each in known if each not in visible and each.sure), None)
    if clash is not None and filings.clash_waiting(turn.session, _my_unit(turn), clash):
        raise WrongAnswerError(say("newcomer.clash_waits", name=answers["name"]))
    facts: Answers = {name: answers[name] for name in KEPT if answers.get(name)}
    alike = [each.customer for each in known if each.customer is not clash]
    if alike:
        facts["alike"] = filings.names(alike)
    office = filings.Office(turn.session, turn.house, turn.staff, turn.now)
    claim = filings.claim(office, _my_unit(turn), facts, clash, answers.get("waiting"))
    filing.tell_the_sales_department(turn, claim)
    if claim.customer_id is None:
        kept = say("newcomer.kept") if "waiting" in answers else None
        return notice(say("newcomer.clash", name=answers["name"], kept=kept))
    customer = turn.session.get_one(Customer, claim.customer_id)
    done = say("newcomer.saved", customer=customer.called_in_full)
    return _go_on(turn, answers.get("waiting"), customer, done) or notice(done, row(_log(customer)))


def _log(customer: Customer) -> Button:
    return Button(say("button.log"), "contact.open", {"customer": key(customer)})


def _my_unit(turn: Turn) -> int:
    """The business unit in which the author sells."""
    held = seats(turn.session, turn.me, turn.now)
    return next(each.unit_id for each in held if each.role in (Role.SALESPERSON, Role.UNIT_HEAD))


def _surely_the_same(known: list[Double]) -> bool:
    """A credit code belongs to one company: it can't be put on file twice."""
    return any(each.why is Why.CODE for each in known)


def _there_is(turn: Turn, known: list[Double]) -> Say:
    lines = []
    for each in known[:5]:
        _, owner = customers.unit_and_owner(turn.session, each.customer)
        why = say(f"newcomer.why_{each.why}")
        lines.append(say("newcomer.known", label=label(turn, each.customer), owner=owner.name, why=why))
    return say("newcomer.there_is_code" if _surely_the_same(known) else "newcomer.there_is", lines=lines)


def _ways(turn: Turn, known: list[Double], answers: Answers) -> Rows:
    """That one, where this person may go on with it; or a new one all the same, with the reason."""
    same = [
        row(Button(say("button.that_one", name=each.called), "newcomer.same", {"customer": key(each), **_for(answers)}))
        for each in (double.customer for double in known[:5])
        if turn.may(Action.LOG_CONTACT, subject_of(each))
    ]
    if _surely_the_same(known):
        return tuple(same)
    reasons = [
        row(Button(say("button.another_one", reason=say(each)), "newcomer.anyway", {"reason": each}))
        for each in REASONS
    ]
    return (*same, *reasons, row(Button(say("button.another_reason"), "newcomer.anyway", {})))


def _for(answers: Answers) -> dict[str, int]:
    return {"draft": answers["waiting"]} if "waiting" in answers else {}


@flow.deed("newcomer.anyway", needs=NEEDS)
def anyway(turn: Turn, reason: str | None = None) -> Reply:
    """A customer of its own: with a reason that was tapped at once, otherwise when it was written."""
    draft = open_draft(turn.session, turn.me)
    if draft is None or draft.form != FORM.name:
        return notice(say("form.gone"))
    draft.answers = {**draft.answers, ANYWAY: True}
    if reason is None:
        return engine.ask(turn, key(draft), "reason")
    draft.answers = {**draft.answers, "reason": turn.voice.plain(say(reason))}
    return engine.save(turn, key(draft))


@flow.deed("newcomer.same", needs=Action.LOG_CONTACT)
def same(turn: Turn, customer: int, draft: int | None = None) -> Reply:
    """It is on file already: the short form is given up, and the waiting form goes on with that customer."""
    asked = open_draft(turn.session, turn.me)
    if asked is not None and asked.form == FORM.name:
        asked.state = "dropped"
    found = turn.session.get_one(Customer, customer)
    turn.need(Action.LOG_CONTACT, subject_of(found))
    on = say("newcomer.goes_on", customer=found.called)
    return _go_on(turn, draft, found, on) or notice(on, row(_log(found)))


@flow.deed("newcomer.go_on", needs=NEEDS)
def go_on(turn: Turn, draft: int, customer: int) -> Reply:
    """From the news of a decision: the form that waited for it."""
    engine.keep(turn)
    found = turn.session.get_one(Customer, customer)
    reply = _go_on(turn, draft, found, say("newcomer.goes_on", customer=found.called))
    return Reply(reply.screen, new=True) if reply else notice(say("form.gone"))


def _go_on(turn: Turn, waiting: int | None, customer: Customer, above: Say) -> Reply | None:
    """The waiting form, with the customer filled in; None when none waits any more."""
    draft = turn.session.get(Draft, waiting) if waiting else None
    if draft is None or draft.staff_id != turn.me or draft.state not in ("open", "kept"):
        return None
    field = next((each for each in turn.forms[draft.form].fields if isinstance(each.kind, CustomerKind)), None)
    if field is None or not isinstance(field.kind, CustomerKind):
        return None
    field.kind.need(turn, key(customer))
    known = {name: value for name, value in draft.answers.items() if name not in (HINT, FITTING, UNKNOWN)}
    draft.answers = {**known, field.name: key(customer)}
    draft.state, draft.asking = "open", None if draft.asking == field.name else draft.asking
    return engine.proceed(turn, draft, above)


def fill(turn: Turn, text: str) -> Answers:
    """The name; a credit code that stands beside it is taken when it is one."""
    code = credit_code.found_in(text)
    answers: Answers = {}
    if code and credit_code.fault(credit_code.plain(code)) is None:
        answers["credit_code"] = credit_code.plain(code)
        text = " ".join(text.replace(code, " ").split())
    return answers | ({"name": text} if len(core_name(text)) > 1 else {})


FORM = Form(
    "newcomer",
    NEEDS,
    (
        Field("name", Text(shortest=2)),
        Field("tier", Choice("tier", TIERS, read_tier), default=lambda _turn, _answers: Tier.RESERVE.value),
        Field("province", Province(), default=_named_province),
        Field("city", Text(), required=False),
        Field("person", PersonName(), required=False),
        Field("phone", Phone(), required=False),
        Field("credit_code", CreditCode(), required=False),
        Field("reason", Text(shortest=2), asked=lambda answers: bool(answers.get(ANYWAY))),
        Field("waiting", Text(), required=False, hidden=True),
    ),
    submit,
    fill,
)
flow.forms.append(FORM)


@flow.deed("newcomer.named", needs=NEEDS)
def named(turn: Turn, name: str) -> Reply:
    """Somebody who was looked for in vain."""
    return Reply(engine.begin(turn, FORM, FORM.fill(turn, name)).screen, new=True)


@flow.command("newcustomer", "新客户", "建客户", needs=NEEDS)
def new_customer(turn: Turn, text: str) -> Reply:
    return engine.begin(turn, FORM, FORM.fill(turn, text))
