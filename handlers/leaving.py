"""/leave_company 离职: by an administrator; of a privileged role confirmed by somebody else. What is held goes over with it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import select

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.members import Member, label, posts_of, within
from dialogue.telling import MessageClass, pass_on, redraw, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, row
from handlers.hand_over import announce, lines
from models import departures
from models.departures import ASKED, Departure
from models.hand_overs import HandOver, can_hold, held, is_nothing
from models.messages import Card, Draft, Outbox
from models.people import Staff, above, key
from models.vault import is_marked
from rules.gate import Action
from words import Say, Value, say, unpack

flow = Flow()
NEEDS, DECIDE = Action.RECORD_LEAVING, Action.DECIDE_LEAVING
HEARD = (MessageClass.ESCALATION, MessageClass.RECEIPT)
"""What somebody has to hear."""


def _who(turn: Turn, _: Answers, staff: Staff) -> bool:
    return within(turn, NEEDS, staff)


def _to(turn: Turn, answers: Answers, staff: Staff) -> bool:
    return key(staff) != answers.get("who")


def _default(turn: Turn, answers: Answers) -> int | None:
    """The unit head, where nobody else was named first."""
    who = turn.session.get(Staff, answers.get("who", 0))
    found = departures.successor(turn.session, who, held(turn.session, who), turn.now) if who else None
    return key(found) if found else None


def _nobody_first(_turn: Turn, _answers: Answers) -> Sequence[Staff]:
    return []


def _near(turn: Turn, answers: Answers) -> Sequence[Staff]:
    found = _default(turn, answers)
    return [turn.session.get_one(Staff, found)] if found else []


WHO, TO = Member(_who, _nobody_first), Member(_to, _near)


@flow.command("leave_company", "离职", needs=NEEDS)
def typed(turn: Turn, text: str) -> Reply:
    turn.need_any(NEEDS)
    if not text:
        return engine.begin(turn, FORM, {})
    try:
        return engine.begin(turn, FORM, {"who": WHO.read(turn, {}, text)})
    except WrongAnswerError as wrong:
        engine.begin(turn, FORM, {})
        return engine.proceed(turn, engine.current(turn), wrong.why, wrong.picks)


@flow.deed("leaving.open", needs=NEEDS)
def open_form(turn: Turn) -> Reply:
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def remark(turn: Turn, answers: Answers) -> Value:
    """What they hold, to whom it goes, and whether somebody else has to confirm."""
    who = turn.session.get_one(Staff, answers["who"])
    what = held(turn.session, who)
    return say(
        "leaving.what",
        posts=posts_of(turn, who),
        lines=lines(turn, what) or say("leaving.nothing"),
        goes=say("leaving.goes") if not is_nothing(what) else None,
        two=say("leaving.needs_two") if departures.is_privileged(turn.session, who, turn.now) else None,
    )


def submit(turn: Turn, answers: Answers) -> Reply:
    turn.need_any(NEEDS)
    who, to = WHO.checked(turn, answers, answers["who"]), TO.checked(turn, answers, answers["receiver"])
    _hindered(turn, who, to)
    asked = departures.ask(turn.session, who, to, turn.staff, turn.now)
    if not asked.privileged:
        return Reply(_carry_out(turn, asked))
    names = _put_before(turn, asked)
    return Reply(Screen(say("leaving.asked", who=label(who), names=names)))


def _hindered(turn: Turn, who: Staff, to: Staff) -> None:
    """Raises `WrongAnswerError`."""
    if departures.waiting(turn.session, who) is not None:
        raise WrongAnswerError(say("leaving.asked_already", who=label(who)))
    if departures.is_last_administrator(turn.session, who, turn.now):
        raise WrongAnswerError(say("leaving.last_admin"))
    what = held(turn.session, who)
    if not is_nothing(what) and not can_hold(turn.session, to, what, turn.now):
        raise WrongAnswerError(say("hand_over.can_not_hold", name=to.name))
    privileged = departures.is_privileged(turn.session, who, turn.now)
    if privileged and not departures.deciders(turn.session, who, turn.staff, turn.now):
        raise WrongAnswerError(say("leaving.nobody_decides"))


def _put_before(turn: Turn, asked: Departure) -> Say:
    found = departures.deciders(turn.session, turn.session.get_one(Staff, asked.staff_id), turn.staff, turn.now)
    told = [
        each.name
        for each in found
        if tell(
            turn.session,
            each,
            _proposal(turn.seen_by(each), asked),
            MessageClass.RECEIPT,
            f"departure:{asked.id}:{each.id}",
            turn.now,
        )
    ]
    return say("list", items=told)


def _proposal(turn: Turn, asked: Departure) -> Screen:
    who, to, by = (turn.session.get_one(Staff, each) for each in (asked.staff_id, asked.to_id, asked.by_id))
    what = lines(turn, held(turn.session, who)) or say("leaving.nothing")
    text = say("leaving.proposal", by=by.name, who=label(who), posts=posts_of(turn, who), lines=what, to=to.name)
    here = {"departure": key(asked)}
    agree = Button(say("button.leaving_agree"), "leaving.approve", here)
    return Screen(text, (row(agree, Button(say("button.leaving_refuse"), "leaving.refuse", here)),))


def _to_decide(turn: Turn, number: int) -> Departure | Reply:
    """A proposal that waits, is not one's own, and is not about oneself."""
    turn.need(DECIDE)
    asked = turn.session.get_one(Departure, number)
    if asked.state != ASKED:
        return notice(say("leaving.decided"))
    if turn.me in (asked.by_id, asked.staff_id):
        return Reply(toast=say("leaving.own"))
    return asked


@flow.deed("leaving.approve", needs=DECIDE)
def approve(turn: Turn, departure: int) -> Reply:
    asked = _to_decide(turn, departure)
    if isinstance(asked, Reply):
        return asked
    who = turn.session.get_one(Staff, asked.staff_id)
    if departures.is_last_administrator(turn.session, who, turn.now):
        return notice(say("leaving.last_admin"))
    return Reply(_settled(turn, asked, _carry_out(turn, asked).text))


@flow.deed("leaving.refuse", needs=DECIDE)
def refuse(turn: Turn, departure: int) -> Reply:
    asked = _to_decide(turn, departure)
    if isinstance(asked, Reply):
        return asked
    departures.refuse(turn.session, asked, turn.staff, turn.now)
    who = turn.session.get_one(Staff, asked.staff_id)
    return Reply(_settled(turn, asked, say("leaving.refused", who=label(who), by=turn.staff.name)))


def _settled(turn: Turn, asked: Departure, text: Say) -> Screen:
    """Whoever asked hears of it; the cards of the others say it too, in place of the proposal."""
    by = turn.session.get_one(Staff, asked.by_id)
    tell(turn.session, by, Screen(text), MessageClass.RECEIPT, f"departure:{asked.id}:decided", turn.now)
    about = {"do": "leaving.approve", "args": {"departure": key(asked)}}
    for each in turn.session.exec(select(Card).where(Card.staff_id != turn.me)):
        if about in each.buttons:
            redraw(turn.session, each, Screen(text), f"{turn.unique_key}:{each.id}", turn.now)
    return Screen(text)


def _carry_out(turn: Turn, asked: Departure) -> Screen:
    who = turn.session.get_one(Staff, asked.staff_id)
    over = above(turn.session, who, turn.now)[:1]
    done = departures.leave(turn.session, turn.house, asked, turn.staff, turn.now)
    to = turn.session.get_one(Staff, done.to_id)
    _pass_on_what_waits(turn, who, to)
    if not is_nothing(done.moved):
        announce(turn, done)
    text = say("leaving.done", who=label(who), by=turn.staff.name, went=_went(turn, done, to))
    for each in over:
        if key(each) not in (turn.me, done.to_id):
            unique_key = f"departure:{asked.id}:over"
            tell(turn.session, each, Screen(text), MessageClass.RECEIPT, unique_key, turn.now)
    return Screen(text)


def _went(turn: Turn, done: HandOver, to: Staff) -> Value:
    if is_nothing(done.moved):
        return say("leaving.nothing")
    return say("leaving.went", to=label(to), lines=lines(turn, done.moved))


def _pass_on_what_waits(turn: Turn, who: Staff, to: Staff) -> None:
    """What was on its way to them and has to be heard goes to whoever took over; nothing more goes to their account."""
    unsent = select(Outbox).where(Outbox.staff_id == key(who), Outbox.state == "waiting")
    for each in turn.session.exec(unsent).all():
        text = unpack(each.text)
        if each.message_class in HEARD and not each.edits and isinstance(text, Say) and not is_marked(each.text):
            pass_on(turn.session, each, to, say("leaving.passed_on", name=who.name, text=text), turn.now)
        each.state = "superseded"


def ways(turn: Turn, draft: Draft) -> Rows:
    """先交接: to several colleagues, one hand-over after the other; this form waits for it."""
    who = turn.session.get(Staff, draft.answers.get("who", 0))
    if who is None or not turn.reaches(Action.HAND_OVER) or is_nothing(held(turn.session, who)):
        return ()
    return (row(Button(say("button.hand_over_first"), "handover.open", {"whose": key(who)})),)


FORM = Form(
    "leave_company",
    NEEDS,
    (Field("who", WHO), Field("receiver", TO, default=_default, follows=("who",))),
    submit,
    lambda _turn, _text: {},
    remark,
    ways=ways,
)
flow.forms.append(FORM)
