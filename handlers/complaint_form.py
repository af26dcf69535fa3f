"""受理单: the complaint's form as a PDF, by a button, and to those concerned when it is closed."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue.cases import subject_of
from dialogue.forms import Flow
from dialogue.telling import hand_over
from dialogue.turn import Turn
from dialogue.values import Reply, Screen
from handlers.case import opened
from models import audit, printed_forms
from models.complaints import Case
from models.customers import Customer
from models.people import Staff, distinct, holders, key
from papers.complaint_form import content
from rules.gate import Action
from rules.roles import Role
from words import say

flow = Flow()
NEEDS = Action.SEE_COMPLAINT


@flow.deed("complaint.form", needs=NEEDS)
def form(turn: Turn, matter: int) -> Reply:
    """Of a customer that is 涉密 nothing is sent but words: no place, no person's name, no file."""
    case = opened(turn, matter, NEEDS)
    if _is_secret(turn, case):
        return Reply(Screen(say("complaint_form.secret", number=case.matter.number)), new=True)
    _hand_over(turn, case, [turn.staff])
    return Reply(toast=say("paper.coming"))


def hand_out(turn: Turn, case: Case) -> None:
    """At closing: to the person responsible, the sales department and the department in charge."""
    if _is_secret(turn, case):
        return
    session, unit = turn.session, case.matter.unit_id
    handler = session.get(Staff, case.complaint.handler_id) if case.complaint.handler_id else None
    roles = (Role.SALES_DEPT, case.complaint.department)
    concerned = [each for role in roles for each in holders(session, role, unit, turn.now)]
    concerned += [handler] if handler else []
    readers = [each for each in distinct(concerned) if each.telegram_id is not None and _may(turn, case, each)]
    if readers:
        _hand_over(turn, case, readers)


def _is_secret(turn: Turn, case: Case) -> bool:
    return turn.session.get_one(Customer, case.matter.customer_id).code_name is not None


def _may(turn: Turn, case: Case, who: Staff) -> bool:
    return turn.seen_by(who).may(NEEDS, subject_of(turn, case))


def _hand_over(turn: Turn, case: Case, readers: Sequence[Staff]) -> None:
    """The version is settled now, the file made when it is sent; who got which is on record."""
    number = key(case.matter)
    said = content(turn.session, turn.house, case.matter, case.complaint, turn.now)
    version = printed_forms.numbered(turn.session, number, said.packed(), turn.me, turn.now)
    caption = say("complaint_form.caption", number=case.matter.number, version=version)
    for each in readers:
        unique_key = f"{turn.unique_key}:form:{each.id}"
        args = {"matter": number, "version": version}
        hand_over(turn.session, each, "complaint_form", args, caption, unique_key, turn.now)
    staff = [key(each) for each in readers]
    audit.record(turn.session, turn.now, turn.me, "complaint.print", case.subject, version=version, staff=staff)
