"""封存: somebody's name and phone are taken out of the records for good.

Office or sales department ask for it, another person of audit, supervision or the general manager agrees; both see beforehand what
will be sealed, and that there is no way back.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlmodel import select

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import CustomerKind, Text, subject_of
from dialogue.telling import MessageClass, redraw, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns, row
from models import sealings
from models.identities import Identity, TooEarlyError, at_customer, check_over, due, is_sealed, of_ref
from models.messages import Card
from models.people import Staff, distinct, in_role, key
from models.records import complaint_numbered
from models.sealings import ASKED, Sealing, Wanted
from rules.gate import Action
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
ASK, DECIDE, SEE = Action.ASK_SEALING, Action.DECIDE_SEALING, Action.SEE_SEALINGS
DECIDERS = (Role.AUDIT, Role.SUPERVISION, Role.GENERAL_MANAGER)
AT_ONCE = 20
"""How many people one proposal may name, so that they can be read one by one."""
SHOWN = 5
NUMBERED = re.compile(r"(?:ts|投诉单?)[-\s]?\d[\d-]*", re.IGNORECASE)
EVERYONE = re.compile(r"(?:全部|到期|到期的全部|all)\b\s*", re.IGNORECASE)
FOUND = CustomerKind(Action.FIND_CUSTOMER)


@flow.command("seal", "封存", "封存个人信息", needs=SEE)
def typed(turn: Turn, text: str) -> Reply:
    if not text:
        return Reply(_list(turn))
    turn.need_any(ASK)
    if everyone := EVERYONE.match(text):
        return _begin_due(turn, text[everyone.end() :])
    if (numbered := NUMBERED.match(text)) and (found := complaint_numbered(turn.session, numbered[0])):
        return _begin(turn, [{"matter": key(found[0])}], text[numbered.end() :])
    customer, person, reason = [*text.split(maxsplit=2), "", "", ""][:3]
    fitting = FOUND.search(turn, customer)
    ref = at_customer(turn.session, fitting[0], person) if len(fitting) == 1 else None
    return _begin(turn, [ref], reason) if ref else notice(say("sealing.how", text=text[:30]))


def _list(turn: Turn) -> Screen:
    """What waits for a decision, and what became of the last ones."""
    waiting, done = sealings.waiting(turn.session), sealings.latest(turn.session, SHOWN)
    lines = [_line(turn, each) for each in (*waiting, *done)]
    text = say("sealing.list", lines=lines or say("sealing.none"), years=turn.house.keeping.seal_after_years)
    look = [Button(say("button.seal_look", number=each.id), "seal.show", {"sealing": key(each)}) for each in waiting]
    all_due = [row(Button(say("button.seal_due"), "seal.due"))] if turn.reaches(ASK) else []
    return Screen(text, (*columns(look, 3), *all_due))


def _line(turn: Turn, each: Sealing) -> Say:
    by = turn.session.get_one(Staff, each.by_id).name
    return say("sealing.line", number=each.id, at=each.at, by=by, state=say(f"sealing_state.{each.state}"))


@flow.deed("seal.due", needs=ASK)
def all_due(turn: Turn) -> Reply:
    return _begin_due(turn, "")


def _begin_due(turn: Turn, reason: str) -> Reply:
    found = due(turn.session, turn.house, turn.now, AT_ONCE)
    if not found:
        return notice(say("sealing.nobody_due", years=turn.house.keeping.seal_after_years))
    return _begin(turn, [{"matter": key(each.cases[0][0])} for each in found], reason)


def _begin(turn: Turn, subjects: Sequence[Mapping[str, int]], reason: str) -> Reply:
    people = [of_ref(turn.session, dict(each)) for each in subjects]
    if any(is_sealed(each.name) for each in people):
        return notice(say("sealing.sealed_already"))
    try:
        for each in people:
            check_over(each, turn.house, turn.now)
    except TooEarlyError as early:
        return notice(_too_early(turn, early))
    known: Answers = {"subjects": [dict(each) for each in subjects]}
    said = engine.begin(turn, FORM, known | ({"reason": reason.strip()} if len(reason.strip()) > 1 else {}))
    return Reply(said.screen, new=True)


def _too_early(turn: Turn, early: TooEarlyError) -> Say:
    if early.number:
        return say("sealing.open", number=early.number, years=turn.house.keeping.seal_after_years)
    return say("sealing.early", until=early.until)


def _wanted(answers: Answers) -> Wanted:
    also = re.split(r"[、，,;；\s]+", answers.get("also") or "")
    return Wanted(answers["subjects"], answers["reason"], tuple(each for each in also if len(each) > 1))


def remark(turn: Turn, answers: Answers) -> Value:
    wanted = _wanted(answers)
    try:
        counts = sealings.look(turn.session, turn.house, wanted, turn.now)
    except TooEarlyError as early:
        return _too_early(turn, early)
    return _preview(turn, wanted, counts)


def _preview(turn: Turn, wanted: Wanted, counts: Mapping[str, int]) -> Say:
    keeping = turn.house.keeping
    return say(
        "sealing.preview",
        who=[_who(turn, each) for each in wanted.identities(turn.session)],
        lines=_counted(counts),
        days=keeping.backup_days,
        months=keeping.backup_months,
    )


def _counted(counts: Mapping[str, int]) -> list[Say]:
    return [say(f"sealed.{kind}", count=count) for kind, count in sorted(counts.items()) if count]


def _who(turn: Turn, identity: Identity) -> Say:
    """By name for those who may see the file; for others by the first character."""
    seen = turn.may(Action.SEE_CUSTOMER, subject_of(identity.customer))
    return say(
        "sealing.who",
        customer=identity.customer.called,
        name=identity.name if seen else f"{identity.name[:1]}＊",
        numbers=say("list", items=[matter.number for matter, _ in identity.cases]),
    )


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need(ASK)
    deciders = _deciders(turn)
    if not deciders:
        raise WrongAnswerError(say("sealing.nobody_decides"))
    try:
        asked = sealings.ask(turn.session, turn.house, turn.staff, _wanted(answers), turn.now)
    except TooEarlyError as early:
        raise WrongAnswerError(_too_early(turn, early)) from early
    for each in deciders:
        _tell(turn, each, _proposal(turn.seen_by(each), asked), f"sealing:{asked.id}:{each.id}")
    names = say("list", items=[each.name for each in deciders])
    return Reply(Screen(say("sealing.asked", number=asked.id, names=names)))


def _deciders(turn: Turn) -> list[Staff]:
    found = (each for role in DECIDERS for each in in_role(turn.session, role, turn.now))
    return [each for each in distinct(found) if key(each) != turn.me]


def _tell(turn: Turn, who: Staff, screen: Screen, unique_key: str) -> None:
    tell(turn.session, who, screen, MessageClass.RECEIPT, unique_key, turn.now)


def _proposal(turn: Turn, asked: Sealing) -> Screen:
    by = turn.session.get_one(Staff, asked.by_id).name
    preview = _preview(turn, Wanted(asked.subjects, asked.reason, asked.also), asked.counts)
    text = say("sealing.proposal", number=asked.id, by=by, at=asked.at, reason=asked.reason, preview=preview)
    if asked.state != ASKED or asked.by_id == turn.me or not turn.reaches(DECIDE):
        return Screen(text)
    here = {"sealing": key(asked)}
    agree = Button(say("button.seal_agree"), "seal.approve", here)
    return Screen(text, (row(agree, Button(say("button.seal_refuse"), "seal.refuse", here)),))


@flow.deed("seal.show", needs=SEE)
def show(turn: Turn, sealing: int) -> Reply:
    asked = turn.session.get_one(Sealing, sealing)
    return Reply(_proposal(turn, asked) if asked.state == ASKED else _list(turn), new=True)


def _to_decide(turn: Turn, number: int) -> Sealing | Reply:
    """A proposal that waits, and is not one's own."""
    turn.need(DECIDE)
    asked = turn.session.get_one(Sealing, number)
    if asked.state != ASKED:
        return Reply(_list(turn), toast=say("sealing.decided"))
    if asked.by_id == turn.me:
        return Reply(toast=say("sealing.own"))
    return asked


@flow.deed("seal.approve", needs=DECIDE)
def approve(turn: Turn, sealing: int) -> Reply:
    asked = _to_decide(turn, sealing)
    if isinstance(asked, Reply):
        return asked
    try:
        counts = sealings.approve(turn.session, turn.house, asked, turn.staff, turn.now)
    except TooEarlyError as early:
        return Reply(Screen(_too_early(turn, early)))
    keeping = turn.house.keeping
    text = say(
        "sealing.done",
        number=sealing,
        by=turn.staff.name,
        lines=_counted(counts),
        days=keeping.backup_days,
        months=keeping.backup_months,
    )
    return _told(turn, asked, text)


@flow.deed("seal.refuse", needs=DECIDE)
def refuse(turn: Turn, sealing: int) -> Reply:
    asked = _to_decide(turn, sealing)
    if isinstance(asked, Reply):
        return asked
    sealings.refuse(turn.session, asked, turn.staff, turn.now)
    return _told(turn, asked, say("sealing.refused", number=sealing, by=turn.staff.name))


def _told(turn: Turn, asked: Sealing, text: Say) -> Reply:
    """Whoever asked hears of it; the cards of the others say it too, in place of the proposal."""
    _tell(turn, turn.session.get_one(Staff, asked.by_id), Screen(text), f"sealing:{asked.id}:decided")
    about = {"do": "seal.approve", "args": {"sealing": key(asked)}}
    for each in turn.session.exec(select(Card).where(Card.staff_id != turn.me)):
        if about in each.buttons:
            redraw(turn.session, each, Screen(text), f"{turn.unique_key}:{each.id}", turn.now)
    return Reply(Screen(text))


FORM = Form(
    "sealing",
    ASK,
    (
        Field("subjects", Text(), hidden=True),
        Field("reason", Text(shortest=4)),
        Field("also", Text(), required=False),
    ),
    submit,
    lambda _turn, _text: {},
    remark,
)
flow.forms.append(FORM)
