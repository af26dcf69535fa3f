"""批示: a leader's note on an entry becomes a dated task of its author, or of whom the leader names, and is answered."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Colleagues, Text, end_of, subject_of
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.talks import FUTURE
from handlers.tasks import announce, card, entry_line
from models import tasks
from models.customers import Customer
from models.people import Staff, key, seats
from models.records import Entry, last_entries, notes
from models.tasks import ANNOTATION, Given
from rules.gate import Action, Subject
from words import Value, pack, say

flow = Flow()
NEEDS = Action.ANNOTATE
OFFERED = 6


@flow.deed("annotate.choose", needs=NEEDS)
def choose(turn: Turn, customer: int | None = None, matter: int | None = None) -> Reply:
    """Which entry: the last talks with a customer, or the story of a complaint."""
    found = notes(turn.session, matter)[-OFFERED:] if matter else last_entries(turn.session, customer or 0, OFFERED)
    if not found:
        return notice(say("annotate.nothing"))
    for each in found:
        _need(turn, each)
    lines = [say("annotate.line", number=n, entry=entry_line(turn, each)) for n, each in enumerate(found, 1)]
    buttons = [
        Button(say("button.annotate_one", number=n), "annotate.open", {"entry": key(each)})
        for n, each in enumerate(found, 1)
    ]
    return Reply(Screen(say("annotate.choose", lines=lines), columns(buttons, 3)), new=True)


def _need(turn: Turn, entry: Entry) -> Customer:
    customer = turn.session.get_one(Customer, entry.customer_id)
    turn.need(NEEDS, subject_of(customer))
    return customer


@flow.deed("annotate.open", needs=NEEDS)
def begin(turn: Turn, entry: int) -> Reply:
    found = turn.session.get_one(Entry, entry)
    _need(turn, found)
    known: Answers = {"entry": entry, HINT: pack(entry_line(turn, found))}
    return Reply(engine.begin(turn, FORM, known).screen, new=True)


def _author(turn: Turn, answers: Answers) -> int | None:
    """The entry's author; where that is not one of the leader's people, the customer's salesperson."""
    entry = turn.session.get_one(Entry, answers["entry"])
    customer = turn.session.get_one(Customer, entry.customer_id)
    return next((each for each in (entry.by_id, customer.owner_id) if each != turn.me and _leads(turn, each)), None)


def _leads(turn: Turn, staff: int) -> bool:
    """Whether the speaker may order that person: one active in a unit that they reach."""
    who = turn.session.get(Staff, staff)
    units = [seat.unit_id for seat in seats(turn.session, staff, turn.now)]
    return who is not None and who.active and any(turn.may(NEEDS, Subject(unit=unit)) for unit in units)


def remark(turn: Turn, answers: Answers) -> Value:
    return entry_line(turn, turn.session.get_one(Entry, answers["entry"]))


def submit(turn: Turn, answers: Answers) -> Reply:
    entry = turn.session.get_one(Entry, answers["entry"])
    customer = _need(turn, entry)
    if not _leads(turn, answers["for"]):
        raise WrongAnswerError(say("wrong.not_your_people"))
    FUTURE.checked(turn, answers["due"])
    what = Given(
        kind=ANNOTATION,
        unit_id=customer.unit_id,
        text=answers["text"],
        post=f"staff@{answers['for']}",
        due_at=end_of(answers["due"], turn),
        customer_id=key(customer),
        entry_id=key(entry),
    )
    task = tasks.give(turn.session, turn.house, turn.staff, what, turn.now)
    told = say("list", items=announce(turn, task))
    return Reply(Screen(say("task.sent", told=told, card=card(turn, task))))


FORM = Form(
    "annotation",
    NEEDS,
    (
        Field("entry", Text(), hidden=True),
        Field("text", Text(shortest=2)),
        Field("for", Colleagues(single=True), default=_author),
        Field("due", FUTURE),
    ),
    submit,
    lambda _turn, _text: {},
    remark,
)
flow.forms.append(FORM)
