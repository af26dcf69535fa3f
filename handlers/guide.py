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
    ("guide.briefing", Action.SEE_CUSTOMER),
    ("guide.unit", Action.SEE_UNIT),
    ("guide.order", Action.GIVE_ORDER),
    ("guide.annotate", Action.ANNOTATE),
    ("guide.ledger", Action.SEE_COMPLAINT),
    ("guide.suspects", Action.SEE_SUSPECTS),
    ("guide.audit", Action.SEE_AUDIT),
    ("guide.concern", Action.REPORT_CONCERN),
    ("guide.concerns", Action.SEE_AUDIT),
    ("guide.finding", Action.GIVE_FINDING),
    ("guide.amendments", Action.SEE_AUDIT),
    ("guide.seal", Action.ASK_SEALING),
    ("guide.enrol", Action.ENROL),
    ("guide.import", Action.IMPORT_LIST),
    ("guide.due", Action.SEE_DUE),
    ("guide.away", Action.TAKE_LEAVE),
)
BY_NAME = (
    ("short.calls", Action.LOG_CONTACT),
    ("short.gap", Action.SEE_CUSTOMER),
    ("short.reporting", Action.SEE_REPORTING),
    ("short.chart", Action.SEE_REPORTING),
    ("short.figures", Action.SEE_REPORTING),
    ("short.topics", Action.SEE_REPORTING),
    ("short.anomalies", Action.SEE_REPORTING),
    ("short.monthly", Action.SEE_REPORT),
    ("short.register", Action.SEE_REGISTER),
    ("short.plan", Action.SEE_PLAN),
    ("short.assessment", Action.SEE_PLAN),
    ("short.spot", Action.SEE_PLAN),
    ("short.score", Action.SEE_SCORES),
    ("short.survey", Action.SEE_SURVEY),
    ("short.filing_register", Action.SEE_FILINGS),
    ("short.tiers", Action.SEE_TIERS),
    ("short.export", Action.EXPORT_CUSTOMERS),
    ("short.merge", Action.MERGE_CUSTOMERS),
    ("short.calendar", Action.KEEP_CALENDAR),
    ("short.change_rule", Action.PROPOSE_RULE),
    ("short.transfer", Action.TRANSFER_CUSTOMER),
    ("short.hand_over", Action.HAND_OVER),
    ("short.leaving", Action.RECORD_LEAVING),
)
"""Lists and forms that explain themselves: the name is enough."""


@flow.command("help", "帮助", needs=Action.SEE_RULES)
def help_(turn: Turn, _: str) -> Reply:
    lines = [say(line) for line, action in LINES if turn.reaches(action)]
    named = [say(name) for name, action in BY_NAME if turn.reaches(action)]
    also = [say("guide.also", names=say("list", items=named))] if named else []
    return notice(say("guide", lines=[*_for_leaders(turn), *lines, *also]), *turn.desk.home(turn))


def _for_leaders(turn: Turn) -> list[Say]:
    """What a secretary must know first: for whom."""
    leaders = [each.name for each in principals(turn.session, turn.staff, turn.now)]
    return [say("guide.proxy", leaders=say("list", items=leaders))] if leaders else []
