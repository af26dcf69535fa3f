"""备案 at the sales department (R9.2): new customers are filed with a receipt, and a 撞单 is decided; both sides hear it."""

from __future__ import annotations

from dialogue.forms import Flow, notice
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from models import customers, filings
from models.customers import Customer
from models.filings import Decision, Filing
from models.messages import Draft
from models.people import Staff, Unit, distinct, holders, key
from models.records import last_entries
from rules import gate
from rules.gate import Action, Subject
from rules.roles import Role
from words import Say, say

flow = Flow()
NEEDS = Action.FILE_CUSTOMER
SHOWN = 9


def tell_the_sales_department(turn: Turn, filing: Filing) -> None:
    """The card to file or to decide."""
    for each in distinct(holders(turn.session, Role.SALES_DEPT, filing.unit_id, turn.now)):
        unique_key = f"filing:{filing.id}:{each.id}"
        tell(turn.session, each, _card(turn, filing), MessageClass.RECEIPT, unique_key, turn.now)


def _card(turn: Turn, filing: Filing) -> Screen:
    session, facts, this = turn.session, filing.facts, {"filing": key(filing)}
    text = say(
        "filing.clash" if filing.is_clash else "filing.card",
        name=facts["name"],
        tier=say(f"tier.{facts['tier']}"),
        place="".join(filter(None, (facts["province"], facts.get("city")))),
        person=facts.get("person"),
        phone=facts.get("phone"),
        unit=session.get_one(Unit, filing.unit_id).name,
        by=session.get_one(Staff, filing.by_id).name,
        code=say("filing.code", code=facts["credit_code"]) if facts.get("credit_code") else None,
        reason=say("filing.reason", reason=facts["reason"]) if facts.get("reason") else None,
        alike=say("filing.alike", names=say("list", items=facts["alike"])) if facts.get("alike") else None,
        other=_other(turn, filing),
    )
    if filing.decided_at is not None:
        return Screen(say("filing.over", card=text, outcome=_outcome(filing)))
    if not filing.is_clash:
        file = Button(say("button.file"), "filing.decide", {**this, "decision": Decision.FILED})
        return Screen(text, (row(file, _look(filing.customer_id)),))
    ways = (Decision.THEIRS, Decision.OURS, Decision.SEPARATE)
    decide = [Button(say(f"button.clash_{each}"), "filing.decide", {**this, "decision": each}) for each in ways]
    return Screen(text, (*columns(decide, 2), row(_look(filing.clash_id))))


def _other(turn: Turn, filing: Filing) -> Say | None:
    """The one already on file, for those who decide."""
    other = turn.session.get(Customer, filing.clash_id) if filing.clash_id else None
    if other is None:
        return None
    unit, owner = customers.unit_and_owner(turn.session, other)
    last = last_entries(turn.session, key(other), 1)
    return say(
        "filing.other",
        name=other.called_in_full,
        tier=say(f"tier.{other.tier}"),
        unit=unit.name,
        owner=owner.name,
        last=say("filing.last_talk", when=last[0].at) if last else say("customer.no_talks"),
    )


def _look(customer: int | None) -> Button:
    return Button(say("button.customer"), "customer.card", {"customer": customer})


def _outcome(filing: Filing) -> Say:
    return say(f"filing.outcome_{filing.decision}", number=filing.number)


def way(turn: Turn) -> Rows:
    """The way to what waits to be filed, for those who file, where there is any."""
    if not gate.scope(turn.actor, NEEDS).all:
        return ()
    count = len(filings.waiting(turn.session))
    return ((Button(say("button.filings", count=count), "filing.list", {}),),) if count else ()


@flow.command("filings", "备案", "撞单", needs=NEEDS)
def typed(turn: Turn, _: str) -> Reply:
    return listed(turn)


@flow.deed("filing.list", needs=NEEDS)
def listed(turn: Turn) -> Reply:
    found = [each for each in filings.waiting(turn.session) if turn.may(NEEDS, Subject(unit=each.unit_id))]
    if not found:
        return notice(say("filing.none"))
    buttons = [Button(_short(each), "filing.show", {"filing": key(each)}) for each in found[:SHOWN]]
    return Reply(Screen(say("filing.list", count=len(found)), columns(buttons, 1)), new=True)


def _short(filing: Filing) -> Say:
    return say("filing.short_clash" if filing.is_clash else "filing.short", name=filing.facts["name"])


def _found(turn: Turn, filing: int) -> Filing:
    found = turn.session.get_one(Filing, filing)
    turn.need(NEEDS, Subject(unit=found.unit_id))
    return found


@flow.deed("filing.show", needs=NEEDS)
def show(turn: Turn, filing: int) -> Reply:
    return Reply(_card(turn, _found(turn, filing)), new=True)


@flow.deed("filing.decide", needs=NEEDS)
def decide(turn: Turn, filing: int, decision: str) -> Reply:
    found = _found(turn, filing)
    if found.decided_at is not None:
        return Reply(_card(turn, found))
    other = turn.session.get(Customer, found.clash_id) if found.clash_id else None
    before = _original_side(turn, other) if other else []
    office = filings.Office(turn.session, turn.house, turn.staff, turn.now)
    customer = filings.decide(office, found, Decision(decision))
    _tell_author(turn, found, customer)
    for each in before:
        if key(each) not in (turn.me, found.by_id):
            _tell(turn, each, found, Screen(_for_original(turn, found, customer)))
    return Reply(_card(turn, found))


def _original_side(turn: Turn, customer: Customer) -> list[Staff]:
    """Who has the customer so far, and their unit head."""
    owner = turn.session.get_one(Staff, customer.owner_id)
    return distinct([owner, *holders(turn.session, Role.UNIT_HEAD, customer.unit_id, turn.now)])


def _tell(turn: Turn, who: Staff, filing: Filing, screen: Screen) -> None:
    tell(turn.session, who, screen, MessageClass.RECEIPT, f"filed:{filing.id}:{who.id}", turn.now)


def _tell_author(turn: Turn, filing: Filing, customer: Customer) -> None:
    """The receipt with its number, and the way on with a form that waited. A file that stays theirs is not shown."""
    text = say(f"filing.told_{filing.decision}", name=filing.facts["name"], number=filing.number)
    buttons = [] if filing.decision == Decision.THEIRS else [_look(key(customer))]
    waiting = turn.session.get(Draft, filing.draft_id) if filing.draft_id else None
    waits = waiting is not None and waiting.state in ("open", "kept") and "customer" not in waiting.answers
    if buttons and waiting is not None and waits:
        on = {"draft": key(waiting), "customer": key(customer)}
        buttons.insert(0, Button(say("button.resume_kept", title=say(f"form.{waiting.form}")), "newcomer.go_on", on))
    author = turn.session.get_one(Staff, filing.by_id)
    _tell(turn, author, filing, Screen(text, (tuple(buttons),) if buttons else ()))


def _for_original(turn: Turn, filing: Filing, customer: Customer) -> Say:
    return say(
        f"filing.original_{filing.decision}",
        customer=turn.session.get_one(Customer, filing.clash_id).called,
        unit=turn.session.get_one(Unit, filing.unit_id).name,
        by=turn.session.get_one(Staff, filing.by_id).name,
    )
