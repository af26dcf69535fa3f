"""What becomes of an inquiry: answered, promised, handed over to somebody who accepts it, referred, or a complaint after all."""

from __future__ import annotations

from collections.abc import Callable

from dialogue import engine, live
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.inquiries import buttons, card, in_hand, may_do
from dialogue.kinds import Colleagues, PersonName, Phone, Text, end_of
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Reply, Screen
from handlers.asking import follows, put_before
from handlers.inquiry import opened
from handlers.talks import FUTURE
from models import inquiries, steps
from models.inquiries import SUBJECT, Asking, Inquiry
from models.messages import kept_drafts, open_draft
from models.people import Staff, key
from models.records import Matter
from models.steps import HANDOVER, Step
from rules.gate import Action
from words import Say, say

flow = Flow()
NEEDS = Action.ANSWER_INQUIRY
Deed = Callable[[Turn, Asking, Answers], Say]


def reply(turn: Turn, asking: Asking, answers: Answers) -> Say:
    asking.reply(answers["text"], answers.get(ATTACHMENTS, []))
    return say("done.reply", by=turn.staff.name, number=asking.matter.number)


def promise(turn: Turn, asking: Asking, answers: Answers) -> Say:
    due = end_of(FUTURE.checked(turn, answers["due"]), turn)
    asking.promise(answers["plan"], due, answers.get("reason"))
    return say("done.promise", by=turn.staff.name, number=asking.matter.number, due=due)


def referral(turn: Turn, asking: Asking, answers: Answers) -> Say:
    asking.refer(answers["told_name"], answers["told_phone"])
    return say("done.referral", by=turn.staff.name, number=asking.matter.number, name=answers["told_name"])


def handover(turn: Turn, asking: Asking, answers: Answers) -> Say:
    to = _taker(turn, asking, answers["whom"])
    step = asking.hand_over(to, answers.get("text") or "")
    turn.session.flush()
    _refresh(turn, asking)
    told = put_before(turn, step)
    return say("done.handover", number=asking.matter.number, name=say("list", items=told), due=step.due_at)


def _taker(turn: Turn, asking: Asking, staff: int) -> Staff:
    """Somebody else who is here to accept it, and may answer customers at all."""
    to = turn.session.get(Staff, staff)
    usable = to is not None and to.active and to.telegram_id is not None and to.id != asking.inquiry.owner_id
    if to is None or not usable or not turn.seen_by(to).reaches(NEEDS):
        raise WrongAnswerError(say("wrong.hand_over"))
    return to


def _owner(turn: Turn, answers: Answers) -> int | None:
    inquiry = turn.session.get(Inquiry, answers.get("matter"))
    return inquiry.owner_id if inquiry else None


def _declare(name: str, run: Deed, *fields: Field, attachments: bool = False) -> None:
    """A step as a form, and the button that opens it; which inquiry it is about is a hidden answer."""

    def submit(turn: Turn, answers: Answers) -> Reply:
        asking = opened(turn, answers["matter"], NEEDS)
        if not may_do(turn, asking, name):
            raise WrongAnswerError(_not_now(asking))
        news = run(turn, asking, answers)
        turn.session.flush()
        _refresh(turn, asking)
        _tell(turn, asking, asking.owner, news)
        return Reply(_with_news(turn, asking, news))

    hidden = (Field("matter", Text(), hidden=True), Field("moved", Text(), required=False, hidden=True))
    form = Form(name, NEEDS, (*hidden, *fields), submit, lambda _turn, _text: {}, takes_attachments=attachments)

    @flow.deed(f"inquiry.{name}", needs=NEEDS)
    def begin(turn: Turn, matter: int) -> Reply:
        asking = opened(turn, matter, NEEDS)
        if not may_do(turn, asking, name):
            return Reply(_with_news(turn, asking, _not_now(asking)))
        known = {"matter": matter} | ({"moved": True} if asking.inquiry.promised_at else {})
        return Reply(engine.begin(turn, form, known).screen, new=True)

    flow.forms.append(form)


def _not_now(asking: Asking) -> Say:
    return say("inquiry.not_now", number=asking.matter.number, state=say(f"inquiry_state.{asking.matter.state}"))


def _with_news(turn: Turn, asking: Asking, news: Say) -> Screen:
    text = say("case.done", done=news, card=card(turn, asking))
    return Screen(text, buttons(turn, asking), subject=asking.subject)


def _refresh(turn: Turn, asking: Asking) -> None:
    """The cards of the inquiry, and of what was asked about it."""
    for step in steps.of_matter(turn.session, key(asking.matter)):
        live.refresh(turn, step.subject, turn.unique_key)
    live.refresh(turn, asking.subject, turn.unique_key)


def _tell(turn: Turn, asking: Asking, who: Staff, news: Say) -> None:
    """The owner hears what somebody else did with it."""
    if key(who) != turn.me:
        screen = _with_news(turn.seen_by(who), asking, news)
        tell(turn.session, who, screen, MessageClass.RECEIPT, f"{turn.unique_key}:inquiry:{who.id}", turn.now)


# The answer of whoever was asked to take it


@follows(HANDOVER)
def answered(turn: Turn, step: Step, accepted: bool) -> None:
    """Accepted, it is theirs; sent back, it stays where it was."""
    matter, inquiry = turn.session.get_one(Matter, step.matter_id), turn.session.get_one(Inquiry, step.matter_id)
    asking = in_hand(turn, matter, inquiry)
    owner = asking.take() if accepted else asking.owner
    if not accepted:
        asking.send_back(step.opinion or "")
    turn.session.flush()
    _refresh(turn, asking)
    words = "done.takeover" if accepted else "done.handback"
    news = say(words, by=turn.staff.name, number=matter.number, text=step.opinion or None)
    _tell(turn, asking, owner, news)
    if accepted:
        screen = _with_news(turn, asking, news)
        tell(turn.session, turn.staff, screen, MessageClass.RECEIPT, f"{turn.unique_key}:taken", turn.now)


# A complaint after all


@flow.deed("inquiry.complain", needs=NEEDS)
def complain(turn: Turn, matter: int) -> Reply:
    """The complaint form with everything that is known; one that was begun from it before goes on."""
    asking = opened(turn, matter, NEEDS)
    if not may_do(turn, asking, "complain"):
        return Reply(_with_news(turn, asking, _not_now(asking)))
    begun = [*kept_drafts(turn.session, turn.me), open_draft(turn.session, turn.me)]
    for draft in filter(None, begun):
        if draft.form == "complaint" and draft.answers.get(SUBJECT) == matter:
            engine.reopen(turn, draft)
            return Reply(engine.proceed(turn, draft).screen, new=True)
    return Reply(engine.begin(turn, turn.forms["complaint"], _known(turn, asking)).screen, new=True)


def _known(turn: Turn, asking: Asking) -> Answers:
    """The customer complained when they first asked: that is 受理时间, unless it is changed."""
    inquiry = asking.inquiry
    received = turn.house.calendar.local(inquiry.received_at).replace(second=0, microsecond=0, tzinfo=None)
    known = {
        SUBJECT: key(asking.matter),
        "customer": asking.matter.customer_id,
        "complainant": inquiry.person,
        "phone": inquiry.phone,
        "summary": inquiry.words,
        "received": received.isoformat(timespec="minutes"),
        ATTACHMENTS: inquiries.sent_with(turn.session, asking.matter),
    }
    return {name: value for name, value in known.items() if value}


_declare("reply", reply, Field("text", Text(shortest=2)), attachments=True)
_declare(
    "promise",
    promise,
    Field("plan", Text(shortest=2)),
    Field("due", FUTURE),
    Field("reason", Text(shortest=2), asked=lambda answers: bool(answers.get("moved"))),
)
_declare(
    "handover", handover, Field("whom", Colleagues(single=True, but=_owner)), Field("text", Text(), required=False)
)
_declare("referral", referral, Field("told_name", PersonName()), Field("told_phone", Phone()))
