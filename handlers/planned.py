"""临时回访计划 (R17.7): a callback beside the plan, put before the leader in charge; a talk that is logged as usual meets it."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form, WrongAnswerError, notice
from dialogue.kinds import Choice, Colleagues, CustomerKind, Text, end_of, subject_of
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns
from handlers.asking import follows, put_before
from handlers.plan import plan_of
from handlers.talks import FUTURE
from models import planned_visits
from models.customers import Customer
from models.people import Staff, Unit, actor, key
from models.planned_visits import ASKED, WAYS, PlannedVisit, Wanted
from models.records import Matter
from models.steps import Step, StepState
from rules import gate
from rules.gate import Action, Subject
from rules.roles import read_channel
from words import Say, say

flow = Flow()
NEEDS = Action.ADJUST_PLAN
SHOWN = 12


@flow.deed("planned.show", needs=Action.SEE_PLAN)
def show(turn: Turn, unit: int, year: int) -> Reply:
    """What was planned beside the plan of that year."""
    found = plan_of(turn, unit, year)
    those = planned_visits.of_unit(turn.session, unit, *found.view.moments)
    lines = [_line(turn, *each) for each in those[-SHOWN:]]
    logs = [_log(turn, *each) for each in those[-SHOWN:] if _is_open(turn, *each)]
    here = {"unit": unit, "year": found.year}
    ways = [Button(say("button.back"), "plan.show", here)]
    if turn.may(NEEDS, Subject(unit=unit)):
        ways.insert(0, Button(say("button.new_planned"), "planned.open", {"unit": unit}))
    text = say(
        "planned.list",
        unit=turn.session.get_one(Unit, unit).name,
        year=found.year,
        count=len(those),
        lines=lines or say("ledger.empty"),
    )
    return Reply(Screen(text, (*columns(logs, 2), tuple(ways))))


def _is_open(turn: Turn, matter: Matter, visit: PlannedVisit) -> bool:
    return matter.state == StepState.APPROVED and planned_visits.done(turn.session, matter, visit) is None


def _log(turn: Turn, matter: Matter, visit: PlannedVisit) -> Button:
    known = {"customer": matter.customer_id, "channel": visit.channel}
    return Button(say("button.log_planned", number=matter.number), "contact.open", known)


def _line(turn: Turn, matter: Matter, visit: PlannedVisit) -> Say:
    done = planned_visits.done(turn.session, matter, visit)
    state = (
        "done" if done else "late" if matter.state == StepState.APPROVED and visit.by_when < turn.now else matter.state
    )
    return say(
        "planned.line",
        number=matter.number,
        customer=turn.session.get_one(Customer, matter.customer_id).called,
        way=say(f"channel.{visit.channel}"),
        who=turn.session.get_one(Staff, visit.staff_id).name,
        due=visit.by_when,
        state=say(f"planned_state.{state}", when=done),
        text=visit.text[:60],
    )


@flow.deed("planned.open", needs=NEEDS)
def begin(turn: Turn, unit: int) -> Reply:
    turn.need(NEEDS, Subject(unit=unit))
    return Reply(engine.begin(turn, FORM, {}).screen, new=True)


def submit(turn: Turn, answers: Answers) -> Reply:
    customer = turn.session.get_one(Customer, answers["customer"])
    turn.need(NEEDS, subject_of(customer))
    who = turn.session.get(Staff, answers["who"])
    if who is None or not _may_go(turn, who, customer):
        raise WrongAnswerError(say("wrong.not_their_customer", customer=customer.called))
    FUTURE.checked(turn, answers["due"])
    wanted = Wanted(customer, who, answers["channel"], end_of(answers["due"], turn), answers["text"])
    asked = planned_visits.put(turn.session, turn.house, turn.staff, wanted, turn.now)
    told = [name for step in asked for name in put_before(turn, step)]
    number = turn.session.get_one(Matter, asked[0].matter_id).number
    back = {"unit": customer.unit_id, "year": turn.house.calendar.local(wanted.by_when).year}
    return notice(
        say("planned.asked", number=number, customer=customer.called, told=say("list", items=told)),
        (Button(say("button.planned"), "planned.show", back),),
    )


def _may_go(turn: Turn, who: Staff, customer: Customer) -> bool:
    """Whether that colleague can log a talk with them."""
    return who.active and gate.may(actor(turn.session, who, turn.now), Action.LOG_CONTACT, subject_of(customer))


@follows(ASKED)
def decided(turn: Turn, step: Step, approved: bool) -> None:
    """The one who asked hears of it; once it is approved, so does whoever is to go."""
    matter = planned_visits.settle(turn.session, step, turn.now)
    visit = turn.session.get_one(PlannedVisit, key(matter))
    who = turn.session.get_one(Staff, visit.staff_id)
    if not approved or key(who) in (turn.me, step.asked_by):
        return
    customer = turn.session.get_one(Customer, matter.customer_id)
    news = say(
        "planned.yours",
        number=matter.number,
        customer=customer.called,
        way=say(f"channel.{visit.channel}"),
        due=visit.by_when,
        text=visit.text,
    )
    screen = Screen(news, ((_log(turn, matter, visit),),))
    tell(turn.session, who, screen, MessageClass.RECEIPT, f"{turn.unique_key}:{who.id}", turn.now)


FORM = Form(
    "planned_visit",
    NEEDS,
    (
        Field("customer", CustomerKind(NEEDS)),
        Field("who", Colleagues(single=True)),
        Field("channel", Choice("channel", tuple(each.value for each in WAYS), read_channel)),
        Field("due", FUTURE),
        Field("text", Text(shortest=2)),
    ),
    submit,
    lambda _turn, _text: {},
)
flow.forms.append(FORM)
