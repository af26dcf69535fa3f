"""批示 and 督办 as they are read and answered: my tasks, their receipt, one answer for one or several, and what I gave."""

from __future__ import annotations

from collections.abc import Iterable

from dialogue import engine
from dialogue.forms import HINT, Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Text, subject_of
from dialogue.owed import addresses
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns, row
from models import tasks
from models.customers import Customer
from models.people import Staff, distinct, key, replaced
from models.records import Entry
from models.tasks import Task
from papers.stories import credited
from rules.gate import Action, Subject
from words import Say, Value, pack, say

flow = Flow()
NEEDS = Action.ANSWER_TASK
SHOWN = 8


def card(turn: Turn, task: Task) -> Say:
    """The whole task, as far as this person may read what it is about."""
    answered = say("task.answer", by=_answered(turn, task), when=task.answered_at, text=task.answer)
    return say(
        "task.card",
        kind=say(f"task.{task.kind}"),
        number=task.number,
        state=say(f"task_state.{task.state(turn.now)}"),
        by=_name(turn, task.by_id),
        to=to_whom(turn, task),
        about=_about(turn, task),
        text=task.text,
        due=task.due_at,
        answer=answered if task.answered_at else None,
    )


def _answered(turn: Turn, task: Task) -> Value:
    if task.answered_by is None:
        return None
    by = turn.session.get_one(Staff, task.answered_by)
    instead = replaced(turn.session, task.post, by, task.answered_at or turn.now)
    return credited(turn.session, key(by), [key(each) for each in instead])


def _name(turn: Turn, staff: int | None) -> Value:
    return turn.session.get_one(Staff, staff).name if staff else None


def to_whom(turn: Turn, task: Task) -> Say:
    return say("list", items=[each.name for each in tasks.holders_of(turn.session, task, turn.now)])


def _about(turn: Turn, task: Task) -> Value:
    """The entry for those who may see the customer's file, only the name for others."""
    customer = turn.session.get(Customer, task.customer_id) if task.customer_id else None
    if customer is None:
        return None
    entry = turn.session.get(Entry, task.entry_id) if task.entry_id else None
    if entry is None or not turn.may(Action.SEE_CUSTOMER, subject_of(customer)):
        return say("text", text=customer.called)
    return entry_line(turn, entry)


def entry_line(turn: Turn, entry: Entry) -> Say:
    """An entry in one line: customer, day, who, what."""
    said = entry.answers
    words = said.get("summary") or said.get("opinions") or said.get("text") or said.get("measure") or ""
    who, customer = _name(turn, entry.by_id), turn.session.get_one(Customer, entry.customer_id)
    return say("task.entry", customer=customer.called, when=entry.at, who=who, text=str(words)[:60])


def customer_line(turn: Turn, task: Task) -> Say:
    """A task in one line, for the customer's card and the story of a complaint."""
    return say(
        "task.line",
        number=task.number,
        by=_name(turn, task.by_id),
        to=to_whom(turn, task),
        text=task.text[:60],
        answer=say("task.answered", text=(task.answer or "")[:60]) if task.answered_at else None,
    )


def announce(turn: Turn, task: Task) -> list[str]:
    """Those who are to answer hear of it at once. Returns the names of those who could be told."""
    told = []
    for each in distinct(tasks.holders_of(turn.session, task, turn.now)):
        screen = Screen(card(turn.seen_by(each), task), (row(*answer_buttons(task)),))
        unique_key = f"task:{task.id}:{each.id}"
        if key(each) != turn.me and tell(turn.session, each, screen, MessageClass.RECEIPT, unique_key, turn.now):
            told.append(each.name)
    return told


def answer_buttons(task: Task) -> list[Button]:
    here = {"ids": [key(task)]}
    answer = Button(say(f"button.answer_{task.kind}"), "task.answer", here)
    return [answer] if task.seen_at else [Button(say("button.ack"), "task.ack", here), answer]


@flow.command("tasks", "批示", needs=NEEDS)
def mine(turn: Turn, _: str) -> Reply:
    return Reply(screen(turn))


@flow.deed("task.mine", needs=NEEDS)
def open_mine(turn: Turn) -> Reply:
    return Reply(screen(turn), new=True)


def screen(turn: Turn) -> Screen:
    waiting = _to_me(turn)
    given = Button(say("button.given"), "task.given", {})
    mine_too = [(given,)] if tasks.given_by(turn.session, turn.me, turn.now) else []
    if not waiting:
        return Screen(say("task.none"), tuple(mine_too))
    shown = waiting[:SHOWN]
    numbered = list(enumerate(shown, 1))
    buttons = [Button(say("button.do_answer", number=n), "task.answer", {"ids": [key(each)]}) for n, each in numbered]
    everything = {"ids": [key(each) for each in shown]}
    together = [Button(say("button.ack_all"), "task.ack", everything)] if any(not t.seen_at for t in shown) else []
    if len(shown) > 1:
        together.append(Button(say("button.answer_all"), "task.answer", everything))
    lines = [_listed(turn, n, each, _name(turn, each.by_id)) for n, each in numbered]
    text = say("task.mine", count=len(waiting), lines=lines)
    return Screen(text, (*columns(buttons, 4), *([tuple(together)] if together else []), *mine_too))


def _listed(turn: Turn, number: int, task: Task, who: Value) -> Say:
    return say(
        "task.listed",
        number=number,
        task=task.number,
        state=say(f"task_state.{task.state(turn.now)}"),
        who=who,
        text=task.text[:60],
        due=task.due_at,
        answer=say("task.answered", text=(task.answer or "")[:60]) if task.answered_at else None,
    )


def _to_me(turn: Turn) -> list[Task]:
    return tasks.open_to(turn.session, addresses(turn.session, turn.staff, turn.now))


@flow.deed("task.given", needs=NEEDS)
def given(turn: Turn) -> Reply:
    return Reply(given_screen(turn), new=True)


def given_screen(turn: Turn) -> Screen:
    """What I ordered: the open ones with their state, and what was answered in the last days."""
    found = tasks.given_by(turn.session, turn.me, turn.now)
    lines = [_listed(turn, n, each, to_whom(turn, each)) for n, each in enumerate(found[:SHOWN], 1)]
    waiting = sum(each.answered_at is None for each in found)
    return Screen(say("task.given", count=waiting, lines=lines) if found else say("task.none_given"))


@flow.deed("task.ack", needs=NEEDS)
def acknowledge(turn: Turn, ids: list[int]) -> Reply:
    """确认收到, for one or several at once."""
    found = _addressed(turn, ids)
    for each in found:
        tasks.acknowledge(turn.session, each, turn.staff, turn.now)
    waiting = [each for each in found if each.answered_at is None]
    text = say("task.acked", cards=[card(turn, each) for each in found], when=turn.now)
    together = Button(say("button.answer_all"), "task.answer", {"ids": [key(each) for each in waiting]})
    ways = answer_buttons(waiting[0]) if len(waiting) == 1 else [together]
    return Reply(Screen(text, (row(*ways),) if waiting else ()), toast=say("ack.toast"))


def _addressed(turn: Turn, ids: Iterable[int]) -> list[Task]:
    """Those of the tasks that are this person's to answer. Raises `NotAllowedError` for anybody else's."""
    posts = addresses(turn.session, turn.staff, turn.now)
    found = [each for number in ids if (each := turn.session.get(Task, number)) is not None]
    for each in found:
        turn.need(NEEDS, Subject(self_=turn.me if each.post in posts else None))
    return found


@flow.deed("task.answer", needs=NEEDS)
def begin(turn: Turn, ids: list[int]) -> Reply:
    waiting = [each for each in _addressed(turn, ids) if each.answered_at is None]
    if not waiting:
        return notice(say("task.gone"))
    above = [customer_line(turn, each) for each in waiting]
    known: Answers = {"ids": [key(each) for each in waiting], HINT: pack(above)}
    return Reply(engine.begin(turn, FORM, known).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    waiting = [each for each in _addressed(turn, answers["ids"]) if each.answered_at is None]
    if not waiting:
        raise WrongAnswerError(say("task.gone"))
    for each in waiting:
        tasks.answer(turn.session, each, turn.staff, answers["answer"], turn.now)
        _report(turn, each)
    names = distinct(turn.session.get_one(Staff, each.by_id) for each in waiting)
    numbers = say("list", items=[each.number for each in waiting])
    text = say("task.saved", numbers=numbers, told=say("list", items=[each.name for each in names]))
    ways = [Button(say("button.tasks"), "task.mine", {})] if _to_me(turn) else []
    return Reply(Screen(text, (row(*ways, Button(say("button.due"), "due.open", {})),)))


def _report(turn: Turn, task: Task) -> None:
    """The answer goes back to the one who asked."""
    asker = turn.session.get_one(Staff, task.by_id)
    if key(asker) != turn.me:
        screen = Screen(card(turn.seen_by(asker), task), _look(task))
        tell(turn.session, asker, screen, MessageClass.RECEIPT, f"{turn.unique_key}:task:{task.id}", turn.now)


def _look(task: Task) -> tuple[tuple[Button, ...], ...]:
    if task.customer_id is None:
        return ()
    return (row(Button(say("button.customer"), "customer.card", {"customer": task.customer_id})),)


FORM = Form(
    "answer",
    NEEDS,
    (Field("ids", Text(), hidden=True), Field("answer", Text(quick=("task.done",)))),
    submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)
