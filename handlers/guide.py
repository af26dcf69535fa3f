"""/help: how it works, a line for each thing that this person may do."""

from __future__ import annotations

from dialogue.forms import Flow, notice
from dialogue.turn import Turn
from dialogue.values import Reply
from models.people import principals
from rules.gate import Action
from words import Say, say

flow = Flow()
LINES = (
    ("guide.log", Action.LOG_CONTACT),
    ("guide.callback", Action.RECORD_CALLBACK),
    ("guide.undo", Action.UNDO_OWN),
    ("guide.new_customer", Action.REGISTER_CUSTOMER),
    ("guide.complain", Action.OPEN_COMPLAINT),
    ("guide.inquire", Action.OPEN_INQUIRY),
    ("guide.find", Action.FIND_CUSTOMER),
    ("guide.customers", Action.SEE_CUSTOMER),
    ("guide.file", Action.FIND_CUSTOMER),
    ("guide.case", Action.SEE_COMPLAINT),
    ("guide.claim", Action.RAISE_CLAIM),
    ("guide.calls", Action.LOG_CONTACT),
    ("guide.briefing", Action.SEE_CUSTOMER),
    ("guide.unit", Action.SEE_UNIT),
    ("guide.order", Action.GIVE_ORDER),
    ("guide.annotate", Action.ANNOTATE),
    ("guide.reporting", Action.SEE_REPORTING),
    ("guide.ledger", Action.SEE_COMPLAINT),
    ("guide.register", Action.SEE_REGISTER),
    ("guide.suspects", Action.SEE_SUSPECTS),
    ("guide.audit", Action.SEE_AUDIT),
    ("guide.concern", Action.REPORT_CONCERN),
    ("guide.concerns", Action.SEE_AUDIT),
    ("guide.finding", Action.GIVE_FINDING),
    ("guide.amendments", Action.SEE_AUDIT),
    ("guide.seal", Action.ASK_SEALING),
    ("guide.calendar", Action.KEEP_CALENDAR),
    ("guide.enrol", Action.ENROL),
    ("guide.hand_over", Action.HAND_OVER),
    ("guide.leaving", Action.RECORD_LEAVING),
    ("guide.import", Action.IMPORT_LIST),
    ("guide.export", Action.EXPORT_CUSTOMERS),
    ("guide.merge", Action.MERGE_CUSTOMERS),
    ("guide.due", Action.SEE_DUE),
    ("guide.away", Action.TAKE_LEAVE),
)


@flow.command("help", "帮助", needs=Action.SEE_RULES)
def help_(turn: Turn, _: str) -> Reply:
    lines = [say(line) for line, action in LINES if turn.reaches(action)]
    return notice(say("guide", lines=[*_for_leaders(turn), *lines]), *turn.desk.home(turn))


def _for_leaders(turn: Turn) -> list[Say]:
    """What a secretary must know first: for whom."""
    leaders = [each.name for each in principals(turn.session, turn.staff, turn.now)]
    return [say("guide.proxy", leaders=say("list", items=leaders))] if leaders else []
