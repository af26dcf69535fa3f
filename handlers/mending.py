"""变更备案 from the unit's side: what was changed is filed by itself; what was returned is mended, or explained and filed again."""

from __future__ import annotations

from dialogue import engine
from dialogue.filings import called, described, short
from dialogue.forms import Answers, Field, Flow, Form, notice
from dialogue.kinds import Text
from dialogue.live import refresh
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.filing import office_of, returned_card, tell_the_sales_department
from models import filed_changes, filings
from models.customers import Customer
from models.files import Keeper
from models.filings import Filing
from models.people import key
from papers.filings import outcome
from rules.gate import Action, Subject
from words import Say, Value, say

flow = Flow()
NEEDS = Action.KEEP_FILE
SHOWN = 8


def file_changes(turn: Turn, keeper: Keeper) -> Say | None:
    """Put what was just changed before the sales department; the word about it for whoever changed it."""
    before = {each.id for each in filings.waiting(turn.session)}
    filing = filed_changes.of(keeper)
    if filing is None:
        return None
    turn.session.flush()
    if filing.opinion and filing.id not in before:
        tell_the_sales_department(turn, filing)
    refresh(turn, f"{filings.SUBJECT}:{filing.id}", turn.unique_key)
    return say("filing.sent")


def _mine(turn: Turn, number: int) -> Filing:
    """One that this person keeps or filed. Raises `NotAllowedError`."""
    found = turn.session.get_one(Filing, number)
    customer = turn.session.get(Customer, found.customer_id) if found.customer_id else None
    subject = Subject(unit=found.unit_id, owner=customer.owner_id if customer else None, self_=found.by_id)
    turn.need(NEEDS, subject)
    return found


@flow.deed("filings.returned", needs=NEEDS)
def returned(turn: Turn) -> Reply:
    """What the sales department returned, to be mended by this person."""
    found = filings.returned_to(turn.session, turn.me)
    if not found:
        return notice(say("filing.none_returned"))
    buttons = [Button(short(turn, each), "filings.mend", {"filing": key(each)}) for each in found[:SHOWN]]
    return Reply(Screen(say("filing.returned_list", count=len(found)), columns(buttons, 1)), new=True)


@flow.deed("filings.mend", needs=NEEDS)
def mend(turn: Turn, filing: int) -> Reply:
    return Reply(_shown(turn, _mine(turn, filing)), new=True)


def _shown(turn: Turn, found: Filing) -> Screen:
    if found.state == "returned":
        return returned_card(turn, found)
    return Screen(say("filing.over", card=described(turn, found), outcome=outcome(found)))


@flow.deed("filings.again", needs=NEEDS)
def again(turn: Turn, filing: int) -> Reply:
    """说明后重报: it is right as it stands, and why."""
    found = _mine(turn, filing)
    if found.state != "returned":
        return Reply(_shown(turn, found))
    return Reply(engine.begin(turn, FORM, {"filing": filing}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    found = _mine(turn, answers["filing"])
    if found.state != "returned":
        return Reply(_shown(turn, found))
    found.facts = {**found.facts, "word": answers["text"]}
    filings.file_again(office_of(turn), found, answers["text"])
    tell_the_sales_department(turn, found)
    return notice(say("filing.sent_again", what=short(turn, found)))


def _about(turn: Turn, answers: Answers) -> Value:
    return called(turn, turn.session.get_one(Filing, answers["filing"]))


FORM = Form(
    "file_again",
    NEEDS,
    (Field("filing", Text(), hidden=True), Field("text", Text(shortest=2))),
    submit,
    lambda _turn, _text: {},
    about=_about,
)
flow.forms.append(FORM)
