"""Several lines in one message: one card lists them as they were understood, 全部保存 saves those that are complete.

Each line is a draft of its own from the start, so nothing is lost: what is missing or doubtful is opened as its own form.
"""

from __future__ import annotations

import re

from dialogue import engine
from dialogue.forms import HINT, Flow, Form, WrongAnswerError, notice
from dialogue.turn import Turn
from dialogue.values import Button, Reply, Rows, Screen, columns, row
from handlers.reading import read
from models.messages import Draft
from models.people import key
from reading.line import Reading
from rules.gate import Action
from words import Say, Value, say, unpack

flow = Flow()
NEEDS = Action.LOG_CONTACT
MOST_LINES = 20
SAVED_TOGETHER = "contact"
"""The form whose lines are saved by one tap. A complaint is checked and saved by itself: it can never be undone."""

_NUMBERING = re.compile(r"^\s*(?:\d{1,2}(?:[、)）]|[.．](?!\d))|[-•*·](?=\s))\s*")
_LONGEST_SHOWN = 60


def several(turn: Turn, text: str, *, free: bool = False) -> Reply | None:
    """The card of a message that holds more than one entry; None for one that holds a single one. `free`: without a command."""
    lines = [plain for each in text.splitlines() if (plain := _NUMBERING.sub("", each).strip())]
    if len(lines) < 2 or not turn.reaches(NEEDS):
        return None
    if len(lines) > MOST_LINES:
        return notice(say("batch.too_many", most=MOST_LINES, count=len(lines)))
    entries = _entries(turn, lines, free)
    return _listed(turn, entries, free) if len(entries) > 1 else None


def _entries(turn: Turn, lines: list[str], free: bool) -> list[str]:
    """Lines that begin an entry, each with the lines that only go on with what was said. Free words are several entries only
    where two lines name customers on file."""
    found = [read(turn, each, Action.FIND_CUSTOMER) for each in lines]
    if free and sum(_names_a_customer(each) for each in found) < 2:
        return []
    entries: list[str] = []
    for line, understood in zip(lines, found, strict=True):
        if _begins(understood) or not entries:
            entries.append(line)
        else:
            entries[-1] = f"{entries[-1]}，{line}"
    return entries


def _names_a_customer(found: Reading) -> bool:
    return bool(found.customer or found.candidates)


def _begins(found: Reading) -> bool:
    return bool(_names_a_customer(found) or found.customer_text or found.channel or found.when)


def _listed(turn: Turn, entries: list[str], free: bool) -> Reply:
    engine.keep(turn)
    drafts = [_draft(turn, each, free) for each in entries]
    turn.session.add_all(drafts)
    turn.session.flush()
    return Reply(_card(turn, drafts))


def _draft(turn: Turn, line: str, free: bool) -> Draft:
    form = _form_of(turn, line, free)
    draft = Draft(
        staff_id=turn.me,
        form=form.name,
        answers=form.fill(turn, line),
        state="kept",
        started_at=turn.now,
        touched_at=turn.now,
    )
    engine.fill_defaults(turn, form, draft)
    return draft


def _form_of(turn: Turn, line: str, free: bool) -> Form:
    form = turn.desk.lines.get(read(turn, line, Action.FIND_CUSTOMER).intent) if free else None
    return form if form is not None and turn.reaches(form.needs) else turn.forms[SAVED_TOGETHER]


def _card(turn: Turn, drafts: list[Draft], above: Value = None) -> Screen:
    doubts = [_doubt(turn, each) for each in drafts]
    lines = [_line(turn, *each) for each in zip(range(1, len(drafts) + 1), drafts, doubts, strict=True)]
    unread = say("batch.attachments") if turn.incoming.attachments else None
    ready = sum(each is None for each in doubts)
    text = say(
        "batch.rest" if above else "batch.card", above=above or unread, count=len(drafts), ready=ready, lines=lines
    )
    return Screen(text, _buttons(drafts, doubts))


def _line(turn: Turn, number: int, draft: Draft, doubt: Say | None) -> Say:
    form, answers = turn.forms[draft.form], draft.answers
    shown = [
        form.field(each).kind.show(turn, answers[each])
        for each in ("customer", "channel", "when", "person", "complainant", "summary", "opinions", "next_when")
        if each in answers and any(field.name == each for field in form.fields)
    ]
    short = [each[:_LONGEST_SHOWN] if isinstance(each, str) else each for each in shown]
    return say("batch.line", number=number, said=say("list", items=short), doubt=doubt)


def _doubt(turn: Turn, draft: Draft) -> Say | None:
    """Why this line can't be saved as it stands; None when it can."""
    form, answers = turn.forms[draft.form], draft.answers
    if form.name != SAVED_TOGETHER:
        return say("batch.alone", title=say(f"form.{form.name}"))
    missing = [each.name for each in form.fields if each.required and each.asked(answers) and each.name not in answers]
    hint = unpack(answers.get(HINT))
    if "customer" in missing and isinstance(hint, Say):
        return say("batch.doubt", why=hint)
    if missing:
        return say("batch.missing", fields=say("list", items=[say(f"field.{each}") for each in missing]))
    return None


def _buttons(drafts: list[Draft], doubts: list[Say | None]) -> Rows:
    those = {"drafts": [key(each) for each in drafts]}
    each_one = [
        Button(say("batch.fix" if doubt else "batch.change", number=number), "batch.open", {"draft": key(draft)})
        for number, (draft, doubt) in enumerate(zip(drafts, doubts, strict=True), 1)
    ]
    save = [Button(say("button.save_all"), "batch.save", those)] if None in doubts else []
    return (
        tuple(save),
        *columns(each_one, 4),
        row(Button(say("button.cancel"), "batch.cancel", those)),
    )[0 if save else 1 :]


def _mine(turn: Turn, drafts: list[int]) -> list[Draft]:
    """Those that are still this person's to save."""
    found = [turn.session.get(Draft, each) for each in drafts]
    return [each for each in found if each and each.staff_id == turn.me and each.state in ("open", "kept")]


@flow.deed("batch.open", needs=Action.SEE_DUE)
def open_one(turn: Turn, draft: int) -> Reply:
    """One line as its own form; the list stays."""
    found = _mine(turn, [draft])
    if not found:
        return Reply(toast=say("form.gone"))
    engine.keep(turn)
    found[0].state = "open"
    hint = unpack(found[0].answers.get(HINT)) if "customer" not in found[0].answers else None
    found[0].answers = {name: value for name, value in found[0].answers.items() if name != HINT}
    return Reply(engine.proceed(turn, found[0], hint).screen, new=True)


@flow.deed("batch.save", needs=NEEDS)
def save(turn: Turn, drafts: list[int]) -> Reply:
    """Everything that is complete, in this one transaction; the rest stays as drafts."""
    left = _mine(turn, drafts)
    if not left:
        return Reply(Screen(say("form.gone")))
    saved: list[Value] = []
    for draft in [each for each in left if _doubt(turn, each) is None]:
        try:
            with turn.session.begin_nested():
                reply = turn.forms[draft.form].submit(turn, dict(draft.answers))
        except WrongAnswerError:
            continue
        engine.take_buttons(turn, draft)
        draft.state, draft.asking = "done", None
        saved.append(reply.screen.text if reply.screen else None)
    rest = _mine(turn, drafts)
    done = say("batch.saved", count=len(saved), lines=saved)
    return Reply(_card(turn, rest, done) if rest else Screen(done))


@flow.deed("batch.cancel", needs=Action.SEE_DUE)
def cancel(turn: Turn, drafts: list[int]) -> Reply:
    """Give the lines up; a complaint among them stays and is listed (R26.1)."""
    for draft in _mine(turn, drafts):
        if draft.form not in engine.NEVER_DISCARDED:
            engine.take_buttons(turn, draft)
            draft.state = "dropped"
    return notice(say("batch.cancelled"), *engine.unfinished(turn))
