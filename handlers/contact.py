"""记沟通 (article 14): what was said with a customer, in one line or step by step."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import Flag, Text
from dialogue.telling import MessageClass, tell
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from handlers import talks
from handlers.reading import answers_of, read
from models.people import distinct, holders, key
from rules.gate import Action
from rules.roles import Role
from words import Value, say

flow = Flow()
NEEDS = Action.LOG_CONTACT


def fill(turn: Turn, text: str) -> Answers:
    return answers_of(turn, read(turn, text, NEEDS)) if text else {}


def remark(turn: Turn, answers: Answers) -> Value:
    visit = answers.get("channel") == "visit"
    proof = any(each["kind"] in ("photo", "location") for each in answers.get("attachments", []))
    return say("contact.no_proof") if visit and not proof else None


def submit(turn: Turn, answers: Answers) -> Reply:
    done = talks.record(turn, "contact", NEEDS, answers)
    if answers.get("anomaly"):
        _report_anomaly(turn, done)
    text = say(
        "contact.saved",
        number=done.entry.number,
        customer=done.customer.called,
        next=say("next.promised", when=answers["next_when"], step=answers.get("next_step") or say("next.again"))
        if answers.get("next_when")
        else None,
        fulfilled=[*talks.fulfilled_lines(turn, done.fulfilled), *talks.proxy_lines(done)],
    )
    more = Button(say("button.log_another"), "contact.open", {})
    look = Button(say("button.customer"), "customer.card", {"customer": key(done.customer)})
    return Reply(Screen(text, ((more, look),)))


def _report_anomaly(turn: Turn, done: talks.Recorded) -> None:
    """R14.8: an anomaly reaches the unit head and the sales department at once."""
    heads = holders(turn.session, Role.UNIT_HEAD, done.customer.unit_id, turn.now)
    sales = holders(turn.session, Role.SALES_DEPT, done.customer.unit_id, turn.now)
    text = say(
        "contact.anomaly",
        customer=done.customer.called,
        by=turn.staff.name,
        number=done.entry.number,
        text=done.entry.answers["summary"],
    )
    look = Button(say("button.customer"), "customer.card", {"customer": key(done.customer)})
    for each in distinct([*heads, *sales]):
        if key(each) != turn.me:
            tell(
                turn.session,
                each,
                Screen(text, ((look,),)),
                MessageClass.RECEIPT,
                f"anomaly:{done.entry.id}:{each.id}",
                turn.now,
            )


FORM = Form(
    "contact",
    NEEDS,
    (
        talks.customer_field(NEEDS),
        talks.CHANNEL,
        talks.WHEN,
        talks.PERSON,
        Field("summary", Text()),
        talks.WITH,
        talks.NEXT_STEP,
        talks.NEXT_WHEN,
        Field("anomaly", Flag(), required=False),
    ),
    submit,
    fill,
    remark,
    takes_attachments=True,
)
flow.forms.append(FORM)
flow.lines["contact"] = FORM


@flow.command("log", "记沟通", "写跟进", "跟进", "记", needs=NEEDS)
def log(turn: Turn, rest: str) -> Reply:
    return engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("contact.open", needs=NEEDS)
def open_form(turn: Turn, **known: object) -> Reply:
    """Opened from a button, filled in with what the button knows; the card it was on stays."""
    return Reply(engine.begin(turn, FORM, dict(known)).screen, new=True)
