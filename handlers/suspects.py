"""疑似未报投诉 (article 26): talks with words of a complaint while none was opened; a decision with a reason takes them off."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, notice
from dialogue.kinds import Text, subject_of
from dialogue.marks import marked
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Rows, Screen
from models import ledgers
from models.customers import Customer
from models.findings import Decision, decide, of_entry
from models.ledgers import Talk
from models.people import Staff, key
from models.records import Entry
from models.suspects import WORDS, Suspect
from rules import gate
from rules.gate import Action
from words import Say, say

flow = Flow()
NEEDS = Action.SEE_SUSPECTS
JUDGE = Action.JUDGE_SUSPECT
A_PAGE = 8


@flow.command("suspects", "疑似未报投诉", "疑似投诉", needs=NEEDS)
def suspects(turn: Turn, _: str) -> Reply:
    return Reply(_list(turn, 0))


@flow.deed("suspects.open", needs=NEEDS)
def open_suspects(turn: Turn) -> Reply:
    return Reply(_list(turn, 0), new=True)


@flow.deed("suspects.show", needs=NEEDS)
def show(turn: Turn, page: int = 0) -> Reply:
    return Reply(_list(turn, page))


def _list(turn: Turn, page: int) -> Screen:
    reach = gate.scope(turn.actor, NEEDS)
    count = ledgers.count_suspects(turn.session, reach)
    if not count:
        return Screen(say("suspects.none"))
    page = max(0, min(page, (count - 1) // A_PAGE))
    found = ledgers.suspects(turn.session, reach, page * A_PAGE, A_PAGE)
    numbered = list(enumerate(found, page * A_PAGE + 1))
    lines = [_line(turn, number, each) for number, each in numbered]
    text = say("suspects.list", count=count, lines=lines)
    turns = [Button(say("button.earlier"), "suspects.show", {"page": page - 1})] if page else []
    turns += [Button(say("button.more"), "suspects.show", {"page": page + 1})] if count > (page + 1) * A_PAGE else []
    rows = tuple(_row(turn, number, each) for number, each in numbered)
    return Screen(text, (*rows, *([tuple(turns)] if turns else [])))


def _line(turn: Turn, number: int, talk: Talk) -> Say:
    entry = talk.entry
    words = "；".join(str(entry.answers[name]) for name in WORDS if entry.answers.get(name))
    line = say(
        "suspects.line",
        number=number,
        entry=entry.number,
        when=entry.at,
        customer=talk.customer.called,
        by=turn.session.get_one(Staff, entry.by_id).name,
        text=words[:80],
    )
    return marked(turn, entry, line)


def _row(turn: Turn, number: int, talk: Talk) -> tuple[Button, ...]:
    row = [Button(say("button.no_complaint", number=number), "suspect.judge", {"entry": key(talk.entry)})]
    if turn.reaches(Action.OPEN_COMPLAINT):
        known = {"customer": key(talk.customer)}
        row.append(Button(say("button.complain_now", number=number), "complaint.open", known))
    return tuple(row)


def _suspect(turn: Turn, number: int) -> Entry | None:
    """The talk, while it is on the list. Raises `NotAllowedError` where this person may not judge."""
    entry = turn.session.get(Entry, number)
    if entry is None or turn.session.get(Suspect, number) is None:
        raise NotAllowedError(JUDGE)
    turn.need(JUDGE, subject_of(turn.session.get_one(Customer, entry.customer_id)))
    return entry if of_entry(turn.session, number, Decision.NO_COMPLAINT) is None else None


def _judge(turn: Turn, answers: Answers) -> Reply:
    entry = _suspect(turn, answers["entry"])
    if entry is None:
        return notice(say("suspects.judged_already"))
    decide(turn.session, Decision.NO_COMPLAINT, key(entry), entry.customer_id, turn.me, answers["text"], turn.now)
    rows: Rows = ((Button(say("button.suspects"), "suspects.open", {}),),)
    return Reply(Screen(say("suspects.judged", entry=entry.number, text=answers["text"]), rows))


FORM = Form(
    "no_complaint",
    JUDGE,
    (Field("entry", Text(), hidden=True), Field("text", Text(shortest=2))),
    _judge,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)


@flow.deed("suspect.judge", needs=JUDGE)
def judge(turn: Turn, entry: int) -> Reply:
    """已核实：非投诉, with a reason."""
    if _suspect(turn, entry) is None:
        return notice(say("suspects.judged_already"))
    return Reply(engine.begin(turn, FORM, {"entry": entry}).screen, new=True)
