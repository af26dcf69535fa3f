"""异常情况 (R14.8): the unit head and the sales department at once; company leaders by a button, or by themselves in time."""

from __future__ import annotations

from collections.abc import Collection

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, notice
from dialogue.kinds import Text, subject_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen
from handlers.talks import Recorded
from models import anomalies
from models.customers import Customer
from models.findings import Decision, Finding, of_entry
from models.people import Staff, distinct, holders, key
from models.records import Entry
from rules.gate import Action
from rules.roles import Role
from words import Say, say

flow = Flow()
NEEDS = Action.DECIDE_ANOMALY
DECISIONS = (Decision.REPORTED, Decision.NOT_REPORTED)


def report_at_once(turn: Turn, done: Recorded, heard: Collection[int] = ()) -> None:
    """Told to those who must know at once and did not just hear it; from now on it waits for the sales department."""
    anomalies.watch(turn.session, turn.house, done.entry, turn.now)
    heads = holders(turn.session, Role.UNIT_HEAD, done.customer.unit_id, turn.now)
    sales = holders(turn.session, Role.SALES_DEPT, done.customer.unit_id, turn.now)
    whom = [each for each in (*heads, *sales) if key(each) not in heard]
    _tell(turn, done.entry, whom, None, MessageClass.RECEIPT, "anomaly")


def _tell(turn: Turn, entry: Entry, whom: list[Staff], news: Say | None, kind: MessageClass, name: str) -> None:
    for each in distinct(whom):
        if key(each) != turn.me:
            screen = _screen(turn.seen_by(each), entry, news)
            tell(turn.session, each, screen, kind, f"{name}:{entry.id}:{each.id}", turn.now)


def _screen(turn: Turn, entry: Entry, news: Say | None = None) -> Screen:
    """The anomaly, what becomes of it, and the decision for those who may take it."""
    customer = turn.session.get_one(Customer, entry.customer_id)
    text = say(
        "contact.anomaly",
        customer=customer.called,
        by=turn.session.get_one(Staff, entry.by_id).name,
        number=entry.number,
        text=entry.answers.get("summary", ""),
    )
    found = of_entry(turn.session, key(entry), *DECISIONS)
    state = _decided(turn, found) if found else _waiting(turn, entry)
    return Screen(say("anomaly.card", text=text, news=news, state=state), _buttons(turn, entry, customer, found))


def _decided(turn: Turn, found: Finding) -> Say:
    by = turn.session.get_one(Staff, found.by_id).name if found.by_id else say("anomaly.by_itself")
    return say(f"anomaly.{found.decision}", by=by, when=found.at, text=found.text or None)


def _waiting(turn: Turn, entry: Entry) -> Say | None:
    clock = anomalies.clock_of(turn.session, entry)
    if clock is None or clock.closed_at is not None:
        return None
    return say("anomaly.waiting", due=clock.due_at, article=turn.house.rulebook.entry(clock.rule).article)


def _buttons(turn: Turn, entry: Entry, customer: Customer, found: Finding | None) -> Rows:
    here = {"entry": key(entry)}
    look = Button(say("button.customer"), "customer.card", {"customer": key(customer)})
    if found is not None or not turn.may(NEEDS, subject_of(customer)):
        return ((look,),)
    up, not_up = (
        Button(say("button.report_up"), "anomaly.report", here),
        Button(say("button.no_need"), "anomaly.not", here),
    )
    return ((up, not_up), (look,))


def _undecided(turn: Turn, number: int) -> Entry | None:
    """The anomaly, if this person may decide about it and nobody has yet. Raises `NotAllowedError`."""
    entry = turn.session.get(Entry, number)
    if entry is None or not entry.answers.get("anomaly"):
        raise NotAllowedError(NEEDS)
    turn.need(NEEDS, subject_of(turn.session.get_one(Customer, entry.customer_id)))
    return entry if of_entry(turn.session, number, *DECISIONS) is None else None


@flow.deed("anomaly.show", needs=NEEDS)
def show(turn: Turn, entry: int) -> Reply:
    _undecided(turn, entry)
    return Reply(_screen(turn, turn.session.get_one(Entry, entry)), new=True)


@flow.deed("anomaly.report", needs=NEEDS)
def report(turn: Turn, entry: int) -> Reply:
    """上报公司领导: those whom the rulebook names hear of it now."""
    found = _undecided(turn, entry)
    if found is None:
        return Reply(_screen(turn, turn.session.get_one(Entry, entry)))
    above = anomalies.leaders(turn.session, turn.house, found, turn.now)
    names = turn.voice.plain(say("list", items=[each.name for each in above]))
    anomalies.settle(turn.session, found, Decision.REPORTED, turn.me, names, turn.now)
    _tell(turn, found, above, None, MessageClass.ESCALATION, "anomaly.up")
    return Reply(_screen(turn, found))


def _dismiss(turn: Turn, answers: Answers) -> Reply:
    found = _undecided(turn, answers["entry"])
    if found is None:
        return notice(say("anomaly.decided_already"))
    anomalies.settle(turn.session, found, Decision.NOT_REPORTED, turn.me, answers["text"], turn.now)
    unit = turn.session.get_one(Customer, found.customer_id).unit_id
    heads = holders(turn.session, Role.UNIT_HEAD, unit, turn.now)
    writer = turn.session.get_one(Staff, found.by_id)
    _tell(turn, found, [*heads, writer], None, MessageClass.RECEIPT, "anomaly.not")
    return Reply(_screen(turn, found))


FORM = Form(
    "anomaly_not",
    NEEDS,
    (Field("entry", Text(), hidden=True), Field("text", Text(shortest=2))),
    _dismiss,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)


@flow.deed("anomaly.not", needs=NEEDS)
def dismiss(turn: Turn, entry: int) -> Reply:
    """无需上报, with a reason."""
    found = _undecided(turn, entry)
    if found is None:
        return Reply(_screen(turn, turn.session.get_one(Entry, entry)))
    return Reply(engine.begin(turn, FORM, {"entry": entry}).screen, new=True)
