"""/file 档案: a customer's file. The plain part by right; the confidential parts on record, in a message that is deleted again."""

from __future__ import annotations

from dialogue.files import cover, ground, looked, may_find, opened, page, subject_of
from dialogue.forms import Flow, notice
from dialogue.kinds import label, looked_up
from dialogue.telling import hand_over, hasten_deletion, show_file
from dialogue.turn import NotAllowedError, Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.customer import nothing_found
from models import openings
from models.customers import Customer
from models.files import Paper
from models.openings import EXPORTED
from models.people import key
from rules.file_parts import CONFIDENTIAL, Section
from rules.gate import Action
from words import Value, say

flow = Flow()
NEEDS = Action.FIND_CUSTOMER


@flow.command("file", "档案", "客户档案", needs=NEEDS)
def file(turn: Turn, text: str) -> Reply:
    if len(text) < 2:
        return notice(say("file.how"))
    found = looked_up(turn, text).customers
    if not found:
        return nothing_found(turn, text, "file.show")
    if len(found) == 1:
        return Reply(front(turn, found[0]))
    buttons = [Button(label(turn, each), "file.show", {"customer": key(each)}) for each in found]
    return Reply(Screen(say("find.several", text=text[:50], count=len(found)), columns(buttons, 1)))


@flow.deed("file.show", needs=NEEDS)
def show(turn: Turn, customer: int) -> Reply:
    return Reply(front(turn, named(turn, customer)), new=True)


def named(turn: Turn, customer: int) -> Customer:
    """A customer whom this person may find. Raises `NotAllowedError`."""
    found = turn.session.get(Customer, customer)
    if found is None or not may_find(turn, found):
        raise NotAllowedError(NEEDS)
    return found


def front(turn: Turn, customer: Customer, above: Value = None) -> Screen:
    """The plain part, on record; for those without a right to it, how to ask."""
    if not turn.may(Action.OPEN_FILE, subject_of(turn, customer)):
        return cover(turn, customer, above)
    why = ground(turn, customer, Section.BASIC)
    if why is not None and above is None:
        openings.record(turn.session, turn.staff, customer, Section.BASIC, why, turn.now)
    return page(turn, customer, above)


@flow.deed("file.open", needs=NEEDS)
def open_part(turn: Turn, customer: int, section: str) -> Reply:
    """A part that is confidential, or granted by a request: on record first, then shown for a while."""
    found, part = named(turn, customer), Section(section)
    why = ground(turn, found, part)
    if why is None:
        return Reply(cover(turn, found, say("file.no_right")), new=True)
    openings.record(turn.session, turn.staff, found, part, why, turn.now)
    return Reply(opened(turn, found, part, why))


@flow.deed("file.close", needs=NEEDS)
def close(turn: Turn, customer: int) -> Reply:
    """看完了: what was shown is deleted now."""
    if turn.card is not None:
        hasten_deletion(turn.session, turn.card, turn.now)
    return Reply(toast=say("file.closed"))


@flow.deed("file.paper", needs=NEEDS)
def see_paper(turn: Turn, paper: int, number: int) -> Reply:
    """What was attached: from what we keep, else by Telegram's own id of it."""
    found = turn.session.get(Paper, paper)
    if found is None or not 0 < number <= len(found.attachments):
        raise NotAllowedError(NEEDS)
    customer = named(turn, found.customer_id)
    why = ground(turn, customer, Section.PAPERS)
    if why is None or customer.code_name:
        return Reply(cover(turn, customer, say("file.no_right" if why is None else "file.never_sent")), new=True)
    openings.record(turn.session, turn.staff, customer, found.kind, why, turn.now)
    until = openings.shown_until(turn.house, why, turn.now)
    stored = found.attachments[number - 1]
    caption = say("file.caption", customer=customer.called, kind=say(f"file_part.{found.kind}"), until=until)
    if stored.get("digest"):
        args = {"paper": paper, "number": number}
        hand_over(turn.session, turn.staff, "kept_file", args, caption, turn.unique_key, turn.now, until)
    else:
        show_file(turn.session, turn.staff, stored, caption, turn.unique_key, turn.now, until)
    return Reply(toast=say("file.coming"))


@flow.deed("file.export", needs=Action.EXPORT_FILE)
def export(turn: Turn, customer: int) -> Reply:
    """The whole file as a list, with everything that this person may see by right; on record part by part."""
    found = named(turn, customer)
    turn.need(Action.EXPORT_FILE, subject_of(turn, found))
    why = ground(turn, found, Section.EVERYTHING)
    if why is None:
        raise NotAllowedError(Action.EXPORT_FILE)
    for part in (Section.BASIC, *CONFIDENTIAL):
        openings.record(turn.session, turn.staff, found, part, why, turn.now, EXPORTED)
    until = openings.shown_until(turn.house, why, turn.now)
    caption = say("file.caption", customer=found.called, kind=say("file_part.everything"), until=until)
    args = {"customer": key(found)}
    hand_over(turn.session, turn.staff, "customer_file", args, caption, turn.unique_key, turn.now, until)
    return Reply(toast=say("file.coming"))


@flow.deed("file.looked", needs=Action.SEE_OPENINGS)
def who_looked(turn: Turn, customer: int, skip: int = 0) -> Reply:
    """谁看过: for the owner, the custodian and audit."""
    found = named(turn, customer)
    turn.need(Action.SEE_OPENINGS, subject_of(turn, found))
    return Reply(looked(turn, found, max(0, skip)), new=skip == 0)
