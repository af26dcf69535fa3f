"""合并客户: two files of one company become one. Both stand side by side, with what moves, before anything is done."""

from __future__ import annotations

import re
from collections.abc import Mapping

from dialogue import engine
from dialogue.engine import mine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import CustomerKind, Text, subject_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, row
from models import audit, customers, mergers
from models.customers import Customer
from models.mergers import Merge, Merger
from models.messages import Draft
from models.people import Staff, distinct, holders, key
from rules.gate import Action
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.MERGE_CUSTOMERS
INTO = re.compile(r"(\s+(?:到|into|→|->)\s+|\s*(?:合并到|并入|并到)\s*)")
"""What stands between the file that goes and the one that stays."""
COUNTED = ("entry", "matter", "person", "task", "filing")
"""What is counted side by side, by table; the rest moves with it."""


class Mergeable(CustomerKind):
    """A customer that may become one with another: none that goes by a code name."""

    def read(self, turn: Turn, answers: Answers, text: str) -> int:
        found = super().read(turn, answers, text)
        if turn.session.get_one(Customer, found).code_name:
            raise WrongAnswerError(say("merge.secret"))
        return found


def _pair(turn: Turn, answers: Answers) -> tuple[Customer, Customer] | None:
    """The file that stays and the one that goes into it, once both are named."""
    found = [turn.session.get(Customer, answers[each]) for each in ("customer", "gone") if each in answers]
    return (found[0], found[1]) if len(found) == 2 and found[0] and found[1] else None


def _remark(turn: Turn, answers: Answers) -> Value:
    pair = _pair(turn, answers)
    if pair is None:
        return None
    stays, gone = pair
    why = mergers.hindrance(gone, stays)
    if why is not None:
        return say(f"merge.{why}")
    return say("merge.pair", stays=_side(turn, stays), gone=_side(turn, gone), name=gone.called_in_full)


def _side(turn: Turn, customer: Customer) -> Say:
    """One file in a few lines."""
    unit, owner = customers.unit_and_owner(turn.session, customer)
    return say(
        "merge.side",
        name=customer.called_in_full,
        tier=say(f"tier.{customer.tier}"),
        place=customer.place or None,
        unit=unit.name,
        owner=owner.name,
        code=customer.credit_code,
        last=mergers.last_talk(turn.session, customer),
        counts=say("list", items=_counts(mergers.counts(turn.session, customer)) or [say("merge.nothing")]),
    )


def _counts(found: Mapping[str, int]) -> list[Value]:
    return [say(f"merge.count_{name}", count=found[name]) for name in COUNTED if found.get(name)]


def submit(turn: Turn, answers: Answers) -> Reply:
    pair = _pair(turn, answers)
    if pair is None:
        return notice(say("form.gone"))
    stays, gone = pair
    turn.need(NEEDS, subject_of(stays))
    turn.need(NEEDS, subject_of(gone))
    if why := mergers.hindrance(gone, stays):
        raise WrongAnswerError(say(f"merge.{why}"))
    name, told = gone.called_in_full, _concerned(turn, gone, stays)
    merger = mergers.merge(turn.session, turn.house, Merge(gone, stays, turn.staff, answers["reason"], turn.now))
    news = say("merge.told", gone=name, stays=stays.called_in_full, by=turn.staff.name, reason=answers["reason"])
    for each in told:
        screen = Screen(news, (row(_look(stays)),))
        tell(turn.session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:merge:{each.id}", turn.now)
    moved = {table.partition(".")[0]: len(ids) for table, ids in merger.moved.items()}
    text = say("merge.done", gone=name, stays=stays.called_in_full, moved=say("list", items=_counts(moved)))
    return notice(text, row(_look(stays)))


def _concerned(turn: Turn, *files: Customer) -> list[Staff]:
    """Owners and unit heads of both: their customers, duties and lists are others from now on."""
    owners = [turn.session.get_one(Staff, each.owner_id) for each in files]
    heads = [one for each in files for one in holders(turn.session, Role.UNIT_HEAD, each.unit_id, turn.now)]
    return [each for each in distinct([*owners, *heads]) if key(each) != turn.me]


def _look(customer: Customer) -> Button:
    return Button(say("button.customer"), "customer.card", {"customer": key(customer)})


def _ways(turn: Turn, draft: Draft) -> Rows:
    """The other way round, once both are named."""
    if _pair(turn, draft.answers) is None:
        return ()
    return (row(Button(say("button.swap"), "merge.swap", {"draft": key(draft)})),)


@flow.deed("merge.swap", needs=NEEDS)
def swap(turn: Turn, draft: int) -> Reply:
    found = mine(turn, draft)
    if found is None or _pair(turn, found.answers) is None:
        return engine.gone()
    found.answers = {**found.answers, "customer": found.answers["gone"], "gone": found.answers["customer"]}
    return engine.proceed(turn, found)


def fill(turn: Turn, text: str) -> Answers:
    """保留的客户 并入的客户 理由, or the other way round where it is said (A 并入 B), as far as they were typed; a name that fits
    several is asked for."""
    one, word, other = [*INTO.split(text, maxsplit=1), "", ""][:3]
    typed = f"{other.split()[0]} {one} {' '.join(other.split()[1:])}" if word and one and other.split() else text
    stays, gone, reason = [*typed.split(maxsplit=2), "", "", ""][:3]
    known: Answers = {}
    for name, called in (("customer", stays), ("gone", gone)):
        found = [each for each in Mergeable(NEEDS).search(turn, called) if not each.code_name] if called else []
        if len(found) == 1:
            known[name] = key(found[0])
    return {**known, "reason": reason} if reason else known


FORM = Form(
    "merge",
    NEEDS,
    (Field("customer", Mergeable(NEEDS)), Field("gone", Mergeable(NEEDS)), Field("reason", Text(shortest=2))),
    submit,
    fill,
    remark=_remark,
    ways=_ways,
)
flow.forms.append(FORM)


@flow.command("merge", "合并客户", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    return engine.begin(turn, FORM, fill(turn, text))


@flow.deed("merge.history", needs=Action.SEE_CUSTOMER)
def history(turn: Turn, customer: int) -> Reply:
    """Which files went into this one: when, why, by whom, and what each had."""
    found = turn.session.get(Customer, customer)
    turn.need(Action.SEE_CUSTOMER, subject_of(found) if found else None)
    audit.record(turn.session, turn.now, turn.me, "customer.open", f"customer:{customer}", part="mergers")
    lines = [_told(turn, each) for each in mergers.into(turn.session, customer)]
    name = found.called_in_full if found else ""
    return Reply(Screen(say("merge.history", name=name, lines=lines)), new=True)


def _told(turn: Turn, merger: Merger) -> Say:
    moved = {table.partition(".")[0]: len(ids) for table, ids in merger.moved.items()}
    return say(
        "merge.was",
        name=merger.facts["name"],
        at=merger.at,
        by=turn.session.get_one(Staff, merger.by_id).name,
        reason=merger.reason,
        moved=say("list", items=_counts(moved) or [say("merge.nothing")]),
    )
