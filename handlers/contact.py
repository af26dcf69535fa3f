"""记沟通 (article 14): what was said with a customer, in one line or step by step."""

from __future__ import annotations

from dialogue import code_names, engine
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import Flag, Text
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from handlers import anomaly, batch, person, switching, talks
from handlers.reading import answers_of, read
from models.people import key
from rules.evidence import unproven
from rules.gate import Action
from words import Value, say

flow = Flow()
NEEDS = Action.LOG_CONTACT


def fill(turn: Turn, text: str) -> Answers:
    return answers_of(turn, read(turn, text, NEEDS)) if text else {}


def remark(turn: Turn, answers: Answers) -> Value:
    bare = unproven(answers.get("channel"), [each["kind"] for each in answers.get("attachments", [])])
    return [
        talks.correction(turn, answers),
        say("contact.no_proof") if bare and not code_names.is_marked(turn, answers) else None,
    ]


def submit(turn: Turn, answers: Answers) -> Reply:
    done = talks.record(turn, "contact", NEEDS, answers)
    heard = _tell_corrected(turn, done)
    if answers.get("anomaly"):
        anomaly.report_at_once(turn, done, heard)
    text = say(
        "contact.saved",
        number=done.entry.number,
        customer=done.customer.called,
        next=say("next.promised", when=answers["next_when"], step=answers.get("next_step") or say("next.again"))
        if answers.get("next_when")
        else None,
        fulfilled=[*talks.fulfilled_lines(turn, done.fulfilled), *talks.proxy_lines(done)],
        corrected=say("correct.in_place_of", number=done.corrected.number) if done.corrected else None,
    )
    more = Button(say("button.log_another"), "contact.open", {})
    look = Button(say("button.customer"), "customer.card", {"customer": key(done.customer)})
    return Reply(Screen(text, ((more, look), *person.offer(turn, done.customer, answers))))


def _tell_corrected(turn: Turn, done: talks.Recorded) -> set[int]:
    """Those who were told of an anomaly hear what is right."""
    if done.corrected is None:
        return set()
    news = say(
        "contact.anomaly_corrected" if done.entry.answers.get("anomaly") else "contact.anomaly_no_longer",
        customer=done.customer.called,
        by=turn.staff.name,
        old=done.corrected.number,
        number=done.entry.number,
        text=done.entry.answers["summary"],
    )
    return talks.tell_those_told(turn, done.corrected, news, done.entry)


FORM = Form(
    "contact",
    NEEDS,
    (
        talks.customer_field(NEEDS),
        talks.CHANNEL,
        talks.WHEN,
        talks.PERSON,
        talks.PERSON_PHONE,
        Field("summary", Text()),
        talks.WITH,
        talks.NEXT_STEP,
        talks.NEXT_WHEN,
        Field("anomaly", Flag(), required=False),
        talks.CORRECTS,
    ),
    submit,
    fill,
    remark,
    takes_attachments=True,
    ways=switching.ways,
)
flow.forms.append(FORM)
flow.lines["contact"] = FORM


@flow.command("log", "记沟通", "写跟进", "跟进", "记", needs=NEEDS)
def log(turn: Turn, rest: str) -> Reply:
    return batch.several(turn, rest) or engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("contact.open", needs=NEEDS)
def open_form(turn: Turn, **known: object) -> Reply:
    """Opened from a button, filled in with what the button knows; the card it was on stays."""
    return Reply(engine.begin(turn, FORM, dict(known)).screen, new=True)
