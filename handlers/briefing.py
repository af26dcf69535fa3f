"""推荐客户 for duties of own choice (R14.5, R17.3, R17.5), and 简报: one screen to read before a call or a visit."""

from __future__ import annotations

from dialogue.calls import call_sheet
from dialogue.forms import Flow, notice
from dialogue.kinds import CustomerKind, label, subject_of
from dialogue.owed import addresses, in_short
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns
from handlers.customer import owed_line, person_line, talk_line
from handlers.tasks import customer_line
from models import audit, customers, overviews, tasks
from models.clocks import Clock, running
from models.customers import Customer
from models.limits import the_limit
from models.overviews import Candidate
from models.people import Staff, key
from models.records import Complaint, Entry, Matter, last_entries, open_complaints
from rules.cadence import Unit
from rules.entries import Duty
from rules.gate import Action
from rules.roles import Channel
from words import Say, Value, say

flow = Flow()
PROPOSED = 5
TO_PHONE = 6
TALKS, PEOPLE, CASES, STEPS, OWED = 3, 3, 3, 3, 4
VISITABLE = CustomerKind(Action.SEE_CUSTOMER)


@flow.deed("suggest.open", needs=Action.SEE_CUSTOMER)
def suggest(turn: Turn, clock: int) -> Reply:
    """Up to five candidates: open complaints first, then those longest not spoken to by the post that owes it."""
    found = turn.session.get(Clock, clock)
    if found is None or found.closed_at is not None or found.post not in addresses(turn.session, turn.staff, turn.now):
        return notice(say("not_here"))
    duty = turn.house.rulebook.duty(found.rule)
    proposed = [
        each
        for each in overviews.candidates(turn.session, found, duty, PROPOSED)
        if turn.may(Action.SEE_CUSTOMER, subject_of(each.customer))
    ]
    lines = [_candidate(turn, duty, number, each) for number, each in enumerate(proposed, 1)]
    channel = "visit" if Channel.PHONE not in duty.how else "phone"
    buttons = [
        Button(say("button.brief_on", customer=each.customer.called), "briefing.open", _of(each.customer, channel))
        for each in proposed
    ]
    text = say("suggest.page", what=in_short(duty), article=duty.article, lines=lines or say("suggest.nobody"))
    return Reply(Screen(text, columns(buttons, 2)), new=True)


def _of(customer: Customer, channel: str) -> dict[str, object]:
    return {"customer": key(customer), "channel": channel}


def _candidate(turn: Turn, duty: Duty, number: int, each: Candidate) -> Say:
    return say("suggest.line", number=number, customer=each.customer.called, why=_why(turn, duty, each))


def _why(turn: Turn, duty: Duty, each: Candidate) -> Say:
    if each.complaint is not None:
        return say("suggest.complaint", number=each.complaint)
    what = "visited" if Channel.PHONE not in duty.how else "called"
    if each.last is None:
        return say(f"suggest.never_{what}")
    days = (turn.today - turn.house.calendar.local(each.last).date()).days
    return say(f"suggest.long_{what}", days=days)


@flow.command("briefing", "简报", needs=Action.SEE_CUSTOMER)
def named(turn: Turn, text: str) -> Reply:
    if not text:
        return notice(say("briefing.how"), *columns(_of_those_to_phone(turn), 2))
    found = VISITABLE.search(turn, text)
    if len(found) == 1:
        return Reply(screen(turn, found[0], "phone"))
    if not found:
        return notice(say("find.nothing", text=text[:50]))
    buttons = [Button(label(turn, each), "briefing.open", _of(each, "phone")) for each in found]
    return Reply(Screen(say("find.several", text=text[:50], count=len(found)), columns(buttons, 1)))


def _of_those_to_phone(turn: Turn) -> list[Button]:
    """Those whom one has to phone next, each once."""
    items = call_sheet(turn.session, turn.house, turn.staff, turn.now).open
    those = {key(each.customer): each.customer for each in items if each.customer is not None}
    return [
        Button(say("text", text=each.called), "briefing.open", _of(each, "phone"))
        for each in list(those.values())[:TO_PHONE]
    ]


@flow.deed("briefing.open", needs=Action.SEE_CUSTOMER)
def open_briefing(turn: Turn, customer: int, channel: str = "phone") -> Reply:
    found = turn.session.get(Customer, customer)
    if found is None:
        return notice(say("not_here"))
    turn.need(Action.SEE_CUSTOMER, subject_of(found))
    return Reply(screen(turn, found, channel), new=True)


def screen(turn: Turn, customer: Customer, channel: str) -> Screen:
    session, number = turn.session, key(customer)
    audit.record(session, turn.now, turn.me, "customer.open", f"customer:{number}", briefing=channel)
    text = say(
        "briefing.page",
        name=customer.called,
        tier=say(f"tier.{customer.tier}"),
        people=[person_line(each) for each in customers.people(session, number)[:PEOPLE]],
        talks=[talk_line(turn, each, 40) for each in last_entries(session, number, TALKS)] or say("customer.no_talks"),
        complaints=[_complaint(turn, *each) for each in open_complaints(session, number)[:CASES]],
        last=_last_complaint(turn, number),
        steps=[_step(turn, *each) for each in overviews.promised(session, number)[:STEPS]],
        owed=_owed(turn, number) or say("briefing.nothing_owed"),
    )
    return Screen(text, _rows(turn, customer, channel))


def _complaint(turn: Turn, matter: Matter, complaint: Complaint) -> Say:
    over = the_limit(turn.session, matter).closed_at is None and complaint.limit_at < turn.now
    return say(
        "briefing.complaint",
        number=matter.number,
        what=complaint.what[:30],
        state=say("briefing.over", due=complaint.limit_at) if over else say(f"complaint_state.{matter.state}"),
    )


def _last_complaint(turn: Turn, customer: int) -> Value:
    found = overviews.last_complaint(turn.session, customer)
    if found is None:
        return None
    matter, complaint = found
    return say("briefing.last_complaint", number=matter.number, when=matter.closed_at, what=complaint.what[:30])


def _step(turn: Turn, clock: Clock, entry: Entry) -> Say:
    who = turn.session.get_one(Staff, entry.by_id).name
    step = entry.answers.get("next_step") or say("next.again")
    mark = say("calls.late") if clock.due_at < turn.now else None
    return say("briefing.step", late=mark, due=clock.due_at, who=who, step=step)


def _owed(turn: Turn, customer: int) -> list[Say]:
    """What is asked of people about this customer, orders first; of the yearly duties only what is late."""
    given = [customer_line(turn, each) for each in tasks.open_about(turn.session, customer)]
    clocks = [each for each in running(turn.session, "customer", customer) if _pressing(turn, each)]
    return [*given, *(owed_line(turn, each) for each in clocks)][:OWED]


def _pressing(turn: Turn, clock: Clock) -> bool:
    return clock.due_at < turn.now or turn.house.rulebook.duty(clock.rule).every.unit is not Unit.YEAR


def _rows(turn: Turn, customer: Customer, channel: str) -> Rows:
    here = {"customer": key(customer)}
    buttons = []
    if turn.may(Action.LOG_CONTACT, subject_of(customer)):
        buttons.append(Button(say(f"button.log_{channel}"), "contact.open", {**here, "channel": channel}))
    if turn.may(Action.ANNOTATE, subject_of(customer)):
        buttons.append(Button(say("button.annotate"), "annotate.choose", here))
    buttons.append(Button(say("button.customer"), "customer.card", here))
    return columns(buttons, 3)
