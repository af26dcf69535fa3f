"""The six steps of a complaint (article 16（二）), each a small form: what is asked, what it does, and who hears of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dialogue import engine, live
from dialogue.cases import STEPS, may_do, with_news
from dialogue.claims import hindrance
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import Choice, Colleagues, Flag, Text, UnitKind, When, end_of, start_of
from dialogue.parts import ATTACHMENTS
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Reply
from handlers.asking import put_before
from handlers.case import opened
from handlers.complaint_form import hand_out
from handlers.talks import PAST
from handlers.weight import heard
from models import steps
from models.complaints import Case
from models.limits import the_limit
from models.overviews import responsible
from models.people import Staff, Unit, distinct, holders, key
from models.records import Matter
from reading.dates import Direction
from rules.roles import Role
from words import Say, say

flow = Flow()
REFUSED_OFTEN = 2
"""From so many refusals on, the leader in charge hears of each."""
EFFECTS = ("good", "fair", "poor")


@dataclass(frozen=True)
class Done:
    """What a step comes to: the news of it, the roles that hear of it beside the person responsible, and what is told then."""

    news: Say
    told: tuple[str, ...] = ()
    then: Callable[[], None] = lambda: None


Deed = Callable[[Turn, Case, Answers], Done]
Hindrance = Callable[[Turn, Case], Say | None]


def hand_on(turn: Turn, case: Case, answers: Answers) -> Done:
    case.hand_on(answers["text"])
    news = say("done.hand_on", by=turn.staff.name, number=case.matter.number, text=answers["text"])
    return Done(news, (case.complaint.department,))


def entrust(turn: Turn, case: Case, answers: Answers) -> Done:
    handler = _colleague(turn, answers["handler"]) if answers.get("handler") else None
    unit = turn.session.get_one(Unit, answers["unit"])
    by_when = end_of(FUTURE.checked(turn, answers["due"]), turn)
    step = case.entrust(unit, handler, by_when)
    if step is not None:
        put_before(turn, step)
    names = say("list", items=[each.name for each in responsible(turn.session, case.matter, case.complaint, turn.now)])
    news = say("done.entrust", by=turn.staff.name, unit=unit.name, who=names, due=by_when, number=case.matter.number)
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD))


def note(turn: Turn, case: Case, answers: Answers) -> Done:
    to = ["department", "customer"] if answers["to"] == "both" else [answers["to"]]
    case.report(answers["text"], to, answers.get(ATTACHMENTS, []))
    news = say("done.note", by=turn.staff.name, text=answers["text"], number=case.matter.number)
    then = heard(turn, case, answers["text"])
    return Done(news, (case.complaint.department,) if "department" in to else (), then)


def arrive(turn: Turn, case: Case, answers: Answers) -> Done:
    at = start_of(PAST.checked(turn, answers["when"]), turn)
    began = the_limit(turn.session, case.matter).anchor
    if at < began:
        raise WrongAnswerError(say("wrong.before_received", when=began))
    entry = case.arrive(at, answers.get(ATTACHMENTS, []))
    proof = None if entry.answers["proof"] else say("contact.no_proof")
    news = say("done.arrive", by=turn.staff.name, when=at, number=case.matter.number, proof=proof)
    return Done(news, (case.complaint.department, Role.SALES_DEPT, Role.UNIT_HEAD))


def resolve(turn: Turn, case: Case, answers: Answers) -> Done:
    case.resolve(answers["cause"], answers["measure"])
    return Done(say("done.resolve", by=turn.staff.name, number=case.matter.number), (Role.SALES_DEPT,))


def assign(turn: Turn, case: Case, answers: Answers) -> Done:
    handler = _colleague(turn, answers["handler"])
    case.assign(handler)
    return Done(say("done.assign", by=turn.staff.name, handler=handler.name, number=case.matter.number))


def _colleague(turn: Turn, staff: int) -> Staff:
    found = turn.session.get(Staff, staff)
    if found is None or not found.active:
        raise WrongAnswerError(say("wrong.colleague", text=""))
    return found


def confirm(turn: Turn, case: Case, answers: Answers) -> Done:
    case.confirm(answers["satisfied"], answers["text"])
    if answers["satisfied"]:
        news = say("done.satisfied", by=turn.staff.name, number=case.matter.number)
        return Done(news, (Role.UNIT_HEAD, Role.SALES_DEPT))
    refused = case.matter.cycle - 1
    again = say("done.refused_again", times=refused) if refused >= REFUSED_OFTEN else None
    due = the_limit(turn.session, case.matter).due_at
    news = say("done.refused", by=turn.staff.name, number=case.matter.number, due=due, again=again)
    leaders = (Role.VICE_PRESIDENT,) if refused >= REFUSED_OFTEN else ()
    return Done(news, (Role.UNIT_HEAD, Role.SALES_DEPT, case.complaint.department, *leaders))


def evaluate(turn: Turn, case: Case, answers: Answers) -> Done:
    case.evaluate(answers["effect"], answers["text"])
    effect = say(f"effect.{answers['effect']}")
    news = say("done.evaluate", by=turn.staff.name, number=case.matter.number, effect=effect, text=answers["text"])
    return Done(news, (Role.SALES_DEPT,))


def close(turn: Turn, case: Case, answers: Answers) -> Done:
    case.close(answers["text"])
    hand_out(turn, case)
    news = say("done.close", by=turn.staff.name, number=case.matter.number)
    return Done(news, (Role.SALES_DEPT, Role.UNIT_HEAD, case.complaint.department))


def declare(
    to: Flow, name: str, run: Deed, *fields: Field, attachments: bool = False, hindered: Hindrance = lambda *_: None
) -> None:
    """A step as a form, and the button that opens it; which complaint it is about is a hidden answer. `hindered` says why it has
    to wait, although it would follow."""
    action = STEPS[name].action

    def submit(turn: Turn, answers: Answers) -> Reply:
        case = opened(turn, answers["matter"], action)
        if not may_do(turn, case, name):
            raise WrongAnswerError(_why_not(turn, case, name))
        if why := hindered(turn, case):
            raise WrongAnswerError(why)
        return finish(turn, case, run(turn, case, answers))

    hidden = Field("matter", Text(), hidden=True)
    form = Form(
        name, action, (hidden, *fields), submit, lambda _turn, _text: {}, takes_attachments=attachments, about=_number
    )

    @to.deed(f"complaint.{name}", needs=action)
    def begin(turn: Turn, matter: int) -> Reply:
        case = opened(turn, matter, action)
        if not may_do(turn, case, name):
            return Reply(with_news(turn, case, _why_not(turn, case, name)))
        if why := hindered(turn, case):
            return Reply(with_news(turn, case, why))
        return Reply(engine.begin(turn, form, {"matter": key(case.matter)}).screen, new=True)

    to.forms.append(form)


def _number(turn: Turn, answers: Answers) -> str:
    return turn.session.get_one(Matter, answers["matter"]).number


def finish(turn: Turn, case: Case, done: Done) -> Reply:
    """The cards follow, those who wait for it hear of it, and this person sees how it stands now."""
    turn.session.flush()
    live.refresh(turn, case.subject, turn.unique_key)
    tell_of(turn, case, done)
    done.then()
    return Reply(with_news(turn, case, done.news))


def _why_not(turn: Turn, case: Case, name: str) -> Say:
    """Asked for once is enough; else it is the state that forbids it."""
    asked = steps.waiting(turn.session, key(case.matter), name)
    return say("case.asked_already", number=case.matter.number, what=say(f"step.{name}")) if asked else not_now(case)


def not_now(case: Case) -> Say:
    return say("case.not_now", number=case.matter.number, state=say(f"complaint_state.{case.matter.state}"))


def tell_of(turn: Turn, case: Case, done: Done) -> None:
    """Those who wait for this step hear of it at once, with the buttons that are theirs."""
    session = turn.session
    concerned = [each for role in done.told for each in holders(session, role, case.matter.unit_id, turn.now)]
    concerned += responsible(session, case.matter, case.complaint, turn.now)
    for each in distinct(concerned):
        if key(each) != turn.me:
            screen = with_news(turn.seen_by(each), case, done.news)
            tell(session, each, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{each.id}", turn.now)


FUTURE = When(Direction.FUTURE)
declare(flow, "hand_on", hand_on, Field("text", Text(quick=("nothing_said",))))
declare(
    flow,
    "entrust",
    entrust,
    Field("unit", UnitKind(None)),
    Field("due", FUTURE),
    Field("handler", Colleagues(single=True), required=False),
)
declare(
    flow,
    "note",
    note,
    Field("text", Text()),
    Field("to", Choice("report_to", ("both", "department", "customer"))),
    attachments=True,
)
declare(flow, "arrive", arrive, Field("when", PAST), attachments=True)
declare(flow, "resolve", resolve, Field("cause", Text()), Field("measure", Text()))
declare(flow, "assign", assign, Field("handler", Colleagues(single=True)))
declare(flow, "confirm", confirm, Field("satisfied", Flag()), Field("text", Text(quick=("nothing_said",))))
declare(flow, "evaluate", evaluate, Field("effect", Choice("effect", EFFECTS)), Field("text", Text()))
declare(flow, "close", close, Field("text", Text()), hindered=hindrance)
