"""An inquiry as people see it: the live card with its owner, what was promised, and the next steps."""

from __future__ import annotations

from dialogue.cases import decisions_of, step_line
from dialogue.live import face
from dialogue.values import Button, Rows, Screen, columns
from dialogue.viewer import Viewer
from models import inquiries
from models.customers import Customer
from models.inquiries import SUBJECT, Asking, Inquiry
from models.people import Staff, key
from models.records import Matter
from rules.gate import Action, Subject
from rules.inquiry import InquiryEvent, InquiryState, may_follow
from words import Say, Value, say

STEPS = (
    ("reply", "button.reply", "inquiry.reply"),
    ("promise", "button.promise", "inquiry.promise"),
    ("handover", "button.hand_over", "inquiry.handover"),
    ("referral", "button.refer", "inquiry.referral"),
    ("complain", "button.make_complaint", "inquiry.complain"),
)
"""What can be done with an inquiry, by its event; the forms are in `handlers.inquiry_steps`."""


def found(view: Viewer, number: int) -> Asking | None:
    matter, inquiry = view.session.get(Matter, number), view.session.get(Inquiry, number)
    return in_hand(view, matter, inquiry) if matter is not None and inquiry is not None else None


def in_hand(view: Viewer, matter: Matter, inquiry: Inquiry) -> Asking:
    return Asking(view.session, view.house, matter, inquiry, view.staff, view.now)


def whose(view: Viewer, asking: Asking, action: Action) -> Subject:
    """What the gate is asked about. Whoever was asked to take it, and whoever entered it, see it; they do nothing with it."""
    seen = action is Action.SEE_INQUIRY
    return inquiries.whose_record(view.session, asking.matter, asking.inquiry, view.now, offered=seen)


def sees(view: Viewer, asking: Asking) -> bool:
    return view.may(Action.SEE_INQUIRY, whose(view, asking, Action.SEE_INQUIRY))


def may_do(view: Viewer, asking: Asking, name: str) -> bool:
    """Whether this person may do that now."""
    if may_follow(InquiryState(asking.matter.state), InquiryEvent(name)) is None:
        return False
    if name == InquiryEvent.COMPLAIN and not _may_complain(view, asking):
        return False
    return view.may(Action.ANSWER_INQUIRY, whose(view, asking, Action.ANSWER_INQUIRY))


def _may_complain(view: Viewer, asking: Asking) -> bool:
    customer = view.session.get_one(Customer, asking.matter.customer_id)
    theirs = Subject(unit=customer.unit_id, owner=customer.owner_id)
    return view.reaches(Action.OPEN_COMPLAINT) and view.may(Action.FIND_CUSTOMER, theirs)


def card(view: Viewer, asking: Asking) -> Say:
    matter, inquiry = asking.matter, asking.inquiry
    step = asking.offered
    return say(
        "inquiry.card",
        number=matter.number,
        state=say(f"inquiry_state.{matter.state}"),
        customer=view.session.get_one(Customer, matter.customer_id).called,
        person=inquiry.person,
        phone=inquiry.phone,
        kind=say(f"inquiry_kind.{inquiry.kind}"),
        text=inquiry.words,
        received=inquiry.received_at,
        owner=view.session.get_one(Staff, inquiry.owner_id).name,
        offered=step_line(view, step) if step else None,
        promised=_promised(asking),
        outcome=_outcome(view, inquiry),
    )


def _promised(asking: Asking) -> Value:
    inquiry = asking.inquiry
    if inquiry.promised_at is None:
        return None
    running = asking.matter.state == InquiryState.PROMISED
    return say("inquiry.promised" if running else "inquiry.was_promised", due=inquiry.promised_at, plan=inquiry.plan)


def _outcome(view: Viewer, inquiry: Inquiry) -> list[Say] | None:
    found = []
    if inquiry.answer:
        found.append(say("inquiry.answered", text=inquiry.answer))
    if inquiry.told_name:
        found.append(say("inquiry.referred", name=inquiry.told_name, phone=inquiry.told_phone))
    if inquiry.became_id:
        found.append(say("inquiry.became", number=view.session.get_one(Matter, inquiry.became_id).number))
    return found or None


def buttons(view: Viewer, asking: Asking) -> Rows:
    """The steps that this person may take; 接收 first, where it waits for them."""
    here = {"matter": key(asking.matter)}
    mine = [Button(say(label), deed, here) for name, label, deed in STEPS if may_do(view, asking, name)]
    return columns([*decisions_of(view, asking.matter), *mine, Button(say("button.detail"), "inquiry.show", here)], 3)


@face(SUBJECT)
def as_it_stands(view: Viewer, matter: int) -> Screen | None:
    """The live card for one person; None for somebody who may no longer see it."""
    asking = found(view, matter)
    if asking is None or not sees(view, asking):
        return None
    return Screen(card(view, asking), buttons(view, asking), subject=asking.subject)
