"""/hand_over 交接: what somebody holds goes to a colleague, all at once; a mistaken one goes back by 交回."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.live import refresh
from dialogue.members import Member, label, within
from dialogue.telling import MessageClass, tell
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Screen, columns, row
from models import hand_overs
from models.customers import Customer
from models.hand_overs import HandOver, Holdings, Passing, can_hold, held, is_nothing
from models.inquiries import SUBJECT as INQUIRY
from models.messages import Draft
from models.people import Staff, above, active_staff, holders, key, seats
from models.records import Matter
from models.steps import SUBJECT as STEP
from rules.gate import Action
from rules.roles import Role
from words import Say, Value, say

flow = Flow()
NEEDS = Action.HAND_OVER
NAMED = 6
"""So many are named on a card; the rest are counted."""


def _from(turn: Turn, _: Answers, staff: Staff) -> bool:
    return within(turn, NEEDS, staff)


def _to(turn: Turn, answers: Answers, staff: Staff) -> bool:
    return key(staff) != answers.get("whose") and (within(turn, NEEDS, staff) or key(staff) == turn.me)


def _holding(turn: Turn, _: Answers) -> Sequence[Staff]:
    mine = [each for each in active_staff(turn.session) if within(turn, NEEDS, each)]
    return [each for each in mine if not is_nothing(held(turn.session, each))] if len(mine) <= NAMED * 5 else mine


def _takers(turn: Turn, answers: Answers) -> Sequence[Staff]:
    """Those of the same units who can hold it, the head first."""
    if "whose" not in answers:
        return []
    whose = turn.session.get_one(Staff, answers["whose"])
    units = {seat.unit_id for seat in seats(turn.session, key(whose), turn.now)}
    heads = [each for unit in sorted(units) for each in holders(turn.session, Role.UNIT_HEAD, unit, turn.now)]
    near = [
        each
        for each in active_staff(turn.session)
        if units & {seat.unit_id for seat in seats(turn.session, key(each), turn.now)}
    ]
    what = held(turn.session, whose)
    found = {key(each): each for each in [*heads, *near] if _to(turn, answers, each)}
    return [each for each in found.values() if can_hold(turn.session, each, what, turn.now)]


WHOSE, TO = Member(_from, _holding), Member(_to, _takers)


@flow.command("hand_over", "交接", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    """「交接 安然 艾梅」 is enough."""
    turn.need_any(NEEDS)
    answers: Answers = {}
    why: Value = None
    for field, kind, word in zip(("whose", "receiver"), (WHOSE, TO), text.replace("给", " ").split(), strict=False):
        try:
            answers[field] = kind.read(turn, answers, word)
        except WrongAnswerError as wrong:
            why = wrong.why
            break
    reply = engine.begin(turn, FORM, answers)
    return engine.proceed(turn, engine.current(turn), why) if why else reply


@flow.deed("handover.open", needs=NEEDS)
def open_form(turn: Turn, whose: int | None = None) -> Reply:
    if whose is not None and not _from(turn, {}, turn.session.get_one(Staff, whose)):
        raise NotAllowedError(NEEDS)
    return Reply(engine.begin(turn, FORM, {} if whose is None else {"whose": whose}).screen, new=True)


def remark(turn: Turn, answers: Answers) -> Value:
    if "whose" not in answers:
        return None
    what = held(turn.session, turn.session.get_one(Staff, answers["whose"]))
    return say("hand_over.what", lines=lines(turn, what)) if not is_nothing(what) else say("hand_over.nothing")


def lines(turn: Turn, what: Holdings) -> list[Say]:
    """What it is, counted; by name or number as far as this person may see that."""
    counted = [(kind, ids) for kind, ids in what.items() if ids]
    return [say(f"held.{kind}", count=len(ids), names=_names(turn, kind, ids)) for kind, ids in counted]


def _names(turn: Turn, kind: str, ids: Sequence[int]) -> Value:
    """Customers by name for those who may find them; complaints and inquiries by number."""
    names: list[Value] = []
    if kind in ("customers", "files") and turn.reaches(Action.FIND_CUSTOMER):
        names = [turn.session.get_one(Customer, each).called for each in ids[:NAMED]]
    elif kind in ("complaints", "inquiries"):
        names = [turn.session.get_one(Matter, each).number for each in ids[:NAMED]]
    return say("held.names", names=say("list", items=names)) if names else None


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need_any(NEEDS)
    before = WHOSE.checked(turn, answers, answers["whose"])
    after = TO.checked(turn, answers, answers["receiver"])
    what = held(turn.session, before)
    if is_nothing(what):
        raise WrongAnswerError(say("hand_over.nothing"))
    if not can_hold(turn.session, after, what, turn.now):
        raise WrongAnswerError(say("hand_over.can_not_hold", name=after.name))
    done = hand_overs.hand_over(Passing(turn.session, turn.house, before, after, turn.staff, turn.now))
    announce(turn, done)
    return Reply(_done(turn, done))


def _done(turn: Turn, done: HandOver) -> Screen:
    before, after = (turn.session.get_one(Staff, each) for each in (done.from_id, done.to_id))
    text = say("hand_over.done", before=label(before), after=label(after), lines=lines(turn, done.moved))
    back = Button(say("button.hand_back"), "handover.give_back", {"hand_over": key(done)})
    return Screen(text, () if done.returns else (row(back),))


@flow.deed("handover.give_back", needs=NEEDS)
def give_back(turn: Turn, hand_over: int) -> Reply:
    """交回: another hand-over, of exactly what went over and is still there."""
    done = turn.session.get_one(HandOver, hand_over)
    before, after = (turn.session.get_one(Staff, each) for each in (done.to_id, done.from_id))
    if not (within(turn, NEEDS, before) or done.by_id == turn.me) or not turn.reaches(NEEDS):
        raise NotAllowedError(NEEDS)
    if hand_overs.returned(turn.session, done):
        return notice(say("hand_over.returned_already"))
    what = held(turn.session, before, done.moved)
    if is_nothing(what) or not can_hold(turn.session, after, what, turn.now):
        return notice(say("hand_over.no_way_back", name=after.name))
    passing = Passing(turn.session, turn.house, before, after, turn.staff, turn.now)
    again = hand_overs.hand_over(passing, what, returns=done)
    announce(turn, again)
    return Reply(_done(turn, again))


def announce(turn: Turn, done: HandOver) -> None:
    """The receiver sees what is theirs now and where to begin, whoever stands over them hears of it, cards look as it is now."""
    turn.session.flush()
    for kind, subject in (("complaints", "complaint"), ("inquiries", INQUIRY), ("steps", STEP)):
        for each in done.moved.get(kind, ()):
            refresh(turn, f"{subject}:{each}", turn.unique_key)
    after = turn.session.get_one(Staff, done.to_id)
    if key(after) != turn.me:
        _tell(turn, after, summary(turn.seen_by(after), done), f"hand_over:{done.id}")
    before = turn.session.get_one(Staff, done.from_id)
    for each in above(turn.session, after, turn.now)[:1]:
        if key(each) not in (turn.me, done.from_id):
            moved = lines(turn.seen_by(each), done.moved)
            text = say("hand_over.over", by=turn.staff.name, before=label(before), after=label(after), lines=moved)
            _tell(turn, each, Screen(text), f"hand_over:{done.id}:over")


def _tell(turn: Turn, who: Staff, screen: Screen, unique_key: str) -> None:
    tell(turn.session, who, screen, MessageClass.RECEIPT, unique_key, turn.now)


def summary(turn: Turn, done: HandOver) -> Screen:
    """For the receiver, with the buttons to begin with: open matters first."""
    before = turn.session.get_one(Staff, done.from_id)
    by = turn.session.get_one(Staff, done.by_id)
    text = say("hand_over.yours", before=label(before), by=by.name, lines=lines(turn, done.moved))
    shows = {"complaints": "complaint.show", "inquiries": "inquiry.show"}
    buttons = [
        Button(say("text", text=turn.session.get_one(Matter, each).number), deed, {"matter": each})
        for kind, deed in shows.items()
        for each in done.moved.get(kind, ())[:4]
    ]
    buttons += [
        Button(say("button.resume_kept", title=say(f"form.{found.form}")), "form.card", {"draft": each})
        for each in done.moved.get("drafts", ())[:2]
        if (found := turn.session.get(Draft, each))
    ]
    return Screen(text, (*columns(buttons, 2), row(Button(say("button.due"), "due.open", {}))))


FORM = Form("hand_over", NEEDS, (Field("whose", WHOSE), Field("receiver", TO)), submit, lambda _turn, _text: {}, remark)
flow.forms.append(FORM)
