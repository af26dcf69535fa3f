"""What is typed without a command: a line that opens its form, a line that may belong elsewhere, words that nobody understood.

Each time that it is not clear what is meant, the words stand on the card that asks, and one tap says it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dialogue import engine, taking
from dialogue.engine import mine
from dialogue.forms import ASIDE, FITTING, FROM, HINT, LINE, UNKNOWN, Flow, notice
from dialogue.parts import ATTACHMENTS, attach
from dialogue.turn import Turn
from dialogue.values import Attachment, Button, Reply, columns, row
from handlers import batch, case, customer, importing, inquiry, leave, loose, opening, person
from handlers.reading import read
from models.assessments import TEXTS
from models.messages import Card, Draft
from models.people import key
from models.records import Matter
from rules.gate import Action
from words import Say, say

flow = Flow()
SHOWN = 1000
OFFERED = (
    ("contact", "button.log"),
    ("complaint", "button.complain"),
    ("inquiry", "button.inquire"),
    ("callback", "button.callback"),
)
PLANNED = ("next_step", "next_when", "plans", *TEXTS)
"""Questions whose answer may well name another customer and a day: what comes next, and what is assessed of a quarter."""


def free(turn: Turn, text: str) -> Reply:
    """Words that are no command, or something sent, while no form is open."""
    if turn.incoming.contact is not None and turn.reaches(person.NEEDS):
        return person.shared(turn, turn.incoming.contact)
    if turn.incoming.trifle:
        return notice(say("wrong.trifle"), *turn.desk.home(turn))
    if found := importing.begun(turn) or case.by_number(turn, text) or inquiry.by_number(turn, text):
        return found
    listed = batch.several(turn, text, free=True) if text else None
    opened = listed or (opening.opened(turn, text) or leave.begun(turn, text) if text else None)
    return opened or loose.begun(turn) or unsorted(turn, text)


def unsorted(turn: Turn, text: str) -> Reply:
    """Nothing understood: the words stay on the card, with what can be done with them."""
    if not text:
        return notice(say("got_file" if turn.incoming.attachments else "not_understood"), *turn.desk.home(turn))
    kept = {"text": text, "message": turn.incoming.message}
    ways = [
        Button(say(label), "line.as", {**kept, "form": form})
        for form, label in OFFERED
        if turn.reaches(turn.forms[form].needs)
    ]
    if turn.reaches(Action.FIND_CUSTOMER):
        ways.append(Button(say("button.look_up"), "line.find", kept))
    said = say("line.unsorted" if ways else "not_understood", text=_cut(text))
    offered = [each.label for each in ways]
    others = [each for line in turn.desk.home(turn) for each in line if each.label not in offered]
    return notice(said, *columns(ways, 2), *columns(others, 3))


def _cut(text: str) -> str:
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


@flow.deed("line.as", needs=Action.SEE_DUE)
def as_form(turn: Turn, text: str, form: str, message: int | None = None) -> Reply:
    """The words that were not understood, as the beginning of an entry."""
    return Reply(engine.begin(turn, turn.forms[form], loose.begins(turn, turn.forms[form], text, message)).screen)


@flow.deed("line.find", needs=Action.FIND_CUSTOMER)
def look_up(turn: Turn, text: str, message: int | None = None) -> Reply:
    """The card with the words stays."""
    return Reply(customer.find(turn, text).screen, new=True)


# While a form is open


def between(turn: Turn, draft: Draft) -> Reply | None:
    """Something that may not belong to the open form: what was sent before it was said where to, a whole new entry, a command."""
    text, incoming = turn.incoming.text.strip(), turn.incoming
    if turn.forms[draft.form].confidential:
        return None
    if draft.form == engine.LOOSE:
        return loose.goes_on(turn, draft, text)
    if listed := importing.sent(turn):
        return _list_or_answer(turn, draft, listed)
    aside = draft.answers.get(ASIDE)
    if aside and incoming.album and aside["album"] == incoming.album:
        return _more_aside(turn, draft, aside)
    if not text or incoming.contact or taking.goes_on(turn, draft):
        return None
    if _is_command(turn, text) and taking.fits(turn, draft, text):
        return _which(turn, draft, text, "line.command_or_answer")
    return _which(turn, draft, text, "line.new_or_here") if _whole_entry(turn, draft, text) else None


def _is_command(turn: Turn, text: str) -> bool:
    head, _, rest = text.partition(" ")
    command = turn.desk.words.get(head)
    return bool(command and rest.strip() and not turn.incoming.forwarded and turn.reaches(command.needs))


def _whole_entry(turn: Turn, draft: Draft, text: str) -> bool:
    """A customer on file with a way or a time of talking; for the customer of the open form, with both. What is said in a step of
    a complaint about its own customer belongs there."""
    if draft.asking in PLANNED or opening.PLAIN not in turn.desk.lines:
        return False
    found = read(turn, text, Action.FIND_CUSTOMER)
    named = {each.id for each in (found.candidates or filter(None, (found.customer,)))}
    if not named or not turn.reaches(turn.desk.lines[opening.PLAIN].needs):
        return False
    matter = turn.session.get(Matter, draft.answers["matter"]) if "matter" in draft.answers else None
    if matter is not None and named == {matter.customer_id}:
        return False
    told = (found.channel is not None) + (found.when is not None) + (found.intent in ("complaint", "callback"))
    return told >= (2 if draft.answers.get("customer") in named else 1)


def _which(turn: Turn, draft: Draft, text: str, asked: str, shown: str | None = None) -> Reply:
    """Both are kept: the form as it stands, the words and what came with them on the card that asks."""
    draft.answers = {
        **draft.answers,
        ASIDE: {
            "album": turn.incoming.album,
            ATTACHMENTS: [each.stored() for each in turn.incoming.attachments],
            FROM: turn.incoming.message,
        },
    }
    those = {"draft": key(draft), "text": text}
    title = say(f"form.{draft.form}")
    label = {"line.command_or_answer": "button.do_command", "line.list_or_here": "button.as_list"}
    other = Button(say(label.get(asked, "button.new_one")), "line.new", those)
    return notice(
        Say(asked, {"text": shown or _cut(text), "title": title}),
        row(other, Button(say("button.here"), "line.here", those)),
    )


def _list_or_answer(turn: Turn, draft: Draft, listed: Attachment) -> Reply | None:
    """A list goes its own way, and the form waits; where the form takes files too, it is asked which is meant."""
    if not turn.forms[draft.form].takes_attachments:
        return importing.begun(turn)
    return _which(turn, draft, turn.incoming.text.strip(), "line.list_or_here", listed.name)


def _more_aside(turn: Turn, draft: Draft, aside: dict[str, Any]) -> Reply:
    """Further photos of an album whose caption is being asked about wait with it."""
    waiting = dict(aside)
    attach(waiting, [each.stored() for each in turn.incoming.attachments])
    draft.answers = {**draft.answers, ASIDE: waiting}
    return Reply()


def _aside(turn: Turn, draft: Draft, text: str) -> None:
    """Take what waited, as if it had been sent just now."""
    aside = draft.answers.get(ASIDE, {})
    draft.answers = {name: value for name, value in draft.answers.items() if name != ASIDE}
    sent = tuple(Attachment(**each) for each in aside.get(ATTACHMENTS, []))
    turn.incoming = replace(turn.incoming, text=text, press=None, attachments=sent, message=aside.get(FROM))


@flow.deed("line.new", needs=Action.SEE_DUE)
def new(turn: Turn, draft: int, text: str) -> Reply:
    """It is something else: the open form is kept, and offered again afterwards."""
    found = mine(turn, draft)
    if found is None:
        return engine.gone()
    _aside(turn, found, text)
    engine.keep(turn)
    head, _, rest = text.partition(" ")
    command = turn.desk.words.get(head)
    if command is None:
        return free(turn, text)
    turn.need_any(command.needs)
    return command.run(turn, rest.strip())


@flow.deed("line.here", needs=Action.SEE_DUE)
def here(turn: Turn, draft: int, text: str) -> Reply:
    """It belongs to the form that was open: the answer where it fits, otherwise more words."""
    found = mine(turn, draft)
    if found is None:
        return engine.gone()
    _aside(turn, found, text)
    engine.reopen(turn, found)
    if turn.incoming.attachments or taking.fits(turn, found, text):
        return taking.take(turn, found)
    engine.take_buttons(turn, found)
    return taking.add(turn, found, text)


# A customer who was named and is not on file


@flow.deed("line.rename", needs=Action.SEE_DUE)
def rename(turn: Turn, draft: int) -> Reply:
    """改一下: the name is typed again; what was typed stays in sight."""
    return _asked_again(turn, draft, keep_words=False)


@flow.deed("line.no_customer", needs=Action.SEE_DUE)
def no_customer(turn: Turn, draft: int) -> Reply:
    """不是客户: the words go back to the others."""
    return _asked_again(turn, draft, keep_words=True)


def _asked_again(turn: Turn, draft: int, *, keep_words: bool) -> Reply:
    found = mine(turn, draft)
    if found is None:
        return engine.gone()
    engine.reopen(turn, found)
    form, name = turn.forms[found.form], found.answers.get(UNKNOWN)
    answers = {each: value for each, value in found.answers.items() if each not in (UNKNOWN, FITTING, HINT)}
    if keep_words and form.words and name and name not in answers.get(form.words, ""):
        answers[form.words] = "，".join(filter(None, (name, answers.get(form.words))))
    found.answers = answers
    said = say("line.typed", text=_cut(found.answers.get(LINE) or name or "")) if not keep_words else None
    return engine.proceed(turn, found, said)


# A message that was changed after it was sent: see handlers.edits


def card_with(turn: Turn, message: int, cards: list[Card]) -> Card | None:
    """The card on which the words of that message wait for a decision."""
    return next((each for each in cards if any(b["args"].get("message") == message for b in each.buttons)), None)
