"""/undo and 更正: what I entered last is taken back or corrected, as a new row; whoever was told of it hears so."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Flow, notice
from dialogue.kinds import subject_of
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns, row
from handlers import talks
from handlers.words import duty_line
from models import withdrawals
from models.complaints import SUBJECT as COMPLAINT
from models.customers import Customer
from models.people import key
from models.records import TALKS, Entry, Matter
from rules.gate import Action, Subject
from words import Say, say

flow = Flow()
NEEDS = Action.UNDO_OWN
LAST = 30
SHOWN = 6


@flow.command("undo", "撤销", "撤回", needs=NEEDS)
def undo(turn: Turn, _: str) -> Reply:
    newest = next(iter(withdrawals.own(turn.session, turn.me, LAST)), None)
    if newest is None:
        return notice(say("undo.nothing"), *turn.desk.home(turn))
    return _about_complaint(turn, newest) if newest.matter_id else _offer(turn, newest)


def _about_complaint(turn: Turn, entry: Entry) -> Reply:
    """Nothing about a complaint or an inquiry is ever undone (article 26（一））."""
    matter = turn.session.get_one(Matter, entry.matter_id)
    here, label = {"matter": key(matter)}, say("button.case", number=matter.number)
    if matter.kind == COMPLAINT:
        return notice(say("undo.complaint", number=matter.number), row(Button(label, "complaint.show", here)))
    return notice(say("undo.inquiry", number=matter.number), row(Button(label, "inquiry.show", here)))


def _offer(turn: Turn, entry: Entry) -> Reply:
    """What would be taken back, with one button; too late for that, the way to a correction."""
    card, minutes = _card(turn, entry), turn.house.rulebook.correction.undo_minutes
    if withdrawals.can_be_undone(turn.house, entry, turn.now):
        do = Button(say("button.undo"), "undo.do", {"entry": key(entry)})
        return notice(say("undo.ask", card=card), row(do, _correct_button(entry)))
    if withdrawals.can_be_corrected(turn.session, turn.house, entry, turn.now):
        why = say("undo.correction") if entry.is_correction else say("undo.late", minutes=minutes)
        return notice(say("undo.correct_instead", why=why, card=card), row(_correct_button(entry)))
    until = withdrawals.correctable_until(turn.session, turn.house, entry)
    return notice(say("correct.too_late", number=entry.number, until=until))


def _correct_button(entry: Entry) -> Button:
    return Button(say("button.correct"), "correct.open", {"entry": key(entry)})


def _card(turn: Turn, entry: Entry) -> Say:
    customer = turn.session.get_one(Customer, entry.customer_id)
    text = entry.answers.get("summary") or entry.answers.get("opinions") or ""
    told = [each.name for each in withdrawals.those_told(turn.session, entry) if key(each) != turn.me]
    return say(
        "undo.card",
        number=entry.number,
        customer=customer.called,
        way=say(f"channel.{entry.channel}"),
        when=entry.at,
        text=text[:200],
        told=say("undo.will_hear", names=say("list", items=told)) if told else None,
    )


def _mine(turn: Turn, number: int) -> Entry:
    """The entry, if it is this person's own talk."""
    entry = turn.session.get(Entry, number)
    turn.need(NEEDS, Subject(self_=entry.by_id if entry and entry.kind in TALKS else None))
    return turn.session.get_one(Entry, number)


@flow.deed("undo.do", needs=NEEDS)
def do(turn: Turn, entry: int) -> Reply:
    found = _mine(turn, entry)
    if not withdrawals.is_standing(turn.session, found):
        return notice(say("correct.not_standing", number=found.number))
    if not withdrawals.can_be_undone(turn.house, found, turn.now):
        return _offer(turn, found)
    back = withdrawals.take_back(turn.session, turn.house, found, turn.staff, turn.now)
    customer = turn.session.get_one(Customer, found.customer_id)
    told = {"number": found.number, "customer": customer.called}
    talks.tell_those_told(turn, found, say("undo.told", by=turn.staff.name, **told))
    owed = {clock.rule: say("undo.owed_again", duty=duty_line(turn.house, clock)) for clock in back}
    again = Button(say("button.log"), "contact.open", {"customer": found.customer_id})
    buttons = [again] if turn.may(Action.LOG_CONTACT, subject_of(customer)) else []
    return notice(say("undo.done", owed=list(owed.values()), **told), *([row(*buttons)] if buttons else []))


@flow.command("correct", "更正", needs=NEEDS)
def correct(turn: Turn, text: str) -> Reply:
    """更正 alone lists what can be corrected; with a number it opens that one."""
    mine = [each for each in withdrawals.own(turn.session, turn.me, LAST) if each.kind in TALKS]
    can = [each for each in mine if withdrawals.can_be_corrected(turn.session, turn.house, each, turn.now)]
    digits = "".join(each for each in text if each.isdecimal()).lstrip("0")
    if digits:
        can = [each for each in can if (each.number or "").rpartition("-")[2].lstrip("0") == digits[-6:].lstrip("0")]
    if not can:
        return notice(say("correct.nothing"), *turn.desk.home(turn))
    if digits and len(can) == 1:
        return _opened(turn, can[0])
    buttons = [Button(_short(turn, each), "correct.open", {"entry": key(each)}) for each in can[:SHOWN]]
    return Reply(Screen(say("correct.which"), columns(buttons, 1)))


def _short(turn: Turn, entry: Entry) -> Say:
    customer = turn.session.get_one(Customer, entry.customer_id)
    return say("correct.short", number=entry.number, customer=customer.called, when=entry.at)


@flow.deed("correct.open", needs=NEEDS)
def open_correction(turn: Turn, entry: int) -> Reply:
    found = _mine(turn, entry)
    if not withdrawals.is_standing(turn.session, found):
        return notice(say("correct.not_standing", number=found.number))
    if not withdrawals.can_be_corrected(turn.session, turn.house, found, turn.now):
        return _offer(turn, found)
    return Reply(_opened(turn, found).screen, new=True)


def _opened(turn: Turn, entry: Entry) -> Reply:
    """The form that the entry was made with, filled in with what it says."""
    moment = turn.house.calendar.local(entry.at).replace(tzinfo=None).isoformat(timespec="minutes")
    answers: Answers = {"customer": entry.customer_id, "channel": entry.channel, "when": moment, **entry.answers}
    answers[talks.CORRECTS.name] = key(entry)
    if entry.attachments:
        answers[ATTACHMENTS] = entry.attachments
    return engine.begin(turn, turn.forms[entry.kind], answers)
