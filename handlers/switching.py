"""One tap makes of a proposed complaint a contact after all, and back: the same line, read for another form, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from dialogue import engine
from dialogue.engine import mine
from dialogue.forms import BY_HAND, FORWARDED, FROM, LAST, LINE, PROPOSED, Answers, Flow, Form, notice
from dialogue.parts import ATTACHMENTS
from dialogue.turn import Turn
from dialogue.values import Button, Forwarded, Reply, Rows, row
from handlers import opening
from models.messages import Draft
from models.people import key
from models.vault import MARK
from rules.gate import Action
from words import say

flow = Flow()
ALIKE = ({"person", "complainant"}, {"person_phone", "phone"}, {"when", "received"}, {"summary", "opinions"})
"""Fields that ask the same thing in different forms."""
TO = (("contact", "button.to_contact"), ("complaint", "button.to_complaint"), ("callback", "button.to_callback"))


def ways(turn: Turn, draft: Draft) -> Rows:
    """Where the words themselves made it a complaint or a callback, it can be made a contact, and the other way."""
    if not draft.answers.get(PROPOSED) or not draft.answers.get(LINE):
        return ()
    meant = {opening.PLAIN, draft.answers[PROPOSED]}
    those = [
        Button(say(label), "line.switch", {"draft": key(draft), "form": form})
        for form, label in TO
        if form in meant and form != draft.form and turn.reaches(turn.forms[form].needs)
    ]
    return (row(*those),) if those else ()


@flow.deed("line.switch", needs=Action.SEE_DUE)
def switch(turn: Turn, draft: int, form: str) -> Reply:
    found, other = mine(turn, draft), turn.desk.lines.get(form)
    if found is None or other is None or not found.answers.get(LINE):
        return engine.gone()
    turn.need_any(other.needs)
    if found.form == form:
        return notice(say("form.gone"))
    engine.reopen(turn, found)
    found.answers = carried(found.answers, turn.forms[found.form], other, read_again(turn, found, other))
    found.form, found.asking = form, None
    return engine.proceed(turn, found)


def read_again(turn: Turn, draft: Draft, form: Form, line: str | None = None) -> Answers:
    """What the line says for that form, read as at the moment when it was typed."""
    origin = draft.answers.get(FORWARDED)
    words = Forwarded(origin["name"], datetime.fromisoformat(origin["at"])) if origin else None
    incoming = replace(turn.incoming, press=None, forwarded=words, attachments=())
    then = replace_now(turn, draft.started_at)
    then.incoming = incoming
    return opening.understood(then, form, line or draft.answers[LINE])


def replace_now(turn: Turn, now: datetime) -> Turn:
    return Turn(turn.session, now, turn.house, turn.staff, turn.incoming, turn.desk, turn.unique_key)


def carried(old: Answers, left: Form, to: Form, read: Answers) -> Answers:
    """What was read, with every answer that was given by hand since then under the name that the other form has for it."""
    known = {name: old[name] for name in (FROM, LAST, PROPOSED, ATTACHMENTS, FORWARDED, MARK) if name in old}
    answers = {**read, **known, LINE: read.get(LINE, old.get(LINE))}
    answers[BY_HAND] = list(old.get(BY_HAND, []))
    for name in old.get(BY_HAND, []):
        there = _there(to, name)
        answers.pop(there, None)
        if name in old:
            answers[there] = old[name]
        answers[BY_HAND] = sorted({*answers[BY_HAND], there})
    if "customer" in answers:
        answers = {name: value for name, value in answers.items() if name not in ("_hint", "_fitting", "_unknown")}
    return answers


def _there(form: Form, name: str) -> str:
    names = {each.name for each in form.fields}
    alike = next((each for each in ALIKE if name in each), {name})
    return next((each for each in sorted(alike) if each in names), name)
