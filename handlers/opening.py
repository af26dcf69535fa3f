"""A free line opens its form, filled in: a contact, or what its words make of it (a complaint, a callback)."""

from __future__ import annotations

from collections.abc import Sequence

from dialogue import engine
from dialogue.forms import FORWARDED, LINE, PROPOSED, Answers, Form
from dialogue.turn import Turn
from dialogue.values import Reply
from handlers.reading import read, written_at
from reading.dates import iso
from reading.line import Reading
from rules.gate import Action
from words import say

PLAIN = "contact"
"""What a line is where nothing in it says otherwise."""
WORD_MARKS = " \t\n:：，,。"


def opened(turn: Turn, text: str) -> Reply | None:
    """The form of a line; None where nothing in it says that it is a record, or where this person makes none."""
    found = read(turn, text, Action.FIND_CUSTOMER)
    form = form_of(turn, found)
    if form is None or not _is_record(found):
        return None
    return engine.begin(turn, form, understood(turn, form, text))


def _is_record(found: Reading) -> bool:
    """A customer, a way or a time of talking, a complaint: one of them at least. A person alone may be anybody."""
    named = found.customer or found.candidates or found.customer_text
    said = found.channel or found.when is not None or found.next_when is not None
    return bool(named or said or found.intent in ("complaint", "callback", "inquiry"))


def form_of(turn: Turn, found: Reading) -> Form | None:
    """The form of what the line is about, or a contact where this person may not open that one."""
    proposed = [turn.desk.lines.get(found.intent), turn.desk.lines.get(PLAIN)]
    return next((each for each in proposed if each is not None and turn.reaches(each.needs)), None)


def understood(turn: Turn, form: Form, text: str) -> Answers:
    """The answers that a line gives to a form. What the form has no field for stays with its words: nothing typed is lost."""
    found = read(turn, text, Action.FIND_CUSTOMER)
    answers = form.fill(turn, text)
    lost = _word_that_says_otherwise(turn, form, found.understood)
    if form.words and lost:
        answers[form.words] = "，".join(filter(None, (lost, answers.get(form.words))))
    if found.intent != PLAIN and found.intent in turn.desk.lines:
        answers[PROPOSED] = found.intent
    return _as_passed_on(turn, form, answers) | {LINE: text}


def _word_that_says_otherwise(turn: Turn, form: Form, stretches: Sequence[str]) -> str | None:
    """投诉, 咨询: the word that says what the line is, where the form is another one."""
    for each in stretches:
        word = each.strip(WORD_MARKS)
        command = turn.desk.words.get(word)
        if word in ("咨询", "inquiry", "complaint") or command is not None:
            opens = command.name if command is not None else word
            return None if _opens(opens, form) else word
    return None


def _opens(command: str, form: Form) -> bool:
    return {"complain": "complaint", "log": "contact"}.get(command, command) == form.name


def _as_passed_on(turn: Turn, form: Form, answers: Answers) -> Answers:
    """Somebody else's words were said when they were written; whose they are stands behind them."""
    origin = turn.incoming.forwarded
    if origin is None:
        return answers
    when = next((each.name for each in form.fields if each.name in ("when", "received")), None)
    if when:
        written = written_at(turn).replace(second=0, microsecond=0)
        answers.setdefault(when, iso(written))
    if form.words and answers.get(form.words):
        answers[form.words] += turn.voice.plain(say("forwarded.mark", name=origin.name, when=origin.at))
    return answers | {FORWARDED: {"name": origin.name, "at": origin.at.isoformat()}}
