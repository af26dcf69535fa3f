"""记回访 (article 17): the four contents, satisfaction, what stays open; it says which duties it fulfilled."""

from __future__ import annotations

from dialogue import engine
from dialogue.forms import Answers, Field, Flow, Form
from dialogue.kinds import Text, Whole
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen
from handlers import person, switching, talks
from handlers.reading import answers_of, read
from models.people import key
from rules.gate import Action
from words import say

flow = Flow()
NEEDS = Action.RECORD_CALLBACK
NOTHING = Text(quick=("nothing_said",))


def fill(turn: Turn, text: str) -> Answers:
    answers = answers_of(turn, read(turn, text, NEEDS)) if text else {}
    if "summary" in answers:
        answers["opinions"] = answers.pop("summary")
    return answers


def submit(turn: Turn, answers: Answers) -> Reply:
    done = talks.record(turn, "callback", NEEDS, answers)
    lines = [*talks.fulfilled_lines(turn, done.fulfilled), *talks.proxy_lines(done)]
    text = say(
        "callback.saved",
        number=done.entry.number,
        customer=done.customer.called,
        fulfilled=lines or (None if done.corrected else say("fulfilled.none")),
        corrected=say("correct.in_place_of", number=done.corrected.number) if done.corrected else None,
    )
    look = Button(say("button.customer"), "customer.card", {"customer": key(done.customer)})
    return Reply(Screen(text, ((look,), *person.offer(turn, done.customer, answers))))


FORM = Form(
    "callback",
    NEEDS,
    (
        talks.customer_field(NEEDS),
        talks.CHANNEL,
        talks.WHEN,
        talks.PERSON,
        talks.PERSON_PHONE,
        Field("opinions", NOTHING),
        Field("complaints", NOTHING),
        Field("news", NOTHING),
        Field("plans", NOTHING),
        Field("satisfaction", Whole(1, 5)),
        Field("problems", Text(), required=False),
        talks.WITH,
        talks.NEXT_STEP,
        talks.NEXT_WHEN,
        talks.CORRECTS,
    ),
    submit,
    fill,
    talks.correction,
    takes_attachments=True,
    ways=switching.ways,
)
flow.forms.append(FORM)
flow.lines["callback"] = FORM


@flow.command("callback", "记回访", "登记回访", "回访", needs=NEEDS)
def callback(turn: Turn, rest: str) -> Reply:
    return engine.begin(turn, FORM, fill(turn, rest))


@flow.deed("callback.open", needs=NEEDS)
def open_form(turn: Turn, **known: object) -> Reply:
    return Reply(engine.begin(turn, FORM, dict(known)).screen, new=True)
