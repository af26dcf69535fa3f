"""What is sent before it is said what it belongs to: photos, a voice note, a place, words passed on. It is kept, and one tap or
the next line says what becomes of it."""

from __future__ import annotations

from dialogue import engine, taking
from dialogue.engine import LOOSE, mine
from dialogue.forms import FROM, LINE, Answers, Field, Flow, Form, WrongAnswerError
from dialogue.kinds import PersonName, Phone, Text
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Screen, columns, row
from handlers import opening
from models.messages import Draft
from models.people import key
from rules.gate import Action
from words import Value, say

flow = Flow()
NEEDS = Action.LOG_CONTACT
WAYS = (
    ("contact", "button.log"),
    ("complaint", "button.complain"),
    ("inquiry", "button.inquire"),
    ("callback", "button.callback"),
)


def begun(turn: Turn) -> Reply | None:
    """Something was sent, or passed on and not understood, while no form is open."""
    if not (turn.incoming.attachments or turn.incoming.forwarded) or not turn.reaches(NEEDS):
        return None
    words = taking.spoken(turn)
    engine.begin(turn, FORM, {"summary": words} if words else {})
    draft = engine.current(turn)
    taking.remember_last(turn, draft)
    return engine.proceed(turn, draft)


def goes_on(turn: Turn, draft: Draft, text: str) -> Reply | None:
    """More of the same is kept with it; a line that names what it is takes it all in."""
    if turn.incoming.contact or not text or turn.incoming.trifle:
        return None
    if not turn.incoming.forwarded and (reply := opening.opened(turn, text)):
        return reply
    return (
        None
        if turn.incoming.attachments
        else taking.take(turn, draft)
        if turn.incoming.forwarded
        else _more(turn, draft)
    )


def _more(turn: Turn, draft: Draft) -> Reply:
    engine.take_buttons(turn, draft)
    return taking.add(turn, draft, taking.spoken(turn))


def face(turn: Turn, draft: Draft, above: Value = None) -> Screen:
    here = {"draft": key(draft)}
    ways = [
        Button(say(label), "loose.as", {**here, "form": form})
        for form, label in WAYS
        if turn.reaches(turn.forms[form].needs)
    ]
    voice = any(each["kind"] == "voice" for each in draft.answers.get(ATTACHMENTS, []))
    text = say(
        "loose.card",
        above=above,
        title=say("form.loose"),
        lines=engine.lines(turn, FORM, draft.answers),
        ask=say("loose.ask_voice" if voice and "summary" not in draft.answers else "loose.ask"),
    )
    cancel = Button(say("button.cancel"), "form.cancel", here)
    return Screen(text, (*columns(ways, 3), row(cancel)))


@flow.deed("loose.as", needs=NEEDS)
def as_form(turn: Turn, draft: int, form: str) -> Reply:
    """It begins an entry of that kind; the words are read as a line, the rest goes with them."""
    found = mine(turn, draft)
    if found is None or found.form != LOOSE:
        return engine.gone()
    engine.reopen(turn, found)
    words = found.answers.get("summary", "")
    found.answers = {name: value for name, value in found.answers.items() if name != "summary"}
    found.touched_at = turn.now
    return engine.begin(turn, turn.forms[form], begins(turn, turn.forms[form], words, found.answers.get(FROM)))


def begins(turn: Turn, form: Form, text: str, message: int | None) -> Answers:
    """The answers that words give to a form which they did not open by themselves; all of them where nothing was read."""
    answers = opening.understood(turn, form, text) if text else {}
    if form.words and text and not answers.get(form.words) and len(answers) <= 1:
        answers[form.words] = text
    return {**answers, LINE: text, FROM: message}


def _never(_turn: Turn, _answers: Answers) -> Reply:
    """It is nothing by itself, and never saved as such."""
    raise WrongAnswerError(say("loose.ask"))


FORM = Form(
    LOOSE,
    NEEDS,
    (
        Field("summary", Text(), required=False),
        Field("person", PersonName(), required=False),
        Field("person_phone", Phone(), required=False),
    ),
    _never,
    lambda _turn, _text: {},
    takes_attachments=True,
    face=face,
)
flow.forms.append(FORM)
