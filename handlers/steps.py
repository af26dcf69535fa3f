"""The steps of a complaint (article 16), each a small form: what is asked, what it does, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, Flag, Text, start_of
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Reply, Screen
from handlers.case import STEPS, card, case_buttons, opened
from handlers.complaint_form import hand_out
from handlers.talks import PAST
from models.complaints import Case, NotNowError
from models.people import Staff, distinct, holders, key
from rules.roles import Role
from words import Say, say

flow = Flow()


@dataclass(frozen=True)
class Done:
    """What a step comes to: the news of it, and the roles that hear of it beside the person responsible."""

    news: Say
    told: tuple[str, ...]


Deed = Callable[[Turn, Case, Answers], Done]


def note(turn: Turn, case: Case, answers: Answers) -> Done:
    to = ["department", "customer"] if answers["to"] == "both" else [answers["to"]]
    case.report(answers["text"], to, answers.get(ATTACHMENTS, []))
    news = say("done.note", by=turn.staff.name, text=answers["text"], number=case.matter.number)
    return Done(news, (case.complaint.department,) if "department" in to else ())


def arrive(turn: Turn, case: Case, answers: Answers) -> Done:
    at = start_of(PAST.checked(turn, answers["when"]), turn)
    if at < case.complaint.received_at:
        raise WrongAnswerError(say("wrong.before_received", when=case.complaint.received_at))
    entry = case.arrive(at, answers.get(ATTACHMENTS, []))
    proof = None if entry.answers["proof"] else say("contact.no_proof")
    news = say("done.arrive", by=turn.staff.name, when=at, number=case.matter.number, proof=proof)
    return Done(news, (case.complaint.department, Role.SALES_DEPT, Role.UNIT_HEAD))


def resolve(turn: Turn, case: Case, answers: Answers) -> Done:
    case.resolve(answers["cause"], answers["measure"])
    return Done(say("done.resolve", by=turn.staff.name, number=case.matter.number), (Role.SALES_DEPT,))


def assign(turn: Turn, case: Case, answers: Answers) -> Done:
    handler = turn.session.get(Staff, answers["handler"])
    if handler is None or not handler.active:
        raise WrongAnswerError(say("wrong.colleague", text=""))
    case.assign(handler)
    return Done(say("done.assign", by=turn.staff.name, handler=handler.name, number=case.matter.number), ())


def confirm(turn: Turn, case: Case, answers: Answers) -> Done:
    case.confirm(answers["satisfied"], answers["text"])
    outcome = "done.satisfied" if answers["satisfied"] else "done.refused"
    news = say(outcome, by=turn.staff.name, number=case.matter.number, due=case.complaint.limit_at)
    return Done(news, (Role.UNIT_HEAD, Role.SALES_DEPT))


def close(turn: Turn, case: Case, answers: Answers) -> Done:
    case.close(answers["text"])
    hand_out(turn, case)
    news = say("done.close", by=turn.staff.name, number=case.matter.number)
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department))


def _declare(name: str, run: Deed, *fields: Field, attachments: bool = False) -> None:
    """A step as a form, and the button that opens it; which complaint it is about is a hidden answer."""
    action, _ = STEPS[name]

    def submit(turn: Turn, answers: Answers) -> Reply:
        case = opened(turn, answers["matter"], action)
        try:
            done = run(turn, case, answers)
        except NotNowError as refused:
            state = say(f"complaint_state.{case.matter.state}")
            raise WrongAnswerError(say("case.not_now", number=case.matter.number, state=state)) from refused
        _tell(turn, case, done)
        return Reply(_news(turn, case, done.news))

    hidden = Field("matter", Text(), hidden=True)
    form = Form(name, action, (hidden, *fields), submit, lambda _turn, _text: {}, takes_attachments=attachments)

    @flow.deed(f"complaint.{name}", needs=action)
    def begin(turn: Turn, matter: int) -> Reply:
        case = opened(turn, matter, action)
        return Reply(engine.begin(turn, form, {"matter": key(case.matter)}).screen, new=True)

    flow.forms.append(form)


def _news(turn: Turn, case: Case, news: Say) -> Screen:
    return Screen(say("case.done", done=news, card=card(turn, case)), case_buttons(turn, case))


def _tell(turn: Turn, case: Case, done: Done) -> None:
    """Those who wait for this step hear of it at once, with the buttons that are theirs."""
    session = turn.session
    concerned = [each for role in done.told for each in holders(session, role, case.matter.unit_id, turn.now)]
    if case.complaint.handler_id:
        concerned.append(session.get_one(Staff, case.complaint.handler_id))
    for each in distinct(concerned):
        if key(each) != turn.me:
            screen = _news(turn.seen_by(each), case, done.news)
            tell(session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)


_declare(
    "note",
    note,
    Field("text", Text()),
    Field("to", Choice("report_to", ("both", "department", "customer"))),
    attachments=True,
)
_declare("arrive", arrive, Field("when", PAST), attachments=True)
_declare("resolve", resolve, Field("cause", Text()), Field("measure", Text()))
_declare("assign", assign, Field("handler", Colleagues(single=True)))
_declare("confirm", confirm, Field("satisfied", Flag()), Field("text", Text(quick=("nothing_said",))))
_declare("close", close, Field("text", Text()))
